/// Protocol numbers of IP that Tyto follows (IANA protocol-numbers).
enum IPProtocol {
    static let hopByHop: UInt8 = 0
    static let ipv4: UInt8 = 4
    static let tcp: UInt8 = 6
    static let udp: UInt8 = 17
    static let ipv6: UInt8 = 41
    static let routing: UInt8 = 43
    static let fragment: UInt8 = 44
    static let gre: UInt8 = 47
    static let authentication: UInt8 = 51
    static let icmpv6: UInt8 = 58
    static let destinationOptions: UInt8 = 60
    static let etherIP: UInt8 = 97
    static let mobility: UInt8 = 135
    static let mpls: UInt8 = 137
    static let hip: UInt8 = 139
    static let shim6: UInt8 = 140
}

/// What either IP version says of a packet.
struct IPHeader: BitwiseCopyable {
    /// Where a fragment belongs in its datagram (RFC 791 §2.3, RFC 8200 §4.5).
    struct Fragment: BitwiseCopyable {
        var identification: UInt32
        /// Bytes before this fragment's.
        var offset: Int
        var isLast: Bool
    }

    var source: IPAddress
    var destination: IPAddress
    /// The protocol behind all headers.
    var next: UInt8
    /// Bytes behind the headers by the packet's own account; nil when it gives none (GSO,
    /// jumbograms).
    var payloadBytes: Int?
    /// Set when the packet is one of several fragments.
    var fragment: Fragment?
    /// Identification of an IPv4 packet, 0 for none.
    var identification: UInt16 = 0
    /// TTL, or hop limit of IPv6.
    var timeToLive: UInt8 = 0

    /// Reads an IPv4 header with its options (RFC 791 §3.1).
    init(v4 input: inout ByteReader) throws(ParseFailure) {
        let first = try input.uint8()
        let headerBytes = Int(first & 15) * 4
        guard first >> 4 == 4, headerBytes >= 20 else { throw .malformed(.badIPHeader) }
        try input.skip(1)
        let total = Int(try input.uint16())
        identification = try input.uint16()
        let bits = try input.uint16()
        timeToLive = try input.uint8()
        next = try input.uint8()
        try input.skip(2)
        source = IPAddress(v4: try input.uint32())
        destination = IPAddress(v4: try input.uint32())
        try input.skip(headerBytes - 20)
        if bits & 0x3fff != 0 {
            fragment = Fragment(
                identification: UInt32(identification), offset: Int(bits & 0x1fff) * 8,
                isLast: bits & 0x2000 == 0)
        }
        // Zero: the card segmented it later, the captured length is the truth.
        guard total == 0 || total >= headerBytes else { throw .malformed(.badIPHeader) }
        payloadBytes = total == 0 ? nil : total - headerBytes
    }

    /// Reads an IPv6 header and its extension headers (RFC 8200 §§3-4).
    init(v6 input: inout ByteReader) throws(ParseFailure) {
        guard try input.uint32() >> 28 == 6 else { throw .malformed(.badIPHeader) }
        let length = Int(try input.uint16())
        next = try input.uint8()
        timeToLive = try input.uint8()
        source = IPAddress(high: try input.uint64(), low: try input.uint64())
        destination = IPAddress(high: try input.uint64(), low: try input.uint64())
        // `::ffff:a.b.c.d` is IPv4's here, and never on a wire (RFC 6890 §2.2.3): a packet that
        // says so would speak for a host that did not send it.
        guard !source.isV4, !destination.isV4 else { throw .malformed(.badIPHeader) }
        payloadBytes = length == 0 ? nil : length
        try readExtensions(&input)
    }

    /// Reads IPv6 extension headers up to a fragment's payload or the transport header.
    mutating func readExtensions(_ input: inout ByteReader) throws(ParseFailure) {
        var count = 0
        while fragment == nil, let bytes = try extensionHeader(&input) {
            count += 1
            guard count <= Limits.standard.extensionHeaders else { throw .malformed(.tooDeep) }
            if let left = payloadBytes {
                guard bytes <= left else { throw .malformed(.badIPHeader) }
                payloadBytes = left - bytes
            }
        }
    }

    /// Reads one extension header; nil when `next` is not one. Returns its bytes.
    private mutating func extensionHeader(
        _ input: inout ByteReader
    ) throws(ParseFailure) -> Int? {
        switch next {
        case IPProtocol.hopByHop, IPProtocol.routing, IPProtocol.destinationOptions,
            IPProtocol.mobility, IPProtocol.hip, IPProtocol.shim6:
            next = try input.uint8()
            let bytes = (Int(try input.uint8()) + 1) * 8
            try input.skip(bytes - 2)
            return bytes
        case IPProtocol.authentication:
            next = try input.uint8()
            let bytes = (Int(try input.uint8()) + 2) * 4
            try input.skip(bytes - 2)
            return bytes
        case IPProtocol.fragment:
            next = try input.uint8()
            try input.skip(1)
            let bits = try input.uint16()
            let identification = try input.uint32()
            // Neither offset nor more: an atomic fragment is whole (RFC 6946).
            if bits & 0xfff9 != 0 {
                fragment = Fragment(
                    identification: identification, offset: Int(bits & 0xfff8),
                    isLast: bits & 1 == 0)
            }
            return 8
        default: return nil
        }
    }
}
