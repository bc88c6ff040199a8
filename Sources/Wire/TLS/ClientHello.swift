import Codecs

extension ClientHello {
    /// Reads the body of a ClientHello (RFC 8446 §4.1.2). An extension that is not as it should be
    /// tells less of the client, and does not hide the rest: the hello is then broken.
    ///
    ///     struct {
    ///         ProtocolVersion legacy_version = 0x0303;
    ///         Random random;
    ///         opaque legacy_session_id<0..32>;
    ///         CipherSuite cipher_suites<2..2^16-2>;
    ///         opaque legacy_compression_methods<1..2^8-1>;
    ///         Extension extensions<8..2^16-1>;
    ///     } ClientHello;
    ///
    /// DTLS has a `cookie` behind the session id (RFC 6347 §4.2.1).
    init(
        parsing input: inout ByteReader, transport: HelloTransport = .tcp
    ) throws(ParseFailure) {
        let version = try input.uint16()
        guard HelloVersion.isPossible(version, isDatagram: transport == .dtls) else {
            throw .malformed(.badHandshake)
        }
        try input.skip(32)
        try input.skip(Int(try input.uint8()))
        if transport == .dtls { try input.skip(Int(try input.uint8())) }
        var ciphers = try input.take(Int(try input.uint16()))
        var lists = HelloLists()
        lists.fill(from: ciphers.restSpan())
        lists.close(.ciphers)
        try input.skip(Int(try input.uint8()))
        var named = NamedExtensions()
        if input.remaining >= 2 {
            var extensions = try input.take(Int(try input.uint16()))
            ClientHello.read(extensions.restSpan(), into: &lists, &named)
        }
        self.init(
            serverName: named.serverName, alpn: named.alpn, encryptedHello: named.encryptedHello,
            parts: lists.parts(
                version: version, transport: transport, alpnEnds: named.alpnEnds),
            isBroken: named.isBroken)
    }

    /// What the extensions say besides their lists of numbers.
    private struct NamedExtensions {
        var serverName: String?
        var alpn: [String] = []
        var alpnEnds: HelloParts.ALPNEnds?
        var encryptedHello: EncryptedHello?
        var isBroken = false
    }

    /// Takes the types in their order, and of an extension that stands twice the last one's list.
    private static func read(
        _ input: Span<UInt8>, into lists: inout HelloLists, _ named: inout NamedExtensions
    ) {
        let none = input.extracting(0..<0)
        var (groups, formats, algorithms, versions) = (none, none, none, none)
        var at = 0
        while at < input.count {
            guard input.count - at >= 4 else {
                named.isBroken = true
                break
            }
            let (type, length) = (input.word(at), Int(input.word(at + 2)))
            at += 4
            guard length <= input.count - at else {
                named.isBroken = true
                break
            }
            let body = input.extracting(at..<(at + length))
            at += length
            lists.append(type)
            do throws(ParseFailure) {
                switch type {
                case ExtensionType.serverName: try readServerName(body, &named)
                case ExtensionType.alpn: try readALPN(body, &named)
                case ExtensionType.encryptedClientHello:
                    named.encryptedHello = try EncryptedHello(parsing: body)
                case ExtensionType.supportedGroups where length > 0:
                    groups = try list(body, lengthBytes: 2)
                case ExtensionType.signatureAlgorithms where length > 0:
                    algorithms = try list(body, lengthBytes: 2)
                case ExtensionType.ecPointFormats where length > 0:
                    formats = try list(body, lengthBytes: 1)
                case ExtensionType.supportedVersions where length > 0:
                    versions = try list(body, lengthBytes: 1)
                default: break
                }
            } catch { named.isBroken = true }
        }
        lists.close(.extensions)
        lists.fill(from: groups)
        lists.close(.groups)
        for at in formats.indices { lists.append(UInt16(formats[at])) }
        lists.close(.pointFormats)
        lists.fill(from: algorithms)
        lists.close(.signatureAlgorithms)
        lists.fill(from: versions)
        lists.close(.supportedVersions)
    }

    /// The list at the beginning of an extension's body, behind its own length.
    @_lifetime(copy body)
    private static func list(
        _ body: Span<UInt8>, lengthBytes: Int
    ) throws(ParseFailure) -> Span<UInt8> {
        guard body.count >= lengthBytes else { throw .malformed(.shortInside) }
        let length = lengthBytes == 2 ? Int(body.word(0)) : Int(body[0])
        guard length <= body.count - lengthBytes else { throw .malformed(.shortInside) }
        return body.extracting(lengthBytes..<(lengthBytes + length))
    }

    /// The host_name of RFC 6066 §3; other name types are passed over.
    private static func readServerName(
        _ body: Span<UInt8>, _ named: inout NamedExtensions
    ) throws(ParseFailure) {
        guard !body.isEmpty else { return }
        var names = ByteReader(try list(body, lengthBytes: 2), isPart: true)
        while !names.isAtEnd {
            let type = try names.uint8()
            var name = try names.take(Int(try names.uint16()))
            guard type == 0, named.serverName == nil, name.remaining > 0 else { continue }
            named.serverName = String(hostName: name.restSpan())
        }
    }

    /// What nearly every browser offers.
    private static let usualALPN = ["h2", "http/1.1"]

    private static func readALPN(
        _ body: Span<UInt8>, _ named: inout NamedExtensions
    ) throws(ParseFailure) {
        guard !body.isEmpty else { return }
        var protocols = ByteReader(try list(body, lengthBytes: 2), isPart: true)
        if named.alpn.isEmpty, protocols.remaining == 12,
            protocols.starts(with: "\u{2}h2\u{8}http/1.1")
        {
            named.alpnEnds = HelloParts.ALPNEnds(
                first: UInt8(ascii: "h"), last: UInt8(ascii: "2"))
            named.alpn = usualALPN
            return
        }
        while !protocols.isAtEnd {
            var name = try protocols.take(Int(try protocols.uint8()))
            if named.alpn.isEmpty, let first = name.peek(), let last = name.peek(name.remaining - 1)
            {
                named.alpnEnds = HelloParts.ALPNEnds(first: first, last: last)
            }
            named.alpn.append(name.text(255))
        }
    }
}

/// The lists of a hello while they are being read: in place, as long as they are no longer than any
/// client makes them.
private struct HelloLists {
    private var values = InlineArray<160, UInt16>(repeating: 0)
    private var count = 0
    private var others: [UInt16] = []
    private var ends = InlineArray<6, UInt16>(repeating: 0)

    /// Adds a value to the list that is being filled; lists are filled in their order.
    @inline(__always)
    mutating func append(_ value: UInt16) {
        if count < 160 { values[count] = value } else { others.append(value) }
        count += 1
    }

    /// Adds all that `input` holds, in pairs of bytes; an odd last byte is passed over.
    mutating func fill(from input: Span<UInt8>) {
        let pairs = input.count / 2
        guard count + pairs <= 160 else {
            for pair in 0..<pairs { append(input.word(2 * pair)) }
            return
        }
        for pair in 0..<pairs { values[count + pair] = input.word(2 * pair) }
        count += pairs
    }

    /// The list is complete. A handshake message's limit keeps the count within 16 bits.
    mutating func close(_ list: HelloParts.List) {
        ends[list.rawValue] = UInt16(truncatingIfNeeded: count)
    }

    mutating func parts(
        version: UInt16, transport: HelloTransport, alpnEnds: HelloParts.ALPNEnds?
    ) -> HelloParts {
        var all = [UInt16](copying: values.span.extracting(0..<min(count, 160)))
        if count > 160 { all += others }
        return HelloParts(
            version: version, transport: transport, alpnEnds: alpnEnds, all, ends: ends)
    }
}
