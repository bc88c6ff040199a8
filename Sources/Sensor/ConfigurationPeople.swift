import Inventory
import Wire
import Yams

/// Teams, owners and what was decided: the parts of the configuration that speak of people.
extension ConfigurationReader {
    /// What a team is given by.
    private static let teamKeys = ["cidr", "mac", "ip", "hostname", "user", "vlan"]
    /// What an owner is given by.
    private static let ownerKeys = teamKeys + ["mcp_server", "agent"]

    // MARK: - Teams and owners

    mutating func readTeams(_ node: Node) throws(ConfigurationError) {
        var lines: [Organization.Key: Int] = [:]
        for item in try sequence(node, "teams") {
            let (key, at, team) = try claim(
                item, "a team entry", "team", ConfigurationReader.teamKeys)
            if let earlier = lines[key] {
                throw error(at, "\(key) has a team in line \(earlier) already; keep one")
            }
            lines[key] = line(at)
            if case .network(let network) = key {
                if configuration.organization.networks.contains(where: { $0.network == network }) {
                    throw error(at, "network \(network) stands under `networks:` too; keep one")
                }
                configuration.organization.networks.append(
                    .init(network: network, team: team, place: place(at)))
            } else {
                configuration.organization.teams.append(
                    .init(key: key, team: team, place: place(at)))
            }
        }
    }

    mutating func readOwners(_ node: Node) throws(ConfigurationError) {
        var lines: [Organization.Key: Int] = [:]
        for item in try sequence(node, "owners") {
            let (key, at, owner) = try claim(
                item, "an owner entry", "owner", ConfigurationReader.ownerKeys)
            if let earlier = lines[key] {
                throw error(at, "\(key) has an owner in line \(earlier) already; keep one")
            }
            lines[key] = line(at)
            configuration.organization.owners.append(
                .init(key: key, owner: owner, place: place(at)))
        }
    }

    /// One key, and who or what it is given.
    private func claim(
        _ item: Node, _ what: String, _ value: String, _ keys: [String]
    ) throws(ConfigurationError) -> (Organization.Key, Node, String) {
        var found: (Organization.Key, Node)?
        var given: String?
        let list = keys.dropLast().joined(separator: ", ") + " and " + (keys.last ?? "")
        for (key, node) in try mapping(item, what) {
            let name = key.string ?? ""
            if name == value {
                given = try text(node, value)
                continue
            }
            guard keys.contains(name) else { throw unknown(key, name, keys + [value]) }
            guard found == nil else {
                throw error(key, "\(what) has one of \(list); split it in two")
            }
            found = (try self.key(name, node), node)
        }
        guard let (key, at) = found else {
            throw error(item, "\(what) needs one of \(list)")
        }
        guard let given else { throw error(item, "\(what) needs `\(value):`") }
        return (key, at, given)
    }

    private func key(_ name: String, _ node: Node) throws(ConfigurationError) -> Organization.Key {
        let written = try text(node, name)
        switch name {
        case "cidr": return .network(try network(node))
        case "mac":
            guard let mac = MACAddress(written) else {
                throw error(
                    node,
                    "\"\(written)\" is no MAC address; write it in quotes, \"3c:52:82:e4:69:8f\"")
            }
            return .mac(mac)
        case "ip":
            guard let address = IPAddress(written) else {
                throw error(node, "\"\(written)\" is no IP address; write one like 10.1.2.3")
            }
            return .address(address)
        case "vlan":
            guard let vlan = SubjectText.vlan(written) else {
                throw error(node, "\"\(written)\" is no VLAN; write a number from 1 to 4094")
            }
            return .vlan(vlan)
        case "mcp_server": return .mcpServer(try endpoint(node))
        case "user": return .user(try pattern(node, "a user"))
        case "agent": return .agent(try pattern(node, "an agent"))
        default:
            guard let key = SubjectText.name(written) else {
                throw error(
                    node, "\"\(written)\" is no host name; write one like LT-7 or LT-*")
            }
            return key
        }
    }

    func pattern(_ node: Node, _ what: String) throws(ConfigurationError) -> NamePattern {
        let written = try text(node, what)
        guard let pattern = NamePattern(written) else {
            throw error(
                node, "\(what) is a name of at most \(NamePattern.longest) bytes; shorten it")
        }
        return pattern
    }

    func endpoint(_ node: Node) throws(ConfigurationError) -> Endpoint {
        let written = try text(node, "an endpoint")
        guard let endpoint = Endpoint(written) else {
            throw error(
                node,
                "\"\(written)\" is no endpoint; write it like 10.1.2.3:8000 or [2001:db8::1]:8000")
        }
        return endpoint
    }

    // MARK: - What was decided

    mutating func readAgents(_ node: Node) throws(ConfigurationError) {
        configuration.organization.hasAgentPolicy = true
        for item in try sequence(node, "sanctioned_agents") {
            configuration.organization.sanctionedAgents.append(try pattern(item, "an agent"))
        }
    }

    mutating func readStatus(_ node: Node) throws(ConfigurationError) {
        var lines: [String: Int] = [:]
        for item in try sequence(node, "status") {
            let verdict = try verdict(item)
            let key = SubjectText.text(verdict.subject) + " " + SubjectText.text(verdict.scope)
            if let earlier = lines[key] {
                throw error(
                    item,
                    "\(verdict.subject) has a status \(verdict.scope) in line \(earlier) already; "
                        + "keep one")
            }
            lines[key] = line(item)
            configuration.organization.verdicts.append(verdict)
        }
    }

    private func verdict(_ item: Node) throws(ConfigurationError) -> Verdict {
        var (subject, scope): (Verdict.Subject?, Verdict.Scope?)
        var (status, server): (Status?, Endpoint?)
        var tool: NamePattern?
        var (reason, owner): (String?, String?)
        var until: Timestamp?
        for (key, node) in try mapping(item, "a status entry") {
            let name = key.string ?? ""
            switch name {
            case "app", "domain", "agent", "llm_endpoint":
                guard subject == nil, tool == nil else { throw oneSubject(key) }
                subject = try self.subject(name, node)
            case "tool":
                guard subject == nil else { throw oneSubject(key) }
                tool = try pattern(node, "a tool")
            case "mcp_server":
                guard subject == nil else { throw oneSubject(key) }
                server = try endpoint(node)
            case "team", "host":
                guard scope == nil else {
                    throw error(key, "a status entry has one of team and host; split it in two")
                }
                scope = try self.scope(name, node)
            case "status": status = try self.status(node)
            case "reason": reason = try text(node, "reason")
            case "owner": owner = try text(node, "owner")
            case "until": until = try time(node)
            default: throw unknown(key, name, ConfigurationReader.statusKeys)
            }
        }
        if let tool {
            subject = .tool(tool, server: server)
        } else if let server {
            guard subject == nil else { throw oneSubject(item) }
            subject = .mcpServer(server)
        }
        guard let subject else {
            throw error(
                item,
                "a status entry needs one of app, domain, agent, mcp_server, tool and llm_endpoint")
        }
        guard let status else { throw error(item, "\(subject) needs `status:`") }
        return Verdict(
            subject: subject, scope: scope ?? .everywhere, status: status, reason: reason,
            owner: owner, until: until, place: place(item))
    }

    private static let statusKeys = [
        "app", "domain", "agent", "mcp_server", "tool", "llm_endpoint", "team", "host", "status",
        "reason", "owner", "until",
    ]

    private func oneSubject(_ node: Node) -> ConfigurationError {
        error(
            node,
            "a status entry is about one thing (a tool may name its mcp_server); split it in two")
    }

    private func subject(
        _ name: String, _ node: Node
    ) throws(ConfigurationError) -> Verdict.Subject {
        switch name {
        case "agent": return .agent(try pattern(node, "an agent"))
        case "llm_endpoint": return .modelServer(try endpoint(node))
        case "domain":
            let written = try text(node, "a domain")
            guard let domain = SubjectText.domain(written) else {
                throw error(node, "\"\(written)\" is no domain; write it like api.openai.com")
            }
            return .domain(domain)
        default:
            let pattern = try pattern(node, "an app")
            guard pattern.isExact else {
                throw error(node, "an app is one id of the catalog, like openai-api")
            }
            return .app(pattern.text)
        }
    }

    private func scope(_ name: String, _ node: Node) throws(ConfigurationError) -> Verdict.Scope {
        let written = try text(node, name)
        if name == "team" { return .team(written) }
        guard let scope = SubjectText.host(written) else {
            throw error(node, "\"\(written)\" is no host; write an address, a MAC or a name")
        }
        return scope
    }

    private func status(_ node: Node) throws(ConfigurationError) -> Status {
        let written = try text(node, "status")
        guard let status = Status(rawValue: written) else {
            let known = Status.allCases.map(\.rawValue).joined(separator: ", ")
            throw error(node, "\"\(written)\" is no status; write one of \(known)")
        }
        return status
    }

    private func time(_ node: Node) throws(ConfigurationError) -> Timestamp {
        let written = try text(node, "until")
        guard let time = PointInTime.end(of: written) else {
            throw error(
                node,
                "\"\(written)\" is no day; write it like 2027-01-31, which is the last it holds, or "
                    + "like 2027-01-31T18:00:00Z")
        }
        return time
    }

    // MARK: - What is declared

    mutating func readDeclared(_ node: Node) throws(ConfigurationError) {
        for item in try sequence(node, "declared") {
            let path = absolute(try text(item, "a file of declarations"))
            configuration.organization.declarations += try DeclarationFile.load(path: path)
        }
    }
}
