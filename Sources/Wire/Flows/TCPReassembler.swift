/// Segments → ordered bytes or a gap (RFC 9293 §3.10). The two directions are independent, and an
/// acknowledgment never discards payload: in a mirror it may come first.
extension FlowTable {
    /// Steps in sequence numbers larger than any window: the sender has started over.
    private static var farAway: Int32 { 1 << 24 }

    mutating func segment(
        _ packet: DecodedPacket, _ index: Int, _ direction: Int, _ bytes: borrowing [UInt8],
        _ emit: Emit
    ) {
        var sequence = packet.sequence
        if packet.flags.contains(.syn) {
            sequence &+= 1
            // A payload in a SYN is TCP Fast Open's, and lies behind it (RFC 7413).
            if !flows[index][direction].isSynchronized { synchronize(index, direction, sequence) }
        } else if !flows[index][direction].isSynchronized {
            synchronize(index, direction, sequence)
        }
        if packet.flags.contains(.fin) {
            flows[index][direction].fin =
                sequence &+ UInt32(truncatingIfNeeded: packet.payloadBytes)
            flows[index][direction].hasFIN = true
        }
        if packet.payloadBytes > 0 {
            accept(packet, sequence, index, direction, bytes, emit)
        }
        if packet.flags.contains(.rst) {
            flows[index].isReset = true
            flows[index].isClosed = true
        }
        closeIfEnded(index, direction, packet.time, packet.number, emit)
        if packet.flags.contains(.ack) {
            losePatience(
                with: 1 - direction, acknowledged: packet.acknowledgment, index, packet, emit)
        }
    }

    private mutating func synchronize(_ index: Int, _ direction: Int, _ sequence: UInt32) {
        flows[index][direction].initial = sequence
        flows[index][direction].next = sequence
        flows[index][direction].isSynchronized = true
    }

    private mutating func accept(
        _ packet: DecodedPacket, _ sequence: UInt32, _ index: Int, _ direction: Int,
        _ bytes: borrowing [UInt8], _ emit: Emit
    ) {
        let end = packet.payloadOffset + packet.payloadCaptured
        var ahead = Int32(bitPattern: sequence &- flows[index][direction].next)
        if ahead > FlowTable.farAway || ahead < -FlowTable.farAway {
            giveUpHoles(index, direction, time: packet.time, number: packet.number, emit)
            lose(0, index, direction, emit, packet.time, packet.number)
            flows[index][direction].next = sequence
            ahead = 0
        }
        if ahead > 0 {
            let payload = Array(bytes[packet.payloadOffset..<end])
            park(payload, packet, sequence, index, direction, emit)
            return
        }
        let known = Int(-ahead)
        guard known < packet.payloadBytes else {
            tally.count(.duplicate)
            return
        }
        let captured = bytes.span.extracting(packet.payloadOffset..<end)
        take(
            captured, declared: packet.payloadBytes, known: known, index, direction, packet.time,
            packet.number, emit)
        drainParked(index, direction, packet.time, packet.number, emit)
    }

    /// Takes a segment whose first `known` bytes were seen before.
    private mutating func take(
        _ captured: Span<UInt8>, declared: Int, known: Int, _ index: Int, _ direction: Int,
        _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) {
        flows[index][direction].next &+= UInt32(truncatingIfNeeded: declared - known)
        flows[index][direction].payloadBytes += UInt64(declared - known)
        if known < captured.count {
            deliver(captured.extracting(known...), index, direction, time, number, emit)
        }
        let cut = declared - max(known, captured.count)
        if cut > 0 { lose(cut, index, direction, emit, time, number) }
    }

    // MARK: - Holes

    private mutating func park(
        _ payload: [UInt8], _ packet: DecodedPacket, _ sequence: UInt32, _ index: Int,
        _ direction: Int, _ emit: Emit
    ) {
        guard let analysis = analyses[index], !analysis.isDone(direction) else {
            // Nobody reads this direction any more: only count.
            forgetParked(index, direction)
            let missing = sequence &- flows[index][direction].next
            flows[index][direction].missingBytes += UInt64(missing)
            flows[index][direction].payloadBytes += UInt64(packet.payloadBytes)
            flows[index][direction].next =
                sequence &+ UInt32(truncatingIfNeeded: packet.payloadBytes)
            return
        }
        var parked = analysis.parked(direction)
        if parked.contains(where: {
            $0.sequence == sequence && $0.declared >= packet.payloadBytes
        }) {
            tally.count(.duplicate)
            return
        }
        let isOverMemory = heldBytes + payload.count > heldLimit
        if isOverMemory { tally.count(.streamMemory) }
        heldBytes += payload.count
        parked.append(
            FlowAnalysis.Parked(
                sequence: sequence, bytes: payload, declared: packet.payloadBytes,
                time: packet.time, isLast: false))
        analysis.setParked(direction, parked)
        let held = parked.reduce(0) { $0 + $1.bytes.count }
        if isOverMemory || parked.count > limits.parkedSegmentsPerSide
            || held > limits.undissectedBytesPerSide
        {
            giveUpHole(index, direction, packet.time, packet.number, emit)
        }
    }

    /// Lets go of what is parked in a direction that nobody reads: its turn would never come.
    private mutating func forgetParked(_ index: Int, _ direction: Int) {
        guard let analysis = analyses[index] else { return }
        heldBytes -= analysis.parked(direction).reduce(0) { $0 + $1.bytes.count }
        analysis.setParked(direction, [])
    }

    /// Takes the parked segments whose turn has come.
    private mutating func drainParked(
        _ index: Int, _ direction: Int, _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) {
        while let analysis = analyses[index] {
            var parked = analysis.parked(direction)
            let next = flows[index][direction].next
            guard
                let position = parked.indices.filter({
                    Int32(bitPattern: parked[$0].sequence &- next) <= 0
                }).min(by: { Int32(bitPattern: parked[$0].sequence &- parked[$1].sequence) < 0 })
            else { return }
            let segment = parked.remove(at: position)
            analysis.setParked(direction, parked)
            heldBytes -= segment.bytes.count
            let known = Int(Int32(bitPattern: next &- segment.sequence))
            guard known < segment.declared else {
                tally.count(.duplicate)
                continue
            }
            take(
                segment.bytes.span, declared: segment.declared, known: known, index, direction,
                time, number, emit)
        }
    }

    /// Gives the first hole up as lost, and takes what was parked behind it.
    private mutating func giveUpHole(
        _ index: Int, _ direction: Int, _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) {
        guard let analysis = analyses[index] else { return }
        let next = flows[index][direction].next
        let ahead = analysis.parked(direction).map { Int32(bitPattern: $0.sequence &- next) }.min()
        guard let ahead, ahead > 0 else { return forgetParked(index, direction) }
        lose(Int(ahead), index, direction, emit, time, number)
        flows[index][direction].next = next &+ UInt32(ahead)
        drainParked(index, direction, time, number, emit)
    }

    private mutating func giveUpHoles(
        _ index: Int, _ direction: Int, time: Timestamp, number: UInt64, _ emit: Emit
    ) {
        while let analysis = analyses[index], !analysis.parked(direction).isEmpty {
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

    /// The receiver has acknowledged what we never saw, and reordering is over.
    private mutating func losePatience(
        with direction: Int, acknowledged: UInt32, _ index: Int, _ packet: DecodedPacket,
        _ emit: Emit
    ) {
        guard let analysis = analyses[index], let first = analysis.parked(direction).first,
            Int32(bitPattern: acknowledged &- flows[index][direction].next) > 0,
            packet.time.nanoseconds(since: first.time) > limits.holePatience
        else { return }
        giveUpHole(index, direction, packet.time, packet.number, emit)
        closeIfEnded(index, direction, packet.time, packet.number, emit)
    }

    private mutating func closeIfEnded(
        _ index: Int, _ direction: Int, _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) {
        let half = flows[index][direction]
        guard half.hasFIN, !half.isEnded, half.isSynchronized, half.fin == half.next else { return }
        flows[index][direction].isEnded = true
        endOfSide(index, direction, time, number, emit)
        if flows[index][1 - direction].isEnded { flows[index].isClosed = true }
    }
}
