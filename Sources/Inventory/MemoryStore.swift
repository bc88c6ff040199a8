import Synchronization

/// An inventory that no file holds, for as long as the program runs.
final class MemoryStore: Sendable {
    struct Content: Sendable {
        var rows = RowSets()
        var captures: [CaptureRecord] = []
        var continuation = Continuation()
        var organization: Organization?
        var decisions: [Decision] = []

        /// In the order in which a file gives them.
        var sources: [Snapshot.Source] {
            captures.sorted { ($0.first, $0.name, $0.digest) < ($1.first, $1.name, $1.digest) }
                .map(Snapshot.Source.init)
        }
    }
    private let content = Mutex(Content())

    func read<Value>(_ body: (Content) -> Value) -> Value { body(content.withLock { $0 }) }

    func write(_ body: (inout Content) -> Void) { content.withLock { body(&$0) } }
}
