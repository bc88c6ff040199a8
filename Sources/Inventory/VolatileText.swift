/// A text with a date or a count in it, which is another each time it is told.
enum VolatileText {
    /// Bytes of a text from which on rows may hold no more than its beginning.
    private static let wholeBytes = 4000
    private static let times: Set<String> = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec",
        "january", "february", "march", "april", "june", "july", "august", "september", "october",
        "november", "december", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "monday",
        "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "am", "pm",
    ]

    /// Whether two texts differ in numbers, and the names of days and months, alone. False where
    /// one of them may not be known to its end.
    static func isSame(_ one: String?, _ other: String?) -> Bool {
        guard let one, let other, one.utf8.count < wholeBytes, other.utf8.count < wholeBytes else {
            return false
        }
        return masked(one) == masked(other)
    }

    /// The text with `0` for each number, and `@` for each name of a day or a month.
    static func masked(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        var out: [UInt8] = []
        out.reserveCapacity(bytes.count)
        var at = 0
        while at < bytes.count {
            let start = at
            if isDigit(bytes[at]) {
                // 1,234.5 and 12:30:01 are one number each, as 7 is.
                while at < bytes.count,
                    isDigit(bytes[at])
                        || (at + 1 < bytes.count && isDigit(bytes[at + 1])
                            && [44, 46, 58].contains(bytes[at]))
                {
                    at += 1
                }
                out.append(UInt8(ascii: "0"))
            } else if isLetter(bytes[at]) {
                while at < bytes.count, isLetter(bytes[at]) { at += 1 }
                let word = bytes[start..<at]
                let isTime =
                    word.count <= 9
                    && times.contains(String(decoding: word.map { $0 | 0x20 }, as: UTF8.self))
                out += isTime ? [UInt8(ascii: "@")] : Array(word)
            } else {
                out.append(bytes[at])
                at += 1
            }
        }
        return out
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 0x20) }
}
