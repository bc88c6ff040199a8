/// The requests and answers of one HTTP/2 connection, by their streams.
struct HTTP2Exchanges {
    private struct Stream {
        /// Nil when its fields were lost.
        var request: HTTPRequest?
        var bodies = InlineArray<2, HTTP2Body>(repeating: .ignored)
        /// The sides that have sent all.
        var (clientEnded, serverEnded) = (false, false)
        /// It asks for a WebSocket in the stream.
        var isSocket = false
    }

    var memory: DefinitionMemory?
    private var streams: [UInt32: Stream] = [:]
    /// In the order in which they began.
    private var order: [UInt32] = []
    private var bodyBytes = 0
    private var (requests, responses) = (0, 0)
    /// Requests without an answer, oldest first, as `Message.http2` will tell them.
    private var pending: [HTTP2Message] = []
    /// Bytes of what they say.
    private var pendingBytes = 0
    /// The highest stream that was seen.
    private(set) var latest: UInt32 = 0
    /// Bytes that requests without an answer may take where memory is short.
    private static let fewBytes = 4096

    var heldBytes: Int {
        bodyBytes + (pendingBytes > HTTP2Exchanges.fewBytes ? pendingBytes : 0)
    }

    /// The request that asked for the upgrade is the first stream's.
    mutating func adopt(_ request: HTTPRequest) {
        requests = request.ordinal
        latest = 1
        var stream = Stream()
        stream.request = request
        stream.clientEnded = true
        streams[1] = stream
        order.append(1)
        var message = HTTP2Message(stream: 1)
        message.method = request.method
        message.path = request.target
        message.authority = request.host
        message.userAgent = request.userAgent
        message.contentType = request.contentType
        wait(message)
    }

    // MARK: - Heads

    mutating func take(_ head: HTTP2Head, from side: Side, isEnd: Bool, emit: EmitMessage) {
        let stream = head.message.stream
        latest = max(latest, stream)
        if side == .client { ask(head, emit: emit) } else { answer(head, emit: emit) }
        if isEnd { end(stream, from: side, emit: emit) }
    }

    private mutating func ask(_ head: HTTP2Head, emit: EmitMessage) {
        // Trailers have no method.
        guard head.message.method != nil else { return }
        wait(head.message, emit: emit)
        requests += 1
        let request = head.request(ordinal: requests)
        if let request {
            emit(.httpRequest(request))
            OAuthReader.tellStep(of: request, emit: emit)
        }
        var stream = Stream()
        stream.request = request
        stream.isSocket = head.message.method == "CONNECT" && head.bootstrap == "websocket"
        if !stream.isSocket { stream.bodies[0] = HTTP2Body(request: request, head, memory) }
        open(head.message.stream, stream, emit: emit)
    }

    private mutating func answer(_ head: HTTP2Head, emit: EmitMessage) {
        // Behind an interim answer another will follow.
        guard let status = head.message.status else { return tellEnd(head.message, emit: emit) }
        guard status >= 200 else { return }
        tell(head.message, status, emit: emit)
        let id = head.message.stream
        if streams[id] == nil { open(id, Stream(), emit: emit) }
        responses += 1
        let request = streams[id]?.request
        let response = head.response(to: request, ordinal: responses)
        emit(.httpResponse(response))
        OAuthReader.tellStep(of: response, emit: emit)
        guard streams[id]?.isSocket == true, (200..<300).contains(status) else {
            streams[id]?.bodies[1] = HTTP2Body(response: response, memory)
            return
        }
        let tunnel = WebSocketTunnel(request: request, response: response, memory)
        streams[id]?.bodies[0] = .socket(tunnel, .client)
        streams[id]?.bodies[1] = .socket(tunnel, .server)
    }

    /// Notes a stream; the oldest makes room for it.
    private mutating func open(_ id: UInt32, _ stream: Stream, emit: EmitMessage) {
        if streams[id] != nil { close(id) }
        if order.count >= Limits.standard.http2Streams {
            memory?.losses.count(.http2Stream)
            close(order[0])
        }
        streams[id] = stream
        order.append(id)
    }

    private mutating func close(_ id: UInt32) {
        guard let stream = streams.removeValue(forKey: id) else { return }
        bodyBytes -= stream.bodies[0].heldBytes + stream.bodies[1].heldBytes
        if let place = order.firstIndex(of: id) { order.remove(at: place) }
    }

    // MARK: - HTTP/2's own messages

    private mutating func wait(_ message: HTTP2Message) {
        pending.append(message)
        pendingBytes += message.textBytes
    }

    private mutating func wait(_ message: HTTP2Message, emit: EmitMessage) {
        if pending.count >= Limits.standard.pendingRequests { emit(.http2(takePending(0))) }
        wait(message)
        // One byte of the table may stand for all of them.
        while pendingBytes > Limits.standard.headBytes { emit(.http2(takePending(0))) }
    }

    private mutating func takePending(_ place: Int) -> HTTP2Message {
        let taken = pending.remove(at: place)
        pendingBytes -= taken.textBytes
        return taken
    }

    private mutating func tell(_ answer: HTTP2Message, _ status: Int, emit: EmitMessage) {
        guard let place = pending.firstIndex(where: { $0.stream == answer.stream }) else {
            return emit(.http2(answer))
        }
        var request = takePending(place)
        request.status = status
        request.contentType = request.contentType ?? answer.contentType
        request.grpcStatus = answer.grpcStatus
        emit(.http2(request))
    }

    /// Trailers have no status of HTTP (RFC 9113 §8.1): those of gRPC say how the call ended.
    private func tellEnd(_ trailers: HTTP2Message, emit: EmitMessage) {
        guard trailers.grpcStatus != nil, let request = streams[trailers.stream]?.request,
            let type = request.contentType, GRPCCall(type, request) != nil
        else { return }
        var message = trailers
        message.path = request.target
        message.authority = request.host
        message.contentType = type
        emit(.http2(message))
    }

    // MARK: - Bodies

    /// Whether somebody reads what `side` sends on a stream.
    func reads(_ id: UInt32, from side: Side) -> Bool {
        streams[id]?.bodies[Int(side.rawValue)].isIgnored == false
    }

    mutating func take(
        _ bytes: Span<UInt8>, _ id: UInt32, from side: Side, emit: EmitMessage
    ) {
        guard var stream = streams[id] else { return }
        let at = Int(side.rawValue)
        // Moved out, so that it is not copied.
        streams[id]?.bodies[at] = .ignored
        var body = stream.bodies[at]
        stream.bodies[at] = .ignored
        bodyBytes -= body.heldBytes
        body.take(bytes, emit: emit)
        if bodyBytes + body.heldBytes > Limits.standard.http2BodyBytes {
            memory?.losses.count(.http2Stream)
            body = .ignored
        }
        bodyBytes += body.heldBytes
        streams[id]?.bodies[at] = body
    }

    /// Bytes inside of a body were lost.
    mutating func cut(_ id: UInt32, from side: Side) {
        change(id, side) { $0.cut() }
    }

    private mutating func change(_ id: UInt32, _ side: Side, _ change: (inout HTTP2Body) -> Void) {
        guard var body = streams[id]?.bodies[Int(side.rawValue)] else { return }
        bodyBytes -= body.heldBytes
        change(&body)
        bodyBytes += body.heldBytes
        streams[id]?.bodies[Int(side.rawValue)] = body
    }

    /// `side` sends nothing more on a stream.
    mutating func end(_ id: UInt32, from side: Side, isWhole: Bool = true, emit: EmitMessage) {
        change(id, side) { $0.end(isWhole: isWhole, emit: emit) }
        if side == .client { streams[id]?.clientEnded = true }
        if side == .server { streams[id]?.serverEnded = true }
        if let stream = streams[id], stream.clientEnded, stream.serverEnded { close(id) }
    }

    mutating func reset(_ id: UInt32, emit: EmitMessage) {
        end(id, from: .client, isWhole: false, emit: emit)
        end(id, from: .server, isWhole: false, emit: emit)
    }

    mutating func endAll(from side: Side, emit: EmitMessage) {
        for id in order { end(id, from: side, isWhole: false, emit: emit) }
    }

    mutating func gap(from side: Side) {
        for id in order { change(id, side) { $0.gap() } }
    }

    mutating func finish(emit: EmitMessage) {
        endAll(from: .client, emit: emit)
        endAll(from: .server, emit: emit)
        for request in pending { emit(.http2(request)) }
        pending = []
        pendingBytes = 0
    }
}
