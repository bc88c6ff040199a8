import Support
import Testing

@testable import Wire

/// Which ids separate conversations on the same addresses, and which do not.
@Suite struct PathTests {
    private static let talk: Conversation = {
        var talk = Conversation()
        talk.say(.client, Array("GET /a HTTP/1.1\r\nHost: h.example\r\n\r\n".utf8))
        talk.say(.server, Array("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok".utf8))
        talk.close()
        return talk
    }()

    /// The conversation with every acknowledgment filled in, all its numbers moved by `shift`, in
    /// the VLAN that `vlan` gives to each side.
    private func frames(shift: UInt32 = 0, _ vlan: (Side) -> UInt16) -> [[UInt8]] {
        var next: [Side: UInt32] = [:]
        return Self.talk.segments.map { segment in
            var moved = segment
            moved.seq &+= shift
            var bytes = Self.talk.frame(moved)
            let other: Side = segment.side == .client ? .server : .client
            if segment.flags.contains(.ack), let ack = next[other] {
                bytes.replaceSubrange(42..<46, with: Frame.octets(UInt64(ack), 4))
            }
            let extra: UInt32 = segment.flags.isDisjoint(with: [.syn, .fin]) ? 0 : 1
            next[segment.side] = moved.seq &+ UInt32(segment.payload.count) &+ extra
            return Array(bytes.prefix(12)) + [0x81, 0] + Frame.octets(UInt64(vlan(segment.side)), 2)
                + bytes.dropFirst(12)
        }
    }

    private func ends(_ run: FlowRun) -> [FlowSummary] {
        run.events.compactMap { event in
            if case .flowEnd(let summary) = event.message { return summary }
            return nil
        }
    }

    @Test func eachDirectionMayHaveItsOwnTag() {
        let run = FlowRun(frames { $0 == .client ? 10 : 20 })
        #expect(ends(run).count == 1)
        #expect(run.messages.count == 2)
        #expect(run.events.first?.flow?.path?.value.vlans == [10])
    }

    @Test func inTheMiddleOfAConversationToo() {
        let run = FlowRun(Array(frames { $0 == .client ? 10 : 20 }.dropFirst(3)))
        #expect(ends(run).count == 1)
        #expect(run.messages.count == 2)
    }

    @Test func aPacketBeforeAndBehindARouterIsOne() {
        let run = FlowRun(zip(frames { _ in 10 }, frames { _ in 20 }).flatMap { [$0, $1] })
        #expect(ends(run).count == 1)
        #expect(run.messages.count == 2)
        #expect(run.tally[.duplicate] == Self.talk.segments.count)
    }

    @Test func theSameAddressesOnTwoNetworksAreTwoConversations() {
        let run = FlowRun(
            zip(frames { _ in 10 }, frames(shift: 77_777_777) { _ in 20 }).flatMap { [$0, $1] })
        #expect(ends(run).count == 2)
        #expect(run.messages.count == 4)
    }

    @Test func aTagAloneNeverTurnsUpInPlainFlows() {
        let run = FlowRun(Self.talk.frames)
        #expect(ends(run).count == 1)
        #expect(run.events.allSatisfy { $0.flow?.path == nil })
    }
}
