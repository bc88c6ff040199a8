/// Elements of DER and of the BER that LDAP and Kerberos send (X.690 §8.1): a tag, a length, and
/// what it holds. Only definite lengths are read, and only tags of one byte, for these protocols
/// have no others.
extension ByteReader {
    /// The next element's tag and the bytes it holds, which come next; none may be longer than what
    /// it stands in.
    mutating func elementHead() throws(ParseFailure) -> (tag: UInt8, length: Int) {
        let tag = try uint8()
        guard tag & 0x1f != 0x1f else { throw .malformed(.badDER) }
        let first = try uint8()
        guard first >= 0x80 else { return (tag, Int(first)) }
        guard (0x81...0x84).contains(first) else { throw .malformed(.badDER) }
        var length = 0
        for _ in 0..<(first & 0x7f) { length = length << 8 | Int(try uint8()) }
        return (tag, length)
    }

    /// What the next element holds, which must have that tag.
    @_lifetime(copy self)
    mutating func element(_ tag: UInt8) throws(ParseFailure) -> ByteReader {
        let (found, length) = try elementHead()
        guard found == tag else { throw .malformed(.badDER) }
        return try take(length)
    }

    /// A small number that an element with that tag holds.
    mutating func elementNumber(_ tag: UInt8) throws(ParseFailure) -> Int {
        var body = try element(tag)
        guard (1...4).contains(body.remaining) else { throw .malformed(.badDER) }
        var value = body.peek().map { $0 & 0x80 == 0 ? 0 : -1 } ?? 0
        while !body.isAtEnd { value = value << 8 | Int(try body.uint8()) }
        return value
    }
}
