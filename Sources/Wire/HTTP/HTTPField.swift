import Codecs

/// The fields that are kept of a head, by name: every other field is forgotten unread.
enum HTTPField: Equatable, Sendable {
    case host, userAgent, contentType, accept, origin, mcpVersion, mcpMethod, mcpName, mcpSession
    case lastEventID, anthropicVersion, contentEncoding, authorization, apiKey, azureKey, googleKey
    case mcpParameter, stainless, contentLength, transferEncoding, server, wwwAuthenticate, upgrade
    case traceparent, webSocketExtensions, a2aVersion, googleClient, grpcEncoding
    case grpcStatus
    case proxyAuthorization
    /// Of an answer: the program that gave it names itself.
    case program(RuntimeHeader)

    /// The field of a name in any case (RFC 9110 §5.1); nil for one that is not kept.
    static func named(_ name: Span<UInt8>) -> HTTPField? {
        guard name.count >= 4 else { return nil }
        // Length and first letter leave one or none to compare with; the letter's case goes first.
        let (text, field): (StaticString, HTTPField)
        switch (name.count, name[0] | 32) {
        case (4, 104): (text, field) = ("host", .host)
        case (6, 97): (text, field) = ("accept", .accept)
        case (6, 111): (text, field) = ("origin", .origin)
        case (6, 115): (text, field) = ("server", .server)
        case (7, 97): (text, field) = ("api-key", .azureKey)
        case (7, 117): (text, field) = ("upgrade", .upgrade)
        case (8, 109): (text, field) = ("mcp-name", .mcpName)
        case (9, 120): (text, field) = ("x-api-key", .apiKey)
        case (10, 117): (text, field) = ("user-agent", .userAgent)
        case (10, 109): (text, field) = ("mcp-method", .mcpMethod)
        case (11, 97): (text, field) = ("a2a-version", .a2aVersion)
        case (11, 103): (text, field) = ("grpc-status", .grpcStatus)
        case (11, 116): (text, field) = ("traceparent", .traceparent)
        case (12, 99): (text, field) = ("content-type", .contentType)
        case (13, 97): (text, field) = ("authorization", .authorization)
        case (13, 103): (text, field) = ("grpc-encoding", .grpcEncoding)
        case (13, 108): (text, field) = ("last-event-id", .lastEventID)
        case (14, 99): (text, field) = ("content-length", .contentLength)
        case (14, 109): (text, field) = ("mcp-session-id", .mcpSession)
        case (14, 120) where name.equals(anyCase: "x-compute-type"): return .program(.compute)
        case (14..., 120) where name.holds(anyCase: "x-litellm-", at: 0): return .program(.liteLLM)
        case (14..., 120) where name.holds(anyCase: "x-portkey-", at: 0): return .program(.portkey)
        case (19, 120) where name.equals(anyCase: "x-oneapi-request-id"): return .program(.oneAPI)
        case (14, 120) where !name.holds(anyCase: stainlessPrefix, at: 0):
            (text, field) = ("x-goog-api-key", .googleKey)
        case (16, 99): (text, field) = ("content-encoding", .contentEncoding)
        case (16, 119): (text, field) = ("www-authenticate", .wwwAuthenticate)
        case (17, 97): (text, field) = ("anthropic-version", .anthropicVersion)
        case (17, 116): (text, field) = ("transfer-encoding", .transferEncoding)
        case (19, 112): (text, field) = ("proxy-authorization", .proxyAuthorization)
        case (20, 109): (text, field) = ("mcp-protocol-version", .mcpVersion)
        case (11..., 109) where name.holds(anyCase: parameterPrefix, at: 0): return .mcpParameter
        case (24, 115): (text, field) = ("sec-websocket-extensions", .webSocketExtensions)
        case (17, 120) where !name.holds(anyCase: stainlessPrefix, at: 0):
            (text, field) = ("x-goog-api-client", .googleClient)
        case (13..., 120): return name.holds(anyCase: stainlessPrefix, at: 0) ? .stainless : nil
        default: return nil
        }
        return name.equals(anyCase: text) ? field : nil
    }

    /// Bytes of the name of an Mcp-Param-* field that are kept.
    static let parameterBytes = 80

    private static var parameterPrefix: StaticString { "mcp-param-" }
    private static var stainlessPrefix: StaticString { "x-stainless-" }
}

/// A field's value without the white space around it, and at most `Limits.fieldBytes` of it.
struct FieldValue: ~Escapable {
    private let bytes: Span<UInt8>
    /// Also what the limit leaves out.
    let whole: Span<UInt8>

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, limit: Int = Limits.standard.fieldBytes) {
        self.bytes = bytes.count > limit ? bytes.extracting(0..<limit) : bytes
        whole = bytes
    }

    /// The value as text; what nearly every head has is not made anew.
    var text: String {
        switch bytes.count {
        case 3 where bytes.equals("GET"): "GET"
        case 3 where bytes.equals("*/*"): "*/*"
        case 4 where bytes.equals("POST"): "POST"
        case 8 where bytes.equals("HTTP/1.1"): "HTTP/1.1"
        case 16 where bytes.equals("application/json"): "application/json"
        case 17 where bytes.equals("text/event-stream"): "text/event-stream"
        case 35 where bytes.equals("application/json, text/event-stream"):
            "application/json, text/event-stream"
        default: String(copying: bytes)
        }
    }

    /// The value as a URI: bytes that are no text are written as RFC 3986 §2.1 has them.
    var uri: String {
        guard !bytes.isASCII else { return text }
        let raw = [UInt8](copying: bytes)
        if let text = String(validating: raw, as: UTF8.self) { return text }
        var escaped: [UInt8] = []
        for byte in raw {
            if byte < 128 {
                escaped.append(byte)
            } else {
                escaped += [37, Hash.digit(byte >> 4), Hash.digit(byte & 15)]
            }
        }
        return String(decoding: escaped, as: UTF8.self)
    }

    /// The value without what stands before an @: a user's name and password (RFC 9110 §4.2.4).
    var authority: String {
        // Looked for in the whole: a password may reach beyond the limit.
        guard var mark = whole.position(of: UInt8(ascii: "@"), in: 0..<whole.count) else {
            return text
        }
        while let next = whole.position(of: UInt8(ascii: "@"), in: (mark + 1)..<whole.count) {
            mark = next
        }
        return FieldValue(whole.extracting((mark + 1)...), limit: bytes.count).text
    }

    /// Whether some byte is a control of ASCII.
    var hasControl: Bool { bytes.hasControl }

    /// A decimal number with or without a sign; nil for anything else, and beyond 64 bits.
    var number: Int? {
        let isNegative = bytes.count > 0 && bytes[0] == 45
        let start = isNegative || (bytes.count > 0 && bytes[0] == 43) ? 1 : 0
        guard start < bytes.count else { return nil }
        var value = 0
        for at in start..<bytes.count {
            let digit = Int(bytes[at]) - 48
            guard digit >= 0, digit <= 9 else { return nil }
            let (shifted, isTooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, isBeyond) =
                isNegative
                ? shifted.subtractingReportingOverflow(digit)
                : shifted.addingReportingOverflow(digit)
            guard !isTooLarge, !isBeyond else { return nil }
            value = sum
        }
        return value
    }

    /// Whether the last transfer coding is `chunked`.
    var isChunked: Bool {
        guard bytes.isASCII else { return text.lowercased().hasSuffix("chunked") }
        return bytes.holds(anyCase: "chunked", at: bytes.count - 7)
    }

    /// Whether `chunked` is the only transfer coding.
    var isOnlyChunked: Bool { bytes.equals(anyCase: "chunked") }

    var isIdentity: Bool {
        bytes.isASCII ? bytes.equals(anyCase: "identity") : text.lowercased() == "identity"
    }

    /// Whether the value is a list that has `word`, ASCII in lower case, in any case.
    func names(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard bytes.count >= length else { return false }
        return (0...(bytes.count - length)).contains { bytes.holds(anyCase: word, at: $0) }
    }

    /// What a bearer token says of itself; nil for other credentials.
    var claims: TokenClaims? {
        guard whole.count > 7, whole.holds(anyCase: "bearer ", at: 0) else { return nil }
        return TokenClaims(whole.extracting(7...))
    }

    /// Stands for the value, which is a secret.
    var sessionKey: UInt64 {
        guard bytes.isASCII else { return SessionKey.of(text) }
        return SessionKey.of(bytes)
    }

    /// Schemes that are told by name (IANA http-authschemes, and three of the field).
    private static let schemes: Set<String> = [
        "basic", "bearer", "digest", "dpop", "gnap", "hoba", "mutual", "negotiate", "ntlm", "oauth",
        "privatetoken", "scram-sha-1", "scram-sha-256", "vapid", "aws4-hmac-sha256", "apikey",
        "token",
    ]

    /// The scheme of credentials; `other` for an unknown word, which may be the secret itself.
    var scheme: String {
        if bytes.holds(anyCase: "bearer ", at: 0), bytes.isASCII { return "bearer" }
        let word = text.prefix { $0 != " " && $0 != "\t" }.lowercased()
        return FieldValue.schemes.contains(word) ? word : "other"
    }
}

extension HTTPRequest.Fields {
    mutating func keep(_ field: HTTPField, _ value: FieldValue, isAbsolute: Bool) {
        switch field {
        // With a control byte in it, it names no host (RFC 9110 §5.5).
        case .host: if !isAbsolute, !value.hasControl { host = value.authority }
        case .userAgent: userAgent = value.text
        case .contentType: contentType = value.text
        case .accept: accept = value.text
        case .origin: origin = value.text
        case .mcpVersion: Self.keep(value.text, &mcpVersion, &hasDoubledMCPField)
        case .mcpMethod: Self.keep(value.text, &mcpMethod, &hasDoubledMCPField)
        case .mcpName: Self.keep(value.text, &mcpName, &hasDoubledMCPField)
        case .mcpSession: mcpSession = value.sessionKey
        case .lastEventID: lastEventID = value.sessionKey
        case .upgrade: upgradesToWebSocket = value.names("websocket")
        case .transferEncoding: if !value.isOnlyChunked { transferEncoding = value.text }
        case .anthropicVersion: anthropicVersion = value.text
        case .contentEncoding: if !value.isIdentity { contentEncoding = value.text }
        case .authorization:
            authScheme = value.scheme
            credential = value.sessionKey
            claims = value.claims.map { SharedFields($0) }
            if let name = value.logon { logon = SharedFields(name) }
        case .proxyAuthorization:
            if let name = value.proxyLogon ?? value.logon { logon = SharedFields(name) }
        case .apiKey: authScheme = authScheme ?? "x-api-key"
        case .azureKey: authScheme = authScheme ?? "api-key"
        case .googleKey: authScheme = authScheme ?? "x-goog-api-key"
        case .stainless: hasStainless = true
        case .grpcEncoding: grpcEncoding = value.text
        case .traceparent: traceID = EnvelopeDraft.traceID(value.text)
        case .a2aVersion: a2aVersion = A2AVersion.of(value)
        case .googleClient: googleClient = value.text
        case .contentLength, .server, .wwwAuthenticate, .webSocketExtensions, .mcpParameter,
            .program, .grpcStatus:
            break
        }
    }

    /// The last of two values stands, as most readers have it, and that there were two is noted.
    private static func keep(_ value: String, _ field: inout String?, _ isDoubled: inout Bool) {
        if let known = field, known != value { isDoubled = true }
        field = value
    }

    /// The name of an Mcp-Param-* field.
    mutating func keep(parameter name: String) {
        let word = String(name.dropFirst("mcp-param-".count)).lowercased()
        if mcpParameters.count < 16, !mcpParameters.contains(word) { mcpParameters.append(word) }
    }
}

extension HTTPResponse.Fields {
    mutating func keep(_ field: HTTPField, _ value: FieldValue) {
        switch field {
        case .contentType: contentType = value.text
        case .server: server = value.text
        case .program(let named): program = named
        // Elsewhere it only says what a server could speak (RFC 9110 §7.8).
        case .upgrade: if status == 101 { upgrade = value.text }
        case .mcpSession: mcpSession = value.sessionKey
        case .contentEncoding: if !value.isIdentity { contentEncoding = value.text }
        case .transferEncoding: if !value.isOnlyChunked { transferEncoding = value.text }
        case .grpcEncoding: grpcEncoding = value.text
        case .webSocketExtensions: deflate = PerMessageDeflate(value.text)
        case .wwwAuthenticate:
            if value.text.contains("resource_metadata=") { hasResourceMetadata = true }
            guard status == 401 || status == 403 else { return }
            challenge = BearerChallenge(value.text).map { SharedFields($0.message) } ?? challenge
        default: break
        }
    }
}
