import Codecs

/// Segments that came before their turn: parked until the bytes before them are in, or are given
/// up as lost.
extension FlowTable {
    private func distance(
        _ segment: ParkedSegment, _ index: Int, _ direction: Int
    ) -> Int {
        Int(Int32(bitPattern: segment.sequence &- half(index, direction).next))
    }

    /// Whether a segment has bytes that are parked already: then the first copy speaks.
    func reachesParked(
        _ sequence: UInt32, _ count: Int, _ index: Int, _ direction: Int
    ) -> Bool {
        guard let place = dissection(of: index) else { return false }
        let end = sequence &+ UInt32(truncatingIfNeeded: count)
        return dissections.span[place].streams[direction].parked.contains {
            Int32(bitPattern: end &- $0.sequence) > 0
        }
    }

    private func parkedCount(_ index: Int, _ direction: Int) -> Int {
        guard let place = dissection(of: index) else { return 0 }
        return dissections.span[place].streams[direction].parked.count
    }

    mutating func park(
        _ captured: Span<UInt8>, _ packet: DecodedPacket, _ sequence: UInt32, _ index: Int,
        _ direction: Int, _ emit: Emit
    ) -> Drop? {
        let place = newDissection(of: index)
        var isKnown = false
        var isConflicting = false
        for other in dissections.span[place].streams[direction].parked {
            let start = Int(Int32(bitPattern: sequence &- other.sequence))
            isKnown = isKnown || (start >= 0 && start + packet.payloadBytes <= other.declared)
            isConflicting = isConflicting || other.differs(from: captured, at: start)
        }
        if isConflicting { noteConflict(index) }
        if isKnown { return .duplicate }
        dissections[place].streams[direction].parked.append(
            ParkedSegment(
                sequence: sequence, bytes: [UInt8](copying: captured),
                declared: packet.payloadBytes, time: packet.time))
        dissections[place].streams[direction].parkedBytes += captured.count
        flows[index].halves[direction].state.insert(.parked)
        account(place)
        drainParked(index, direction, packet.time, packet.number, emit)
        guard dissection(of: index) != nil else { return nil }
        if parkedCount(index, direction) >= limits.parkedSegmentsPerSide
            || dissections.span[place].streams[direction].parkedBytes
                > limits.undissectedBytesPerSide
        {
            giveUpHole(index, direction, packet.time, packet.number, emit)
        }
        if heldBytes > heldLimit {
            evictBytes(keeping: index)
            if parkedCount(index, direction) == 0 { return .streamMemory }
        }
        return nil
    }

    /// Lets go of what is parked in a direction that nobody reads: it only counts.
    mutating func forgetParked(_ index: Int, _ direction: Int) {
        guard half(index, direction).has(.parked), let place = dissection(of: index) else {
            return
        }
        var parked = dissections.span[place].streams[direction].parked
        dissections[place].streams[direction].parked = []
        dissections[place].streams[direction].parkedBytes = 0
        flows[index].halves[direction].state.remove(.parked)
        let next = half(index, direction).next
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
        while half(index, direction).has(.parked), let place = dissection(of: index) {
            var parked = dissections.span[place].streams[direction].parked
            parked.removeAll { distance($0, index, direction) + $0.declared <= 0 }
            guard
                let position = parked.firstIndex(where: { distance($0, index, direction) <= 0 })
            else {
                keep(parked, place, index, direction)
                return
            }
            let segment = parked[position]
            let known = -distance(segment, index, direction)
            let limit =
                parked[..<position].map { distance($0, index, direction) }.min()
                .map { $0 + known } ?? .max
            if limit >= segment.declared { parked.remove(at: position) }
            keep(parked, place, index, direction)
            let declared = min(segment.declared, limit)
            _ = take(
                segment.bytes.span.extracting(..<min(segment.bytes.count, declared)),
                declared: declared, known: known, index, direction, time, number, emit)
        }
    }

    private mutating func keep(
        _ parked: [ParkedSegment], _ place: Int, _ index: Int, _ direction: Int
    ) {
        dissections[place].streams[direction].parked = parked
        dissections[place].streams[direction].parkedBytes = parked.reduce(0) {
            $0 + $1.bytes.count
        }
        if parked.isEmpty { flows[index].halves[direction].state.remove(.parked) }
    }

    /// Gives the first hole up as lost, and takes what was parked behind it.
    private mutating func giveUpHole(
        _ index: Int, _ direction: Int, _ time: Timestamp, _ number: UInt64, _ emit: Emit
    ) {
        guard let place = dissection(of: index) else { return }
        let parked = dissections.span[place].streams[direction].parked
        let ahead = parked.map { distance($0, index, direction) }.min()
        guard let ahead, ahead > 0 else { return forgetParked(index, direction) }
        noteHole(ahead, index, direction)
        lose(ahead, index, direction)
        flows[index].halves[direction].next &+= UInt32(truncatingIfNeeded: ahead)
        drainParked(index, direction, time, number, emit)
    }

    mutating func giveUpHoles(
        _ index: Int, _ direction: Int, time: Timestamp, number: UInt64, _ emit: Emit
    ) {
        while half(index, direction).has(.parked), dissection(of: index) != nil {
            giveUpHole(index, direction, time, number, emit)
        }
    }

    /// Reordering is over: the receiver has acknowledged what we never saw, or it is long past.
    @inline(__always)
    mutating func losePatience(_ index: Int, _ packet: DecodedPacket, _ emit: Emit) {
        let state = half(index, 0).state.union(half(index, 1).state)
        if state.contains(.parked) { losePatienceWithParked(index, packet, emit) }
    }

    private mutating func losePatienceWithParked(
        _ index: Int, _ packet: DecodedPacket, _ emit: Emit
    ) {
        for direction in 0...1 where half(index, direction).has(.parked) {
            guard let place = dissection(of: index),
                let first = dissections.span[place].streams[direction].parked.first?.time
            else { continue }
            let waited = packet.time.nanoseconds(since: first)
            let isAcknowledged =
                packet.flags.contains(.ack) && packet.isForward == (direction == 1)
                && Int32(
                    bitPattern: packet.acknowledgment &- half(index, direction).next) > 0
            guard
                waited > (isAcknowledged ? limits.holePatience : 5 * limits.holePatience)
            else { continue }
            giveUpHole(index, direction, packet.time, packet.number, emit)
            closeIfEnded(index, direction, packet.time, packet.number, emit)
        }
    }
}
