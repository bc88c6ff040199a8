/// HTTP/1.0 and 1.1 (RFC 9112): heads, and the bodies that may hold JSON or events.
package struct HTTP1Dissector: Dissector {
    package static let name = "http"
    package static let transport = Transport.tcp

    /// Where one side's stream stands.
    enum Phase: Equatable {
        case head
        /// Bytes of the body still to come; nil until the connection closes.
        case body(Int?)
        case chunkSize
        case chunk(Int)
        case chunkEnd
        case trailers
    }

    struct Half {
        var phase = Phase.head
        var sink = BodySink()
        var heads = 0
        /// The side has said that nothing more comes.
        var hasEnded = false
    }

    /// By the side's number.
    var halves = InlineArray<2, Half>(repeating: Half())
    var pending: [HTTPRequest] = []
    /// Requests whose answers were lost; told with the next head, or at the end.
    var unanswered: [HTTPRequest] = []
    /// No head of an answer was seen since the beginning or the last gap.
    var mayBeginWithEvents = true
    /// What a side speaks behind an upgrade to WebSocket.
    var socket: WebSocketConnection?
    /// The request that the server goes on to answer in HTTP/2.
    var asking: HTTPRequest?
    var memory: DefinitionMemory?

    package init() {}

    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        if beginsAnswer(opening) { return .yes(.server) }
        let events = beginsWithEvents(opening)
        if events != .no { return events }
        var count = 0
        while let byte = opening.peek(count), (65...90).contains(byte) || byte == 45 || byte == 95 {
            count += 1
            if count > 24 { return .no }
        }
        guard let next = opening.peek(count) else { return count > 0 ? .maybe : .no }
        if next != 32 {
            let isStatusLine = count == 4 && next == 47 && opening.remaining < 7
            return isStatusLine && opening.starts(with: "HTTP") ? .maybe : .no
        }
        guard count >= 3, !opening.starts(with: "PRI * HTTP/2") else { return .no }
        guard let end = opening.distance(to: 10) else {
            return isKnownMethod(opening) ? .yes(.client) : .maybe
        }
        // The line must end in a version of HTTP, not of RTSP or SIP.
        let stop = end > 0 && opening.peek(end - 1) == 13 ? end - 1 : end
        if opening.from(max(0, stop - 8)).starts(with: "HTTP/1.") { return .yes(.client) }
        return isOldRequest(opening, line: stop, target: count + 1) ? .yes(.client) : .no
    }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        // Asked so, it costs no count of references.
        if socket != nil, let socket, socket.speaks(side) {
            return try socket.dissect(&input, from: side, emit: emit)
        }
        switch halves[Int(side.rawValue)].phase {
        case .head:
            if side == .client, beginSocket(input) { return .next }
            if side == .server, mayBeginWithEvents, beginEvents(input) { return .next }
            if side == .server, isBareAnswer(input) { return .done }
            return try head(&input, from: side, emit: emit)
        case .body(let remaining):
            return body(&input, remaining: remaining, from: side, emit: emit)
        case .chunkSize: return try chunkSize(&input, from: side)
        case .chunk(let remaining):
            return chunk(&input, remaining: remaining, from: side, emit: emit)
        case .chunkEnd:
            if try input.uint8() == 13 { _ = try input.uint8() }
            halves[Int(side.rawValue)].phase = .chunkSize
            return .next
        case .trailers: return try trailers(&input, from: side, emit: emit)
        }
    }

    /// What answers a request without a version has no head (RFC 1945 §6).
    private func isBareAnswer(_ input: ByteReader) -> Bool {
        guard input.remaining >= 7, halves[1].heads == 0, let request = pending.last,
            request.version.isEmpty
        else { return false }
        return !HTTP1Dissector.beginsAnswer(input)
    }

    /// An event stream whose head was never seen.
    private mutating func beginEvents(_ input: ByteReader) -> Bool {
        guard HTTP1Dissector.beginsWithEvents(input) == .yes(.server) else { return false }
        mayBeginWithEvents = false
        halves[1].sink = BodySink(ofHeadlessEvents: memory)
        halves[1].phase = .chunkSize
        return true
    }

    // MARK: - Heads

    private mutating func head(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        // Empty lines before a start line are passed over (RFC 9112 §2.2).
        if let byte = input.peek(), byte == 13 || byte == 10 {
            try input.skip(1)
            return .next
        }
        guard let extent = HTTPHeadReader.extent(of: input) else {
            guard input.remaining < Limits.standard.headBytes else {
                throw .malformed(.headTooLong)
            }
            throw .needMore(1)
        }
        var taken = try input.take(extent.bytes)
        guard extent.lines <= Limits.standard.headFields else { throw .malformed(.headTooLong) }
        guard extent.isFolded else { return try head(taken.restSpan(), from: side, emit: emit) }
        let unfolded = try HTTPHeadReader.unfolded(taken.restSpan())
        return try head(unfolded.span, from: side, emit: emit)
    }

    mutating func head(
        _ head: Span<UInt8>, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        let reader = HTTPHeadReader(head)
        return side == .client
            ? try request(reader, emit: emit) : try response(reader, emit: emit)
    }

    private mutating func request(
        _ reader: borrowing HTTPHeadReader, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        var fields = HTTPRequest.Fields()
        let framing = try reader.read(into: &fields)
        if !unanswered.isEmpty { tellUnanswered(emit: emit) }
        halves[0].heads += 1
        fields.ordinal = halves[0].heads
        if pending.count >= Limits.standard.pendingRequests {
            emit(.httpUnanswered(pending.removeFirst()))
        }
        let request = HTTPRequest(consume fields)
        pending.append(request)
        emit(.httpRequest(request))
        OAuthReader.tellStep(of: request, emit: emit)
        // Of most requests there is no body to be wanted.
        let hasBody = framing != .none && framing != .length(0)
        return begin(framing, hasBody ? BodySink(of: request, memory) : BodySink(), .client)
    }

    private mutating func response(
        _ reader: borrowing HTTPHeadReader, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        var fields = HTTPResponse.Fields()
        var framing = try reader.read(into: &fields)
        mayBeginWithEvents = false
        let status = fields.status
        if status < 200, status != 101 {
            // More will follow; the request still waits.
            fields.request = pending.first
            fields.ordinal = halves[1].heads + 1
            emit(.httpResponse(HTTPResponse(fields)))
            return .next
        }
        if pending.count == 1 {
            fields.request = pending.popLast()
        } else if !pending.isEmpty {
            fields.request = pending.removeFirst()
        }
        halves[1].heads += 1
        fields.ordinal = halves[1].heads
        let method = fields.request?.method
        let response = HTTPResponse(fields)
        emit(.httpResponse(response))
        OAuthReader.tellStep(of: response, emit: emit)
        if method == "CONNECT", (200..<300).contains(status) { return .recognizeAnew }
        if status == 101, response.isWebSocket {
            open(response)
            return .next
        }
        if status == 101 {
            if response.upgrade?.lowercased() == "h2c" { asking = response.request }
            return .recognizeAnew
        }
        if method == "HEAD" || status == 204 || status == 304 { framing = .none }
        return begin(framing, BodySink(of: response, memory), .server)
    }

    private mutating func begin(
        _ framing: BodyFraming, _ sink: consuming BodySink, _ side: Side
    ) -> Step {
        let isIgnored = sink.isIgnored
        halves[Int(side.rawValue)].sink = sink
        switch framing {
        case .none, .length(0): halves[Int(side.rawValue)].phase = .head
        case .length(let count): halves[Int(side.rawValue)].phase = .body(count)
        case .chunked: halves[Int(side.rawValue)].phase = .chunkSize
        case .untilClose: halves[Int(side.rawValue)].phase = .body(nil)
        }
        // A body nobody reads is passed over whole.
        if case .length(let count) = framing, count > 0, isIgnored {
            halves[Int(side.rawValue)].phase = .head
            return .skip(count)
        }
        return .next
    }

    // MARK: - Bodies

    private mutating func body(
        _ input: inout ByteReader, remaining: Int?, from side: Side, emit: EmitMessage
    ) -> Step {
        guard let remaining else {
            if halves[Int(side.rawValue)].sink.isIgnored { return .skip(.max) }
            halves[Int(side.rawValue)].sink.take(input.restSpan(), emit: emit)
            return .next
        }
        let bytes = input.span(remaining)
        let left = remaining - bytes.count
        halves[Int(side.rawValue)].sink.take(bytes, emit: emit)
        halves[Int(side.rawValue)].phase = left == 0 ? .head : .body(left)
        if left == 0 { halves[Int(side.rawValue)].sink.end(isWhole: true, emit: emit) }
        if left > 0, halves[Int(side.rawValue)].sink.isIgnored {
            halves[Int(side.rawValue)].phase = .head
            return .skip(left)
        }
        return .next
    }

    /// A chunk's size line, extensions passed over (RFC 9112 §7.1).
    private mutating func chunkSize(
        _ input: inout ByteReader, from side: Side
    ) throws(ParseFailure) -> Step {
        // A new answer where a chunk was due: the old one's end was lost.
        if side == .server, input.starts(with: "HTTP/1.") {
            halves[Int(side.rawValue)].phase = .head
            return .next
        }
        guard let end = input.distance(to: 10, within: 1024) else {
            guard input.remaining < 1024 else { throw .malformed(.badChunk) }
            throw .needMore(1)
        }
        var line = try input.take(end + 1)
        var size = 0
        var digits = 0
        while let byte = line.peek(), let digit = HTTP1Dissector.hexDigit(byte) {
            digits += 1
            guard digits <= 12 else { throw .malformed(.badChunk) }
            size = size << 4 | digit
            _ = try line.uint8()
        }
        guard digits > 0 else { throw .malformed(.badChunk) }
        let isIgnored = halves[Int(side.rawValue)].sink.isIgnored
        halves[Int(side.rawValue)].phase =
            size == 0 ? .trailers : isIgnored ? .chunkEnd : .chunk(size)
        return size > 0 && isIgnored ? .skip(size) : .next
    }

    static func hexDigit(_ byte: UInt8) -> Int? {
        switch byte {
        case 48...57: Int(byte) - 48
        case 65...70: Int(byte) - 55
        case 97...102: Int(byte) - 87
        default: nil
        }
    }

    private mutating func chunk(
        _ input: inout ByteReader, remaining: Int, from side: Side, emit: EmitMessage
    ) -> Step {
        let bytes = input.span(remaining)
        halves[Int(side.rawValue)].sink.take(bytes, emit: emit)
        halves[Int(side.rawValue)].phase =
            bytes.count == remaining ? .chunkEnd : .chunk(remaining - bytes.count)
        return .next
    }

    private mutating func trailers(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        guard let end = input.distance(to: 10, within: 8192) else {
            guard input.remaining < 8192 else { throw .malformed(.badChunk) }
            throw .needMore(1)
        }
        let isEmpty = end == 0 || (end == 1 && input.peek() == 13)
        try input.skip(end + 1)
        guard isEmpty else { return .next }
        halves[Int(side.rawValue)].sink.end(isWhole: true, emit: emit)
        halves[Int(side.rawValue)].phase = .head
        return .next
    }
}
