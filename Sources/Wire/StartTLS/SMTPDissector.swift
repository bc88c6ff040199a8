/// SMTP and LMTP up to STARTTLS (RFC 3207).
package struct SMTPDissector: Dissector {
    package static let name = "smtp"
    package static let transport = Transport.tcp
    private var lines = CommandLines()

    package init() {}

    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        opening.likelihood(of: "ehlo ", by: .client)
            .or(opening.likelihood(of: "helo ", by: .client))
            .or(opening.likelihood(of: "lhlo ", by: .client))
    }

    /// Any segment will do: a line's rest is no hello.
    package func resumes(at opening: ByteReader, from side: Side, ports: Ports) -> Bool { true }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        try lines.dissect(&input, from: side) { line in
            line.starts(withAnyCase: "mail ")
        }
    }
}
