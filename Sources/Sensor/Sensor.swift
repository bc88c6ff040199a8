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
    /// Whether the ledger shall say where the time went.
    package var measuresStages = false
    /// Whether certificates are also read of servers that the client's hello names: only events
    /// show those.
    package var readsAllCertificates = true
    /// Whether packets with a checksum that does not fit are let go.
    package var verifiesChecksums = false
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

    /// How far a run has come.
    package struct Reached: Sendable {
        /// Bytes of the files read so far.
        package var bytes = 0
        /// What the user should know since the last time, one sentence each.
        package var notes: [String] = []
    }

    /// Called between batches.
    package typealias Progress = (Reached) throws -> Void

    /// Runs until the source ends; every event goes to `consume`.
    package func run(consume: (Event) throws -> Void, progress: Progress = { _ in }) throws
        -> Ledger
    {
        guard workers == 1 else { return try ThreadedRun(self).run(consume, progress) }
        return try InlineRun(self).run(until: stop, consume, progress)
    }
}

/// A request to end, raised from a signal handler's thread or by a failure.
package final class StopSignal: Sendable {
    private let flag = Atomic<Bool>(false)
    package init() {}
    package var isRaised: Bool { flag.load(ordering: .relaxed) }
    package func raise() { flag.store(true, ordering: .relaxed) }
}

/// How far the reader has come, seen from another thread.
final class ProgressCount: Sendable {
    private let state = Mutex(Sensor.Reached())

    func reach(_ bytes: Int, _ notes: [String]) {
        state.withLock {
            $0.bytes = bytes
            $0.notes += notes
        }
    }

    /// Where it is, and its notes since this was last asked.
    func take() -> Sensor.Reached {
        state.withLock { reached in
            defer { reached.notes = [] }
            return reached
        }
    }
}

extension Ledger {
    mutating func add(_ records: [FeedRecord], _ live: LiveCapture.Counts?) {
        sources += records
        kernelDrops += live?.droppedByKernel ?? 0
        interfaceDrops += live?.droppedByInterface ?? 0
    }
}
