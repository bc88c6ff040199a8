/// DNS over TCP: messages behind their lengths, as many as a side likes (RFC 1035 §4.2.2, RFC 7766
/// §6.2).
package struct DNSStreamDissector: Dissector {
    package static let name = DNSDissector.name
    package static let transport = Transport.tcp

    package init() {}

    /// Port 53, a length that holds a header, and a header that a message can have.
    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        guard ports.either(53) else { return .no }
        guard let high = opening.peek(0), let low = opening.peek(1) else { return .maybe }
        guard Int(high) << 8 | Int(low) >= DNSMessage.headerBytes else { return .no }
        guard opening.remaining >= 2 + DNSMessage.headerBytes else { return .maybe }
        let header = opening.from(2)
        guard let flags = header.peek(2), flags >> 3 & 15 <= 6, header.peek(4) == 0,
            let questions = header.peek(5), questions <= 16
        else { return .no }
        return flags & 0x80 == 0 ? .yes(.client) : .yes(.server)
    }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        let length = Int(try input.uint16())
        var message = try input.take(length)
        guard length > 0 else { return .next }
        emit(.dns(try DNSMessage(parsing: message.restSpan())))
        return .next
    }
}
