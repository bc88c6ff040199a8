/// What is kept of a request head: listed fields only, no secret among them (RFC 9112 §3).
///
/// One reference: every message of a body shares its head.
package struct HTTPRequest: Sendable, Hashable {
    /// The fields themselves.
    struct Fields: Sendable, Hashable {
        var ordinal: Int = 0
        var method: String = ""
        var target: String = ""
        var version: String = ""
        var host: String?
        var userAgent: String?
        var contentType: String?
        var accept: String?
        var origin: String?
        var mcpVersion: String?
        var mcpMethod: String?
        var mcpName: String?
        var mcpSession: UInt64?
        var lastEventID: UInt64?
        var mcpParameters: [String] = []
        var hasDoubledMCPField = false
        var hasConflictingFraming = false
        var authScheme: String?
        var credential: UInt64?
        var claims: SharedFields<TokenClaims>?
        var logon: SharedFields<Logon>?
        var anthropicVersion: String?
        var hasStainless = false
        var a2aVersion: String?
        var googleClient: String?
        var contentLength: Int?
        var contentEncoding: String?
        var transferEncoding: String?
        var upgradesToWebSocket = false
        var grpcEncoding: String?
        var targetHash: UInt64 = 0
        var traceID: String?
    }

    private let head: SharedFields<Fields>

    init(_ fields: consuming Fields) { head = SharedFields(fields) }
}

extension HTTPRequest {
    /// Which request of its flow this is, from 1. With the flow's number it names the exchange.
    package var ordinal: Int { head.fields.ordinal }
    package var method: String { head.fields.method }
    /// The request target as sent: a path and query, `host:port` for CONNECT, or an absolute URI.
    package var target: String { head.fields.target }
    /// `HTTP/1.1` and the like; of HTTP/2, which does not send one, `HTTP/2`.
    package var version: String { head.fields.version }
    /// The Host field as sent, or the authority of an absolute target; may hold a port.
    package var host: String? { head.fields.host }
    package var userAgent: String? { head.fields.userAgent }
    package var contentType: String? { head.fields.contentType }
    package var accept: String? { head.fields.accept }
    package var origin: String? { head.fields.origin }
    /// MCP-Protocol-Version (MCP 2026-07-28 §Headers).
    package var mcpVersion: String? { head.fields.mcpVersion }
    /// Mcp-Method.
    package var mcpMethod: String? { head.fields.mcpMethod }
    /// Mcp-Name.
    package var mcpName: String? { head.fields.mcpName }
    /// A keyed hash of Mcp-Session-Id; the id itself is a secret and is not kept.
    package var mcpSession: UInt64? { head.fields.mcpSession }
    /// Names of the Mcp-Param-* fields, lower-cased and without that prefix; at most 16. Their
    /// values are arguments and are not kept.
    package var mcpParameters: [String] { head.fields.mcpParameters }
    /// An Mcp-* field stands twice, with two values.
    package var hasDoubledMCPField: Bool { head.fields.hasDoubledMCPField }
    /// Content-Length stands beside Transfer-Encoding, or twice with two values (RFC 9112 §6.3).
    package var hasConflictingFraming: Bool { head.fields.hasConflictingFraming }
    package var hasLastEventID: Bool { head.fields.lastEventID != nil }
    /// Stands for Last-Event-ID: the event behind which a stream is to go on (HTML §9.2.4).
    package var lastEventID: UInt64? { head.fields.lastEventID }
    /// Upgrade names WebSocket (RFC 6455 §4.1).
    package var upgradesToWebSocket: Bool { head.fields.upgradesToWebSocket }
    /// The scheme of Authorization, lower-cased (`bearer`, `basic`), or `x-api-key` and the like.
    package var authScheme: String? { head.fields.authScheme }
    /// Stands for the Authorization field, in memory only.
    package var credential: UInt64? { head.fields.credential }
    /// What a bearer token says of itself, if it is a JWT: claims that nobody has checked.
    package var claims: TokenClaims? { head.fields.claims?.fields }
    /// As whom NTLM, or Basic to a proxy, came; whether it was believed the answer tells.
    package var logon: Logon? { head.fields.logon?.fields }
    /// anthropic-version, as any x-stainless-* field a mark of a model SDK.
    package var anthropicVersion: String? { head.fields.anthropicVersion }
    package var hasStainless: Bool { head.fields.hasStainless }
    /// `Major.Minor` of A2A-Version (A2A 1.0 §3.6); nil for anything else.
    package var a2aVersion: String? { head.fields.a2aVersion }
    /// x-goog-api-client: the SDK and the language, as products.
    package var googleClient: String? { head.fields.googleClient }
    /// The version of requests and answers over HTTP/2, which are events of their own.
    package static var secondVersion: String { "HTTP/2" }
    /// How messages of gRPC are compressed.
    var grpcEncoding: String? { head.fields.grpcEncoding }
    package var contentLength: Int? { head.fields.contentLength }
    /// Content-Encoding, when it is not identity: the body cannot be read as it is.
    package var contentEncoding: String? { head.fields.contentEncoding }
    /// Transfer-Encoding, when there is more than `chunked`: the same.
    package var transferEncoding: String? { head.fields.transferEncoding }
    /// `SessionKey.of` path and query: joins the posts of HTTP+SSE to their stream.
    package var targetHash: UInt64 { head.fields.targetHash }
    /// The trace id of traceparent, 32 hex digits (W3C Trace Context §3.2).
    package var traceID: String? { head.fields.traceID }
}

extension HTTPRequest: CustomStringConvertible {
    /// All fields, for tests and debuggers.
    package var description: String { "HTTPRequest\(head.fields)" }
}

extension HTTPRequest {
    /// The target is an absolute URI, so the request went to a proxy (RFC 9112 §3.2.2).
    package var isAbsolute: Bool { HTTPRequest.isAbsolute(target) }

    static func isAbsolute(_ target: String) -> Bool {
        target.hasPrefix("http://") || target.hasPrefix("https://")
    }

    /// The target's path without query, scheme and authority; `*` and CONNECT targets as they are.
    package var path: String {
        let rest = isAbsolute ? SessionKey.pathAndQuery(target) : target
        let bytes = rest.utf8
        guard let end = bytes.firstIndex(where: { $0 == 63 || $0 == 35 }) else { return rest }
        // A mark that may belong to the character beside it is looked at as text.
        let isPlain =
            (bytes[end...].dropFirst().first ?? 0) < 128 && (bytes[..<end].last ?? 0) < 128
        return isPlain ? String(rest[..<end]) : String(rest.prefix { $0 != "?" && $0 != "#" })
    }
}
