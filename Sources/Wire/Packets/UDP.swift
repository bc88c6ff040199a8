/// A UDP header (RFC 768).
struct UDPHeader {
    var sourcePort: UInt16
    var destinationPort: UInt16
    /// Payload bytes by the header's account; nil for a jumbogram's zero (RFC 2675 §4).
    var payloadBytes: Int?
    /// 0 for none.
    var checksum: UInt16

    init(_ input: inout ByteReader) throws(ParseFailure) {
        sourcePort = try input.uint16()
        destinationPort = try input.uint16()
        let length = Int(try input.uint16())
        checksum = try input.uint16()
        guard length == 0 || length >= 8 else { throw .malformed(.badUDPHeader) }
        payloadBytes = length == 0 ? nil : length - 8
    }
}
