import GRDB
import Wire

/// One fact with a key, the times between which it was seen, and counts.
///
/// Merging two rows of one key is associative and commutative, in memory and in the database, so no
/// order of arrival, batch size or restart changes the result.
protocol Row: Sendable {
    associatedtype Key: TableKey
    var key: Key { get }
    mutating func merge(_ other: Self)
    /// An upsert that merges in the database as `merge` does in memory.
    static var upsert: String { get }
    var arguments: StatementArguments { get }
}

/// When something was seen first and last, and how often.
struct Period: Sendable, Equatable {
    var first: Timestamp
    var last: Timestamp
    var count: Int

    init(_ time: Timestamp, count: Int = 1) {
        first = time
        last = time
        self.count = count
    }

    mutating func merge(_ other: Period) {
        // By the numbers: comparing a type of another module is a call.
        if other.first.nanoseconds < first.nanoseconds { first = other.first }
        if other.last.nanoseconds > last.nanoseconds { last = other.last }
        count += other.count
    }

    /// The columns every table has, for the end of an upsert.
    static let times =
        "first_seen = min(first_seen, excluded.first_seen), "
        + "last_seen = max(last_seen, excluded.last_seen)"
}

/// Rows of one kind, merged in memory until they are written.
struct RowSet<Element: Row>: Sendable {
    private(set) var rows = RowTable<Element>()

    var count: Int { rows.count }

    mutating func add(_ row: Element) { rows.add(row) }

    /// Makes room for so many rows in all.
    mutating func reserve(_ count: Int) { rows.reserve(count) }

    /// Lets rows go.
    mutating func remove(_ keys: some Sequence<Element.Key>) {
        for key in keys { rows.remove(key) }
    }

    /// Writes every row and forgets them.
    mutating func write(to database: Database) throws {
        guard !rows.isEmpty else { return }
        let statement = try database.cachedStatement(sql: Element.upsert)
        for row in rows.values { try statement.execute(arguments: row.arguments) }
        rows.removeAll()
    }
}
