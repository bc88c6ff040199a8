import Inventory
package import Policy
import Wire

/// Alerts as rows.
package enum AlertTable {
    package static func table(of alerts: [Alert]) -> Table {
        var table = Table([
            Table.text("id", least: 16), Table.text("severity"),
            Table.text("kind", least: 13, rank: 1), Table.text("subject", least: 18),
            Table.text("host", least: 10), Table.text("team", rank: 3),
            Table.text("owner", least: 10), Table.text("since", least: 19, rank: 2),
            Table.text("detail", least: 16, rank: 4),
        ])
        table.rows = alerts.map {
            [
                .init($0.id), .init($0.severity.rawValue), .init($0.kind), .init($0.subject),
                .init($0.attribution.hostname ?? $0.host.description), .init($0.attribution.team),
                .init($0.attribution.owner), .init($0.time), .init($0.detail),
            ]
        }
        return table
    }
}
