import Codecs

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
        let (left, right) = (one.utf8.span, other.utf8.span)
        // What is the same is not looked at by its words, back to the one that is not.
        var same = 0
        while same < left.count, same < right.count, left[same] == right[same] { same += 1 }
        while same > 0, isPart(left[same - 1]) { same -= 1 }
        var (here, there) = (same, same)
        while here < left.count, there < right.count {
            let (start, begin) = (here, there)
            let (kind, otherKind) = (next(left, &here), next(right, &there))
            guard kind == otherKind else { return false }
            // Most changes are told by the first word that is another.
            if kind == .text,
                !left.extracting(start..<here).equals(right.extracting(begin..<there))
            {
                return false
            }
        }
        return here == left.count && there == right.count
    }

    private enum Part { case number, time, text }

    /// What stands at a place, which is moved behind it: a number, a word, or one other byte.
    private static func next(_ bytes: Span<UInt8>, _ at: inout Int) -> Part {
        let start = at
        if isDigit(bytes[at]) {
            // 1,234.5 and 12:30:01 are one number each, as 7 is.
            while at < bytes.count,
                isDigit(bytes[at])
                    || at + 1 < bytes.count && isDigit(bytes[at + 1]) && isMark(bytes[at])
            {
                at += 1
            }
            return .number
        }
        guard isLetter(bytes[at]) else {
            at += 1
            return .text
        }
        while at < bytes.count, isLetter(bytes[at]) { at += 1 }
        guard at - start <= 9 else { return .text }
        let word = (start..<at).map { bytes[$0] | 0x20 }
        return times.contains(String(decoding: word, as: UTF8.self)) ? .time : .text
    }

    /// Of a number or a word, maybe: what stands behind any other byte begins anew.
    private static func isPart(_ byte: UInt8) -> Bool {
        isDigit(byte) || isLetter(byte) || isMark(byte)
    }

    private static func isMark(_ byte: UInt8) -> Bool { byte == 44 || byte == 46 || byte == 58 }
    private static func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
    private static func isLetter(_ byte: UInt8) -> Bool { (97...122).contains(byte | 0x20) }
}
