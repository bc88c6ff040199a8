import Codecs

/// The fields that are kept of a head, by name: every other field is forgotten unread.
enum HTTPField: Sendable {
    case host, userAgent, contentType, accept, origin, mcpVersion, mcpMethod, mcpName, mcpSession
    case lastEventID, anthropicVersion, contentEncoding, authorization, apiKey, azureKey, googleKey
    case stainless, contentLength, transferEncoding, server, wwwAuthenticate

    private static let names: [(text: StaticString, field: HTTPField)] = [
        ("host", .host), ("user-agent", .userAgent), ("content-type", .contentType),
        ("accept", .accept), ("origin", .origin), ("mcp-protocol-version", .mcpVersion),
        ("mcp-method", .mcpMethod), ("mcp-name", .mcpName), ("mcp-session-id", .mcpSession),
        ("last-event-id", .lastEventID), ("anthropic-version", .anthropicVersion),
        ("content-encoding", .contentEncoding), ("authorization", .authorization),
        ("x-api-key", .apiKey), ("api-key", .azureKey), ("x-goog-api-key", .googleKey),
        ("content-length", .contentLength), ("transfer-encoding", .transferEncoding),
        ("server", .server), ("www-authenticate", .wwwAuthenticate),
    ]
    private static let longestName = 20

    /// The field of a name in any case (RFC 9110 §5.1); nil for one that is not kept.
    static func named(_ name: Span<UInt8>) -> HTTPField? {
        var lower = InlineArray<24, UInt8>(repeating: 0)
        let count = min(name.count, 24)
        for index in 0..<count {
            let byte = name[index]
            lower[index] = byte >= 65 && byte <= 90 ? byte + 32 : byte
        }
        if lower.span.holds("x-stainless-", at: 0), name.count > 12 { return .stainless }
        guard name.count <= longestName else { return nil }
        for entry in names
        where entry.text.utf8CodeUnitCount == count && lower.span.holds(entry.text, at: 0) {
            return entry.field
        }
        return nil
    }
}

extension HTTPRequest {
    mutating func keep(_ field: HTTPField, _ value: String) {
        switch field {
        case .host: if !isAbsolute { host = value }
        case .userAgent: userAgent = value
        case .contentType: contentType = value
        case .accept: accept = value
        case .origin: origin = value
        case .mcpVersion: mcpVersion = value
        case .mcpMethod: mcpMethod = value
        case .mcpName: mcpName = value
        case .mcpSession: mcpSession = SessionKey.of(value.utf8)
        case .lastEventID: hasLastEventID = true
        case .anthropicVersion: anthropicVersion = value
        case .contentEncoding: if value.lowercased() != "identity" { contentEncoding = value }
        case .authorization: authScheme = HTTPRequest.scheme(of: value)
        case .apiKey: authScheme = authScheme ?? "x-api-key"
        case .azureKey: authScheme = authScheme ?? "api-key"
        case .googleKey: authScheme = authScheme ?? "x-goog-api-key"
        case .stainless: hasStainless = true
        case .contentLength, .transferEncoding, .server, .wwwAuthenticate: break
        }
    }
}

extension HTTPResponse {
    mutating func keep(_ field: HTTPField, _ value: String) {
        switch field {
        case .contentType: contentType = value
        case .server: server = value
        case .mcpSession: mcpSession = SessionKey.of(value.utf8)
        case .contentEncoding: if value.lowercased() != "identity" { contentEncoding = value }
        case .wwwAuthenticate:
            if value.contains("resource_metadata=") { hasResourceMetadata = true }
        default: break
        }
    }
}

extension HTTPRequest {
    /// Schemes that are told by name (IANA http-authschemes, and three of the field).
    private static let schemes: Set<String> = [
        "basic", "bearer", "digest", "dpop", "gnap", "hoba", "mutual", "negotiate", "ntlm", "oauth",
        "privatetoken", "scram-sha-1", "scram-sha-256", "vapid", "aws4-hmac-sha256", "apikey",
        "token",
    ]

    /// The scheme of credentials; `other` for an unknown word, which may be the secret itself.
    fileprivate static func scheme(of credentials: String) -> String {
        let word = credentials.prefix { $0 != " " && $0 != "\t" }.lowercased()
        return schemes.contains(word) ? word : "other"
    }
}
