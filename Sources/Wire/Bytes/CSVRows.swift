/// The rows of a table as text (RFC 4180), with the lines they begin in.
package struct CSVRows {
    package struct Row {
        package var line: Int
        package var fields: [String]
    }
    /// A quote that no other one closes.
    package struct Unclosed: Error {
        /// Where the row begins that it stands in.
        package var line: Int
    }
    /// Those that are not blank.
    package private(set) var rows: [Row] = []

    private var fields: [String] = []
    private var field: [UInt8] = []
    private var wasQuoted = false

    /// Quoted fields may hold separators, line ends and doubled quotes (§2); blanks around others
    /// are no part of them. Lines end with LF, CRLF or CR.
    package init(_ text: String, separator: UInt8 = UInt8(ascii: ",")) throws(Unclosed) {
        var bytes = Array(text.utf8)[...]
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes = bytes.dropFirst(3) }
        var (line, start, isQuoted) = (1, 1, false)
        while let byte = bytes.popFirst() {
            let isEnd = byte == 10 || byte == 13 && bytes.first != 10
            if isEnd { line += 1 }
            if isQuoted {
                if byte != UInt8(ascii: "\"") {
                    field.append(byte)
                } else if bytes.first == byte {
                    field.append(bytes.removeFirst())
                } else {
                    isQuoted = false
                }
            } else if byte == UInt8(ascii: "\""), !wasQuoted, field.allSatisfy({ $0 == 32 }) {
                (isQuoted, wasQuoted, field) = (true, true, [])
            } else if byte == separator {
                endField()
            } else if isEnd {
                endRow(start)
                start = line
            } else if byte != 13 {
                field.append(byte)
            }
        }
        guard !isQuoted else { throw Unclosed(line: start) }
        endRow(start)
    }

    private mutating func endField() {
        var text = field[...]
        if !wasQuoted {
            while let last = text.last, last == 32 || last == 9 { text.removeLast() }
            text = text.drop { $0 == 32 || $0 == 9 }
        }
        fields.append(String(decoding: text, as: UTF8.self))
        (field, wasQuoted) = ([], false)
    }

    private mutating func endRow(_ line: Int) {
        endField()
        if fields != [""] { rows.append(Row(line: line, fields: fields)) }
        fields = []
    }
}
