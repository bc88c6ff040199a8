/// The head of one frame (RFC 6455 §5.2).
///
///      0               1               2               3
///     +-+-+-+-+-------+-+-------------+-------------------------------+
///     |F|R|R|R| opcode|M| Payload len |    Extended payload length    |
///     |I|S|S|S|  (4)  |A|     (7)     |      (16/64, if it is 126/127) |
///     |N|V|V|V|       |S|             | and then 4 bytes of mask, if M |
///     | |1|2|3|       |K|             |                               |
///     +-+-+-+-+-------+-+-------------+-------------------------------+
struct WebSocketFrame {
    enum Opcode: UInt8 {
        case continuation = 0
        case text, binary
        case close = 8
        case ping, pong

        var isControl: Bool { rawValue >= 8 }
    }

    var opcode: Opcode
    var isFinal: Bool
    /// RSV1: the message is compressed (RFC 7692 §6).
    var isCompressed: Bool
    /// Nil when the frame has none.
    var mask: UInt32?
    var length: Int
    /// The length is written as short as can be, as it must.
    var isShortest: Bool

    init(_ input: inout ByteReader) throws(ParseFailure) {
        let first = try input.uint8()
        let second = try input.uint8()
        guard first & 0x30 == 0, let opcode = Opcode(rawValue: first & 0x0f) else {
            throw .malformed(.badWebSocket)
        }
        self.opcode = opcode
        isFinal = first & 0x80 != 0
        isCompressed = first & 0x40 != 0
        let isMasked = second & 0x80 != 0
        switch second & 0x7f {
        case 126:
            length = Int(try input.uint16())
            isShortest = length > 125
        case 127:
            let long = try input.uint64()
            guard long < 1 << 62 else { throw .malformed(.badWebSocket) }
            length = Int(long)
            isShortest = length > 0xffff
        case let short:
            length = Int(short)
            isShortest = true
        }
        mask = isMasked ? try input.uint32() : nil
        let isControl = opcode.isControl
        guard !isControl || (isFinal && length <= 125 && !isCompressed),
            !isCompressed || opcode != .continuation
        else { throw .malformed(.badWebSocket) }
    }

    /// The frame's head; nil when the bytes are none, or end within.
    static func next(_ input: inout ByteReader) -> WebSocketFrame? {
        do throws(ParseFailure) {
            return try WebSocketFrame(&input)
        } catch {
            return nil
        }
    }

    /// Whether a segment behind lost bytes begins with a frame of `side`: a run of them to its very
    /// end, or one that goes on beyond it and begins as JSON does.
    static func begins(_ opening: ByteReader, from side: Side, isDeflated: Bool) -> Bool {
        var rest = opening
        var frames = 0
        while !rest.isAtEnd {
            do throws(ParseFailure) {
                let frame = try WebSocketFrame(&rest)
                guard frame.isShortest, (frame.mask != nil) == (side == .client),
                    isDeflated || !frame.isCompressed
                else { return false }
                if frame.length > rest.remaining {
                    return frames > 0 || frame.opcode != .continuation && frame.holdsObject(rest)
                }
                try rest.skip(frame.length)
                frames += 1
            } catch {
                return false
            }
        }
        return frames > 0
    }

    /// Whether a payload begins with a member of a JSON object.
    func holdsObject(_ payload: ByteReader) -> Bool {
        guard !isCompressed, let first = payload.peek(0), let second = payload.peek(1) else {
            return false
        }
        let (a, b) = (key(0) ^ first, key(1) ^ second)
        return a == UInt8(ascii: "{") && b == UInt8(ascii: "\"")
    }

    /// The mask's byte for the payload's at `place`.
    func key(_ place: Int) -> UInt8 {
        guard let mask else { return 0 }
        return UInt8(truncatingIfNeeded: mask >> UInt32(24 - 8 * (place & 3)))
    }
}
