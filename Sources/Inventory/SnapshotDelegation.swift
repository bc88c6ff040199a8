import Catalog
import Wire

extension SnapshotReader {
    func chains(_ servers: [MCPServer], _ agents: [AgentServer]) -> [Chain] {
        guard rows.links.count > 0 else { return [] }
        var names = ChainReader.Names()
        for agent in agents { names.servers[agent.endpoint] = agent.name }
        for server in servers {
            names.servers[server.endpoint] = server.name
            for client in server.clients {
                names.clients[server.endpoint, default: [:]][client.host.address, default: []]
                    .insert(client.name)
            }
        }
        let watched = sources.reduce(Int64(0)) { $0 + $1.last.nanoseconds(since: $1.first) }
        // A live capture that has not ended is no source yet.
        let first = rows.exchanges.rows.values.map(\.seen.first).min() ?? .zero
        let last = rows.exchanges.rows.values.map(\.seen.last).max() ?? .zero
        let window = max(watched, last.nanoseconds(since: first))
        var reader = ChainReader(
            rows, identity, names, facts[Delegator.subject], window: window)
        reader.takeWishes(facts[ToolWish.subject])
        return reader.chains()
    }

    /// Programs that begin chains and are agents by nothing else: what they ask of one over plain
    /// HTTP makes it call tools. A library's name names nobody.
    func askers(_ chains: [Chain], besides agents: [Agent]) -> [Agent] {
        var found: [String: Agent] = [:]
        for chain in chains {
            guard let hop = chain.hops.first, hop.kind == Operation.Kind.http.rawValue,
                let name = hop.fromName, !HTTPLibrary.isOne(name)
            else { continue }
            let id = EntityID.agent(Tenant(hop.from), name)
            guard !agents.contains(where: { $0.id == id }) else { continue }
            let evidence = Evidence(
                clue: .userAgent, strength: chain.confidence >= 0.9 ? .strong : .hint,
                firstSeen: chain.firstSeen, lastSeen: chain.lastSeen, flow: "",
                detail: "\(hop.what) at \(hop.to) led to \(chain.id)", count: hop.count)
            if var known = found[id] {
                known.evidence.append(evidence)
                known.agentsCalled = Set(known.agentsCalled + ["\(hop.to)"]).sorted()
                known.firstSeen = min(known.firstSeen, chain.firstSeen)
                known.lastSeen = max(known.lastSeen, chain.lastSeen)
                found[id] = known
                continue
            }
            let (status, reason) = status(
                ofAgent: name, on: hop.from, chain.attribution, at: chain.lastSeen)
            found[id] = Agent(
                id: id, tenant: Tenant(hop.from), name: name, version: hop.fromVersion,
                versions: hop.fromVersion.map { [$0] } ?? [], kind: .unknown,
                kindReason: "what it asks makes another call tools", roles: ["asker"],
                userAgent: nil, mcpServers: [], modelEndpoints: [], models: [], tools: [],
                agentsCalled: ["\(hop.to)"], serves: [], attribution: chain.attribution,
                status: status, statusReason: reason, firstSeen: chain.firstSeen,
                lastSeen: chain.lastSeen, evidence: [evidence])
        }
        return found.values.sorted { ($0.host, $0.name) < ($1.host, $1.name) }
    }
}
