import GRDB
import Wire

/// Where a recorder's rows go.
enum RowStore {
    case file(FileRows)
    case memory(MemoryRows)

    func write(_ rows: inout WaitingRows) throws(InventoryError) {
        guard rows.count > 0 else { return }
        var settled = rows.settle()
        switch self {
        case .file(let file): try file.write(&settled)
        case .memory(let memory): memory.write(settled)
        }
    }

    func finish(
        _ captures: [CaptureRecord], continuation: Continuation
    ) throws(InventoryError) {
        switch self {
        case .file(let file): try file.finish(captures, continuation: continuation)
        case .memory(let memory): memory.finish(captures, continuation: continuation)
        }
    }

    func rollBack() {
        switch self {
        case .file(let file): file.rollBack()
        case .memory(let memory): memory.rollBack()
        }
    }
}

/// Rows on their way into memory, by the same law as those into a file.
final class MemoryRows {
    private let store: MemoryStore
    private let isWhole: Bool
    private var waiting = RowSets()

    init(store: MemoryStore, isWhole: Bool) {
        self.store = store
        self.isWhole = isWhole
    }

    func write(_ rows: RowSets) {
        waiting.merge(rows)
        waiting.evidence.remove(EvidenceRow.surplus(waiting.evidence))
        if !isWhole { commit() }
    }

    func finish(_ captures: [CaptureRecord], continuation: Continuation) {
        commit()
        store.write {
            $0.captures += captures
            $0.continuation = continuation
        }
    }

    func rollBack() { waiting = RowSets() }

    private func commit() {
        store.write {
            $0.rows.merge(waiting)
            $0.rows.evidence.remove(EvidenceRow.surplus($0.rows.evidence))
        }
        waiting = RowSets()
    }
}

/// The one writer of a file: a transaction that is open while a capture is replayed, or one for
/// each flush.
final class FileRows {
    private let queue: DatabaseQueue
    private let path: String
    /// A replay becomes visible whole or not at all; a live capture with each flush.
    private let isWhole: Bool
    private var isOpen = false

    init(queue: DatabaseQueue, path: String, isWhole: Bool) {
        self.queue = queue
        self.path = path
        self.isWhole = isWhole
    }

    func write(_ rows: inout RowSets) throws(InventoryError) {
        var waiting = rows
        rows = RowSets()
        waiting.settle()
        try run { database in
            try waiting.addresses.write(to: database)
            try waiting.bindings.write(to: database)
            try waiting.apps.write(to: database)
            try waiting.facts.write(to: database)
            try waiting.items.write(to: database)
            try waiting.calls.write(to: database)
            try waiting.models.write(to: database)
            try waiting.exchanges.write(to: database)
            try waiting.links.write(to: database)
            let subjects = Set(waiting.evidence.rows.keys.map(\.subject))
            try waiting.evidence.write(to: database)
            try EvidenceRow.trim(subjects, database)
        }
        if !isWhole { try commit() }
    }

    func finish(
        _ captures: [CaptureRecord], continuation: Continuation
    ) throws(InventoryError) {
        try run { database in
            try continuation.write(to: database)
            for capture in captures {
                let drops = capture.drops.sorted { $0.key < $1.key }
                    .map { "\($0.key)=\($0.value)" }.joined(separator: ",")
                try database.execute(
                    sql: """
                        INSERT INTO capture
                        (digest, name, packets, bytes, first_seen, last_seen, drops)
                        VALUES (?, ?, ?, ?, ?, ?, ?)
                        """,
                    arguments: [
                        capture.digest, capture.name, capture.packets, capture.bytes,
                        capture.first.nanoseconds, capture.last.nanoseconds, drops,
                    ])
            }
        }
        try commit()
    }

    func rollBack() {
        guard isOpen else { return }
        isOpen = false
        queue.inDatabase { database in
            // A transaction that SQLite has already rolled back itself is no failure.
            if database.isInsideTransaction { _ = try? database.rollback() }
        }
    }

    private func run(_ body: (Database) throws -> Void) throws(InventoryError) {
        do {
            try queue.inDatabase { database in
                if !isOpen {
                    try database.beginTransaction(.immediate)
                    isOpen = true
                }
                try body(database)
            }
        } catch {
            rollBack()
            throw Inventory.failure(error, path)
        }
    }

    private func commit() throws(InventoryError) {
        guard isOpen else { return }
        do {
            try queue.inDatabase { try $0.commit() }
            isOpen = false
        } catch {
            rollBack()
            throw Inventory.failure(error, path)
        }
    }
}
