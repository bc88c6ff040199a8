import Codecs

/// What becomes of one message body: passed over, gathered as content, or read as an event stream.
struct BodySink {
    private enum Form {
        case ignored, content, events
        /// Messages of Amazon's event stream.
        case frames
        /// What a program counts, as text.
        case metrics
    }

    /// Large, and few bodies are event streams.
    private final class Events {
        var stream = ServerSentEvents()
        var frames = AmazonEvents()
        var metrics = RuntimeMetrics()
        let calls = AskedCallMemory()
    }

    private var form: Form
    private var text = JSONText()
    private var events: Events?
    private let carrier: Carrier
    private let side: Side
    private let memory: DefinitionMemory?
    /// Undoes the body's codings; nil when it has none.
    private var decoder: BodyDecoder?
    /// The body may be a form that asks for a token.
    private var isForm = false

    /// A body that is passed over.
    init() {
        form = .ignored
        carrier = Carrier(kind: .httpBody)
        side = .client
        memory = nil
    }

    /// A request's body is of interest when it may be JSON. What was lost of a head that is not
    /// `isKnown` must not be told by its messages.
    init(of request: HTTPRequest, _ memory: DefinitionMemory?, isKnown: Bool = true) {
        self.memory = memory
        side = .client
        guard BodySink.mayBeJSON(request.contentType),
            let codings = BodyCodings(
                content: request.contentEncoding, transfer: request.transferEncoding)
        else {
            carrier = Carrier(kind: .httpBody)
            form = .ignored
            return
        }
        carrier = Carrier(kind: .httpBody, request: isKnown ? request : nil)
        isForm = isKnown && OAuthReader.takesForm(request)
        form = .content
        if !codings.names.isEmpty { decoder = BodyDecoder(codings, memory) }
    }

    /// A response's body is of interest when it may be JSON, or is an event stream.
    init(of response: HTTPResponse, _ memory: DefinitionMemory?) {
        self.memory = memory
        let isStream = BodySink.isEventStream(response.contentType)
        let isFrames = response.contentType == "application/vnd.amazon.eventstream"
        side = .server
        guard isStream || isFrames || BodySink.mayBeJSON(response.contentType),
            let codings = BodyCodings(
                content: response.contentEncoding, transfer: response.transferEncoding)
        else {
            carrier = Carrier(kind: .httpBody)
            form = .ignored
            return
        }
        carrier = Carrier(
            kind: isStream || isFrames ? .serverSentEvent : .httpBody, request: response.request,
            response: response)
        let isMetrics = BodySink.isMetrics(response)
        form = isStream ? .events : isFrames ? .frames : isMetrics ? .metrics : .content
        if form != .content { events = Events() }
        if !codings.names.isEmpty { decoder = BodyDecoder(codings, memory) }
    }

    /// The events of a stream whose head was never seen.
    init(ofHeadlessEvents memory: DefinitionMemory?) {
        self.memory = memory
        carrier = Carrier(kind: .serverSentEvent)
        side = .server
        form = .events
        events = Events()
    }

    var isIgnored: Bool { form == .ignored }

    private static func isEventStream(_ type: String?) -> Bool {
        guard let type else { return false }
        if type == "text/event-stream" { return true }
        let bytes = type.utf8
        guard bytes.count >= 17, type != "application/json" else { return false }
        guard bytes.allSatisfy({ $0 < 128 }) else {
            return type.prefix(17).lowercased() == "text/event-stream"
        }
        return [UInt8](bytes).span.holds(anyCase: "text/event-stream", at: 0)
    }

    /// Text at the place where programs say what they count.
    private static func isMetrics(_ response: HTTPResponse) -> Bool {
        guard let request = response.request, request.method == "GET", response.status == 200,
            response.contentType?.hasPrefix("text/plain") == true
        else { return false }
        return request.path.hasSuffix("/metrics")
    }

    /// An event stream of which every line can be read, wherever it begins.
    var isEventStream: Bool { form == .events && decoder == nil }

    /// Bytes gathered so far.
    var heldBytes: Int {
        guard form != .ignored else { return 0 }
        let ofEvents = (events?.stream.heldBytes ?? 0) + (events?.frames.heldBytes ?? 0)
        return text.heldBytes + ofEvents + (decoder?.heldBytes ?? 0)
    }

    /// Takes more of the body.
    mutating func take(_ bytes: Span<UInt8>, emit: EmitMessage) {
        guard let decoder else { return takeDecoded(bytes, emit: emit) }
        if isIgnored { return }
        decoder.decode(bytes) { piece in takeDecoded(piece, emit: emit) }
        if decoder.isBroken { cut() }
    }

    private mutating func takeDecoded(_ bytes: Span<UInt8>, emit: EmitMessage) {
        switch form {
        case .ignored: break
        case .events:
            guard let events else { return }
            events.stream.feed(bytes) { event in
                BodySink.read(event, carrier, memory, emit, events.calls)
            }
        case .frames:
            guard let events else { return }
            events.frames.feed(bytes) { json in
                Content(
                    bytes: json, isTruncated: false, carrier: carrier, side: side, memory: memory,
                    sentBytes: json.count, calls: events.calls
                ).read(emit: emit)
            }
            if events.frames.isBroken { ignore() }
        case .metrics:
            guard let mark = events?.metrics.feed(bytes) else { return }
            emit(.runtime(mark, carrier))
            ignore()
        case .content:
            text.append(bytes)
            // Whatever it is, it is content and none of our business.
            if text.isOther, !isForm { ignore() }
        }
    }

    private mutating func ignore() {
        form = .ignored
        if !text.isEmpty { text = JSONText() }
        events = nil
        decoder = nil
    }

    /// The body is over; `isWhole` is false when its end was not seen.
    mutating func end(isWhole: Bool, emit: EmitMessage) {
        guard form != .ignored else { return }
        if form == .content, isForm, text.isOther {
            let isKept = isWhole && text.plain.count == text.count
            OAuthReader.read(form: text.plain, isWhole: isKept, carrier, emit: emit)
        } else if form == .events {
            events?.stream.takeLost { BodySink.read($0, carrier, memory, emit) }
        } else if form == .content {
            text.content(isWhole: isWhole, carrier, side, memory)?.read(emit: emit)
        }
        ignore()
    }

    /// Bytes inside of the body were lost: content is read as far as it came, an event stream goes
    /// on, unless it was coded.
    mutating func cut() {
        guard form == .content, !text.isEmpty else { return gap() }
        text.cut()
        decoder = nil
    }

    /// Bytes were lost, and the end of the body with them: only an event stream goes on.
    mutating func gap() {
        guard form == .events, decoder == nil else { return ignore() }
        events?.stream.gap()
        events?.calls.forget()
    }

    private static func read(
        _ event: ServerSentEvents.Event, _ carrier: Carrier, _ memory: DefinitionMemory?,
        _ emit: EmitMessage, _ calls: AskedCallMemory? = nil
    ) {
        if let id = event.id { emit(.eventID(id, carrier)) }
        if event.name == "endpoint" {
            // Of a part of an address nobody knows where it leads.
            if event.isCut { return }
            let uri = String(decoding: event.data.prefix(2048), as: UTF8.self)
            let target = SessionKey.pathAndQuery(uri)
            guard target.hasPrefix("/"), !uri.contains(" "),
                isSameOrigin(uri, as: carrier.request)
            else { return }
            let path = String(target.prefix { $0 != "?" })
            emit(.sseEndpoint(SSEEndpoint(path: path, session: SessionKey.of(uri: uri)), carrier))
            return
        }
        guard var content = event.text.content(isWhole: true, carrier, .server, memory) else {
            return
        }
        content.calls = calls
        content.read(emit: emit)
    }

    /// A path, or a URL of the very host that was asked: a client posts nowhere else.
    private static func isSameOrigin(_ uri: String, as request: HTTPRequest?) -> Bool {
        guard !uri.hasPrefix("/"), let asked = request?.host else { return true }
        return PlainURL.hostBehindScheme(uri) == asked
    }

    /// Declared JSON, plain text or nothing at all: the first byte decides the rest.
    private static func mayBeJSON(_ type: String?) -> Bool {
        guard let type else { return true }
        if type == "application/json" { return true }
        let lower = type.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }
        var at = 0
        while let start = lower.span.position(of: UInt8(ascii: "j"), in: at..<lower.count) {
            if lower.span.holds("json", at: start) { return true }
            at = start + 1
        }
        return lower.span.holds("text/plain", at: 0)
            || lower.span.holds("application/x-www-form-urlencoded", at: 0)
    }
}
