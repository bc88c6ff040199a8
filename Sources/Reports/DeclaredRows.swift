package import Inventory
package import Wire

/// What was declared, held against what is seen, as rows.
package enum DeclaredRows {
    package static func table(_ snapshot: Snapshot) -> Table {
        var table = Table([
            Table.text("state", least: 11), Table.text("kind", least: 10),
            Table.text("name", least: 12), Table.text("seen as", least: 14),
            Table.text("host", least: 10, rank: 2), Table.text("owner", least: 10),
            Table.text("different", least: 20, rank: 1), Table.text("declared in", rank: 3),
            Table.text("last seen", least: 19, rank: 4),
        ])
        table.rows = snapshot.declared.map {
            [
                .init($0.state.rawValue), .init($0.kind.rawValue), .init($0.name), .init($0.row),
                .init($0.attribution.hostname ?? $0.host?.description), .init($0.attribution.owner),
                .init($0.differences.joined(separator: "; ")), .init($0.place),
                $0.lastSeen.map { .init($0) } ?? .init(""),
            ]
        }
        return table
    }

    package static func write(_ row: Declared, _ out: inout JSONWriter) {
        out.beginObject()
        out.member("kind", row.kind.rawValue)
        out.member("name", row.name)
        out.member("state", row.state.rawValue)
        out.member("differences", row.differences)
        out.member("id", orNull: row.row)
        out.member("declared_in", orNull: row.place)
        out.member("host", orNull: row.host?.description)
        out.member("hostname", orNull: row.attribution.hostname)
        InventoryDocument.attribution(row.attribution, &out)
        out.member("first_seen", orNull: row.firstSeen?.rfc3339)
        out.member("last_seen", orNull: row.lastSeen?.rfc3339)
        out.endObject()
    }
}
