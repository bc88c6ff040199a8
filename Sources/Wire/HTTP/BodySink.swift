import Codecs

/// What becomes of one message body: passed over, gathered as content, or read as an event stream.
struct BodySink {
    private enum Form {
        case ignored
        case content([UInt8], isTruncated: Bool)
        /// Content of which the rest does not join on: bytes in between were lost.
        case cut([UInt8])
        case events(ServerSentEvents)
    }

    private var form: Form
    private let carrier: Carrier
    private let side: Side
    private let memory: DefinitionMemory?
    private var isOpening = true
    /// The body may be a form that asks for a token.
    private var isForm = false

    /// A body that is passed over.
    init() {
        form = .ignored
        carrier = Carrier(kind: .httpBody)
        side = .client
        memory = nil
    }

    /// A request's body is of interest when it may be JSON.
    init(of request: HTTPRequest, _ memory: DefinitionMemory?) {
        self.memory = memory
        side = .client
        let isWanted =
            request.contentEncoding == nil && BodySink.mayBeJSON(request.contentType)
        carrier = Carrier(kind: .httpBody, request: isWanted ? request : nil)
        isForm = isWanted && OAuthReader.takesForm(request)
        form = isWanted ? .content([], isTruncated: false) : .ignored
    }

    /// A response's body is of interest when it may be JSON, or is an event stream.
    init(of response: HTTPResponse, _ memory: DefinitionMemory?) {
        self.memory = memory
        let isStream = BodySink.isEventStream(response.contentType)
        side = .server
        let isWanted =
            response.contentEncoding == nil
            && (isStream || BodySink.mayBeJSON(response.contentType))
        guard isWanted else {
            carrier = Carrier(kind: .httpBody)
            form = .ignored
            return
        }
        carrier = Carrier(
            kind: isStream ? .serverSentEvent : .httpBody, request: response.request,
            response: response)
        form = isStream ? .events(ServerSentEvents()) : .content([], isTruncated: false)
    }

    /// The events of a stream whose head was never seen.
    init(ofHeadlessEvents memory: DefinitionMemory?) {
        self.memory = memory
        carrier = Carrier(kind: .serverSentEvent)
        side = .server
        form = .events(ServerSentEvents())
    }

    var isIgnored: Bool {
        if case .ignored = form { return true }
        return false
    }

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

    var isEventStream: Bool {
        if case .events = form { return true }
        return false
    }

    /// Bytes gathered so far.
    var heldBytes: Int {
        switch form {
        case .ignored: 0
        case .content(let held, _), .cut(let held): held.count
        case .events(let stream): stream.heldBytes
        }
    }

    /// Takes more of the body.
    mutating func take(_ bytes: [UInt8], emit: EmitMessage) {
        switch form {
        case .ignored, .cut: break
        case .events(var stream):
            form = .ignored
            let (carrier, memory) = (carrier, memory)
            stream.feed(bytes) { event in BodySink.read(event, carrier, memory, emit) }
            form = .events(stream)
        case .content(var held, var isTruncated):
            form = .ignored
            if isOpening, let first = bytes.first(where: { !Self.isSpace($0) }) {
                isOpening = false
                // Neither object nor array: whatever it is, it is content and none of our business.
                guard first == UInt8(ascii: "{") || first == UInt8(ascii: "[") || isForm else {
                    return
                }
            }
            let room = Limits.standard.contentBytes - held.count
            isTruncated = isTruncated || bytes.count > room
            if held.isEmpty, bytes.count <= room {
                held = bytes
            } else {
                held += bytes.prefix(room)
            }
            form = .content(held, isTruncated: isTruncated)
        }
    }

    /// The body is over; `isWhole` is false when its end was not seen.
    mutating func end(isWhole: Bool, emit: EmitMessage) {
        if case .content(let held, let isTruncated) = form, !held.isEmpty {
            Content(
                bytes: held, isTruncated: isTruncated || !isWhole, carrier: carrier, side: side,
                memory: memory
            ).read(emit: emit)
        } else if case .cut(let held) = form {
            Content(
                bytes: held, isTruncated: true, carrier: carrier, side: side, memory: memory
            ).read(emit: emit)
        }
        form = .ignored
    }

    /// Bytes inside of the body were lost: content is read as far as it came, an event stream goes
    /// on.
    mutating func cut() {
        switch form {
        case .content([], _): form = .ignored
        case .content(let held, _): form = .cut(held)
        case .cut, .ignored: break
        case .events: gap()
        }
    }

    /// Bytes were lost, and the end of the body with them: only an event stream goes on.
    mutating func gap() {
        switch form {
        case .events(var stream):
            stream.gap()
            form = .events(stream)
        case .cut, .content, .ignored: form = .ignored
        }
    }

    private static func read(
        _ event: ServerSentEvents.Event, _ carrier: Carrier, _ memory: DefinitionMemory?,
        _ emit: EmitMessage
    ) {
        if event.name == "endpoint" {
            let uri = String(decoding: event.data.prefix(2048), as: UTF8.self)
            let target = SessionKey.pathAndQuery(uri)
            guard target.hasPrefix("/"), !uri.contains(" "),
                isSameOrigin(uri, as: carrier.request)
            else { return }
            let path = String(target.prefix { $0 != "?" })
            emit(.sseEndpoint(SSEEndpoint(path: path, session: SessionKey.of(uri: uri)), carrier))
            return
        }
        Content(
            bytes: event.data, isTruncated: event.isTruncated, carrier: carrier, side: .server,
            memory: memory
        ).read(emit: emit)
    }

    /// A path, or a URL of the very host that was asked: a client posts nowhere else.
    private static func isSameOrigin(_ uri: String, as request: HTTPRequest?) -> Bool {
        guard !uri.hasPrefix("/"), let asked = request?.host else { return true }
        return AuthorizationMessage.host(uri) == asked
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 32 || byte == 9 || byte == 10 || byte == 13
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
