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
    /// Nil with Google's own handshake, and where the hello has none.
    package var parameters: TransportParameters?

    package init(
        version: QUICVersion, hello: ClientHello? = nil, name: String? = nil,
        userAgent: String? = nil, parameters: TransportParameters? = nil
    ) {
        self.version = version
        self.hello = hello
        self.name = name
        self.userAgent = userAgent
        self.parameters = parameters
    }

    /// The server's name that the client asks for; nil where none was sent or read.
    package var serverName: String? { hello?.serverName ?? name }

    /// Reads a ClientHello's body.
    init(_ version: QUICVersion, parsing body: Span<UInt8>) throws(ParseFailure) {
        var input = ByteReader(body, isPart: true)
        let hello = try ClientHello(parsing: &input, transport: .quic)
        let parameters = QUICHello.parameters(
            inHello: ByteReader(body, isPart: true), isWide: version.hasWideParameters)
        self.init(
            version: version, hello: hello, userAgent: parameters?.userAgent,
            parameters: parameters)
    }

    // MARK: - Transport parameters

    /// The first such extension of a ClientHello's body. It may say anything, and nothing else here
    /// depends on it: what does not fit is passed over.
    private static func parameters(
        inHello body: ByteReader, isWide: Bool
    ) -> TransportParameters? {
        var input = body
        do throws(ParseFailure) {
            try input.skip(2 + 32)
            try input.skip(Int(try input.uint8()))
            try input.skip(Int(try input.uint16()))
            try input.skip(Int(try input.uint8()))
            var extensions = try input.take(Int(try input.uint16()))
            while !extensions.isAtEnd {
                let type = try extensions.uint16()
                let body = try extensions.take(Int(try extensions.uint16()))
                guard
                    type == ExtensionType.quicTransportParameters
                        || type == ExtensionType.quicTransportParametersDraft
                else { continue }
                return TransportParameters(parsing: body, isWide: isWide)
            }
        } catch {}
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
