/// What the client of a QUIC connection says of itself: a TLS ClientHello (RFC 9001 §4), Google's
/// own CHLO, or where neither could be read no more than the version.
package struct QUICHello: Sendable, Hashable {
    /// Of the packets that held the hello.
    package var version: QUICVersion
    /// Nil with Google's own handshake, and where no hello was read.
    package var hello: ClientHello?
    /// The name in Google's own hello, as it was sent but lower-cased.
    var name: String?
    /// Of Google's clients: the program and its system, in either handshake.
    package var userAgent: String?

    package init(
        version: QUICVersion, hello: ClientHello? = nil, name: String? = nil,
        userAgent: String? = nil
    ) {
        self.version = version
        self.hello = hello
        self.name = name
        self.userAgent = userAgent
    }

    /// The server's name that the client asks for; nil where none was sent or read.
    package var serverName: String? { hello?.serverName ?? name }

    /// Reads a ClientHello's body.
    init(_ version: QUICVersion, parsing body: Span<UInt8>) throws(ParseFailure) {
        var input = ByteReader(body, isPart: true)
        let hello = try ClientHello(parsing: &input, transport: .quic)
        self.init(
            version: version, hello: hello,
            userAgent: QUICHello.userAgent(
                inHello: ByteReader(body, isPart: true), isWide: version.hasWideParameters))
    }

    // MARK: - Transport parameters

    /// `user_agent`, which Chromium's clients send (IANA "QUIC Transport Parameters").
    private static let userAgentParameter = 0x3129

    /// Transport parameters may say anything, and nothing else here depends on them: what does not
    /// fit them is passed over.
    private static func userAgent(inHello body: ByteReader, isWide: Bool) -> String? {
        var input = body
        do throws(ParseFailure) {
            try input.skip(2 + 32)
            try input.skip(Int(try input.uint8()))
            try input.skip(Int(try input.uint16()))
            try input.skip(Int(try input.uint8()))
            var extensions = try input.take(Int(try input.uint16()))
            while !extensions.isAtEnd {
                let type = try extensions.uint16()
                var parameters = try extensions.take(Int(try extensions.uint16()))
                guard
                    type == ExtensionType.quicTransportParameters
                        || type == ExtensionType.quicTransportParametersDraft
                else { continue }
                return try userAgent(in: &parameters, isWide: isWide)
            }
        } catch {}
        return nil
    }

    /// RFC 9000 §18; before draft 27 with lengths of two bytes.
    private static func userAgent(
        in parameters: inout ByteReader, isWide: Bool
    ) throws(ParseFailure) -> String? {
        if isWide { try parameters.skip(2) }
        while !parameters.isAtEnd {
            let id = isWide ? Int(try parameters.uint16()) : try parameters.variable()
            let length = isWide ? Int(try parameters.uint16()) : try parameters.variable()
            var value = try parameters.take(length)
            if id == userAgentParameter, length > 0 {
                return value.text(Limits.standard.fieldBytes)
            }
        }
        return nil
    }

    // MARK: - Google's own hello

    static let clientHello: StaticString = "CHLO"
    private static let tagLimit = 128

    /// Bytes of the whole message that begins so; nil when it is not all there. Throws when it is
    /// no CHLO.
    ///
    ///     "CHLO", number of tags (16), 0 (16), tags: (name (32), end of its value (32))
    ///
    /// All low byte first; values follow, and ends count from the first.
    static func googleBytes(_ opening: ByteReader) throws(ParseFailure) -> Int? {
        guard opening.remaining >= 8 else { return nil }
        guard opening.starts(with: clientHello) else { throw .malformed(.badHandshake) }
        var input = opening
        try input.skip(4)
        let tags = Int(try input.uint16().byteSwapped)
        guard tags > 0, tags <= tagLimit else { throw .malformed(.badHandshake) }
        guard opening.remaining >= 8 + 8 * tags else { return nil }
        try input.skip(2 + 8 * (tags - 1) + 4)
        let bytes = 8 + 8 * tags + Int(try input.uint32().byteSwapped)
        guard bytes <= Limits.standard.handshakeBytes else { throw .malformed(.badHandshake) }
        return bytes
    }

    /// Reads a whole CHLO.
    init(_ version: QUICVersion, parsingGoogle message: Span<UInt8>) throws(ParseFailure) {
        self.init(version: version)
        var input = ByteReader(message, isPart: true)
        try input.skip(4)
        let tags = Int(try input.uint16().byteSwapped)
        try input.skip(2)
        var values = input
        try values.skip(8 * tags)
        var start = 0
        for _ in 0..<tags {
            let tag = try input.uint32()
            let end = Int(try input.uint32().byteSwapped)
            guard end >= start else { throw .malformed(.badHandshake) }
            var value = try values.take(end - start)
            start = end
            guard value.remaining > 0 else { continue }
            switch tag {
            // "SNI" and a zero; "UAID".
            case 0x534e_4900: name = String(hostName: value.restSpan())
            case 0x5541_4944: userAgent = value.text(Limits.standard.fieldBytes)
            default: break
            }
        }
    }
}
