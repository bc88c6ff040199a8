/// Start line and fields of an HTTP/1 head (RFC 9112 §§3-5), read leniently: what clients and
/// servers in the field accept is taken, what nobody could mean is an anomaly.
struct HTTPHeadReader {
    /// The head's lines without their ends, continuation lines joined (RFC 9112 §5.2).
    private var lines: [ArraySlice<UInt8>] = []

    /// Bytes of the head at the reader's position, its empty line included; nil while it is
    /// incomplete.
    static func length(of input: ByteReader) -> Int? {
        var at = 0
        while let step = input.from(at).distance(to: 10) {
            at += step + 1
            if input.peek(at) == 10 { return at + 1 }
            if input.peek(at) == 13, input.peek(at + 1) == 10 { return at + 2 }
        }
        return nil
    }

    init(_ bytes: [UInt8]) throws(ParseFailure) {
        for line in bytes.split(separator: 10, omittingEmptySubsequences: false) {
            let text = line.last == 13 ? line.dropLast() : line
            if let first = text.first, first == 32 || first == 9, let last = lines.last {
                lines[lines.count - 1] = (Array(last) + [32] + HTTPHeadReader.trimmed(text))[...]
            } else if !text.isEmpty {
                lines.append(text)
            }
            guard lines.count <= Limits.standard.headFields else { throw .malformed(.headTooLong) }
        }
        guard !lines.isEmpty else { throw .malformed(.badHTTPHead) }
    }

    // MARK: - Heads

    /// A request head, and how its body is framed.
    func request() throws(ParseFailure) -> (HTTPRequest, BodyFraming) {
        let parts = lines[0].split(separator: 32, omittingEmptySubsequences: true)
        guard parts.count >= 3, let version = parts.last, version.starts(with: Array("HTTP/".utf8))
        else { throw .malformed(.badHTTPHead) }
        var request = HTTPRequest()
        request.method = HTTPHeadReader.text(parts[0], limit: 64)
        let target = lines[0][parts[1].startIndex..<parts[parts.count - 2].endIndex]
        request.target = HTTPHeadReader.text(target, limit: 8192)
        request.version = HTTPHeadReader.text(version, limit: 16)
        request.targetHash = SessionKey.of(uri: String(decoding: target, as: UTF8.self))
        if request.isAbsolute { request.host = HTTPHeadReader.authority(of: request.target) }
        var framing = BodyFraming.none
        for (name, value) in fields() {
            if name.hasPrefix("x-stainless-") { request.hasStainless = true }
            if name == "transfer-encoding", HTTPHeadReader.isChunked(value) { framing = .chunked }
            if name == "content-length", framing != .chunked, let count = Int(value), count >= 0 {
                framing = .length(count)
                request.contentLength = count
            }
            request.keep(name, value)
        }
        return (request, framing)
    }

    /// A response head, and how its body is framed as far as the head alone tells.
    func response() throws(ParseFailure) -> (HTTPResponse, BodyFraming) {
        let parts = lines[0].split(separator: 32, maxSplits: 2, omittingEmptySubsequences: true)
        guard parts.count >= 2, parts[0].starts(with: Array("HTTP/".utf8)),
            let status = Int(HTTPHeadReader.text(parts[1], limit: 8)), (100...999).contains(status)
        else { throw .malformed(.badHTTPHead) }
        var response = HTTPResponse()
        response.status = status
        response.version = HTTPHeadReader.text(parts[0], limit: 16)
        var framing = BodyFraming.untilClose
        for (name, value) in fields() {
            switch name {
            case "transfer-encoding" where HTTPHeadReader.isChunked(value): framing = .chunked
            case "content-length":
                guard framing != .chunked, let count = Int(value), count >= 0 else { break }
                framing = .length(count)
                response.contentLength = count
            case "content-type": response.contentType = value
            case "server": response.server = value
            case "mcp-session-id": response.mcpSession = SessionKey.of(value.utf8)
            case "content-encoding" where value.lowercased() != "identity":
                response.contentEncoding = value
            case "www-authenticate" where value.contains("resource_metadata="):
                response.hasResourceMetadata = true
            default: break
            }
        }
        return (response, framing)
    }

    /// Lower-cased names with their trimmed values; lines that are no field are passed over.
    private func fields() -> [(name: String, value: String)] {
        lines.dropFirst().compactMap { line in
            guard let colon = line.firstIndex(of: 58), colon > line.startIndex else { return nil }
            let name = line[..<colon].map { (65...90).contains($0) ? $0 + 32 : $0 }
            let value = HTTPHeadReader.trimmed(line[(colon + 1)...])
            return (
                HTTPHeadReader.text(HTTPHeadReader.trimmed(name[...])[...], limit: 64),
                HTTPHeadReader.text(value[...], limit: Limits.standard.fieldBytes)
            )
        }
    }

    // MARK: - Pieces

    private static func isChunked(_ value: String) -> Bool {
        value.lowercased().hasSuffix("chunked")
    }

    private static func authority(of target: String) -> String? {
        guard let start = target.range(of: "://") else { return nil }
        let authority = target[start...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        // What stands before an @ is a user's name and password (RFC 9110 §4.2.4).
        return authority.lastIndex(of: "@").map { String(authority[$0...].dropFirst()) }
            ?? String(authority)
    }

    private static func trimmed(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let isBlank = { (byte: UInt8) in byte == 32 || byte == 9 }
        var rest = bytes.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return Array(rest)
    }

    private static func text(_ bytes: some Collection<UInt8>, limit: Int) -> String {
        String(decoding: bytes.prefix(limit), as: UTF8.self)
    }
}

extension String {
    /// The index just behind the first `pattern`.
    fileprivate func range(of pattern: String) -> Index? {
        var at = startIndex
        while at < endIndex {
            if self[at...].hasPrefix(pattern) { return index(at, offsetBy: pattern.count) }
            at = index(after: at)
        }
        return nil
    }
}

extension ByteReader {
    /// A reader that stands `count` bytes further on; at the end when there are fewer.
    @_lifetime(copy self)
    func from(_ count: Int) -> ByteReader {
        var copy = self
        _ = copy.moved(by: count)
        return copy
    }
}

extension HTTPRequest {
    /// Takes the fields of the allow-list; every other field is forgotten here.
    fileprivate mutating func keep(_ name: String, _ value: String) {
        switch name {
        case "host" where !isAbsolute: host = value
        case "user-agent": userAgent = value
        case "content-type": contentType = value
        case "accept": accept = value
        case "origin": origin = value
        case "mcp-protocol-version": mcpVersion = value
        case "mcp-method": mcpMethod = value
        case "mcp-name": mcpName = value
        case "mcp-session-id": mcpSession = SessionKey.of(value.utf8)
        case "last-event-id": hasLastEventID = true
        case "anthropic-version": anthropicVersion = value
        case "content-encoding" where value.lowercased() != "identity": contentEncoding = value
        case "authorization": authScheme = HTTPRequest.scheme(of: value)
        case "x-api-key", "api-key", "x-goog-api-key": authScheme = authScheme ?? name
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

/// How the end of a body is told (RFC 9112 §6.3).
enum BodyFraming: Equatable, Sendable {
    case none
    case length(Int)
    case chunked
    case untilClose
}
