import Codecs

/// One direction's bytes on their way to a dissector: holds what is not yet a whole unit, skips
/// bodies, and waits after a gap for a segment that looks like a beginning.
///
/// The only place that knows that input can be partial.
struct StreamBuffer {
    /// Held bytes; the first `start` of them are spent.
    private(set) var bytes: [UInt8] = []
    private var start = 0
    /// Bytes that must come before another try is worth it.
    private var needed = 0
    /// Bytes that were read in vain for the unit at hand.
    private var reread = 0
    /// Payload segments seen while the flow's protocol was unknown.
    var openings: UInt32 = 0
    /// Nothing more of this direction is of interest.
    var isDone = false
    /// Bytes were lost: wait for a segment that the dissector says may be read as it stands.
    private(set) var isLost = false

    var heldBytes: Int { bytes.count - start }

    enum Outcome {
        case read, recognizeAnew
        /// Bytes were lost, and this segment is no beginning.
        case waiting
    }

    /// Gives `segment` to the dissector, behind what is held. `skipping` are the bytes still to be
    /// passed over; the flow keeps it, so that a body costs no look at the dissector.
    mutating func feed(
        _ segment: Span<UInt8>, skipping: inout UInt64, to dissector: inout ActiveDissector,
        from side: Side, ports: Ports, limits: DissectionLimits, emit: EmitMessage
    ) throws(ParseFailure) -> Outcome {
        var rest = segment
        if isLost {
            skipping = 0
            guard dissector.resumes(at: ByteReader(rest), from: side, ports: ports) else {
                return .waiting
            }
            isLost = false
        }
        if skipping > 0 {
            let count = min(skipping, UInt64(rest.count))
            skipping -= count
            if count == UInt64(rest.count) { return .read }
            rest = rest.extracting(Int(count)...)
        }
        if heldBytes == 0 {
            let (consumed, outcome) = try drive(
                rest, &skipping, into: &dissector, from: side, limits: limits, emit: emit)
            if consumed < rest.count { try hold(rest.extracting(consumed...), limits) }
            return outcome
        }
        try hold(rest, limits)
        if heldBytes < needed { return .read }
        return try retry(&skipping, &dissector, from: side, limits: limits, emit: emit)
    }

    /// Reads held bytes again, now that more of them are in.
    private mutating func retry(
        _ skipping: inout UInt64, _ dissector: inout ActiveDissector, from side: Side,
        limits: DissectionLimits, emit: EmitMessage
    ) throws(ParseFailure) -> Outcome {
        // Moved out, so that a span of it may live beside changes of `self`.
        let held = bytes
        let from = start
        bytes = []
        start = 0
        let (consumed, outcome) = try drive(
            held.span.extracting(from...), &skipping, into: &dissector, from: side, limits: limits,
            emit: emit)
        if !isDone, from + consumed < held.count {
            bytes = held
            start = from + consumed
            compact()
        }
        return outcome
    }

    private mutating func compact() {
        guard start > bytes.count / 2 else { return }
        bytes.removeFirst(start)
        start = 0
    }

    private mutating func drive(
        _ input: Span<UInt8>, _ skipping: inout UInt64, into dissector: inout ActiveDissector,
        from side: Side,
        limits: DissectionLimits, emit: EmitMessage
    ) throws(ParseFailure) -> (consumed: Int, Outcome) {
        var consumed = 0
        var idleSteps = 0
        while consumed < input.count {
            var reader = ByteReader(input.extracting(consumed...))
            let step: Step
            do throws(ParseFailure) {
                step = try dissector.dissect(&reader, from: side, emit: emit)
            } catch {
                guard case .needMore(let count) = error else { throw error }
                reread += input.count - consumed
                guard reread <= limits.rereadBytesPerUnit else { throw .malformed(.dribble) }
                needed = input.count - consumed + max(count, 1)
                return (consumed, .read)
            }
            reread = 0
            needed = 0
            consumed += reader.offset
            // A dissector may change state without reading, but not for ever.
            idleSteps = reader.offset == 0 ? idleSteps + 1 : 0
            assert(idleSteps < 8, "a dissector neither reads nor stops")
            guard idleSteps < 8 else { throw .malformed(.dribble) }
            switch step {
            case .next, .turned: break
            case .skip(let count):
                let here = min(max(count, 0), input.count - consumed)
                consumed += here
                skipping = UInt64(max(count, 0) - here)
            case .done:
                isDone = true
                return (input.count, .read)
            case .recognizeAnew: return (consumed, .recognizeAnew)
            }
        }
        return (consumed, .read)
    }

    /// Keeps bytes for later.
    mutating func hold(_ more: Span<UInt8>, _ limits: DissectionLimits) throws(ParseFailure) {
        guard !isDone, !more.isEmpty else { return }
        guard heldBytes + more.count <= limits.undissectedBytesPerSide else {
            throw .malformed(.sideTooLong)
        }
        bytes.append(copying: more)
    }

    /// Takes out all held bytes.
    mutating func takeHeld() -> [UInt8] {
        defer { forget() }
        return Array(bytes[start...])
    }

    /// All held bytes, which stay.
    func held() -> [UInt8] { Array(bytes[start...]) }

    /// Holds again what `takeHeld` gave.
    mutating func putBack(_ held: [UInt8]) { bytes = held }

    private mutating func forget() {
        bytes = []
        start = 0
        needed = 0
        reread = 0
    }

    /// `missing` bytes were lost: a body whose end is known goes on behind a hole that ends in it.
    mutating func gap(
        of missing: Int, skipping: inout UInt64, in dissector: inout ActiveDissector,
        from side: Side
    ) {
        if skipping > 0, UInt64(missing) <= skipping, heldBytes == 0 {
            skipping -= UInt64(missing)
            return
        }
        let isBetweenUnits = heldBytes == 0 && skipping == 0 && !isLost
        if isBetweenUnits, dissector.bridges(missing, from: side) { return }
        forget()
        skipping = 0
        isLost = dissector.kind != nil
        dissector.gap(from: side)
    }

    /// Starts over with nothing.
    mutating func startOver() {
        forget()
        restart()
    }

    /// Starts over with a new protocol, at what is held.
    mutating func restart() {
        needed = 0
        reread = 0
        openings = 0
        isLost = false
        isDone = false
    }
}
