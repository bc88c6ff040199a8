import Codecs

/// From ordered bytes and datagrams to messages: finds the flow's dissector and drives it.
extension FlowTable {
    /// Where the flow's dissection lies; made when the first payload comes, for most flows of a
    /// flood never have one.
    @inline(__always)
    mutating func newDissection(of index: Int) -> Int {
        dissection(of: index) ?? makeDissection(of: index)
    }

    @inline(never)
    private mutating func makeDissection(of index: Int) -> Int {
        let place: Int
        if !freeDissections.isEmpty {
            place = freeDissections.removeLast()
        } else {
            place = dissections.count
            dissections.append(Dissection())
        }
        flows[index].dissection = UInt32(place + 1)
        return place
    }

    /// Notes what a dissection holds in the table's total.
    mutating func account(_ place: Int) { heldBytes += dissections[place].newlyHeld() }

    /// Gives new stream bytes to the flow's dissector, or looks for one; says why they were not
    /// read.
    mutating func deliver(
        _ segment: Span<UInt8>, _ index: Int, _ direction: Int, _ time: Timestamp,
        _ number: UInt64, _ emit: Emit
    ) -> Drop? {
        let place = newDissection(of: index)
        let moment = Moment(time: time, packet: number, path: path(index))
        let drop = dissections[place].take(
            segment, of: &flows[index], direction, at: moment, dissectionLimits, memory, &tally,
            emit)
        guard settle(place, index) else { return drop }
        account(place)
        guard heldBytes > heldLimit else { return drop }
        evictBytes(keeping: index)
        return dissections.span[place].heldBytes == 0 ? .streamMemory : drop
    }

    /// From here on nobody reads the directions that are done: their packets only count. False when
    /// that is both.
    private mutating func settle(_ place: Int, _ index: Int) -> Bool {
        let (first, second) = dissections[place].done()
        if first { stopReading(index, 0) }
        if second { stopReading(index, 1) }
        guard first, second else { return true }
        release(index)
        return false
    }

    private mutating func stopReading(_ index: Int, _ direction: Int) {
        guard half(index, direction).has(.read) else { return }
        flows[index].halves[direction].state.remove(.read)
        forgetParked(index, direction)
    }

    mutating func datagram(
        _ packet: DecodedPacket, _ index: Int, _ direction: Int,
        _ bytes: borrowing [UInt8], _ emit: Emit
    ) -> Drop? {
        guard packet.payloadCaptured > 0, half(index, direction).has(.read) else { return nil }
        let end = packet.payloadOffset + packet.payloadCaptured
        let payload = bytes.span.extracting(packet.payloadOffset..<end)
        let place = newDissection(of: index)
        let moment = Moment(time: packet.time, packet: packet.number, path: path(index))
        let drop = dissections[place].take(
            datagram: payload, isCut: packet.payloadCaptured < packet.payloadBytes,
            of: &flows[index], direction, at: moment, dissectionLimits, &tally, emit)
        guard settle(place, index) else { return drop }
        account(place)
        guard heldBytes > heldLimit else { return drop }
        evictBytes(keeping: index)
        return dissections.span[place].heldBytes == 0 ? .streamMemory : drop
    }

    // MARK: - Loss and ends

    /// Lets the dissector forget what the lost bytes were part of.
    mutating func lose(_ missing: Int, _ index: Int, _ direction: Int) {
        tally.count(.hole)
        guard let place = dissection(of: index) else { return }
        dissections[place].lose(missing, of: &flows[index], direction)
    }

    mutating func endOfSide(
        _ index: Int, _ direction: Int, _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) {
        guard let place = dissection(of: index) else { return }
        let moment = Moment(time: time, packet: number, path: path(index))
        dissections[place].end(of: &flows[index], direction, at: moment, emit)
    }

    /// The flow is over; gives the name that its events had, if there were any.
    mutating func finishDissection(
        _ index: Int, time: Timestamp, number: UInt64, _ emit: Emit
    ) -> FlowReference? {
        guard let place = dissection(of: index) else { return nil }
        let moment = Moment(time: time, packet: number, path: path(index))
        dissections[place].finish(&flows[index], at: moment, emit)
        let reference = dissections.span[place].reference
        release(index)
        return reference
    }

    /// Frees what was kept for dissection; from here on packets only count.
    private mutating func release(_ index: Int) {
        if let place = dissection(of: index) {
            heldBytes -= dissections.span[place].countedBytes
            dissections[place].clear()
            freeDissections.append(place)
            flows[index].dissection = 0
        }
        flows[index].halves[0].state.remove([.read, .parked])
        flows[index].halves[1].state.remove([.read, .parked])
    }
}
