import Codecs

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
        parts.reserve(ciphers.remaining / 2 + 64)
        try parts.fill(.ciphers, from: &ciphers)
        try input.skip(Int(try input.uint8()))
        self.init(serverName: nil, alpn: [], hasEncryptedHello: false, parts: parts)
        if input.remaining >= 2 {
            var extensions = try input.take(Int(try input.uint16()))
            try readExtensions(&extensions)
        }
    }

    /// Takes the types in their order, and of an extension that stands twice the last one's list.
    private mutating func readExtensions(_ input: inout ByteReader) throws(ParseFailure) {
        var (groups, formats, algorithms, versions) = (input, input, input, input)
        var found: (groups: Bool, formats: Bool, algorithms: Bool, versions: Bool) =
            (false, false, false, false)
        while !input.isAtEnd {
            let type = try input.uint16()
            var body = try input.take(Int(try input.uint16()))
            parts.append(type)
            switch type {
            case ExtensionType.serverName: try readServerName(&body)
            case ExtensionType.alpn: try readALPN(&body)
            case ExtensionType.encryptedClientHello: hasEncryptedHello = true
            case ExtensionType.supportedGroups where !body.isAtEnd:
                groups = try body.take(Int(try body.uint16()))
                found.groups = true
            case ExtensionType.signatureAlgorithms where !body.isAtEnd:
                algorithms = try body.take(Int(try body.uint16()))
                found.algorithms = true
            case ExtensionType.ecPointFormats where !body.isAtEnd:
                formats = try body.take(Int(try body.uint8()))
                found.formats = true
            case ExtensionType.supportedVersions where !body.isAtEnd:
                versions = try body.take(Int(try body.uint8()))
                found.versions = true
            default: break
            }
        }
        parts.close(.extensions)
        if found.groups { try parts.fill(.groups, from: &groups) } else { parts.close(.groups) }
        while found.formats, !formats.isAtEnd { parts.append(UInt16(try formats.uint8())) }
        parts.close(.pointFormats)
        if found.algorithms { try parts.fill(.signatureAlgorithms, from: &algorithms) }
        parts.close(.signatureAlgorithms)
        if found.versions { try parts.fill(.supportedVersions, from: &versions) }
        parts.close(.supportedVersions)
    }

    /// The host_name of RFC 6066 §3; other name types are passed over.
    private mutating func readServerName(_ body: inout ByteReader) throws(ParseFailure) {
        guard !body.isAtEnd else { return }
        var names = try body.take(Int(try body.uint16()))
        while !names.isAtEnd {
            let type = try names.uint8()
            var name = try names.take(Int(try names.uint16()))
            guard type == 0, serverName == nil, name.remaining > 0 else { continue }
            serverName = ClientHello.printable(&name)
        }
    }

    private mutating func readALPN(_ body: inout ByteReader) throws(ParseFailure) {
        guard !body.isAtEnd else { return }
        var protocols = try body.take(Int(try body.uint16()))
        while !protocols.isAtEnd {
            var name = try protocols.take(Int(try protocols.uint8()))
            if alpn.isEmpty, let first = name.peek(), let last = name.peek(name.remaining - 1) {
                parts.alpnEnds = HelloParts.ALPNEnds(first: first, last: last)
            }
            alpn.append(name.text(255))
        }
    }

    /// A host name in lower case; bytes that no host name has become `\xHH`, so none can fake
    /// another.
    private static func printable(_ name: inout ByteReader) -> String {
        var isPlain = name.remaining <= 255
        for at in 0..<name.remaining where isPlain {
            let byte = name.peek(at) ?? 0
            isPlain = byte > 32 && byte < 127 && !(65...90).contains(byte)
        }
        if isPlain { return name.text(255) }
        var out: [UInt8] = []
        for byte in name.array(255) {
            switch byte {
            case 65...90: out.append(byte + 32)
            case 33...126: out.append(byte)
            default: out += Array("\\x".utf8) + Array(Hash.hex([byte]).utf8)
            }
        }
        return String(decoding: out, as: UTF8.self)
    }
}

extension HelloParts {
    /// Adds all that `input` holds, in pairs of bytes, and closes the list; an odd last byte is
    /// passed over.
    fileprivate mutating func fill(
        _ list: List, from input: inout ByteReader
    ) throws(ParseFailure) {
        while input.remaining >= 2 { append(try input.uint16()) }
        close(list)
    }
}
