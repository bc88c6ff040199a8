import Wire

/// Addresses and endpoints read back from the text of rows, as `description` wrote it.
///
/// There are many and nearly all are IPv4; what else they may be the types themselves read.
extension IPAddress {
    init?(stored text: String) {
        let bytes = text.utf8.span
        if let v4 = StoredText.v4(bytes, 0..<bytes.count) {
            self.init(v4: v4)
        } else {
            self.init(text)
        }
    }
}

extension Endpoint {
    init?(stored text: String) {
        let bytes = text.utf8.span
        var colon = bytes.count
        while colon > 0, bytes[colon - 1] != UInt8(ascii: ":") { colon -= 1 }
        if colon > 0, let v4 = StoredText.v4(bytes, 0..<colon - 1),
            let port = StoredText.number(bytes, colon..<bytes.count, most: 65_535)
        {
            self.init(IPAddress(v4: v4), UInt16(truncatingIfNeeded: port))
        } else {
            self.init(text)
        }
    }
}

private enum StoredText {
    /// Decimal digits, without a leading zero.
    static func number(_ bytes: Span<UInt8>, _ range: Range<Int>, most: UInt32) -> UInt32? {
        guard 1...5 ~= range.count, range.count == 1 || bytes[range.lowerBound] != 48 else {
            return nil
        }
        var value: UInt32 = 0
        for index in range {
            guard 48...57 ~= bytes[index] else { return nil }
            value = value * 10 + UInt32(bytes[index] - 48)
        }
        return value <= most ? value : nil
    }

    static func v4(_ bytes: Span<UInt8>, _ range: Range<Int>) -> UInt32? {
        var value: UInt32 = 0
        var start = range.lowerBound
        for part in 0..<4 {
            var end = start
            while end < range.upperBound, bytes[end] != UInt8(ascii: ".") { end += 1 }
            guard (part == 3) == (end == range.upperBound),
                let octet = number(bytes, start..<end, most: 255)
            else { return nil }
            value = value << 8 | octet
            start = end + 1
        }
        return value
    }
}
