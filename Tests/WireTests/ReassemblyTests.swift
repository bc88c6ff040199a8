import Support
import Testing

@testable import Wire

/// What a TCP stream may do besides arriving in order.
@Suite struct ReassemblyTests {
    private static func get(_ path: String) -> [UInt8] {
        Array("GET \(path) HTTP/1.1\r\nHost: a.example\r\n\r\n".utf8)
    }

    private func ends(_ run: FlowRun) -> [FlowSummary] {
        run.events.compactMap { event in
            if case .flowEnd(let summary) = event.message { summary } else { nil }
        }
    }

    /// A client whose side is finished while a segment behind a hole is still parked.
    @Test func aParkedSegmentOfAFinishedSideDoesNotHoldTheEndUp() throws {
        var talk = Conversation()
        talk.say(.client, HelloBytes.browser("end.example").records())
        talk.say(.client, [23, 3, 3, 0, 5, 1, 2, 3, 4, 5])
        talk.lose(.client, 10)
        talk.say(.client, [UInt8](repeating: 1, count: 10))
        talk.lose(.client, 10)
        talk.say(.client, [UInt8](repeating: 2, count: 10))
        var frames = talk.frames
        frames.swapAt(frames.count - 3, frames.count - 2)
        let run = FlowRun(frames)
        let end = try #require(ends(run).first)
        #expect(end.client.missingBytes >= 10)
        #expect(run.messages.count == 1)
    }

    @Test func segmentsInReverseAreReadInOrder() {
        let bytes = Self.get("/in-order")
        var talk = Conversation()
        talk.say(.client, bytes, cuts: Array(stride(from: 4, to: bytes.count, by: 4)))
        let whole = FlowRun(talk.frames).messages
        let turned = Array(talk.frames.prefix(3)) + talk.frames.dropFirst(3).reversed()
        #expect(FlowRun(turned).messages == whole)
        #expect(whole.count == 2)
    }

    @Test func aRetransmissionIsCountedAndNotReadAgain() {
        var talk = Conversation()
        talk.say(.client, Self.get("/once"))
        let run = FlowRun(talk.frames + [talk.frames[3], talk.frames[3]])
        #expect(run.tally[Drop.duplicate] == 2)
        #expect(run.messages == FlowRun(talk.frames).messages)
    }

    @Test func theSameSYNTwiceIsOneFlow() {
        var talk = Conversation()
        talk.say(.client, Self.get("/syn"))
        let frames = talk.frames
        let run = FlowRun([frames[0], frames[0], frames[1], frames[1]] + frames.dropFirst(2))
        #expect(ends(run).count == 1)
        #expect(run.messages == FlowRun(frames).messages)
    }

    @Test func sequenceNumbersMayWrapAround() {
        // The server of every `Conversation` begins 296 bytes before 2^32.
        var talk = Conversation()
        talk.say(.client, Self.get("/wrap"))
        let body = #"{"jsonrpc":"2.0","id":1,"result":{"x":""# + String(repeating: "y", count: 900)
        let head = "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count + 3)\r\n\r\n"
        let bytes = Array((head + body + "\"}}").utf8)
        talk.say(.server, bytes, cuts: [100, 296, 297, 500])
        let whole = FlowRun(talk.frames).messages
        #expect(whole.contains { $0.contains("result") })
        var frames = talk.frames
        frames.swapAt(5, 7)
        #expect(FlowRun(frames).messages == whole)
    }

    @Test func aFINEndsAnAnswerThatLastsUntilClose() throws {
        var talk = Conversation()
        talk.say(.client, Self.get("/close"))
        talk.say(
            .server,
            Array("HTTP/1.0 200 OK\r\n\r\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}".utf8))
        talk.close()
        let run = FlowRun(talk.frames)
        #expect(run.messages.contains { $0.contains("isTruncated: false") })
        #expect(try #require(ends(run).first).reason == .closed)
    }

    @Test func aResetClosesTheFlow() throws {
        var talk = Conversation()
        talk.say(.client, Self.get("/reset"))
        talk.add(.server, flags: [.rst])
        let run = FlowRun(talk.frames)
        #expect(try #require(ends(run).first).reason == .reset)
        #expect(run.messages.contains { $0.hasPrefix("client httpUnanswered") })
    }

    @Test func aStreamMetMidwayIsReadFromItsFirstHead() {
        var talk = Conversation(hasHandshake: false)
        talk.say(.client, Array("the rest of some body".utf8))
        talk.say(.client, Self.get("/midway"))
        let run = FlowRun(talk.frames)
        #expect(run.messages.contains { $0.contains("/midway") })
        #expect(ends(run).first?.isWhole == false)
    }

    @Test func bytesTheSnapLengthCutAreMissing() throws {
        var talk = Conversation()
        talk.say(.client, Self.get("/cut"))
        talk.say(.client, Self.get("/whole"))
        var frames = talk.frames
        frames[3].removeLast(10)
        let run = FlowRun(frames)
        #expect(try #require(ends(run).first).client.missingBytes == 10)
        #expect(run.messages.contains { $0.contains("/whole") })
        #expect(!run.messages.contains { $0.contains("/cut") })
    }

    @Test func aHoleThatNobodyFillsIsGivenUpAfterManySegments() {
        var talk = Conversation()
        talk.say(.client, Self.get("/first"))
        talk.lose(.client, 100)
        for index in 0..<40 { talk.say(.client, Self.get("/after/\(index)")) }
        let run = FlowRun(talk.frames)
        #expect(run.tally[Loss.hole] == 1)
        #expect(run.messages.contains { $0.contains("/after/0") })
        #expect(run.messages.contains { $0.contains("/after/39") })
    }

    @Test func aWholeSensorsMemoryIsBounded() {
        var limits = Limits()
        limits.undissectedBytes = 1000
        var talk = Conversation()
        talk.say(.client, Self.get("/first"))
        talk.lose(.client, 100)
        for _ in 0..<4 { talk.say(.client, [UInt8](repeating: 65, count: 400)) }
        let run = FlowRun(talk.frames, limits: limits)
        #expect(run.tally[Loss.streamEvicted] > 0)
        #expect(ends(run).first?.client.missingBytes == 100)
    }

    /// Random offsets, lengths, flags and jumps: no trap, no endless loop, one end per flow.
    @Test(arguments: 0..<400)
    func anySegmentsAtAllAreHarmless(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        let stream = Self.get("/a") + HelloBytes.browser("b.example").records() + Self.get("/c")
        let talk = Conversation()
        var frames: [[UInt8]] = talk.frames
        let jumps: [UInt32] = [0, 0, 0, 0, 1 << 20, 1 << 25, 1 << 31]
        for _ in 0..<60 {
            let start = Int.random(in: 0..<stream.count, using: &chance)
            let end = min(stream.count, start + Int.random(in: 0..<300, using: &chance))
            let side: Side = Bool.random(using: &chance) ? .client : .server
            var flags: TCPFlags = [.ack]
            switch Int.random(in: 0..<40, using: &chance) {
            case 0: flags.insert(.fin)
            case 1: flags.insert(.syn)
            case 2: flags.insert(.rst)
            default: break
            }
            let jump = jumps.randomElement(using: &chance) ?? 0
            let base: UInt32 = side == .client ? 1001 : 4_294_967_001
            frames.append(
                talk.frame(
                    .init(
                        side: side, seq: base &+ UInt32(start) &+ jump, flags: flags,
                        payload: Array(stream[start..<end]))))
        }
        let run = FlowRun(frames)
        #expect(!ends(run).isEmpty, "seed \(seed)")
    }
}
