import Codecs

/// JA4, the TLS-client fingerprint (github.com/FoxIO-LLC/ja4, technical_details/JA4.md,
/// BSD-3-Clause).
///
/// The other methods of the JA4+ suite are under a license of their own and are not built here.
enum JA4 {
    /// `t13d1516h2_8daaf6152771_e5627efa2ab1`; `transport` is `t` for TCP, `q` for QUIC, `d` for
    /// DTLS.
    static func fingerprint(of hello: HelloParts, transport: String) -> String {
        let ciphers = hello.ciphers.filter { !$0.isGREASE }
        let extensions = hello.extensions.filter { !$0.isGREASE }
        let hasName = extensions.contains(ExtensionType.serverName)
        let head =
            transport + version(of: hello) + (hasName ? "d" : "i") + count(ciphers.count)
            + count(extensions.count) + alpn(hello.alpn.first ?? [])
        let hashed = extensions.filter {
            $0 != ExtensionType.serverName && $0 != ExtensionType.alpn
        }
        var tail = hex(hashed.sorted())
        let algorithms = hello.signatureAlgorithms.filter { !$0.isGREASE }
        if !algorithms.isEmpty { tail += "_" + hex(algorithms) }
        return head + "_" + digest(hex(ciphers.sorted())) + "_"
            + (hashed.isEmpty ? "000000000000" : digest(tail))
    }

    /// The highest version offered, GREASE left out; a version without a name of its own is `00`.
    private static func version(of hello: HelloParts) -> String {
        let offered = hello.supportedVersions.filter { !$0.isGREASE }.max() ?? hello.version
        switch offered {
        case 0x0304: return "13"
        case 0x0303: return "12"
        case 0x0302: return "11"
        case 0x0301: return "10"
        case 0x0300: return "s3"
        case 0x0002: return "s2"
        case 0xfeff: return "d1"
        case 0xfefd: return "d2"
        case 0xfefc: return "d3"
        default: return "00"
        }
    }

    /// First and last byte of the first ALPN value; their outer hex digits if either is not
    /// alphanumeric.
    private static func alpn(_ first: [UInt8]) -> String {
        guard let start = first.first, let end = first.last else { return "00" }
        let isPlain = { (byte: UInt8) in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        }
        if isPlain(start), isPlain(end) { return String(decoding: [start, end], as: UTF8.self) }
        return String(Hash.hex([start]).prefix(1)) + String(Hash.hex([end]).suffix(1))
    }

    private static func count(_ value: Int) -> String { padded(min(value, 99), 2) }

    private static func hex(_ values: [UInt16]) -> String {
        values.map { Hash.hex([UInt8($0 >> 8), UInt8($0 & 0xff)]) }.joined(separator: ",")
    }

    private static func digest(_ text: String) -> String {
        text.isEmpty
            ? "000000000000" : String(Hash.hex(Hash.sha256(Array(text.utf8))).prefix(12))
    }
}
