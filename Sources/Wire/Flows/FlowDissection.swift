/// From ordered bytes and datagrams to messages: recognizes the protocol, drives its dissector,
/// and charges anomalies to the flow.
extension FlowTable {
    /// Gives new stream bytes to the flow's dissector, or looks for one.
    mutating func deliver(
        _ segment: Span<UInt8>, _ index: Int, _ direction: Int, _ time: Timestamp,
        _ number: UInt64, _ emit: Emit
    ) {
        guard let analysis = analyses[index], !analysis.isDone(direction) else { return }
        let before = analysis.heldBytes
        do throws(ParseFailure) {
            if analysis.dissector == nil {
                try recognize(segment, analysis, index, direction, time, number, emit)
            } else {
                try feed(segment, analysis, index, direction, time, number, emit)
            }
        } catch {
            charge(error, analysis, index, direction)
        }
        heldBytes += analysis.heldBytes - before
        if analysis.isDone { release(index) }
    }

    private mutating func feed(
        _ segment: Span<UInt8>, _ analysis: FlowAnalysis, _ index: Int, _ direction: Int,
        _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) throws(ParseFailure) {
        let flow = flows[index]
        let side = flow.side(of: direction)
        let reference = flow.reference
        var hasSpoken = flow.hasSpoken
        let limits = self.limits
        defer { flows[index].hasSpoken = hasSpoken }
        let outcome = try analysis.withBuffer(direction) {
            (buffer, dissector) throws(ParseFailure) -> StreamBuffer.Outcome in
            guard var active = dissector else { return .read }
            dissector = nil
            defer { dissector = active }
            return try buffer.feed(
                segment, to: &active, from: side, ports: flow.ports(of: direction), limits: limits
            ) { message in
                hasSpoken = true
                emit(
                    Event(
                        flow: reference, time: time, packet: number, side: side, message: message))
            }
        }
        if outcome == .recognizeAnew {
            analysis.dissector = nil
            analysis.forward.reset()
            analysis.backward.reset()
            flows[index].hasSpoken = true
        }
    }

    /// Asks every dissector whether the flow could begin so.
    private mutating func recognize(
        _ segment: Span<UInt8>, _ analysis: FlowAnalysis, _ index: Int, _ direction: Int,
        _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) throws(ParseFailure) {
        let held = try analysis.withBuffer(direction) { (buffer, _) throws(ParseFailure) in
            buffer.takeHeld()
        }
        guard held.isEmpty else {
            var joined = held
            for position in segment.indices { joined.append(segment[position]) }
            return try recognize(whole: joined.span, analysis, index, direction, time, number, emit)
        }
        try recognize(whole: segment, analysis, index, direction, time, number, emit)
    }

    private mutating func recognize(
        whole opening: Span<UInt8>, _ analysis: FlowAnalysis, _ index: Int, _ direction: Int,
        _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) throws(ParseFailure) {
        let ports = flows[index].ports(of: direction)
        var isUndecided = false
        for type in Dissectors.tcp {
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
            adopt(type, analysis, index)
            return try feed(opening, analysis, index, direction, time, number, emit)
        }
        let limits = self.limits
        try analysis.withBuffer(direction) { (buffer, _) throws(ParseFailure) in
            if isUndecided, opening.count < 64 { return try buffer.hold(opening, limits) }
            buffer.openings += 1
            if buffer.openings >= limits.openingSegments { buffer.isDone = true }
        }
    }

    private mutating func adopt(
        _ type: any Dissector.Type, _ analysis: FlowAnalysis, _ index: Int
    ) {
        analysis.dissector = type.init()
        if let position = Dissectors.all.firstIndex(where: { $0 == type }) {
            flows[index].protocolIndex = UInt8(position + 1)
        }
    }

    // MARK: - Datagrams

    mutating func datagram(
        _ packet: DecodedPacket, _ index: Int, _ direction: Int, _ bytes: borrowing [UInt8],
        _ emit: Emit
    ) {
        flows[index][direction].payloadBytes += UInt64(packet.payloadBytes)
        guard let analysis = analyses[index], packet.payloadCaptured > 0 else { return }
        let end = packet.payloadOffset + packet.payloadCaptured
        let payload = bytes.span.extracting(packet.payloadOffset..<end)
        let ports = flows[index].ports(of: direction)
        if analysis.dissector == nil {
            recognize(datagram: payload, analysis, index, direction, ports)
        }
        guard var dissector = analysis.dissector else { return }
        let flow = flows[index]
        var reader = ByteReader(payload)
        do throws(ParseFailure) {
            _ = try dissector.dissect(&reader, from: flow.side(of: direction)) { message in
                emit(
                    Event(
                        flow: flow.reference, time: packet.time, packet: packet.number,
                        side: flow.side(of: direction), message: message))
            }
            analysis.dissector = dissector
        } catch {
            if packet.payloadCaptured < packet.payloadBytes { return }
            charge(error, analysis, index, direction)
            if analysis.isDone { release(index) }
        }
    }

    private mutating func recognize(
        datagram payload: Span<UInt8>, _ analysis: FlowAnalysis, _ index: Int, _ direction: Int,
        _ ports: Ports
    ) {
        for type in Dissectors.udp {
            switch type.likelihood(of: ByteReader(payload), ports: ports) {
            case .no, .maybe: continue
            case .either: break
            case .yes(let speaker):
                let isTurned = speaker != flows[index].side(of: direction)
                if isTurned, !flows[index].hasSpoken { flows[index].isClientFirst.toggle() }
            }
            flows[index].hasSpoken = true
            return adopt(type, analysis, index)
        }
        let openings = (direction == 0 ? analysis.forward : analysis.backward).openings + 1
        if direction == 0 {
            analysis.forward.openings = openings
        } else {
            analysis.backward.openings = openings
        }
        if openings >= limits.openingSegments { release(index) }
    }

    // MARK: - Loss and ends

    /// Counts bytes as lost, and lets the dissector forget what they were part of.
    mutating func lose(
        _ missing: Int, _ index: Int, _ direction: Int, _ emit: Emit, _ time: Timestamp,
        _ number: UInt64
    ) {
        flows[index][direction].missingBytes += UInt64(missing)
        tally.count(.gap)
        guard let analysis = analyses[index] else { return }
        let side = flows[index].side(of: direction)
        let before = analysis.heldBytes
        if direction == 0 {
            analysis.forward.gap(of: missing, in: &analysis.dissector, from: side)
        } else {
            analysis.backward.gap(of: missing, in: &analysis.dissector, from: side)
        }
        heldBytes += analysis.heldBytes - before
    }

    mutating func endOfSide(
        _ index: Int, _ direction: Int, _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) {
        guard let analysis = analyses[index], analysis.dissector != nil else { return }
        let flow = flows[index]
        let side = flow.side(of: direction)
        analysis.dissector?.end(of: side) { message in
            emit(
                Event(
                    flow: flow.reference, time: time, packet: number, side: side, message: message))
        }
    }

    mutating func finishAnalysis(
        _ index: Int, time: Timestamp, number: UInt64, _ emit: Emit
    ) {
        guard let analysis = analyses[index] else { return }
        let flow = flows[index]
        analysis.dissector?.finish { message in
            emit(
                Event(
                    flow: flow.reference, time: time, packet: number, side: .client,
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
        if direction == 0 {
            analysis.forward.gap(of: .max, in: &analysis.dissector, from: side)
        } else {
            analysis.backward.gap(of: .max, in: &analysis.dissector, from: side)
        }
        if flows[index].anomalies >= limits.anomaliesPerFlow {
            tally.count(.anomalyBudget)
            analysis.finishAll()
        }
    }

    /// Frees what was kept for dissection; from here on packets only count.
    private mutating func release(_ index: Int) {
        if let analysis = analyses[index] { heldBytes -= analysis.heldBytes }
        analyses[index] = nil
    }
}
