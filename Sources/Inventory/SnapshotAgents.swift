import Catalog
import Wire

extension SnapshotReader {
    /// Everyone who names itself to a server or a model.
    func agents() -> [Agent] {
        var found: [Agent] = []
        for (id, facts) in facts.subjects where id.hasPrefix("agent-") {
            if let agent = agent(id, facts) { found.append(agent) }
        }
        // Places are sorted, not agents, which are large.
        let order = found.indices.sorted { left, right in
            found[left].tenant == found[right].tenant
                ? found[left].name < found[right].name
                : found[left].tenant < found[right].tenant
        }
        return order.map { found[$0] }
    }

    private func agent(_ id: String, _ facts: Facts) -> Agent? {
        guard let kind = facts.latest(.kind),
            let (host, name) = CanonicalNames.agent(kind.key.detail),
            !relays.isEcho(.agent(name), by: host.address)
        else { return nil }
        let roles = roles(facts, host)
        guard !roles.isEmpty else { return nil }
        let seen = facts.period
        let (sort, reason) = AgentKind.of(name, facts, roles, catalog)
        let attribution = identity.attribution(ofAgent: name, on: host, seen)
        let (status, statusReason) = status(
            ofAgent: name, on: host.address, attribution, at: seen.last)
        return Agent(
            id: id, tenant: host, name: name, version: facts.latest(.version)?.key.value,
            versions: facts.values(.version), kind: sort, kindReason: reason, roles: roles,
            userAgent: facts.latest(.userAgent)?.key.value,
            mcpServers: SnapshotReader.accepted(.mcpServer, .refusedBy, facts).compactMap { fact in
                claims[fact.key.value].flatMap { isMCP($0) ? $0.endpoint : nil }
            }.sorted(),
            modelEndpoints: facts.values(.modelEndpoint), models: facts.values(.model),
            tools: facts.values(.tool), agentsCalled: facts.values(.agentCalled),
            serves: facts.values(.agentServed),
            attribution: attribution, status: status, statusReason: statusReason,
            firstSeen: seen.first, lastSeen: seen.last, evidence: evidence[id] ?? [])
    }

    /// What an agent was seen to be, or nothing when what was seen makes none: the clientInfo of
    /// another protocol (the Language Server Protocol has one too), one that each server refused by
    /// status, or the User-Agent of a client that has a name of its own.
    private func roles(_ facts: Facts, _ host: Tenant) -> [String] {
        let kinds = facts.values(.kind)
        let servers = SnapshotReader.accepted(.mcpServer, .refusedBy, facts)
        var roles = kinds.filter { $0 != "mcp-client" && $0 != "http-client" }
        if kinds.contains("mcp-client"),
            !facts.has(.mcpServer)
                || servers.contains(where: { claims[$0.key.value]?.marks.isConclusive == true })
        {
            roles.append("mcp-client")
        }
        if facts.has(.behavior), !roles.contains("agent-loop") { roles.append("agent-loop") }
        if !roles.isEmpty { return roles.sorted() }
        guard kinds.contains("http-client") else { return [] }
        let known = namedUserAgents[host] ?? []
        return facts[.userAgent].allSatisfy { known.contains($0.key.value) } ? [] : ["http-client"]
    }

    /// Of each host, the User-Agents of clients that are named by what they said.
    static func namedUserAgents(_ facts: FactTable) -> [Tenant: Set<String>] {
        var found: [Tenant: Set<String>] = [:]
        for (_, facts) in facts.subjects {
            let own = facts.values(.userAgent)
            guard !own.isEmpty else { continue }
            for kind in facts[.kind] where kind.key.value != "http-client" {
                guard let (host, _) = CanonicalNames.agent(kind.key.detail) else { continue }
                found[host, default: []].formUnion(own)
            }
        }
        return found
    }

    // MARK: - MCP servers

    /// What may be an MCP server: an endpoint that bears marks of one.
    struct ServerClaim {
        var id: String
        var endpoint: Endpoint
        var marks: MCPMarks
        var facts: Facts
    }

    /// Every endpoint that bears marks, by its text.
    static func claims(_ facts: FactTable) -> [String: ServerClaim] {
        var found: [String: ServerClaim] = [:]
        for (id, facts) in facts.subjects where id.hasPrefix("mcp-") {
            guard let text = facts[.mark].first?.key.detail, let endpoint = Endpoint(stored: text)
            else { continue }
            var marks: MCPMarks = []
            for row in facts[.mark] {
                for known in MCPMarks.names where known.name == row.key.value {
                    marks.insert(known.mark)
                }
            }
            found[text] = ServerClaim(id: id, endpoint: endpoint, marks: marks, facts: facts)
        }
        return found
    }

    /// Endpoints whose marks are conclusive and which answered as only a server does.
    func mcpServers() -> [MCPServer] {
        let calls = calls()
        let items = items()
        return claims.values.filter(isMCP).map { claim in
            server(claim, items[claim.endpoint] ?? [], calls[claim.endpoint] ?? [])
        }.sorted { $0.endpoint < $1.endpoint }
    }

    /// Where nothing at all was seen from the server's address, its requests must show that it
    /// answered: nobody says `notifications/initialized`, has a session or calls a tool before
    /// that.
    private func isMCP(_ claim: ServerClaim) -> Bool {
        guard claim.marks.isConclusive else { return false }
        if claim.facts.has(.answered) { return true }
        guard !hasSpoken(claim.endpoint.address) else { return false }
        let asked = claim.facts.values(.askedMethod)
        return asked.count > 1
            && (claim.marks.contains(.sessionHeader) || asked.contains("tools/call")
                || asked.contains("notifications/initialized"))
    }

    private func server(
        _ claim: ServerClaim, _ items: [ListedItemRow], _ calls: [CallRow]
    ) -> MCPServer {
        let (id, endpoint, facts) = (claim.id, claim.endpoint, claim.facts)
        let seen = facts.period
        let attribution = identity.attribution(ofMCPServer: endpoint, seen)
        let name = facts.latest(.name)
        let transport = SnapshotReader.transport(facts)
        let (status, reason) = status(ofMCPServer: endpoint, attribution, at: seen.last)
        let version = name?.key.detail ?? ""
        let tools = SnapshotReader.latest(.tool, items)
        let resources =
            SnapshotReader.latest(.resource, items) + SnapshotReader.latest(.template, items)
        let prompts = SnapshotReader.latest(.prompt, items)
        let allTools = tools + SnapshotReader.calledTools(calls, besides: tools)
        return MCPServer(
            id: id, endpoint: endpoint,
            path: SnapshotReader.path(facts, transport),
            name: name?.key.value, version: version.isEmpty ? nil : version,
            transport: transport,
            protocolVersions: SnapshotReader.protocolVersions(facts),
            auth: SnapshotReader.auth(facts),
            tools: allTools,
            resources: resources.isEmpty
                ? SnapshotReader.named(.resource, .readResource, .refusedResource, facts)
                : resources,
            prompts: prompts.isEmpty
                ? SnapshotReader.named(.prompt, .gotPrompt, .refusedPrompt, facts) : prompts,
            clients: clients(facts), refusedClients: refusedClients(facts),
            calls: calls.filter {
                let (key, client) = ($0.key, $0.key.client.address)
                return $0.seen.count > 0
                    && !relays.isEcho(.call(key.endpoint, key.tool), by: client)
            }.map(MCPServer.Call.init), histories: histories(items, facts),
            instructions: SnapshotReader.instructions(facts),
            activities: activities(facts), oddities: oddities(facts),
            authorization: authorization(facts),
            versions: facts[.name].filter { !$0.key.detail.isEmpty }.map {
                ($0.key.detail, $0.seen.first)
            },
            toolStatuses: verdicts(ofTools: allTools, of: endpoint, attribution, at: seen.last),
            marks: claim.marks, attribution: attribution, status: status, statusReason: reason,
            firstSeen: seen.first, lastSeen: seen.last, evidence: evidence[id] ?? [])
    }

    /// Versions under which results were given; where no answer was seen, those that requests bore
    /// after the handshake, else the one that was wished for: a server that knows it must agree to
    /// it.
    private static func protocolVersions(_ facts: Facts) -> [String] {
        let given = facts.values(.protocolVersion)
        if !given.isEmpty || facts.has(.answered) { return given }
        let asked = facts[.askedVersion]
        let borne = asked.filter { $0.key.detail.isEmpty }
        return (borne.isEmpty ? Array(asked) : borne).map(\.key.value)
    }

    /// What answers came by; where one port serves both HTTP transports, the newer one.
    private static func transport(_ facts: Facts) -> String {
        let seen = facts.values(.transport)
        if seen.contains("streamable-http") { return "streamable-http" }
        return seen.first ?? facts.latest(.askedTransport)?.key.value ?? ""
    }

    /// The path that the transport was met at.
    private static func path(_ facts: Facts, _ transport: String) -> String {
        let seen = facts[.path].filter { $0.key.detail == transport }
        return (Facts.latest(of: seen) ?? facts.latest(.askedPath))?.key.value ?? ""
    }

    /// `none` as soon as one request without credentials was answered.
    private static func auth(_ facts: Facts) -> String {
        let seen = facts.values(.auth)
        if seen.contains("none") { return "none" }
        if let first = seen.first { return first }
        return facts.values(.askedAuth).first { $0 != "none" } ?? "none"
    }

    /// The latest version of each item of a kind, by key.
    private static func latest(_ kind: ListedItem.Kind, _ items: [ListedItemRow]) -> [ListedItem] {
        // Rows are compared where they stand: each is seven texts.
        let order = items.indices.filter { items[$0].item.kind == kind }.sorted { left, right in
            if items[left].item.key != items[right].item.key {
                return items[left].item.key < items[right].item.key
            }
            return (items[left].seen.last, items[left].seen.first, items[left].item.digest)
                < (items[right].seen.last, items[right].seen.first, items[right].item.digest)
        }
        var found: [ListedItem] = []
        for place in order {
            // The later version stands behind the earlier one.
            if found.last?.key == items[place].item.key { found.removeLast() }
            found.append(items[place].item)
        }
        return found
    }

    /// Tools that were called with success and never listed: the list may lie before the capture.
    private static func calledTools(
        _ calls: [CallRow], besides listed: [ListedItem]
    ) -> [ListedItem] {
        let called = calls.filter { $0.seen.count > $0.errors }.map(\.key.tool).sorted()
        var found: [ListedItem] = []
        for tool in called where found.last?.key != tool {
            let place = BindingIndex.place(in: listed.count) { listed[$0].key < tool }
            if place < listed.count, listed[place].key == tool { continue }
            found.append(
                ListedItem(kind: .tool, key: tool, label: nil, text: nil, hints: [:], digest: ""))
        }
        return found
    }

    /// What clients asked for by name and were not refused each time, where no list was seen: the
    /// list may lie before the capture, or on the side that the mirror does not show.
    private static func named(
        _ kind: ListedItem.Kind, _ asked: FactRow.Kind, _ refused: FactRow.Kind, _ facts: Facts
    ) -> [ListedItem] {
        var refusals: [String: Int] = [:]
        for row in facts[refused] { refusals[row.key.value, default: 0] += row.seen.count }
        return facts[asked].filter { $0.seen.count > refusals[$0.key.value] ?? 0 }
            .prefix(shownNames).map {
                ListedItem(
                    kind: kind, key: $0.key.value, label: nil, text: nil, hints: [:], digest: "")
            }
    }
    /// Names that stand in for a list at most: a template may make up any number.
    private static let shownNames = 64

    /// Facts of one kind that are there more often than those of the other, which say that it came
    /// to nothing.
    private static func accepted(
        _ kind: FactRow.Kind, _ refused: FactRow.Kind, _ facts: Facts
    ) -> [FactRow] {
        let refusals = facts[refused]
        guard !refusals.isEmpty else { return Array(facts[kind]) }
        let counts = Dictionary(
            refusals.map { ([$0.key.value, $0.key.detail], $0.seen.count) }, uniquingKeysWith: +)
        return facts[kind].filter {
            $0.seen.count > counts[[$0.key.value, $0.key.detail]] ?? 0
        }
    }

    /// Programs that asked and were refused each time, with how often.
    private func refusedClients(_ facts: Facts) -> [MCPServer.Refused] {
        facts[.refusedClient].compactMap { fact -> MCPServer.Refused? in
            guard let (name, version) = CanonicalNames.parted(fact.key.detail),
                let host = Tenant(stored: fact.key.value)
            else { return nil }
            let client = MCPServer.Client(
                host: host, name: name, version: version.isEmpty ? nil : version)
            return .init(client: client, count: fact.seen.count)
        }.sorted {
            ($0.client.host, $0.client.name, $0.client.version ?? "")
                < ($1.client.host, $1.client.name, $1.client.version ?? "")
        }
    }

    private func clients(_ facts: Facts) -> [MCPServer.Client] {
        SnapshotReader.accepted(.client, .refusedClient, facts).compactMap {
            fact -> MCPServer.Client? in
            guard let (name, version) = CanonicalNames.parted(fact.key.detail),
                let host = Tenant(stored: fact.key.value),
                !relays.isEcho(.agent(name), by: host.address)
            else { return nil }
            return .init(host: host, name: name, version: version.isEmpty ? nil : version)
        }.sorted { ($0.host, $0.name, $0.version ?? "") < ($1.host, $1.name, $1.version ?? "") }
    }

    private func calls() -> [Endpoint: [CallRow]] {
        var found: [Endpoint: [CallRow]] = [:]
        if identity.hasOtherNames {
            // What several addresses of one machine did is one row.
            var set = RowSet<CallRow>()
            for var row in rows.calls.rows.values {
                row.key.endpoint = identity.canonical(row.key.endpoint)
                row.key.client = identity.canonical(row.key.client, at: row.seen.first)
                set.add(row)
            }
            for row in set.rows.values { found[row.key.endpoint, default: []].append(row) }
        } else {
            for row in rows.calls.rows.values { found[row.key.endpoint, default: []].append(row) }
        }
        return found.mapValues {
            $0.sorted {
                $0.key.client == $1.key.client
                    ? $0.key.tool < $1.key.tool : $0.key.client < $1.key.client
            }
        }
    }

    private func items() -> [Endpoint: [ListedItemRow]] {
        var found: [Endpoint: [ListedItemRow]] = [:]
        if identity.hasAliases {
            var set = RowSet<ListedItemRow>()
            for var row in rows.items.rows.values {
                row.endpoint = identity.canonical(row.endpoint)
                set.add(row)
            }
            for row in set.rows.values { found[row.endpoint, default: []].append(row) }
        } else {
            for row in rows.items.rows.values { found[row.endpoint, default: []].append(row) }
        }
        return found
    }
}
