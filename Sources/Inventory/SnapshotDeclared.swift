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
            var met: Set<String> = []
            for declaration in said {
                let sights = (own + foreign).filter { $0.isOf(declaration) }
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
                    differences: [], row: $0.id, place: nil, attribution: $0.attribution,
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
            row: nil, place: declaration.place.description,
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
            row: sight.id, place: declaration.place.description, attribution: sight.attribution,
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
                id: server.id, names: [server.name].compactMap { $0 },
                versions: [server.version].compactMap { $0 },
                locations: locations(server.endpoint, server.attribution),
                tools: server.tools.map(\.key), attribution: server.attribution,
                first: server.firstSeen, last: server.lastSeen)
        }
        let foreign = snapshot.apps.filter { $0.strength >= .strong }.map { app in
            Sight(
                id: app.id, names: [], versions: [],
                locations: [app.domainName, "\(app.domainName):443"], tools: nil,
                attribution: app.attribution, first: app.firstSeen, last: app.lastSeen)
        }
        return (own, foreign)
    }

    private func agents(_ snapshot: Snapshot) -> (own: [Sight], foreign: [Sight]) {
        let callers = snapshot.agents.map { agent in
            Sight(
                id: agent.id, names: [agent.name],
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
                id: server.id, names: [server.name].compactMap { $0 },
                versions: [server.version].compactMap { $0 },
                locations: locations(server.endpoint, server.attribution), tools: nil,
                attribution: server.attribution, first: server.firstSeen, last: server.lastSeen)
        }
        return (callers + served, [])
    }
}

extension Sight {
    /// Whether a declaration speaks of it: where a place is declared by that, else by its name.
    fileprivate func isOf(_ declaration: Declaration) -> Bool {
        let isNamed = names.contains { $0.lowercased() == declaration.name.lowercased() }
        guard !declaration.locations.isEmpty else { return isNamed }
        let isThere = declaration.locations.contains { place in
            let place = place.lowercased()
            if locations.contains(place) { return true }
            // `tickets.corp.example:3001` where the host is called `tickets`.
            guard IPAddress(place) == nil, Endpoint(place) == nil, !place.hasPrefix("["),
                let dot = place.firstIndex(of: ".")
            else { return false }
            let port = place.lastIndex(of: ":").map { String(place[$0...]) } ?? ""
            return locations.contains(String(place[..<dot]) + port)
        }
        // An agent's host may have several.
        return declaration.kind == .agent ? isThere && isNamed : isThere
    }
}
