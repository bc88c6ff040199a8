import Catalog
import Codecs
import GRDB
import Wire

/// A clue for one claim, and the first flow that gave it.
struct EvidenceRow: Row, Equatable {
    struct Key: TableKey {
        /// Id of the entity the claim is about.
        var subject: String
        var clue: Clue
        var detail: String

        /// Without the clue, which hardly tells two keys apart.
        func hash(_ secret: KeyedHash) -> UInt64 {
            secret.of(secret.of(subject), secret.of(detail))
        }
    }
    var key: Key
    var strength: Strength
    var flow: String
    var seen: Period

    mutating func merge(_ other: EvidenceRow) {
        if (other.seen.first, other.flow) < (seen.first, flow) { flow = other.flow }
        strength = max(strength, other.strength)
        seen.merge(other.seen)
    }

    static let upsert = """
        INSERT INTO evidence VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
        flow = CASE WHEN (excluded.first_seen, excluded.flow) < (first_seen, flow)
            THEN excluded.flow ELSE flow END,
        strength = max(strength, excluded.strength), count = count + excluded.count, \(Period.times)
        """

    /// Pieces of evidence stored of one subject; a report shows fewer.
    ///
    /// What is let go is weaker or later than all that stays, so what is shown does not depend on
    /// when rows were written as long as captures come in their order.
    static let limit = 64

    /// Lets go what is over the limit of a subject: the weakest, and of equals the latest.
    static func trim(_ subjects: Set<String>, _ database: Database) throws {
        let statement = try database.cachedStatement(
            sql: """
                DELETE FROM evidence WHERE subject = ?1 AND (clue, detail) IN (
                    SELECT clue, detail FROM evidence WHERE subject = ?1
                    ORDER BY strength DESC, first_seen, clue, detail LIMIT -1 OFFSET \(limit))
                """)
        for subject in subjects { try statement.execute(arguments: [subject]) }
    }

    var arguments: StatementArguments {
        [
            key.subject, key.clue.rawValue, key.detail, strength.rawValue, flow, seen.count,
            seen.first.nanoseconds, seen.last.nanoseconds,
        ]
    }

    /// What is over the limit of a subject, as `trim` finds it in a file.
    static func surplus(_ rows: RowSet<EvidenceRow>) -> [Key] {
        var counts = KeyedTable<String, Int>()
        for key in rows.rows.keys {
            counts.values[counts.number(of: key.subject, makingIt: 0)] += 1
        }
        guard counts.values.contains(where: { $0 > limit }) else { return [] }
        let candidates = rows.rows.values.filter { counts[$0.key.subject] ?? 0 > limit }
        return Dictionary(grouping: candidates, by: \.key.subject).values.flatMap {
            $0.sorted(by: isBetter).dropFirst(limit).map(\.key)
        }
    }

    private static func isBetter(_ left: EvidenceRow, _ right: EvidenceRow) -> Bool {
        if left.strength != right.strength { return left.strength > right.strength }
        if left.seen.first != right.seen.first { return left.seen.first < right.seen.first }
        let (clues, details) = (
            (left.key.clue.rawValue, right.key.clue.rawValue), (left.key.detail, right.key.detail)
        )
        // In the order of their bytes, as SQLite compares text.
        return clues.0 == clues.1
            ? details.0.utf8.lexicographicallyPrecedes(details.1.utf8)
            : clues.0.utf8.lexicographicallyPrecedes(clues.1.utf8)
    }
}
