/// What a client asks a SOCKS proxy for (SOCKS4, SOCKS4a, RFC 1928 §4). Who asks is not kept.
package struct SOCKSRequest: Sendable, Hashable {
    package enum Command: UInt8, Sendable {
        case connect = 1
        case bind
        case associate

        package var name: String { ["connect", "bind", "associate"][Int(rawValue) - 1] }
    }

    /// 4 or 5.
    package var version: UInt8
    package var command: Command
    /// The name asked for, in lower case, or an address as text.
    package var host: String
    package var isAddress: Bool
    package var port: UInt16
}
