/// POP3 up to STLS (RFC 2595 §4).
package struct POP3Dissector: CommandLineDissector {
    package static let name = "pop3"
    var lines = CommandLines()

    package init() {}

    /// With a space behind it: Redis says `+OK` and no more.
    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        opening.likelihood(of: "+ok ", by: .server)
    }

    static func ends(_ line: ByteReader) -> Bool {
        line.starts(withAnyCase: "pass ") || line.starts(withAnyCase: "apop ")
            || line.starts(withAnyCase: "auth ")
    }
}
