import Codecs

/// The packet that completed what is being told.
struct Moment {
    var time: Timestamp
    var packet: UInt64
    /// The tags and tunnels that it came through; nil for none.
    var path: SharedPath?
}

/// A flow's dissector and what both directions hold for it: recognizes the protocol, drives its
/// dissector, and charges anomalies to the flow.
struct Dissection {
    private(set) var dissector: (any Dissector)?
    /// One per direction of the flow's key.
    var streams = InlineArray<2, FlowAnalysis.Stream>(repeating: FlowAnalysis.Stream())
    /// Bytes that the dissector holds back, as of its last unit.
    private var dissectorBytes = 0
    /// Bytes this flow was last counted with in the table's total.
    private(set) var countedBytes = 0

    /// The directions of which nobody reads more.
    var isDone: InlineArray<2, Bool> { [streams[0].buffer.isDone, streams[1].buffer.isDone] }

    /// Bytes held in both directions, by buffers, parked segments and the dissector itself.
    var heldBytes: Int { streams[0].heldBytes + streams[1].heldBytes + dissectorBytes }

    /// How many more bytes are held than when this was last asked.
    mutating func newlyHeld() -> Int {
        let held = heldBytes
        defer { countedBytes = held }
        return held - countedBytes
    }

    // MARK: - Streams

    /// Takes new stream bytes; says why they were not read.
    mutating func take(
        _ segment: Span<UInt8>, of flow: inout Flow, _ direction: Int, at moment: Moment,
        _ limits: borrowing Limits, _ tally: inout Tally, _ emit: FlowTable.Emit
    ) -> Drop? {
        guard !streams[direction].buffer.isDone else { return nil }
        do throws(ParseFailure) {
            if dissector == nil {
                try recognize(segment, of: &flow, direction, at: moment, limits, emit)
            } else if try feed(segment, of: &flow, direction, at: moment, limits, emit)
                == .waiting
            {
                return .gap
            }
        } catch {
            charge(error, to: &flow, direction, limits, &tally)
        }
        return nil
    }

    private mutating func feed(
        _ segment: Span<UInt8>, of flow: inout Flow, _ direction: Int, at moment: Moment,
        _ limits: borrowing Limits, _ emit: FlowTable.Emit
    ) throws(ParseFailure) -> StreamBuffer.Outcome {
        // Moved out, so that it is changed in place and not in a copy.
        guard var active = dissector.take() else { return .read }
        let reference = flow.reference(moment.path)
        let side = flow.side(of: direction)
        var hasSpoken = flow.hasSpoken
        let outcome: StreamBuffer.Outcome
        do throws(ParseFailure) {
            outcome = try streams[direction].buffer.feed(
                segment, skipping: &flow.halves[direction].skipping, to: &active, from: side,
                ports: flow.ports(of: direction), limits: limits
            ) { message in
                hasSpoken = true
                emit(
                    Event(
                        flow: reference, time: moment.time, packet: moment.packet, side: side,
                        message: message))
            }
        } catch {
            dissectorBytes = active.heldBytes
            dissector = active
            flow.hasSpoken = hasSpoken
            throw error
        }
        flow.hasSpoken = hasSpoken || outcome == .recognizeAnew
        guard outcome == .recognizeAnew else {
            dissectorBytes = active.heldBytes
            dissector = active
            return outcome
        }
        dissectorBytes = 0
        for direction in 0...1 {
            streams[direction].buffer.reset()
            flow.halves[direction].skipping = 0
        }
        return outcome
    }

    /// Asks every dissector whether the flow could begin so.
    private mutating func recognize(
        _ segment: Span<UInt8>, of flow: inout Flow, _ direction: Int, at moment: Moment,
        _ limits: borrowing Limits, _ emit: FlowTable.Emit
    ) throws(ParseFailure) {
        guard streams[direction].buffer.heldBytes > 0 else {
            return try recognize(whole: segment, of: &flow, direction, at: moment, limits, emit)
        }
        var held = streams[direction].buffer.takeHeld()
        held.append(copying: segment)
        try recognize(whole: held.span, of: &flow, direction, at: moment, limits, emit)
    }

    private mutating func recognize(
        whole opening: Span<UInt8>, of flow: inout Flow, _ direction: Int, at moment: Moment,
        _ limits: borrowing Limits, _ emit: FlowTable.Emit
    ) throws(ParseFailure) {
        let ports = flow.ports(of: direction)
        var isUndecided = false
        for position in Dissectors.tcpPositions {
            let type = Dissectors.all[position]
            switch type.likelihood(of: ByteReader(opening), ports: ports) {
            case .no: continue
            case .maybe:
                isUndecided = true
                continue
            case .either: break
            case .yes(let speaker): flow.turn(speaker: speaker, direction)
            }
            dissector = type.init()
            flow.protocolIndex = UInt8(position + 1)
            _ = try feed(opening, of: &flow, direction, at: moment, limits, emit)
            return
        }
        if isUndecided, opening.count < limits.openingBytes {
            return try streams[direction].buffer.hold(opening, limits)
        }
        streams[direction].buffer.openings += 1
        if streams[direction].buffer.openings >= limits.openingSegments {
            streams[direction].buffer.isDone = true
        }
    }

    // MARK: - Datagrams

    /// Takes one datagram, `isCut` by the snap length; says why it was not read.
    mutating func take(
        datagram payload: Span<UInt8>, isCut: Bool, of flow: inout Flow, _ direction: Int,
        at moment: Moment, _ limits: borrowing Limits, _ tally: inout Tally,
        _ emit: FlowTable.Emit
    ) -> Drop? {
        if dissector == nil { recognize(datagram: payload, of: &flow, direction, limits) }
        guard var active = dissector.take() else { return nil }
        let reference = flow.reference(moment.path)
        let side = flow.side(of: direction)
        var reader = ByteReader(payload)
        do throws(ParseFailure) {
            _ = try active.dissect(&reader, from: side) { message in
                emit(
                    Event(
                        flow: reference, time: moment.time, packet: moment.packet, side: side,
                        message: message))
            }
            dissector = active
        } catch {
            dissector = active
            if isCut { return .snaplenPayload }
            charge(error, to: &flow, direction, limits, &tally)
        }
        return nil
    }

    private mutating func recognize(
        datagram payload: Span<UInt8>, of flow: inout Flow, _ direction: Int,
        _ limits: borrowing Limits
    ) {
        let ports = flow.ports(of: direction)
        for position in Dissectors.udpPositions {
            let type = Dissectors.all[position]
            switch type.likelihood(of: ByteReader(payload), ports: ports) {
            case .no, .maybe: continue
            case .either: break
            case .yes(let speaker): flow.turn(speaker: speaker, direction)
            }
            flow.hasSpoken = true
            dissector = type.init()
            flow.protocolIndex = UInt8(position + 1)
            return
        }
        streams[direction].buffer.openings += 1
        if streams[direction].buffer.openings >= limits.openingSegments { finishAll() }
    }

    private mutating func finishAll() {
        streams[0].buffer.isDone = true
        streams[1].buffer.isDone = true
    }

    // MARK: - Loss and ends

    /// Forgets what `missing` lost bytes were part of.
    mutating func lose(_ missing: Int, of flow: inout Flow, _ direction: Int) {
        var active = dissector.take()
        streams[direction].buffer.gap(
            of: missing, skipping: &flow.halves[direction].skipping, in: &active,
            from: flow.side(of: direction))
        dissectorBytes = active?.heldBytes ?? 0
        dissector = active
    }

    /// Nothing more comes from one direction.
    mutating func end(
        of flow: Flow, _ direction: Int, at moment: Moment, _ emit: FlowTable.Emit
    ) {
        let side = flow.side(of: direction)
        dissector?.end(of: side) { message in
            emit(
                Event(
                    flow: flow.reference(moment.path), time: moment.time, packet: moment.packet,
                    side: side,
                    message: message))
        }
    }

    /// The flow is over.
    mutating func finish(_ flow: Flow, at moment: Moment, _ emit: FlowTable.Emit) {
        dissector?.finish { message in
            emit(
                Event(
                    flow: flow.reference(moment.path), time: moment.time, packet: moment.packet,
                    side: .client,
                    message: message))
        }
    }

    private mutating func charge(
        _ failure: ParseFailure, to flow: inout Flow, _ direction: Int,
        _ limits: borrowing Limits, _ tally: inout Tally
    ) {
        switch failure {
        case .malformed(let anomaly): tally.count(anomaly)
        case .needMore: tally.count(.shortInside)
        }
        flow.anomalies = min(flow.anomalies, 254) + 1
        lose(.max, of: &flow, direction)
        guard flow.anomalies >= limits.anomaliesPerFlow else { return }
        tally.count(.flowGivenUp)
        flow.isGivenUp = true
        finishAll()
    }
}

extension Flow {
    /// The protocol knows who is speaking; the first packet seen may not have told.
    fileprivate mutating func turn(speaker: Side, _ direction: Int) {
        if speaker != side(of: direction), !hasSpoken { isClientFirst.toggle() }
    }
}
