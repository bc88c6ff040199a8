/// Numbers of lines by a hash that is mixed already, so that its own bits say where it lies.
///
/// Open addressing, at most half full; made once and only read on the path of events.
struct HashIndex: Sendable {
    /// A number of -1 is a free place.
    private var places = [(hash: UInt64, line: Int32)](repeating: (0, -1), count: 16)
    private var count = 0

    /// The line under `hash`, or -1.
    func line(under hash: UInt64) -> Int {
        let place = places[HashIndex.place(of: hash, in: places)]
        return Int(place.line)
    }

    /// Puts `line` under `hash`, in place of the one that was there: that one, or -1.
    @discardableResult
    mutating func set(_ line: Int, under hash: UInt64) -> Int {
        let place = HashIndex.place(of: hash, in: places)
        let former = Int(places[place].line)
        places[place] = (hash, Int32(truncatingIfNeeded: line))
        if former < 0 { count += 1 }
        if count * 2 > places.count { grow() }
        return former
    }

    private mutating func grow() {
        var larger = [(hash: UInt64, line: Int32)](repeating: (0, -1), count: places.count * 4)
        for entry in places where entry.line >= 0 {
            larger[HashIndex.place(of: entry.hash, in: larger)] = entry
        }
        places = larger
    }

    /// Where `hash` lies, or the free place where it would.
    private static func place(of hash: UInt64, in places: [(hash: UInt64, line: Int32)]) -> Int {
        let mask = places.count - 1
        var place = Int(truncatingIfNeeded: hash ^ hash >> 32) & mask
        while places[place].line >= 0, places[place].hash != hash { place = (place + 1) & mask }
        return place
    }
}
