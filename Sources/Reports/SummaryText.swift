import Catalog
package import Inventory
package import Policy
import Wire

/// What a person wants to know first, in one screen.
package enum SummaryText {
    package static func render(_ snapshot: Snapshot, alerts: [Alert], width: Int) -> String {
        var lines = heading(snapshot)
        lines.append("")
        lines += figures(snapshot, alerts)
        lines += unapproved(snapshot, alerts, width)
        lines += servers(snapshot, width)
        lines += apps(snapshot, width)
        lines += agents(snapshot, width)
        lines += blindSpots(snapshot)
        lines += orphans(snapshot)
        return lines.joined(separator: "\n") + "\n"
    }

    private static func heading(_ snapshot: Snapshot) -> [String] {
        guard let first = snapshot.sources.map(\.first).min() else {
            return ["Nothing was captured yet."]
        }
        let packets = snapshot.sources.reduce(0) { $0 + $1.packets }
        let bytes = snapshot.sources.reduce(0) { $0 + $1.bytes }
        return [
            "\(Words.plural(snapshot.sources.count, "capture")), \(Words.plural(packets, "packet")), "
                + "\(Words.bytes(bytes)), \(first.rfc3339.prefix(19))Z to "
                + "\(snapshot.end.rfc3339.prefix(19))Z"
        ]
    }

    private static func figures(_ snapshot: Snapshot, _ alerts: [Alert]) -> [String] {
        let tools = snapshot.mcpServers.reduce(0) { $0 + $1.tools.count }
        let used = snapshot.apps.filter { $0.strength >= .strong }
        return [
            "\(Words.plural(snapshot.hosts.count, "host")), "
                + "\(Words.plural(Set(used.map(\.app)).count, "AI app")) in "
                + "\(Words.plural(used.count, "use")), "
                + "\(Words.plural(snapshot.agents.count, "agent")), "
                + "\(Words.plural(snapshot.mcpServers.count, "MCP server")) with "
                + "\(Words.plural(tools, "tool")), "
                + "\(Words.plural(snapshot.modelEndpoints.count, "model endpoint")), "
                + "\(Words.plural(alerts.count, "alert"))"
        ]
    }

    /// Alerts that the summary shows.
    private static let shownAlerts = 40

    private static func unapproved(
        _ snapshot: Snapshot, _ alerts: [Alert], _ width: Int
    ) -> [String] {
        guard !alerts.isEmpty else { return ["", "No alert stands."] }
        var table = Table([
            Table.text("severity"), Table.text("alert", least: 14, rank: 1),
            Table.text("subject", least: 18), Table.text("host", least: 10),
            Table.text("owner", least: 10), Table.text("detail", least: 30, rank: 2),
        ])
        table.rows = alerts.sorted {
            ($1.severity, $0.kind, $0.subject, $0.tenant) < (
                $0.severity, $1.kind, $1.subject, $1.tenant
            )
        }.prefix(shownAlerts).map {
            [
                .init($0.severity.rawValue), .init($0.kind), .init($0.subject),
                .init($0.attribution.hostname ?? $0.host.description),
                .init($0.attribution.owner), .init($0.detail),
            ]
        }
        let rest = alerts.count - table.rows.count
        return titled("Nobody approved", table, width)
            + (rest > 0 ? ["and \(rest) more; `tyto alerts` lists them"] : [])
    }

    private static func servers(_ snapshot: Snapshot, _ width: Int) -> [String] {
        var table = Table([
            Table.text("server", least: 18), Table.text("name"), Table.text("status", least: 12),
            Table.text("owner", least: 10), Table.text("tools", least: 16),
        ])
        table.rows = snapshot.mcpServers.map {
            [
                .init($0.endpoint.description), .init($0.name), .init($0.status.rawValue),
                .init($0.attribution.owner), .init($0.tools.map(\.key)),
            ]
        }
        return titled("MCP servers", table, width)
    }

    private static func apps(_ snapshot: Snapshot, _ width: Int) -> [String] {
        var table = Table([
            Table.text("app"), Table.text("host", least: 10), Table.text("team"),
            Table.text("owner", least: 10), Table.text("status", least: 12), Table.number("flows"),
        ])
        table.rows = snapshot.apps.map {
            [
                .init($0.name), .init($0.attribution.hostname ?? $0.host.description),
                .init($0.attribution.team), .init($0.attribution.owner), .init($0.status.rawValue),
                .init($0.flows),
            ]
        }
        return titled("AI apps", table, width)
    }

    private static func agents(_ snapshot: Snapshot, _ width: Int) -> [String] {
        var table = Table([
            Table.text("agent"), Table.text("version", least: 7), Table.text("host", least: 10),
            Table.text("owner", least: 10), Table.text("mcp servers", least: 11),
            Table.text("models", least: 8),
        ])
        table.rows = snapshot.agents.map {
            [
                .init($0.name), .init($0.version),
                .init($0.attribution.hostname ?? $0.host.description), .init($0.attribution.owner),
                .init($0.mcpServers.map(\.description)), .init($0.models),
            ]
        }
        return titled("Agents", table, width)
    }

    private static func titled(_ title: String, _ table: Table, _ width: Int) -> [String] {
        table.rows.isEmpty ? [] : ["", title] + TableText.lines(table, width: width)
    }

    private static func blindSpots(_ snapshot: Snapshot) -> [String] {
        let spots = snapshot.blindSpots
        guard !spots.isEmpty else { return [] }
        let hosts = Set(spots.map(\.host)).count
        let names = Set(spots.map(\.resolver)).sorted()
        let rest = names.count > 4 ? " and \(names.count - 4) more" : ""
        return [
            "",
            "Lookups of \(Words.plural(hosts, "host")) are not seen, for they go to "
                + names.prefix(4).map { Words.harmless($0) }.joined(separator: ", ") + rest
                + " encrypted",
        ]
    }

    private static func orphans(_ snapshot: Snapshot) -> [String] {
        let hosts = snapshot.hosts
        let orphans = hosts.indices.filter {
            hosts[$0].attribution.owner == nil && !hosts[$0].isRouter
        }
        guard !orphans.isEmpty else { return [] }
        let names = orphans.prefix(12).map {
            Words.harmless(hosts[$0].attribution.hostname ?? hosts[$0].address.description)
        }
        let rest = orphans.count > 12 ? " and \(orphans.count - 12) more" : ""
        return ["", "Nobody is known to answer for: \(names.joined(separator: ", "))\(rest)"]
    }
}
