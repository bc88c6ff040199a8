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

/// Days of packet time.
struct Calendar: Sendable {
    private static let day: Int64 = 86_400_000_000_000
    private var today: Int64 = .min

    /// Whether `time` lies on a later day than any before.
    mutating func turns(at time: Timestamp) -> Bool {
        let day = time.nanoseconds / Calendar.day
        guard day > today else { return false }
        today = day
        return true
    }
}

/// New rows that are let in: so many a day in all, and so many of one subject, for a client may
/// make up any number of tools, names and versions.
///
/// Keys are known by their hashes: two that meet count as one, which lets one row more in.
struct RowAdmission: Sendable {
    private let limit: Int
    private let subjectLimit: UInt32
    private var known = KeyedTable<UInt64, Bool>()
    private var subjects = KeyedTable<UInt64, UInt32>()
    private var calendar = Calendar()
    /// Times a row was not let in.
    private(set) var dropped = 0

    init(limit: Int = 500_000, subjectLimit: UInt32 = 4_096) {
        self.limit = limit
        self.subjectLimit = subjectLimit
    }

    /// Whether a row that does not wait yet may: `subject` and `row` are hashes of the same secret.
    mutating func admits(_ row: UInt64, of subject: UInt64, at time: Timestamp) -> Bool {
        if calendar.turns(at: time) {
            known.removeAll()
            subjects.removeAll()
        }
        if known.number(of: row) != nil { return true }
        let count = subjects.number(of: subject, makingIt: 0)
        guard known.count < limit, subjects.values[count] < subjectLimit else {
            dropped += 1
            return false
        }
        subjects.values[count] += 1
        known.insert(row, true)
        return true
    }
}
