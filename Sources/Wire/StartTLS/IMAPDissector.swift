/// IMAP up to STARTTLS (RFC 9051 §6.2.1).
package struct IMAPDissector: Dissector {
    package static let name = "imap"
    package static let transport = Transport.tcp
    private var lines = CommandLines()

    package init() {}

    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        opening.likelihood(of: "* ok ", by: .server)
            .or(opening.likelihood(of: "* preauth ", by: .server))
    }

    /// Any segment will do: a line's rest is no hello.
    package func resumes(at opening: ByteReader, from side: Side, ports: Ports) -> Bool { true }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        try lines.dissect(&input, from: side) { line in
            guard let space = line.distance(to: 32, within: 32) else { return false }
            let command = line.from(space + 1)
            return command.starts(withAnyCase: "login ")
                || command.starts(withAnyCase: "authenticate ")
                || command.starts(withAnyCase: "append ")
        }
    }
}
