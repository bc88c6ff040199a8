/// A DHCPv6 message as far as identity needs it (RFC 8415).
package struct DHCPv6Message: Sendable, Hashable {
    /// Message type: 1 solicit, 3 request, 5 renew, 7 reply, 8 release, 9 decline (§7.3).
    package var type: UInt8
    /// The link-layer address that the client's DUID was made of (§§11.2, 11.4); it may be another
    /// interface's than the one that asks. Nil for DUIDs of other sorts.
    package var clientMAC: MACAddress?
    /// Addresses that are given or asked for in IA_NA (§21.4), without those whose life is over.
    package var addresses: [IPAddress] = []
    /// Client FQDN (option 39, RFC 4704).
    package var hostname: String?
    /// Vendor class (option 16), printable.
    package var vendorClass: String?
}
