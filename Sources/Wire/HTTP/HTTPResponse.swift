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
        var mcpSession: UInt64?
        var hasResourceMetadata = false
        var contentEncoding: String?
        var request: HTTPRequest?
    }

    private final class Head: Sendable {
        let fields: Fields
        init(_ fields: consuming Fields) { self.fields = fields }
    }

    private static let empty = Head(Fields())
    private var head: Head

    package init() { head = HTTPResponse.empty }

    init(_ fields: consuming Fields) { head = Head(fields) }

    package static func == (a: HTTPResponse, b: HTTPResponse) -> Bool {
        a.head === b.head || a.head.fields == b.head.fields
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(head.fields) }

    private mutating func change(_ edit: (inout Fields) -> Void) {
        var fields = head.fields
        edit(&fields)
        head = Head(fields)
    }
}

extension HTTPResponse {
    /// Which response of its flow this is, from 1.
    package var ordinal: Int {
        get { head.fields.ordinal }
        set { change { $0.ordinal = newValue } }
    }
    /// The status code, 100...999.
    package var status: Int {
        get { head.fields.status }
        set { change { $0.status = newValue } }
    }
    package var version: String {
        get { head.fields.version }
        set { change { $0.version = newValue } }
    }
    package var contentType: String? {
        get { head.fields.contentType }
        set { change { $0.contentType = newValue } }
    }
    package var contentLength: Int? {
        get { head.fields.contentLength }
        set { change { $0.contentLength = newValue } }
    }
    package var server: String? {
        get { head.fields.server }
        set { change { $0.server = newValue } }
    }
    package var mcpSession: UInt64? {
        get { head.fields.mcpSession }
        set { change { $0.mcpSession = newValue } }
    }
    /// WWW-Authenticate names `resource_metadata` (RFC 9728 §5.1).
    package var hasResourceMetadata: Bool {
        get { head.fields.hasResourceMetadata }
        set { change { $0.hasResourceMetadata = newValue } }
    }
    /// Content-Encoding, when it is not identity: the body cannot be read as it is.
    package var contentEncoding: String? {
        get { head.fields.contentEncoding }
        set { change { $0.contentEncoding = newValue } }
    }
    /// The request this answers; nil when it was not seen.
    package var request: HTTPRequest? {
        get { head.fields.request }
        set { change { $0.request = newValue } }
    }
}

extension HTTPResponse: CustomStringConvertible {
    /// All fields, for tests and debuggers.
    package var description: String { "HTTPResponse\(head.fields)" }
}
