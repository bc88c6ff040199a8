import Catalog
package import Inventory
package import Policy
import Wire

/// One entity with every claim about it and the evidence for each, for people and as JSON.
package struct EntityView {
    package var id: String
    var title: String
    var claims: [(name: String, value: String)]
    var attribution: Attribution?
    var status: (Status, String)?
    /// What stands between the claims and who answers for them.
    var story: [String] = []
    var evidence: [Evidence]
    /// Whether it stands in a chain.
    var stands: (Chain) -> Bool = { _ in false }
    /// The chains it stands in, and names of hosts to tell them with.
    private var chains: [Chain] = []
    private var hosts: [Host] = []
    var write: (inout JSONWriter) -> Void

    /// Every entity of the inventory and every alert.
    package static func all(_ snapshot: Snapshot, alerts: [Alert]) -> [EntityView] {
        snapshot.hosts.map(EntityView.init) + snapshot.apps.map(EntityView.init)
            + snapshot.agents.map(EntityView.init) + snapshot.mcpServers.map(EntityView.init)
            + snapshot.mcpServers.flatMap { server in
                server.tools.map { EntityView($0, of: server) }
            }
            + snapshot.modelEndpoints.map(EntityView.init) + snapshot.models.map(EntityView.init)
            + snapshot.agentServers.map(EntityView.init)
            + snapshot.modelRuntimes.map(EntityView.init)
            + AgentEntity.of(snapshot.agents).map(EntityView.init)
            + alerts.map(EntityView.init)
    }

    init(
        id: String, title: String, claims: [(name: String, value: String)],
        attribution: Attribution?, evidence: [Evidence],
        write: @escaping (inout JSONWriter) -> Void
    ) {
        self.id = id
        self.title = title
        self.claims = claims
        self.attribution = attribution
        self.evidence = evidence
        self.write = write
    }

    /// The entity with the chains of `snapshot` that it stands in.
    package func standing(in snapshot: Snapshot) -> EntityView {
        var view = self
        view.chains = snapshot.chains.filter(stands)
        view.hosts = snapshot.hosts
        return view
    }

    // MARK: - As text

    package func text() -> String {
        var lines = ["\(title)  [\(id)]", ""]
        let width = claims.map { Words.width($0.name) }.max() ?? 0
        for (name, value) in claims where !value.isEmpty {
            let blank = String(repeating: " ", count: width - Words.width(name) + 2)
            lines.append("  " + name + blank + Words.harmless(value))
        }
        lines += story + ChainText.section(chains, hosts: hosts)
        if let (status, reason) = status {
            lines += ["", "Status: \(status.rawValue), for \(Words.harmless(reason))"]
        }
        if let attribution {
            lines += [
                "", "Who answers for it: \(Words.harmless(attribution.owner ?? "nobody is known"))",
            ]
            if !attribution.users.isEmpty {
                let names = attribution.users.map { Words.harmless($0) }.joined(separator: ", ")
                lines.append("Logged on: \(names)")
            }
            lines += attribution.reasons.enumerated().map {
                "  \($0.offset + 1). \(Words.harmless($0.element))"
            }
        }
        lines += ["", "Evidence"]
        if evidence.isEmpty { lines.append("  none beyond the flows that were counted") }
        for clue in evidence { lines += EntityView.lines(clue) }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func lines(_ clue: Evidence) -> [String] {
        let times =
            clue.count == 1 || clue.firstSeen == clue.lastSeen
            ? clue.firstSeen.rfc3339
            : "\(clue.firstSeen.rfc3339) to \(clue.lastSeen.rfc3339), \(clue.count) times"
        let flow = clue.flow.isEmpty ? "" : "  \(clue.flow)"
        return [
            "  \(clue.strength.name)  \(clue.clue.rawValue)  \(Words.harmless(clue.detail))",
            "        \(times)\(flow)",
        ]
    }

    // MARK: - As JSON

    package func json() -> String {
        var out = JSONWriter(pretty: true)
        out.beginObject()
        out.key("entity")
        write(&out)
        if !chains.isEmpty {
            out.key("chains")
            out.beginArray()
            for chain in chains { InventoryDocument.write(chain, &out) }
            out.endArray()
        }
        if let attribution {
            out.member("attribution", attribution.reasons)
        }
        out.key("evidence")
        out.beginArray()
        for clue in evidence {
            out.beginObject()
            out.member("clue", clue.clue.rawValue)
            out.member("strength", clue.strength.name)
            out.member("detail", clue.detail)
            out.member("flow", ifPresent: clue.flow.isEmpty ? nil : clue.flow)
            out.member("first_seen", clue.firstSeen.rfc3339)
            out.member("last_seen", clue.lastSeen.rfc3339)
            out.member("count", clue.count)
            out.endObject()
        }
        out.endArray()
        out.endObject()
        return out.text + "\n"
    }

    // MARK: - Kinds

    static func times(_ first: Timestamp, _ last: Timestamp) -> [(String, String)] {
        [("first seen", first.rfc3339), ("last seen", last.rfc3339)]
    }

    private init(_ host: Host) {
        id = host.id
        title = "Host \(Words.harmless(host.attribution.hostname ?? host.address.description))"
        claims =
            [
                ("addresses", host.addresses.map(\.description).joined(separator: ", ")),
                ("MAC", host.attribution.mac?.description ?? ""),
                (
                    "device",
                    host.device.map {
                        "\($0.kind), \(Words.harmless($0.name)) (\($0.strength.name))"
                    }
                        ?? ""
                ),
                ("team", host.attribution.team ?? ""), ("no one host", host.sharing ?? ""),
                ("sent", Words.bytes(host.bytesSent)),
            ] + EntityView.times(host.firstSeen, host.lastSeen)
        attribution = host.attribution
        if !host.conflicts.isEmpty {
            story = ["", "Conflicts"] + host.conflicts.map { "  " + Words.harmless($0) }
        }
        evidence = host.evidence
        stands = { chain in chain.path.contains { host.addresses.contains($0) } }
        write = { InventoryDocument.write(host, &$0) }
    }

    private init(_ app: AppUse) {
        id = app.id
        title =
            "\(app.name) used by \(Words.harmless(app.attribution.hostname ?? app.host.description))"
        claims =
            [
                ("domain", app.domain), ("category", app.category),
                ("vendor", app.vendor + (app.country.isEmpty ? "" : " (\(app.country))")),
                ("host", app.tenant.description), ("team", app.attribution.team ?? ""),
                ("sure", app.strength.name),
                ("clues", app.clues.map(\.rawValue).joined(separator: ", ")),
                ("flows", String(app.flows)), ("bytes up", Words.bytes(app.bytesUp)),
                ("bytes down", Words.bytes(app.bytesDown)),
                ("JA4", app.ja4.joined(separator: ", ")), ("JA3", app.ja3.joined(separator: ", ")),
            ] + EntityView.times(app.firstSeen, app.lastSeen)
        attribution = app.attribution
        status = (app.status, app.statusReason)
        evidence = app.evidence
        write = { InventoryDocument.write(app, &$0) }
    }

    private init(_ agent: Agent) {
        id = agent.id
        title = "Agent \(Words.harmless(agent.name))"
        claims =
            [
                ("versions", agent.versions.joined(separator: ", ")),
                ("kind", "\(agent.kind.rawValue), for \(agent.kindReason)"),
                ("seen as", agent.roles.joined(separator: ", ")),
                ("host", agent.tenant.description), ("team", agent.attribution.team ?? ""),
                ("User-Agent", agent.userAgent ?? ""),
                ("MCP servers", agent.mcpServers.map(\.description).joined(separator: ", ")),
                ("model endpoints", agent.modelEndpoints.joined(separator: ", ")),
                ("models", agent.models.joined(separator: ", ")),
                ("tools", agent.tools.joined(separator: ", ")),
                ("agents called", agent.agentsCalled.joined(separator: ", ")),
                ("serves at", agent.serves.joined(separator: ", ")),
            ] + EntityView.times(agent.firstSeen, agent.lastSeen)
        attribution = agent.attribution
        status = (agent.status, agent.statusReason)
        evidence = agent.evidence
        stands = { chain in
            chain.hops.contains {
                $0.from == agent.host && $0.fromName == agent.name
                    || $0.to.address == agent.host && $0.toName == agent.name
                    || agent.serves.contains($0.to.description)
            }
        }
        write = { InventoryDocument.write(agent, &$0) }
    }

    private init(_ server: MCPServer) {
        id = server.id
        title = "MCP server \(Words.harmless(server.name ?? server.endpoint.description))"
        claims =
            [
                ("endpoint", "\(server.endpoint)\(server.path)"), ("version", server.version ?? ""),
                ("transport", server.transport),
                ("protocol", server.protocolVersions.joined(separator: ", ")),
                ("authentication", server.auth), ("team", server.attribution.team ?? ""),
                ("tools", server.tools.map(\.key).joined(separator: ", ")),
                ("resources", server.resources.map(\.key).joined(separator: ", ")),
                ("prompts", server.prompts.map(\.key).joined(separator: ", ")),
                (
                    "clients",
                    server.clients.map { "\($0.name) on \($0.host)" }.joined(separator: ", ")
                ),
                (
                    "refused",
                    server.refusedClients.map {
                        "\($0.client.name) on \($0.client.host): \($0.count)"
                    }.joined(separator: ", ")
                ),
            ] + EntityView.times(server.firstSeen, server.lastSeen)
        attribution = server.attribution
        status = (server.status, server.statusReason)
        story = ServerText(server: server).lines
        evidence = server.evidence
        stands = { chain in chain.hops.contains { $0.to == server.endpoint } }
        write = { InventoryDocument.write(server, &$0) }
    }

    private init(_ model: ModelEndpoint) {
        id = model.id
        title = "Model endpoint \(model.endpoint)\(Words.harmless(model.path))"
        claims =
            [
                ("API", model.api), ("models", model.models.joined(separator: ", ")),
                ("requests", "\(model.requests), \(model.streaming) streaming"),
            ] + EntityView.use(of: model) + [
                (
                    "clients",
                    model.clients.map { "\($0.host) (\($0.userAgent)): \($0.requests)" }
                        .joined(separator: "; ")
                ), ("team", model.attribution.team ?? ""),
            ] + EntityView.times(model.firstSeen, model.lastSeen)
        attribution = model.attribution
        status = (model.status, model.statusReason)
        evidence = model.evidence
        write = { InventoryDocument.write(model, &$0) }
    }

    private init(_ model: Model) {
        id = model.id
        title = "Model \(Words.harmless(model.model))"
        claims =
            [
                ("requests", String(model.requests)),
                ("asked for by", model.hosts.map(\.description).joined(separator: ", ")),
                ("served at", model.endpoints.map(\.description).joined(separator: ", ")),
            ] + EntityView.times(model.firstSeen, model.lastSeen)
        attribution = nil
        evidence = model.evidence
        write = { InventoryDocument.write(model, &$0) }
    }

    private init(_ alert: Alert) {
        id = alert.id
        title = "Alert \(alert.kind): \(Words.harmless(alert.subject))"
        claims =
            [
                ("severity", alert.severity.rawValue), ("host", alert.tenant.description),
                ("detail", alert.detail), ("row", alert.row),
            ] + EntityView.times(alert.time, alert.lastSeen)
        attribution = alert.attribution
        evidence = alert.evidence
        write = { InventoryDocument.write(alert, &$0) }
    }
}
