/// A table for a terminal: aligned columns, never wider than the window.
package enum TableText {
    private static let gap = 2

    package static func render(_ table: Table, width: Int) -> String {
        guard !table.rows.isEmpty else { return "nothing\n" }
        return lines(table, width: width).joined(separator: "\n") + "\n"
    }

    /// A text fit to be shown, and the columns it takes.
    private struct Cell {
        var text: String
        var width: Int

        init(_ text: String) { (self.text, width) = Words.measured(text) }
    }

    /// The heading, a line for each row, and the names of columns that did not fit.
    static func lines(_ table: Table, width: Int) -> [String] {
        let cells = table.rows.map { row in row.map { Cell($0.text) } }
        var widths = table.columns.map { Words.width($0.name) }
        for row in cells {
            for column in widths.indices {
                widths[column] = max(widths[column], row[column].width)
            }
        }
        let shown = fitting(table.columns, widths, width)
        let columns = shown.map { table.columns[$0] }
        widths = shown.map { widths[$0] }
        shrink(&widths, columns, to: width)
        var lines = [line(columns.map { Cell($0.name.uppercased()) }, columns, widths)]
        lines.reserveCapacity(cells.count + 2)
        for row in cells { lines.append(line(shown.map { row[$0] }, columns, widths)) }
        let hidden = table.columns.indices.filter { !shown.contains($0) }
        if !hidden.isEmpty {
            let names = hidden.map { table.columns[$0].name }.joined(separator: ", ")
            lines.append(Words.fitted("(in a wider window: \(names))", width))
        }
        return lines
    }

    /// The columns that fit at the least they may be cut to: what is least missed goes first.
    private static func fitting(
        _ columns: [Table.Column], _ widths: [Int], _ limit: Int
    ) -> [Int] {
        var shown = Array(columns.indices)
        func needed() -> Int {
            shown.reduce(gap * (shown.count - 1)) { $0 + least(widths[$1], columns[$1]) }
        }
        while needed() > limit,
            let lowest = shown.filter({ columns[$0].rank > 0 })
                .max(by: { columns[$0].rank <= columns[$1].rank })
        {
            shown.removeAll { $0 == lowest }
        }
        return shown
    }

    /// A number is whole or it lies: it is never cut.
    private static func least(_ width: Int, _ column: Table.Column) -> Int {
        column.isNumber ? width : min(width, column.least)
    }

    /// Takes from the widest column, as long as it is wider than it must be.
    private static func shrink(_ widths: inout [Int], _ columns: [Table.Column], to limit: Int) {
        while widths.reduce(0, +) + gap * (widths.count - 1) > limit {
            let candidates = widths.indices.filter {
                widths[$0] > least(widths[$0], columns[$0])
            }
            guard let widest = candidates.max(by: { widths[$0] < widths[$1] }) else { return }
            widths[widest] -= 1
        }
    }

    private static func line(_ cells: [Cell], _ columns: [Table.Column], _ widths: [Int])
        -> String
    {
        // Bytes, and a text of them at the end: a text that grows is moved again and again.
        var out: [UInt8] = []
        out.reserveCapacity(widths.reduce(0) { $0 + $1 + gap })
        for (index, cell) in cells.enumerated() {
            let isCut = cell.width > widths[index]
            let text = isCut ? Words.fitted(cell.text, widths[index]) : cell.text
            let blank = max(0, widths[index] - (isCut ? Words.width(text) : cell.width))
            let isLast = index == cells.count - 1
            if columns[index].isNumber { append(blanks: blank, to: &out) }
            out += text.utf8
            if isLast { break }
            append(blanks: (columns[index].isNumber ? 0 : blank) + gap, to: &out)
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func append(blanks count: Int, to out: inout [UInt8]) {
        for _ in 0..<count { out.append(UInt8(ascii: " ")) }
    }
}

/// A table as comma-separated values (RFC 4180).
package enum CSVText {
    package static func render(_ table: Table) -> String {
        var lines = [table.columns.map { field($0.name.replacing(" ", with: "_")) }]
        lines += table.rows.map { row in row.map { field($0.raw) } }
        return lines.map { $0.joined(separator: ",") + "\r\n" }.joined()
    }

    /// Quoted where it must be; a leading `=`, `+`, `-` or `@` is kept from becoming a formula.
    private static func field(_ text: String) -> String {
        var value = Words.harmless(text)
        if let first = value.first, "=+-@\t\r".contains(first) { value = "'" + value }
        guard value.contains(where: { ",\"\r\n".contains($0) }) else { return value }
        return "\"" + value.replacing("\"", with: "\"\"") + "\""
    }
}
