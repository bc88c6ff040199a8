import Capture
import Foundation
import Wire

/// The line on several threads: one reads and decodes, one a worker follows its flows, and the
/// calling thread takes the events in the order a single worker would have given.
struct ThreadedRun {
    private let sensor: Sensor
    private let results: BoundedQueue<Part>
    private let queues: [BoundedQueue<Work>]
    private let counter = ProgressCount()
    /// Places flows on workers and in their tables; no output depends on it.
    private let seed = UInt64.random(in: 0 ... .max)

    /// What crosses to the calling thread.
    private enum Part: Sendable {
        case events(sequence: Int, [OrderedEvent])
        case readerEnded(Ledger, CaptureError?)
        case workerEnded(Tally, flows: Int, seconds: Double)
    }

    /// What crosses to a worker.
    private enum Work: Sendable {
        case batch(sequence: Int, [UInt8], [WorkItem])
        case end(sequence: Int, Timestamp, UInt64)
    }

    init(_ sensor: Sensor) {
        self.sensor = sensor
        results = BoundedQueue(capacity: 8 * (sensor.workers + 1))
        queues = (0..<sensor.workers).map { _ in BoundedQueue(capacity: 8) }
    }

    func run(
        _ consume: (Event) throws -> Void, _ progress: Sensor.Progress
    ) throws -> Ledger {
        Thread.detachNewThread { readAll() }
        for queue in queues { Thread.detachNewThread { work(queue) } }
        let began = ProcessUsage.threadSeconds()
        var ledger = Ledger()
        var stages = StageTimes()
        var failure: (any Error)?
        var gathering: [Int: [[OrderedEvent]]] = [:]
        var next = 0
        var alive = queues.count + 1
        while alive > 0 {
            switch results.pop() {
            case .events(let sequence, let events): gathering[sequence, default: []].append(events)
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
            // A batch is whole when every worker and the reader have given their part of it.
            while let parts = gathering[next], parts.count == queues.count + 1 {
                gathering[next] = nil
                next += 1
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
        stages.record = ProcessUsage.threadSeconds() - began
        if sensor.measuresStages { ledger.stages = stages }
        return ledger
    }

    // MARK: - The reader's thread

    private func readAll() {
        var sequence = 0
        var reader = Reader(verifiesChecksums: sensor.verifiesChecksums)
        var ledger = Ledger()
        var stages = StageTimes()
        var failure: CaptureError?
        do throws(CaptureError) {
            var feed = try PacketFeed(sensor.source, filter: sensor.filter)
            // As many as can be under way, and one more: the oldest is then free to be filled anew.
            var batches = [PacketBatch](repeating: PacketBatch(), count: 18)
            var mark = ProcessUsage.threadSeconds()
            while !sensor.stop.isRaised {
                let slot = sequence % batches.count
                guard try feed.read(into: &batches[slot]) else { break }
                stages.read += ProcessUsage.threadSeconds() - mark
                mark = ProcessUsage.threadSeconds()
                distribute(&batches[slot], sequence, &reader)
                sequence += 1
                counter.reach(feed.bytesRead, feed.takeNotes())
                stages.decode += ProcessUsage.threadSeconds() - mark
                mark = ProcessUsage.threadSeconds()
            }
            feed.close()
            ledger.add(feed.records, feed.liveCounts())
        } catch {
            failure = error
        }
        for queue in queues {
            queue.push(.end(sequence: sequence, reader.lastTime, reader.lastNumber))
        }
        results.push(.events(sequence: sequence, []))
        ledger.tally = reader.tally
        ledger.stages = stages
        results.push(.readerEnded(ledger, failure))
    }

    /// Decodes a batch and gives each worker its packets.
    private func distribute(
        _ batch: inout PacketBatch, _ sequence: Int, _ reader: inout Reader
    ) {
        var items = [[WorkItem]](repeating: [], count: queues.count)
        for index in items.indices {
            items[index].reserveCapacity(batch.packets.count * 3 / (2 * queues.count) + 2)
        }
        var loose: [OrderedEvent] = []
        let tick = { (items: inout [[WorkItem]], time: Timestamp, number: UInt64) in
            for index in items.indices { items[index].append(.tick(time, number)) }
        }
        if let now = batch.idleTime {
            reader.idle(at: now)
            tick(&items, reader.lastTime, reader.lastNumber)
        }
        var decoded = DecodedPacket.empty
        for position in batch.packets.indices {
            let packet = batch.packets[position]
            if reader.isTickDue(before: packet) { tick(&items, reader.lastTime, packet.number) }
            switch reader.read(packet, in: &batch, into: &decoded) {
            case .packet:
                let worker = decoded.key.worker(of: queues.count, seed: seed)
                items[worker].append(.packet(decoded))
            case .event(let event):
                loose.append(OrderedEvent(order: packet.number << 1 | 1, event: event))
            case .nothing: break
            }
        }
        for (queue, items) in zip(queues, items) {
            queue.push(.batch(sequence: sequence, batch.bytes, items))
        }
        results.push(.events(sequence: sequence, loose))
    }

    // MARK: - A worker's thread

    private func work(_ queue: BoundedQueue<Work>) {
        let began = ProcessUsage.threadSeconds()
        var worker = Worker(limits: sensor.limits, workers: queues.count, seed: seed)
        while true {
            switch queue.pop() {
            case .batch(let sequence, let bytes, let items):
                for item in items { worker.process(item, in: bytes) }
                results.push(.events(sequence: sequence, worker.takeEvents()))
            case .end(let sequence, let time, let number):
                worker.finish(at: time, packet: number)
                results.push(.events(sequence: sequence, worker.takeEvents()))
                results.push(
                    .workerEnded(
                        worker.tally, flows: worker.flowCount,
                        seconds: ProcessUsage.threadSeconds() - began))
                return
            }
        }
    }
}
