import Codecs

/// Segments → ordered bytes or a gap (RFC 9293 §3.10). The two directions are independent, and an
/// acknowledgment never discards payload: in a mirror it may come first. The policy in words is
/// Docs/Reassembly.md.
extension FlowTable {
    /// Steps in sequence numbers larger than any window: the sender has started over, or lies.
    private static var farAway: Int32 { 1 << 24 }
    /// How far from the next byte a RST may stand: the largest window without scaling.
    private static var resetWindow: Int32 { 65_535 }

    /// Takes one segment whose packet has been counted; says why it was not fully used.
    mutating func segment(
        _ packet: DecodedPacket, _ index: Int, _ direction: Int, _ bytes: borrowing [UInt8],
        _ emit: Emit
    ) -> Drop? {
        if packet.flags.contains(.rst) {
            reset(packet, index, direction)
            losePatience(index, packet, emit)
            return nil
        }
        var sequence = packet.sequence
        if packet.flags.contains(.syn) { sequence &+= 1 }
        synchronize(index, direction, sequence, packet)
        if packet.flags.contains(.syn), sequence != half(index, direction).initial {
            // Another connection's SYN, so far not believed: nothing of it belongs here.
            flows[index].halves[direction].stranger = sequence
            flows[index].halves[direction].state.insert(.hasStranger)
            return packet.payloadBytes > 0 ? .gap : nil
        }
        let drop =
            packet.payloadBytes > 0
            ? accept(packet, sequence, index, direction, bytes, emit) : nil
        if packet.flags.contains(.fin) { noteFIN(packet, sequence, index, direction) }
        if half(index, direction).has(.hasFIN) {
            closeIfEnded(index, direction, packet.time, packet.number, emit)
        }
        losePatience(index, packet, emit)
        return drop
    }

    /// Learns where the stream stands, from its SYN or from whatever comes first.
    private mutating func synchronize(
        _ index: Int, _ direction: Int, _ sequence: UInt32, _ packet: DecodedPacket
    ) {
        let half = half(index, direction)
        if half.has(.synchronized) {
            let isBare = half.payloadBytes == 0 && !half.has(.parked)
            // A server may answer a repeated SYN with a new sequence number, as long as the client
            // has not gone on with the first; and the first packet seen midway may have been a
            // keep-alive, one below the next byte.
            let isAnother =
                packet.flags.contains(.syn)
                && self.half(index, 1 - direction).payloadBytes == 0
            let isAfterKeepAlive = !half.has(.hasSYN) && sequence == half.next &+ 1
            guard isBare, isAnother || isAfterKeepAlive else { return }
        }
        flows[index].halves[direction].initial = sequence
        flows[index].halves[direction].next = sequence
        flows[index].halves[direction].state.insert(.synchronized)
        if packet.flags.contains(.syn) { flows[index].halves[direction].state.insert(.hasSYN) }
    }

    private mutating func accept(
        _ packet: DecodedPacket, _ sequence: UInt32, _ index: Int, _ direction: Int,
        _ bytes: borrowing [UInt8], _ emit: Emit
    ) -> Drop? {
        var ahead = Int32(bitPattern: sequence &- half(index, direction).next)
        if ahead > FlowTable.farAway || ahead < -FlowTable.farAway {
            guard isConfirmed(packet, sequence, index, direction) else { return .gap }
            giveUpHoles(index, direction, time: packet.time, number: packet.number, emit)
            lose(ahead > 0 ? Int(ahead) : .max, index, direction)
            forgetHoles(index, direction)
            flows[index].halves[direction].next = sequence
            ahead = 0
        }
        if !half(index, direction).state.isDisjoint(with: [.hasFIN, .hasRST]) {
            reopenIfContinued(sequence, packet.payloadBytes, index, direction)
        }
        guard half(index, direction).has(.read) else {
            return pass(sequence, packet.payloadBytes, index, direction)
        }
        let end = packet.payloadOffset + packet.payloadCaptured
        let captured = bytes.span.extracting(packet.payloadOffset..<end)
        if ahead > 0 { return park(captured, packet, sequence, index, direction, emit) }
        let known = Int(-ahead)
        if known > 0, isConflicting(captured, sequence, index, direction) {
            noteConflict(index)
        }
        guard known < packet.payloadBytes else {
            return fillHole(sequence, packet.payloadBytes, index, direction) ? .gap : .duplicate
        }
        let isParked = half(index, direction).has(.parked)
        if isParked, reachesParked(sequence, packet.payloadBytes, index, direction) {
            return park(captured, packet, sequence, index, direction, emit)
        }
        let drop = take(
            captured, declared: packet.payloadBytes, known: known, index, direction, packet.time,
            packet.number, emit)
        if isParked { drainParked(index, direction, packet.time, packet.number, emit) }
        return drop
    }

    /// A segment far out of any window is believed when a second one goes on where it ended.
    private mutating func isConfirmed(
        _ packet: DecodedPacket, _ sequence: UInt32, _ index: Int, _ direction: Int
    ) -> Bool {
        let half = half(index, direction)
        if half.has(.hasStranger), half.stranger == sequence { return true }
        flows[index].halves[direction].stranger =
            sequence &+ UInt32(truncatingIfNeeded: packet.payloadBytes)
        flows[index].halves[direction].state.insert(.hasStranger)
        return false
    }

    /// A retransmission of bytes already delivered, that are other bytes now. The one byte below
    /// the next is a keep-alive's (RFC 1122 §4.2.3.6), whose content means nothing.
    func isConflicting(
        _ captured: Span<UInt8>, _ sequence: UInt32, _ index: Int, _ direction: Int
    ) -> Bool {
        let isKeepAlive =
            captured.count == 1 && sequence &+ 1 == half(index, direction).next
        guard !isKeepAlive, let place = dissection(of: index) else { return false }
        return dissections[place].streams[direction].delivered.conflict(sequence, captured)
    }

    mutating func noteConflict(_ index: Int) {
        tally.count(.conflictingRetransmission)
        flows[index].note(.conflictingRetransmission)
    }

    /// Counts a segment that nobody reads: holes are only numbers here.
    mutating func pass(
        _ sequence: UInt32, _ count: Int, _ index: Int, _ direction: Int
    ) -> Drop? {
        let next = half(index, direction).next
        let ahead = Int(Int32(bitPattern: sequence &- next))
        let isLate = ahead < 0 && fillHole(sequence, min(count, -ahead), index, direction)
        let fresh = min(count, ahead + count)
        guard fresh > 0 else { return isLate ? nil : .duplicate }
        if ahead > 0 { noteHole(ahead, index, direction) }
        flows[index].halves[direction].payloadBytes &+= UInt64(fresh)
        flows[index].halves[direction].next = sequence &+ UInt32(truncatingIfNeeded: count)
        return nil
    }

    /// Takes a segment whose first `known` bytes were seen before.
    mutating func take(
        _ captured: Span<UInt8>, declared: Int, known: Int, _ index: Int, _ direction: Int,
        _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) -> Drop? {
        let sequence = half(index, direction).next
        flows[index].advance(direction, by: declared - known)
        var drop: Drop?
        if known < captured.count {
            let fresh = captured.extracting(known...)
            drop = deliver(fresh, index, direction, time, number, emit)
            // To be compared with a retransmission, as long as somebody reads those.
            if half(index, direction).has(.read), let place = dissection(of: index) {
                dissections[place].streams[direction].delivered.add(sequence, fresh)
            }
        }
        let cut = declared - max(known, captured.count)
        if cut > 0, half(index, direction).has(.read) {
            lose(cut, index, direction)
            return .snaplenPayload
        }
        return drop
    }
}

// MARK: - Ends

extension FlowTable {
    /// A RST ends the flow when its sender could have sent it: near the next byte, or, from a side
    /// never heard, in answer to what the other has sent (RFC 9293 §3.10.7, RFC 5961 §3). What it
    /// carries is for people, and no part of the stream (RFC 9293 §3.5.3).
    private mutating func reset(_ packet: DecodedPacket, _ index: Int, _ direction: Int) {
        let (half, other) = (half(index, direction), half(index, 1 - direction))
        var away: Int32 = 0
        if half.has(.synchronized) {
            away = Int32(bitPattern: packet.sequence &- half.next)
        } else if other.has(.synchronized), packet.flags.contains(.ack) {
            away = Int32(bitPattern: packet.acknowledgment &- other.next)
        }
        guard away.magnitude <= FlowTable.resetWindow.magnitude else { return }
        if half.has(.synchronized), !half.has(.hasFIN) {
            flows[index].halves[direction].fin = packet.sequence
        }
        if half.has(.synchronized) { flows[index].halves[direction].state.insert(.hasRST) }
        flows[index].isReset = true
        flows[index].isClosed = true
    }

    /// A FIN may come before bytes that belong before it. The first one counts; one far out of any
    /// window does not.
    private mutating func noteFIN(
        _ packet: DecodedPacket, _ sequence: UInt32, _ index: Int, _ direction: Int
    ) {
        let half = half(index, direction)
        let fin = sequence &+ UInt32(truncatingIfNeeded: packet.payloadBytes)
        let ahead = Int32(bitPattern: fin &- half.next)
        guard !half.has(.hasFIN), ahead <= FlowTable.farAway, ahead >= -FlowTable.farAway
        else { return }
        flows[index].halves[direction].fin = fin
        flows[index].halves[direction].state.insert(.hasFIN)
        // Both have said that they are done, whatever of it was seen: what is missing lingers on.
        if self.half(index, 1 - direction).has(.hasFIN) { flows[index].isClosed = true }
    }

    /// A side that goes on behind its FIN or RST did not send that: the flow is open again.
    private mutating func reopenIfContinued(
        _ sequence: UInt32, _ count: Int, _ index: Int, _ direction: Int
    ) {
        let half = half(index, direction)
        let end = sequence &+ UInt32(truncatingIfNeeded: count)
        guard Int32(bitPattern: end &- half.fin) > 0 else { return }
        tally.count(.dataBehindEnd)
        flows[index].broken.insert(.dataBehindEnd)
        flows[index].halves[direction].state.remove([.hasFIN, .hasRST, .ended])
        let isReset = self.half(index, 1 - direction).has(.hasRST)
        flows[index].isReset = isReset
        flows[index].isClosed = isReset
    }

    mutating func closeIfEnded(
        _ index: Int, _ direction: Int, _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) {
        let half = half(index, direction)
        guard half.has([.hasFIN, .synchronized]), !half.has(.ended), half.fin == half.next
        else { return }
        flows[index].halves[direction].state.insert(.ended)
        endOfSide(index, direction, time, number, emit)
    }

    /// Whether the end of a flow changes anything about one of its directions.
    private func isOpenEnded(_ half: Half) -> Bool {
        if !half.state.isDisjoint(with: [.parked, .hasHoles]) { return true }
        return half.has(.hasFIN) && !(half.has(.ended) && half.fin == half.next)
    }

    /// The flow is over: whatever is missing will not come.
    mutating func giveUpHoles(_ index: Int, time: Timestamp, number: UInt64, _ emit: Emit) {
        for direction in 0...1 where isOpenEnded(half(index, direction)) {
            giveUpHoles(index, direction, time: time, number: number, emit)
            let half = half(index, direction)
            let ahead = Int32(bitPattern: half.fin &- half.next)
            if half.has([.hasFIN, .synchronized]), ahead > 0 {
                noteHole(Int(ahead), index, direction)
                lose(Int(ahead), index, direction)
                flows[index].halves[direction].next = half.fin
            }
            closeIfEnded(index, direction, time, number, emit)
            forgetHoles(index, direction)
        }
    }
}
