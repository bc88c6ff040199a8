/// Messages of Protocol Buffers (https://protobuf.dev/programming-guides/encoding): fields in any
/// order, each behind its number and the way its value is written. Read where they stand; no tree
/// is built, and who reads a message within a message is as deep as its own code.
struct ProtobufReader: ~Escapable {
    /// How the value at hand is written.
    private enum Form: UInt8 {
        case varint = 0
        case eightBytes = 1
        case bytes = 2
        case fourBytes = 5
    }

    private var input: ByteReader
    /// The message was cut off, so its last field may be longer than what is there.
    private let isTruncated: Bool
    private var form = Form.varint

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, isTruncated: Bool = false) {
        input = ByteReader(bytes)
        self.isTruncated = isTruncated
    }

    /// The number of the next field, 1...2^29 - 1, whose value is then to be read or passed over;
    /// nil at the message's end.
    mutating func nextField() throws(ParseFailure) -> Int? {
        guard !input.isAtEnd else { return nil }
        let key = try varint()
        // Groups are of before 2010, and nobody writes them.
        guard let form = Form(rawValue: UInt8(key & 7)), key >> 3 > 0, key >> 3 < 1 << 29 else {
            throw .malformed(.badProtobuf)
        }
        self.form = form
        return Int(key >> 3)
    }

    /// Whether the value at hand is a message, a text or bytes.
    var holdsBytes: Bool { form == .bytes }

    mutating func skipValue() throws(ParseFailure) {
        switch form {
        case .varint: _ = try varint()
        case .eightBytes: try input.skip(8)
        case .fourBytes: try input.skip(4)
        case .bytes: try input.skip(try length())
        }
    }

    /// A number, an enumeration or a Boolean; nil for a value of another form, which is passed
    /// over.
    mutating func numberIfPresent() throws(ParseFailure) -> UInt64? {
        guard form == .varint else {
            try skipValue()
            return nil
        }
        return try varint()
    }

    /// The first `limit` bytes of a text; nil for a value of another form, which is passed over.
    /// What is no UTF-8 is no text, and then the message is another than it was taken for.
    mutating func textIfPresent(limit: Int) throws(ParseFailure) -> String? {
        guard form == .bytes else {
            try skipValue()
            return nil
        }
        let count = try length()
        guard count <= input.remaining else { throw .needMore(count - input.remaining) }
        let bytes = input.array(count)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw .malformed(.badProtobuf)
        }
        return count <= limit ? text : String(decoding: bytes.prefix(limit), as: UTF8.self)
    }

    /// The message within; of one that was cut off, what is there. Only where `holdsBytes`.
    @_lifetime(copy self)
    mutating func message() throws(ParseFailure) -> ProtobufReader {
        let count = form == .bytes ? try length() : 0
        let isCut = count > input.remaining
        guard !isCut || isTruncated else { throw .malformed(.shortInside) }
        return ProtobufReader(input.span(count), isTruncated: isCut)
    }

    private mutating func length() throws(ParseFailure) -> Int {
        let count = try varint()
        guard count <= UInt64(UInt32.max) else { throw .malformed(.badProtobuf) }
        return Int(count)
    }

    /// At most ten bytes, seven bits each, the lowest first; bits beyond the 64th are lost.
    private mutating func varint() throws(ParseFailure) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), through: 63, by: 7) {
            let byte = try input.uint8()
            value |= UInt64(byte & 0x7f) << shift
            if byte & 0x80 == 0 { return value }
        }
        throw .malformed(.badProtobuf)
    }
}
