import Codecs

/// The packet that completed what is being told.
struct Moment {
    var time: Timestamp
    var packet: UInt64
    /// The tags and tunnels that it came through; nil for none.
    var path: SharedPath?
}

/// The few limits that dissection needs: all of them would be copied for every segment.
struct DissectionLimits: BitwiseCopyable {
    var undissectedBytesPerSide: Int
    var rereadBytesPerUnit: Int
    var openingBytes: Int
    var openingSegments: UInt32
    var anomaliesPerFlow: Int

    init(_ limits: borrowing Limits) {
        undissectedBytesPerSide = limits.undissectedBytesPerSide
        rereadBytesPerUnit = limits.rereadBytesPerUnit
        openingBytes = limits.openingBytes
        openingSegments = UInt32(clamping: limits.openingSegments)
        anomaliesPerFlow = limits.anomaliesPerFlow
    }
}

/// A flow's dissector and what both directions hold for it: recognizes the protocol, drives its
/// dissector, and charges anomalies to the flow. Kept only while the flow is being dissected, in a
/// slab of its own.
struct Dissection {
    var dissector = ActiveDissector()
    /// One per direction of the flow's key.
    var streams = InlineArray<2, DissectedStream>(repeating: DissectedStream())
    /// The flow as its events name it, once there was one.
    var reference: FlowReference?
    /// Bytes that the dissector holds back, as of its last unit.
    var dissectorBytes = 0
    /// Bytes this flow was last counted with in the table's total.
    private(set) var countedBytes = 0

    /// Bytes held in both directions, by buffers, parked segments and the dissector itself.
    var heldBytes: Int { streams[0].heldBytes + streams[1].heldBytes + dissectorBytes }

    /// The directions of which nobody reads more. Changes nothing; but of a place that may change,
    /// the compiler makes no copy to look at it.
    mutating func done() -> (first: Bool, second: Bool) {
        (streams[0].buffer.isDone, streams[1].buffer.isDone)
    }

    /// How many more bytes are held than when this was last asked.
    mutating func newlyHeld() -> Int {
        // Not `heldBytes`: of a place that may change, the compiler reads just these.
        let held = streams[0].heldBytes + streams[1].heldBytes + dissectorBytes
        defer { countedBytes = held }
        return held - countedBytes
    }

    /// Ready for another flow.
    mutating func clear() {
        dissector.clear()
        reference = nil
        streams[0].clear()
        streams[1].clear()
        dissectorBytes = 0
        countedBytes = 0
    }

    // MARK: - Streams

    /// Takes new stream bytes; says why they were not read.
    mutating func take(
        _ segment: Span<UInt8>, of flow: inout Flow, _ direction: Int, at moment: Moment,
        _ limits: DissectionLimits, _ memory: DefinitionMemory, _ tally: inout Tally,
        _ emit: FlowTable.Emit
    ) -> Drop? {
        guard !streams[direction].buffer.isDone else { return nil }
        do throws(ParseFailure) {
            var isAnew = false
            if dissector.kind == nil {
                isAnew = try recognize(
                    segment, of: &flow, direction, at: moment, limits, memory, emit)
            } else {
                switch try feed(segment, of: &flow, direction, at: moment, limits, emit) {
                case .read: break
                case .waiting: return .gap
                case .recognizeAnew: isAnew = true
                }
            }
            // One segment may bring a few changes, and no more than a few.
            var changes = 0
            while isAnew, changes < 4 {
                isAnew = try recognizeHeld(of: &flow, direction, at: moment, limits, memory, emit)
                changes += 1
            }
        } catch {
            charge(error, to: &flow, direction, at: moment, limits, &tally, emit)
            answerPlainly(segment, of: &flow, direction, at: moment, limits, memory, emit)
        }
        return nil
    }

    private mutating func feed(
        _ segment: Span<UInt8>, of flow: inout Flow, _ direction: Int, at moment: Moment,
        _ limits: DissectionLimits, _ emit: FlowTable.Emit
    ) throws(ParseFailure) -> StreamBuffer.Outcome {
        let side = flow.side(of: direction)
        let ports = flow.ports(of: direction)
        var skipping = flow.halves[direction].skipping
        var reference = reference.take()
        defer {
            flow.halves[direction].skipping = skipping
            self.reference = reference
            dissectorBytes = dissector.heldBytes()
        }
        let outcome = try streams[direction].buffer.feed(
            segment, skipping: &skipping, to: &dissector, from: side, ports: ports, limits: limits
        ) { message in
            flow.hasSpoken = true
            emit(
                Event(
                    flow: flow.reference(moment.path, &reference), time: moment.time,
                    packet: moment.packet, side: side, message: message))
        }
        guard outcome == .recognizeAnew else { return outcome }
        flow.hasSpoken = true
        dissector.forget()
        streams[0].buffer.restart()
        streams[1].buffer.restart()
        flow.halves[1 - direction].skipping = 0
        skipping = 0
        return outcome
    }

    /// Asks every dissector whether the flow could begin so; true when it then spoke another
    /// protocol already.
    mutating func recognize(
        _ segment: Span<UInt8>, of flow: inout Flow, _ direction: Int, at moment: Moment,
        _ limits: DissectionLimits, _ memory: DefinitionMemory, _ emit: FlowTable.Emit
    ) throws(ParseFailure) -> Bool {
        guard streams[direction].buffer.heldBytes > 0 else {
            return try recognize(
                whole: segment, of: &flow, direction, at: moment, limits, memory, emit)
        }
        var held = streams[direction].buffer.takeHeld()
        held.append(copying: segment)
        let isAnew = try recognize(
            whole: held.span, of: &flow, direction, at: moment, limits, memory, emit)
        // What was held may have been the end of something else (PostgreSQL's `S` before its
        // ServerHello): it must not hide a beginning behind it.
        guard !isAnew, dissector.kind == nil, streams[direction].buffer.heldBytes == 0,
            !streams[direction].buffer.isDone
        else { return isAnew }
        return try recognize(
            whole: segment, of: &flow, direction, at: moment, limits, memory, emit)
    }

    /// A protocol may change in the middle of a segment, and the other side may have spoken the new
    /// one already: the client first, for the server answers it.
    private mutating func recognizeHeld(
        of flow: inout Flow, _ direction: Int, at moment: Moment,
        _ limits: DissectionLimits, _ memory: DefinitionMemory, _ emit: FlowTable.Emit
    ) throws(ParseFailure) -> Bool {
        let client = flow.side(of: direction) == .client ? direction : 1 - direction
        var isAnew = false
        for each in [client, 1 - client] where streams[each].buffer.heldBytes > 0 && !isAnew {
            let held = streams[each].buffer.takeHeld()
            if dissector.kind == nil {
                isAnew = try recognize(
                    whole: held.span, of: &flow, each, at: moment, limits, memory, emit)
            } else {
                let outcome = try feed(held.span, of: &flow, each, at: moment, limits, emit)
                isAnew = outcome == .recognizeAnew
            }
        }
        return isAnew
    }

    private mutating func recognize(
        whole opening: Span<UInt8>, of flow: inout Flow, _ direction: Int, at moment: Moment,
        _ limits: DissectionLimits, _ memory: DefinitionMemory, _ emit: FlowTable.Emit
    ) throws(ParseFailure) -> Bool {
        var isUndecided = false
        if become(opening, .tcp, of: &flow, direction, memory, &isUndecided) {
            try feedEarlier(of: &flow, 1 - direction, at: moment, limits, emit)
            let outcome = try feed(opening, of: &flow, direction, at: moment, limits, emit)
            return outcome == .recognizeAnew
        }
        if isUndecided, opening.count < limits.openingBytes {
            try streams[direction].buffer.hold(opening, limits)
            return false
        }
        streams[direction].buffer.openings += 1
        if streams[direction].buffer.openings >= limits.openingSegments {
            streams[direction].buffer.isDone = true
        }
        return false
    }

    /// Reads what the other side said before, where only both together told what it is.
    private mutating func feedEarlier(
        of flow: inout Flow, _ direction: Int, at moment: Moment, _ limits: DissectionLimits,
        _ emit: FlowTable.Emit
    ) throws(ParseFailure) {
        guard let kind = dissector.kind, streams[direction].buffer.heldBytes > 0 else { return }
        let held = streams[direction].buffer.takeHeld()
        let ports = flow.ports(of: direction)
        guard kind.likelihood(of: ByteReader(held.span), ports: ports) == .either else {
            return streams[direction].buffer.putBack(held)
        }
        _ = try feed(held.span, of: &flow, direction, at: moment, limits, emit)
    }

    /// Takes on the first protocol that could begin so; false when there is none.
    private mutating func become(
        _ opening: Span<UInt8>, _ transport: Transport, of flow: inout Flow, _ direction: Int,
        _ memory: DefinitionMemory?, _ isUndecided: inout Bool
    ) -> Bool {
        let ports = flow.ports(of: direction)
        for kind in Dissectors.kinds(of: transport) {
            var likelihood = kind.likelihood(of: ByteReader(opening), ports: ports)
            if likelihood == .either, !flow.begins(direction, with: opening.count) {
                let other = streams[1 - direction].buffer.held()
                likelihood = kind.likelihood(
                    ofMidstream: ByteReader(opening), other: ByteReader(other.span), ports: ports)
            }
            switch likelihood {
            case .no: continue
            case .maybe:
                isUndecided = true
                continue
            case .either: break
            case .yes(let speaker): flow.turn(speaker: speaker, direction)
            }
            // What the other side said before, and nobody knew, may be no beginning of this.
            if streams[1 - direction].buffer.heldBytes > 0 {
                let held = streams[1 - direction].buffer.takeHeld()
                if kind.likelihood(of: ByteReader(held.span), ports: ports) != .no {
                    streams[1 - direction].buffer.putBack(held)
                }
            }
            dissector.become(kind, memory)
            if let earlier = flow.spoken, earlier != kind, flow.carrier == nil {
                flow.carrier = earlier
            }
            flow.spoken = kind
            return true
        }
        return false
    }

    // MARK: - Datagrams

    /// Takes one datagram, `isCut` by the snap length; says why it was not read.
    mutating func take(
        datagram payload: Span<UInt8>, isCut: Bool, of flow: inout Flow, _ direction: Int,
        at moment: Moment, _ limits: DissectionLimits, _ tally: inout Tally,
        _ emit: FlowTable.Emit
    ) -> Drop? {
        guard dissector.kind != nil || recognize(datagram: payload, of: &flow, direction, limits)
        else { return nil }
        do throws(ParseFailure) {
            var step = try read(payload, of: &flow, direction, at: moment, emit)
            if step == .turned, reference == nil {
                flow.isClientFirst.toggle()
                step = try read(payload, of: &flow, direction, at: moment, emit)
            }
            if step == .done { streams[direction].buffer.isDone = true }
        } catch {
            if isCut { return .snaplenPayload }
            charge(error, to: &flow, direction, at: moment, limits, &tally, emit)
        }
        return nil
    }

    private mutating func read(
        _ datagram: Span<UInt8>, of flow: inout Flow, _ direction: Int, at moment: Moment,
        _ emit: FlowTable.Emit
    ) throws(ParseFailure) -> Step {
        let side = flow.side(of: direction)
        var reference = reference.take()
        defer {
            self.reference = reference
            dissectorBytes = dissector.heldBytes()
        }
        var reader = ByteReader(datagram)
        return try dissector.dissect(&reader, from: side) { message in
            emit(
                Event(
                    flow: flow.reference(moment.path, &reference), time: moment.time,
                    packet: moment.packet, side: side, message: message))
        }
    }

    private mutating func recognize(
        datagram payload: Span<UInt8>, of flow: inout Flow, _ direction: Int,
        _ limits: DissectionLimits
    ) -> Bool {
        var isUndecided = false
        if become(payload, .udp, of: &flow, direction, nil, &isUndecided) {
            flow.hasSpoken = true
            return true
        }
        streams[direction].buffer.openings += 1
        if streams[direction].buffer.openings >= limits.openingSegments { finishAll() }
        return false
    }

    mutating func finishAll() {
        streams[0].buffer.isDone = true
        streams[1].buffer.isDone = true
    }
}

extension Flow {
    /// Whether so many bytes are all that a direction has sent since the flow began.
    fileprivate func begins(_ direction: Int, with bytes: Int) -> Bool {
        isWhole && halves[direction].payloadBytes == UInt64(bytes)
            && halves[direction].missingBytes == 0
    }

    /// The protocol knows who is speaking; the first packet seen may not have told.
    fileprivate mutating func turn(speaker: Side, _ direction: Int) {
        if speaker != side(of: direction), !hasSpoken { isClientFirst.toggle() }
    }
}
