import GRDB
import Wire

/// Decisions, as they are kept.
extension Inventory {
    /// Keeps a decision behind the others, and gives its number.
    package func decide(_ decision: Decision) throws(InventoryError) -> Int {
        var number = 0
        try write { database in
            try database.execute(
                sql: """
                    INSERT INTO decision
                    (kind, subject, scope, value, reason, owner, until, decided_by, decided_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    decision.kind.rawValue, decision.subject, decision.scope, decision.value,
                    decision.reason, decision.owner, decision.until?.nanoseconds, decision.by,
                    decision.at.nanoseconds,
                ])
            number = Int(database.lastInsertedRowID)
        } memory: { content in
            var kept = decision
            kept.number = content.decisions.count + 1
            number = kept.number
            content.decisions.append(kept)
        }
        return number
    }

    /// All of them, as they were made.
    package func decisions() throws(InventoryError) -> [Decision] {
        try read { database in
            try Inventory.decisions(database)
        } memory: {
            $0.decisions
        }
    }

    /// Who answers for just this, and for no wider thing, as said by configuration or decision.
    package func owner(
        of key: Organization.Key, organization: Organization?
    ) throws(InventoryError) -> String? {
        let remembered = try organization == nil ? self.organization() : nil
        let known = (organization ?? remembered ?? Organization()).applying(try decisions())
        return known.owners.first { $0.key == key }?.owner
    }

    static func decisions(_ database: Database) throws -> [Decision] {
        try GRDB.Row.fetchAll(database, sql: "SELECT * FROM decision ORDER BY id").compactMap {
            row in
            guard let kind = Decision.Kind(rawValue: row["kind"]) else { return nil }
            var decision = Decision(
                kind: kind, subject: row["subject"], value: row["value"], by: row["decided_by"],
                at: Timestamp(nanoseconds: row["decided_at"]))
            decision.number = row["id"]
            decision.scope = row["scope"]
            decision.reason = row["reason"]
            decision.owner = row["owner"]
            decision.until = (row["until"] as Int64?).map { Timestamp(nanoseconds: $0) }
            return decision
        }
    }
}
