import Codecs

/// One step of OAuth 2.1 around an MCP server: who grants what to whom. Never a code, a verifier, a
/// secret or a token.
package struct AuthorizationMessage: Sendable, Hashable {
    package enum Kind: String, Sendable {
        /// 401 or 403 with `WWW-Authenticate: Bearer` (RFC 6750 §3, RFC 9728 §5.1).
        case challenge
        /// Protected-resource metadata (RFC 9728 §3.2).
        case resourceMetadata = "resource_metadata"
        /// Metadata of an authorization server (RFC 8414 §3.2, OpenID Connect Discovery).
        case serverMetadata = "server_metadata"
        /// A client registers itself, and is registered (RFC 7591 §3).
        case registration
        case registered
        /// A person is sent to the authorization server.
        case authorize
        case tokenRequest = "token_request"
        case tokenIssued = "token_issued"
        case tokenRefused = "token_refused"
    }
    package var kind: Kind
    /// URLs without user, query and fragment, at most 512 bytes each.
    package var resource: String?
    package var issuer: String?
    package var metadata: String?
    /// Authorization servers of a resource, at most 8.
    package var servers: [String] = []
    /// At most 32.
    package var scopes: [String] = []
    package var error: String?
    package var grant: String?
    /// Only where it is a URL, which names the client's own metadata; any other id may be a secret.
    package var client: String?
    package var clientName: String?
    /// Hosts of redirect URIs, at most 8.
    package var redirectHosts: [String] = []
    /// `registration`, `client-id-metadata`, `S256`: what an authorization server offers.
    package var features: [String] = []
    /// The answer holds a client's secret, or a token to refresh with.
    package var hasSecret = false
    package var hasRefreshToken = false
    /// `expires_in` of a token, in seconds.
    package var lifetime: Int?

    package init(kind: Kind) { self.kind = kind }

    static func scopes(_ text: String?) -> [String] {
        (text ?? "").split(separator: " ").prefix(32).map { String($0.prefix(128)) }
    }
}

extension String {
    fileprivate func range(ofFirst pattern: String) -> Range<Index>? {
        let (bytes, part) = (Array(utf8), Array(pattern.utf8))
        guard bytes.count >= part.count else { return nil }
        for at in 0...(bytes.count - part.count) where bytes[at..<(at + part.count)] == part[...] {
            let start = utf8.index(startIndex, offsetBy: at)
            return start..<utf8.index(start, offsetBy: part.count)
        }
        return nil
    }
}

/// Parameters of a Bearer challenge; nil where the field holds none (RFC 9110 §11.6.1).
struct BearerChallenge {
    var metadata: String?
    var scope: String?
    var error: String?

    init?(_ field: String) {
        guard let start = field.range(ofFirst: "earer ") else { return nil }
        var rest = field[start.upperBound...]
        while let equals = rest.firstIndex(of: "=") {
            let name = rest[..<equals].split { $0 == " " || $0 == "," || $0 == "\t" }.last ?? ""
            rest = rest[rest.index(after: equals)...]
            let value: Substring
            if rest.first == "\"" {
                rest = rest.dropFirst()
                value = rest.prefix { $0 != "\"" }
                rest = rest[value.endIndex...].dropFirst()
            } else {
                value = rest.prefix { $0 != "," && $0 != " " }
                rest = rest[value.endIndex...]
            }
            switch name.lowercased() {
            case "resource_metadata": metadata = String(value)
            case "scope": scope = String(value)
            case "error": error = String(value.prefix(64))
            default: break
            }
        }
        if metadata == nil, scope == nil, error == nil { return nil }
    }

    var message: AuthorizationMessage {
        var message = AuthorizationMessage(kind: .challenge)
        message.metadata = PlainURL.web(metadata)
        message.scopes = AuthorizationMessage.scopes(scope)
        message.error = error
        return message
    }
}

/// What a bearer token says of itself, if it is a JWT (RFC 7519, RFC 9068). Nobody has checked its
/// seal, so these are claims.
package struct TokenClaims: Sendable, Hashable {
    /// `at+jwt`, `JWT`, …
    package var type: String?
    package var issuer: String?
    package var subject: Principal?
    /// At most 8.
    package var audience: [String] = []
    /// `client_id`, else `azp`, where it is a URL or a plain name.
    package var client: Principal?
    package var scopes: [String] = []
    package var issued: Int?
    package var expires: Int?
    /// Who acts for the subject, the present one first (RFC 8693 §4.1); at most 8.
    package var actors: [Principal] = []
    /// Who may come to act for the subject (RFC 8693 §4.4).
    package var mayAct: Principal?

    /// `token` is what stands behind `Bearer`.
    init?(_ token: Span<UInt8>) {
        guard token.count <= 8192, let first = token.position(of: 46, in: token.indices),
            let second = token.position(of: 46, in: (first + 1)..<token.count),
            token.position(of: 46, in: (second + 1)..<token.count) == nil,
            let head = Base64.decodeURL([UInt8](copying: token.extracting(0..<first))),
            let body = Base64.decodeURL([UInt8](copying: token.extracting((first + 1)..<second)))
        else { return nil }
        var isJWT = false
        do throws(ParseFailure) {
            var input = JSONReader(head.span)
            try input.enterObject()
            while let key = try input.nextKey() {
                switch key {
                case "alg":
                    isJWT = true
                    try input.skipValue()
                case "typ": type = try input.stringIfPresent(limit: 64)
                default: try input.skipValue()
                }
            }
            guard isJWT else { return nil }
            var claims = JSONReader(body.span)
            try read(&claims)
        } catch {
            return nil
        }
    }

    private mutating func read(_ input: inout JSONReader) throws(ParseFailure) {
        try input.enterObject()
        while let key = try input.nextKey() {
            switch key {
            case "iss": issuer = try input.stringIfPresent(limit: 512).map(TokenClaims.plain)
            case "sub": subject = try input.stringIfPresent(limit: 512).map(Principal.init)
            case "aud": audience = try TokenClaims.texts(&input).map(TokenClaims.plain)
            case "client_id": client = try input.stringIfPresent(limit: 512).map(Principal.init)
            case "azp":
                let azp = try input.stringIfPresent(limit: 512)
                if client == nil { client = azp.map(Principal.init) }
            case "scope", "scp":
                scopes = try TokenClaims.texts(&input).flatMap { AuthorizationMessage.scopes($0) }
            case "iat": issued = try input.numberText().flatMap { Int($0) }
            case "exp": expires = try input.numberText().flatMap { Int($0) }
            case "act": try readActor(&input)
            case "may_act":
                guard try input.entersObject() else { continue }
                while let key = try input.nextKey() {
                    guard "sub" ~= key else {
                        try input.skipValue()
                        continue
                    }
                    mayAct = try input.stringIfPresent(limit: 512).map(Principal.init)
                }
            default: try input.skipValue()
            }
        }
    }

    private mutating func readActor(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.kind() == .object, actors.count < 8 else { return try input.skipValue() }
        let place = actors.count
        actors.append(Principal(""))
        try input.enterObject()
        while let key = try input.nextKey() {
            switch key {
            case "sub": actors[place] = Principal(try input.stringIfPresent(limit: 512) ?? "")
            case "act": try readActor(&input)
            default: try input.skipValue()
            }
        }
    }

    private static func texts(_ input: inout JSONReader) throws(ParseFailure) -> [String] {
        guard try input.kind() == .array else {
            return try input.stringIfPresent(limit: 2048).map { [$0] } ?? []
        }
        var found: [String] = []
        try input.enterArray()
        while try input.nextElement() {
            let text = try input.stringIfPresent(limit: 512)
            if let text, found.count < 8 { found.append(text) }
        }
        return found
    }

    /// A URL without what may be a secret in it, or a name as it is.
    private static func plain(_ text: String) -> String {
        PlainURL.web(text) ?? String(text.prefix(128))
    }
}

/// Somebody a token names: a program by its name, a person by nothing but a mark.
package struct Principal: Sendable, Hashable {
    /// Nil for what may be a person's: an address, a number, a random id.
    package var name: String?
    /// Tells two principals apart in memory; written nowhere, for a guess could be checked by it.
    package var mark: UInt64

    /// A URI, or a word of letters, digits, `-`, `_`, `.` with few digits, is a program's name.
    init(_ text: String) {
        mark = SessionKey.of(text)
        if let url = PlainURL.web(text), url.utf8.count <= 128 {
            name = url
            return
        }
        let isWorkload = text.hasPrefix("spiffe://") || text.hasPrefix("wimse://")
        let bytes = Array(text.utf8)
        let isWord = bytes.allSatisfy {
            (48...57).contains($0) || (97...122).contains($0 | 32) || [45, 46, 95].contains($0)
                || isWorkload && ($0 == 58 || $0 == 47)
        }
        let digits = bytes.count { (48...57).contains($0) }
        let isRandom = digits > 6 || !isWorkload && bytes.count > 48
        guard isWord, !isRandom, (1...128).contains(bytes.count) else { return }
        name = text
    }
}
