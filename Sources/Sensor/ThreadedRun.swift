import Capture
import Foundation
import Synchronization
import Wire

/// The line on several threads: one reads and decodes, one a worker follows its flows, and the
/// calling thread takes the events in the order a single worker would have given.
///
/// Where there are fewer processors than that, the reader is the first worker too and the calling
/// thread the last: what does not cross between two threads costs nothing to carry.
final class ThreadedRun: Sendable {
    private let sensor: Sensor
    private let results: BoundedQueue<Part>
    /// Where each worker sits.
    private let seats: [Seat]
    private let counter = ProgressCount()
    /// Place flows on workers and in their tables; no output depends on them.
    private let secrets = FlowSecrets()
    /// Lists of work done, to be filled anew: making them costs more than filling them.
    private let spent = Mutex<[WorkList]>([])

    private enum Seat: Sendable {
        case reader, caller
        /// A thread of its own, with what it has to do.
        case apart(BoundedQueue<Work>)
    }

    /// What crosses to the calling thread.
    private enum Part: Sendable {
        /// One worker's events of each of some batches.
        case events([BatchShare])
        /// For the worker that sits there.
        case work(Work)
        case readerEnded(Ledger, CaptureError?)
        case workerEnded(Tally, flows: Int, seconds: Double)
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
    private static let batchesPerCrossing = 2
    private static let crossingsUnderWay = 3

    init(_ sensor: Sensor) {
        self.sensor = sensor
        results = BoundedQueue(capacity: ThreadedRun.crossingsUnderWay * sensor.workers)
        let isTight = sensor.processors < sensor.workers + 2
        seats = (0..<sensor.workers).map { index in
            if isTight, index == 0 { return .reader }
            if isTight, index == sensor.workers - 1 { return .caller }
            return .apart(BoundedQueue(capacity: ThreadedRun.crossingsUnderWay))
        }
    }

    // MARK: - The calling thread

    func run(
        _ consume: (Event) throws -> Void, _ progress: Sensor.Progress
    ) throws -> Ledger {
        Thread.detachNewThread { self.readAll() }
        for case .apart(let queue) in seats { Thread.detachNewThread { self.work(queue) } }
        let began = ProcessUsage.threadSeconds()
        var ledger = Ledger()
        var stages = StageTimes()
        var failure: (any Error)?
        var gathered = Gathered(workers: seats.count)
        let own = makeWorker()
        var ownSeconds = 0.0
        var alive = seats.count + 1
        while alive > 0 {
            switch results.pop() {
            case .events(let shares): gathered.add(shares)
            case .work(.batches(var parcels)):
                let mark = ProcessUsage.threadSeconds()
                gathered.add(follow(&parcels, with: own))
                ownSeconds += ProcessUsage.threadSeconds() - mark
            case .work(.end(let sequence, let time, let number)):
                finish(own, sequence, time, number) { gathered.add($0) }
                end(own.value.tally, own.value.flowCount, ownSeconds, in: &ledger, &stages)
                alive -= 1
            case .workerEnded(let tally, let flows, let seconds):
                end(tally, flows, seconds, in: &ledger, &stages)
                alive -= 1
            case .readerEnded(let read, let error):
                ledger.sources = read.sources
                ledger.tally.add(read.tally)
                ledger.kernelDrops = read.kernelDrops
                ledger.interfaceDrops = read.interfaceDrops
                stages.add(read.stages ?? StageTimes())
                failure = failure ?? error
                alive -= 1
            }
            while let parts = gathered.takeNext() {
                guard failure == nil else { continue }
                do {
                    try EventMerge.forEach(parts) { event in
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
        stages.record = ProcessUsage.threadSeconds() - began - ownSeconds
        if sensor.measuresStages { ledger.stages = stages }
        return ledger
    }

    /// A worker has done all it had to.
    private func end(
        _ tally: Tally, _ flows: Int, _ seconds: Double, in ledger: inout Ledger,
        _ stages: inout StageTimes
    ) {
        ledger.tally.add(tally)
        ledger.flows += flows
        stages.flows += seconds
    }

    // MARK: - The reader's thread

    /// What the reader has made ready, until it crosses.
    private struct Ready {
        /// One list a worker.
        var parcels: [[Parcel]]
        /// Of the worker that sits with the reader.
        var shares: [BatchShare] = []
    }

    private func readAll() {
        var sequence = 0
        var reader = Reader(
            limits: sensor.limits, verifiesChecksums: sensor.verifiesChecksums)
        let own = makeWorker()
        var ledger = Ledger()
        var stages = StageTimes()
        var failure: CaptureError?
        var ready = Ready(parcels: seats.map { _ in [] })
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
                stages.read += lap(&mark)
                var lists = distribute(&batches[slot], sequence, &reader, &ready)
                stages.decode += lap(&mark)
                for index in lists.indices {
                    ready.shares.append(
                        follow(&lists[index], batches[slot].bytes, sequence, with: own))
                }
                stages.flows += lap(&mark)
                sequence += 1
                if sequence % together == 0 { cross(&ready) }
                counter.reach(feed.bytesRead, feed.takeNotes())
                mark = ProcessUsage.threadSeconds()
            }
            feed.close()
            ledger.add(feed.records, feed.liveCounts())
        } catch {
            failure = error
        }
        cross(&ready)
        let end = Work.end(sequence: sequence, reader.lastTime, reader.lastNumber)
        for seat in seats {
            switch seat {
            case .reader:
                finish(own, sequence, reader.lastTime, reader.lastNumber) {
                    results.push(.events($0))
                }
                results.push(
                    .workerEnded(own.value.tally, flows: own.value.flowCount, seconds: 0))
            case .caller: results.push(.work(end))
            case .apart(let queue): queue.push(end)
            }
        }
        ledger.tally = reader.tally
        ledger.stages = stages
        results.push(.readerEnded(ledger, failure))
    }

    private func lap(_ mark: inout Double) -> Double {
        let now = ProcessUsage.threadSeconds()
        defer { mark = now }
        return now - mark
    }

    /// Decodes a batch and makes ready what each worker has to do of it; returns what the one that
    /// sits here has, if one does. A list, for that can be changed in its place.
    private func distribute(
        _ batch: inout PacketBatch, _ sequence: Int, _ reader: inout Reader, _ ready: inout Ready
    ) -> [WorkList] {
        var lists = spent.withLock { spent in seats.map { _ in spent.popLast() ?? WorkList() } }
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
                let worker = decoded.key.worker(of: seats.count, secrets)
                lists[worker].add(decoded)
            case .event(let event):
                loose.append(OrderedEvent(order: packet.number << 1 | 1, event: event))
            case .nothing: break
            }
        }
        var own: [WorkList] = []
        // The last worker never sits here, so what belongs to no flow goes with its share.
        for (index, seat) in seats.enumerated() {
            // Moved out, so that the worker is the only one to hold it.
            let list = lists[index]
            lists[index] = WorkList()
            if case .reader = seat {
                own.append(list)
                continue
            }
            let isLast = index == seats.count - 1
            ready.parcels[index].append(
                Parcel(
                    sequence: sequence, bytes: batch.bytes, list: list,
                    loose: isLast ? loose : []))
        }
        return own
    }

    private func cross(_ ready: inout Ready) {
        for (index, seat) in seats.enumerated() where !ready.parcels[index].isEmpty {
            let work = Work.batches(ready.parcels[index])
            ready.parcels[index] = []
            switch seat {
            case .reader: break
            case .caller: results.push(.work(work))
            case .apart(let queue): queue.push(work)
            }
        }
        guard !ready.shares.isEmpty else { return }
        results.push(.events(ready.shares))
        ready.shares = []
    }

    // MARK: - A worker

    /// A worker that a closure may change.
    private final class SeatedWorker {
        var value: Worker
        init(_ worker: consuming Worker) { value = worker }
    }

    private func makeWorker() -> SeatedWorker {
        SeatedWorker(
            Worker(
                limits: sensor.limits, workers: seats.count, secrets: secrets,
                readsAllCertificates: sensor.readsAllCertificates))
    }

    private func work(_ queue: BoundedQueue<Work>) {
        let began = ProcessUsage.threadSeconds()
        let worker = makeWorker()
        while true {
            switch queue.pop() {
            case .batches(var parcels): results.push(.events(follow(&parcels, with: worker)))
            case .end(let sequence, let time, let number):
                finish(worker, sequence, time, number) { results.push(.events($0)) }
                results.push(
                    .workerEnded(
                        worker.value.tally, flows: worker.value.flowCount,
                        seconds: ProcessUsage.threadSeconds() - began))
                return
            }
        }
    }

    /// Follows packets of some batches; they are taken out of `parcels`, for the reader may fill
    /// their places anew.
    private func follow(_ parcels: inout [Parcel], with worker: SeatedWorker) -> [BatchShare] {
        var shares: [BatchShare] = []
        shares.reserveCapacity(parcels.count)
        for index in parcels.indices {
            var share = follow(
                &parcels[index].list, parcels[index].bytes, parcels[index].sequence, with: worker)
            share.loose = parcels[index].loose
            shares.append(share)
            parcels[index].bytes = []
        }
        return shares
    }

    private func follow(
        _ list: inout WorkList, _ bytes: borrowing [UInt8], _ sequence: Int,
        with worker: SeatedWorker
    ) -> BatchShare {
        worker.value.process(list, in: bytes)
        list.removeAll()
        var emptied = WorkList()
        swap(&list, &emptied)
        spent.withLock { $0.append(emptied) }
        return BatchShare(sequence: sequence, events: worker.value.takeEvents(), loose: [])
    }

    private func finish(
        _ worker: SeatedWorker, _ sequence: Int, _ time: Timestamp, _ number: UInt64,
        _ give: ([BatchShare]) -> Void
    ) {
        worker.value.finish(at: time, packet: number) { stretch, events in
            give([BatchShare(sequence: sequence + stretch, events: events, loose: [])])
        }
    }
}
