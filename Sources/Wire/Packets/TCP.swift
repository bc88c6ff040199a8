/// Control bits of a TCP header (RFC 9293 §3.1).
package struct TCPFlags: OptionSet, BitwiseCopyable, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let fin = TCPFlags(rawValue: 1)
    package static let syn = TCPFlags(rawValue: 2)
    package static let rst = TCPFlags(rawValue: 4)
    package static let psh = TCPFlags(rawValue: 8)
    package static let ack = TCPFlags(rawValue: 16)
}

/// A TCP header (RFC 9293 §3.1).
struct TCPHeader {
    var sourcePort: UInt16
    var destinationPort: UInt16
    var sequence: UInt32
    var acknowledgment: UInt32
    /// Bytes in the header, 20...60; Data Offset counts 32-bit words.
    var headerBytes: Int
    var flags: TCPFlags
    var checksum: UInt16

    init(_ input: inout ByteReader) throws(ParseFailure) {
        sourcePort = try input.uint16()
        destinationPort = try input.uint16()
        sequence = try input.uint32()
        acknowledgment = try input.uint32()
        headerBytes = Int(try input.uint8() >> 4) * 4
        flags = TCPFlags(rawValue: try input.uint8())
        try input.skip(2)
        checksum = try input.uint16()
        try input.skip(2)
        guard headerBytes >= 20 else { throw .malformed(.badTCPHeader) }
        guard headerBytes - 20 <= input.remaining else { throw .needMore(headerBytes - 20) }
        try input.skip(headerBytes - 20)
    }
}
