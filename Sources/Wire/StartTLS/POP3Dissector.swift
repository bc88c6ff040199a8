/// POP3 up to STLS (RFC 2595 §4).
package struct POP3Dissector: Dissector {
    package static let name = "pop3"
    package static let transport = Transport.tcp
    private var lines = CommandLines()

    package init() {}

    /// With a space behind it: Redis says `+OK` and no more.
    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        opening.likelihood(of: "+ok ", by: .server)
    }

    /// Any segment will do: a line's rest is no hello.
    package func resumes(at opening: ByteReader, from side: Side, ports: Ports) -> Bool { true }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        try lines.dissect(&input, from: side) { line in
            line.starts(withAnyCase: "pass ") || line.starts(withAnyCase: "apop ")
                || line.starts(withAnyCase: "auth ")
        }
    }
}
