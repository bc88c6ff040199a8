/// HTTP/2 in the clear, known before or upgraded to (RFC 9113): heads of requests and answers, and
/// the bodies that may hold JSON, events or messages of gRPC.
package struct HTTP2Dissector: Dissector {
    package static let name = "http2"
    package static let transport = Transport.tcp

    /// What a client begins with (RFC 9113 §3.4).
    private static let preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

    /// A DATA frame whose payload comes.
    private struct Payload {
        var stream: UInt32
        /// Bytes of the body still to come, and of the padding behind them.
        var left: Int
        var padding: Int
        var isEnd: Bool
    }

    private struct Half {
        var hasBegun = false
        /// Bytes were lost, and the next frame is looked for.
        var isLost = false
        var fields = HPACK()
        /// The parts of a block so far, of this stream; 0 while there is none.
        var block: [UInt8] = []
        var blockStream: UInt32 = 0
        var isPromise = false
        /// The block ends its stream.
        var isEnd = false
        var payload: Payload?

        var heldBytes: Int { block.count + fields.tableBytes }

        mutating func lose() {
            fields.lose()
            block = []
            blockStream = 0
            payload = nil
            isLost = true
        }
    }

    private var halves = InlineArray<2, Half>(repeating: Half())
    private var exchanges = HTTP2Exchanges()

    package init() {}

    package mutating func use(_ memory: DefinitionMemory?) { exchanges.memory = memory }

    /// The first stream answers what asked for the upgrade (RFC 7540 §3.2).
    package mutating func adopt(_ request: HTTPRequest) { exchanges.adopt(request) }

    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        if opening.starts(with: preface) { return .yes(.client) }
        if opening.starts(with: "PRI * HTTP/2") { return .maybe }
        return beginsWithSettings(opening) ? .yes(.server) : .no
    }

    /// A server's first frame, which may come before the client's preface is seen: SETTINGS, and a
    /// first setting that is one.
    private static func beginsWithSettings(_ opening: ByteReader) -> Bool {
        guard opening.peek(0) == 0, opening.peek(1) == 0, let length = opening.peek(2),
            length > 0, length <= 60, length % 6 == 0,
            opening.from(3).starts(with: "\u{4}\u{0}\u{0}\u{0}\u{0}\u{0}\u{0}"),
            let setting = opening.peek(HTTP2Frame.headerBytes + 1)
        else { return false }
        return (1...8).contains(setting)
    }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        let at = Int(side.rawValue)
        if halves[at].isLost, try !findFrame(&input, at) { return .next }
        if halves[at].payload != nil {
            data(&input, from: side, emit: emit)
            return .next
        }
        if side == .client, !halves[0].hasBegun {
            let count = HTTP2Dissector.preface.utf8CodeUnitCount
            guard input.remaining >= count else { throw .needMore(count - input.remaining) }
            if input.starts(with: HTTP2Dissector.preface) { try input.skip(count) }
        }
        let frame = try HTTP2Frame(&input)
        // Both begin with SETTINGS (RFC 9113 §3.4): else something before was not seen.
        guard halves[at].hasBegun || frame.kind == HTTP2Frame.Kind.settings else { return .done }
        switch frame.kind {
        case HTTP2Frame.Kind.settings:
            try settings(&input, frame.length, from: side)
            halves[at].hasBegun = true
            return .next
        case HTTP2Frame.Kind.headers, HTTP2Frame.Kind.pushPromise, HTTP2Frame.Kind.continuation:
            guard frame.length <= Limits.standard.headBytes else {
                throw .malformed(.headTooLong)
            }
            var body = try input.take(frame.length)
            try headers(&body, frame, from: side, emit: emit)
            return .next
        case HTTP2Frame.Kind.data: return try data(&input, frame, from: side, emit: emit)
        case HTTP2Frame.Kind.reset:
            exchanges.reset(frame.stream, emit: emit)
            return .skip(frame.length)
        default: return .skip(frame.length)
        }
    }

    /// Moves to the next frame behind lost bytes; false when this segment has none.
    private mutating func findFrame(
        _ input: inout ByteReader, _ at: Int
    ) throws(ParseFailure) -> Bool {
        guard let start = HTTP2Frame.boundary(in: input, latest: exchanges.latest) else {
            _ = input.rest()
            return false
        }
        try input.skip(start)
        halves[at].isLost = false
        halves[at].hasBegun = true
        return true
    }

    /// Of the settings only the size of the table is of interest, which the other side's encoder
    /// then has (RFC 9113 §6.5.2).
    private mutating func settings(
        _ input: inout ByteReader, _ length: Int, from side: Side
    ) throws(ParseFailure) {
        guard length % 6 == 0, length <= 6 * 64 else { throw .malformed(.badHTTP2) }
        var frame = try input.take(length)
        while !frame.isAtEnd {
            let setting = try frame.uint16()
            let value = Int(try frame.uint32())
            if setting == 1 { halves[Int(side.other.rawValue)].fields.allow(value) }
        }
    }

    // MARK: - Bodies

    private mutating func data(
        _ input: inout ByteReader, _ frame: HTTP2Frame, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        let isPadded = frame.flags.contains(.padded)
        let padding = isPadded ? Int(try input.uint8()) : 0
        let body = frame.length - padding - (isPadded ? 1 : 0)
        guard frame.stream != 0, body >= 0 else { throw .malformed(.badHTTP2) }
        let isEnd = frame.flags.contains(.endStream)
        // A body nobody reads is passed over whole.
        guard exchanges.reads(frame.stream, from: side) else {
            if isEnd { exchanges.end(frame.stream, from: side, emit: emit) }
            return .skip(body + padding)
        }
        halves[Int(side.rawValue)].payload = Payload(
            stream: frame.stream, left: body, padding: padding, isEnd: isEnd)
        if body + padding == 0 { endPayload(from: side, emit: emit) }
        return .next
    }

    private mutating func data(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) {
        let at = Int(side.rawValue)
        guard var payload = halves[at].payload else { return }
        if payload.left > 0 {
            let part = input.span(payload.left)
            payload.left -= part.count
            exchanges.take(part, payload.stream, from: side, emit: emit)
        }
        if payload.left == 0 { payload.padding -= input.moved(by: payload.padding) }
        halves[at].payload = payload
        if payload.left + payload.padding == 0 { endPayload(from: side, emit: emit) }
    }

    private mutating func endPayload(from side: Side, emit: EmitMessage) {
        guard let payload = halves[Int(side.rawValue)].payload else { return }
        halves[Int(side.rawValue)].payload = nil
        if payload.isEnd { exchanges.end(payload.stream, from: side, emit: emit) }
    }

    // MARK: - Heads

    private mutating func headers(
        _ frame: inout ByteReader, _ head: HTTP2Frame, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) {
        let at = Int(side.rawValue)
        let isContinuation = head.kind == HTTP2Frame.Kind.continuation
        // The end of a block whose beginning was lost adds nobody knows what.
        if isContinuation, halves[at].blockStream == 0, halves[at].fields.isPartial {
            return halves[at].fields.lose()
        }
        // A block's frames follow each other without another between (RFC 9113 §6.10).
        guard head.stream != 0, isContinuation == (halves[at].blockStream != 0),
            !isContinuation || head.stream == halves[at].blockStream
        else { throw .malformed(.badHTTP2) }
        var padding = 0
        if !isContinuation {
            if head.flags.contains(.padded) { padding = Int(try frame.uint8()) }
            let isHeaders = head.kind == HTTP2Frame.Kind.headers
            if isHeaders, head.flags.contains(.priority) { try frame.skip(5) }
            halves[at].isPromise = !isHeaders
            halves[at].isEnd = isHeaders && head.flags.contains(.endStream)
            if !isHeaders { try frame.skip(4) }
        }
        guard padding <= frame.remaining else { throw .malformed(.badHTTP2) }
        let part = frame.array(frame.remaining - padding)
        guard halves[at].block.count + part.count <= Limits.standard.headBytes else {
            throw .malformed(.headTooLong)
        }
        halves[at].block += part
        halves[at].blockStream = head.stream
        guard head.flags.contains(.endHeaders) else { return }
        let block = halves[at].block
        halves[at].block = []
        halves[at].blockStream = 0
        try read(block, head.stream, from: side, emit: emit)
    }

    private mutating func read(
        _ block: [UInt8], _ stream: UInt32, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) {
        let at = Int(side.rawValue)
        var head = HTTP2Head(stream: stream)
        var input = ByteReader(block.span, isPart: true)
        try halves[at].fields.read(&input) { head.keep($0, from: side) }
        if halves[at].isPromise { return }
        head.finish()
        exchanges.take(head, from: side, isEnd: halves[at].isEnd, emit: emit)
    }

    // MARK: - Loss and ends

    package var heldBytes: Int {
        halves[0].heldBytes + halves[1].heldBytes + exchanges.heldBytes
    }

    /// A body says where its frame ends, so a hole inside moves nothing but the body.
    package mutating func bridges(_ missing: Int, from side: Side) -> Bool {
        let at = Int(side.rawValue)
        guard var payload = halves[at].payload, missing <= payload.left else { return false }
        payload.left -= missing
        halves[at].payload = payload
        exchanges.cut(payload.stream, from: side)
        return true
    }

    package mutating func gap(from side: Side) {
        halves[Int(side.rawValue)].lose()
        exchanges.gap(from: side)
    }

    /// What an encoder added to its table among the lost bytes is not known; frames are found again
    /// all the same, and what they say without the table.
    package func resumes(at opening: ByteReader, from side: Side, ports: Ports) -> Bool {
        HTTP2Frame.boundary(in: opening, latest: exchanges.latest) != nil
    }

    package mutating func end(of side: Side, emit: EmitMessage) {
        exchanges.endAll(from: side, emit: emit)
    }

    package mutating func finish(emit: EmitMessage) { exchanges.finish(emit: emit) }
}
