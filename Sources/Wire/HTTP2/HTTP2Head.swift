/// One block of fields: a head, or trailers (RFC 9113 §8). It is told as HTTP/2's own message, and
/// makes the head that HTTP/1 would have sent.
struct HTTP2Head {
    var message: HTTP2Message
    private(set) var request = HTTPRequest.Fields()
    private(set) var response = HTTPResponse.Fields()
    /// `:protocol`.
    private(set) var bootstrap: String?
    private var host: String?

    init(stream: UInt32) { message = HTTP2Message(stream: stream) }

    mutating func keep(_ kept: HPACK.Kept, from side: Side) {
        let value = kept.value
        switch kept.field {
        case .method: message.method = value
        case .path: message.path = value
        case .authority: message.authority = value
        case .status:
            message.status = FieldValue(value.utf8.span).number
            // Fields behind it are read by it.
            response.status = message.status ?? 0
        case .parameter(let name): request.keep(parameter: name)
        case .bootstrap: bootstrap = value
        case .head(.host): host = value
        case .head(let field):
            if field == .userAgent { message.userAgent = value }
            if field == .contentType { message.contentType = value }
            if field == .grpcStatus, side == .server { message.grpcStatus = GRPCStatus(value) }
            if side == .client { keep(request: field, kept) } else { keep(response: field, kept) }
        case .scheme, .other: break
        }
    }

    private mutating func keep(request field: HTTPField, _ kept: HPACK.Kept) {
        switch field {
        case .mcpSession: request.mcpSession = kept.key
        case .lastEventID: request.lastEventID = kept.key
        // The scheme alone is kept of it, so what stands for the secret was made before.
        case .authorization:
            request.authScheme = kept.value
            request.credential = kept.key
            request.claims = kept.claims
        case .contentLength: request.contentLength = FieldValue(kept.value.utf8.span).number
        default: request.keep(field, FieldValue(kept.value.utf8.span), isAbsolute: false)
        }
    }

    private mutating func keep(response field: HTTPField, _ kept: HPACK.Kept) {
        switch field {
        case .mcpSession: response.mcpSession = kept.key
        case .contentLength: response.contentLength = FieldValue(kept.value.utf8.span).number
        // It has no meaning here (RFC 9113 §8.2.2).
        case .upgrade: break
        default: response.keep(field, FieldValue(kept.value.utf8.span))
        }
    }

    /// All fields are in.
    mutating func finish() {
        if message.authority == nil { message.authority = host }
        request.host = message.authority
        request.method = message.method ?? ""
        request.target = message.path ?? ""
        request.version = HTTPRequest.secondVersion
        request.targetHash = SessionKey.of(pathAndQueryOf: request.target.utf8.span)
        response.version = HTTPRequest.secondVersion
    }

    /// The request, when the fields that make one are known.
    func request(ordinal: Int) -> HTTPRequest? {
        guard message.method != nil, message.path != nil else { return nil }
        var fields = request
        fields.ordinal = ordinal
        return HTTPRequest(fields)
    }

    func response(to request: HTTPRequest?, ordinal: Int) -> HTTPResponse {
        var fields = response
        fields.request = request
        fields.ordinal = ordinal
        return HTTPResponse(fields)
    }
}
