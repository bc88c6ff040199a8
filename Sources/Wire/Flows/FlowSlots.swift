/// Open addressing over a checked array: a slot holds 32 bits of hash and the index of a slab
/// record. At most half of the slots are in use, and none is ever a tombstone.
struct FlowSlots {
    private var slots: [UInt64]
    private var used = 0

    init() { slots = [UInt64](repeating: 0, count: 1024) }

    /// The record under `hash` that `matches`, or -1.
    @inline(__always)
    func find(_ hash: UInt64, _ matches: (Int) -> Bool) -> Int {
        let mask = slots.count - 1
        var at = Int(truncatingIfNeeded: hash) & mask
        while true {
            let slot = slots[at]
            if slot == 0 { return -1 }
            if slot >> 32 == hash >> 32 {
                let index = Int(slot & 0xffff_ffff) - 1
                if matches(index) { return index }
            }
            at = (at + 1) & mask
        }
    }

    /// Adds a record; `hashOf` gives the hash of a record when the slots have to be laid out anew.
    mutating func insert(_ hash: UInt64, _ index: Int, hashOf: (Int) -> UInt64) {
        used += 1
        if used * 2 > slots.count {
            let old = slots
            slots = [UInt64](repeating: 0, count: old.count * 2)
            for slot in old where slot != 0 {
                let other = Int(slot & 0xffff_ffff) - 1
                place(hashOf(other), other)
            }
        }
        place(hash, index)
    }

    private mutating func place(_ hash: UInt64, _ index: Int) {
        let mask = slots.count - 1
        var at = Int(truncatingIfNeeded: hash) & mask
        while slots[at] != 0 { at = (at + 1) & mask }
        slots[at] = (hash >> 32) << 32 | UInt64(index + 1)
    }

    /// Backward-shift deletion: no tombstones, so probes stay short.
    mutating func remove(_ hash: UInt64, _ index: Int, hashOf: (Int) -> UInt64) {
        let mask = slots.count - 1
        var hole = Int(truncatingIfNeeded: hash) & mask
        while slots[hole] & 0xffff_ffff != UInt64(index + 1) { hole = (hole + 1) & mask }
        var at = hole
        while true {
            at = (at + 1) & mask
            guard slots[at] != 0 else { break }
            let home = Int(truncatingIfNeeded: hashOf(Int(slots[at] & 0xffff_ffff) - 1)) & mask
            if (at - home) & mask >= (at - hole) & mask {
                slots[hole] = slots[at]
                hole = at
            }
        }
        slots[hole] = 0
        used -= 1
    }
}
