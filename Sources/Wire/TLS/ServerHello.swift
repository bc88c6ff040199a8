import Codecs

extension ServerHello {
    /// SHA-256 of "HelloRetryRequest", which stands in its random field (RFC 8446 §4.1.3).
    private static let retryRandom: [UInt8] = [
        0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65, 0xb8,
        0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2, 0xc8, 0xa8,
        0x33, 0x9c,
    ]

    /// Reads the body of a ServerHello (RFC 8446 §4.1.3, RFC 5246 §7.4.1.3). Drafts of TLS 1.3
    /// before 22 have neither session id nor compression method. A list of extensions that ends too
    /// early tells less, and does not hide the rest: the hello is then broken.
    init(
        parsing input: inout ByteReader, isDatagram: Bool = false
    ) throws(ParseFailure) {
        let version = try input.uint16()
        guard HelloVersion.isPossible(version, isDatagram: isDatagram) else {
            throw .malformed(.badHandshake)
        }
        let random = try input.take(32)
        let isRetry =
            random.peek(0) == 0xcf && random.peek(1) == 0x21
            && random.from(0).isEqual(to: ServerHello.retryRandom)
        let isEarlyDraft = version >> 8 == 0x7f
        if !isEarlyDraft { try input.skip(Int(try input.uint8())) }
        let cipher = try input.uint16()
        if !isEarlyDraft { try input.skip(1) }
        var types = ExtensionTypes()
        var selected = version
        var alpn: String?
        var isBroken = false
        if input.remaining >= 2 {
            var extensions = try input.take(Int(try input.uint16()))
            do throws(ParseFailure) {
                while !extensions.isAtEnd {
                    let type = try extensions.uint16()
                    var body = try extensions.take(Int(try extensions.uint16()))
                    types.append(type)
                    if type == ExtensionType.supportedVersions, body.remaining == 2 {
                        selected = try body.uint16()
                    } else if type == ExtensionType.alpn, body.remaining > 3 {
                        try body.skip(2)
                        var name = try body.take(Int(try body.uint8()))
                        alpn = name.text(255)
                    }
                }
            } catch { isBroken = true }
        }
        self.init(
            version: version, selectedVersion: selected, cipherSuite: cipher, alpn: alpn,
            extensions: types, isRetryRequest: isRetry, isBroken: isBroken)
    }
}
