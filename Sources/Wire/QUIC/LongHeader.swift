/// The header of a packet before the keys of its connection are made (RFC 8999 §5.1, RFC 9000
/// §17.2), as positions in its datagram.
///
///     Long Header Packet {
///       Header Form (1) = 1, Fixed Bit (1) = 1, Long Packet Type (2), Type-Specific Bits (4),
///       Version (32),
///       Destination Connection ID Length (8), Destination Connection ID (0..160),
///       Source Connection ID Length (8), Source Connection ID (0..160),
///       Type-Specific Payload (..),
///     }
struct LongHeader {
    enum Kind {
        case initial, zeroRTT, handshake, retry, negotiation
        /// Of a version that is not read: where it ends is not known.
        case unknown
    }

    /// RFC 9000 §17.2.
    static let idLimit = 20

    let kind: Kind
    let version: QUICVersion
    /// Where the packet begins.
    let start: Int
    let destination: Range<Int>
    /// A Retry or a NEW_TOKEN of the server gave the client something to show.
    let hasToken: Bool
    /// Where the packet number begins, of one to four bytes, still masked.
    let numberStart: Int
    /// One beyond the packet's last byte: another may follow (RFC 9000 §12.2).
    let end: Int

    /// Whether a datagram begins with a long header; also those of Google's that are laid out
    /// otherwise.
    static func begins(_ input: borrowing ByteReader) -> Bool {
        input.peek().map { $0 & 0x80 != 0 } ?? false
    }

    /// Reads a header, and moves to the end of its packet.
    init(parsing input: inout ByteReader) throws(ParseFailure) {
        start = input.offset
        let first = try input.uint8()
        version = QUICVersion(try input.uint32())
        let destinationBytes = Int(try input.uint8())
        destination = input.offset..<(input.offset + destinationBytes)
        try input.skip(destinationBytes)
        let sourceBytes = Int(try input.uint8())
        try input.skip(sourceBytes)
        kind = LongHeader.kind(first, version)
        guard
            kind == .negotiation || kind == .unknown
                || max(destinationBytes, sourceBytes) <= LongHeader.idLimit
        else { throw .malformed(.badQUIC) }
        let tokenBytes = kind == .initial ? try input.variable() : 0
        hasToken = tokenBytes > 0
        try input.skip(tokenBytes)
        switch kind {
        case .initial, .zeroRTT, .handshake:
            let length = try input.variable()
            numberStart = input.offset
            try input.skip(length)
        case .retry, .negotiation, .unknown:
            numberStart = input.offset
            try input.skip(input.remaining)
        }
        end = input.offset
    }

    /// RFC 9000 §17.2, and RFC 9369 §3.2 for version 2.
    static func kind(_ first: UInt8, _ version: QUICVersion) -> Kind {
        if version == .negotiation { return .negotiation }
        guard
            version.layout == .standard && !version.isReserved
                || version.layout == .googleFrames
        else { return .unknown }
        let type = first >> 4 & 3
        switch version.isSecond ? type &- 1 & 3 : type {
        case 0: return .initial
        case 1: return .zeroRTT
        case 2: return .handshake
        default: return .retry
        }
    }
}

extension ByteReader {
    /// A variable-length integer (RFC 9000 §16).
    mutating func variable() throws(ParseFailure) -> Int {
        let first = try uint8()
        var value = Int(first & 0x3f)
        for _ in 1..<(1 << Int(first >> 6)) { value = value << 8 | Int(try uint8()) }
        return value
    }
}
