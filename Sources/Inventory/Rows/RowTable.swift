import Codecs

/// A `KeyedTable` of rows, which bear their keys in themselves: there may be millions.
struct RowTable<Element: Row>: Sendable {
    private static var least: Int { 16 }

    private let secret = TableSecret.ofThisRun
    /// Half of the hash, and the number of the row from 1; 0 is a free place. At most half full.
    private var places: [UInt64] = []
    private(set) var values: [Element] = []

    var count: Int { values.count }
    var isEmpty: Bool { values.isEmpty }
    var keys: some Sequence<Element.Key> { values.lazy.map(\.key) }

    /// The number of the row with this key.
    func number(of key: Element.Key) -> Int? { number(of: key, key.hash(secret) >> 32) }

    private func number(of key: Element.Key, _ half: UInt64) -> Int? {
        guard !values.isEmpty else { return nil }
        let mask = places.count - 1
        var at = Int(half) & mask
        while places[at] != 0 {
            let number = Int(places[at] & 0xffff_ffff) - 1
            if places[at] >> 32 == half, values[number].key == key { return number }
            at = (at + 1) & mask
        }
        return nil
    }

    /// Adds a row, or merges it with the one of its key.
    mutating func add(_ row: Element) {
        let half = row.key.hash(secret) >> 32
        if let known = number(of: row.key, half) { return values[known].merge(row) }
        values.append(row)
        if values.count * 2 > places.count { grow(to: places.count * 2) }
        link(half, UInt64(values.count))
    }

    /// Takes a row out; the last one gets its number.
    mutating func remove(_ key: Element.Key) {
        guard let number = number(of: key) else { return }
        unlink(number)
        let last = values.count - 1
        if number != last {
            unlink(last)
            values[number] = values[last]
            link(values[number].key.hash(secret) >> 32, UInt64(number + 1))
        }
        values.removeLast()
    }

    mutating func removeAll() {
        places = []
        values = []
    }

    /// Makes room for so many rows in all.
    mutating func reserve(_ count: Int) {
        values.reserveCapacity(count)
        var size = max(RowTable.least, places.count)
        while size < count * 2 { size *= 2 }
        if size > places.count { grow(to: size) }
    }

    private mutating func link(_ half: UInt64, _ number: UInt64) {
        let mask = places.count - 1
        var at = Int(half) & mask
        while places[at] != 0 { at = (at + 1) & mask }
        places[at] = half << 32 | number
    }

    /// Frees the place of a row, and moves those up that had to go on past it.
    private mutating func unlink(_ number: Int) {
        let mask = places.count - 1
        var free = Int(values[number].key.hash(secret) >> 32) & mask
        while places[free] & 0xffff_ffff != UInt64(number + 1) { free = (free + 1) & mask }
        var at = free
        while true {
            at = (at + 1) & mask
            guard places[at] != 0 else { break }
            let home = Int(places[at] >> 32) & mask
            // Only one that began at or before the free place may move into it.
            if (at - home) & mask >= (at - free) & mask {
                places[free] = places[at]
                free = at
            }
        }
        places[free] = 0
    }

    private mutating func grow(to size: Int) {
        let old = places
        places = Array(repeating: 0, count: max(RowTable.least, size))
        for place in old where place != 0 { link(place >> 32, place & 0xffff_ffff) }
    }
}
