/// What is kept of a response head: one reference, as `HTTPRequest`.
package struct HTTPResponse: Sendable, Hashable {
    /// The fields themselves.
    struct Fields: Sendable, Hashable {
        var ordinal: Int = 0
        var status: Int = 0
        var version: String = ""
        var contentType: String?
        var contentLength: Int?
        var server: String?
        var program: RuntimeHeader?
        var upgrade: String?
        var mcpSession: UInt64?
        var hasResourceMetadata = false
        var challenge: SharedFields<AuthorizationMessage>?
        var contentEncoding: String?
        var transferEncoding: String?
        var grpcEncoding: String?
        var deflate = PerMessageDeflate.none
        var request: HTTPRequest?
    }

    private let head: SharedFields<Fields>

    init(_ fields: consuming Fields) { head = SharedFields(fields) }
}

extension HTTPResponse {
    /// Which response of its flow this is, from 1.
    package var ordinal: Int { head.fields.ordinal }
    /// The status code, 100...999.
    package var status: Int { head.fields.status }
    package var version: String { head.fields.version }
    package var contentType: String? { head.fields.contentType }
    package var contentLength: Int? { head.fields.contentLength }
    package var server: String? { head.fields.server }
    /// The program that an x-* field of its own names.
    var program: RuntimeHeader? { head.fields.program }
    /// The protocol that the connection speaks behind a 101: `websocket`, `h2c`, …
    package var upgrade: String? { head.fields.upgrade }
    package var mcpSession: UInt64? { head.fields.mcpSession }
    /// WWW-Authenticate names `resource_metadata` (RFC 9728 §5.1).
    package var hasResourceMetadata: Bool { head.fields.hasResourceMetadata }
    /// What a 401 or 403 asks a bearer of tokens for (RFC 6750 §3).
    package var challenge: AuthorizationMessage? { head.fields.challenge?.fields }
    /// Content-Encoding, when it is not identity: the body cannot be read as it is.
    package var contentEncoding: String? { head.fields.contentEncoding }
    /// Transfer-Encoding, when there is more than `chunked`: the same.
    package var transferEncoding: String? { head.fields.transferEncoding }
    /// How messages of gRPC are compressed.
    var grpcEncoding: String? { head.fields.grpcEncoding }
    /// How the messages of a WebSocket are compressed, as the server chose.
    var deflate: PerMessageDeflate { head.fields.deflate }
    /// The connection speaks WebSocket behind this head (RFC 6455 §4.2.2).
    var isWebSocket: Bool { head.fields.upgrade?.lowercased() == "websocket" }
    /// The request this answers; nil when it was not seen.
    package var request: HTTPRequest? { head.fields.request }
}

extension HTTPResponse: CustomStringConvertible {
    /// All fields, for tests and debuggers.
    package var description: String { "HTTPResponse\(head.fields)" }
}
