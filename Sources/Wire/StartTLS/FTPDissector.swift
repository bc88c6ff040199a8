/// FTP's control connection up to AUTH TLS (RFC 4217).
package struct FTPDissector: CommandLineDissector {
    package static let name = "ftp"
    var lines = CommandLines()

    package init() {}

    /// A mail server's greeting looks the same: the port tells, or the client's first command.
    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        let asks = opening.likelihood(of: "auth tls", by: .client)
            .or(opening.likelihood(of: "auth ssl", by: .client))
        return ports.either(21) ? asks.or(opening.likelihood(of: "220", by: .server)) : asks
    }

    static func ends(_ line: ByteReader) -> Bool {
        line.starts(withAnyCase: "pass ")
    }
}
