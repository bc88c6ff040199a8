import Codecs

/// `application/vnd.amazon.eventstream`, as Bedrock answers in: messages of a prelude of three
/// words (length of the message, length of its headers, a checksum), headers, a payload that is
/// JSON, and a checksum (AWS, Event stream encoding). The checksums are not tried.
///
///     0      4          8         12          12+h                 n-4
///     | n    | h        | checksum | headers   | payload            | checksum |
struct AmazonEvents {
    private static let preludeBytes = 12
    private static let aroundBytes = 16
    /// What a service may send (AWS): a longer message is none.
    private static let messageBytes = 24 << 20

    private var prelude: [UInt8] = []
    private var held: [UInt8] = []
    /// Bytes of the message still to come.
    private var left = 0
    private var headerBytes = 0
    /// It was no such stream, or its frames were lost.
    private(set) var isBroken = false

    var heldBytes: Int { prelude.count + held.count }

    /// Takes more of the stream, and gives the JSON of each message that may say more than content.
    mutating func feed(_ bytes: Span<UInt8>, emit: ([UInt8]) -> Void) {
        var at = 0
        while at < bytes.count, !isBroken {
            if prelude.count < Self.preludeBytes {
                prelude.append(bytes[at])
                at += 1
                if prelude.count == Self.preludeBytes { begin() }
                continue
            }
            let count = min(left, bytes.count - at)
            let room = min(count, Limits.standard.contentBytes - held.count)
            if room > 0 { held.append(copying: bytes.extracting(at..<(at + room))) }
            at += count
            left -= count
            if left == 0 { end(emit) }
        }
    }

    private mutating func begin() {
        let word = { (bytes: ArraySlice<UInt8>) in bytes.reduce(0) { $0 << 8 | Int($1) } }
        let (total, headers) = (word(prelude[0..<4]), word(prelude[4..<8]))
        guard total >= Self.aroundBytes, total <= Self.messageBytes,
            headers <= total - Self.aroundBytes
        else {
            isBroken = true
            return
        }
        headerBytes = headers
        left = total - Self.preludeBytes
    }

    private mutating func end(_ emit: ([UInt8]) -> Void) {
        defer {
            prelude = []
            held = []
        }
        let start = headerBytes
        let stop = held.count - 4
        // One that is longer than what is kept holds content.
        guard start <= stop, held.count < Limits.standard.contentBytes else { return }
        let payload = Array(held[start..<stop])
        switch AmazonEvents.eventType(held.span.extracting(0..<start)) {
        case "metadata", "messageStop", "messageStart", "contentBlockStart": emit(payload)
        case "chunk": if let inner = AmazonEvents.bytes(of: payload) { emit(inner) }
        default: break
        }
    }

    /// The value of `:event-type`; nil where there is none. A header is its name behind its length,
    /// the kind of its value, and the value: a text (7) stands behind its length.
    private static func eventType(_ headers: Span<UInt8>) -> String? {
        var reader = ByteReader(headers)
        do throws(ParseFailure) {
            while !reader.isAtEnd {
                let name = reader.array(Int(try reader.uint8()))
                switch try reader.uint8() {
                case 0, 1: break
                case 2: try reader.skip(1)
                case 3: try reader.skip(2)
                case 4: try reader.skip(4)
                case 5, 8: try reader.skip(8)
                case 9: try reader.skip(16)
                case 6, 7:
                    var value = try reader.take(Int(try reader.uint16()))
                    if name.span.equals(":event-type") { return value.text(64) }
                default: return nil
                }
            }
        } catch {
            return nil
        }
        return nil
    }

    /// What a model's own API would have sent, in base 64 (`InvokeModelWithResponseStream`).
    private static func bytes(of payload: [UInt8]) -> [UInt8]? {
        var input = JSONReader(payload.span)
        do throws(ParseFailure) {
            try input.enterObject()
            while let key = try input.nextKey() {
                guard "bytes" ~= key, try input.kind() == .string else {
                    try input.skipValue()
                    continue
                }
                return Base64.decode(Array(try input.string(limit: payload.count).utf8))
            }
        } catch {
            return nil
        }
        return nil
    }
}
