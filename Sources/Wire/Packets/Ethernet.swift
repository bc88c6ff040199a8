/// Protocol numbers of IEEE 802 EtherType that Tyto follows.
enum EtherType: UInt16 {
    case ipv4 = 0x0800
    case arp = 0x0806
    case trill = 0x22f3
    case transparentBridging = 0x6558
    case vlan = 0x8100
    case ipv6 = 0x86dd
    case ppp = 0x880b
    case mplsUnicast = 0x8847
    case mplsMulticast = 0x8848
    case pppoeSession = 0x8864
    case providerBridge = 0x88a8
    case macsec = 0x88e5
    case backboneBridge = 0x88e7
    case trustSec = 0x8909
    case vntag = 0x8926
    case etag = 0x893f
    case nsh = 0x894f
    case vlan9100 = 0x9100
    case vlan9200 = 0x9200
    case vlan9300 = 0x9300
}

/// Ethernet and what stands between it and a network header.
extension PacketWalk {
    /// An Ethernet II or 802.3 header (IEEE 802.3 §3.1).
    mutating func ethernet(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        try input.skip(6)
        source = MACAddress(try input.uint48())
        return .type(try input.uint16())
    }

    /// What an EtherType announces: tags first, each with the next EtherType behind it.
    mutating func etherType(
        _ number: UInt16, _ input: inout ByteReader
    ) throws(ParseFailure) -> Layer {
        // Below 1536 it is a length, and LLC follows (IEEE 802.3 §3.2.6).
        if number < 0x0600 { return try logicalLink(&input) }
        switch EtherType(rawValue: number) {
        case .ipv4, .ipv6: return .ip
        case .arp: return .arp
        case .vlan, .providerBridge, .vlan9100, .vlan9200, .vlan9300:
            path.tag(try input.uint16() & 0xfff)
            return .type(try nextTag(&input))
        case .vntag:
            // Direction, destination and source interface: no network of its own.
            try input.skip(4)
            return .type(try nextTag(&input))
        case .etag:
            // IEEE 802.1BR §7.5: port ids of a bridge with its ports apart.
            try input.skip(6)
            return .type(try nextTag(&input))
        case .trustSec:
            // Version, and options of four bytes each (Cisco Meta Data).
            try input.skip(1)
            try input.skip(Int(try input.uint8()) * 4)
            return .type(try nextTag(&input))
        case .macsec: return try macsec(&input)
        case .backboneBridge:
            path.enterVirtualNetwork(try input.uint32() & 0xff_ffff)
            try countTag()
            return .ethernet
        case .trill:
            // RFC 6325 §3.1: version, options of four bytes each, egress and ingress.
            try input.skip(4 + Int(try input.uint16() >> 6 & 31) * 4)
            try countTag()
            return .ethernet
        case .transparentBridging: return .ethernet
        case .mplsUnicast, .mplsMulticast: return .mpls
        case .pppoeSession: return .pppoe
        case .ppp: return .ppp
        case .nsh: return .nsh
        case nil: return .done(.unsupportedNetwork)
        }
    }

    private mutating func nextTag(_ input: inout ByteReader) throws(ParseFailure) -> UInt16 {
        try countTag()
        return try input.uint16()
    }

    private mutating func countTag() throws(ParseFailure) {
        tagCount += 1
        guard tagCount <= Limits.standard.vlanTags else { throw .malformed(.tooDeep) }
    }

    /// IEEE 802.2 LLC: with SNAP (RFC 1042) an EtherType stands behind AA AA 03 and the OUI.
    mutating func logicalLink(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        switch (try input.uint8(), try input.uint8()) {
        case (0xaa, 0xaa):
            try input.skip(1)
            // 0000f8 is 802.1H's tunnel for the few that RFC 1042 would confuse.
            let organization = try input.uint24()
            let number = try input.uint16()
            guard organization == 0 || organization == 0xf8, number >= 0x0600 else {
                return .done(.unsupportedNetwork)
            }
            return .type(number)
        case (0x06, 0x06):
            // IP by its own SAP (RFC 948).
            try input.skip(1)
            return .ip
        default: return .done(.unsupportedNetwork)
        }
    }

    /// MACsec's tag (IEEE 802.1AE §9.3); the frame can be read when it is only signed.
    private mutating func macsec(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        let control = try input.uint8()
        try input.skip(5 + (control & 0x20 != 0 ? 8 : 0))
        guard control & 0x0c == 0 else { return .done(.encryptedLink) }
        return .type(try nextTag(&input))
    }

    /// A stack of MPLS labels (RFC 3032 §2.1); what is below is told by its first nibble. Labels
    /// separate no networks: each direction has its own.
    mutating func mpls(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        for _ in 0..<Limits.standard.labels where try input.uint32() & 0x100 != 0 {
            switch (input.peek() ?? 0) >> 4 {
            case 4, 6: return .ip
            case 0:
                // A pseudowire control word, then Ethernet (RFC 4448 §4.6); but a MAC address may
                // begin with a zero too.
                if input.mayBeEthernet(at: 0), !input.mayBeEthernet(at: 4) { return .ethernet }
                try input.skip(4)
                return .ethernet
            default: return .ethernet
            }
        }
        throw .malformed(.tooDeep)
    }

    /// A network service header, MD type 1 or 2 (RFC 8300 §2.2).
    mutating func nsh(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        let words = Int(try input.uint16() & 0x3f)
        try input.skip(1)
        let next = try input.uint8()
        guard words >= 2 else { throw .malformed(.badTunnelHeader) }
        try input.skip(words * 4 - 4)
        try countTag()
        return Self.layer(forNext: next)
    }

    /// Next protocol of NSH and VXLAN-GPE (IANA "NSH Next Protocol").
    static func layer(forNext number: UInt8) -> Layer {
        switch number {
        case 1, 2: .ip
        case 3: .ethernet
        case 4: .nsh
        case 5: .mpls
        default: .done(.unsupportedNetwork)
        }
    }
}

/// Whether what lies ahead can be what a port or label says it is.
extension ByteReader {
    /// The two bytes `ahead` from here.
    func word(at ahead: Int) -> UInt16? {
        guard let high = peek(ahead), let low = peek(ahead + 1) else { return nil }
        return UInt16(high) << 8 | UInt16(low)
    }

    /// Whether the next `count` bytes and `sum` come to all ones, as they do with their checksum
    /// among them (RFC 1071). True when they are not all here.
    func hasSum(of count: Int, startingAt sum: UInt64 = 0) -> Bool {
        guard count <= remaining else { return true }
        var sum = sum
        for at in stride(from: 0, to: count, by: 2) {
            sum += UInt64(peek(at) ?? 0) << 8 | (at + 1 < count ? UInt64(peek(at + 1) ?? 0) : 0)
        }
        while sum > 0xffff { sum = (sum >> 16) + (sum & 0xffff) }
        return sum == 0xffff
    }

    /// An Ethernet header with an EtherType that Tyto follows.
    func mayBeEthernet(at ahead: Int) -> Bool {
        guard let type = word(at: ahead + 12) else { return false }
        return EtherType(rawValue: type) != nil
            || type < 0x0600 && word(at: ahead + 14) == 0xaaaa
    }

    /// An IP header whose lengths fit into the `room` bytes from here.
    func mayBeIP(at ahead: Int, room: Int) -> Bool {
        guard let first = peek(ahead) else { return false }
        switch first >> 4 {
        case 4:
            guard first & 15 >= 5, let total = word(at: ahead + 2) else { return false }
            return (total == 0 || total >= 20) && ahead + Int(total) <= room
        case 6:
            guard let length = word(at: ahead + 4) else { return false }
            return ahead + 40 + Int(length) <= room
        default: return false
        }
    }
}
