import Capture
import Wire

/// Decodes batches, says which worker each packet belongs to, and when idle flows are looked for.
struct Reader: ~Copyable {
    /// Packet time, and packets, between two looks for idle flows.
    private static let tickTime: Int64 = 1_000_000_000
    private static let tickPackets: UInt64 = 256

    private let decoder = PacketDecoder()
    private let workers: Int
    private(set) var tally = Tally()
    private(set) var lastTime = Timestamp.zero
    private(set) var lastNumber: UInt64 = 0
    private var tickedAt: Timestamp?
    private var tickedNumber: UInt64 = 0

    init(workers: Int) { self.workers = workers }

    /// Gives each worker's items to `assign`, and events that belong to no flow to `emit`.
    mutating func read(
        _ batch: PacketBatch, assign: (Int, WorkItem) -> Void, emit: (OrderedEvent) -> Void
    ) {
        if let now = batch.idleTime {
            lastTime = max(lastTime, now)
            tick(assign)
        }
        for packet in batch.packets {
            lastTime = max(lastTime, packet.time)
            lastNumber = packet.number
            if isTickDue(packet.number) { tick(assign) }
            decode(packet, batch.bytes, assign, emit)
        }
    }

    private mutating func decode(
        _ packet: PacketBatch.Packet, _ bytes: [UInt8], _ assign: (Int, WorkItem) -> Void,
        _ emit: (OrderedEvent) -> Void
    ) {
        do throws(ParseFailure) {
            switch try decoder.decode(packet, in: bytes) {
            case .packet(let decoded):
                assign(workers == 1 ? 0 : decoded.key.worker(of: workers), .packet(decoded))
            case .neighbor(let binding):
                emit(
                    OrderedEvent(
                        order: packet.number << 1 | 1,
                        event: Event(
                            flow: nil, time: packet.time, packet: packet.number, side: .client,
                            message: .neighbor(binding))))
            case .dropped(let drop): tally.count(drop)
            }
        } catch {
            tally.count(.malformed)
            if case .malformed(let anomaly) = error { tally.count(anomaly) }
        }
    }

    private mutating func isTickDue(_ number: UInt64) -> Bool {
        guard let ticked = tickedAt else {
            tickedAt = lastTime
            tickedNumber = number
            return false
        }
        return lastTime.nanoseconds(since: ticked) >= Reader.tickTime
            && number - tickedNumber >= Reader.tickPackets
    }

    private mutating func tick(_ assign: (Int, WorkItem) -> Void) {
        tickedAt = lastTime
        tickedNumber = lastNumber
        for worker in 0..<workers { assign(worker, .tick(lastTime, lastNumber)) }
    }
}
