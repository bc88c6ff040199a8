import Wire

/// Addresses that are let into rows, so many a day of packet time: anybody can make up the sender
/// of a packet, and a flood of made-up ones may neither fill memory nor the database.
struct Admission {
    private static let day: Int64 = 86_400_000_000_000

    private let limit: Int
    private var known = KeyedTable<IPAddress, Bool>()
    private var day: Int64 = .min
    /// What was not let in.
    private(set) var dropped = 0

    init(limit: Int) { self.limit = limit }

    mutating func admits(_ address: IPAddress, at time: Timestamp) -> Bool {
        let today = time.nanoseconds / Admission.day
        if today > day {
            day = today
            known.removeAll()
        }
        if known.number(of: address) != nil { return true }
        if known.count < limit {
            known.insert(address, true)
            return true
        }
        dropped += 1
        return false
    }
}
