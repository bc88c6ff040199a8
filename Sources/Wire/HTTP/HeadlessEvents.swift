/// Event streams whose head lies before the capture: they live for hours, and their first packet
/// that is seen mostly begins with a chunk.
extension HTTP1Dissector {
    /// Longest chunk size line that is looked for, without extensions: eight digits and the end.
    private static let sizeLine = 10
    private static let fields = ["event:", "data:", "id:", "retry:", ": "] as [StaticString]

    /// Whether the bytes begin with a chunk that begins with a line of an event stream (HTML
    /// standard §9.2.6, RFC 9112 §7.1): hardly anything else does.
    static func beginsWithEvents(_ opening: ByteReader) -> Likelihood {
        var digits = 0
        while let byte = opening.peek(digits), hexDigit(byte) != nil, digits < sizeLine {
            digits += 1
        }
        guard digits > 0, digits < sizeLine - 1 else { return .no }
        // Whoever sends the size alone sends the rest right after.
        guard opening.remaining >= digits + 4 else {
            let isSoFar =
                (opening.peek(digits) ?? 13) == 13 && (opening.peek(digits + 1) ?? 10) == 10
            return isSoFar ? .maybe : .no
        }
        guard opening.peek(digits) == 13, opening.peek(digits + 1) == 10 else { return .no }
        let line = opening.from(digits + 2)
        for field in fields where line.starts(with: field) { return .yes(.server) }
        return .no
    }
}
