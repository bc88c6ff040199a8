import Codecs

/// The parts of a ClientHello that fingerprints are made of, in wire order.
struct HelloParts {
    var version: UInt16 = 0
    var ciphers: [UInt16] = []
    var extensions: [UInt16] = []
    var groups: [UInt16] = []
    var pointFormats: [UInt8] = []
    var signatureAlgorithms: [UInt16] = []
    var supportedVersions: [UInt16] = []
    /// The protocols' bytes, as JA4 wants the first one's.
    var alpn: [[UInt8]] = []
    var serverName: String?
}

extension ClientHello {
    /// Reads the body of a ClientHello (RFC 8446 §4.1.2).
    ///
    ///     struct {
    ///         ProtocolVersion legacy_version = 0x0303;
    ///         Random random;
    ///         opaque legacy_session_id<0..32>;
    ///         CipherSuite cipher_suites<2..2^16-2>;
    ///         opaque legacy_compression_methods<1..2^8-1>;
    ///         Extension extensions<8..2^16-1>;
    ///     } ClientHello;
    init(parsing input: inout ByteReader) throws(ParseFailure) {
        var parts = HelloParts()
        parts.version = try input.uint16()
        guard parts.version >> 8 == 3 || parts.version >> 8 == 0x7f else {
            throw .malformed(.badHandshake)
        }
        try input.skip(32)
        try input.skip(Int(try input.uint8()))
        var ciphers = try input.take(Int(try input.uint16()))
        parts.ciphers = try ciphers.uint16s()
        try input.skip(Int(try input.uint8()))
        if input.remaining >= 2 {
            var extensions = try input.take(Int(try input.uint16()))
            parts.extensions.reserveCapacity(24)
            while !extensions.isAtEnd { try parts.readExtension(&extensions) }
        }
        let ja3 = JA3.text(of: parts)
        self.init(
            serverName: parts.serverName,
            alpn: parts.alpn.map { String(decoding: $0, as: UTF8.self) },
            version: parts.version, supportedVersions: parts.supportedVersions,
            ja3Text: String(decoding: ja3, as: UTF8.self), ja3: Hash.md5Hex(ja3),
            ja4: JA4.fingerprint(of: parts, transport: "t"),
            hasEncryptedHello: parts.extensions.contains(ExtensionType.encryptedClientHello))
    }
}

extension HelloParts {
    fileprivate mutating func readExtension(_ input: inout ByteReader) throws(ParseFailure) {
        let type = try input.uint16()
        var body = try input.take(Int(try input.uint16()))
        extensions.append(type)
        switch type {
        case ExtensionType.serverName: try readServerName(&body)
        case ExtensionType.supportedGroups: groups = try HelloParts.list(&body)
        case ExtensionType.signatureAlgorithms: signatureAlgorithms = try HelloParts.list(&body)
        case ExtensionType.ecPointFormats:
            guard !body.isAtEnd else { break }
            var formats = try body.take(Int(try body.uint8()))
            pointFormats = formats.rest()
        case ExtensionType.supportedVersions:
            guard !body.isAtEnd else { break }
            var versions = try body.take(Int(try body.uint8()))
            supportedVersions = try versions.uint16s()
        case ExtensionType.alpn:
            guard !body.isAtEnd else { break }
            var protocols = try body.take(Int(try body.uint16()))
            while !protocols.isAtEnd {
                var name = try protocols.take(Int(try protocols.uint8()))
                alpn.append(name.rest())
            }
        default: break
        }
    }

    /// The host_name of RFC 6066 §3; other name types are passed over.
    private mutating func readServerName(_ body: inout ByteReader) throws(ParseFailure) {
        guard !body.isAtEnd else { return }
        var names = try body.take(Int(try body.uint16()))
        while !names.isAtEnd {
            let type = try names.uint8()
            var name = try names.take(Int(try names.uint16()))
            guard type == 0, serverName == nil, name.remaining > 0 else { continue }
            serverName = HelloParts.printable(name.rest())
        }
    }

    private static func list(_ body: inout ByteReader) throws(ParseFailure) -> [UInt16] {
        guard !body.isAtEnd else { return [] }
        var list = try body.take(Int(try body.uint16()))
        return try list.uint16s()
    }

    /// A host name in lower case; bytes that no host name has become `\xHH`, so none can fake
    /// another.
    static func printable(_ bytes: [UInt8]) -> String {
        let isPlain = bytes.allSatisfy { $0 > 32 && $0 < 127 && !(65...90).contains($0) }
        if isPlain, bytes.count <= 255 { return String(decoding: bytes, as: UTF8.self) }
        var out: [UInt8] = []
        for byte in bytes.prefix(255) {
            switch byte {
            case 65...90: out.append(byte + 32)
            case 33...126: out.append(byte)
            default: out += Array("\\x".utf8) + Array(Hash.hex([byte]).utf8)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
