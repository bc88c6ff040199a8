/// A DHCPv4 message as far as identity needs it (RFC 2131, RFC 2132).
package struct DHCPMessage: Sendable, Hashable {
    /// DHCP message type (option 53): 1 discover, 2 offer, 3 request, 5 ack, 7 release, 8 inform.
    package var type: UInt8
    /// chaddr.
    package var clientMAC: MACAddress
    /// ciaddr: the address a client already has.
    package var clientAddress: IPAddress?
    /// yiaddr: the address the server gives.
    package var yourAddress: IPAddress?
    /// Option 50.
    package var requestedAddress: IPAddress?
    /// Option 12, or the name of option 81.
    package var hostname: String?
    /// Option 60.
    package var vendorClass: String?
    /// Option 55: the options that a client asks for, in its order; at most 255.
    package var parameters: [UInt8] = []
    /// Option 51, seconds.
    package var leaseSeconds: UInt32?
    /// Option 3, the router.
    package var routers: [IPAddress]
}
