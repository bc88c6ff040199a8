import Codecs

/// JA4, the TLS-client fingerprint (github.com/FoxIO-LLC/ja4, technical_details/JA4.md,
/// BSD-3-Clause).
///
/// The other methods of the JA4+ suite are under a license of their own and are not built here.
enum JA4 {
    /// `t13d1516h2_8daaf6152771_e5627efa2ab1`; `t` is for TCP, `q` for QUIC, `d` for DTLS.
    static func fingerprint(of hello: HelloParts) -> String {
        let pieces = Pieces(hello)
        return pieces.head + "_" + digest(pieces.ciphers) + "_"
            + (pieces.hasExtensions ? digest(pieces.rest) : "000000000000")
    }

    /// `ja4_r`: the same with the lists that are hashed, sorted as they are for that.
    static func text(of hello: HelloParts) -> String {
        let pieces = Pieces(hello)
        return pieces.head + "_" + String(decoding: pieces.ciphers, as: UTF8.self) + "_"
            + String(decoding: pieces.rest, as: UTF8.self)
    }

    /// What the three parts are made of.
    private struct Pieces {
        let head: String
        var ciphers: [UInt8] = []
        /// Extensions, then signature algorithms.
        var rest: [UInt8] = []
        let hasExtensions: Bool

        init(_ hello: HelloParts) {
            let offered = hello[.ciphers]
            var suites: [UInt16] = []
            suites.reserveCapacity(offered.count)
            for cipher in offered where !cipher.isGREASE { suites.append(cipher) }
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
            suites.sort()
            hashed.sort()
            hasExtensions = !hashed.isEmpty
            rest.reserveCapacity(256)
            append(hashed, to: &rest)
            var mark = UInt8(ascii: "_")
            for algorithm in hello[.signatureAlgorithms] where !algorithm.isGREASE {
                rest.append(mark)
                mark = UInt8(ascii: ",")
                append(algorithm, to: &rest)
            }
            ciphers.reserveCapacity(5 * suites.count)
            append(suites, to: &ciphers)
            head =
                hello.transport.letter + version(of: hello) + (hasName ? "d" : "i")
                + count(suites.count)
                + count(extensionCount) + alpn(hello.alpnEnds)
        }
    }

    /// The highest version offered, GREASE left out; a version without a name of its own is `00`.
    private static func version(of hello: HelloParts) -> String {
        // Versions of DTLS count down.
        let versions = hello[.supportedVersions].filter { !$0.isGREASE }
        let isDatagram = hello.version >> 8 == 0xfe
        let offered = (isDatagram ? versions.min() : versions.max()) ?? hello.version
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
