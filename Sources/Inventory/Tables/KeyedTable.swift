import Codecs
import Wire

/// What a `KeyedTable` finds entries by.
protocol TableKey: Equatable, Sendable {
    /// A hash of all that makes two keys differ, or of nearly all of it.
    func hash(_ secret: KeyedHash) -> UInt64
}

/// A hash table whose entries lie side by side in the order in which they came.
///
/// Faster than a Dictionary where every event asks several times: the hash is a multiplication
/// under a secret of this run, and an entry that was found is changed by its number.
struct KeyedTable<Key: TableKey, Value: Sendable>: Sendable {
    private static var least: Int { 16 }

    private let secret = TableSecret.ofThisRun
    /// Half of the hash, and the number of the entry from 1; 0 is a free place. At most half full.
    private var places: [UInt64] = []
    private(set) var keys: [Key] = []
    var values: [Value] = []

    var count: Int { keys.count }
    var isEmpty: Bool { keys.isEmpty }

    /// The number of the entry with this key.
    @inline(__always) func number(of key: Key) -> Int? {
        guard !keys.isEmpty else { return nil }
        let half = key.hash(secret) >> 32
        let mask = places.count - 1
        var at = Int(half) & mask
        while places[at] != 0 {
            let number = Int(places[at] & 0xffff_ffff) - 1
            if places[at] >> 32 == half, keys[number] == key { return number }
            at = (at + 1) & mask
        }
        return nil
    }

    /// The number of the entry with this key, which is made where there is none.
    @inline(__always)
    mutating func number(of key: Key, makingIt value: @autoclosure () -> Value) -> Int {
        number(of: key) ?? insert(key, value())
    }

    subscript(_ key: Key) -> Value? { number(of: key).map { values[$0] } }

    /// Adds an entry whose key is not in the table yet.
    @discardableResult mutating func insert(_ key: Key, _ value: Value) -> Int {
        keys.append(key)
        values.append(value)
        if keys.count * 2 > places.count { grow(to: places.count * 2) }
        link(key.hash(secret) >> 32, UInt64(keys.count))
        return keys.count - 1
    }

    /// Puts another key and value in the place of entry `number`.
    mutating func replace(_ number: Int, by key: Key, _ value: Value) {
        unlink(number)
        keys[number] = key
        values[number] = value
        link(key.hash(secret) >> 32, UInt64(number + 1))
    }

    /// Takes an entry out; the last one gets its number.
    @discardableResult mutating func remove(_ key: Key) -> Value? {
        guard let number = number(of: key) else { return nil }
        unlink(number)
        let value = values[number]
        let last = keys.count - 1
        if number != last {
            unlink(last)
            keys[number] = keys[last]
            values[number] = values[last]
            link(keys[number].hash(secret) >> 32, UInt64(number + 1))
        }
        keys.removeLast()
        values.removeLast()
        return value
    }

    mutating func removeAll() {
        places = []
        keys = []
        values = []
    }

    /// Makes room for so many entries in all.
    mutating func reserve(_ count: Int) {
        keys.reserveCapacity(count)
        values.reserveCapacity(count)
        var size = max(KeyedTable.least, places.count)
        while size < count * 2 { size *= 2 }
        if size > places.count { grow(to: size) }
    }

    private mutating func link(_ half: UInt64, _ number: UInt64) {
        let mask = places.count - 1
        var at = Int(half) & mask
        while places[at] != 0 { at = (at + 1) & mask }
        places[at] = half << 32 | number
    }

    /// Frees the place of an entry, and moves those up that had to go on past it.
    private mutating func unlink(_ number: Int) {
        let mask = places.count - 1
        var free = Int(keys[number].hash(secret) >> 32) & mask
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
        places = Array(repeating: 0, count: max(KeyedTable.least, size))
        for place in old where place != 0 { link(place >> 32, place & 0xffff_ffff) }
    }
}

/// A table of so many entries at most: when it is full, the oldest makes room.
struct RecentTable<Key: TableKey, Value: Sendable>: Sendable {
    private let capacity: Int
    private(set) var entries = KeyedTable<Key, Value>()
    private var oldest = 0
    /// Entries that made room.
    private(set) var dropped = 0

    init(capacity: Int) { self.capacity = capacity }

    subscript(_ key: Key) -> Value? { entries[key] }

    /// Changes the entry with this key, or makes one.
    @inline(__always)
    mutating func put(_ key: Key, _ value: Value, changing change: (inout Value) -> Void) {
        if let known = entries.number(of: key) {
            change(&entries.values[known])
        } else if entries.count < capacity {
            entries.insert(key, value)
        } else {
            entries.replace(oldest, by: key, value)
            oldest = (oldest + 1) % capacity
            dropped += 1
        }
    }

    mutating func put(_ key: Key, _ value: Value) { put(key, value) { $0 = value } }

    /// Changes entry `number`.
    mutating func change<Result>(_ number: Int, by change: (inout Value) -> Result) -> Result {
        change(&entries.values[number])
    }
}

/// The secret that all tables of a run share.
enum TableSecret {
    static let ofThisRun = KeyedHash()
}

extension KeyedHash {
    @inline(__always) func of(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = (a ^ first).multipliedFullWidth(by: b ^ second)
        return product.high ^ product.low
    }

    @inline(__always) func of(_ address: IPAddress) -> UInt64 { of(address.high, address.low) }

    @inline(__always) func of(_ address: IPAddress, _ more: UInt64) -> UInt64 {
        of(of(address), more)
    }
}

extension UInt64: TableKey {
    func hash(_ secret: KeyedHash) -> UInt64 { secret.of(self, 0) }
}

extension IPAddress: TableKey {
    func hash(_ secret: KeyedHash) -> UInt64 { secret.of(self) }
}

extension Endpoint: TableKey {
    func hash(_ secret: KeyedHash) -> UInt64 { secret.of(address, UInt64(port)) }
}

extension String: TableKey {
    func hash(_ secret: KeyedHash) -> UInt64 { secret.of(self) }
}
