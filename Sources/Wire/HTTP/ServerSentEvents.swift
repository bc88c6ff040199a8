import Codecs

/// An event stream (HTML standard, §9.2.6), fed in pieces of any size.
struct ServerSentEvents: Sendable {
    struct Event: Sendable {
        var name: String
        var data: [UInt8]
        var isTruncated: Bool
    }

    private var line: [UInt8] = []
    private var name = ""
    private var data: [UInt8] = []
    private var hasData = false
    private var isTruncated = false
    private var endedWithCR = false

    /// Bytes of the event that is not yet whole.
    var heldBytes: Int { line.count + data.count }

    /// Takes more bytes, and gives each event that they complete to `emit`.
    mutating func feed(_ bytes: [UInt8], emit: (Event) -> Void) {
        var at = 0
        while at < bytes.count {
            if endedWithCR, bytes[at] == 10 { at += 1 }
            endedWithCR = false
            let lineFeed = bytes.span.position(of: 10, in: at..<bytes.count) ?? bytes.count
            let end = bytes.span.position(of: 13, in: at..<lineFeed) ?? lineFeed
            let room = max(0, Limits.standard.contentBytes + 16 - line.count)
            if end - at > room { isTruncated = true }
            line.append(copying: bytes.span.extracting(at..<min(end, at + room)))
            if end < bytes.count {
                endedWithCR = bytes[end] == 13
                endLine(emit)
            }
            at = end + 1
        }
    }

    /// Bytes were lost: what was half read is forgotten.
    mutating func gap() { self = ServerSentEvents() }

    private mutating func endLine(_ emit: (Event) -> Void) {
        defer { line.removeAll(keepingCapacity: true) }
        if line.isEmpty {
            if hasData { emit(Event(name: name, data: data, isTruncated: isTruncated)) }
            name = ""
            data = []
            hasData = false
            isTruncated = false
            return
        }
        let colon = line.firstIndex(of: 58) ?? line.endIndex
        var value = line[colon...].dropFirst()
        if value.first == 32 { value = value.dropFirst() }
        switch (colon, line.first) {
        case (5, UInt8(ascii: "e")) where line.span.holds("event", at: 0):
            name = String(decoding: value.prefix(128), as: UTF8.self)
        case (4, UInt8(ascii: "d")) where line.span.holds("data", at: 0):
            if hasData { data.append(10) }
            hasData = true
            let room = max(0, Limits.standard.contentBytes - data.count)
            if value.count > room { isTruncated = true }
            data += value.prefix(room)
        default: break
        }
    }
}
