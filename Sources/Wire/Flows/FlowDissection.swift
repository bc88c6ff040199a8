import Codecs

/// From ordered bytes and datagrams to messages: finds the flow's dissector and drives it.
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
        heldBytes += analysis.dissection.newlyHeld()
    }

    /// Gives new stream bytes to the flow's dissector, or looks for one; says why they were not
    /// read.
    mutating func deliver(
        _ segment: Span<UInt8>, _ index: Int, _ direction: Int, _ time: Timestamp,
        _ number: UInt64, _ emit: Emit
    ) -> Drop? {
        let analysis = analysis(of: index)
        let moment = Moment(time: time, packet: number, path: path(index))
        let drop = analysis.dissection.take(
            segment, of: &flows[index], direction, at: moment, limits, &tally, emit)
        settle(analysis, index)
        guard analyses[index] != nil else { return drop }
        account(analysis, index)
        guard heldBytes > heldLimit else { return drop }
        evictBytes(keeping: index)
        return analysis.dissection.heldBytes == 0 ? .streamMemory : drop
    }

    /// From here on nobody reads the directions that are done: their packets only count.
    private mutating func settle(_ analysis: FlowAnalysis, _ index: Int) {
        let isDone = analysis.dissection.isDone
        for direction in 0...1
        where isDone[direction] && flows[index].halves[direction].has(.read) {
            flows[index].halves[direction].state.remove(.read)
            forgetParked(index, direction)
        }
        if isDone[0], isDone[1] { release(index) }
    }

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
        let moment = Moment(time: packet.time, packet: packet.number, path: path(index))
        let drop = analysis.dissection.take(
            datagram: payload, isCut: packet.payloadCaptured < packet.payloadBytes,
            of: &flows[index], direction, at: moment, limits, &tally, emit)
        settle(analysis, index)
        return drop
    }

    // MARK: - Loss and ends

    /// Lets the dissector forget what the lost bytes were part of.
    mutating func lose(_ missing: Int, _ index: Int, _ direction: Int) {
        tally.count(.hole)
        analyses[index]?.dissection.lose(missing, of: &flows[index], direction)
    }

    mutating func endOfSide(
        _ index: Int, _ direction: Int, _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) {
        guard let analysis = analyses[index] else { return }
        let moment = Moment(time: time, packet: number, path: path(index))
        analysis.dissection.end(of: flows[index], direction, at: moment, emit)
    }

    mutating func finishAnalysis(
        _ index: Int, time: Timestamp, number: UInt64, _ emit: Emit
    ) {
        guard let analysis = analyses[index] else { return }
        let moment = Moment(time: time, packet: number, path: path(index))
        analysis.dissection.finish(flows[index], at: moment, emit)
        release(index)
    }

    /// Frees what was kept for dissection; from here on packets only count.
    private mutating func release(_ index: Int) {
        if let analysis = analyses[index] { heldBytes -= analysis.dissection.countedBytes }
        analyses[index] = nil
        flows[index].halves[0].state.remove([.read, .parked])
        flows[index].halves[1].state.remove([.read, .parked])
    }
}
