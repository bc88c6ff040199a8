/// Protocol numbers of IEEE 802 EtherType that Tyto follows.
enum EtherType: UInt16 {
    case ipv4 = 0x0800
    case arp = 0x0806
    case vlan = 0x8100
    case ipv6 = 0x86dd
    case mplsUnicast = 0x8847
    case pppoeSession = 0x8864
    case providerBridge = 0x88a8
    case vlan9100 = 0x9100
    case transparentBridging = 0x6558
}

/// An Ethernet II frame's header and its VLAN tags (IEEE 802.3 §3.1, 802.1Q §9.3, 802.1ad).
struct EthernetHeader {
    var source: MACAddress
    /// Outermost VLAN id; 0 for none and for priority tags.
    var vlan: UInt16 = 0
    /// EtherType behind the tags; nil for one that Tyto does not follow and for 802.3 lengths.
    var type: EtherType?

    init(_ input: inout ByteReader) throws(ParseFailure) {
        try input.skip(6)
        source = MACAddress(try input.uint48())
        var number = try input.uint16()
        var tags = 0
        while number == EtherType.vlan.rawValue || number == EtherType.providerBridge.rawValue
            || number == EtherType.vlan9100.rawValue
        {
            tags += 1
            guard tags <= Limits.standard.vlanTags else { throw .malformed(.tooDeep) }
            let control = try input.uint16()
            if tags == 1 { vlan = control & 0xfff }
            number = try input.uint16()
        }
        type = EtherType(rawValue: number)
        if number == 0x05dc || number < 0x0600 { try readLLC(&input) }
    }

    /// IEEE 802.2 LLC with SNAP (RFC 1042): the EtherType stands behind AA AA 03 00 00 00.
    private mutating func readLLC(_ input: inout ByteReader) throws(ParseFailure) {
        type = nil
        guard input.peek(0) == 0xaa, input.peek(1) == 0xaa else { return }
        try input.skip(6)
        type = EtherType(rawValue: try input.uint16())
    }
}
