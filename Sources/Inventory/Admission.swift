import Codecs
import Wire

/// Keys that are let into rows, so many a day of packet time: anybody can make up the sender of a
/// packet or a name, and a flood of made-up ones may neither fill memory nor the database.
struct Admission<Key: TableKey> {
    private let limit: Int
    private var known = KeyedTable<Key, Bool>()
    private var calendar = Calendar()
    /// What was not let in.
    private(set) var dropped = 0

    init(limit: Int) { self.limit = limit }

    mutating func admits(_ key: Key, at time: Timestamp) -> Bool {
        if calendar.turns(at: time) { known.removeAll() }
        if known.number(of: key) != nil { return true }
        if known.count < limit {
            known.insert(key, true)
            return true
        }
        dropped += 1
        return false
    }
}

/// Stretches of packet time: days, or hours.
struct Calendar: Sendable {
    static let day: Int64 = 86_400_000_000_000
    static let hour: Int64 = 3_600_000_000_000

    private let length: Int64
    private var current: Int64?

    init(_ length: Int64 = Calendar.day) { self.length = length }

    /// Whether `time` lies in another stretch than the last one asked for. A packet that comes late
    /// does not turn back to the stretch just before; a clock that was set back by more does.
    mutating func turns(at time: Timestamp) -> Bool {
        let stretch = time.nanoseconds / length
        guard let current else {
            self.current = stretch
            return false
        }
        guard stretch > current || stretch < current - 1 else { return false }
        self.current = stretch
        return true
    }
}

/// New rows that are let in: so many an hour of packet time in all, and so many by one speaker, for
/// anybody may make up any number of names, tools and versions. Nobody's talk takes what another
/// may say, and a flood is over with the hour.
///
/// Keys are known by their hashes: two that meet count as one, which lets one row more in.
struct RowAdmission: Sendable {
    private let limit: Int
    private let speakerLimit: UInt32
    private var known = KeyedTable<UInt64, Bool>()
    private var speakers = KeyedTable<UInt64, UInt32>()
    private var calendar = Calendar(Calendar.hour)
    /// Times a row was not let in.
    private(set) var dropped = 0

    init(limit: Int = 100_000, speakerLimit: UInt32 = 4_096) {
        self.limit = limit
        self.speakerLimit = speakerLimit
    }

    /// Whether a row that does not wait yet may: both are hashes of one secret.
    mutating func admits(_ row: UInt64, by speaker: UInt64, at time: Timestamp) -> Bool {
        if calendar.turns(at: time) {
            known.removeAll()
            speakers.removeAll()
        }
        if known.number(of: row) != nil { return true }
        guard known.count < limit, speakers[speaker] ?? 0 < speakerLimit else {
            dropped += 1
            return false
        }
        known.insert(row, true)
        speakers.values[speakers.number(of: speaker, makingIt: 0)] += 1
        return true
    }
}
