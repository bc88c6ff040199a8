import Codecs

/// Segments that came before their turn: parked until the bytes before them are in, or are given
/// up as lost.
extension FlowTable {
    private func distance(
        _ segment: FlowAnalysis.Parked, _ index: Int, _ direction: Int
    ) -> Int {
        Int(Int32(bitPattern: segment.sequence &- flows[index].halves[direction].next))
    }

    /// Whether a segment has bytes that are parked already: then the first copy speaks.
    func reachesParked(
        _ sequence: UInt32, _ count: Int, _ index: Int, _ direction: Int
    ) -> Bool {
        guard let analysis = analyses[index] else { return false }
        let end = sequence &+ UInt32(truncatingIfNeeded: count)
        return analysis[direction].parked.contains {
            Int32(bitPattern: end &- $0.sequence) > 0
        }
    }

    mutating func park(
        _ captured: Span<UInt8>, _ packet: DecodedPacket, _ sequence: UInt32, _ index: Int,
        _ direction: Int, _ emit: Emit
    ) -> Drop? {
        let analysis = analysis(of: index)
        var isKnown = false
        var isConflicting = false
        for other in analysis[direction].parked {
            let start = Int(Int32(bitPattern: sequence &- other.sequence))
            isKnown = isKnown || (start >= 0 && start + packet.payloadBytes <= other.declared)
            isConflicting = isConflicting || other.differs(from: captured, at: start)
        }
        if isConflicting { noteConflict(index) }
        if isKnown { return .duplicate }
        analysis[direction].parked.append(
            FlowAnalysis.Parked(
                sequence: sequence, bytes: [UInt8](copying: captured),
                declared: packet.payloadBytes, time: packet.time))
        analysis[direction].parkedBytes += captured.count
        flows[index].halves[direction].state.insert(.parked)
        account(analysis, index)
        drainParked(index, direction, packet.time, packet.number, emit)
        guard analyses[index] != nil else { return nil }
        if analysis[direction].parked.count >= limits.parkedSegmentsPerSide
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
    mutating func drainParked(
        _ index: Int, _ direction: Int, _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) {
        while let analysis = analyses[index], flows[index].halves[direction].has(.parked) {
            var parked = analysis[direction].parked
            parked.removeAll { distance($0, index, direction) + $0.declared <= 0 }
            guard
                let position = parked.firstIndex(where: { distance($0, index, direction) <= 0 })
            else {
                keep(parked, analysis, index, direction)
                return
            }
            let segment = parked[position]
            let known = -distance(segment, index, direction)
            let limit =
                parked[..<position].map { distance($0, index, direction) }.min()
                .map { $0 + known } ?? .max
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
        let ahead = analysis[direction].parked.map { distance($0, index, direction) }.min()
        guard let ahead, ahead > 0 else { return forgetParked(index, direction) }
        noteHole(ahead, index, direction)
        lose(ahead, index, direction)
        flows[index].halves[direction].next &+= UInt32(truncatingIfNeeded: ahead)
        drainParked(index, direction, time, number, emit)
    }

    mutating func giveUpHoles(
        _ index: Int, _ direction: Int, time: Timestamp, number: UInt64, _ emit: Emit
    ) {
        while analyses[index] != nil, flows[index].halves[direction].has(.parked) {
            giveUpHole(index, direction, time, number, emit)
        }
    }

    /// Reordering is over: the receiver has acknowledged what we never saw, or it is long past.
    mutating func losePatience(_ index: Int, _ packet: DecodedPacket, _ emit: Emit) {
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
}

extension FlowAnalysis.Parked {
    /// Whether a segment that begins `start` bytes behind this one's first has other bytes where
    /// both have some.
    func differs(from segment: Span<UInt8>, at start: Int) -> Bool {
        let (from, to) = (max(start, 0), min(start + segment.count, bytes.count))
        guard from < to else { return false }
        return Checksum.of(bytes.span.extracting(from..<to))
            != Checksum.of(segment.extracting((from - start)..<(to - start)))
    }
}
