import Support
import Testing

@testable import Wire

/// What happens when there is more than the bounds allow.
@Suite struct FloodTests {
    /// A flood between the two halves of established conversations.
    private struct Run {
        var table: FlowTable.Counts
        var events: [Event]
        var tally: Tally

        func requests() -> [String] {
            events.compactMap { event in
                if case .httpRequest(let request) = event.message { request.target } else { nil }
            }
        }

        func reasons(ofPort port: UInt16) -> [FlowSummary.Reason] {
            events.compactMap { event in
                guard case .flowEnd(let summary) = event.message,
                    event.flow?.server.port == port
                else { return nil }
                return summary.reason
            }
        }
    }

    private static let established: [UInt16] = Array(40_000..<40_008)

    private static func conversation(_ port: UInt16) -> [[UInt8]] {
        var talk = Conversation()
        talk.clientPort = port
        for name in ["before", "after"] {
            let head = "GET /\(name)/\(port) HTTP/1.1\r\nHost: a.example\r\n\r\n"
            talk.say(.client, Array(head.utf8))
            talk.say(.server, Array("HTTP/1.1 204 No Content\r\n\r\n".utf8))
        }
        return talk.frames
    }

    /// A frame of one of many clients that nobody answers.
    private static func flood(_ number: Int, _ flags: TCPFlags, _ payload: [UInt8]) -> [UInt8] {
        let source = "11.\(number >> 16 & 255).\(number >> 8 & 255).\(number & 255)"
        return Frame.ethernet().ipv4(
            source, "198.51.100.5", next: 6,
            Frame.tcp(UInt16(1024 + number % 60_000), 443, seq: 7, flags: flags, payload)
        ).bytes
    }

    /// Established conversations, `count` frames of a flood, and then what was left to say.
    private func run(_ count: Int, limits: Limits, _ frame: (Int) -> [UInt8]) -> Run {
        let talks = Self.established.map(Self.conversation)
        var table = FlowTable(limits: limits, workers: 1, secrets: FlowSecrets(seed: 3))
        var decoder = PacketDecoder()
        var events: [Event] = []
        var number: UInt64 = 0
        func give(_ frame: [UInt8]) {
            number += 1
            var batch = PacketBatch()
            batch.append(
                frame, wireBytes: frame.count, time: Timestamp(nanoseconds: Int64(number) * 1000),
                link: .ethernet, number: number)
            var packet = DecodedPacket.empty
            guard case .packet = decoder.decode(batch.packets[0], in: &batch, into: &packet)
            else { return }
            table.process(packet, in: batch.bytes) { events.append($0) }
        }
        for talk in talks { talk.prefix(5).forEach(give) }
        for index in 0..<count { give(frame(index)) }
        for talk in talks { talk.dropFirst(5).forEach(give) }
        let counts = table.counts
        table.finish(at: Timestamp(nanoseconds: Int64(number) * 1000), packet: number) {
            events.append($0)
        }
        return Run(table: counts, events: events, tally: table.tally)
    }

    private func expectAllRead(_ run: Run) {
        let wanted = Self.established.flatMap { ["/before/\($0)", "/after/\($0)"] }
        #expect(run.requests().sorted() == wanted.sorted())
        #expect(run.reasons(ofPort: 8000) == Self.established.map { _ in .ended })
    }

    @Test func aFloodOfSYNsLeavesEstablishedFlowsAlone() {
        var limits = Limits()
        limits.flows = 256
        let run = run(20_000, limits: limits) { Self.flood($0, [.syn], []) }
        expectAllRead(run)
        #expect(run.table.live == 256)
        #expect(run.table.slab == 256)
        #expect(run.tally[.flowEvicted] == 20_000 + Self.established.count - 256)
        #expect(run.reasons(ofPort: 443).filter { $0 == .evicted }.count == run.tally[.flowEvicted])
    }

    @Test(arguments: [1, 2])
    func aFloodOfHellosLeavesEstablishedFlowsAlone(_ parts: Int) {
        var limits = Limits()
        limits.flows = 512
        limits.undissectedBytes = 16 << 10
        let hello = HelloBytes.browser("flood.example").records()
        let part = Array(hello.prefix(hello.count / parts))
        let run = run(5_000, limits: limits) { Self.flood($0, [.ack, .psh], part) }
        expectAllRead(run)
        #expect(run.table.live == 512)
        #expect(run.table.heldBytes <= 16 << 10)
        #expect(run.tally[.flowEvicted] == 5_000 + Self.established.count - 512)
        #expect(run.tally[.streamEvicted] > 0 || parts == 1)
    }

    /// One five-tuple in thousands of networks shares one hash, whatever the secrets.
    @Test func madeUpNetworksDoNotPileUpInOnePlace() {
        var limits = Limits()
        limits.networksPerFlow = 8
        let run = run(4_000, limits: limits) { index in
            Frame.ethernet(vlans: [UInt16(1 + index % 4_000)]).ipv4(
                "11.0.0.1", "198.51.100.5", next: 6,
                Frame.tcp(5000, 443, seq: UInt32(index), flags: [.syn])
            ).bytes
        }
        expectAllRead(run)
        #expect(run.table.live == 8 + Self.established.count)
        #expect(run.tally[.flowEvicted] == 4_000 - 8)
    }
}

/// Where flows are placed, and when they are looked at.
@Suite struct FlowPlacementTests {
    private func key(_ first: IPAddress, _ second: IPAddress, _ port: UInt16) -> FlowKey {
        FlowKey.of(from: Endpoint(first, port), to: Endpoint(second, 443), .tcp).key
    }

    /// Addresses made to meet: halves equal to well-known constants, and neighbors.
    @Test(arguments: [0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f, 0, .max] as [UInt64])
    func craftedAddressesAreSpread(_ constant: UInt64) {
        let secrets = FlowSecrets(seed: 11)
        var slots = FlowSlots()
        var hashes: Set<UInt64> = []
        var isSpread = true
        for index in 0..<4096 as Range<UInt64> {
            for address in [
                IPAddress(high: index << 20, low: constant), IPAddress(high: constant, low: index),
            ] {
                let hash = key(address, IPAddress(high: 1 << 61, low: 5), 9).hash(secrets)
                hashes.insert(hash >> 32)
                if !slots.insert(hash, hashes.count) { isSpread = false }
            }
        }
        #expect(isSpread)
        #expect(hashes.count > 8000)
    }

    @Test func flowsThatMeetAreNoticed() {
        var slots = FlowSlots()
        var isNoticed = false
        for index in 0..<UInt64(1000) where !slots.insert(7 << 32 | index, Int(index)) {
            isNoticed = true
        }
        #expect(isNoticed)
    }

    @Test func otherSecretsPlaceOtherwise() {
        let (first, other) = (FlowSecrets(seed: 1), FlowSecrets(seed: 1).renewed())
        let key = key(IPAddress(high: 1, low: 2), IPAddress(high: 3, low: 4), 5)
        #expect(key.hash(first) != key.hash(other))
        #expect(key.hash(FlowSecrets()) != key.hash(FlowSecrets()))
    }

    /// Against a plain list of deadlines, with times that stand still, step and leap.
    @Test(arguments: 0..<8 as Range<UInt64>)
    func theWheelGivesEveryFlowInItsSecond(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        var wheel = IdleWheel()
        var deadlines: [Int: Int64] = [:]
        var now: Int64 = 1_700_000_000_000_000_000
        for _ in 0..<4000 {
            let index = Int.random(in: 0..<200, using: &chance)
            switch Int.random(in: 0..<4, using: &chance) {
            case 0, 1:
                let patience = Int64.random(in: 0..<4_000_000_000_000, using: &chance)
                deadlines[index] = now + patience
                wheel.place(
                    index, at: Timestamp(nanoseconds: now + patience),
                    now: Timestamp(nanoseconds: now))
            case 2 where deadlines[index] != nil:
                deadlines[index] = nil
                wheel.remove(index)
            default:
                let steps: [Int64] = [0, 300_000_000, 5_000_000_000, 9_000_000_000_000]
                now += steps.randomElement(using: &chance) ?? 0
                for index in wheel.takeDue(at: Timestamp(nanoseconds: now)) {
                    let deadline = deadlines[index] ?? 0
                    if deadline <= now {
                        deadlines[index] = nil
                    } else {
                        wheel.place(
                            index, at: Timestamp(nanoseconds: deadline),
                            now: Timestamp(nanoseconds: now))
                    }
                }
                #expect(deadlines.values.allSatisfy { $0 > now }, "seed \(seed)")
            }
        }
    }
}
