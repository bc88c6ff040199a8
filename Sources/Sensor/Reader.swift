import Capture
import Wire

/// Decodes packets, and says when idle flows are looked for.
struct Reader: ~Copyable {
    /// Packet time, and packets, between two looks for idle flows.
    private static let tickTime: Int64 = 1_000_000_000
    private static let tickPackets: UInt64 = 256

    private var decoder: PacketDecoder
    private var noted = Tally()
    private(set) var lastTime = Timestamp.zero
    private(set) var lastNumber: UInt64 = 0
    /// What never reached the flows.
    var tally: Tally {
        var tally = decoder.tally
        tally.add(noted)
        return tally
    }
    private var tickedAt: Timestamp?
    private var tickedNumber: UInt64 = 0

    init(limits: Limits = Limits(), verifiesChecksums: Bool = false) {
        decoder = PacketDecoder(limits: limits, verifiesChecksums: verifiesChecksums)
    }

    /// What a packet is to the flows.
    enum Reading {
        /// A segment or datagram, in the place lent for it.
        case packet
        case event(Event)
        /// Counted as not used.
        case nothing
    }

    /// Notes the time of `packet`; true when idle flows have to be looked for before it.
    mutating func isTickDue(before packet: PacketBatch.Packet) -> Bool {
        // Numbers and not times, for another module's operators are calls.
        if lastTime.nanoseconds < packet.time.nanoseconds { lastTime = packet.time }
        lastNumber = packet.number
        guard let ticked = tickedAt else {
            tick()
            return false
        }
        guard packet.number - tickedNumber >= Reader.tickPackets,
            lastTime.nanoseconds(since: ticked) >= Reader.tickTime
        else { return false }
        tick()
        return true
    }

    /// A live source had nothing for a while: it is `now`, and idle flows have to be looked for.
    mutating func idle(at now: Timestamp) {
        lastTime = max(lastTime, now)
        tick()
    }

    private mutating func tick() {
        tickedAt = lastTime
        tickedNumber = lastNumber
    }

    /// Fills `decoded` when the answer is `.packet`.
    @inline(__always)
    mutating func read(
        _ packet: PacketBatch.Packet, in batch: inout PacketBatch,
        into decoded: inout DecodedPacket
    ) -> Reading {
        let found = decoder.decode(packet, in: &batch, into: &decoded)
        if case .packet = found { return .packet }
        return note(found, packet)
    }

    /// What is no flow's.
    @inline(never)
    private mutating func note(_ found: Decoded, _ packet: PacketBatch.Packet) -> Reading {
        switch found {
        case .packet: return .packet
        case .held: break
        case .neighbor(let binding):
            noted.countUsed()
            return .event(
                Event(
                    flow: nil, time: packet.time, packet: packet.number, side: .client,
                    message: .neighbor(binding)))
        case .dropped(let drop): noted.count(drop)
        case .malformed(let anomaly):
            noted.count(.malformed)
            noted.count(anomaly)
        }
        return .nothing
    }
}
