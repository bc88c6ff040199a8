import Catalog
import Wire

/// What sort of thing an agent is.
package enum AgentKind: String, Sendable, CaseIterable {
    /// A program with MCP, of which nothing more is known.
    case mcpClient = "mcp-client"
    /// A model's SDK, a library, or a program that uses a model and shows no sign of an agent.
    case sdk
    case editor = "ide-agent"
    case commandLine = "cli-agent"
    case framework
    /// Speaks A2A or another language of agents.
    case agent = "a2a-agent"
    case browser = "browser-agent"
    /// An AI service's own fetcher or crawler.
    case crawler
    /// Does what agents do, and nobody knows it.
    case unknown = "unknown-agent"

    /// The catalog's word first, then what the program said of itself, then what it did.
    static func of(
        _ name: String, _ facts: Facts, _ roles: [String], _ catalog: Catalog?
    ) -> (AgentKind, String) {
        let loops = roles.contains("agent-loop") || facts.has(.behavior)
        if let known = known(name, facts, roles, catalog) {
            guard known.kind == .sdk, loops else { return known }
            return (.unknown, "\(known.reason), and it loops as agents do")
        }
        if roles.contains("a2a-agent") { return (.agent, "its agent card") }
        let language = ["acp-agent", "agent-client-agent"].first { roles.contains($0) }
        if let language { return (.agent, "it serves as an agent (\(language))") }
        if roles.contains("mcp-client") { return (.mcpClient, "its clientInfo") }
        if roles.contains("agent-client") { return (.editor, "it drives an agent as editors do") }
        if loops { return (.unknown, "model calls and tool calls in turn") }
        if roles.contains("llm-client") { return (.sdk, "model calls only") }
        if !roles.isEmpty, roles != ["http-client"] { return (.agent, "it calls agents") }
        return (.unknown, "its User-Agent")
    }

    private static func known(
        _ name: String, _ facts: Facts, _ roles: [String], _ catalog: Catalog?
    ) -> (kind: AgentKind, reason: String)? {
        guard let catalog else { return nil }
        if roles.contains("mcp-client"), let agent = catalog.agent(forMCPClient: name) {
            return kind(agent).map { ($0, "the catalog: \(agent.name)") }
        }
        for field in facts.values(.userAgent) {
            guard let sighting = catalog.agent(forUserAgent: field), sighting.name == name,
                let agent = sighting.signature.flatMap({ catalog.agent(id: $0) }),
                let kind = kind(agent)
            else { continue }
            return (kind, "the catalog: \(agent.name)")
        }
        return nil
    }

    private static func kind(_ agent: KnownAgent) -> AgentKind? {
        switch agent.kind {
        case .commandLine: .commandLine
        case .editor: .editor
        case .browser: .browser
        case .framework: .framework
        case .sdk, .runtime: .sdk
        case .fetcher, .crawler: .crawler
        case .mcpClient, .mcpProxy, .mcpServer, .scanner: nil
        }
    }
}

/// A program wherever it runs: its instances, and what they have in common.
package struct AgentEntity: Sendable {
    package struct Instance: Sendable {
        /// Of the agent's row.
        package var id: String
        package var host: String
        package var version: String?
        package var firstSeen: String
        package var lastSeen: String
    }
    package var id: String
    package var name: String
    package var kind: AgentKind
    package var versions: [String]
    package var instances: [Instance]
    package var roles: [String]
    package var servers: [String]
    package var tools: [String]
    package var models: [String]

    /// The agents of a snapshot by name, in any case; a name that says nothing joins no two.
    package static func of(_ agents: [Agent]) -> [AgentEntity] {
        var groups: [String: [Agent]] = [:]
        for agent in agents {
            let isNameless = agent.name == AgentName.unknown || HTTPLibrary.isOne(agent.name)
            groups[isNameless ? agent.id : agent.name.lowercased(), default: []].append(agent)
        }
        return groups.map { key, agents in AgentEntity(key, agents) }.sorted {
            ($0.name.lowercased(), $0.id) < ($1.name.lowercased(), $1.id)
        }
    }

    private init(_ key: String, _ agents: [Agent]) {
        func all(_ values: (Agent) -> [String]) -> [String] {
            Set(agents.flatMap(values)).sorted()
        }
        id = EntityID.of("entity", key)
        name = agents[0].name
        // What a catalog or a card says of one instance holds for all.
        let kinds = agents.map(\.kind)
        kind = kinds.first { $0 != .unknown && $0 != .sdk } ?? kinds[0]
        versions = all(\.versions)
        instances = agents.map {
            Instance(
                id: $0.id, host: $0.host.description, version: $0.version,
                firstSeen: $0.firstSeen.rfc3339, lastSeen: $0.lastSeen.rfc3339)
        }
        roles = all(\.roles)
        servers = all { $0.mcpServers.map(\.description) + $0.modelEndpoints + $0.agentsCalled }
        tools = all(\.tools)
        models = all(\.models)
    }
}
