/// HTTP/2 in the clear, known before or upgraded to (RFC 9113): heads of requests and answers.
/// Bodies pass by.
package struct HTTP2Dissector: Dissector {
    package static let name = "http2"
    package static let transport = Transport.tcp

    /// What a client begins with (RFC 9113 §3.4).
    private static let preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    private static let frameHeader = 9

    private enum FrameType {
        static let headers: UInt8 = 1
        static let settings: UInt8 = 4
        static let pushPromise: UInt8 = 5
        static let continuation: UInt8 = 9
    }

    private struct Flags: OptionSet {
        let rawValue: UInt8
        static let endHeaders = Flags(rawValue: 0x04)
        static let padded = Flags(rawValue: 0x08)
        static let priority = Flags(rawValue: 0x20)
    }

    private struct Half {
        var hasBegun = false
        var fields = HPACK()
        /// The parts of a block so far, of this stream; 0 while there is none.
        var block: [UInt8] = []
        var blockStream: UInt32 = 0
        var isPromise = false

        var heldBytes: Int { block.count + fields.tableBytes }
    }

    private var halves = InlineArray<2, Half>(repeating: Half())
    /// Requests without an answer, oldest first.
    private var pending: [HTTP2Message] = []
    /// Bytes of what they say.
    private var pendingBytes = 0
    /// The sides of which nothing more is read, after lost bytes.
    private var (isClientLost, isServerLost) = (false, false)
    /// Bytes that requests without an answer may take where memory is short.
    private static let fewBytes = 4096

    package init() {}

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
            let setting = opening.peek(frameHeader + 1)
        else { return false }
        return (1...8).contains(setting)
    }

    package var heldBytes: Int {
        halves[0].heldBytes + halves[1].heldBytes
            + (pendingBytes > HTTP2Dissector.fewBytes ? pendingBytes : 0)
    }

    package mutating func gap(from side: Side) {
        halves[Int(side.rawValue)] = Half()
        if side == .client { isClientLost = true } else { isServerLost = true }
        // No request will come, and no answer: many may not lie here until the flow ends.
        guard isClientLost, isServerLost, pendingBytes > HTTP2Dissector.fewBytes else { return }
        pending = []
        pendingBytes = 0
    }

    /// What an encoder added to its table among the lost bytes is not known: nothing more of it
    /// could be believed.
    package func resumes(at opening: ByteReader, from side: Side, ports: Ports) -> Bool { false }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        let at = Int(side.rawValue)
        if side == .client, !halves[0].hasBegun {
            let count = HTTP2Dissector.preface.utf8CodeUnitCount
            guard input.remaining >= count else { throw .needMore(count - input.remaining) }
            if input.starts(with: HTTP2Dissector.preface) { try input.skip(count) }
        }
        let length = try input.uint24()
        let type = try input.uint8()
        let flags = Flags(rawValue: try input.uint8())
        let stream = try input.uint32() & 0x7fff_ffff
        // Both begin with SETTINGS (RFC 9113 §3.4): else something before was not seen.
        guard halves[at].hasBegun || type == FrameType.settings else { return .done }
        switch type {
        case FrameType.settings:
            try settings(&input, length, flags, from: side)
            halves[at].hasBegun = true
            return .next
        case FrameType.headers, FrameType.pushPromise, FrameType.continuation:
            guard length <= Limits.standard.headBytes else { throw .malformed(.headTooLong) }
            var frame = try input.take(length)
            try headers(&frame, type, flags, stream, from: side, emit: emit)
            return .next
        default: return .skip(length)
        }
    }

    /// Of the settings only the size of the table is of interest, which the other side's encoder
    /// then has (RFC 9113 §6.5.2).
    private mutating func settings(
        _ input: inout ByteReader, _ length: Int, _ flags: Flags, from side: Side
    ) throws(ParseFailure) {
        guard length % 6 == 0, length <= 6 * 64 else { throw .malformed(.badHTTP2) }
        var frame = try input.take(length)
        while !frame.isAtEnd {
            let setting = try frame.uint16()
            let value = Int(try frame.uint32())
            if setting == 1 { halves[Int(side.other.rawValue)].fields.allow(value) }
        }
    }

    private mutating func headers(
        _ frame: inout ByteReader, _ type: UInt8, _ flags: Flags, _ stream: UInt32,
        from side: Side, emit: EmitMessage
    ) throws(ParseFailure) {
        let at = Int(side.rawValue)
        let isContinuation = type == FrameType.continuation
        // A block's frames follow each other without another between (RFC 9113 §6.10).
        guard stream != 0, isContinuation == (halves[at].blockStream != 0),
            !isContinuation || stream == halves[at].blockStream
        else { throw .malformed(.badHTTP2) }
        var padding = 0
        if !isContinuation {
            if flags.contains(.padded) { padding = Int(try frame.uint8()) }
            if type == FrameType.headers, flags.contains(.priority) { try frame.skip(5) }
            halves[at].isPromise = type == FrameType.pushPromise
            if halves[at].isPromise { try frame.skip(4) }
        }
        guard padding <= frame.remaining else { throw .malformed(.badHTTP2) }
        let part = frame.array(frame.remaining - padding)
        guard halves[at].block.count + part.count <= Limits.standard.headBytes else {
            throw .malformed(.headTooLong)
        }
        halves[at].block += part
        halves[at].blockStream = stream
        guard flags.contains(.endHeaders) else { return }
        let block = halves[at].block
        halves[at].block = []
        halves[at].blockStream = 0
        try read(block, stream, from: side, emit: emit)
    }

    private mutating func read(
        _ block: [UInt8], _ stream: UInt32, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) {
        var head = HTTP2Message(stream: stream)
        var host: String?
        var input = ByteReader(block.span, isPart: true)
        try halves[Int(side.rawValue)].fields.read(&input) { field, value in
            switch field {
            case .method: head.method = value
            case .path: head.path = value
            case .authority: head.authority = value
            case .host: host = value
            case .userAgent: head.userAgent = value
            case .contentType: head.contentType = value
            case .status: head.status = FieldValue(value.utf8.span).number
            case .other: break
            }
        }
        if halves[Int(side.rawValue)].isPromise { return }
        if head.authority == nil { head.authority = host }
        if side == .client { ask(head, emit: emit) } else { answer(head, emit: emit) }
    }

    private mutating func ask(_ head: HTTP2Message, emit: EmitMessage) {
        // Trailers have no method.
        guard head.method != nil else { return }
        if pending.count >= Limits.standard.pendingRequests { emit(.http2(takePending(0))) }
        pending.append(head)
        pendingBytes += head.textBytes
        // One byte of the table may stand for all of them.
        while pendingBytes > Limits.standard.headBytes { emit(.http2(takePending(0))) }
    }

    private mutating func takePending(_ place: Int) -> HTTP2Message {
        let taken = pending.remove(at: place)
        pendingBytes -= taken.textBytes
        return taken
    }

    private mutating func answer(_ head: HTTP2Message, emit: EmitMessage) {
        // Trailers have no status, and behind an interim answer another will follow.
        guard let status = head.status, status >= 200 else { return }
        guard let place = pending.firstIndex(where: { $0.stream == head.stream }) else {
            return emit(.http2(head))
        }
        var request = takePending(place)
        request.status = status
        request.contentType = request.contentType ?? head.contentType
        emit(.http2(request))
    }

    package mutating func finish(emit: EmitMessage) {
        for request in pending { emit(.http2(request)) }
        pending = []
        pendingBytes = 0
    }
}
