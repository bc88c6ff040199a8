import Codecs

/// OAuth around MCP in JSON bodies and forms: metadata, registration, tokens. What is a secret is
/// read over.
enum OAuthReader: ContentReader {
    static func read(_ content: Content, _ outline: Outline, emit: EmitMessage) -> Bool {
        guard content.carrier.kind == .httpBody, let request = content.carrier.request,
            content.opening == UInt8(ascii: "{"), let message = object(content, request)
        else { return false }
        emit(.authorization(message, content.carrier))
        return true
    }

    /// Whether a request's body may be a form at a token endpoint.
    static func takesForm(_ request: HTTPRequest) -> Bool {
        guard let type = request.contentType, type.hasPrefix("application/x-www-form-urlencoded")
        else { return false }
        return request.path.hasSuffix("token")
    }

    /// Tells what the head of a request is a step of.
    static func tellStep(of request: HTTPRequest, emit: EmitMessage) {
        guard let step = authorize(request) else { return }
        emit(.authorization(step, Carrier(kind: .httpBody, request: request)))
    }

    /// Tells what the head of an answer is a step of.
    static func tellStep(of response: HTTPResponse, emit: EmitMessage) {
        guard let challenge = response.challenge else { return }
        emit(
            .authorization(
                challenge,
                Carrier(kind: .httpBody, request: response.request, response: response)))
    }

    /// The request that sends a person to an authorization server (RFC 6749 §4.1.1).
    static func authorize(_ request: HTTPRequest) -> AuthorizationMessage? {
        let target = request.target.utf8
        guard let mark = target.firstIndex(of: 63), target.distance(to: mark) >= 10,
            target[..<mark].suffix(10).elementsEqual("/authorize".utf8), request.method == "GET"
        else { return nil }
        var message = AuthorizationMessage(kind: .authorize)
        var hasType = false
        // A line that ended before its version may have been cut anywhere.
        let isWhole = !request.version.isEmpty && target.count < Limits.standard.hostBytes
        let query = Array(target[target.index(after: mark)...])
        parameters(query[...], isWhole: isWhole) { name, value in
            if name == "response_type" { hasType = true }
            message.take(name, value)
        }
        return hasType ? message : nil
    }

    // MARK: - Forms

    /// A form that a client sent to a token endpoint, or the beginning of one.
    static func read(
        form bytes: [UInt8], isWhole: Bool = true, _ carrier: Carrier, emit: EmitMessage
    ) {
        var message = AuthorizationMessage(kind: .tokenRequest)
        parameters(bytes[...], isWhole: isWhole) { name, value in message.take(name, value) }
        if message.grant != nil { emit(.authorization(message, carrier)) }
    }

    /// Parameters of a form or query, decoded (application/x-www-form-urlencoded); at most 64. Of
    /// one that is not whole the last may be cut, and says nothing.
    private static func parameters(
        _ bytes: ArraySlice<UInt8>, isWhole: Bool, _ take: (String, String) -> Void
    ) {
        var bytes = bytes
        if !isWhole { bytes = bytes[..<(bytes.lastIndex(of: 38) ?? bytes.startIndex)] }
        for pair in bytes.split(separator: 38).prefix(64) {
            let equals = pair.firstIndex(of: 61) ?? pair.endIndex
            let name = decoded(pair[..<equals])
            guard kept.contains(name), equals < pair.endIndex else { continue }
            take(name, decoded(pair[(equals + 1)...].prefix(2048)))
        }
    }

    private static let kept: Set<String> = [
        "response_type", "grant_type", "resource", "scope", "client_id", "redirect_uri",
        "code_challenge_method",
    ]

    private static func decoded(_ bytes: ArraySlice<UInt8>) -> String {
        var out: [UInt8] = []
        var at = bytes.startIndex
        while at < bytes.endIndex {
            if bytes[at] == 37, at + 2 < bytes.endIndex,
                let high = HTTP1Dissector.hexDigit(bytes[at + 1]),
                let low = HTTP1Dissector.hexDigit(bytes[at + 2])
            {
                out.append(UInt8(high << 4 | low))
                at += 3
            } else {
                out.append(bytes[at] == 43 ? 32 : bytes[at])
                at += 1
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    // MARK: - Objects

    private static func object(
        _ content: Content, _ request: HTTPRequest
    ) -> AuthorizationMessage? {
        var draft = OAuthDraft()
        var input = JSONReader(content.bytes.span)
        do throws(ParseFailure) {
            try draft.read(&input)
        } catch {
            // Cut off: what was read stands if it is enough.
        }
        return draft.message(request, content.side)
    }
}

extension AuthorizationMessage {
    fileprivate mutating func take(_ name: String, _ value: String) {
        switch name {
        case "grant_type": grant = String(value.prefix(128))
        case "resource": resource = PlainURL.web(value)
        case "scope": scopes = AuthorizationMessage.scopes(value)
        case "client_id": client = PlainURL.web(value)
        case "redirect_uri": redirectHosts = PlainURL.hostBehindScheme(value).map { [$0] } ?? []
        case "code_challenge_method": if value == "S256" { features = ["S256"] }
        default: break
        }
    }
}

/// Members of an OAuth object, whichever it turns out to be.
private struct OAuthDraft {
    private var message = AuthorizationMessage(kind: .registration)
    private var hasRedirects = false
    private var hasClientID = false
    private var hasToken = false
    private var hasTokenEndpoint = false

    mutating func read(_ input: inout JSONReader) throws(ParseFailure) {
        try input.enterObject()
        while let key = try input.nextKey() {
            switch key {
            case "resource":
                message.resource = PlainURL.web(
                    try input.stringIfPresent(limit: 1024))
            case "authorization_servers":
                message.servers = try OAuthDraft.texts(&input).compactMap(PlainURL.web)
            case "scopes_supported":
                message.scopes = try OAuthDraft.texts(&input, most: 32).map {
                    String($0.prefix(128))
                }
            case "scope":
                message.scopes = AuthorizationMessage.scopes(
                    try input.stringIfPresent(limit: 2048))
            case "issuer":
                message.issuer = PlainURL.web(try input.stringIfPresent(limit: 1024))
            case "token_endpoint":
                hasTokenEndpoint = try input.kind() == .string
                try input.skipValue()
            case "registration_endpoint": try offer("registration", .string, &input)
            case "code_challenge_methods_supported":
                if try OAuthDraft.texts(&input).contains("S256") { message.features.append("S256") }
            case "client_id_metadata_document_supported":
                if try input.boolIfPresent() == true {
                    message.features.append("client-id-metadata")
                }
            default: try readClient(key, &input)
            }
        }
    }

    /// Members of a client's registration and of a token's answer.
    private mutating func readClient(
        _ key: borrowing JSONKey, _ input: inout JSONReader
    ) throws(ParseFailure) {
        switch key {
        case "client_name": message.clientName = try input.stringIfPresent(limit: 128)
        case "redirect_uris":
            hasRedirects = try input.kind() == .array
            message.redirectHosts = try OAuthDraft.texts(&input).compactMap(
                PlainURL.hostBehindScheme)
        case "client_id":
            hasClientID = try input.kind() == .string
            message.client = PlainURL.web(try input.stringIfPresent(limit: 1024))
        case "client_secret":
            message.hasSecret = try input.kind() == .string
            try input.skipValue()
        case "access_token":
            hasToken = try input.kind() == .string
            try input.skipValue()
        case "refresh_token":
            message.hasRefreshToken = try input.kind() == .string
            try input.skipValue()
        case "expires_in": message.lifetime = try input.numberText().flatMap { Int($0) }
        case "error": message.error = try input.stringIfPresent(limit: 64)
        default: try input.skipValue()
        }
    }

    private mutating func offer(
        _ feature: String, _ kind: JSONReader.Kind, _ input: inout JSONReader
    ) throws(ParseFailure) {
        if try input.kind() == kind { message.features.append(feature) }
        try input.skipValue()
    }

    private static func texts(
        _ input: inout JSONReader, most: Int = 8
    ) throws(ParseFailure) -> [String] {
        guard try input.entersArray() else { return [] }
        var found: [String] = []
        while try input.nextElement() {
            let text = try input.stringIfPresent(limit: 1024)
            if let text, found.count < most { found.append(text) }
        }
        return found
    }

    /// What it is, by its members and by where it came from; nil for anything else.
    func message(_ request: HTTPRequest, _ side: Side) -> AuthorizationMessage? {
        var found = message
        if side == .client {
            guard hasRedirects, request.method == "POST" else { return nil }
            return found
        }
        let path = request.path
        if path.utf8.count > 12, path.contains("/.well-known/") {
            if path.contains("/.well-known/oauth-protected-resource"), found.resource != nil {
                found.kind = .resourceMetadata
                return found
            }
            let isServer =
                path.contains("/.well-known/oauth-authorization-server")
                || path.contains("/.well-known/openid-configuration")
            guard isServer, found.issuer != nil, hasTokenEndpoint else { return nil }
            found.kind = .serverMetadata
            return found
        }
        guard request.method == "POST" else { return nil }
        if hasClientID, hasRedirects {
            found.kind = .registered
        } else if hasToken, path.hasSuffix("token") {
            found.kind = .tokenIssued
        } else if found.error != nil, path.hasSuffix("token") {
            found.kind = .tokenRefused
        } else {
            return nil
        }
        return found
    }
}

extension String.UTF8View {
    fileprivate func distance(to index: Index) -> Int { distance(from: startIndex, to: index) }
}
