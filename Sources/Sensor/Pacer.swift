import Glibc
import Wire

/// Releases packets at the pace they were recorded at, or a multiple of it.
struct Pacer: ~Copyable {
    /// The longest wait at a time: a request to end is looked for in between.
    private static let longestWait = 0.1

    private let speed: Double
    private var held = PacketBatch()
    private var position = 0
    /// Packet time and clock when the first packet was released.
    private var start: (packet: Timestamp, clock: Double)?

    init(speed: Double) { self.speed = speed }

    var isEmpty: Bool { position == held.packets.count }

    mutating func hold(_ batch: PacketBatch) {
        held = batch
        position = 0
    }

    /// The held packets that are due; none after a wait when none is due yet.
    mutating func release(into batch: inout PacketBatch) {
        batch.packets.removeAll(keepingCapacity: true)
        batch.idleTime = isEmpty ? held.idleTime : nil
        guard !isEmpty else { return }
        let now = ProcessUsage.monotonicSeconds()
        let began = start ?? (held.packets[position].time, now)
        start = began
        let wait = due(held.packets[position], began) - now
        if wait > 0 { usleep(UInt32(min(wait, Pacer.longestWait) * 1e6) + 1) }
        let reached = ProcessUsage.monotonicSeconds()
        let first = position
        while !isEmpty, due(held.packets[position], began) <= reached { position += 1 }
        guard position > first else { return }
        batch.packets += held.packets[first..<position]
        // Shared, not copied.
        batch.bytes = held.bytes
    }

    /// When a packet is due on this machine's clock; one that is older than the first is at once.
    private func due(
        _ packet: PacketBatch.Packet, _ began: (packet: Timestamp, clock: Double)
    ) -> Double {
        began.clock + Double(packet.time.nanoseconds(since: began.packet)) / 1e9 / speed
    }
}
