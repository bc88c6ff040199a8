import Capture
import Foundation
import Synchronization
import Wire

/// The line on several threads: one reads and decodes, one a worker follows its flows, and the
/// calling thread takes the events in the order a single worker would have given.
final class ThreadedRun: Sendable {
    private let sensor: Sensor
    private let results: BoundedQueue<Part>
    private let queues: [BoundedQueue<Work>]
    private let counter = ProgressCount()
    /// Place flows on workers and in their tables; no output depends on them.
    private let secrets = FlowSecrets()
    /// Lists of work done, to be filled anew: making them costs more than filling them.
    private let spent = Mutex<[WorkList]>([])

    /// What crosses to the calling thread.
    private enum Part: Sendable {
        /// One worker's events of each of some batches.
        case events([Share])
        case readerEnded(Ledger, CaptureError?)
        case workerEnded(Tally, flows: Int, seconds: Double)
    }

    /// One worker's events of a batch, and those that belong to no flow.
    private struct Share: Sendable {
        var sequence: Int
        var events: [OrderedEvent]
        var loose: [OrderedEvent]
    }

    /// What crosses to a worker.
    private enum Work: Sendable {
        case batches([Parcel])
        case end(sequence: Int, Timestamp, UInt64)
    }

    /// One worker's packets of a batch, and the batch's bytes.
    private struct Parcel: Sendable {
        var sequence: Int
        var bytes: [UInt8]
        var list: WorkList
        var loose: [OrderedEvent]
    }

    /// Batches of a file that cross together: each crossing may wake a thread, which costs as much
    /// as to follow fifty packets. A live source's cross at once.
    private static let batchesPerCrossing = 4
    private static let crossingsUnderWay = 4

    /// What has come of a batch so far.
    private struct Gathering {
        var workers = 0
        var parts: [[OrderedEvent]] = []

        mutating func add(_ events: [OrderedEvent], _ loose: [OrderedEvent]) {
            workers += 1
            if !events.isEmpty { parts.append(events) }
            if !loose.isEmpty { parts.append(loose) }
        }
    }

    init(_ sensor: Sensor) {
        self.sensor = sensor
        results = BoundedQueue(capacity: ThreadedRun.crossingsUnderWay * (sensor.workers + 1))
        queues = (0..<sensor.workers).map { _ in
            BoundedQueue(capacity: ThreadedRun.crossingsUnderWay)
        }
    }

    func run(
        _ consume: (Event) throws -> Void, _ progress: Sensor.Progress
    ) throws -> Ledger {
        Thread.detachNewThread { self.readAll() }
        for queue in queues { Thread.detachNewThread { self.work(queue) } }
        let began = ProcessUsage.threadSeconds()
        var ledger = Ledger()
        var stages = StageTimes()
        var failure: (any Error)?
        var gathering: [Int: Gathering] = [:]
        var next = 0
        var alive = queues.count + 1
        while alive > 0 {
            switch results.pop() {
            case .events(let shares):
                for share in shares {
                    gathering[share.sequence, default: Gathering()].add(share.events, share.loose)
                }
            case .readerEnded(let read, let error):
                ledger.sources = read.sources
                ledger.tally.add(read.tally)
                ledger.kernelDrops = read.kernelDrops
                ledger.interfaceDrops = read.interfaceDrops
                stages.add(read.stages ?? StageTimes())
                failure = failure ?? error
                alive -= 1
            case .workerEnded(let tally, let flows, let seconds):
                ledger.tally.add(tally)
                ledger.flows += flows
                stages.flows += seconds
                alive -= 1
            }
            // A batch is whole when every worker has given its part of it.
            while let whole = gathering[next], whole.workers == queues.count {
                gathering[next] = nil
                next += 1
                guard failure == nil else { continue }
                do {
                    try EventMerge.forEach(whole.parts) { event in
                        ledger.events += 1
                        try consume(event)
                    }
                    try progress(counter.take())
                } catch {
                    failure = error
                    sensor.stop.raise()
                }
            }
        }
        if let failure { throw failure }
        stages.record = ProcessUsage.threadSeconds() - began
        if sensor.measuresStages { ledger.stages = stages }
        return ledger
    }

    // MARK: - The reader's thread

    private func readAll() {
        var sequence = 0
        var reader = Reader(
            limits: sensor.limits, verifiesChecksums: sensor.verifiesChecksums)
        var ledger = Ledger()
        var stages = StageTimes()
        var failure: CaptureError?
        var waiting = queues.map { _ in [Parcel]() }
        do throws(CaptureError) {
            var feed = try PacketFeed(sensor.source, filter: sensor.filter)
            // As many as can be under way, and one more: the oldest is then free to be filled anew.
            // Of a crossing, one is being filled and one followed besides those that wait.
            let together = sensor.source.isWhole ? ThreadedRun.batchesPerCrossing : 1
            var batches = [PacketBatch](
                repeating: PacketBatch(), count: (ThreadedRun.crossingsUnderWay + 2) * together + 2)
            var mark = ProcessUsage.threadSeconds()
            while !sensor.stop.isRaised {
                let slot = sequence % batches.count
                guard try feed.read(into: &batches[slot]) else { break }
                stages.read += ProcessUsage.threadSeconds() - mark
                mark = ProcessUsage.threadSeconds()
                distribute(&batches[slot], sequence, &reader, &waiting)
                sequence += 1
                if sequence % together == 0 { cross(&waiting) }
                counter.reach(feed.bytesRead, feed.takeNotes())
                stages.decode += ProcessUsage.threadSeconds() - mark
                mark = ProcessUsage.threadSeconds()
            }
            feed.close()
            ledger.add(feed.records, feed.liveCounts())
        } catch {
            failure = error
        }
        cross(&waiting)
        for queue in queues {
            queue.push(.end(sequence: sequence, reader.lastTime, reader.lastNumber))
        }
        ledger.tally = reader.tally
        ledger.stages = stages
        results.push(.readerEnded(ledger, failure))
    }

    /// Decodes a batch and gives each worker its packets.
    private func distribute(
        _ batch: inout PacketBatch, _ sequence: Int, _ reader: inout Reader,
        _ waiting: inout [[Parcel]]
    ) {
        var lists = spent.withLock { spent in
            queues.map { _ in spent.popLast() ?? WorkList() }
        }
        var loose: [OrderedEvent] = []
        let tick = { (lists: inout [WorkList], time: Timestamp, number: UInt64) in
            for index in lists.indices { lists[index].tick(time, number) }
        }
        if let now = batch.idleTime {
            reader.idle(at: now)
            tick(&lists, reader.lastTime, reader.lastNumber)
        }
        var decoded = DecodedPacket.empty
        for position in batch.packets.indices {
            let packet = batch.packets[position]
            if reader.isTickDue(before: packet) { tick(&lists, reader.lastTime, packet.number) }
            switch reader.read(packet, in: &batch, into: &decoded) {
            case .packet:
                let worker = decoded.key.worker(of: queues.count, secrets)
                lists[worker].add(decoded)
            case .event(let event):
                loose.append(OrderedEvent(order: packet.number << 1 | 1, event: event))
            case .nothing: break
            }
        }
        for index in queues.indices {
            // Moved out, so that the worker is the only one to hold it.
            let list = lists[index]
            lists[index] = WorkList()
            waiting[index].append(
                Parcel(sequence: sequence, bytes: batch.bytes, list: list, loose: loose))
            loose = []
        }
    }

    private func cross(_ waiting: inout [[Parcel]]) {
        for (index, queue) in queues.enumerated() where !waiting[index].isEmpty {
            queue.push(.batches(waiting[index]))
            waiting[index] = []
        }
    }

    // MARK: - A worker's thread

    private func work(_ queue: BoundedQueue<Work>) {
        let began = ProcessUsage.threadSeconds()
        var worker = Worker(
            limits: sensor.limits, workers: queues.count, secrets: secrets,
            readsAllCertificates: sensor.readsAllCertificates)
        while true {
            switch queue.pop() {
            case .batches(var parcels):
                var shares: [Share] = []
                shares.reserveCapacity(parcels.count)
                for index in parcels.indices {
                    worker.process(parcels[index].list, in: parcels[index].bytes)
                    shares.append(
                        Share(
                            sequence: parcels[index].sequence, events: worker.takeEvents(),
                            loose: parcels[index].loose))
                    // The reader may fill both anew.
                    parcels[index].bytes = []
                    parcels[index].list.removeAll()
                }
                results.push(.events(shares))
                let lists = parcels.map(\.list)
                parcels = []
                spent.withLock { $0 += lists }
            case .end(let sequence, let time, let number):
                worker.finish(at: time, packet: number) { stretch, events in
                    results.push(
                        .events([Share(sequence: sequence + stretch, events: events, loose: [])]))
                }
                results.push(
                    .workerEnded(
                        worker.tally, flows: worker.flowCount,
                        seconds: ProcessUsage.threadSeconds() - began))
                return
            }
        }
    }
}
