import Support
import Testing

@testable import Wire

/// Any segments at all: nothing traps, nothing is kept, and the sums are right after every packet.
@Suite struct ReassemblyFuzzTests {
    /// A segment nobody would send; sequence numbers step at most `jump`.
    private static func frame(_ chance: inout Chance, jump: UInt32) -> [UInt8] {
        let texts = [
            "GET /a HTTP/1.1\r\nHost: b\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n",
            "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"m\"}\n",
        ]
        let isClient = Bool.random(using: &chance)
        let port = UInt16.random(in: 40_000...40_002, using: &chance)
        var payload = Array((texts.randomElement(using: &chance) ?? "").utf8)
        if Int.random(in: 0..<3, using: &chance) == 0 {
            payload = [UInt8](
                repeating: UInt8.random(in: 0...255, using: &chance),
                count: Int.random(in: 0..<400, using: &chance))
        }
        // One random bit more or less in a hundred: a SYN, a FIN, a RST, an URG.
        var flags: UInt8 = 16
        if Int.random(in: 0..<12, using: &chance) == 0 {
            flags ^= 1 << UInt8.random(in: 0..<6, using: &chance)
        }
        let base: UInt32 = isClient ? 1_000 : 4_294_966_900
        let steps: [UInt32] = [0, 0, 0, jump / 64, jump]
        let step = steps.randomElement(using: &chance) ?? 0
        let seq = base &+ UInt32.random(in: 0...(step + 600), using: &chance)
        let segment = Frame.tcp(
            isClient ? port : 80, isClient ? 80 : port, seq: seq,
            ack: UInt32.random(in: 0..<9_000, using: &chance), flags: TCPFlags(rawValue: flags),
            payload)
        var frame = Frame.ethernet().ipv4(
            isClient ? "10.0.0.1" : "10.0.0.2", isClient ? "10.0.0.2" : "10.0.0.1", next: 6,
            segment
        ).bytes
        frame.replaceSubrange(
            18..<20,
            with: Frame.octets(UInt64.random(in: 0..<60_000, using: &chance), 2))
        return frame
    }

    /// Small bounds, so that each of them is met.
    private static var limits: Limits {
        var limits = Limits()
        limits.parkedSegmentsPerSide = 6
        limits.undissectedBytesPerSide = 1500
        limits.undissectedBytes = 3000
        limits.holesPerSide = 3
        limits.flows = 16
        return limits
    }

    /// Every stream byte up to the next one expected was either seen or is missing.
    private func isConsistent(_ half: Half) -> Bool {
        let sum = UInt32(truncatingIfNeeded: half.payloadBytes &+ half.missingBytes)
        return !half.has(.synchronized) || sum == half.next &- half.initial
    }

    @Test(arguments: 0..<300)
    func anySegmentsAtAllAddUp(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        let isNear = seed % 3 != 0
        var table = FlowTable(limits: Self.limits, workers: 1, secrets: FlowSecrets(seed: seed))
        var decoder = PacketDecoder()
        var time: Int64 = 0
        var packets = 0
        var ends = 0
        var lastFrame: [UInt8] = []
        for number in 1...150 as ClosedRange<UInt64> {
            let isAgain = Int.random(in: 0..<10, using: &chance) == 0 && !lastFrame.isEmpty
            let frame =
                isAgain ? lastFrame : Self.frame(&chance, jump: isNear ? 1 << 20 : 1 << 31)
            lastFrame = frame
            time += Int64.random(in: 0..<40_000_000, using: &chance)
            if Int.random(in: 0..<60, using: &chance) == 0 { time += 7_000_000_000 }
            var batch = PacketBatch()
            let cut = Int.random(in: 0..<20, using: &chance) == 0 ? min(10, frame.count - 54) : 0
            batch.append(
                frame.dropLast(max(0, cut)), wireBytes: frame.count,
                time: Timestamp(nanoseconds: time), link: .ethernet, number: number)
            var packet = DecodedPacket.empty
            guard case .packet = decoder.decode(batch.packets[0], in: &batch, into: &packet)
            else { continue }
            packets += 1
            table.process(packet, in: batch.bytes) { event in
                if case .flowEnd = event.message { ends += 1 }
            }
            guard isNear else { continue }
            for flow in table.flows where flow.number != 0 {
                #expect(isConsistent(flow.halves[0]), "seed \(seed), packet \(number)")
                #expect(isConsistent(flow.halves[1]), "seed \(seed), packet \(number)")
            }
        }
        table.finish(at: Timestamp(nanoseconds: time), packet: 0) { event in
            if case .flowEnd = event.message { ends += 1 }
        }
        #expect(table.heldBytes == 0, "seed \(seed)")
        #expect(table.holes.isNone, "seed \(seed)")
        #expect(table.tally.packets == packets, "seed \(seed)")
        #expect(ends == table.flowCount, "seed \(seed)")
    }
}
