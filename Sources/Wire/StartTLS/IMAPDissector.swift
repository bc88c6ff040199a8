/// IMAP up to STARTTLS (RFC 9051 §6.2.1).
package struct IMAPDissector: CommandLineDissector {
    package static let name = "imap"
    var lines = CommandLines()

    package init() {}

    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        opening.likelihood(of: "* ok ", by: .server)
            .or(opening.likelihood(of: "* preauth ", by: .server))
    }

    static func ends(_ line: ByteReader) -> Bool {
        guard let space = line.distance(to: 32, within: 32) else { return false }
        let command = line.from(space + 1)
        return command.starts(withAnyCase: "login ")
            || command.starts(withAnyCase: "authenticate ")
            || command.starts(withAnyCase: "append ")
    }
}
