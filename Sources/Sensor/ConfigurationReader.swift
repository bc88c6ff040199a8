import Foundation
import Inventory
import Wire
import Yams

/// Walks the nodes of a YAML document, so that every mistake can name its line.
struct ConfigurationReader {
    private static let sections = [
        "networks", "teams", "owners", "status", "declared", "sanctioned_apps",
        "sanctioned_agents", "sanctioned_mcp_servers", "sanctioned_llm_servers", "catalog",
        "events", "limits", "users",
    ]

    let file: String
    let folder: String
    var configuration = Configuration()

    init(file: String, folder: String) {
        self.file = file
        self.folder = folder
    }

    /// The document's root; nil for an empty file.
    func compose(_ text: String) throws(ConfigurationError) -> Node? {
        do {
            // Aliases can blow a small file up without bound, and nobody needs them here.
            var root: Node?
            let parser = try Parser(yaml: text)
            root = try parser.singleRoot()
            if let root { try refuseAliases(in: text, root) }
            return root
        } catch let error as ConfigurationError {
            throw error
        } catch let error as YamlError {
            throw ConfigurationError(sentence(error))
        } catch {
            throw ConfigurationError("\(file): is not YAML; check its indentation")
        }
    }

    private func refuseAliases(in text: String, _ root: Node) throws(ConfigurationError) {
        guard text.contains("*") || text.contains("&") else { return }
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
            .enumerated()
        {
            let code = line.prefix { $0 != "#" }
            let words = code.split(whereSeparator: { " :[{,".contains($0) })
            if words.contains(where: { ($0.hasPrefix("*") || $0.hasPrefix("&")) && $0.count > 1 }) {
                throw ConfigurationError(
                    "\(file):\(index + 1): anchors and aliases are not read; write the value out")
            }
        }
    }

    private func sentence(_ error: YamlError) -> String {
        switch error {
        case .scanner(let context, let problem, let mark, _),
            .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let before = context.map { "\($0.text) " } ?? ""
            return "\(file):\(mark.line): \(before)\(problem); check quotes and indentation"
        case .duplicatedKeysInMapping(let duplicates, let context):
            let keys = duplicates.map { "\"\($0)\"" }.joined(separator: ", ")
            return "\(file):\(context.mark.line): the key \(keys) stands here twice; keep one"
        default: return "\(file): is not YAML (\(error)); check its indentation"
        }
    }

    // MARK: - Sections

    mutating func read(_ root: Node) throws(ConfigurationError) {
        for (key, value) in try mapping(root, "the file") {
            let name = key.string ?? ""
            switch name {
            case "networks": try readNetworks(value)
            case "teams": try readTeams(value)
            case "owners": try readOwners(value)
            case "status": try readStatus(value)
            case "declared": try readDeclared(value)
            case "sanctioned_agents": try readAgents(value)
            case "sanctioned_apps": try readApps(value)
            case "sanctioned_mcp_servers":
                configuration.organization.hasMCPPolicy = true
                configuration.organization.sanctionedMCPServers = try endpoints(value, name)
            case "sanctioned_llm_servers":
                configuration.organization.hasModelPolicy = true
                configuration.organization.sanctionedModelServers = try endpoints(value, name)
            case "catalog":
                for item in try sequence(value, name) {
                    let path = try text(item, "a catalog file")
                    configuration.catalogFiles.append(absolute(path))
                }
            case "events": try readEvents(value)
            case "limits": try readLimits(value)
            case "users":
                guard let wanted = UserNames(rawValue: try text(value, name)) else {
                    throw error(value, "users is `names`, `pseudonyms` or `none`")
                }
                configuration.userNames = wanted
            default: throw unknown(key, name, ConfigurationReader.sections)
            }
        }
    }

    private mutating func readEvents(_ node: Node) throws(ConfigurationError) {
        for (key, value) in try mapping(node, "events") {
            let name = key.string ?? ""
            guard name == "raw_fingerprints" else { throw unknown(key, name, ["raw_fingerprints"]) }
            guard let isWanted = value.bool else {
                throw error(value, "raw_fingerprints is `true` or `false`")
            }
            configuration.showsFingerprintTexts = isWanted
        }
    }

    private mutating func readNetworks(_ node: Node) throws(ConfigurationError) {
        var lines: [Network: Int] = [:]
        for item in try sequence(node, "networks") {
            var cidr: (Network, Node)?
            var team: String?
            for (key, value) in try mapping(item, "a network") {
                switch key.string ?? "" {
                case "cidr": cidr = (try network(value), value)
                case "team": team = try text(value, "team")
                default: throw unknown(key, key.string ?? "", ["cidr", "team"])
                }
            }
            guard let (network, at) = cidr else { throw error(item, "a network needs `cidr:`") }
            guard let team else { throw error(item, "network \(network) needs `team:`") }
            if let earlier = lines[network] {
                throw error(at, "network \(network) stands in line \(earlier) already; keep one")
            }
            lines[network] = line(at)
            configuration.organization.networks.append(
                .init(network: network, team: team, place: place(at)))
        }
    }

    func network(_ node: Node) throws(ConfigurationError) -> Network {
        let written = try text(node, "cidr")
        if let network = Network(written) { return network }
        let parts = written.split(separator: "/", omittingEmptySubsequences: false)
        if let address = IPAddress(parts[0]), parts.count == 2, let bits = Int(parts[1]),
            bits >= 0, bits <= (address.isV4 ? 32 : 128)
        {
            let base = Network.masked(address, address.isV4 ? bits + 96 : bits)
            throw error(
                node, "\(written) has bits beyond its prefix; write \(base)/\(bits)")
        }
        throw error(
            node, "\"\(written)\" is no network; write it like 10.1.0.0/16 or 2001:db8::/32")
    }

    private mutating func readApps(_ node: Node) throws(ConfigurationError) {
        configuration.organization.hasAppPolicy = true
        for (key, value) in try mapping(node, "sanctioned_apps") {
            let team = try text(key, "a team's name")
            var domains: [String] = []
            for item in try sequence(value, "the list of team \(team)") {
                let domain = try text(item, "a domain").lowercased()
                guard domain.contains("."), !domain.contains("/"), !domain.contains(" ") else {
                    throw error(item, "\"\(domain)\" is no domain; write it like api.openai.com")
                }
                domains.append(domain)
            }
            configuration.organization.sanctionedApps[team] = domains
        }
    }

    private func endpoints(_ node: Node, _ section: String) throws(ConfigurationError) -> [Endpoint]
    {
        var found: [Endpoint] = []
        for item in try sequence(node, section) {
            let written = try text(item, "an endpoint")
            guard let endpoint = Endpoint(written) else {
                throw error(
                    item,
                    "\"\(written)\" is no endpoint; write it like 10.1.2.3:8000 or [2001:db8::1]:8000"
                )
            }
            found.append(endpoint)
        }
        return found
    }

    // MARK: - Nodes

    /// An empty value is an empty mapping: a section may stand without entries.
    func mapping(
        _ node: Node, _ what: String
    ) throws(ConfigurationError) -> [(Node, Node)] {
        if isEmpty(node) { return [] }
        guard case .mapping(let mapping) = node else {
            throw error(node, "\(what) wants `key: value` lines")
        }
        return mapping.map { ($0.key, $0.value) }
    }

    func sequence(_ node: Node, _ what: String) throws(ConfigurationError) -> [Node] {
        if isEmpty(node) { return [] }
        guard case .sequence(let sequence) = node else {
            throw error(node, "\(what) wants a list: lines that begin with `- `, or [a, b]")
        }
        return Array(sequence)
    }

    /// A path that stands beside the configuration.
    func absolute(_ path: String) -> String {
        path.hasPrefix("/") || folder.isEmpty ? path : folder + "/" + path
    }

    func text(_ node: Node, _ what: String) throws(ConfigurationError) -> String {
        guard case .scalar(let scalar) = node, !scalar.string.isEmpty else {
            throw error(node, "\(what) wants one word of text")
        }
        return scalar.string
    }

    private func isEmpty(_ node: Node) -> Bool {
        if case .scalar(let scalar) = node {
            return scalar.string.isEmpty || scalar.string == "~" || scalar.string == "null"
        }
        return false
    }

    func line(_ node: Node) -> Int { node.mark?.line ?? 1 }

    func place(_ node: Node) -> Organization.Place {
        .init(file: URL(fileURLWithPath: file).lastPathComponent, line: line(node))
    }

    func error(_ node: Node, _ message: String) -> ConfigurationError {
        ConfigurationError("\(file):\(line(node)): \(message)")
    }

    func unknown(_ node: Node, _ name: String, _ known: [String]) -> ConfigurationError {
        let near = known.min {
            ConfigurationReader.distance($0, name) < ConfigurationReader.distance($1, name)
        }
        let remedy =
            near.map {
                ConfigurationReader.distance($0, name) <= 3 ? "did you mean \"\($0)\"?" : nil
            }
            ?? nil
        return error(
            node,
            "unknown key \"\(name)\"; "
                + (remedy ?? "the keys here are \(known.joined(separator: ", "))"))
    }

    /// Edits that turn one word into the other (Levenshtein).
    private static func distance(_ left: String, _ right: String) -> Int {
        let (a, b) = (Array(left.prefix(64)), Array(right.prefix(64)))
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let above = row[j + 1]
                row[j + 1] = x == y ? diagonal : 1 + min(diagonal, above, row[j])
                diagonal = above
            }
        }
        return row[b.count]
    }
}
