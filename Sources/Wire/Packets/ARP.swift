/// An ARP message for IPv4 over Ethernet (RFC 826).
struct ARPMessage {
    var senderMAC: MACAddress
    var senderAddress: IPAddress

    /// Nil for other hardware or protocol types, and for probes that claim no address (RFC 5227
    /// §2.1.1).
    init?(_ input: inout ByteReader) throws(ParseFailure) {
        let hardware = try input.uint16()
        let network = try input.uint16()
        let lengths = try input.uint16()
        try input.skip(2)
        guard hardware == 1, network == EtherType.ipv4.rawValue, lengths == 0x0604 else {
            return nil
        }
        senderMAC = MACAddress(try input.uint48())
        senderAddress = IPAddress(v4: try input.uint32())
        guard senderMAC.isUnicast, senderAddress.isUnicast else { return nil }
    }
}
