/// Where entries of an array stand, by hash: for arrays that are made once and asked often.
struct PlaceIndex: Sendable {
    /// Half of the hash, so that the entry itself is looked at once, and place plus one; 0 is free.
    /// At most half full.
    private var slots: [UInt64]

    init(_ count: Int) {
        var size = 16
        while size < count * 2 { size *= 2 }
        slots = [UInt64](repeating: 0, count: size)
    }

    /// To be called once for every entry, with a hash under a secret: names can be made up.
    mutating func insert(_ place: Int, _ hash: UInt64) {
        let mask = slots.count - 1
        var at = Int(hash >> 32) & mask
        while slots[at] != 0 { at = (at + 1) & mask }
        slots[at] = hash & ~0xffff_ffff | UInt64(place + 1)
    }

    @inline(__always)
    func place(_ hash: UInt64, isIt: (Int) -> Bool) -> Int? {
        let mask = slots.count - 1
        var at = Int(hash >> 32) & mask
        while slots[at] != 0 {
            let place = Int(slots[at] & 0xffff_ffff) - 1
            if slots[at] >> 32 == hash >> 32, isIt(place) { return place }
            at = (at + 1) & mask
        }
        return nil
    }
}
