package import Catalog
import Foundation
import GRDB
package import Wire

/// The inventory: an SQLite file with one writer, or memory.
package final class Inventory: Sendable {
    private enum Store: Sendable {
        case file(DatabaseQueue)
        case memory(MemoryStore)
    }
    private let store: Store
    private let path: String

    /// Opens `path`, or memory when nil. A file that is not there is made when `create` is set; a
    /// file that is no inventory, or that a newer Tyto wrote, is refused and left as it was.
    package init(path: String?, create: Bool) throws(InventoryError) {
        self.path = path ?? "memory"
        do {
            guard let path else {
                store = .memory(MemoryStore())
                return
            }
            let isThere = FileManager.default.fileExists(atPath: path)
            guard isThere || create else {
                throw InventoryError(
                    "\(path): no such inventory; make one with `tyto replay CAPTURE --db \(path)`")
            }
            let size = isThere ? try FileManager.default.attributesOfItem(atPath: path)[.size] : nil
            let isEmpty = (size as? Int ?? 0) == 0
            guard !isEmpty || create else {
                throw InventoryError(
                    "\(path): is empty; fill it with `tyto replay CAPTURE --db \(path)`")
            }
            store = .file(try Inventory.open(path, isEmpty: isEmpty))
        } catch let error as InventoryError {
            throw error
        } catch {
            throw Inventory.failure(error, path ?? "memory")
        }
    }

    private static var configuration: Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        // A replay is one transaction over many accesses, so that it is written whole or not at
        // all.
        configuration.allowsUnsafeTransactions = true
        return configuration
    }

    private static func open(_ path: String, isEmpty: Bool) throws -> DatabaseQueue {
        var configuration = Inventory.configuration
        configuration.prepareDatabase { database in
            guard !isEmpty else { return }
            let id = try Int32.fetchOne(database, sql: "PRAGMA application_id")
            guard id == Schema.applicationID else {
                throw InventoryError(
                    "\(path): is a database, but not an inventory of Tyto; name another file")
            }
        }
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        let isNewer = try queue.read { try Schema.migrator.hasBeenSuperseded($0) }
        guard !isNewer else {
            throw InventoryError("\(path): was written by a newer Tyto; use that version")
        }
        if isEmpty {
            try queue.inDatabase { database in
                try database.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
            }
        }
        try queue.inDatabase { database in
            try database.execute(sql: "PRAGMA journal_mode = WAL")
            try database.execute(sql: "PRAGMA synchronous = NORMAL")
        }
        try Schema.migrator.migrate(queue)
        return queue
    }

    /// The name under which a capture of the same content was replayed before; nil when it was not.
    package func capture(withDigest digest: String) throws(InventoryError) -> String? {
        try read { database in
            try String.fetchOne(
                database, sql: "SELECT name FROM capture WHERE digest = ? ORDER BY id LIMIT 1",
                arguments: [digest])
        } memory: { content in
            content.captures.first { $0.digest == digest }?.name
        }
    }

    /// A recorder; `isWhole` makes everything until `finish` one transaction. A nil organization is
    /// the remembered one: of it only the networks are asked, whose hosts' names in DNS are kept.
    package func makeRecorder(
        catalog: Catalog, isWhole: Bool, organization: Organization? = nil,
        userNames: UserNames = .names
    ) throws(InventoryError) -> Recorder {
        let before = try read {
            try Continuation($0)
        } memory: {
            Continuation($0)
        }
        let remembered = organization == nil ? try self.organization() : nil
        let known = organization ?? remembered
        let rows: RowStore
        switch store {
        case .file(let queue): rows = .file(FileRows(queue: queue, path: path, isWhole: isWhole))
        case .memory(let memory): rows = .memory(MemoryRows(store: memory, isWhole: isWhole))
        }
        return Recorder(
            store: rows, catalog: catalog, networks: known?.networks.map(\.network) ?? [],
            userNames: userNames, continuing: before)
    }

    /// Remembers what the administrator said, so that reading needs no configuration again.
    package func store(_ organization: Organization) throws(InventoryError) {
        let document = OrganizationDocument.encode(organization)
        try write { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO organization (id, document) VALUES (1, ?)",
                arguments: [document])
        } memory: {
            $0.organization = organization
        }
    }

    package func organization() throws(InventoryError) -> Organization? {
        try read { database in
            try String.fetchOne(database, sql: "SELECT document FROM organization")
                .flatMap { OrganizationDocument.decode($0) }
        } memory: {
            $0.organization
        }
    }

    /// Takes bindings, as one transaction.
    func add(_ bindings: RowSet<BindingRow>) throws(InventoryError) {
        try write { database in
            var rows = bindings
            try rows.write(to: database)
        } memory: { content in
            for row in bindings.rows.values { content.rows.bindings.add(row) }
        }
    }

    /// The inventory with addresses resolved; a nil organization is the remembered one.
    package func snapshot(
        organization: Organization?, catalog: Catalog?, _ depth: Snapshot.Depth = .full
    ) throws(InventoryError) -> Snapshot {
        let remembered = try organization == nil ? self.organization() : nil
        return try reader(organization ?? remembered ?? Organization(), catalog, depth).read()
    }

    func reader(
        _ organization: Organization, _ catalog: Catalog?, _ depth: Snapshot.Depth
    ) throws(InventoryError) -> SnapshotReader {
        let (rows, sources, decisions) = try read { database in
            (
                try RowSets(database, withEvidence: depth == .full),
                try Snapshot.Source.all(database), try Inventory.decisions(database)
            )
        } memory: { content in
            var rows = content.rows
            rows.settle()
            return (rows, content.sources, content.decisions)
        }
        return SnapshotReader(
            rows: rows, sources: sources, organization: organization.applying(decisions),
            catalog: catalog, depth: depth)
    }

    /// Keeps the alerts that stand now, for whoever asks the file itself.
    package func store(_ alerts: [StoredAlert]) throws(InventoryError) {
        try write { database in
            try database.execute(sql: "DELETE FROM alert")
            for alert in alerts {
                try database.execute(
                    sql: "INSERT INTO alert VALUES (?, ?, ?, ?, ?, ?, ?)",
                    arguments: [
                        alert.kind, alert.subject, alert.host.description, alert.severity,
                        alert.detail, alert.first.nanoseconds, alert.last.nanoseconds,
                    ])
            }
        } memory: { _ in
            // Nobody but this program can ask, and it works them out anew.
        }
    }

    // MARK: - Inside

    func read<Value>(
        _ body: (Database) throws -> Value, memory: (MemoryStore.Content) -> Value
    ) throws(InventoryError) -> Value {
        switch store {
        case .memory(let store): return store.read(memory)
        case .file(let queue):
            do {
                return try queue.read(body)
            } catch {
                throw Inventory.failure(error, path)
            }
        }
    }

    func write(
        _ body: (Database) throws -> Void, memory: (inout MemoryStore.Content) -> Void
    ) throws(InventoryError) {
        switch store {
        case .memory(let store): store.write(memory)
        case .file(let queue):
            do {
                try queue.write(body)
            } catch {
                throw Inventory.failure(error, path)
            }
        }
    }

    /// SQLite's word as one sentence with a remedy.
    static func failure(_ error: any Error, _ path: String) -> InventoryError {
        if let known = error as? InventoryError { return known }
        guard let database = error as? DatabaseError else {
            return InventoryError("\(path): \(error.localizedDescription)")
        }
        let remedy: String
        switch database.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: remedy = "another tyto writes to it; wait for that one"
        case .SQLITE_READONLY, .SQLITE_CANTOPEN, .SQLITE_PERM:
            remedy = "check that the file and its folder may be written"
        case .SQLITE_FULL: remedy = "make room on the disk"
        case .SQLITE_NOTADB: remedy = "it is no database; name another file"
        case .SQLITE_CORRUPT: remedy = "it is damaged; restore a copy or begin a new one"
        default: remedy = "nothing was written"
        }
        return InventoryError("\(path): \(database.message ?? "\(database.resultCode)"); \(remedy)")
    }
}

/// An alert as it is kept in the file.
package struct StoredAlert: Sendable {
    package var kind: String
    package var subject: String
    package var host: Tenant
    package var severity: String
    package var detail: String
    package var first: Timestamp
    package var last: Timestamp

    package init(
        kind: String, subject: String, host: Tenant, severity: String, detail: String,
        first: Timestamp, last: Timestamp
    ) {
        self.kind = kind
        self.subject = subject
        self.host = host
        self.severity = severity
        self.detail = detail
        self.first = first
        self.last = last
    }
}
