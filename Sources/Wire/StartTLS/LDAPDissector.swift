/// LDAP up to the extended request that starts TLS (RFC 4511 §4.14).
package struct LDAPDissector: Dissector {
    package static let name = "ldap"
    package static let transport = Transport.tcp
    private static let startTLS: StaticString = "1.3.6.1.4.1.1466.20037"
    /// Where the request's name ends at the latest: behind the headers of message and request, and
    /// the message's id.
    private static let window = 48
    private var messages = 0

    package init() {}

    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        guard opening.peek(0) == 0x30 else { return .no }
        guard let length = opening.peek(1) else { return .maybe }
        let whole = length < 0x80 ? min(2 + Int(length), window) : window
        guard opening.remaining >= whole else { return .maybe }
        return (2..<window).contains { opening.from($0).starts(with: startTLS) }
            ? .yes(.client) : .no
    }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        if try Upgrade.begins(at: input, from: side) { return .recognizeAnew }
        guard try input.uint8() == 0x30 else { return .done }
        let first = try input.uint8()
        var length = Int(first)
        if first >= 0x80 {
            guard (0x81...0x83).contains(first) else { return .done }
            length = 0
            for _ in 0..<(first & 0x7f) { length = length << 8 | Int(try input.uint8()) }
        }
        // The request, its answer, and what may cross them.
        messages += 1
        return messages > 8 ? .done : .skip(length)
    }
}
