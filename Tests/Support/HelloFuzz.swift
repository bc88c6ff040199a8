package import Wire

/// Damages beginnings of flows and has them read: nothing may trap, and nothing may stay behind.
///
/// A block is one flow table with many flows; its seed brings all of it back.
package struct HelloFuzz: ~Copyable {
    /// A stretch of a real capture, which is damaged packet by packet.
    package struct Recording: Sendable {
        package var link: LinkType
        package var frames: [[UInt8]]

        package init(link: LinkType, frames: [[UInt8]]) {
            self.link = link
            self.frames = frames
        }
    }

    private static let telling: [UInt8] = [
        0, 1, 2, 3, 0x0a, 0x16, 0x1f, 0x20, 0x3f, 0x40, 0x7f, 0x80, 0xbf, 0xc0, 0xfe, 0xff,
    ]

    private var chance: Chance
    private var table: FlowTable
    private var decoder = PacketDecoder()
    private var batch = PacketBatch()
    private var number: UInt64 = 0
    private var flow: UInt32 = 0
    private let recordings: [Recording]

    /// Undissected bytes that were still held when all flows had ended.
    package var heldBytes: Int { table.heldBytes }
    package var tally: Tally {
        var all = decoder.tally
        all.add(table.tally)
        return all
    }

    package init(seed: UInt64, recordings: [Recording] = []) {
        chance = Chance(seed: seed)
        var limits = Limits()
        limits.flows = 500
        // Now and then memory is short.
        if seed % 4 == 0 { limits.undissectedBytes = 20_000 }
        table = FlowTable(limits: limits, workers: 1, secrets: FlowSecrets(seed: seed))
        self.recordings = recordings
    }

    /// One more damaged flow; what it says goes to `tell`.
    package mutating func execute(_ tell: (Event) -> Void) {
        flow += 1
        if !recordings.isEmpty, below(4) == 0 {
            replay(recordings[below(recordings.count)], tell)
            return
        }
        var seed = HelloSeed.all[below(HelloSeed.all.count)]
        disorder(&seed)
        if case .stream = seed.carrier { say(seed, tell) } else { send(seed, tell) }
    }

    package mutating func finish(_ tell: (Event) -> Void) {
        table.finish(at: now, packet: number) { tell($0) }
    }

    // MARK: - Chance

    private mutating func below(_ bound: Int) -> Int { Int(chance.next() % UInt64(max(1, bound))) }

    private mutating func disorder(_ seed: inout HelloSeed) {
        switch below(12) {
        case 0: seed.turns.swapAt(below(seed.turns.count), below(seed.turns.count))
        case 1: seed.turns.remove(at: below(seed.turns.count))
        case 2: seed.turns.append(seed.turns[below(seed.turns.count)])
        case 3:
            let other = HelloSeed.all[below(HelloSeed.all.count)]
            seed.turns.insert(other.turns[below(other.turns.count)], at: below(seed.turns.count))
        case 4:
            let at = below(seed.turns.count + 1)
            if at < seed.turns.count { seed.turns[at].side = seed.turns[at].side.other }
        case 5: seed.port = [443, 53, 22, 21, 8000][below(5)]
        default: break
        }
        guard !seed.turns.isEmpty, below(16) > 0 else { return }
        for _ in 0..<(1 + below(4)) {
            let turn = below(seed.turns.count)
            mutate(&seed.turns[turn].bytes, from: 0)
        }
    }

    /// One small damage at or behind `first`.
    private mutating func mutate(_ bytes: inout [UInt8], from first: Int) {
        guard bytes.count > first else { return }
        // Heads hold what is counted on: half of all damage goes there.
        let room = below(2) == 0 ? bytes.count - first : min(bytes.count - first, 64)
        let at = first + below(room)
        let count = 1 + below(below(4) == 0 ? 200 : 8)
        let part = at..<min(bytes.count, at + count)
        switch below(10) {
        case 0, 1: bytes[at] ^= 1 << UInt8(below(8))
        case 2, 3: bytes[at] = HelloFuzz.telling[below(HelloFuzz.telling.count)]
        case 4: bytes[at] = UInt8(below(256))
        case 5:
            for place in part.prefix(4) {
                bytes[place] = HelloFuzz.telling[below(HelloFuzz.telling.count)]
            }
        case 6: bytes.removeSubrange(part)
        case 7: bytes.insert(contentsOf: bytes[part], at: at)
        case 8: bytes.removeSubrange(at...)
        default:
            let other = HelloSeed.all[below(HelloSeed.all.count)].turns[0].bytes
            let from = below(other.count)
            bytes.insert(contentsOf: other[from..<min(other.count, from + count)], at: at)
        }
        if bytes.count > 40_000 { bytes.removeSubrange(40_000...) }
    }

    // MARK: - On the wire

    private var now: Timestamp { Timestamp(nanoseconds: Int64(number) * 1_000_000) }

    private mutating func give(_ frame: [UInt8], link: LinkType, _ tell: (Event) -> Void) {
        number += 1
        batch.removeAll()
        let isCut = below(64) == 0
        batch.append(
            isCut ? frame[..<(frame.count - below(frame.count))] : frame[...],
            wireBytes: frame.count, time: now, link: link, number: number)
        var packet = DecodedPacket.empty
        guard case .packet = decoder.decode(batch.packets[0], in: &batch, into: &packet) else {
            return
        }
        table.process(packet, in: batch.bytes) { tell($0) }
        if number % 1024 == 0 { table.advance(to: now, packet: number) { tell($0) } }
    }

    /// An IPv4 frame of the flow, from `side`.
    private mutating func frame(_ side: Side, next: UInt8, _ segment: [UInt8]) -> [UInt8] {
        let client: [UInt8] = [10, 0] + Frame.octets(UInt64(flow & 0xffff), 2)
        let server: [UInt8] = [192, 0, 2, UInt8(flow & 7)]
        var bytes: [UInt8] = [2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 8, 0, 0x45, 0]
        bytes += Frame.octets(UInt64(20 + segment.count), 2) + Frame.octets(number & 0xffff, 2)
        bytes += [0, 0, 64, next, 0, 0]
        bytes += side == .client ? client + server : server + client
        return bytes + segment
    }

    private mutating func send(_ seed: HelloSeed, _ tell: (Event) -> Void) {
        for (place, turn) in seed.turns.enumerated() {
            let number = UInt64(below(3) == 0 ? below(1 << 16) : place)
            var datagram = seed.datagram(
                turn.side, Array(turn.bytes.prefix(4000)), number: number)
            if below(12) == 0 { mutate(&datagram, from: 0) }
            let port: UInt16 = seed.port == 5353 ? 5353 : 40_000
            let (from, to) = turn.side == .client ? (port, seed.port) : (seed.port, port)
            give(frame(turn.side, next: 17, Frame.udp(from, to, datagram)), link: .ethernet, tell)
        }
    }

    /// The turns in segments, of which some are lost, come again or come late.
    private mutating func say(_ seed: HelloSeed, _ tell: (Event) -> Void) {
        let port = seed.port
        var next: [UInt32] = [UInt32(truncatingIfNeeded: chance.next()), 4_294_967_000]
        let segment = { (side: Side, seq: UInt32, flags: TCPFlags, bytes: [UInt8]) in
            Frame.tcp(
                side == .client ? 40_000 : port, side == .client ? port : 40_000, seq: seq,
                flags: flags, bytes)
        }
        if below(5) > 0 {
            for side in [Side.client, .server] {
                let flags: TCPFlags = side == .client ? [.syn] : [.syn, .ack]
                let at = Int(side.rawValue)
                let bytes = segment(side, next[at], flags, [])
                give(frame(side, next: 6, bytes), link: .ethernet, tell)
                next[at] &+= 1
            }
        }
        for turn in seed.turns {
            let at = Int(turn.side.rawValue)
            for part in cut(turn.bytes) {
                let bytes = segment(
                    turn.side, next[at] &+ UInt32(part.lowerBound), [.ack],
                    Array(turn.bytes[part]))
                give(frame(turn.side, next: 6, bytes), link: .ethernet, tell)
            }
            next[at] &+= UInt32(turn.bytes.count)
        }
        guard below(2) == 0 else { return }
        for side in [Side.client, .server] {
            let flags: TCPFlags = below(4) == 0 ? [.rst] : [.fin, .ack]
            let bytes = segment(side, next[Int(side.rawValue)], flags, [])
            give(frame(side, next: 6, bytes), link: .ethernet, tell)
        }
    }

    private mutating func cut(_ bytes: [UInt8]) -> [Range<Int>] {
        var ends = [0, bytes.count]
        let cuts = below(3) == 0 ? 0 : below(16) == 0 ? 40 : below(5)
        for _ in 0..<cuts { ends.append(below(bytes.count)) }
        ends.sort()
        // No segment is longer than a packet can be.
        var parts: [Range<Int>] = []
        for (from, to) in zip(ends, ends.dropFirst()) where to > from { parts.append(from..<to) }
        guard below(3) == 0, parts.count > 1 else { return parts }
        parts.swapAt(below(parts.count), below(parts.count))
        if below(3) == 0 { parts.append(parts[below(parts.count)]) }
        if below(6) == 0 { parts.remove(at: below(parts.count)) }
        return parts
    }

    private mutating func replay(_ recording: Recording, _ tell: (Event) -> Void) {
        let from = below(below(2) == 0 ? 1 : recording.frames.count)
        let to = min(recording.frames.count, from + 40)
        let damaged = from + below(to - from)
        for place in from..<to {
            var bytes = recording.frames[place]
            if place == damaged || below(12) == 0 {
                for _ in 0..<(1 + below(4)) {
                    mutate(&bytes, from: min(bytes.count, below(8) == 0 ? 0 : 34))
                }
            }
            if below(40) == 0 { continue }
            give(bytes, link: recording.link, tell)
        }
    }
}
