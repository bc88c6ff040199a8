package import Wire

/// A seeded source of chance (SplitMix64): a failure names its seed, and the seed brings it back.
package struct Chance: RandomNumberGenerator {
    private var state: UInt64
    package init(seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// One TCP connection as frames: what each side says, in turn, cut into segments.
package struct Conversation: Sendable {
    package struct Segment: Sendable {
        package var side: Side
        package var seq: UInt32
        package var flags: TCPFlags
        package var payload: [UInt8]

        package init(side: Side, seq: UInt32, flags: TCPFlags, payload: [UInt8]) {
            self.side = side
            self.seq = seq
            self.flags = flags
            self.payload = payload
        }
    }
    package var clientPort: UInt16 = 40_000
    package var serverPort: UInt16 = 8000
    package private(set) var segments: [Segment] = []
    private var next: [Side: UInt32] = [.client: 1_000, .server: 4_294_967_000]

    /// With a handshake, or as if the capture had begun in the middle.
    package init(hasHandshake: Bool = true) {
        guard hasHandshake else { return }
        add(.client, flags: [.syn])
        add(.server, flags: [.syn, .ack])
        add(.client, flags: [.ack])
    }

    /// `side` says `bytes`, cut at `cuts`.
    package mutating func say(_ side: Side, _ bytes: [UInt8], cuts: [Int] = []) {
        var start = 0
        for end in cuts.sorted().filter({ $0 > 0 && $0 < bytes.count }) + [bytes.count] {
            guard end > start else { continue }
            add(side, flags: [.ack, .psh], Array(bytes[start..<end]))
            start = end
        }
    }

    /// `count` bytes of `side` were never captured.
    package mutating func lose(_ side: Side, _ count: Int) {
        next[side, default: 0] &+= UInt32(count)
    }

    package mutating func close() {
        add(.client, flags: [.fin, .ack])
        add(.server, flags: [.fin, .ack])
    }

    package mutating func add(_ side: Side, flags: TCPFlags, _ payload: [UInt8] = []) {
        let seq = next[side, default: 0]
        segments.append(Segment(side: side, seq: seq, flags: flags, payload: payload))
        let extra: UInt32 = flags.contains(.syn) || flags.contains(.fin) ? 1 : 0
        next[side, default: 0] = seq &+ UInt32(payload.count) &+ extra
    }

    package func frame(_ segment: Segment) -> [UInt8] {
        let isClient = segment.side == .client
        let (a, b) = isClient ? ("10.0.0.1", "10.0.0.2") : ("10.0.0.2", "10.0.0.1")
        let (from, to) = isClient ? (clientPort, serverPort) : (serverPort, clientPort)
        return Frame.ethernet().ipv4(
            a, b, next: 6,
            Frame.tcp(from, to, seq: segment.seq, flags: segment.flags, segment.payload)
        ).bytes
    }

    package var frames: [[UInt8]] { segments.map { frame($0) } }

    /// The frames, neighbors of one side swapped and some sent twice, behind the handshake.
    package func shuffled(_ chance: inout Chance) -> [[UInt8]] {
        var order = segments
        for index in order.indices.dropFirst(4)
        where order[index].side == order[index - 1].side
            && Int.random(in: 0..<3, using: &chance) == 0
        {
            order.swapAt(index, index - 1)
        }
        return order.flatMap { segment in
            Int.random(in: 0..<4, using: &chance) == 0
                ? [frame(segment), frame(segment)] : [frame(segment)]
        }
    }
}

/// Frames in, messages out: decoder and flow table, as a worker runs them.
package struct FlowRun {
    package private(set) var events: [Event] = []
    package private(set) var tally = Tally()
    /// Undissected bytes that were still held when all flows had ended.
    package private(set) var heldBytes = 0

    /// `times` are nanoseconds; a millisecond a frame without them.
    package init(
        _ frames: [[UInt8]], at times: [Int64]? = nil, limits: Limits = Limits(),
        readsAllCertificates: Bool = true
    ) {
        let times = times ?? frames.indices.map { Int64($0 + 1) * 1_000_000 }
        var table = FlowTable(
            limits: limits, workers: 1, secrets: FlowSecrets(seed: 7),
            readsAllCertificates: readsAllCertificates)
        var decoder = PacketDecoder()
        var found: [Event] = []
        for (index, frame) in frames.enumerated() {
            var batch = PacketBatch()
            batch.append(
                frame, wireBytes: frame.count,
                time: Timestamp(nanoseconds: times[index]), link: .ethernet,
                number: UInt64(index + 1))
            var packet = DecodedPacket.empty
            guard case .packet = decoder.decode(batch.packets[0], in: &batch, into: &packet)
            else { continue }
            table.process(packet, in: batch.bytes) { found.append($0) }
        }
        table.finish(at: Timestamp(nanoseconds: times.last ?? 0), packet: 0) {
            found.append($0)
        }
        heldBytes = table.heldBytes
        events = found
        tally = table.tally
    }

    /// What was said, without where and when, and without the flow's totals.
    package var messages: [String] {
        events.compactMap { event in
            if case .flowEnd = event.message { return nil }
            return "\(event.side) \(event.message)"
        }
    }
    package var ends: [FlowSummary] {
        events.compactMap { event in
            if case .flowEnd(let summary) = event.message { summary } else { nil }
        }
    }
}
