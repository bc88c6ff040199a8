import Catalog
package import Wire

/// An agent that others call: where it serves, and what its card says.
package struct AgentServer: Sendable {
    package struct Client: Sendable {
        package var host: Tenant
        package var name: String?
        package var version: String?
        package var requests: Int
    }
    package var id: String
    package var endpoint: Endpoint
    /// `a2a`, `acp`, `ag-ui`, `agent-client-protocol`, `agent-connect`.
    package var language: String
    package var name: String?
    package var version: String?
    package var organization: String?
    package var providerURL: String?
    package var skills: [AgentCard.Skill]
    package var interfaces: [AgentCard.Interface]
    package var schemes: [String]
    package var capabilities: [String]
    package var isSigned: Bool
    package var protocolVersions: [String]
    /// `jsonrpc`, `http+json`, `grpc`, …
    package var bindings: [String]
    package var paths: [String]
    /// Requests by what they ask for.
    package var operations: [(name: String, count: Int)]
    /// Tasks seen, and how many of them were in each state at some time.
    package var tasks: Int
    package var states: [(name: String, count: Int)]
    package var failures: [(name: String, count: Int)]
    package var tools: [String]
    /// Tools of the front end that it may ask for.
    package var toolsOffered: [String]
    /// MCP servers that editors give it, with the host where they have one.
    package var configuredMCP: [String]
    package var webhooks: [String]
    package var clients: [Client]
    package var attribution: Attribution
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp
    package var evidence: [Evidence]
}

extension SnapshotReader {
    /// Endpoints that answered as agents do; or from whose address nothing at all was seen.
    func agentServers() -> [AgentServer] {
        var found: [AgentServer] = []
        for (id, facts) in facts.subjects where id.hasPrefix("served-") {
            guard let row = facts[.agentServer].first,
                let endpoint = Endpoint(stored: row.key.detail),
                facts.has(.answered) || !hasSpoken(endpoint.address)
            else { continue }
            found.append(server(id, row.key.value, endpoint, facts))
        }
        return found.sorted { ($0.endpoint, $0.language) < ($1.endpoint, $1.language) }
    }

    private func server(
        _ id: String, _ language: String, _ endpoint: Endpoint, _ facts: Facts
    ) -> AgentServer {
        let seen = facts.period
        let name = facts.latest(.name)
        let provider = facts.latest(.provider)
        let tasks = facts[.taskState]
        return AgentServer(
            id: id, endpoint: endpoint, language: language, name: name?.key.value,
            version: SnapshotReader.present(name?.key.detail),
            organization: provider?.key.value,
            providerURL: SnapshotReader.present(provider?.key.detail),
            skills: facts[.skill].compactMap { SnapshotReader.skill($0.key) },
            interfaces: facts[.interface].compactMap { SnapshotReader.interface($0.key) },
            schemes: facts.values(.scheme), capabilities: facts.values(.capability),
            isSigned: facts.values(.cardFlag).contains("signed"),
            protocolVersions: facts.values(.protocolVersion), bindings: facts.values(.transport),
            paths: Array(facts.values(.path).prefix(SnapshotReader.shownPaths)),
            operations: SnapshotReader.counts(facts[.operation]),
            tasks: tasks.filter { $0.key.value == "seen" }.reduce(0) { $0 + $1.seen.count },
            states: SnapshotReader.counts(tasks).filter { $0.name != "seen" },
            failures: SnapshotReader.counts(facts[.failure]), tools: facts.values(.tool),
            toolsOffered: facts.values(.toolOffered),
            configuredMCP: facts[.remoteMCP].map {
                $0.key.detail.isEmpty ? $0.key.value : "\($0.key.value) at \($0.key.detail)"
            },
            webhooks: facts.values(.webhook), clients: SnapshotReader.callers(facts[.client]),
            attribution: identity.attribution(serving: endpoint.address, seen),
            firstSeen: seen.first, lastSeen: seen.last, evidence: evidence[id] ?? [])
    }

    /// Paths shown of one endpoint: tasks have each their own.
    private static let shownPaths = 16

    static func present(_ text: String?) -> String? { text?.isEmpty == false ? text : nil }

    /// How often each value was met, by value.
    static func counts(_ rows: ArraySlice<FactRow>) -> [(name: String, count: Int)] {
        var found: [(name: String, count: Int)] = []
        for row in rows {
            if found.last?.name == row.key.value {
                found[found.count - 1].count += row.seen.count
            } else {
                found.append((row.key.value, row.seen.count))
            }
        }
        return found
    }

    private static func skill(_ key: FactRow.Key) -> AgentCard.Skill? {
        guard let (name, tags) = CanonicalNames.parted(key.detail) else { return nil }
        return AgentCard.Skill(
            id: key.value, name: name, tags: tags.split(separator: "\u{1e}").map(String.init))
    }

    private static func interface(_ key: FactRow.Key) -> AgentCard.Interface? {
        guard let (binding, version) = CanonicalNames.parted(key.detail) else { return nil }
        return AgentCard.Interface(url: key.value, binding: binding, version: present(version))
    }

    private static func callers(_ rows: ArraySlice<FactRow>) -> [AgentServer.Client] {
        rows.compactMap { row -> AgentServer.Client? in
            guard let host = Tenant(stored: row.key.value),
                let (name, version) = CanonicalNames.parted(row.key.detail)
            else { return nil }
            return .init(
                host: host, name: present(name), version: present(version),
                requests: row.seen.count)
        }.sorted {
            ($0.host, $0.name ?? "", $0.version ?? "") < ($1.host, $1.name ?? "", $1.version ?? "")
        }
    }
}
