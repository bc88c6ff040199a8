import Catalog
package import Wire

/// Turns events into rows. Lives on one thread, and is given events in their one order.
package final class Recorder {
    /// Rows held in memory before they are written.
    private static let rowLimit = 50_000

    private let store: RowStore
    private(set) var recording: Recording
    private var events = 0

    init(
        store: RowStore, catalog: Catalog, networks: [Network], userNames: UserNames,
        continuing before: Continuation
    ) {
        self.store = store
        recording = Recording(
            catalog: catalog, networks: networks, userNames: userNames, continuing: before)
    }

    /// Takes one event.
    package func record(_ event: Event) {
        events &+= 1
        recording.record(event)
    }

    /// What bounds of this stage let go, by cause; causes that let nothing go are left out.
    package var dropped: [String: Int] { recording.dropped }

    /// Whether enough waits that it should be written; looked at every so many events.
    package var isFull: Bool {
        events & 63 == 0 && recording.waiting.count >= Recorder.rowLimit
    }

    /// Merges the waiting rows into the database: for good on a live capture, otherwise with
    /// `finish`.
    package func flush() throws(InventoryError) { try store.write(&recording.waiting) }

    /// Writes what waits and what was read, all of it or nothing.
    package func finish(captures: [CaptureRecord]) throws(InventoryError) {
        try store.write(&recording.waiting)
        let end = captures.map(\.last).max() ?? .zero
        try store.finish(captures, continuation: recording.continuation(at: end))
    }

    /// Forgets everything since the last commit: the database is as it was.
    package func abandon() { store.rollBack() }
}
