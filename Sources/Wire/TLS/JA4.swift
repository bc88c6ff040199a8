import Codecs

/// JA4, the TLS-client fingerprint (github.com/FoxIO-LLC/ja4, technical_details/JA4.md,
/// BSD-3-Clause).
///
/// The other methods of the JA4+ suite are under a license of their own and are not built here.
enum JA4 {
    /// `t13d1516h2_8daaf6152771_e5627efa2ab1`; `t` is for TCP, `q` for QUIC.
    static func fingerprint(of hello: HelloParts) -> String {
        let offered = hello[.ciphers]
        var ciphers: [UInt16] = []
        ciphers.reserveCapacity(offered.count)
        for cipher in offered where !cipher.isGREASE { ciphers.append(cipher) }
        let types = hello[.extensions]
        var hashed: [UInt16] = []
        hashed.reserveCapacity(types.count)
        var (extensionCount, hasName) = (0, false)
        for type in types where !type.isGREASE {
            extensionCount += 1
            if type == ExtensionType.serverName {
                hasName = true
            } else if type != ExtensionType.alpn {
                hashed.append(type)
            }
        }
        ciphers.sort()
        hashed.sort()
        var tail: [UInt8] = []
        tail.reserveCapacity(256)
        append(hashed, to: &tail)
        var mark = UInt8(ascii: "_")
        for algorithm in hello[.signatureAlgorithms] where !algorithm.isGREASE {
            tail.append(mark)
            mark = UInt8(ascii: ",")
            append(algorithm, to: &tail)
        }
        var list: [UInt8] = []
        list.reserveCapacity(5 * ciphers.count)
        append(ciphers, to: &list)
        return hello.transport.letter + version(of: hello) + (hasName ? "d" : "i")
            + count(ciphers.count)
            + count(extensionCount) + alpn(hello.alpnEnds) + "_" + digest(list) + "_"
            + (hashed.isEmpty ? "000000000000" : digest(tail))
    }

    /// The highest version offered, GREASE left out; a version without a name of its own is `00`.
    private static func version(of hello: HelloParts) -> String {
        let offered = hello[.supportedVersions].filter { !$0.isGREASE }.max() ?? hello.version
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
    private static func alpn(_ ends: HelloParts.ALPNEnds?) -> String {
        guard let (start, end) = ends.map({ ($0.first, $0.last) }) else { return "00" }
        let isPlain = { (byte: UInt8) in
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
        }
        if isPlain(start), isPlain(end) { return String(decoding: [start, end], as: UTF8.self) }
        return String(Hash.hex([start]).prefix(1)) + String(Hash.hex([end]).suffix(1))
    }

    private static func count(_ value: Int) -> String { padded(min(value, 99), 2) }

    /// Four hex digits each, joined by commas.
    private static func append(_ values: [UInt16], to out: inout [UInt8]) {
        for (index, value) in values.enumerated() {
            if index > 0 { out.append(UInt8(ascii: ",")) }
            append(value, to: &out)
        }
    }

    private static func append(_ value: UInt16, to out: inout [UInt8]) {
        out.append(Hash.digit(UInt8(value >> 12)))
        out.append(Hash.digit(UInt8(value >> 8 & 15)))
        out.append(Hash.digit(UInt8(value >> 4 & 15)))
        out.append(Hash.digit(UInt8(value & 15)))
    }

    private static func digest(_ text: [UInt8]) -> String {
        text.isEmpty ? "000000000000" : Hash.sha256Hex(text, digits: 12)
    }
}
