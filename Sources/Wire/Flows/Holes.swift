/// Stream bytes that were passed over, by flow and direction: what arrives late for one of them is
/// not missing after all. Kept beside the flows, for few ever have any.
struct Holes {
    private struct Hole: BitwiseCopyable {
        var start: UInt32
        var bytes: Int
    }

    private var sides: [Int: [Hole]] = [:]

    /// Remembers a hole; beyond `limit` of one side, its oldest is forgotten.
    mutating func add(_ start: UInt32, _ bytes: Int, of side: Int, limit: Int) {
        sides[side, default: []].append(Hole(start: start, bytes: bytes))
        if let count = sides[side]?.count, count > limit { sides[side]?.removeFirst() }
    }

    /// Takes `count` bytes at `sequence` out of the side's holes; says how many lay in one.
    mutating func fill(_ sequence: UInt32, _ count: Int, of side: Int) -> Int {
        guard let holes = sides[side] else { return 0 }
        var left: [Hole] = []
        var filled = 0
        for hole in holes {
            let start = Int(Int32(bitPattern: sequence &- hole.start))
            let (from, to) = (max(start, 0), min(start + count, hole.bytes))
            guard from < to else {
                left.append(hole)
                continue
            }
            filled += to - from
            if from > 0 { left.append(Hole(start: hole.start, bytes: from)) }
            guard to < hole.bytes else { continue }
            // Sequence numbers wrap (RFC 9293 §3.4).
            let rest = hole.start &+ UInt32(truncatingIfNeeded: to)
            left.append(Hole(start: rest, bytes: hole.bytes - to))
        }
        sides[side] = left.isEmpty ? nil : left
        return filled
    }

    var isNone: Bool { sides.isEmpty }

    func isEmpty(_ side: Int) -> Bool { sides[side] == nil }

    mutating func forget(_ side: Int) { sides[side] = nil }
}

extension FlowTable {
    private func side(_ index: Int, _ direction: Int) -> Int { index << 1 | direction }

    /// Counts the bytes before the segment that comes now as missing, and remembers where they lie.
    mutating func noteHole(_ bytes: Int, _ index: Int, _ direction: Int) {
        flows[index].halves[direction].missingBytes &+= UInt64(bytes)
        holes.add(
            half(index, direction).next, bytes, of: side(index, direction),
            limit: limits.holesPerSide)
        flows[index].halves[direction].state.insert(.hasHoles)
    }

    /// Takes back what of the holes came late after all; false when nothing of it did.
    mutating func fillHole(
        _ sequence: UInt32, _ count: Int, _ index: Int, _ direction: Int
    ) -> Bool {
        guard half(index, direction).has(.hasHoles) else { return false }
        let filled = UInt64(holes.fill(sequence, count, of: side(index, direction)))
        if holes.isEmpty(side(index, direction)) {
            flows[index].halves[direction].state.remove(.hasHoles)
        }
        // Never more than was noted: a hole is filled once.
        flows[index].halves[direction].missingBytes &-= filled
        flows[index].halves[direction].payloadBytes &+= filled
        return filled > 0
    }

    /// The flow is over, or its stream stands elsewhere: nothing can arrive late any more.
    mutating func forgetHoles(_ index: Int, _ direction: Int) {
        guard half(index, direction).has(.hasHoles) else { return }
        holes.forget(side(index, direction))
        flows[index].halves[direction].state.remove(.hasHoles)
    }
}
