import Codecs

/// One side's frames of a WebSocket, and the message that they make up.
struct WebSocketStream {
    /// The end of each message that its sender leaves out (RFC 7692 §7.2.1).
    private static let tail: [UInt8] = [0, 0, 0xff, 0xff]
    private static let pieceBytes = 16 << 10
    /// What a message may come to, as `BodyDecoder` has it.
    private static let freeBytes = 16 << 20
    private static let bytesPerByte = 256

    var deflate = PerMessageDeflate.none
    /// The data frame at hand, while its payload comes.
    private var frame: WebSocketFrame?
    /// Bytes of its payload that came.
    private var taken = 0
    /// A message has begun, and is compressed.
    private var (hasMessage, isCompressed) = (false, false)
    /// Of this message nothing more is of interest, or can be read.
    private var isPassed = false
    private var isWhole = false
    private var text = JSONText()
    private var inflater: ContentDecoder?
    private var out: [UInt8] = []
    /// What messages refer to was lost.
    private var isDictionaryLost = false
    private var (sent, decoded) = (0, 0)
    private var hasClosed = false

    var heldBytes: Int { text.heldBytes + out.count + (inflater?.heldBytes ?? 0) }

    /// A message that is whole; nil while there is none.
    mutating func takeMessage() -> JSONText? {
        guard isWhole else { return nil }
        defer { forgetMessage() }
        return isPassed ? nil : text
    }

    /// What came of a message that has no end.
    mutating func takeRest() -> JSONText? {
        guard hasMessage, !isPassed else { return nil }
        defer { forgetMessage() }
        return text
    }

    private mutating func forgetMessage() {
        (hasMessage, isCompressed, isPassed, isWhole) = (false, false, false, false)
        if !text.isEmpty { text = JSONText() }
    }

    mutating func dissect(
        _ input: inout ByteReader, from side: Side, _ memory: DefinitionMemory?
    ) throws(ParseFailure) -> Step {
        if hasClosed { return .done }
        if let frame {
            let part = input.span(frame.length - taken)
            take(part, frame, from: side, memory)
            return .next
        }
        let frame = try WebSocketFrame(&input)
        if frame.opcode.isControl {
            hasClosed = frame.opcode == .close
            return .skip(frame.length)
        }
        guard !frame.isCompressed || deflate.isPossible else { throw .malformed(.badWebSocket) }
        if frame.opcode != .continuation {
            forgetMessage()
            begin(frame, from: side, memory)
        } else if !hasMessage {
            // The end of a message whose beginning was lost.
            isPassed = true
        }
        taken = 0
        // The next message may refer to what nobody reads.
        let isNeeded = isCompressed && !isDictionaryLost && !deflate.startsAnew(side)
        if isPassed, !isNeeded {
            if frame.isFinal { forgetMessage() }
            return .skip(frame.length)
        }
        self.frame = frame
        if frame.length == 0 { endFrame(frame, memory) }
        return .next
    }

    private mutating func begin(
        _ frame: WebSocketFrame, from side: Side, _ memory: DefinitionMemory?
    ) {
        hasMessage = true
        isCompressed = frame.isCompressed
        (sent, decoded) = (0, 0)
        guard isCompressed else { return }
        if deflate.startsAnew(side) {
            // Messages of this side refer to none before them.
            inflater?.reset()
            isDictionaryLost = false
        }
        if isDictionaryLost {
            isPassed = true
            memory?.losses.count(.webSocketMessage)
        } else if inflater == nil {
            inflater = ContentDecoder(.deflate)
        }
    }

    private mutating func take(
        _ part: Span<UInt8>, _ frame: WebSocketFrame, from side: Side, _ memory: DefinitionMemory?
    ) {
        if frame.mask == nil {
            add(part, memory)
        } else {
            var clear = [UInt8](copying: part)
            for at in clear.indices { clear[at] ^= frame.key(taken + at) }
            add(clear.span, memory)
        }
        taken += part.count
        if taken == frame.length { endFrame(frame, memory) }
    }

    private mutating func endFrame(_ frame: WebSocketFrame, _ memory: DefinitionMemory?) {
        self.frame = nil
        guard frame.isFinal else { return }
        if isCompressed { inflate(WebSocketStream.tail.span, memory) }
        // Many connections say something now and then.
        out = []
        isWhole = true
    }

    private mutating func add(_ part: Span<UInt8>, _ memory: DefinitionMemory?) {
        if isCompressed {
            inflate(part, memory)
        } else if !isPassed {
            append(part)
        }
    }

    private mutating func append(_ part: Span<UInt8>) {
        text.append(part)
        if text.isOther { isPassed = true }
    }

    private mutating func inflate(_ part: Span<UInt8>, _ memory: DefinitionMemory?) {
        guard let inflater, !isDictionaryLost else { return }
        sent += part.count
        if out.isEmpty { out = [UInt8](repeating: 0, count: WebSocketStream.pieceBytes) }
        // Moved out, so that a span of it may live beside changes of `self`.
        var piece = out
        out = []
        var at = 0
        var isFull = false
        while at < part.count || isFull {
            let step = inflater.step(part.extracting(at...), into: &piece)
            at += step.consumed
            decoded += step.produced
            isFull = step.produced == WebSocketStream.pieceBytes
            if step.produced > 0, !isPassed { append(piece.span.extracting(0..<step.produced)) }
            let isBomb =
                decoded > WebSocketStream.freeBytes
                && decoded / WebSocketStream.bytesPerByte > sent
            if isBomb { memory?.losses.count(.expansion) }
            let isStuck = step.consumed == 0 && step.produced == 0 && at < part.count
            guard !isBomb, !step.isCorrupt, !isStuck else { return loseDictionary() }
        }
        out = piece
    }

    /// What was inflated of the message is read, but nothing that refers to it.
    private mutating func loseDictionary() {
        text.cut()
        isDictionaryLost = true
        inflater = nil
        out = []
    }

    // MARK: - Loss

    /// Passes over lost bytes within the payload of a data frame.
    mutating func bridges(_ missing: Int, from side: Side) -> Bool {
        guard let frame, missing <= frame.length - taken else { return false }
        taken += missing
        if isCompressed { loseDictionary() }
        text.cut()
        if taken == frame.length { endAfterLoss(frame) }
        return true
    }

    private mutating func endAfterLoss(_ frame: WebSocketFrame) {
        self.frame = nil
        if frame.isFinal { isWhole = true }
    }

    mutating func gap(from side: Side) {
        frame = nil
        forgetMessage()
        if deflate.isPossible { loseDictionary() }
        text = JSONText()
    }
}
