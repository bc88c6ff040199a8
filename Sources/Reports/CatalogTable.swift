package import Catalog
import Wire

/// Lines of the catalog as a table or as JSON.
package enum CatalogTable {
    package static func table(of lines: [CatalogLine], kind: CatalogLine.Kind) -> Table {
        var table = Table(columns(kind))
        table.rows = lines.map { cells(of: $0, kind: kind) }
        return table
    }

    private static func columns(_ kind: CatalogLine.Kind) -> [Table.Column] {
        let category = Table.text(kind == .app || isName(kind) ? "category" : "kind", rank: 2)
        var columns = [Table.text("id", least: 16), Table.text("name", least: 12, rank: 3)]
        if isName(kind) {
            columns =
                [
                    Table.text(kind.rawValue, least: 24), Table.text("match", rank: 1),
                    Table.text("role", rank: 1), Table.text("strength", rank: 1),
                    Table.text("shared", rank: 5),
                ] + columns
        }
        columns += [Table.text("vendor", rank: 4), Table.text("country", rank: 6), category]
        if !isName(kind) { columns.append(Table.text("known by", least: 16, rank: 5)) }
        return columns + [
            Table.text("checked", rank: 7), Table.text("line", least: 20, rank: 8),
            Table.text("source", least: 16, rank: 9),
        ]
    }

    /// A name an app is known by, not an entry.
    private static func isName(_ kind: CatalogLine.Kind) -> Bool {
        kind == .domain || kind == .endpoint
    }

    private static func cells(of line: CatalogLine, kind: CatalogLine.Kind) -> [Table.Cell] {
        func cell(_ text: String) -> Table.Cell { Table.Cell(text.isEmpty ? nil : text) }
        var cells = [cell(line.id), cell(line.name)]
        if isName(kind) {
            cells =
                [
                    cell(line.value), cell(line.match), cell(line.role), cell(line.strength),
                    cell(line.isShared ? "shared" : ""),
                ] + cells
        }
        cells += [cell(line.vendor), cell(line.country), cell(line.category)]
        if !isName(kind) { cells.append(cell(knownBy(line))) }
        return cells + [cell(line.checked), cell(line.origin.description), cell(line.source)]
    }

    private static func knownBy(_ line: CatalogLine) -> String {
        [line.match, line.strength, line.value].filter { !$0.isEmpty }.joined(separator: " ")
    }

    package static func json(of lines: [CatalogLine]) -> String {
        var out = JSONWriter(pretty: true)
        out.beginArray()
        for line in lines {
            out.beginObject()
            out.member("kind", line.kind.rawValue)
            out.member("id", line.id)
            out.member("name", line.name)
            out.member("vendor", line.vendor)
            out.member("country", orNull: line.country.isEmpty ? nil : line.country)
            out.member("category", line.category)
            out.member("known_by", line.value)
            out.member("match", orNull: line.match.isEmpty ? nil : line.match)
            out.member("role", orNull: line.role.isEmpty ? nil : line.role)
            out.member("strength", orNull: line.strength.isEmpty ? nil : line.strength)
            out.member("shared", line.isShared)
            out.member("checked", orNull: line.checked.isEmpty ? nil : line.checked)
            out.member("file", line.origin.file)
            out.member("line", line.origin.line)
            out.member("source", line.source)
            out.endObject()
        }
        out.endArray()
        return out.text + "\n"
    }
}
