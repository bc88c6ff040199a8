import Codecs

/// From ordered bytes and datagrams to messages: recognizes the protocol, drives its dissector,
/// and charges anomalies to the flow.
extension FlowTable {
    /// What is kept for dissection; made when the first payload comes, for most flows of a flood
    /// never have one.
    mutating func analysis(of index: Int) -> FlowAnalysis {
        if let known = analyses[index] { return known }
        let made = FlowAnalysis()
        analyses[index] = made
        return made
    }

    /// Notes what the flow holds in the table's total.
    mutating func account(_ analysis: FlowAnalysis, _ index: Int) {
        let held = analysis.heldBytes
        heldBytes += held - analysis.countedBytes
        analysis.countedBytes = held
    }

    /// Gives new stream bytes to the flow's dissector, or looks for one; says why they were not
    /// read.
    mutating func deliver(
        _ segment: Span<UInt8>, _ index: Int, _ direction: Int, _ time: Timestamp,
        _ number: UInt64, _ emit: Emit
    ) -> Drop? {
        let analysis = analysis(of: index)
        guard !analysis[direction].buffer.isDone else { return nil }
        var drop: Drop?
        do throws(ParseFailure) {
            if analysis.dissector == nil {
                try recognize(segment, analysis, index, direction, time, number, emit)
            } else if try feed(segment, analysis, index, direction, time, number, emit)
                == .waiting
            {
                drop = .gap
            }
        } catch {
            charge(error, analysis, index, direction)
        }
        settle(analysis, index)
        guard analyses[index] != nil else { return drop }
        account(analysis, index)
        if heldBytes > heldLimit {
            evictBytes(keeping: index)
            if analysis.heldBytes == 0 { drop = .streamMemory }
        }
        return drop
    }

    /// From here on nobody reads the directions that are done: their packets only count.
    private mutating func settle(_ analysis: FlowAnalysis, _ index: Int) {
        for direction in 0...1
        where analysis[direction].buffer.isDone && flows[index].halves[direction].has(.read) {
            flows[index].halves[direction].state.remove(.read)
            forgetParked(index, direction)
        }
        if analysis.isDone { release(index) }
    }

    private mutating func feed(
        _ segment: Span<UInt8>, _ analysis: FlowAnalysis, _ index: Int, _ direction: Int,
        _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) throws(ParseFailure) -> StreamBuffer.Outcome {
        // Moved out, so that it is changed in place and not in a copy.
        guard var active = analysis.dissector else { return .read }
        analysis.dissector = nil
        let flow = flows[index]
        let path = path(index)
        let side = flow.side(of: direction)
        var hasSpoken = flow.hasSpoken
        let outcome: StreamBuffer.Outcome
        do throws(ParseFailure) {
            outcome = try analysis[direction].buffer.feed(
                segment, skipping: &flows[index].halves[direction].skipping, to: &active,
                from: side, ports: flow.ports(of: direction), limits: limits
            ) { message in
                hasSpoken = true
                emit(
                    Event(
                        flow: flow.reference(path), time: time, packet: number, side: side,
                        message: message))
            }
        } catch {
            analysis.dissectorBytes = active.heldBytes
            analysis.dissector = active
            flows[index].hasSpoken = hasSpoken
            throw error
        }
        flows[index].hasSpoken = hasSpoken || outcome == .recognizeAnew
        analysis.dissectorBytes = active.heldBytes
        guard outcome == .recognizeAnew else {
            analysis.dissector = active
            return outcome
        }
        analysis.dissectorBytes = 0
        for direction in 0...1 {
            analysis[direction].buffer.reset()
            flows[index].halves[direction].skipping = 0
        }
        return outcome
    }

    /// Asks every dissector whether the flow could begin so.
    private mutating func recognize(
        _ segment: Span<UInt8>, _ analysis: FlowAnalysis, _ index: Int, _ direction: Int,
        _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) throws(ParseFailure) {
        var held = analysis[direction].buffer.takeHeld()
        guard held.isEmpty else {
            held.append(copying: segment)
            return try recognize(whole: held.span, analysis, index, direction, time, number, emit)
        }
        try recognize(whole: segment, analysis, index, direction, time, number, emit)
    }

    private mutating func recognize(
        whole opening: Span<UInt8>, _ analysis: FlowAnalysis, _ index: Int, _ direction: Int,
        _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) throws(ParseFailure) {
        let ports = flows[index].ports(of: direction)
        var isUndecided = false
        for position in Dissectors.tcpPositions {
            let type = Dissectors.all[position]
            switch type.likelihood(of: ByteReader(opening), ports: ports) {
            case .no: continue
            case .maybe:
                isUndecided = true
                continue
            case .either: break
            case .yes(let speaker):
                // The protocol knows who is speaking; the first packet seen may not have told.
                if speaker != flows[index].side(of: direction), !flows[index].hasSpoken {
                    flows[index].isClientFirst.toggle()
                }
            }
            analysis.dissector = type.init()
            flows[index].protocolIndex = UInt8(position + 1)
            _ = try feed(opening, analysis, index, direction, time, number, emit)
            return
        }
        if isUndecided, opening.count < 64 {
            return try analysis[direction].buffer.hold(opening, limits)
        }
        analysis[direction].buffer.openings += 1
        if analysis[direction].buffer.openings >= limits.openingSegments {
            analysis[direction].buffer.isDone = true
        }
    }

    // MARK: - Datagrams

    mutating func datagram(
        _ packet: DecodedPacket, _ index: Int, _ direction: Int, _ bytes: borrowing [UInt8],
        _ emit: Emit
    ) -> Drop? {
        guard packet.payloadCaptured > 0, flows[index].halves[direction].has(.read) else {
            return nil
        }
        let end = packet.payloadOffset + packet.payloadCaptured
        let payload = bytes.span.extracting(packet.payloadOffset..<end)
        let analysis = analysis(of: index)
        if analysis.dissector == nil {
            recognize(datagram: payload, analysis, index, direction)
        }
        guard var dissector = analysis.dissector else { return nil }
        analysis.dissector = nil
        let flow = flows[index]
        let path = path(index)
        let side = flow.side(of: direction)
        var reader = ByteReader(payload)
        do throws(ParseFailure) {
            _ = try dissector.dissect(&reader, from: side) { message in
                emit(
                    Event(
                        flow: flow.reference(path), time: packet.time, packet: packet.number,
                        side: side, message: message))
            }
            analysis.dissector = dissector
        } catch {
            analysis.dissector = dissector
            if packet.payloadCaptured < packet.payloadBytes { return .snaplenPayload }
            charge(error, analysis, index, direction)
            settle(analysis, index)
        }
        return nil
    }

    private mutating func recognize(
        datagram payload: Span<UInt8>, _ analysis: FlowAnalysis, _ index: Int, _ direction: Int
    ) {
        let ports = flows[index].ports(of: direction)
        for position in Dissectors.udpPositions {
            let type = Dissectors.all[position]
            switch type.likelihood(of: ByteReader(payload), ports: ports) {
            case .no, .maybe: continue
            case .either: break
            case .yes(let speaker):
                let isTurned = speaker != flows[index].side(of: direction)
                if isTurned, !flows[index].hasSpoken { flows[index].isClientFirst.toggle() }
            }
            flows[index].hasSpoken = true
            analysis.dissector = type.init()
            flows[index].protocolIndex = UInt8(position + 1)
            return
        }
        analysis[direction].buffer.openings += 1
        if analysis[direction].buffer.openings >= limits.openingSegments { release(index) }
    }

    // MARK: - Loss and ends

    /// Lets the dissector forget what the lost bytes were part of.
    mutating func lose(_ missing: Int, _ index: Int, _ direction: Int) {
        tally.count(.hole)
        guard let analysis = analyses[index] else { return }
        let side = flows[index].side(of: direction)
        analysis[direction].buffer.gap(
            of: missing, skipping: &flows[index].halves[direction].skipping,
            in: &analysis.dissector, from: side)
        analysis.dissectorBytes = analysis.dissector?.heldBytes ?? 0
    }

    mutating func endOfSide(
        _ index: Int, _ direction: Int, _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) {
        guard let analysis = analyses[index], analysis.dissector != nil else { return }
        let flow = flows[index]
        let path = path(index)
        let side = flow.side(of: direction)
        analysis.dissector?.end(of: side) { message in
            emit(
                Event(
                    flow: flow.reference(path), time: time, packet: number, side: side,
                    message: message))
        }
    }

    mutating func finishAnalysis(
        _ index: Int, time: Timestamp, number: UInt64, _ emit: Emit
    ) {
        guard let analysis = analyses[index] else { return }
        let flow = flows[index]
        let path = path(index)
        analysis.dissector?.finish { message in
            emit(
                Event(
                    flow: flow.reference(path), time: time, packet: number, side: .client,
                    message: message))
        }
        release(index)
    }

    private mutating func charge(
        _ failure: ParseFailure, _ analysis: FlowAnalysis, _ index: Int, _ direction: Int
    ) {
        let anomaly: Anomaly
        switch failure {
        case .malformed(let found): anomaly = found
        case .needMore: anomaly = .shortInside
        }
        tally.count(anomaly)
        flows[index].anomalies = min(flows[index].anomalies, 254) + 1
        let side = flows[index].side(of: direction)
        analysis[direction].buffer.gap(
            of: .max, skipping: &flows[index].halves[direction].skipping,
            in: &analysis.dissector, from: side)
        analysis.dissectorBytes = analysis.dissector?.heldBytes ?? 0
        if flows[index].anomalies >= limits.anomaliesPerFlow {
            tally.count(.flowGivenUp)
            flows[index].isGivenUp = true
            analysis.finishAll()
        }
    }

    /// Frees what was kept for dissection; from here on packets only count.
    private mutating func release(_ index: Int) {
        if let analysis = analyses[index] { heldBytes -= analysis.countedBytes }
        analyses[index] = nil
        flows[index].halves[0].state.remove([.read, .parked])
        flows[index].halves[1].state.remove([.read, .parked])
    }
}
