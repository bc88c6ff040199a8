import Capture
import Wire

/// The whole line on the calling thread: a packet is read, followed and recorded before the next.
struct InlineRun: ~Copyable {
    private var feed: PacketFeed
    private var reader: Reader
    private var table: FlowTable
    private var batch = PacketBatch()
    private var events = 0
    private var failure: (any Error)?
    /// Nil unless stages are measured.
    private var watch: StageWatch?
    private var times = StageTimes()
    private var sampled = StageTimes()
    private var (batches, sampledBatches) = (0, 0)

    init(_ sensor: Sensor) throws(CaptureError) {
        feed = try PacketFeed(sensor.source, filter: sensor.filter)
        reader = Reader(
            limits: sensor.limits, verifiesChecksums: sensor.verifiesChecksums)
        table = FlowTable(
            limits: sensor.limits, workers: 1, secrets: FlowSecrets(),
            readsAllCertificates: sensor.readsAllCertificates)
        watch = sensor.measuresStages ? StageWatch() : nil
    }

    consuming func run(
        until stop: StopSignal, _ consume: (Event) throws -> Void, _ progress: Sensor.Progress
    ) throws -> Ledger {
        watch?.start()
        while !stop.isRaised, try feed.read(into: &batch) {
            times.read += watch?.lap() ?? 0
            batches += 1
            if watch != nil, batches % StageWatch.sampling == 0, batch.idleTime == nil {
                sampledBatches += 1
                followMeasured(consume)
            } else {
                follow(consume)
            }
            if let failure { throw failure }
            try progress(Sensor.Reached(bytes: feed.bytesRead, notes: feed.takeNotes()))
            watch?.start()
        }
        feed.close()
        watch?.start()
        var failure: (any Error)?
        table.finish(at: reader.lastTime, packet: reader.lastNumber) { event in
            InlineRun.give(event, to: consume, &events, &failure)
        }
        if let failure { throw failure }
        return ledger(finishing: watch?.lap() ?? 0)
    }

    private mutating func ledger(finishing seconds: Double) -> Ledger {
        var ledger = Ledger()
        ledger.tally.add(reader.tally)
        ledger.tally.add(table.tally)
        ledger.flows = table.flowCount
        ledger.events = events
        ledger.add(feed.records, feed.liveCounts())
        guard watch != nil else { return ledger }
        var stages = sampled
        stages.scale(by: sampledBatches > 0 ? Double(batches) / Double(sampledBatches) : 0)
        stages.read = times.read
        stages.record += seconds
        ledger.stages = stages
        return ledger
    }

    private static func give(
        _ event: Event, to consume: (Event) throws -> Void, _ events: inout Int,
        _ failure: inout (any Error)?
    ) {
        guard failure == nil else { return }
        events += 1
        do { try consume(event) } catch { failure = error }
    }

    private mutating func follow(_ consume: (Event) throws -> Void) {
        var (events, failure) = (self.events, self.failure)
        // Closures and no local function: what that captures would be put into boxes.
        if let now = batch.idleTime {
            reader.idle(at: now)
            table.advance(to: reader.lastTime, packet: reader.lastNumber) {
                InlineRun.give($0, to: consume, &events, &failure)
            }
        }
        var decoded = DecodedPacket.empty
        for position in batch.packets.indices {
            let packet = batch.packets[position]
            if reader.isTickDue(before: packet) {
                table.advance(to: reader.lastTime, packet: packet.number) {
                    InlineRun.give($0, to: consume, &events, &failure)
                }
            }
            switch reader.read(packet, in: &batch, into: &decoded) {
            case .packet:
                table.process(decoded, in: batch.bytes) {
                    InlineRun.give($0, to: consume, &events, &failure)
                }
            case .event(let event): InlineRun.give(event, to: consume, &events, &failure)
            case .nothing: break
            }
        }
        (self.events, self.failure) = (events, failure)
    }

    /// The same, with a look at the clock between the stages.
    private mutating func followMeasured(_ consume: (Event) throws -> Void) {
        guard var watch else { return }
        var (events, failure, sampled) = (self.events, self.failure, self.sampled)
        watch.start()
        func emit(_ event: Event) {
            sampled.flows += watch.lap()
            InlineRun.give(event, to: consume, &events, &failure)
            sampled.record += watch.lap()
        }
        var decoded = DecodedPacket.empty
        for position in batch.packets.indices {
            let packet = batch.packets[position]
            if reader.isTickDue(before: packet) {
                table.advance(to: reader.lastTime, packet: packet.number, emit: emit)
                sampled.flows += watch.lap()
            }
            let reading = reader.read(packet, in: &batch, into: &decoded)
            sampled.decode += watch.lap()
            switch reading {
            case .packet: table.process(decoded, in: batch.bytes, emit: emit)
            case .event(let event): emit(event)
            case .nothing: break
            }
            sampled.flows += watch.lap()
        }
        (self.events, self.failure, self.sampled) = (events, failure, sampled)
    }
}
