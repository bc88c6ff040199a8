import Capture
package import Wire

/// The line run only so far: what each stage costs is the difference to the one before.
package enum Bench {
    package enum Depth: String, CaseIterable, Sendable {
        /// An empty loop over libpcap that touches each packet's headers: the floor.
        case floor
        /// Our own reader.
        case read
        case decode
        /// Flow table, reassembly and dissection; events are made and forgotten.
        case flows
    }

    /// Runs `path` as far as `depth`; returns the packets.
    package static func run(_ depth: Depth, _ path: String, limits: Limits) throws -> Int {
        switch depth {
        case .floor: return try LibpcapWalk.walk(path).packets
        case .read, .decode: return try read(path, decodes: depth == .decode)
        case .flows:
            let ledger = try Sensor(source: .files([path]), limits: limits).run(consume: { _ in })
            return ledger.packets
        }
    }

    private static func read(_ path: String, decodes: Bool) throws -> Int {
        var feed = try PacketFeed(.files([path]), filter: nil)
        var reader = Reader()
        var batch = PacketBatch()
        var packets = 0
        var decoded = 0
        var found = DecodedPacket.empty
        while try feed.read(into: &batch) {
            packets += batch.packets.count
            guard decodes else { continue }
            for position in batch.packets.indices {
                let packet = batch.packets[position]
                _ = reader.isTickDue(before: packet)
                if case .packet = reader.read(packet, in: &batch, into: &found) {
                    decoded &+= found.payloadBytes
                }
            }
        }
        return decoded < 0 ? 0 : packets
    }
}
