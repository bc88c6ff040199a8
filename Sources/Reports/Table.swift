import Wire

/// Rows and columns of text, before anybody decided how they look.
package struct Table: Sendable {
    package struct Column: Sendable {
        package var name: String
        /// Numbers stand at the right.
        package var isNumber: Bool
        /// The fewest characters it may be cut to when the terminal is narrow.
        package var least: Int
        /// Which columns a narrow terminal does without: the highest go first, 0 stays.
        package var rank: Int
    }
    package struct Cell: Sendable {
        /// For people.
        package var text: String
        /// For programs, where that differs: bytes as a number.
        package var raw: String
    }
    package var columns: [Column]
    package var rows: [[Cell]] = []

    init(_ columns: [Column]) { self.columns = columns }

    static func text(_ name: String, least: Int = 8, rank: Int = 0) -> Column {
        Column(name: name, isNumber: false, least: max(least, name.count), rank: rank)
    }

    static func number(_ name: String, rank: Int = 0) -> Column {
        Column(name: name, isNumber: true, least: name.count, rank: rank)
    }
}

extension Table.Cell: ExpressibleByStringLiteral {
    package init(stringLiteral value: String) { self.init(value) }

    init(_ value: String?) {
        text = value ?? "-"
        raw = value ?? ""
    }

    init(_ value: Int) {
        text = String(value)
        raw = String(value)
    }

    init(_ values: [String]) {
        text = values.isEmpty ? "-" : values.joined(separator: ", ")
        raw = values.joined(separator: " ")
    }

    init(_ time: Timestamp) {
        text = String(time.rfc3339.prefix(19)).replacing("T", with: " ")
        raw = time.rfc3339
    }

    /// Bytes: `12.3 kB` for people, the number for programs.
    init(bytes: Int) {
        text = Words.bytes(bytes)
        raw = String(bytes)
    }
}

/// Text from the wire, made fit to be shown: what a stranger wrote may not steer a terminal or a
/// page.
package enum Words {
    /// Control characters, line ends and marks that turn the writing direction become `·`.
    package static func harmless(_ text: String) -> String {
        if isPlain(text) { return text }
        var out = String.UnicodeScalarView()
        for scalar in text.unicodeScalars { out.append(isHarmful(scalar) ? "·" : scalar) }
        return String(out)
    }

    /// The text made harmless, and the columns it takes.
    static func measured(_ text: String) -> (text: String, width: Int) {
        if isPlain(text) { return (text, text.utf8.count) }
        let harmless = harmless(text)
        return (harmless, width(harmless))
    }

    /// Printable ASCII throughout, as most text is: each byte is harmless, and a column wide.
    private static func isPlain(_ text: String) -> Bool {
        let bytes = text.utf8.span
        for index in bytes.indices where !(0x20...0x7e ~= bytes[index]) { return false }
        return true
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse,
            .unassigned:
            return true
        default: return false
        }
    }

    /// Columns the text takes on a terminal.
    package static func width(_ text: String) -> Int {
        isPlain(text) ? text.utf8.count : text.unicodeScalars.reduce(0) { $0 + width($1) }
    }

    private static func width(_ scalar: Unicode.Scalar) -> Int {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        // East Asian wide and emoji blocks (UAX 11).
        switch scalar.value {
        case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0x9fff,
            0xa000...0xa4cf, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60,
            0xffe0...0xffe6, 0x1f300...0x1f64f, 0x1f900...0x1f9ff, 0x20000...0x3fffd:
            return 2
        default: return 1
        }
    }

    /// The text in at most `columns` columns, `…` at its end when it was cut.
    package static func fitted(_ text: String, _ columns: Int) -> String {
        guard width(text) > columns else { return text }
        if isPlain(text), columns > 0 {
            return String(Substring(text.utf8.prefix(columns - 1))) + "…"
        }
        var out = ""
        var used = 1
        for character in text {
            let more = width(String(character))
            if used + more > columns { break }
            out.append(character)
            used += more
        }
        return out + "…"
    }

    package static func bytes(_ count: Int) -> String {
        let units = ["B", "kB", "MB", "GB", "TB", "PB"]
        var tenths = count
        var unit = 0
        guard count >= 1000 else { return "\(count) B" }
        tenths = count * 10
        while tenths >= 10_000, unit < units.count - 1 {
            tenths /= 1000
            unit += 1
        }
        return "\(tenths / 10).\(tenths % 10) \(units[unit])"
    }

    package static func plural(_ count: Int, _ one: String, _ many: String? = nil) -> String {
        "\(count) \(count == 1 ? one : many ?? one + "s")"
    }
}
