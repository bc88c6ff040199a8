/// Bytes that were lost or could not be read, and the ends of sides and flows.
extension Dissection {
    /// Forgets what `missing` lost bytes were part of.
    mutating func lose(_ missing: Int, of flow: inout Flow, _ direction: Int) {
        streams[direction].buffer.gap(
            of: missing, skipping: &flow.halves[direction].skipping, in: &dissector,
            from: flow.side(of: direction))
        dissectorBytes = dissector.heldBytes()
    }

    /// Nothing more comes from one direction.
    mutating func end(
        of flow: inout Flow, _ direction: Int, at moment: Moment, _ emit: FlowTable.Emit
    ) {
        let side = flow.side(of: direction)
        var reference = reference.take()
        defer { self.reference = reference }
        dissector.end(of: side) { message in
            emit(
                Event(
                    flow: flow.reference(moment.path, &reference), time: moment.time,
                    packet: moment.packet, side: side, message: message))
        }
    }

    /// The flow is over.
    mutating func finish(_ flow: inout Flow, at moment: Moment, _ emit: FlowTable.Emit) {
        // By constants: to index the two, the compiler would copy them.
        if streams[0].buffer.heldBytes > 0 { tellCut(of: &flow, 0, at: moment, emit) }
        if streams[1].buffer.heldBytes > 0 { tellCut(of: &flow, 1, at: moment, emit) }
        // What a side had half said is told as its own, also when it was never seen to end.
        end(of: &flow, flow.isClientFirst ? 0 : 1, at: moment, emit)
        end(of: &flow, flow.isClientFirst ? 1 : 0, at: moment, emit)
        var reference = reference.take()
        defer { self.reference = reference }
        dissector.finish { message in
            emit(
                Event(
                    flow: flow.reference(moment.path, &reference), time: moment.time,
                    packet: moment.packet, side: .client, message: message))
        }
    }

    /// Gives the dissector what is left of a unit that was never whole.
    private mutating func tellCut(
        of flow: inout Flow, _ direction: Int, at moment: Moment, _ emit: FlowTable.Emit
    ) {
        let held = streams[direction].buffer.takeHeld()
        let side = flow.side(of: direction)
        var reference = reference.take()
        defer { self.reference = reference }
        dissector.cut(ByteReader(held.span), from: side) { message in
            emit(
                Event(
                    flow: flow.reference(moment.path, &reference), time: moment.time,
                    packet: moment.packet, side: side, message: message))
        }
    }

    /// Reads what could not be read once more, when a server that was spoken to in TLS answers its
    /// first bytes in plain HTTP, as one does that knows no TLS on that port.
    @inline(never)
    mutating func answerPlainly(
        _ segment: Span<UInt8>, of flow: inout Flow, _ direction: Int, at moment: Moment,
        _ limits: DissectionLimits, _ memory: DefinitionMemory, _ emit: FlowTable.Emit
    ) {
        guard dissector.kind == .tls, !flow.isGivenUp, flow.side(of: direction) == .server,
            flow.halves[direction].payloadBytes == UInt64(segment.count),
            HTTP1Dissector.likelihood(
                of: ByteReader(segment), ports: flow.ports(of: direction)) == .yes(.server)
        else { return }
        dissector.forget()
        streams[0].buffer.startOver()
        streams[1].buffer.startOver()
        do throws(ParseFailure) {
            _ = try recognize(segment, of: &flow, direction, at: moment, limits, memory, emit)
        } catch {
            // Its first anomaly was counted; a second time says no more.
            lose(.max, of: &flow, direction)
        }
    }

    mutating func charge(
        _ failure: ParseFailure, to flow: inout Flow, _ direction: Int, at moment: Moment,
        _ limits: DissectionLimits, _ tally: inout Tally, _ emit: FlowTable.Emit
    ) {
        let anomaly: Anomaly =
            switch failure {
            case .malformed(let anomaly): anomaly
            case .needMore: .shortInside
            }
        tally.count(anomaly)
        flow.note(anomaly)
        // Datagrams do not hang together: the next is as good as if this one had not come.
        if flow.key.transport == .tcp { lose(.max, of: &flow, direction) }
        guard flow.anomalies >= limits.anomaliesPerFlow else { return }
        tally.count(.flowGivenUp)
        flow.isGivenUp = true
        // What was whole is told all the same.
        finish(&flow, at: moment, emit)
        finishAll()
    }
}
