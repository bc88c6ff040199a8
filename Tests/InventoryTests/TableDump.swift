import GRDB

@testable import Inventory

/// A table's rows as text, after `body` has written to a new database.
func dump(of table: String, after body: (Database) throws -> Void) throws -> [String] {
    let queue = try DatabaseQueue()
    try Schema.migrator.migrate(queue)
    try queue.write(body)
    return try queue.read { database in
        try GRDB.Row.fetchAll(database, sql: "SELECT * FROM \(table)").map(\.description)
    }.sorted()
}
