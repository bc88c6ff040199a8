import Support
import Testing

@testable import Wire

/// Bytes that come more than once, before their turn or in odd pieces: Docs/Reassembly.md,
/// "In order" and "More than once".
@Suite struct ReassemblyOverlapTests {
    private static func get(_ path: String) -> [UInt8] {
        Array("GET \(path) HTTP/1.1\r\nHost: a.example\r\n\r\n".utf8)
    }

    private func hasPath(_ run: FlowRun, _ path: String) -> Bool {
        run.messages.contains { $0.contains("\"\(path)\"") }
    }

    @Test func overlappingRetransmissionsOfTheSameBytesAreNoAnomaly() {
        let bytes = Self.get("/same")
        var trace = Trace()
        trace.send(.client, 0, Array(bytes[..<20]))
        trace.send(.client, 10, Array(bytes[10...]))
        trace.send(.client, 0, bytes)
        let run = trace.run()
        #expect(hasPath(run, "/same"))
        #expect(run.tally[Anomaly.conflictingRetransmission] == 0)
        #expect(run.tally[Drop.duplicate] == 1)
        #expect(run.ends.first?.client.payloadBytes == UInt64(bytes.count))
    }

    /// Where the other bytes lie: the same segment, a longer one (man on the side), one that begins
    /// inside and one that ends inside.
    @Test(arguments: [(0, 48), (0, 80), (30, 80), (0, 20), (0, 4), (44, 48)])
    func aRetransmissionWithOtherBytesIsAnAnomaly(_ place: (Int, Int)) {
        let first = Self.get("/first/segment")
        var trace = Trace()
        trace.send(.client, 0, first)
        let other = [UInt8](repeating: 88, count: 100)
        trace.send(.client, place.0, Array(other[place.0..<place.1]))
        let run = trace.run()
        #expect(first.count == 48)
        #expect(hasPath(run, "/first/segment"))
        #expect(run.tally[Anomaly.conflictingRetransmission] == 1)
        #expect(run.ends.first?.anomalies ?? 0 >= 1)
        #expect(run.ends.first?.broken.contains(.conflictingRetransmission) == true)
        #expect(run.ends.first?.broken.contains(.dataBehindEnd) == false)
    }

    @Test func ofParkedBytesTheFirstCopyWins() {
        let bytes = Self.get("/truth")
        let other = Self.get("/false")
        var trace = Trace()
        trace.send(.client, 2, Array(bytes[2...]))
        trace.send(.client, 3, Array(other[3..<20]))
        trace.send(.client, 0, other)
        let run = trace.run()
        #expect(hasPath(run, "/truth"))
        #expect(run.tally[Anomaly.conflictingRetransmission] == 2)
    }

    @Test func aKeepAliveOfZeroOrOneByteIsNoData() throws {
        let bytes = Self.get("/alive")
        var trace = Trace()
        trace.send(.client, 0, bytes)
        trace.send(.client, bytes.count - 1)
        trace.send(.client, bytes.count - 1, [0])
        trace.send(.server, -1, [0])
        trace.send(.client, bytes.count, Self.get("/after"))
        let run = trace.run()
        #expect(run.tally[Anomaly.conflictingRetransmission] == 0)
        #expect(run.tally[Drop.duplicate] == 2)
        #expect(hasPath(run, "/after"))
        let end = try #require(run.ends.first)
        #expect(end.client.payloadBytes == UInt64(bytes.count + Self.get("/after").count))
        #expect(end.server.payloadBytes == 0)
    }

    @Test func aKeepAliveSeenFirstMidwayMovesNothing() {
        var trace = Trace(hasHandshake: false)
        trace.send(.client, 99)
        trace.send(.client, 100, Self.get("/midway"))
        let run = trace.run()
        #expect(hasPath(run, "/midway"))
        #expect(run.ends.first?.client.missingBytes == 0)
    }

    /// A probe carries the next byte of the stream, and the peer may or may not have taken it.
    @Test func aZeroWindowProbeIsOneByteOfTheStream() {
        let bytes = Self.get("/probe")
        var trace = Trace()
        trace.send(.client, 0, Array(bytes[..<20]))
        trace.send(.server, 0, ack: 20, window: 0)
        trace.send(.client, 20, Array(bytes[20..<21]), after: 200)
        trace.send(.server, 0, ack: 20, window: 0)
        trace.send(.client, 20, Array(bytes[20..<21]), after: 400)
        trace.send(.server, 0, ack: 20, window: 4096)
        trace.send(.client, 20, Array(bytes[20...]))
        let run = trace.run()
        #expect(hasPath(run, "/probe"))
        #expect(run.tally[Anomaly.conflictingRetransmission] == 0)
        #expect(run.ends.first?.client.payloadBytes == UInt64(bytes.count))
    }

    @Test func urgentBytesAreReadInTheirPlace() {
        let bytes = Self.get("/urgent")
        var trace = Trace()
        trace.send(.client, 0, Array(bytes[..<10]), flags: TCPFlags(rawValue: 0x38))
        trace.send(.client, 10, Array(bytes[10...]))
        #expect(hasPath(trace.run(), "/urgent"))
    }

    @Test func aHeadInSegmentsOfOneByteIsRead() {
        let bytes =
            Array(
                "GET /dribble HTTP/1.1\r\nHost: a.example\r\nX: \(String(repeating: "y", count: 900))"
                    .utf8) + Array("\r\n\r\n".utf8)
        var trace = Trace()
        for (at, byte) in bytes.enumerated() { trace.send(.client, at, [byte]) }
        let run = trace.run()
        #expect(hasPath(run, "/dribble"))
        #expect(run.tally[Anomaly.dribble] == 0)
    }

    /// A card that merges segments delivers up to 64 KB as one packet, and with BIG TCP more,
    /// whose IPv4 length is 0.
    @Test(arguments: [60_000, 65_495, 150_000])
    func mergedSegmentsAreReadWhole(_ count: Int) throws {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: \(count)\r\n\r\n"
        let next = Array("HTTP/1.1 204 No Content\r\n\r\n".utf8)
        let stream = Array(head.utf8) + [UInt8](repeating: 1, count: count) + next
        var trace = Trace()
        trace.send(.client, 0, Self.get("/image"))
        trace.send(.server, 0, Array(stream[..<count]))
        if count > 65_495 {
            var frame = trace.frames[trace.frames.count - 1]
            frame[16...17] = [0, 0]
            var cut = Trace()
            cut.send(.client, 0, Self.get("/image"))
            cut.add(frame)
            trace = cut
        }
        trace.send(.server, count, Array(stream[count...]))
        let run = trace.run()
        #expect(run.messages.contains { $0.contains("status: 204") })
        #expect(try #require(run.ends.first).server.payloadBytes == UInt64(stream.count))
        #expect(run.heldBytes == 0)
    }

    @Test func aMirrorOfBothDirectionsCountsEveryPacketOnce() throws {
        var trace = Trace()
        trace.send(.client, 0, Self.get("/mirror"))
        trace.send(.server, 0, Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8))
        let count = trace.frames.count
        let (once, twice) = (trace.run(), trace.doubled.run())
        #expect(twice.messages == once.messages)
        #expect(twice.tally[Drop.duplicate] == count)
        let (a, b) = (try #require(once.ends.first), try #require(twice.ends.first))
        #expect(a.client == b.client && a.server == b.server)
    }

    /// The sender takes a new identification for what it sends again (RFC 6864 §4.3), so however
    /// soon it comes, it is a packet of its own.
    @Test func aRetransmissionIsNotTakenForTheMirrorsCopy() throws {
        var trace = Trace()
        trace.send(.client, 0, Self.get("/again"))
        trace.send(.client, 0, Self.get("/again"), after: 0)
        trace.add(trace.frames[trace.frames.count - 1], after: 20)
        let run = trace.run()
        // Handshake, segment, retransmission, and the same frame too late for a mirror.
        #expect(try #require(run.ends.first).client.packets == 5)
        #expect(run.tally[Drop.duplicate] == 2)
    }

    /// Without an identification a retransmission may be the same to the bit: nothing is a copy.
    @Test func withoutAnIdentificationNothingIsACopy() throws {
        var trace = Trace()
        trace.send(.client, 0, Self.get("/bare"))
        var frame = trace.frames[trace.frames.count - 1]
        frame.replaceSubrange(18..<20, with: [0, 0])
        trace.add(frame)
        trace.add(frame, after: 0)
        let run = trace.run()
        #expect(try #require(run.ends.first).client.packets == 5)
        #expect(run.tally[Drop.duplicate] == 2)
    }

    @Test func anAcknowledgmentSeenBeforeItsDataDiscardsNothing() {
        let bytes = Self.get("/early")
        var trace = Trace()
        trace.send(.server, 0, ack: bytes.count)
        trace.send(.client, 20, Array(bytes[20...]))
        trace.send(.server, 0, ack: bytes.count)
        trace.send(.client, 0, Array(bytes[..<20]))
        let run = trace.run()
        #expect(hasPath(run, "/early"))
        #expect(run.ends.first?.client.missingBytes == 0)
    }

    /// Nobody reads the stream of an encrypted connection, but its totals are as exact.
    @Test func aStreamThatNobodyReadsFillsSeveralHolesLate() throws {
        var trace = Trace()
        trace.send(.client, 0, [UInt8](repeating: 1, count: 100))
        trace.send(.server, 0, [UInt8](repeating: 1, count: 100))
        for index in 1..<40 { trace.send(.client, index * 100, [UInt8](repeating: 1, count: 100)) }
        for index in [41, 43, 45, 44, 40, 42] {
            trace.send(.client, index * 100, [UInt8](repeating: 1, count: 100))
        }
        trace.send(.client, 4650, [UInt8](repeating: 1, count: 50))
        trace.send(.client, 4610, [UInt8](repeating: 1, count: 10))
        trace.send(.client, 4600, [UInt8](repeating: 1, count: 100))
        let end = try #require(trace.run().ends.first)
        #expect(end.client.payloadBytes == 4700)
        #expect(end.client.missingBytes == 0)
    }
}
