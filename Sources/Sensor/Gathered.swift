/// One worker's events of a batch, and those that belong to no flow.
struct BatchShare: Sendable {
    /// Which batch, from 0.
    var sequence: Int
    var events: [OrderedEvent]
    var loose: [OrderedEvent]
}

/// What has come of each batch so far: one is whole when every worker has given its share.
struct Gathered {
    private struct Batch {
        var shares = 0
        var parts: [[OrderedEvent]] = []
    }

    private let workers: Int
    private var batches: [Int: Batch] = [:]
    private var next = 0

    init(workers: Int) { self.workers = workers }

    mutating func add(_ shares: [BatchShare]) {
        for share in shares {
            batches[share.sequence, default: Batch()].shares += 1
            if !share.events.isEmpty { batches[share.sequence]?.parts.append(share.events) }
            if !share.loose.isEmpty { batches[share.sequence]?.parts.append(share.loose) }
        }
    }

    /// The parts of the next batch in order; nil while it is not whole.
    mutating func takeNext() -> [[OrderedEvent]]? {
        guard let batch = batches[next], batch.shares == workers else { return nil }
        batches[next] = nil
        next += 1
        return batch.parts
    }
}
