package import Inventory
package import Wire

/// Something that nobody is known to answer for.
package struct Orphan: Sendable {
    package enum Kind: String, Sendable {
        case host, agent
        case mcpServer = "mcp-server"
        case agentServer = "agent-server"
        case modelEndpoint = "llm-endpoint"
    }
    package var kind: Kind
    package var row: String
    package var name: String
    package var host: IPAddress
    package var attribution: Attribution
    package var lastSeen: Timestamp

    /// All of them, what serves before who calls before mere hosts; routers are nobody's machine.
    package static func all(_ snapshot: Snapshot) -> [Orphan] {
        var found: [Orphan] = []
        func add(
            _ kind: Kind, _ row: String, _ name: String, _ host: IPAddress,
            _ attribution: Attribution, _ last: Timestamp
        ) {
            guard attribution.owner == nil else { return }
            found.append(
                Orphan(
                    kind: kind, row: row, name: name, host: host, attribution: attribution,
                    lastSeen: last))
        }
        for server in snapshot.mcpServers {
            let name = server.name.map { "\($0) at \(server.endpoint)" } ?? "\(server.endpoint)"
            add(
                .mcpServer, server.id, name, server.endpoint.address, server.attribution,
                server.lastSeen)
        }
        for server in snapshot.agentServers {
            let name = server.name.map { "\($0) at \(server.endpoint)" } ?? "\(server.endpoint)"
            add(
                .agentServer, server.id, name, server.endpoint.address, server.attribution,
                server.lastSeen)
        }
        let own = Set(snapshot.hosts.flatMap(\.addresses))
        for model in snapshot.modelEndpoints where own.contains(model.endpoint.address) {
            add(
                .modelEndpoint, model.id, "\(model.endpoint)\(model.path)",
                model.endpoint.address, model.attribution, model.lastSeen)
        }
        for agent in snapshot.agents {
            add(.agent, agent.id, agent.name, agent.host, agent.attribution, agent.lastSeen)
        }
        for host in snapshot.hosts where !host.isRouter {
            add(
                .host, host.id, host.attribution.hostname ?? host.address.description,
                host.address, host.attribution, host.lastSeen)
        }
        return found
    }

    package static func table(_ snapshot: Snapshot) -> Table {
        var table = Table([
            Table.text("kind", least: 10), Table.text("id", least: 14),
            Table.text("name", least: 14), Table.text("host", least: 10),
            Table.text("mac", least: 17, rank: 1), Table.text("team", rank: 2),
            Table.text("last seen", least: 19, rank: 3),
        ])
        table.rows = all(snapshot).map {
            [
                .init($0.kind.rawValue), .init($0.row), .init($0.name),
                .init($0.attribution.hostname ?? $0.host.description),
                .init($0.attribution.mac?.description), .init($0.attribution.team),
                .init($0.lastSeen),
            ]
        }
        return table
    }

    package static func write(_ orphan: Orphan, _ out: inout JSONWriter) {
        out.beginObject()
        out.member("kind", orphan.kind.rawValue)
        out.member("id", orphan.row)
        out.member("name", orphan.name)
        out.member("host", orphan.host.description)
        out.member("hostname", orNull: orphan.attribution.hostname)
        out.member("mac", orNull: orphan.attribution.mac?.description)
        out.member("team", orNull: orphan.attribution.team)
        out.member("last_seen", orphan.lastSeen.rfc3339)
        out.endObject()
    }
}
