/// SMTP and LMTP up to STARTTLS (RFC 3207).
package struct SMTPDissector: CommandLineDissector {
    package static let name = "smtp"
    var lines = CommandLines()

    package init() {}

    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        opening.likelihood(of: "ehlo ", by: .client)
            .or(opening.likelihood(of: "helo ", by: .client))
            .or(opening.likelihood(of: "lhlo ", by: .client))
    }

    static func ends(_ line: ByteReader) -> Bool {
        line.starts(withAnyCase: "mail ")
    }
}
