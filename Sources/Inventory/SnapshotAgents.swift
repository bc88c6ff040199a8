import Catalog
import Wire

extension SnapshotReader {
    /// Everyone who names itself to a server or a model.
    func agents() -> [Agent] {
        facts.keys.filter { $0.hasPrefix("agent-") }.compactMap { agent($0) }.sorted {
            ($0.host, $0.name) < ($1.host, $1.name)
        }
    }

    private func agent(_ id: String) -> Agent? {
        guard let kind = latest(id, .kind),
            let (host, name) = CanonicalNames.agent(kind.key.detail),
            !relays.isEcho(.agent(name), by: host), let standing = standing(id, host)
        else { return nil }
        let seen = period(of: id)
        return Agent(
            id: id, host: host, name: name, version: latest(id, .version)?.key.value,
            versions: values(id, .version), kind: standing,
            userAgent: latest(id, .userAgent)?.key.value,
            mcpServers: values(id, .mcpServer).compactMap { Endpoint($0) }.filter {
                isMCP(EntityID.mcp($0), $0)
            }.sorted(),
            modelEndpoints: values(id, .modelEndpoint), models: values(id, .model),
            attribution: identity.attribution(of: host, at: seen.last), firstSeen: seen.first,
            lastSeen: seen.last, evidence: evidence[id] ?? [])
    }

    /// What an agent is, or nil when what was seen makes none: the clientInfo of another protocol
    /// (the Language Server Protocol has one too), or the User-Agent of a client that has a name of
    /// its own.
    private func standing(_ id: String, _ host: IPAddress) -> String? {
        let kinds = Set(values(id, .kind))
        let servers = facts(id, .mcpServer)
        if kinds.contains("mcp-client"),
            servers.isEmpty
                || servers.contains(where: { marks(EntityID.mcpText($0.key.value)).isConclusive })
        {
            return "mcp-client"
        }
        if kinds.contains("llm-client") { return "llm-client" }
        guard kinds.contains("http-client") else { return nil }
        let known = namedUserAgents[host] ?? []
        return values(id, .userAgent).allSatisfy(known.contains) ? nil : "http-client"
    }

    /// Of each host, the User-Agents of clients that are named by what they said.
    static func namedUserAgents(
        _ facts: [String: [FactRow.Kind: [FactRow]]]
    ) -> [IPAddress: Set<String>] {
        var found: [IPAddress: Set<String>] = [:]
        for (_, kinds) in facts {
            for kind in kinds[.kind] ?? [] where kind.key.value != "http-client" {
                guard let (host, _) = CanonicalNames.agent(kind.key.detail) else { continue }
                found[host, default: []].formUnion((kinds[.userAgent] ?? []).map(\.key.value))
            }
        }
        return found
    }

    // MARK: - MCP servers

    /// Endpoints whose marks are conclusive and which answered as only a server does.
    func mcpServers() -> [MCPServer] {
        let calls = calls()
        let items = items()
        return facts.keys.filter { $0.hasPrefix("mcp-") }.compactMap { id -> MCPServer? in
            guard let detail = facts(id, .mark).first?.key.detail, let endpoint = Endpoint(detail),
                isMCP(id, endpoint)
            else { return nil }
            return server(id, endpoint, items[endpoint] ?? [], calls[endpoint] ?? [])
        }.sorted { $0.endpoint < $1.endpoint }
    }

    private func marks(_ id: String) -> MCPMarks {
        let seen = Set(values(id, .mark))
        return MCPMarks(MCPMarks.names.filter { seen.contains($0.name) }.map(\.mark))
    }

    /// Where nothing at all was seen from the server's address, its requests must show that it
    /// answered: nobody says `notifications/initialized`, has a session or calls a tool before
    /// that.
    func isMCP(_ id: String, _ endpoint: Endpoint) -> Bool {
        let marks = marks(id)
        guard marks.isConclusive else { return false }
        if !facts(id, .answered).isEmpty { return true }
        guard !spoken.contains(endpoint.address) else { return false }
        let asked = Set(values(id, .askedMethod))
        return asked.count > 1
            && (marks.contains(.sessionHeader) || asked.contains("tools/call")
                || asked.contains("notifications/initialized"))
    }

    private func server(
        _ id: String, _ endpoint: Endpoint, _ items: [ListedItemRow], _ calls: [CallRow]
    ) -> MCPServer {
        let seen = period(of: id)
        let attribution = identity.attribution(of: endpoint.address, at: seen.last)
        let name = latest(id, .name)
        let transport = transport(id)
        let (status, reason) = endpointStatus(
            endpoint, organization.sanctionedMCPServers, organization.hasMCPPolicy,
            "sanctioned_mcp_servers")
        let version = name?.key.detail ?? ""
        return MCPServer(
            id: id, endpoint: endpoint,
            path: path(id, transport),
            name: name?.key.value, version: version.isEmpty ? nil : version,
            transport: transport,
            protocolVersions: protocolVersions(id),
            auth: auth(id), tools: latest(.tool, items) + calledTools(items, calls),
            resources: latest(.resource, items) + latest(.template, items),
            prompts: latest(.prompt, items), clients: clients(id),
            calls: calls.filter {
                $0.seen.count > 0
                    && !relays.isEcho(.call($0.key.endpoint, $0.key.tool), by: $0.key.client)
            }.map {
                .init(
                    client: $0.key.client, tool: $0.key.tool, count: $0.seen.count,
                    errors: $0.errors)
            }, marks: marks(id), attribution: attribution, status: status, statusReason: reason,
            firstSeen: seen.first, lastSeen: seen.last, evidence: evidence[id] ?? [])
    }

    /// Versions under which results were given; where no answer was seen, those that requests bore
    /// after the handshake, else the one that was wished for: a server that knows it must agree to
    /// it.
    private func protocolVersions(_ id: String) -> [String] {
        let given = values(id, .protocolVersion)
        if !given.isEmpty || !facts(id, .answered).isEmpty { return given }
        let asked = facts(id, .askedVersion)
        let borne = asked.filter { $0.key.detail.isEmpty }
        return (borne.isEmpty ? asked : borne).map(\.key.value)
    }

    /// What answers came by; where one port serves both HTTP transports, the newer one.
    private func transport(_ id: String) -> String {
        let seen = values(id, .transport)
        if seen.contains("streamable-http") { return "streamable-http" }
        return seen.first ?? latest(id, .askedTransport)?.key.value ?? ""
    }

    /// The path that the transport was met at.
    private func path(_ id: String, _ transport: String) -> String {
        let seen = facts(id, .path).filter { $0.key.detail == transport }
        return (latest(of: seen) ?? latest(id, .askedPath))?.key.value ?? ""
    }

    /// `none` as soon as one request without credentials was answered.
    private func auth(_ id: String) -> String {
        let seen = values(id, .auth)
        if seen.contains("none") { return "none" }
        if let first = seen.first { return first }
        let asked = values(id, .askedAuth).filter { $0 != "none" }
        return asked.first ?? "none"
    }

    /// The latest version of each item of a kind.
    private func latest(_ kind: ListedItem.Kind, _ items: [ListedItemRow]) -> [ListedItem] {
        var best: [String: ListedItemRow] = [:]
        for row in items where row.item.kind == kind {
            guard let known = best[row.item.key] else {
                best[row.item.key] = row
                continue
            }
            let isLater =
                (row.seen.last, row.seen.first, row.item.digest)
                > (known.seen.last, known.seen.first, known.item.digest)
            if isLater { best[row.item.key] = row }
        }
        return best.values.map(\.item).sorted { $0.key < $1.key }
    }

    /// Tools that were called with success and never listed: the list may lie before the capture.
    private func calledTools(_ items: [ListedItemRow], _ calls: [CallRow]) -> [ListedItem] {
        let listed = Set(items.filter { $0.item.kind == .tool }.map(\.item.key))
        let called = Set(calls.filter { $0.seen.count > $0.errors }.map(\.key.tool))
        return called.subtracting(listed).sorted().map {
            ListedItem(kind: .tool, key: $0, label: nil, text: nil, hints: [:], digest: "")
        }
    }

    private func clients(_ id: String) -> [MCPServer.Client] {
        facts(id, .client).compactMap { fact -> MCPServer.Client? in
            let parts = fact.key.detail.split(
                separator: "\u{1f}", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, let host = IPAddress(fact.key.value),
                !relays.isEcho(.agent(String(parts[0])), by: host)
            else { return nil }
            return .init(
                host: host, name: String(parts[0]),
                version: parts[1].isEmpty ? nil : String(parts[1]))
        }.sorted { ($0.host, $0.name, $0.version ?? "") < ($1.host, $1.name, $1.version ?? "") }
    }

    private func calls() -> [Endpoint: [CallRow]] {
        var set = RowSet<CallRow>()
        for var row in rows.calls.rows.values {
            row.key.endpoint = identity.canonical(row.key.endpoint)
            row.key.client = identity.canonical(row.key.client)
            set.add(row)
        }
        return Dictionary(grouping: set.rows.values, by: \.key.endpoint).mapValues {
            $0.sorted { ($0.key.client, $0.key.tool) < ($1.key.client, $1.key.tool) }
        }
    }

    private func items() -> [Endpoint: [ListedItemRow]] {
        var set = RowSet<ListedItemRow>()
        for var row in rows.items.rows.values {
            row.endpoint = identity.canonical(row.endpoint)
            set.add(row)
        }
        return Dictionary(grouping: set.rows.values, by: \.endpoint)
    }

    // MARK: - Models

    func modelUses() -> [ModelUseRow] {
        var set = RowSet<ModelUseRow>()
        for var row in rows.models.rows.values {
            row.key.endpoint = identity.canonical(row.key.endpoint)
            row.key.client = identity.canonical(row.key.client)
            set.add(row)
        }
        return set.rows.values.filter { !relays.isEcho(.model($0.key), by: $0.key.client) }.sorted {
            ($0.key.endpoint, $0.key.path, $0.key.client, $0.key.userAgent, $0.key.model)
                < ($1.key.endpoint, $1.key.path, $1.key.client, $1.key.userAgent, $1.key.model)
        }
    }

    /// Endpoints that answered a model request; or from whose address nothing at all was seen.
    func modelEndpoints(_ uses: [ModelUseRow]) -> [ModelEndpoint] {
        Dictionary(grouping: uses) { "\($0.key.endpoint)|\($0.key.path)|\($0.key.api)" }.values
            .filter(isServed).map(modelEndpoint).sorted {
                ($0.endpoint, $0.path, $0.api) < ($1.endpoint, $1.path, $1.api)
            }
    }

    private func isServed(_ uses: [ModelUseRow]) -> Bool {
        uses.contains { $0.answered > 0 } || !spoken.contains(uses[0].key.endpoint.address)
    }

    private func modelEndpoint(_ uses: [ModelUseRow]) -> ModelEndpoint {
        let key = uses[0].key
        var seen = uses[0].seen
        for use in uses.dropFirst() { seen.merge(use.seen) }
        let clients = Dictionary(grouping: uses) { "\($0.key.client)|\($0.key.userAgent)" }.values
            .map {
                ModelEndpoint.Client(
                    host: $0[0].key.client, userAgent: $0[0].key.userAgent,
                    requests: $0.reduce(0) { $0 + $1.seen.count })
            }.sorted { ($0.host, $0.userAgent) < ($1.host, $1.userAgent) }
        let (status, reason) = endpointStatus(
            key.endpoint, organization.sanctionedModelServers, organization.hasModelPolicy,
            "sanctioned_llm_servers")
        let id = EntityID.modelEndpoint(key.endpoint, key.path)
        return ModelEndpoint(
            id: id, endpoint: key.endpoint, path: key.path, api: key.api.rawValue,
            models: Set(uses.map(\.key.model)).subtracting([""]).sorted(), requests: seen.count,
            streaming: uses.reduce(0) { $0 + $1.streaming }, clients: clients,
            attribution: identity.attribution(of: key.endpoint.address, at: seen.last),
            status: status, statusReason: reason, firstSeen: seen.first, lastSeen: seen.last,
            evidence: evidence[id] ?? [])
    }

    func models(_ uses: [ModelUseRow]) -> [Model] {
        Dictionary(grouping: uses.filter { !$0.key.model.isEmpty }, by: \.key.model).map {
            name, uses in
            var seen = uses[0].seen
            for use in uses.dropFirst() { seen.merge(use.seen) }
            let id = EntityID.model(name)
            return Model(
                id: id, model: name, requests: seen.count,
                hosts: Set(uses.map(\.key.client)).sorted(),
                endpoints: Set(uses.map(\.key.endpoint)).sorted(), firstSeen: seen.first,
                lastSeen: seen.last, evidence: evidence[id] ?? [])
        }.sorted { $0.model < $1.model }
    }

    private func endpointStatus(
        _ endpoint: Endpoint, _ sanctioned: [Endpoint], _ hasPolicy: Bool, _ list: String
    ) -> (Status, String) {
        guard hasPolicy else { return (.unreviewed, "the configuration has no \(list)") }
        return sanctioned.contains { identity.canonical($0) == endpoint }
            ? (.sanctioned, "\(endpoint) is in \(list)")
            : (.unsanctioned, "\(endpoint) is not in \(list)")
    }
}
