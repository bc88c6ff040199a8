/// Open addressing over a checked array: a slot holds 32 bits of hash and the index of a slab
/// record. At most half of the slots are in use, and none is ever a tombstone.
///
/// A record's home follows from the 32 bits in its slot, so that the slots are laid out anew and
/// closed up without a look at the records.
struct FlowSlots {
    /// The farthest a record may lie from its home. At half load one in 10^9 tables comes near it
    /// by chance; farther means that somebody has found flows that meet.
    static let farthest = 256

    private var slots: [UInt64]
    private var used = 0

    init() { slots = [UInt64](repeating: 0, count: 1024) }

    /// The record under `hash` that `matches`, or -1.
    @inline(__always)
    func find(_ hash: UInt64, _ matches: (Int) -> Bool) -> Int {
        let mask = slots.count - 1
        let tag = hash >> 32
        var at = Int(truncatingIfNeeded: tag) & mask
        while true {
            let slot = slots[at]
            if slot == 0 { return -1 }
            if slot >> 32 == tag {
                let index = Int(slot & 0xffff_ffff) - 1
                if matches(index) { return index }
            }
            at = (at + 1) & mask
        }
    }

    /// Adds a record; false when it came to lie too far from its home.
    mutating func insert(_ hash: UInt64, _ index: Int) -> Bool {
        used += 1
        if used * 2 > slots.count {
            let old = slots
            slots = [UInt64](repeating: 0, count: old.count * 2)
            for slot in old where slot != 0 { _ = place(slot) }
        }
        return place((hash >> 32) << 32 | UInt64(index + 1)) <= FlowSlots.farthest
    }

    /// Empties the slots, for records whose hashes are now others.
    mutating func removeAll() {
        slots = [UInt64](repeating: 0, count: slots.count)
        used = 0
    }

    /// How far from its home the slot came to lie.
    private mutating func place(_ slot: UInt64) -> Int {
        let mask = slots.count - 1
        let home = Int(truncatingIfNeeded: slot >> 32) & mask
        var at = home
        while slots[at] != 0 { at = (at + 1) & mask }
        slots[at] = slot
        return (at - home) & mask
    }

    /// Backward-shift deletion: no tombstones, so probes stay short.
    mutating func remove(_ hash: UInt64, _ index: Int) {
        let mask = slots.count - 1
        var hole = Int(truncatingIfNeeded: hash >> 32) & mask
        while slots[hole] & 0xffff_ffff != UInt64(index + 1) { hole = (hole + 1) & mask }
        var at = hole
        while true {
            at = (at + 1) & mask
            guard slots[at] != 0 else { break }
            let home = Int(truncatingIfNeeded: slots[at] >> 32) & mask
            if (at - home) & mask >= (at - hole) & mask {
                slots[hole] = slots[at]
                hole = at
            }
        }
        slots[hole] = 0
        used -= 1
    }
}
