/// FTP's control connection up to AUTH TLS (RFC 4217).
package struct FTPDissector: Dissector {
    package static let name = "ftp"
    package static let transport = Transport.tcp
    private var lines = CommandLines()

    package init() {}

    /// A mail server's greeting looks the same: the port tells, or the client's first command.
    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        let asks = opening.likelihood(of: "auth tls", by: .client)
            .or(opening.likelihood(of: "auth ssl", by: .client))
        return ports.either(21) ? asks.or(opening.likelihood(of: "220", by: .server)) : asks
    }

    /// Any segment will do: a line's rest is no hello.
    package func resumes(at opening: ByteReader, from side: Side, ports: Ports) -> Bool { true }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        try lines.dissect(&input, from: side) { line in
            line.starts(withAnyCase: "pass ")
        }
    }
}
