import Codecs

/// Segments → ordered bytes or a gap (RFC 9293 §3.10). The two directions are independent, and an
/// acknowledgment never discards payload: in a mirror it may come first. The policy in words is
/// Docs/Reassembly.md.
extension FlowTable {
    /// Steps in sequence numbers larger than any window: the sender has started over, or lies.
    private static var farAway: Int32 { 1 << 24 }

    /// Takes one segment whose packet has been counted; says why it was not fully used.
    mutating func segment(
        _ packet: DecodedPacket, _ index: Int, _ direction: Int, _ bytes: borrowing [UInt8],
        _ emit: Emit
    ) -> Drop? {
        var sequence = packet.sequence
        if packet.flags.contains(.syn) { sequence &+= 1 }
        synchronize(index, direction, sequence, packet)
        if packet.flags.contains(.fin) {
            flows[index].halves[direction].fin =
                sequence &+ UInt32(truncatingIfNeeded: packet.payloadBytes)
            flows[index].halves[direction].state.insert(.hasFIN)
        }
        let drop =
            packet.payloadBytes > 0
            ? accept(packet, sequence, index, direction, bytes, emit) : nil
        if packet.flags.contains(.rst) {
            flows[index].isReset = true
            flows[index].isClosed = true
        }
        closeIfEnded(index, direction, packet.time, packet.number, emit)
        losePatience(index, packet, emit)
        return drop
    }

    /// Learns where the stream stands, from its SYN or from whatever comes first.
    private mutating func synchronize(
        _ index: Int, _ direction: Int, _ sequence: UInt32, _ packet: DecodedPacket
    ) {
        let half = flows[index].halves[direction]
        if half.has(.synchronized) {
            let isBare = half.payloadBytes == 0 && !half.has(.parked)
            // A server may answer a repeated SYN with a new sequence number, as long as the client
            // has not gone on with the first; and the first packet seen midway may have been a
            // keep-alive, one below the next byte.
            let isAnother =
                packet.flags.contains(.syn)
                && flows[index].halves[1 - direction].payloadBytes == 0
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
        var ahead = Int32(bitPattern: sequence &- flows[index].halves[direction].next)
        if ahead > FlowTable.farAway || ahead < -FlowTable.farAway {
            guard isConfirmed(packet, sequence, index, direction) else { return .gap }
            giveUpHoles(index, direction, time: packet.time, number: packet.number, emit)
            lose(0, index, direction)
            flows[index].halves[direction].next = sequence
            ahead = 0
        }
        guard flows[index].halves[direction].has(.read) else {
            return pass(sequence, packet.payloadBytes, index, direction)
        }
        let end = packet.payloadOffset + packet.payloadCaptured
        let captured = bytes.span.extracting(packet.payloadOffset..<end)
        if ahead > 0 { return park(captured, packet, sequence, index, direction, emit) }
        let known = Int(-ahead)
        if known > 0, isConflicting(captured, sequence, index, direction) {
            tally.count(.conflictingRetransmission)
            flows[index].anomalies = min(flows[index].anomalies, 254) + 1
        }
        guard known < packet.payloadBytes else {
            return fillHole(sequence, packet.payloadBytes, index, direction) ? .gap : .duplicate
        }
        let drop = take(
            captured, declared: packet.payloadBytes, known: known, index, direction, packet.time,
            packet.number, emit)
        drainParked(index, direction, packet.time, packet.number, emit)
        return drop
    }

    /// A segment far out of any window is believed when a second one goes on where it ended.
    private mutating func isConfirmed(
        _ packet: DecodedPacket, _ sequence: UInt32, _ index: Int, _ direction: Int
    ) -> Bool {
        let half = flows[index].halves[direction]
        if half.has(.hasStranger), half.stranger == sequence { return true }
        flows[index].halves[direction].stranger =
            sequence &+ UInt32(truncatingIfNeeded: packet.payloadBytes)
        flows[index].halves[direction].state.insert(.hasStranger)
        return false
    }

    /// A retransmission of bytes already delivered, that are other bytes now. One byte is a
    /// keep-alive's (RFC 1122 §4.2.3.6), whose content means nothing.
    private func isConflicting(
        _ captured: Span<UInt8>, _ sequence: UInt32, _ index: Int, _ direction: Int
    ) -> Bool {
        guard captured.count > 1, let analysis = analyses[index] else { return false }
        return analysis[direction].delivered.conflict(sequence, captured)
    }

    /// Counts a segment that nobody reads: holes are only numbers here.
    private mutating func pass(
        _ sequence: UInt32, _ count: Int, _ index: Int, _ direction: Int
    ) -> Drop? {
        let next = flows[index].halves[direction].next
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
    private mutating func take(
        _ captured: Span<UInt8>, declared: Int, known: Int, _ index: Int, _ direction: Int,
        _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) -> Drop? {
        let sequence = flows[index].halves[direction].next
        flows[index].halves[direction].next &+= UInt32(truncatingIfNeeded: declared - known)
        flows[index].halves[direction].payloadBytes &+= UInt64(declared - known)
        var drop: Drop?
        if known < captured.count {
            let fresh = captured.extracting(known...)
            drop = deliver(fresh, index, direction, time, number, emit)
            if let analysis = analyses[index] {
                analysis[direction].delivered.add(sequence, fresh)
            }
        }
        let cut = declared - max(known, captured.count)
        if cut > 0, flows[index].halves[direction].has(.read) {
            lose(cut, index, direction)
            return .snaplenPayload
        }
        return drop
    }

    // MARK: - Holes

    /// Counts the bytes before the segment that comes now as missing, and remembers where they lie.
    private mutating func noteHole(_ bytes: Int, _ index: Int, _ direction: Int) {
        let next = flows[index].halves[direction].next
        flows[index].halves[direction].missingBytes &+= UInt64(bytes)
        flows[index].halves[direction].holeStart = next
        flows[index].halves[direction].holeEnd = next &+ UInt32(truncatingIfNeeded: bytes)
    }

    /// Takes back what of the last hole came late after all; false when nothing of it did.
    private mutating func fillHole(
        _ sequence: UInt32, _ count: Int, _ index: Int, _ direction: Int
    ) -> Bool {
        let half = flows[index].halves[direction]
        let size = Int(half.holeEnd &- half.holeStart)
        let start = Int(Int32(bitPattern: sequence &- half.holeStart))
        let (from, to) = (max(start, 0), min(start + count, size))
        guard from < to else { return false }
        flows[index].halves[direction].missingBytes &-= min(
            half.missingBytes, UInt64(to - from))
        flows[index].halves[direction].payloadBytes &+= UInt64(to - from)
        if from == 0 {
            flows[index].halves[direction].holeStart &+= UInt32(truncatingIfNeeded: to)
        } else {
            flows[index].halves[direction].holeEnd =
                half.holeStart &+ UInt32(truncatingIfNeeded: from)
        }
        return true
    }

    private mutating func park(
        _ captured: Span<UInt8>, _ packet: DecodedPacket, _ sequence: UInt32, _ index: Int,
        _ direction: Int, _ emit: Emit
    ) -> Drop? {
        let analysis = analysis(of: index)
        let parked = analysis[direction].parked
        for other in parked
        where other.sequence == sequence && other.declared >= packet.payloadBytes {
            if captured.count > 1, other.bytes.count == captured.count,
                Checksum.of(other.bytes.span) != Checksum.of(captured)
            {
                tally.count(.conflictingRetransmission)
                flows[index].anomalies = min(flows[index].anomalies, 254) + 1
            }
            return .duplicate
        }
        analysis[direction].parked.append(
            FlowAnalysis.Parked(
                sequence: sequence, bytes: [UInt8](copying: captured),
                declared: packet.payloadBytes, time: packet.time))
        analysis[direction].parkedBytes += captured.count
        flows[index].halves[direction].state.insert(.parked)
        account(analysis, index)
        if parked.count >= limits.parkedSegmentsPerSide
            || analysis[direction].parkedBytes > limits.undissectedBytesPerSide
        {
            giveUpHole(index, direction, packet.time, packet.number, emit)
        }
        if heldBytes > heldLimit {
            evictBytes(keeping: index)
            if analysis[direction].parked.isEmpty { return .streamMemory }
        }
        return nil
    }

    /// Lets go of what is parked in a direction that nobody reads: it only counts.
    mutating func forgetParked(_ index: Int, _ direction: Int) {
        guard let analysis = analyses[index], flows[index].halves[direction].has(.parked) else {
            return
        }
        var parked = analysis[direction].parked
        analysis[direction].parked = []
        analysis[direction].parkedBytes = 0
        flows[index].halves[direction].state.remove(.parked)
        let next = flows[index].halves[direction].next
        parked.sort {
            Int32(bitPattern: $0.sequence &- next) < Int32(bitPattern: $1.sequence &- next)
        }
        for segment in parked { _ = pass(segment.sequence, segment.declared, index, direction) }
    }

    /// Takes the parked segments whose turn has come. Of bytes that came more than once, the first
    /// copy wins: of the segments that reach the next byte the earliest one speaks, up to where an
    /// even earlier one begins.
    private mutating func drainParked(
        _ index: Int, _ direction: Int, _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) {
        while let analysis = analyses[index], flows[index].halves[direction].has(.parked) {
            let next = flows[index].halves[direction].next
            var parked = analysis[direction].parked
            let distance = { (segment: FlowAnalysis.Parked) in
                Int(Int32(bitPattern: segment.sequence &- next))
            }
            parked.removeAll { distance($0) + $0.declared <= 0 }
            guard let position = parked.firstIndex(where: { distance($0) <= 0 }) else {
                keep(parked, analysis, index, direction)
                return
            }
            let segment = parked[position]
            let known = -distance(segment)
            let limit = parked[..<position].map(distance).min().map { $0 + known } ?? .max
            if limit >= segment.declared { parked.remove(at: position) }
            keep(parked, analysis, index, direction)
            let declared = min(segment.declared, limit)
            _ = take(
                segment.bytes.span.extracting(..<min(segment.bytes.count, declared)),
                declared: declared, known: known, index, direction, time, number, emit)
        }
    }

    private mutating func keep(
        _ parked: [FlowAnalysis.Parked], _ analysis: FlowAnalysis, _ index: Int, _ direction: Int
    ) {
        analysis[direction].parked = parked
        analysis[direction].parkedBytes = parked.reduce(0) { $0 + $1.bytes.count }
        if parked.isEmpty { flows[index].halves[direction].state.remove(.parked) }
    }

    /// Gives the first hole up as lost, and takes what was parked behind it.
    private mutating func giveUpHole(
        _ index: Int, _ direction: Int, _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) {
        guard let analysis = analyses[index] else { return }
        let next = flows[index].halves[direction].next
        let ahead = analysis[direction].parked
            .map { Int32(bitPattern: $0.sequence &- next) }.min()
        guard let ahead, ahead > 0 else { return forgetParked(index, direction) }
        noteHole(Int(ahead), index, direction)
        lose(Int(ahead), index, direction)
        flows[index].halves[direction].next = next &+ UInt32(ahead)
        drainParked(index, direction, time, number, emit)
    }

    private mutating func giveUpHoles(
        _ index: Int, _ direction: Int, time: Timestamp, number: UInt64, _ emit: Emit
    ) {
        while analyses[index] != nil, flows[index].halves[direction].has(.parked) {
            giveUpHole(index, direction, time, number, emit)
        }
    }

    /// The flow is over: whatever is missing will not come.
    mutating func giveUpHoles(_ index: Int, time: Timestamp, number: UInt64, _ emit: Emit) {
        for direction in 0...1 {
            giveUpHoles(index, direction, time: time, number: number, emit)
            closeIfEnded(index, direction, time, number, emit)
        }
    }

    /// Reordering is over: the receiver has acknowledged what we never saw, or it is long past.
    private mutating func losePatience(_ index: Int, _ packet: DecodedPacket, _ emit: Emit) {
        for direction in 0...1 where flows[index].halves[direction].has(.parked) {
            guard let first = analyses[index]?[direction].parked.first else { continue }
            let waited = packet.time.nanoseconds(since: first.time)
            let isAcknowledged =
                packet.flags.contains(.ack) && packet.isForward == (direction == 1)
                && Int32(
                    bitPattern: packet.acknowledgment &- flows[index].halves[direction].next) > 0
            guard
                waited > (isAcknowledged ? limits.holePatience : 5 * limits.holePatience)
            else { continue }
            giveUpHole(index, direction, packet.time, packet.number, emit)
            closeIfEnded(index, direction, packet.time, packet.number, emit)
        }
    }

    private mutating func closeIfEnded(
        _ index: Int, _ direction: Int, _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) {
        let half = flows[index].halves[direction]
        guard half.has([.hasFIN, .synchronized]), !half.has(.ended), half.fin == half.next
        else { return }
        flows[index].halves[direction].state.insert(.ended)
        endOfSide(index, direction, time, number, emit)
        if flows[index].halves[1 - direction].has(.ended) { flows[index].isClosed = true }
    }
}
