/// What is kept of a request head: listed fields only, no secret among them (RFC 9112 §3).
///
/// One reference to what never changes, so that to hand a request on costs no copy of its texts.
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
        var hasLastEventID = false
        var authScheme: String?
        var anthropicVersion: String?
        var hasStainless = false
        var contentLength: Int?
        var contentEncoding: String?
        var targetHash: UInt64 = 0
    }

    private final class Head: Sendable {
        let fields: Fields
        init(_ fields: consuming Fields) { self.fields = fields }
    }

    private static let empty = Head(Fields())
    private var head: Head

    package init() { head = HTTPRequest.empty }

    init(_ fields: consuming Fields) { head = Head(fields) }

    package static func == (a: HTTPRequest, b: HTTPRequest) -> Bool {
        a.head === b.head || a.head.fields == b.head.fields
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(head.fields) }

    private mutating func change(_ edit: (inout Fields) -> Void) {
        var fields = head.fields
        edit(&fields)
        head = Head(fields)
    }
}

extension HTTPRequest {
    /// Which request of its flow this is, from 1. With the flow's number it names the exchange.
    package var ordinal: Int {
        get { head.fields.ordinal }
        set { change { $0.ordinal = newValue } }
    }
    package var method: String {
        get { head.fields.method }
        set { change { $0.method = newValue } }
    }
    /// The request target as sent: a path and query, `host:port` for CONNECT, or an absolute URI.
    package var target: String {
        get { head.fields.target }
        set { change { $0.target = newValue } }
    }
    /// `HTTP/1.1` and the like.
    package var version: String {
        get { head.fields.version }
        set { change { $0.version = newValue } }
    }
    /// The Host field as sent, or the authority of an absolute target; may hold a port.
    package var host: String? {
        get { head.fields.host }
        set { change { $0.host = newValue } }
    }
    package var userAgent: String? {
        get { head.fields.userAgent }
        set { change { $0.userAgent = newValue } }
    }
    package var contentType: String? {
        get { head.fields.contentType }
        set { change { $0.contentType = newValue } }
    }
    package var accept: String? {
        get { head.fields.accept }
        set { change { $0.accept = newValue } }
    }
    package var origin: String? {
        get { head.fields.origin }
        set { change { $0.origin = newValue } }
    }
    /// MCP-Protocol-Version (MCP 2026-07-28 §Headers).
    package var mcpVersion: String? {
        get { head.fields.mcpVersion }
        set { change { $0.mcpVersion = newValue } }
    }
    /// Mcp-Method.
    package var mcpMethod: String? {
        get { head.fields.mcpMethod }
        set { change { $0.mcpMethod = newValue } }
    }
    /// Mcp-Name.
    package var mcpName: String? {
        get { head.fields.mcpName }
        set { change { $0.mcpName = newValue } }
    }
    /// A keyed hash of Mcp-Session-Id; the id itself is a secret and is not kept.
    package var mcpSession: UInt64? {
        get { head.fields.mcpSession }
        set { change { $0.mcpSession = newValue } }
    }
    package var hasLastEventID: Bool {
        get { head.fields.hasLastEventID }
        set { change { $0.hasLastEventID = newValue } }
    }
    /// The scheme of Authorization, lower-cased (`bearer`, `basic`), or `x-api-key` and the like.
    package var authScheme: String? {
        get { head.fields.authScheme }
        set { change { $0.authScheme = newValue } }
    }
    /// anthropic-version, as any x-stainless-* field a mark of a model SDK.
    package var anthropicVersion: String? {
        get { head.fields.anthropicVersion }
        set { change { $0.anthropicVersion = newValue } }
    }
    package var hasStainless: Bool {
        get { head.fields.hasStainless }
        set { change { $0.hasStainless = newValue } }
    }
    package var contentLength: Int? {
        get { head.fields.contentLength }
        set { change { $0.contentLength = newValue } }
    }
    /// Content-Encoding, when it is not identity: the body cannot be read as it is.
    package var contentEncoding: String? {
        get { head.fields.contentEncoding }
        set { change { $0.contentEncoding = newValue } }
    }
    /// `SessionKey.of` path and query: joins the posts of HTTP+SSE to their stream.
    package var targetHash: UInt64 {
        get { head.fields.targetHash }
        set { change { $0.targetHash = newValue } }
    }
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
