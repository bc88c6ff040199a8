import Catalog
package import Inventory
package import Policy
package import Wire

/// The inventory as one JSON object, `tyto.inventory/1`: the shape other programs read.
package struct InventoryDocument {
    private let snapshot: Snapshot
    private let alerts: [Alert]

    package init(_ snapshot: Snapshot, alerts: [Alert]) {
        self.snapshot = snapshot
        self.alerts = alerts
    }

    /// Two spaces of indent, keys in their documented order, a line end at the end.
    package func text() -> String {
        var out = JSONWriter(pretty: true)
        out.beginObject()
        out.member("schema", "tyto.inventory/1")
        InventoryDocument.list("hosts", snapshot.hosts, &out, InventoryDocument.write)
        InventoryDocument.list("apps", snapshot.apps, &out, InventoryDocument.write)
        InventoryDocument.list("agents", snapshot.agents, &out, InventoryDocument.write)
        InventoryDocument.list("mcp_servers", snapshot.mcpServers, &out, InventoryDocument.write)
        InventoryDocument.list(
            "llm_endpoints", snapshot.modelEndpoints, &out, InventoryDocument.write)
        InventoryDocument.list("models", snapshot.models, &out, InventoryDocument.write)
        // Most networks have none.
        if !snapshot.agentServers.isEmpty {
            InventoryDocument.list(
                "agent_servers", snapshot.agentServers, &out, InventoryDocument.write)
        }
        if !snapshot.modelRuntimes.isEmpty {
            InventoryDocument.list(
                "inference_servers", snapshot.modelRuntimes, &out, InventoryDocument.write)
        }
        let entities = AgentEntity.of(snapshot.agents)
        if !entities.isEmpty {
            InventoryDocument.list("agent_entities", entities, &out, InventoryDocument.write)
        }
        // Where all lookups are in the clear there is none.
        if !snapshot.blindSpots.isEmpty {
            InventoryDocument.list(
                "blind_spots", snapshot.blindSpots, &out, InventoryDocument.write)
        }
        InventoryDocument.list("chains", snapshot.chains, &out, InventoryDocument.write)
        if !snapshot.declared.isEmpty {
            InventoryDocument.list("declared", snapshot.declared, &out, DeclaredRows.write)
        }
        InventoryDocument.list("alerts", alerts, &out, InventoryDocument.write)
        out.endObject()
        return out.text + "\n"
    }

    static func list<Element>(
        _ name: String, _ rows: [Element], _ out: inout JSONWriter,
        _ write: (Element, inout JSONWriter) -> Void
    ) {
        out.key(name)
        out.beginArray()
        for row in rows { write(row, &out) }
        out.endArray()
    }

    static func attribution(_ value: Attribution, _ out: inout JSONWriter) {
        out.member("team", orNull: value.team)
        out.member("owner", orNull: value.owner)
        if !value.users.isEmpty { out.member("users", value.users) }
    }

    /// An address under `name`; where machines had it one after the other, also which.
    static func write(_ name: String, _ tenant: Tenant, _ out: inout JSONWriter) {
        out.member(name, tenant.address.description)
        if tenant.machine != .zero { out.member(name + "_mac", tenant.machine.description) }
    }

    static func times(_ first: Timestamp, _ last: Timestamp, _ out: inout JSONWriter) {
        out.member("first_seen", first.rfc3339)
        out.member("last_seen", last.rfc3339)
    }

    private static func status(_ status: Status, _ reason: String, _ out: inout JSONWriter) {
        out.member("status", status.rawValue)
        out.member("status_reason", reason)
    }

    // MARK: - Rows

    package static func write(_ spot: BlindSpot, _ out: inout JSONWriter) {
        out.beginObject()
        write("host", spot.tenant, &out)
        out.member("kind", spot.way.rawValue)
        out.member("resolver", spot.resolver)
        out.member("flows", spot.flows)
        attribution(spot.attribution, &out)
        times(spot.firstSeen, spot.lastSeen, &out)
        out.endObject()
    }

    package static func write(_ chain: Chain, _ out: inout JSONWriter) {
        out.beginObject()
        out.member("id", chain.id)
        out.member("path", chain.path.map(\.description))
        out.member("trace_id", orNull: chain.traceID)
        if !chain.delegators.isEmpty {
            list("on_behalf_of", chain.delegators, &out) { delegator, out in
                out.beginObject()
                out.member("subject", delegator.label)
                out.member("issuer", orNull: delegator.issuer)
                out.endObject()
            }
        }
        out.member("confidence", percent: chain.confidence)
        list("hops", chain.hops, &out) { hop, out in
            out.beginObject()
            out.member("from", hop.from.description)
            out.member("from_name", orNull: hop.fromName)
            out.member("to", hop.to.address.description)
            out.member("to_port", hop.to.port)
            out.member("to_name", orNull: hop.toName)
            out.member("protocol", hop.kind)
            out.member("what", hop.what)
            out.member("count", hop.count)
            out.member("witnesses", hop.witnesses.map(\.rawValue))
            out.member("confidence", percent: hop.confidence)
            out.member("reasons", hop.reasons)
            if !hop.models.isEmpty {
                list("asked_by_models", hop.models, &out) { model, out in
                    out.beginObject()
                    out.member("model", orNull: model.name)
                    out.member("endpoint", model.endpoint.description)
                    out.member("count", model.count)
                    out.endObject()
                }
            }
            out.endObject()
        }
        attribution(chain.attribution, &out)
        times(chain.firstSeen, chain.lastSeen, &out)
        out.endObject()
    }

    package static func write(_ host: Host, _ out: inout JSONWriter) {
        out.beginObject()
        out.member("id", host.id)
        out.member("ip", host.address.description)
        out.member("ips", host.addresses.map(\.description))
        out.member("mac", orNull: host.attribution.mac?.description)
        out.member("hostname", orNull: host.attribution.hostname)
        attribution(host.attribution, &out)
        if host.isRouter { out.member("role", "router") }
        if let sharing = host.sharing { out.member("shared", sharing) }
        if let device = host.device {
            out.key("device")
            out.beginObject()
            out.member("kind", device.kind)
            out.member("name", device.name)
            out.member("strength", device.strength.name)
            out.endObject()
        }
        if !host.conflicts.isEmpty { out.member("conflicts", host.conflicts) }
        out.member("packets", host.packets)
        out.member("bytes_sent", host.bytesSent)
        times(host.firstSeen, host.lastSeen, &out)
        out.endObject()
    }

    package static func write(_ app: AppUse, _ out: inout JSONWriter) {
        out.beginObject()
        out.member("id", app.id)
        write("host", app.tenant, &out)
        out.member("app", app.app)
        out.member("name", app.name)
        out.member("vendor", app.vendor)
        out.member("category", app.category)
        out.member("domain", app.domain)
        out.member("flows", app.flows)
        out.member("bytes_up", app.bytesUp)
        out.member("bytes_down", app.bytesDown)
        out.member("evidence", app.clues.map(\.rawValue))
        out.member("strength", app.strength.name)
        out.member("ja3", app.ja3)
        out.member("ja4", app.ja4)
        attribution(app.attribution, &out)
        status(app.status, app.statusReason, &out)
        times(app.firstSeen, app.lastSeen, &out)
        out.endObject()
    }

    package static func write(_ agent: Agent, _ out: inout JSONWriter) {
        out.beginObject()
        out.member("id", agent.id)
        write("host", agent.tenant, &out)
        out.member("name", agent.name)
        out.member("version", orNull: agent.version)
        out.member("versions", agent.versions)
        out.member("kind", agent.kind.rawValue)
        out.member("kind_reason", agent.kindReason)
        out.member("roles", agent.roles)
        out.member("user_agent", orNull: agent.userAgent)
        out.member("mcp_servers", agent.mcpServers.map(\.description))
        out.member("llm_endpoints", agent.modelEndpoints)
        out.member("models", agent.models)
        out.member("tools", agent.tools)
        out.member("agents_called", agent.agentsCalled)
        out.member("serves", agent.serves)
        attribution(agent.attribution, &out)
        status(agent.status, agent.statusReason, &out)
        times(agent.firstSeen, agent.lastSeen, &out)
        out.endObject()
    }

    package static func write(_ server: MCPServer, _ out: inout JSONWriter) {
        out.beginObject()
        out.member("id", server.id)
        out.member("host", server.endpoint.address.description)
        out.member("port", server.endpoint.port)
        out.member("path", server.path)
        out.member("name", orNull: server.name)
        out.member("version", orNull: server.version)
        out.member("transport", server.transport)
        out.member("protocol_versions", server.protocolVersions)
        out.member("auth", server.auth)
        attribution(server.attribution, &out)
        status(server.status, server.statusReason, &out)
        let histories = Dictionary(
            server.histories.map { ("\($0.kind.rawValue) \($0.key)", $0) }
        ) { first, _ in first }
        let history = { (item: ListedItem) in histories["\(item.kind.rawValue) \(item.key)"] }
        list("tools", server.tools, &out) {
            writeTool($0, &$1, history($0), server.toolStatuses[$0.key])
        }
        list("resources", server.resources, &out) { writeResource($0, history($0), &$1) }
        list("prompts", server.prompts, &out) { writePrompt($0, history($0), &$1) }
        list("clients", server.clients, &out) { client, out in
            out.beginObject()
            members(of: client, &out)
            out.endObject()
        }
        writeRefused(server.refusedClients, &out)
        list("calls", server.calls, &out) { write($0, &$1) }
        writeActivities(server, &out)
        out.member(
            "marks", MCPMarks.names.filter { server.marks.contains($0.mark) }.map(\.name))
        times(server.firstSeen, server.lastSeen, &out)
        out.endObject()
    }

    package static func writeTool(
        _ item: ListedItem, _ out: inout JSONWriter, _ history: ItemHistory? = nil,
        _ own: MCPServer.ToolStatus? = nil
    ) {
        out.beginObject()
        out.member("name", item.key)
        out.member("title", ifPresent: item.label)
        out.member("description", orNull: item.text)
        if !item.hints.isEmpty {
            out.key("annotations")
            out.beginObject()
            for (name, value) in item.hints.sorted(by: { $0.key < $1.key }) {
                out.member(name, value)
            }
            out.endObject()
        }
        // A tool without a definition was called and never listed.
        out.member("listed", !item.digest.isEmpty)
        if let own { status(own.status, own.reason, &out) }
        if let history { writeHistory(history, &out) }
        out.endObject()
    }

    private static func writeResource(
        _ item: ListedItem, _ history: ItemHistory?, _ out: inout JSONWriter
    ) {
        out.beginObject()
        out.member("uri", item.key)
        out.member("name", orNull: item.label)
        out.member("description", ifPresent: item.text)
        if let history { writeHistory(history, &out) }
        out.endObject()
    }

    private static func writePrompt(
        _ item: ListedItem, _ history: ItemHistory?, _ out: inout JSONWriter
    ) {
        out.beginObject()
        out.member("name", item.key)
        out.member("title", ifPresent: item.label)
        out.member("description", orNull: item.text)
        if let history { writeHistory(history, &out) }
        out.endObject()
    }

    package static func write(_ model: ModelEndpoint, _ out: inout JSONWriter) {
        out.beginObject()
        out.member("id", model.id)
        out.member("host", model.endpoint.address.description)
        out.member("port", model.endpoint.port)
        out.member("path", model.path)
        out.member("api", model.api)
        out.member("models", model.models)
        out.member("requests", model.requests)
        out.member("streaming", model.streaming)
        writeUse(model, &out)
        list("clients", model.clients, &out) { client, out in
            out.beginObject()
            write("host", client.host, &out)
            out.member("user_agent", client.userAgent)
            out.member("requests", client.requests)
            out.endObject()
        }
        attribution(model.attribution, &out)
        status(model.status, model.statusReason, &out)
        times(model.firstSeen, model.lastSeen, &out)
        out.endObject()
    }

    package static func write(_ model: Model, _ out: inout JSONWriter) {
        out.beginObject()
        out.member("id", model.id)
        out.member("model", model.model)
        out.member("requests", model.requests)
        out.member("hosts", model.hosts.map(\.description))
        out.member("endpoints", model.endpoints.map(\.description))
        times(model.firstSeen, model.lastSeen, &out)
        out.endObject()
    }

    package static func write(_ alert: Alert, _ out: inout JSONWriter) {
        out.beginObject()
        out.member("id", alert.id)
        out.member("kind", alert.kind)
        out.member("severity", alert.severity.rawValue)
        write("host", alert.tenant, &out)
        out.member("subject", alert.subject)
        out.member("detail", alert.detail)
        attribution(alert.attribution, &out)
        out.member("time", alert.time.rfc3339)
        out.member("last_seen", alert.lastSeen.rfc3339)
        out.member("row", alert.row)
        out.endObject()
    }
}
