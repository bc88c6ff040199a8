/// How captures begin their packets (https://www.tcpdump.org/linktypes.html).
extension PacketWalk {
    mutating func linkLayer(
        _ link: LinkType, _ input: inout ByteReader
    ) throws(ParseFailure) -> Layer {
        switch link.number {
        case 1: return .ethernet
        case 12, 14, 101, 228, 229: return .ip
        case 0, 108:
            // The family is in host order of the capturing machine, and its value its own.
            try input.skip(4)
            return Self.isIP(input) ? .ip : .done(.unsupportedNetwork)
        case 9, 50: return .ppp
        case 166, 204:
            // The direction, then PPP (LINKTYPE_PPP_PPPD, LINKTYPE_PPP_WITH_DIR).
            try input.skip(1)
            return .ppp
        case 51: return .pppoe
        case 100: return try logicalLink(&input)
        case 104: return try ciscoHDLC(&input)
        case 205:
            try input.skip(1)
            return try ciscoHDLC(&input)
        case 105: return .wireless
        case 119, 163: return try prism(&input)
        case 127: return try radiotap(&input)
        case 192: return try perPacketHeader(&input)
        case 113: return try cooked(&input)
        case 219: return .mpls
        case 239: return try netfilterLog(&input)
        case 276: return try cooked2(&input)
        default: return .done(.unsupportedLink)
        }
    }

    static func isIP(_ input: borrowing ByteReader) -> Bool {
        let version = (input.peek() ?? 0) >> 4
        return version == 4 || version == 6
    }

    /// Packet type, ARPHRD, address length, address, EtherType (LINKTYPE_LINUX_SLL).
    private mutating func cooked(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        try input.skip(4)
        let length = try input.uint16()
        let address = try input.uint48()
        if length == 6 { source = MACAddress(address) }
        try input.skip(2)
        return .type(try input.uint16())
    }

    /// EtherType, interface, ARPHRD, packet type, address (LINKTYPE_LINUX_SLL2).
    private mutating func cooked2(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        let type = try input.uint16()
        try input.skip(9)
        let length = try input.uint8()
        let address = try input.uint48()
        if length == 6 { source = MACAddress(address) }
        try input.skip(2)
        return .type(type)
    }

    /// Address, control and an EtherType (LINKTYPE_C_HDLC).
    private func ciscoHDLC(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        try input.skip(2)
        let number = try input.uint16()
        return number < 0x0600 ? .done(.unsupportedNetwork) : .type(number)
    }

    /// A PPPoE session header (RFC 2516 §4).
    func pppoe(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        guard try input.uint8() == 0x11 else { throw .malformed(.badTunnelHeader) }
        guard try input.uint8() == 0 else { return .done(.unsupportedNetwork) }
        try input.skip(4)
        return .ppp
    }

    /// PPP, with or without its HDLC address, and with a short or long protocol (RFC 1661 §2 and
    /// §6.5, RFC 1662 §3.1).
    func ppp(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        if input.peek(0) == 0xff, input.peek(1) == 3 { try input.skip(2) }
        var number = UInt16(try input.uint8())
        if number & 1 == 0 { number = number << 8 | UInt16(try input.uint8()) }
        switch number {
        case 0x21, 0x57: return .ip
        case 0x281, 0x283: return .mpls
        default: return .done(.unsupportedNetwork)
        }
    }

    /// NFLOG: attributes in the order of the capturing host, little-endian for all that are left;
    /// one holds an IP packet (LINKTYPE_NFLOG).
    private mutating func netfilterLog(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        try input.skip(4)
        for _ in 0..<Limits.standard.linkAttributes {
            let length = Int(try input.uint16().byteSwapped)
            let type = try input.uint16().byteSwapped & 0x7fff
            guard length >= 4 else { throw .malformed(.badTunnelHeader) }
            if type == 9 {
                end = min(end, input.offset + length - 4)
                declaredEnd = min(declaredEnd, input.offset + length - 4)
                return Self.isIP(input) ? .ip : .done(.unsupportedNetwork)
            }
            try input.skip((length + 3) / 4 * 4 - 4)
        }
        throw .malformed(.tooDeep)
    }

    // MARK: - Before 802.11

    /// Its length stands in its second word, in either order (LINKTYPE_IEEE802_11_PRISM, _AVS).
    private func prism(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        try input.skip(4)
        let word = try input.uint32()
        let length = Int(min(word, word.byteSwapped))
        guard length >= 8 else { throw .malformed(.badTunnelHeader) }
        try input.skip(length - 8)
        return .wireless
    }

    /// Version, padding, length in little-endian (https://www.radiotap.org).
    private func radiotap(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        try input.skip(2)
        let length = Int(try input.uint16().byteSwapped)
        guard length >= 8 else { throw .malformed(.badTunnelHeader) }
        try input.skip(length - 4)
        return .wireless
    }

    /// Version, flags, length, and the link type of what follows (LINKTYPE_PPI).
    private mutating func perPacketHeader(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        try input.skip(2)
        let length = Int(try input.uint16().byteSwapped)
        let inner = try input.uint32().byteSwapped
        guard length >= 8, inner != 192, let number = UInt16(exactly: inner) else {
            throw .malformed(.badTunnelHeader)
        }
        try input.skip(length - 8)
        return try linkLayer(LinkType(number), &input)
    }

    /// An 802.11 data frame (IEEE 802.11 §9.3.2).
    mutating func wireless(_ input: inout ByteReader) throws(ParseFailure) -> Layer {
        var control = try input.uint16()
        // Controllers of Cisco's swap the two bytes over CAPWAP, and give no sequence.
        let isSwapped = control & 0x0300 != 0 && control & 3 == 0
        if isSwapped { control = control.byteSwapped }
        guard control & 0x0f00 == 0x0800 else { return .done(.unsupportedNetwork) }
        let (isQoS, hasNoData) = (control & 0x8000 != 0, control & 0x4000 != 0)
        let (toDS, fromDS) = (control & 1 != 0, control & 2 != 0)
        if control & 0x40 != 0 { return .done(.encryptedLink) }
        if hasNoData { return .done(.unsupportedNetwork) }
        try input.skip(8)
        let second = try input.uint48()
        let third = try input.uint48()
        let sequence = try input.uint16()
        let fourth = toDS && fromDS ? try input.uint48() : 0
        source = MACAddress(toDS && fromDS ? fourth : fromDS ? third : second)
        var isAggregate = false
        if isQoS {
            isAggregate = try input.uint16() & 0x8000 != 0
            if control & 0x80 != 0 { try input.skip(4) }
        }
        if !isSwapped, sequence.byteSwapped & 15 != 0 { return .done(.fragment) }
        // Some cards align what follows the header.
        if input.word(at: 0) == 0, input.word(at: 2) == 0xaaaa { try input.skip(2) }
        if isAggregate {
            // Of an A-MSDU the first part is read; it is nearly always the only one.
            try input.skip(6)
            source = MACAddress(try input.uint48())
            try input.skip(2)
        }
        return try logicalLink(&input)
    }
}
