import Support
import Testing

@testable import Wire

/// Ordered bytes whatever the order of segments.
@Suite struct StreamTests {
    private static let request = Array(
        """
        POST /mcp HTTP/1.1\r
        Host: 10.0.0.2:8000\r
        User-Agent: python-httpx/0.28.1\r
        Accept: application/json, text/event-stream\r
        Content-Type: application/json\r
        Content-Length: 98\r
        \r
        {"method":"tools/call","params":{"name":"add","arguments":{"a":1}},\
        "jsonrpc":"2.0","id":"seven-1"}
        """.utf8)
    private static let answer: [UInt8] = {
        let body =
            #"{"jsonrpc":"2.0","id":"seven-1","result":{"content":[{"type":"text","text":"3"}],"#
        let event = "event: message\r\ndata: " + body + "\"isError\":true}}\n\n"
        let bytes = Array(event.utf8)
        var out = Array("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n".utf8)
        out += Array("Transfer-Encoding: chunked\r\n\r\n".utf8)
        for part in [bytes[..<24], bytes[24..<80], bytes[80...]] {
            out += Array("\(String(part.count, radix: 16))\r\n".utf8)
            out += Array(part)
            out += [13, 10]
        }
        return out + Array("0\r\n\r\n".utf8)
    }()

    private func talk(_ cuts: (client: [Int], server: [Int]) = ([], [])) -> Conversation {
        var talk = Conversation()
        talk.say(.client, Self.request, cuts: cuts.client)
        talk.say(.server, Self.answer, cuts: cuts.server)
        talk.close()
        return talk
    }

    @Test func aWholeExchangeGivesItsMessages() throws {
        let messages = FlowRun(talk().frames).messages
        try #require(messages.count == 4)
        #expect(messages[0].hasPrefix("client httpRequest"))
        #expect(
            messages[1].contains("tools/call") && messages[1].contains("argumentNames: [\"a\"]"))
        #expect(messages[2].hasPrefix("server httpResponse"))
        #expect(messages[3].contains("isError: true"))
    }

    @Test func aCutAnywhereChangesNothing() {
        let whole = FlowRun(talk().frames).messages
        for cut in 1..<max(Self.request.count, Self.answer.count) {
            let frames = talk(([cut], [cut])).frames
            #expect(FlowRun(frames).messages == whole, "cut at \(cut)")
        }
    }

    @Test(arguments: 0..<200)
    func orderAndDuplicatesChangeNothing(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        func cuts(_ count: Int) -> [Int] {
            (0..<6).map { _ in Int.random(in: 1..<count, using: &chance) }
        }
        let talk = talk((cuts(Self.request.count), cuts(Self.answer.count)))
        // The two sides are compared apart: which is read first may change, what is read may not.
        let whole = FlowRun(self.talk().frames).messages.filter { $0.hasPrefix("client") }
        let run = FlowRun(talk.shuffled(&chance))
        #expect(run.messages.filter { $0.hasPrefix("client") } == whole, "seed \(seed)")
    }

    @Test func overlapsAreReadOnce() {
        var talk = Conversation()
        talk.say(.client, Self.request)
        let whole = FlowRun(talk.frames).messages
        var frames = talk.frames
        var part = talk.segments[3]
        part.payload = Array(part.payload[..<100])
        var rest = talk.segments[3]
        rest.seq &+= 50
        rest.payload = Array(rest.payload[50...])
        frames.remove(at: 3)
        frames += [talk.frame(part), talk.frame(rest)]
        #expect(FlowRun(frames).messages == whole)
        frames.swapAt(3, 4)
        #expect(FlowRun(frames).messages == whole)
    }

    @Test func afterAGapTheNextHeadIsFound() {
        var talk = Conversation()
        talk.say(.client, Array(Self.request[..<60]))
        talk.lose(.client, Self.request.count - 60)
        talk.say(.client, Array("GET /next HTTP/1.1\r\nHost: b.example\r\n\r\n".utf8))
        talk.close()
        let run = FlowRun(talk.frames)
        #expect(run.messages.contains { $0.contains("/next") })
        #expect(run.tally[Loss.hole] == 1)
    }

    @Test func aFlowMetMidwayKnowsItsClient() throws {
        var talk = Conversation(hasHandshake: false)
        talk.serverPort = 50_000
        talk.say(.server, Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8))
        talk.say(.client, Array("GET /a HTTP/1.1\r\nHost: c.example\r\n\r\n".utf8))
        let run = FlowRun(talk.frames)
        let flow = try #require(run.events.first?.flow)
        #expect(flow.server.port == 50_000)
        #expect(run.messages.count == 3)
    }

    @Test func aStraySYNEndsNoOpenConnection() {
        var talk = Conversation()
        talk.say(.client, Array("GET /one HTTP/1.1\r\n\r\n".utf8))
        var stray = Conversation(hasHandshake: false)
        stray.lose(.client, 70_000)
        stray.add(.client, flags: [.syn])
        var rest = talk
        rest.say(.client, Array("GET /two HTTP/1.1\r\n\r\n".utf8))
        let run = FlowRun(talk.frames + stray.frames + rest.frames.dropFirst(talk.frames.count))
        let ends = run.events.filter { if case .flowEnd = $0.message { true } else { false } }
        #expect(ends.count == 1)
        #expect(run.messages.contains { $0.contains("/two") })
    }

    @Test func theFlowTableStaysWithinItsBound() {
        var limits = Limits()
        limits.flows = 16
        let frames = (0..<100).map { index in
            Frame.ethernet().ipv4(
                "10.0.0.1", "10.0.0.2", next: 17, Frame.udp(UInt16(1000 + index), 9, [1])
            ).bytes
        }
        let run = FlowRun(frames, limits: limits)
        #expect(run.tally[Loss.flowEvicted] == 84)
        #expect(run.events.count == 100)
    }

    @Test func aDribbledHeadIsGivenUp() {
        var talk = Conversation()
        let bytes = Array("GET /".utf8) + [UInt8](repeating: 97, count: 3500)
        talk.say(.client, bytes, cuts: Array(5..<3500))
        let run = FlowRun(talk.frames)
        #expect(run.messages == [])
        #expect(run.tally[Anomaly.dribble] > 0)
    }

    /// Flip, cut and splice: nothing may trap, whatever comes out.
    @Test(arguments: 0..<300)
    func mutatedFramesAreHarmless(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        var frames = talk().frames
        var tls = Conversation()
        tls.say(.client, HelloBytes.browser("m.example").records(recordBytes: 300))
        frames += tls.frames
        for _ in 0..<8 {
            let index = Int.random(in: frames.indices, using: &chance)
            switch Int.random(in: 0..<3, using: &chance) {
            case 0:
                let at = Int.random(in: frames[index].indices, using: &chance)
                frames[index][at] ^= UInt8.random(in: 1...255, using: &chance)
            case 1:
                frames[index].removeLast(Int.random(in: 0..<frames[index].count, using: &chance))
                if frames[index].isEmpty { frames[index] = [0] }
            default:
                let other = frames[Int.random(in: frames.indices, using: &chance)]
                frames[index] += other.suffix(20)
            }
        }
        #expect(FlowRun(frames).events.count >= 0, "seed \(seed)")
    }
}
