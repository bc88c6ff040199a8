import Capture
import Foundation
import Synchronization
package import Wire

/// The stages joined: packets in, events out in one order whatever the number of workers.
///
/// With one worker everything runs on the calling thread. With more, a thread reads and decodes,
/// one thread a worker follows its flows, and the calling thread takes the events.
package struct Sensor: Sendable {
    package var source: FeedSource
    package var filter: String?
    package var workers: Int
    package var limits: Limits
    /// Raised from anywhere to end a live capture, or a replay, at the next batch.
    package let stop: StopSignal

    package init(
        source: FeedSource, filter: String? = nil, workers: Int = 1, limits: Limits = Limits(),
        stop: StopSignal = StopSignal()
    ) {
        self.source = source
        self.filter = filter
        self.workers = workers
        self.limits = limits
        self.stop = stop
    }

    /// Called between batches with the bytes of the files read so far.
    package typealias Progress = (Int) throws -> Void

    /// Runs until the source ends; every event goes to `consume`.
    package func run(consume: (Event) throws -> Void, progress: Progress = { _ in }) throws
        -> Ledger
    {
        workers == 1
            ? try runInline(consume, progress) : try runThreads(consume, progress)
    }

    // MARK: - One thread

    private func runInline(
        _ consume: (Event) throws -> Void, _ progress: Progress
    ) throws -> Ledger {
        var feed = try PacketFeed(source, filter: filter)
        var reader = Reader(workers: 1)
        var worker = Worker(limits: limits, workers: 1)
        var batch = PacketBatch()
        var ledger = Ledger()
        while !stop.isRaised, try feed.read(into: &batch) {
            var items: [WorkItem] = []
            items.reserveCapacity(batch.packets.count + 1)
            var loose: [OrderedEvent] = []
            reader.read(batch, assign: { items.append($1) }, emit: { loose.append($0) })
            for item in items { worker.process(item, in: batch.bytes) }
            try deliver([worker.takeEvents(), loose], consume, &ledger)
            try progress(feed.bytesRead)
        }
        worker.finish(at: reader.lastTime, packet: reader.lastNumber)
        try deliver([worker.takeEvents()], consume, &ledger)
        ledger.tally.add(reader.tally)
        ledger.tally.add(worker.tally)
        ledger.flows = worker.flowCount
        ledger.add(feed.records, feed.liveCounts())
        return ledger
    }

    private func deliver(
        _ parts: [[OrderedEvent]], _ consume: (Event) throws -> Void, _ ledger: inout Ledger
    ) throws {
        for event in EventMerge.merged(parts) {
            ledger.events += 1
            try consume(event)
        }
    }

    // MARK: - Several threads

    /// What crosses to the calling thread.
    private enum Part: Sendable {
        case events(sequence: Int, [OrderedEvent])
        /// The reader is done: batches it made, what it counted, and its failure.
        case readerEnded(batches: Int, Ledger, CaptureError?)
        case workerEnded(Tally, flows: Int)
    }

    private enum Task: Sendable {
        case batch(sequence: Int, [UInt8], [WorkItem])
        case end(sequence: Int, Timestamp, UInt64)
    }

    private func runThreads(
        _ consume: (Event) throws -> Void, _ progress: Progress
    ) throws -> Ledger {
        let results = BoundedQueue<Part>(capacity: 8 * (workers + 1))
        let queues = (0..<workers).map { _ in BoundedQueue<Task>(capacity: 8) }
        let counter = ProgressCount()
        startReader(queues, results, counter)
        for queue in queues { startWorker(queue, results) }
        var ledger = Ledger()
        var failure: (any Error)?
        var gathering: [Int: [[OrderedEvent]]] = [:]
        var next = 0
        var alive = workers + 1
        while alive > 0 {
            switch results.pop() {
            case .events(let sequence, let events): gathering[sequence, default: []].append(events)
            case .readerEnded(_, let read, let error):
                ledger.sources = read.sources
                ledger.tally.add(read.tally)
                ledger.kernelDrops = read.kernelDrops
                ledger.interfaceDrops = read.interfaceDrops
                failure = failure ?? error
                alive -= 1
            case .workerEnded(let tally, let flows):
                ledger.tally.add(tally)
                ledger.flows += flows
                alive -= 1
            }
            // A batch is whole when every worker and the reader have given their part of it.
            while let parts = gathering[next], parts.count == workers + 1 {
                gathering[next] = nil
                next += 1
                guard failure == nil else { continue }
                do {
                    try deliver(parts, consume, &ledger)
                    try progress(counter.bytes)
                } catch {
                    failure = error
                    stop.raise()
                }
            }
        }
        if let failure { throw failure }
        return ledger
    }

    private func startReader(
        _ queues: [BoundedQueue<Task>], _ results: BoundedQueue<Part>, _ counter: ProgressCount
    ) {
        let (source, filter, stop) = (source, filter, stop)
        Thread.detachNewThread {
            var sequence = 0
            var reader = Reader(workers: queues.count)
            var ledger = Ledger()
            var failure: CaptureError?
            do throws(CaptureError) {
                var feed = try PacketFeed(source, filter: filter)
                var batch = PacketBatch()
                while !stop.isRaised, try feed.read(into: &batch) {
                    var items = [[WorkItem]](repeating: [], count: queues.count)
                    var loose: [OrderedEvent] = []
                    reader.read(
                        batch, assign: { items[$0].append($1) }, emit: { loose.append($0) })
                    for (queue, items) in zip(queues, items) {
                        queue.push(.batch(sequence: sequence, batch.bytes, items))
                    }
                    results.push(.events(sequence: sequence, loose))
                    sequence += 1
                    counter.bytes = feed.bytesRead
                    // The workers hold the bytes now; the next batch gets memory of its own.
                    batch = PacketBatch()
                }
                ledger.add(feed.records, feed.liveCounts())
            } catch {
                failure = error
            }
            for queue in queues {
                queue.push(.end(sequence: sequence, reader.lastTime, reader.lastNumber))
            }
            results.push(.events(sequence: sequence, []))
            ledger.tally = reader.tally
            results.push(.readerEnded(batches: sequence, ledger, failure))
        }
    }

    private func startWorker(_ queue: BoundedQueue<Task>, _ results: BoundedQueue<Part>) {
        let (limits, workers) = (limits, workers)
        Thread.detachNewThread {
            var worker = Worker(limits: limits, workers: workers)
            while true {
                switch queue.pop() {
                case .batch(let sequence, let bytes, let items):
                    for item in items { worker.process(item, in: bytes) }
                    results.push(.events(sequence: sequence, worker.takeEvents()))
                case .end(let sequence, let time, let number):
                    worker.finish(at: time, packet: number)
                    results.push(.events(sequence: sequence, worker.takeEvents()))
                    results.push(.workerEnded(worker.tally, flows: worker.flowCount))
                    return
                }
            }
        }
    }
}

/// A request to end, raised from a signal handler's thread or by a failure.
package final class StopSignal: Sendable {
    private let flag = Atomic<Bool>(false)
    package init() {}
    package var isRaised: Bool { flag.load(ordering: .relaxed) }
    package func raise() { flag.store(true, ordering: .relaxed) }
}

/// Bytes read so far, seen from another thread.
final class ProgressCount: Sendable {
    private let value = Atomic<Int>(0)
    var bytes: Int {
        get { value.load(ordering: .relaxed) }
        set { value.store(newValue, ordering: .relaxed) }
    }
}

/// Parts of one batch, merged into the one order that a single worker would have given.
enum EventMerge {
    static func merged(_ parts: [[OrderedEvent]]) -> [Event] {
        let filled = parts.filter { !$0.isEmpty }
        if filled.count == 1 { return filled[0].map(\.event) }
        var positions = [Int](repeating: 0, count: filled.count)
        var events: [Event] = []
        events.reserveCapacity(filled.reduce(0) { $0 + $1.count })
        while true {
            var best: Int?
            for (index, part) in filled.enumerated() where positions[index] < part.count {
                guard let current = best else {
                    best = index
                    continue
                }
                if isBefore(part[positions[index]], filled[current][positions[current]]) {
                    best = index
                }
            }
            guard let best else { return events }
            events.append(filled[best][positions[best]].event)
            positions[best] += 1
        }
    }

    /// By order; ends of idle flows, which several workers may have at once, by flow.
    private static func isBefore(_ left: OrderedEvent, _ right: OrderedEvent) -> Bool {
        if left.order != right.order { return left.order < right.order }
        return (left.event.flow?.number ?? 0) < (right.event.flow?.number ?? 0)
    }
}

extension Ledger {
    mutating func add(_ records: [FeedRecord], _ live: LiveCapture.Counts?) {
        sources += records
        kernelDrops += live?.droppedByKernel ?? 0
        interfaceDrops += live?.droppedByInterface ?? 0
    }
}
