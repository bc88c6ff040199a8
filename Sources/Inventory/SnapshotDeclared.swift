import Catalog
package import Wire

/// What was declared, held against what is seen.
package struct Declared: Sendable {
    package enum State: String, Sendable, CaseIterable {
        /// Seen as it was declared.
        case confirmed
        /// Declared, and not seen.
        case unseen
        /// Seen, and declared by nobody, where anything of its kind was declared.
        case undeclared
        /// Seen, and other than declared.
        case different
    }
    package var kind: Declaration.Kind
    package var name: String
    package var state: State
    /// What is other, each a sentence: `version 2.1 is seen, 2.0 declared`.
    package var differences: [String]
    /// The row of what is seen.
    package var row: String?
    /// Where that is; nil where nothing was seen.
    package var host: IPAddress?
    /// Where it was declared.
    package var place: String?
    /// Of the host; as declared where nothing was seen.
    package var attribution: Attribution
    package var firstSeen: Timestamp?
    package var lastSeen: Timestamp?
}

/// What is seen of a kind that can be declared.
private struct Sight {
    var id: String
    var host: IPAddress
    var names: [String]
    var versions: [String]
    /// As declarations write them.
    var locations: Set<String>
    var tools: [String]?
    var attribution: Attribution
    var first: Timestamp
    var last: Timestamp
}

extension SnapshotReader {
    func declared(_ snapshot: Snapshot) -> [Declared] {
        let declarations = organization.declarations
        guard !declarations.isEmpty else { return [] }
        var found: [Declared] = []
        for kind in [Declaration.Kind.agent, .mcpServer] {
            let said = declarations.filter { $0.kind == kind }
            guard !said.isEmpty else { continue }
            let (own, foreign) = kind == .agent ? agents(snapshot) : servers(snapshot)
            let index = SightIndex(own + foreign)
            var met: Set<String> = []
            for declaration in said {
                let sights = index.sights(of: declaration)
                if sights.isEmpty { found.append(unseen(declaration)) }
                for sight in sights {
                    met.insert(sight.id)
                    found.append(SnapshotReader.compared(sight, declaration))
                }
            }
            // A hosted server is another's, and its use is an app's.
            found += own.filter { !met.contains($0.id) }.map {
                Declared(
                    kind: kind, name: $0.names.first ?? "without a name", state: .undeclared,
                    differences: [], row: $0.id, host: $0.host, place: nil,
                    attribution: $0.attribution,
                    firstSeen: $0.first, lastSeen: $0.last)
            }
        }
        return found.sorted {
            ($0.kind.rawValue, $0.name, $0.row ?? "", $0.place ?? "")
                < ($1.kind.rawValue, $1.name, $1.row ?? "", $1.place ?? "")
        }
    }

    private func unseen(_ declaration: Declaration) -> Declared {
        Declared(
            kind: declaration.kind, name: declaration.name, state: .unseen, differences: [],
            row: nil, host: nil, place: declaration.place.description,
            attribution: Attribution(
                hostname: nil, mac: nil, team: declaration.team, owner: declaration.owner,
                reasons: []), firstSeen: nil, lastSeen: nil)
    }

    private static func compared(_ sight: Sight, _ declaration: Declaration) -> Declared {
        var differences: [String] = []
        if let version = declaration.version, !sight.versions.isEmpty,
            !sight.versions.contains(version)
        {
            let seen = sight.versions.joined(separator: ", ")
            differences.append("version \(seen) is seen, \(version) declared")
        }
        if let tools = declaration.tools, let seen = sight.tools {
            let extra = seen.filter { !tools.contains($0) }
            if !extra.isEmpty { differences.append("has more tools: \(list(extra))") }
        }
        if let owner = declaration.owner, let other = sight.attribution.owner, other != owner {
            differences.append("\(other) answers for it here, \(owner) as declared")
        }
        if let team = declaration.team, let other = sight.attribution.team, other != team {
            differences.append("it is with team \(other), with \(team) as declared")
        }
        return Declared(
            kind: declaration.kind, name: declaration.name,
            state: differences.isEmpty ? .confirmed : .different, differences: differences,
            row: sight.id, host: sight.host, place: declaration.place.description,
            attribution: sight.attribution,
            firstSeen: sight.first, lastSeen: sight.last)
    }

    private static func list(_ names: [String]) -> String {
        names.prefix(8).joined(separator: ", ")
            + (names.count > 8 ? " and \(names.count - 8) more" : "")
    }

    // MARK: - What is seen

    /// Places as declarations write them: addresses and names, with the port and without.
    private func locations(_ endpoint: Endpoint, _ attribution: Attribution) -> Set<String> {
        var found: Set<String> = []
        for address in identity.addresses(of: endpoint.address) {
            found.insert(Endpoint(address, endpoint.port).description)
            found.insert(address.description)
        }
        if let name = attribution.hostname?.lowercased() {
            found.insert(name)
            found.insert("\(name):\(endpoint.port)")
        }
        return found
    }

    private func servers(_ snapshot: Snapshot) -> (own: [Sight], foreign: [Sight]) {
        let own = snapshot.mcpServers.map { server in
            Sight(
                id: server.id, host: server.endpoint.address,
                names: [server.name].compactMap { $0 },
                versions: [server.version].compactMap { $0 },
                locations: locations(server.endpoint, server.attribution),
                tools: server.tools.map(\.key), attribution: server.attribution,
                first: server.firstSeen, last: server.lastSeen)
        }
        let foreign = snapshot.apps.filter { $0.strength >= .strong }.map { app in
            Sight(
                id: app.id, host: app.host, names: [], versions: [],
                locations: [app.domainName, "\(app.domainName):443"], tools: nil,
                attribution: app.attribution, first: app.firstSeen, last: app.lastSeen)
        }
        return (own, foreign)
    }

    private func agents(_ snapshot: Snapshot) -> (own: [Sight], foreign: [Sight]) {
        let callers = snapshot.agents.map { agent in
            Sight(
                id: agent.id, host: agent.host, names: [agent.name],
                versions: agent.versions.isEmpty
                    ? [agent.version].compactMap { $0 } : agent.versions,
                locations: Set(
                    agent.serves
                        + identity.addresses(of: agent.host).map(\.description)
                        + [agent.attribution.hostname?.lowercased()].compactMap { $0 }),
                tools: nil, attribution: agent.attribution, first: agent.firstSeen,
                last: agent.lastSeen)
        }
        let served = snapshot.agentServers.map { server in
            Sight(
                id: server.id, host: server.endpoint.address,
                names: [server.name].compactMap { $0 },
                versions: [server.version].compactMap { $0 },
                locations: locations(server.endpoint, server.attribution), tools: nil,
                attribution: server.attribution, first: server.firstSeen, last: server.lastSeen)
        }
        return (callers + served, [])
    }
}

/// What is seen, by name and by place: there may be as many declarations as sights.
private struct SightIndex {
    private let sights: [Sight]
    private var byName: [String: [Int]] = [:]
    private var byLocation: [String: [Int]] = [:]

    init(_ sights: [Sight]) {
        self.sights = sights
        for (place, sight) in sights.enumerated() {
            for name in sight.names { byName[name.lowercased(), default: []].append(place) }
            for location in sight.locations { byLocation[location, default: []].append(place) }
        }
    }

    /// What a declaration speaks of: where a place is declared what is there, else what has its
    /// name. Of an agent both count, for its host may have several.
    func sights(of declaration: Declaration) -> [Sight] {
        let named = byName[declaration.name.lowercased()] ?? []
        guard !declaration.locations.isEmpty else { return named.map { sights[$0] } }
        var found: Set<Int> = []
        for location in declaration.locations {
            let location = location.lowercased()
            found.formUnion(byLocation[location] ?? [])
            if let short = SightIndex.shortened(location) {
                found.formUnion(byLocation[short] ?? [])
            }
        }
        if declaration.kind == .agent { found.formIntersection(named) }
        return found.sorted().map { sights[$0] }
    }

    /// `tickets:3001` of `tickets.corp.example:3001`, as hosts call themselves; nil for what is no
    /// longer name.
    private static func shortened(_ location: String) -> String? {
        guard IPAddress(location) == nil, Endpoint(location) == nil, !location.hasPrefix("["),
            let dot = location.firstIndex(of: ".")
        else { return nil }
        let port = location.lastIndex(of: ":").map { String(location[$0...]) } ?? ""
        return String(location[..<dot]) + port
    }
}
