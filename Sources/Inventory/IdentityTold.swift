import Wire

extension Identity {
    /// Whether a binding's source is weaker than what is seen on the link: an imported list (which
    /// is named behind a colon), or the identifier of a DHCPv6 client.
    static func isTold(_ source: String) -> Bool {
        source == "dhcpv6" || source.utf8.contains(UInt8(ascii: ":"))
    }

    /// Whether a source is an imported list of that kind.
    static func isImport(_ source: String, _ kind: String) -> Bool {
        let (source, kind) = (source.utf8, kind.utf8)
        return source.count > kind.count && source.starts(with: kind)
            && source.dropFirst(kind.count).first == UInt8(ascii: ":")
    }
}

extension MACAddress {
    /// The MAC address that an IPv6 address's interface identifier was made of (RFC 4291, Appendix
    /// A); nil where it was not made so.
    init?(interfaceOf address: IPAddress) {
        let low = address.low
        guard !address.isV4, low >> 24 & 0xffff == 0xfffe, low >> 57 & 1 == 1 else { return nil }
        self.init((low >> 40 ^ 0x02_0000) << 24 | low & 0xff_ffff)
    }
}
