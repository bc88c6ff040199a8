import Codecs

/// An event stream (HTML standard, §9.2.6), fed in pieces of any size. No event is too long.
struct ServerSentEvents {
    struct Event {
        var name: String
        var text: JSONText
        /// Stands for an id that it bears: a client may come back with it (Last-Event-ID).
        var id: UInt64?
        /// Bytes were lost before its end: the data is its beginning alone.
        var isCut = false

        /// The data as it came, when it is short.
        var data: [UInt8] { text.plain }
    }

    /// Bytes of a line that is no data, beyond which it is passed over.
    private static let lineBytes = 4096

    /// A line's beginning, until it is whole or known as data.
    private var line: [UInt8] = []
    /// The rest of the line at hand is data.
    private var isInData = false
    /// The rest of the line at hand is of no interest.
    private var isPassing = false
    private var name = ""
    private var text = JSONText()
    private var hasData = false
    private var endedWithCR = false
    /// Stands for the id of the event at hand.
    private var id: UInt64?
    /// The beginning of an event whose rest was lost, until somebody takes it.
    private var lost: Event?

    /// Bytes of the event that is not yet whole.
    var heldBytes: Int { line.count + text.heldBytes + (lost?.text.heldBytes ?? 0) }

    /// Takes more bytes, and gives each event that they complete to `emit`.
    mutating func feed(_ bytes: Span<UInt8>, emit: (Event) -> Void) {
        takeLost(emit)
        var at = 0
        while at < bytes.count {
            if endedWithCR {
                endedWithCR = false
                if bytes[at] == 10 {
                    at += 1
                    continue
                }
            }
            let lineFeed = bytes.position(of: 10, in: at..<bytes.count) ?? bytes.count
            let end = bytes.position(of: 13, in: at..<lineFeed) ?? lineFeed
            endedWithCR = end < bytes.count && bytes[end] == 13
            take(bytes.extracting(at..<end), isEnd: end < bytes.count, emit)
            at = end + 1
        }
    }

    /// Bytes were lost: what was half read is no event, but what it said so far it said.
    mutating func gap() {
        var begun = lost
        if hasData {
            begun = Event(name: name, text: text, isCut: true)
            begun?.text.cut()
        }
        self = ServerSentEvents()
        lost = begun
    }

    /// Gives the beginning of the event at which bytes were lost to `emit`.
    mutating func takeLost(_ emit: (Event) -> Void) {
        guard let begun = lost else { return }
        lost = nil
        emit(begun)
    }

    /// A part of one line, its last when it `isEnd`.
    private mutating func take(_ part: Span<UInt8>, isEnd: Bool, _ emit: (Event) -> Void) {
        if isInData {
            text.append(part)
            isInData = !isEnd
            return
        }
        if isPassing {
            isPassing = !isEnd
            return
        }
        if isEnd, line.isEmpty { return endLine(part, emit) }
        line.append(copying: part)
        if isEnd {
            let whole = line
            line.removeAll(keepingCapacity: true)
            return endLine(whole.span, emit)
        }
        // The space behind the colon is no data, so it must have come as well.
        if line.count > 5, line.span.holds("data:", at: 0) {
            let begun = line
            line.removeAll(keepingCapacity: true)
            beginData(begun.span)
            isInData = true
        } else if line.count > ServerSentEvents.lineBytes {
            line.removeAll(keepingCapacity: true)
            isPassing = true
        }
    }

    private mutating func beginData(_ line: Span<UInt8>) {
        if hasData {
            let end: [UInt8] = [10]
            text.append(end.span)
        }
        hasData = true
        guard line.count > 5 else { return }
        text.append(line.extracting((line[5] == 32 ? 6 : 5)...))
    }

    private mutating func endLine(_ line: Span<UInt8>, _ emit: (Event) -> Void) {
        if line.count == 0 {
            // An event without data says nothing, but its id holds (HTML §9.2.6).
            if hasData || id != nil { emit(Event(name: name, text: text, id: id)) }
            id = nil
            name = ""
            text = JSONText()
            hasData = false
            return
        }
        if line.holds("data", at: 0), line.count == 4 || line[4] == 58 { return beginData(line) }
        guard let colon = line.position(of: 58, in: 0..<min(line.count, 8)), colon > 0 else {
            return
        }
        let start = colon + 1 < line.count && line[colon + 1] == 32 ? colon + 2 : colon + 1
        let value = line.extracting(start...)
        switch colon {
        case 5 where line.holds("event", at: 0):
            name = String(copying: value.extracting(0..<min(value.count, 128)))
        // An id with a NUL in it is none.
        case 2 where line.holds("id", at: 0) && value.position(of: 0, in: value.indices) == nil:
            id = value.count == 0 ? nil : SessionKey.of(value)
        default: break
        }
    }
}
