import Catalog
package import Inventory
import Wire

/// A part of the inventory that can be asked for.
package enum Section: String, CaseIterable, Sendable {
    case summary, apps, agents, mcp, tools, models, hosts, teams
    case blindSpots = "blind-spots"
    case agentServers = "agent-servers"
    case orphans, declared

    /// The section's rows; the summary has no table of its own.
    package func table(of snapshot: Snapshot) -> Table {
        switch self {
        case .summary, .apps: Section.apps(snapshot)
        case .agents: Section.agents(snapshot)
        case .mcp: Section.servers(snapshot)
        case .tools: Section.tools(snapshot)
        case .models: Section.models(snapshot)
        case .hosts: Section.hosts(snapshot)
        case .teams: Section.teams(snapshot)
        case .blindSpots: Section.blindSpots(snapshot)
        case .agentServers: Section.agentServers(snapshot)
        case .orphans: Orphan.table(snapshot)
        case .declared: DeclaredRows.table(snapshot)
        }
    }

    private static func name(_ attribution: Attribution, _ address: IPAddress) -> String {
        attribution.hostname ?? address.description
    }

    private static func apps(_ snapshot: Snapshot) -> Table {
        var table = Table([
            Table.text("id", least: 14), Table.text("app"), Table.text("category", rank: 4),
            Table.text("domain", least: 14, rank: 1), Table.text("host", least: 10),
            Table.text("team", rank: 3), Table.text("owner", least: 10),
            Table.text("status", least: 12), Table.text("sure", least: 6, rank: 2),
            Table.number("flows", rank: 5), Table.number("up", rank: 6),
            Table.number("down", rank: 6), Table.text("last seen", least: 19, rank: 5),
        ])
        table.rows = snapshot.apps.map {
            [
                .init($0.id), .init($0.name), .init($0.category), .init($0.domain),
                .init(name($0.attribution, $0.host)), .init($0.attribution.team),
                .init($0.attribution.owner), .init($0.status.rawValue), .init($0.strength.name),
                .init($0.flows), .init(bytes: $0.bytesUp), .init(bytes: $0.bytesDown),
                .init($0.lastSeen),
            ]
        }
        return table
    }

    private static func agents(_ snapshot: Snapshot) -> Table {
        var table = Table([
            Table.text("id", least: 17), Table.text("agent"),
            Table.text("version", least: 7, rank: 4), Table.text("kind", least: 10, rank: 3),
            Table.text("host", least: 10), Table.text("team", rank: 5),
            Table.text("owner", least: 10), Table.text("mcp servers", least: 14),
            Table.text("models", rank: 2), Table.text("status", least: 12),
            Table.text("last seen", least: 19, rank: 6),
        ])
        table.rows = snapshot.agents.map {
            [
                .init($0.id), .init($0.name), .init($0.version), .init($0.kind.rawValue),
                .init(name($0.attribution, $0.host)), .init($0.attribution.team),
                .init($0.attribution.owner), .init($0.mcpServers.map(\.description)),
                .init($0.models), .init($0.status.rawValue), .init($0.lastSeen),
            ]
        }
        return table
    }

    private static func servers(_ snapshot: Snapshot) -> Table {
        var table = Table([
            Table.text("id", least: 14), Table.text("server", least: 18), Table.text("name"),
            Table.text("version", least: 7, rank: 5),
            Table.text("transport", least: 9, rank: 6), Table.text("auth", least: 6, rank: 2),
            Table.number("tools", rank: 1), Table.number("clients", rank: 4),
            Table.number("calls", rank: 4), Table.text("host", rank: 3),
            Table.text("team", rank: 5), Table.text("owner", least: 10),
            Table.text("status", least: 12),
        ])
        table.rows = snapshot.mcpServers.map { server in
            [
                .init(server.id), .init(server.endpoint.description), .init(server.name),
                .init(server.version), .init(server.transport), .init(server.auth),
                .init(server.tools.count), .init(server.clients.count),
                .init(server.calls.reduce(0) { $0 + $1.count }),
                .init(name(server.attribution, server.endpoint.address)),
                .init(server.attribution.team), .init(server.attribution.owner),
                .init(server.status.rawValue),
            ]
        }
        return table
    }

    private static func tools(_ snapshot: Snapshot) -> Table {
        var table = Table([
            Table.text("id", least: 15, rank: 5), Table.text("server", least: 18),
            Table.text("name", rank: 3), Table.text("tool", least: 12),
            Table.text("hints", least: 12, rank: 2),
            Table.number("calls"), Table.number("errors", rank: 1),
            Table.text("owner", least: 10), Table.text("status", least: 12),
            Table.text("description", least: 12, rank: 4),
        ])
        for server in snapshot.mcpServers {
            for tool in server.tools {
                let calls = server.calls.filter { $0.tool == tool.key }
                let hints = tool.hints.filter(\.value).keys.sorted()
                table.rows.append([
                    .init(EntityID.tool(server.endpoint, tool.key)),
                    .init(server.endpoint.description), .init(server.name), .init(tool.key),
                    .init(hints), .init(calls.reduce(0) { $0 + $1.count }),
                    .init(calls.reduce(0) { $0 + $1.errors }), .init(server.attribution.owner),
                    .init(server.status(ofTool: tool.key).status.rawValue), .init(tool.text),
                ])
            }
        }
        return table
    }

    private static func models(_ snapshot: Snapshot) -> Table {
        var table = Table([
            Table.text("id", least: 14), Table.text("endpoint", least: 18),
            Table.text("api", rank: 2), Table.text("models"), Table.number("requests", rank: 1),
            Table.text("clients", least: 11, rank: 4), Table.text("team", rank: 3),
            Table.text("owner", least: 10), Table.text("status", least: 12),
        ])
        table.rows = snapshot.modelEndpoints.map { model in
            [
                .init(model.id), .init("\(model.endpoint)\(model.path)"), .init(model.api),
                .init(model.models), .init(model.requests),
                .init(model.clients.map { $0.host.description }), .init(model.attribution.team),
                .init(model.attribution.owner), .init(model.status.rawValue),
            ]
        }
        return table
    }

    private static func hosts(_ snapshot: Snapshot) -> Table {
        var table = Table([
            Table.text("id", least: 15), Table.text("host", least: 10),
            Table.text("addresses", least: 15), Table.text("mac", least: 17, rank: 1),
            Table.text("device", rank: 3), Table.text("team"), Table.text("owner", least: 10),
            Table.number("sent", rank: 2), Table.text("last seen", least: 19, rank: 3),
        ])
        table.rows = snapshot.hosts.map {
            [
                .init($0.id), .init($0.attribution.hostname),
                .init($0.addresses.map(\.description)), .init($0.attribution.mac?.description),
                .init($0.device?.name), .init($0.attribution.team), .init($0.attribution.owner),
                .init(bytes: $0.bytesSent), .init($0.lastSeen),
            ]
        }
        return table
    }

    private static func blindSpots(_ snapshot: Snapshot) -> Table {
        var table = Table([
            Table.text("host", least: 10), Table.text("team", rank: 2),
            Table.text("owner", least: 10), Table.text("lookups over", least: 12),
            Table.text("resolver", least: 14), Table.number("flows", rank: 1),
            Table.text("last seen", least: 19, rank: 3),
        ])
        table.rows = snapshot.blindSpots.map {
            [
                .init(name($0.attribution, $0.host)), .init($0.attribution.team),
                .init($0.attribution.owner), .init($0.way.rawValue), .init($0.resolver),
                .init($0.flows), .init($0.lastSeen),
            ]
        }
        return table
    }

    private static func teams(_ snapshot: Snapshot) -> Table {
        var table = Table([
            Table.text("team"), Table.number("hosts"), Table.number("apps", rank: 2),
            Table.number("unsanctioned"), Table.number("agents", rank: 3),
            Table.number("mcp servers", rank: 4), Table.number("without owner", rank: 1),
        ])
        table.rows = TeamFigures.of(snapshot).map {
            [
                .init($0.team), .init($0.hosts), .init($0.apps), .init($0.unsanctioned),
                .init($0.agents), .init($0.mcpServers), .init($0.withoutOwner),
            ]
        }
        return table
    }
}

/// What each team has in use.
package struct TeamFigures: Sendable {
    package var team: String
    package var hosts = 0
    package var apps = 0
    /// Apps, MCP servers and model endpoints that the policy does not have.
    package var unsanctioned = 0
    package var agents = 0
    package var mcpServers = 0
    /// Hosts that nobody answers for.
    package var withoutOwner = 0

    /// One per team, by name; what belongs to no team comes last.
    package static func of(_ snapshot: Snapshot) -> [TeamFigures] {
        var found: [String: TeamFigures] = [:]
        func change(_ attribution: Attribution, _ body: (inout TeamFigures) -> Void) {
            let team = attribution.team ?? ""
            body(&found[team, default: TeamFigures(team: team.isEmpty ? "(no team)" : team)])
        }
        for host in snapshot.hosts {
            change(host.attribution) {
                $0.hosts += 1
                if host.attribution.owner == nil, !host.isRouter { $0.withoutOwner += 1 }
            }
        }
        for app in snapshot.apps {
            change(app.attribution) {
                $0.apps += 1
                if app.status == .unsanctioned, app.strength >= .strong { $0.unsanctioned += 1 }
            }
        }
        for agent in snapshot.agents { change(agent.attribution) { $0.agents += 1 } }
        for server in snapshot.mcpServers {
            change(server.attribution) {
                $0.mcpServers += 1
                if server.status == .unsanctioned { $0.unsanctioned += 1 }
            }
        }
        for model in snapshot.modelEndpoints where model.status == .unsanctioned {
            change(model.attribution) { $0.unsanctioned += 1 }
        }
        return found.sorted { ($0.key.isEmpty ? 1 : 0, $0.key) < ($1.key.isEmpty ? 1 : 0, $1.key) }
            .map(\.value)
    }
}
