/// What becomes of what one side sends on a stream.
enum HTTP2Body {
    case ignored
    case plain(BodySink)
    case grpc(GRPCMessages)
    /// A WebSocket in the stream, which its two sides share (RFC 8441).
    case socket(WebSocketTunnel, Side)

    /// Of a request; one whose path was lost is no head that its messages could bear.
    init(request: HTTPRequest?, _ head: HTTP2Head, _ memory: DefinitionMemory?) {
        if let request, let call = GRPCCall(request.contentType, request) {
            self = .grpc(GRPCMessages(call))
            return
        }
        let asked = request ?? HTTPRequest(head.request)
        self = .plain(BodySink(of: asked, memory, isKnown: request != nil))
    }

    init(response: HTTPResponse, _ memory: DefinitionMemory?) {
        if let request = response.request, let call = GRPCCall(response.contentType, request) {
            self = .grpc(GRPCMessages(call, response))
            return
        }
        self = .plain(BodySink(of: response, memory))
    }

    var isIgnored: Bool {
        switch self {
        case .ignored: true
        case .plain(let sink): sink.isIgnored
        case .grpc, .socket: false
        }
    }

    var heldBytes: Int {
        switch self {
        case .plain(let sink): sink.heldBytes
        case .grpc(let messages): messages.heldBytes
        case .socket(let tunnel, let side): tunnel.heldBytes(of: side)
        case .ignored: 0
        }
    }

    mutating func take(_ bytes: Span<UInt8>, emit: EmitMessage) {
        switch self {
        case .ignored: break
        case .plain(var sink):
            self = .ignored
            sink.take(bytes, emit: emit)
            self = .plain(sink)
        case .grpc(var messages):
            self = .ignored
            messages.take(bytes) { Dissectors.read($0, emit: emit) }
            self = .grpc(messages)
        case .socket(let tunnel, let side): tunnel.take(bytes, from: side, emit: emit)
        }
    }

    mutating func end(isWhole: Bool, emit: EmitMessage) {
        if case .plain(var sink) = self { sink.end(isWhole: isWhole, emit: emit) }
        if case .socket(let tunnel, let side) = self { tunnel.end(of: side, emit: emit) }
        self = .ignored
    }

    /// Bytes inside were lost, and how many is known.
    mutating func cut() {
        if case .plain(var sink) = self {
            sink.cut()
            self = .plain(sink)
        } else {
            gap()
        }
    }

    /// Bytes were lost: only an event stream goes on.
    mutating func gap() {
        guard case .plain(var sink) = self else {
            self = .ignored
            return
        }
        sink.gap()
        self = .plain(sink)
    }
}
