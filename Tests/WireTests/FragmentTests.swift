import Support
import Testing

@testable import Wire

/// Datagrams that came in fragments, and what becomes of those that never were whole.
@Suite struct FragmentTests {
    /// What one decoder makes of frames, and its account of them.
    private struct Run {
        var outcomes: [String] = []
        var payloads: [[UInt8]] = []
        var tally = Tally()

        init(_ frames: [[UInt8]], limits: Limits = Limits(), gap: Int64 = 1_000_000) {
            var decoder = PacketDecoder(limits: limits)
            var seen = Tally()
            for (index, frame) in frames.enumerated() {
                var batch = PacketBatch()
                batch.append(
                    frame, wireBytes: frame.count,
                    time: Timestamp(nanoseconds: Int64(index) * gap), link: .ethernet,
                    number: UInt64(index + 1))
                var packet = DecodedPacket.empty
                switch decoder.decode(batch.packets[0], in: &batch, into: &packet) {
                case .packet:
                    outcomes.append("packet")
                    let end = packet.payloadOffset + packet.payloadCaptured
                    payloads.append(Array(batch.bytes[packet.payloadOffset..<end]))
                    seen.countUsed()
                case .neighbor:
                    outcomes.append("neighbor")
                    seen.countUsed()
                case .held: outcomes.append("held")
                case .dropped(let drop):
                    outcomes.append(drop.name)
                    seen.count(drop)
                case .malformed(let anomaly):
                    outcomes.append(anomaly.name)
                    seen.count(.malformed)
                }
            }
            tally = decoder.tally
            tally.add(seen)
        }
    }

    private static let payload = (0..<3000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    private static let datagram = Frame.udp(5000, 53, payload)

    private static func v4(
        _ part: Range<Int>, of bytes: [UInt8] = datagram, isLast: Bool? = nil, id: UInt8 = 1
    ) -> [UInt8] {
        let more: UInt16 = isLast ?? (part.upperBound == bytes.count) ? 0 : 0x2000
        var frame = Frame.ethernet().ipv4(
            "10.0.0.1", "10.0.0.2", next: 17, fragment: more | UInt16(part.lowerBound / 8),
            Array(bytes[part])
        ).bytes
        frame[19] = id
        return frame
    }

    private static func v6(_ part: Range<Int>, of bytes: [UInt8] = datagram) -> [UInt8] {
        let more: UInt64 = part.upperBound == bytes.count ? 0 : 1
        let header: [UInt8] =
            [17, 0] + Frame.octets(UInt64(part.lowerBound) | more, 2) + [0, 0, 0, 9]
        return Frame.ethernet().ipv6(
            "fd00::1", "fd00::2", next: 44, extensions: header, Array(bytes[part])
        ).bytes
    }

    private static let parts = [0..<1480, 1480..<2960, 2960..<3008]

    @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 0, 2], [2, 0, 1]])
    func fragmentsInAnyOrderMakeTheDatagram(_ order: [Int]) {
        for fragment in [{ Self.v4($0) }, { Self.v6($0) }] as [(Range<Int>) -> [UInt8]] {
            let run = Run(order.map { fragment(Self.parts[$0]) })
            #expect(run.outcomes == ["held", "held", "packet"])
            #expect(run.payloads == [Self.payload])
            #expect(run.tally.used == 3)
            #expect(run.tally.packets == 3)
        }
    }

    @Test func whatNeverCameIsCounted() {
        let run = Run([Self.v4(Self.parts[0]), Self.v4(Self.parts[2])])
        #expect(run.outcomes == ["held", "held"])
        #expect(run.tally[.fragment] == 2)
        #expect(run.tally.packets == 2)
    }

    @Test func fragmentsDoNotWaitForever() {
        let frames = [Self.v4(Self.parts[0]), Self.v4(Self.parts[1]), Self.v4(Self.parts[2])]
        let run = Run(frames, gap: 20_000_000_000)
        #expect(run.outcomes == ["held", "held", "held"])
        #expect(run.tally[.fragment] == 3)
    }

    @Test func aSecondCopyIsADuplicate() {
        let run = Run([0, 0, 1, 1, 2].map { Self.v4(Self.parts[$0]) })
        #expect(run.outcomes == ["held", "duplicate", "held", "duplicate", "packet"])
        #expect(run.tally.packets == 5)
        #expect(run.payloads == [Self.payload])
    }

    @Test func ofTwoVersionsTheFirstCountsAndItIsAnAnomaly() {
        var other = Self.datagram
        other[1000] ^= 1
        let run = Run([
            Self.v4(0..<1480), Self.v4(800..<2960, of: other), Self.v4(2960..<3008),
        ])
        #expect(run.payloads == [Self.payload])
        #expect(run.tally[.conflictingFragment] == 1)
        #expect(run.tally.packets == 3)
    }

    @Test func overlapsThatAgreeAreHarmless() {
        let run = Run([Self.v4(800..<2960), Self.v4(2960..<3008), Self.v4(0..<1480)])
        #expect(run.payloads == [Self.payload])
        #expect(run.tally[.conflictingFragment] == 0)
    }

    @Test func inIPv6AConflictEndsTheDatagram() {
        var other = Self.datagram
        other[1000] ^= 1
        let run = Run([Self.v6(0..<1480), Self.v6(800..<2960, of: other), Self.v6(2960..<3008)])
        #expect(run.payloads.isEmpty)
        #expect(run.tally[.conflictingFragment] == 1)
        #expect(run.tally[.fragment] == 3)
    }

    @Test func twoEndsContradictEachOther() {
        let run = Run([
            Self.v4(Self.parts[2]), Self.v4(1480..<2000, isLast: true), Self.v4(Self.parts[0]),
        ])
        #expect(run.tally[.conflictingFragment] == 1)
        #expect(run.tally[.fragment] == 3)
    }

    @Test(arguments: [(8190, 64), (0, 12)])
    func lengthsThatCannotBeAreAnomalies(_ offset: Int, _ count: Int) {
        let frame = Frame.ethernet().ipv4(
            "10.0.0.1", "10.0.0.2", next: 17, fragment: 0x2000 | UInt16(offset),
            [UInt8](repeating: 0, count: count)
        ).bytes
        #expect(Run([frame]).outcomes == ["badFragment"])
    }

    @Test func everyBoundLetsTheOldestGo() {
        var limits = Limits()
        limits.fragmentedDatagrams = 2
        let many = Run(
            (0..<5).map { Self.v4(Self.parts[0], id: UInt8($0)) }
                + [Self.v4(Self.parts[1], id: 4), Self.v4(Self.parts[2], id: 4)], limits: limits)
        #expect(many.tally[.fragmentMemory] == 3)
        #expect(many.tally[.fragment] == 1)
        #expect(many.payloads == [Self.payload])
        limits = Limits()
        limits.fragmentBytes = 3008
        let large = Run(
            [
                Self.v4(Self.parts[0], id: 7), Self.v4(Self.parts[0]), Self.v4(Self.parts[1]),
                Self.v4(Self.parts[2]),
            ], limits: limits)
        #expect(large.tally[.fragmentMemory] == 1)
        #expect(large.payloads == [Self.payload])
        limits = Limits()
        limits.fragmentsPerDatagram = 4
        let small = Run(
            (0..<5).map { Self.v4(($0 * 8)..<($0 * 8 + 8)) }, limits: limits)
        #expect(small.tally[.fragmentMemory] == 5)
    }

    @Test func tunnelsComeInFragmentsAndFragmentsInTunnels() {
        let wrapped: [[UInt8]] = Self.parts.map { part in
            let inner = Array(Self.v4(part).dropFirst(14))
            return Frame.ethernet().ipv4("192.0.2.1", "192.0.2.2", next: 4, inner).bytes
        }
        #expect(Run(wrapped).payloads == [Self.payload])
        // Each of those in three fragments again.
        let twice: [[UInt8]] = wrapped.enumerated().flatMap { index, frame in
            let vxlan = Frame.udp(50_000, 4789, [8, 0, 0, 0, 0, 0, 5, 0] + frame)
            let half = vxlan.count / 16 * 8
            return [half..<vxlan.count, 0..<half].map {
                Self.v4($0, of: vxlan, id: UInt8(index + 50))
            }
        }
        let run = Run(twice)
        #expect(run.outcomes == ["held", "held", "held", "held", "held", "packet"])
        #expect(run.payloads == [Self.payload])
        #expect(run.tally.used == 6)
    }

    @Test func theSnapLengthCutsAFragment() {
        let frame = Self.v4(Self.parts[0])
        guard case .packet(let packet) = Decoding(Array(frame.prefix(100)), wire: frame.count)
        else {
            Issue.record("the first fragment is read as far as it goes")
            return
        }
        #expect(packet.payloadCaptured == 58)
        let later = Self.v4(Self.parts[1])
        guard case .dropped(.snaplen) = Decoding(Array(later.prefix(100)), wire: later.count) else {
            Issue.record("a later one is of no use")
            return
        }
    }

    /// Whatever comes in whatever order: every packet is counted once, and nothing is made up.
    @Test(arguments: 0..<200)
    func everyFragmentIsCountedOnce(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        var limits = Limits()
        limits.fragmentedDatagrams = 3
        limits.fragmentBytes = 9000
        let frames: [[UInt8]] = (0..<120).map { _ in
            let start = Int.random(in: 0..<370, using: &chance) * 8
            let end = min(3008, start + Int.random(in: 1...250, using: &chance) * 8)
            var frame =
                Bool.random(using: &chance)
                ? Self.v4(start..<end, id: UInt8.random(in: 1...4, using: &chance))
                : Self.v6(start..<end)
            if Int.random(in: 0..<10, using: &chance) == 0 {
                frame[Int.random(in: 14..<frame.count, using: &chance)] ^= 1
            }
            return frame
        }
        let run = Run(frames, limits: limits, gap: 500_000_000)
        #expect(run.tally.packets == frames.count, "seed \(seed)")
    }
}
