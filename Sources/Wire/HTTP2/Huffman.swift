/// The Huffman code of HPACK (RFC 7541 §5.2, Appendix B).
enum Huffman {
    /// Bits of each byte's code, and of the end's behind them. Codes of one length follow each
    /// other in the order of their bytes, so nothing else is needed to know them.
    private static let lengths: [UInt8] = [
        13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
        28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
        6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6,
        5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12, 10,
        13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7,
        7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6,
        15, 5, 6, 5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5,
        6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28,
        20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
        24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
        22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
        21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
        26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
        19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
        20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
        26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
        30,
    ]

    private static let end = 256
    private static let longest = 30

    /// By length: the first code, how many there are, and where their symbols stand.
    private struct Row {
        var first: UInt32 = 0
        var count: UInt32 = 0
        var place = 0
    }

    private static let symbols: [UInt16] = lengths.indices.sorted {
        (lengths[$0], $0) < (lengths[$1], $1)
    }.map { UInt16($0) }

    private static let rows: [Row] = {
        var rows = [Row](repeating: Row(), count: longest + 1)
        for length in lengths { rows[Int(length)].count += 1 }
        for bits in 1...longest {
            rows[bits].first = (rows[bits - 1].first + rows[bits - 1].count) << 1
            rows[bits].place = rows[bits - 1].place + Int(rows[bits - 1].count)
        }
        return rows
    }()

    /// Writes out what `count` bytes at the reader stand for. Padding is less than a byte, of ones
    /// (RFC 7541 §5.2); the end's code within is an error.
    static func decode(_ input: inout ByteReader, _ count: Int) throws(ParseFailure) -> [UInt8] {
        var bytes = try input.take(count)
        var text: [UInt8] = []
        // The shortest code has five bits.
        text.reserveCapacity(count * 8 / 5 + 1)
        var code: UInt32 = 0
        var bits = 0
        while !bytes.isAtEnd {
            let byte = try bytes.uint8()
            for shift in stride(from: 7, through: 0, by: -1) {
                code = code << 1 | UInt32(byte >> UInt8(shift) & 1)
                bits += 1
                guard bits <= longest else { throw .malformed(.badHPACK) }
                let row = rows[bits]
                guard code >= row.first, code - row.first < row.count else { continue }
                let symbol = symbols[row.place + Int(code - row.first)]
                guard symbol != end else { throw .malformed(.badHPACK) }
                text.append(UInt8(truncatingIfNeeded: symbol))
                (code, bits) = (0, 0)
            }
        }
        guard bits < 8, code == (1 << UInt32(bits)) - 1 else { throw .malformed(.badHPACK) }
        return text
    }
}
