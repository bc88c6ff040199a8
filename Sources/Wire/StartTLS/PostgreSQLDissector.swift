/// PostgreSQL up to its SSLRequest (protocol 3.0, "Message Formats").
package struct PostgreSQLDissector: Dissector {
    package static let name = "postgresql"
    package static let transport = Transport.tcp
    private static let sslRequest: [UInt8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]
    /// For the other kind of encryption; a client that is refused it then asks for TLS.
    private static let gssRequest: [UInt8] = [0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x30]

    package init() {}

    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        for at in 0..<8 {
            guard let byte = opening.peek(at) else { return .maybe }
            guard byte == sslRequest[at] || byte == gssRequest[at] else { return .no }
        }
        return .yes(.client)
    }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        if try Upgrade.begins(at: input, from: side) { return .recognizeAnew }
        if side == .client {
            let request = try input.take(8)
            return request.isEqual(to: PostgreSQLDissector.sslRequest)
                || request.isEqual(to: PostgreSQLDissector.gssRequest) ? .next : .done
        }
        // One byte: S for TLS, G for GSSAPI, N for neither.
        let answer = try input.uint8()
        return answer == UInt8(ascii: "S") || answer == UInt8(ascii: "N") ? .next : .done
    }
}
