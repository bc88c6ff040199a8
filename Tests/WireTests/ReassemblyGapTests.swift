import Support
import Testing

@testable import Wire

/// Bytes that never came, and where reading goes on: Docs/Reassembly.md, "Gaps".
@Suite struct ReassemblyGapTests {
    private static let rpc =
        #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add"}}"#

    private static func get(_ path: String) -> [UInt8] {
        Array("GET \(path) HTTP/1.1\r\nHost: a.example\r\n\r\n".utf8)
    }

    private static func post(_ body: String, declared: Int? = nil) -> [UInt8] {
        let count = declared ?? body.utf8.count
        let head =
            "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            + "Content-Length: \(count)\r\n\r\n"
        return Array((head + body).utf8)
    }

    /// A stream of `side` from which some bytes were never captured, in segments of `bytes` each.
    private func run(
        _ side: Side, _ stream: [UInt8], without lost: Range<Int>, _ bytes: Int = 100
    ) -> FlowRun {
        var trace = Trace()
        if side == .server { trace.send(.client, 0, Self.get("/question")) }
        var at = 0
        while at < stream.count {
            if at == lost.lowerBound { at = lost.upperBound }
            let end = min(at + bytes, stream.count, at < lost.lowerBound ? lost.lowerBound : .max)
            trace.send(side, at, Array(stream[at..<end]))
            at = end
        }
        let run = trace.run()
        let totals = side == .client ? run.ends.first?.client : run.ends.first?.server
        #expect(totals?.missingBytes == UInt64(lost.count))
        #expect(totals?.payloadBytes == UInt64(stream.count - lost.count))
        #expect(run.tally[Loss.hole] == 1)
        #expect(run.heldBytes == 0)
        return run
    }

    @Test func aResponseHeadBehindAGapIsFound() {
        let first = "HTTP/1.1 200 OK\r\nX-Fill: \(String(repeating: "f", count: 200))\r\n\r\n"
        let next = Array("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".utf8)
        let stream = Array(first.utf8)
        let run = run(.server, stream + next, without: 100..<stream.count)
        #expect(run.messages.contains { $0.contains("status: 404") })
    }

    /// The body says how long it is, so the next head is found where it must be, in the middle of a
    /// segment; what the body said before the hole is told.
    @Test func aGapInALongBodyLeadsToTheNextHead() {
        let text = String(repeating: "t", count: 2000)
        let first = Self.post(
            #"{"jsonrpc":"2.0","method":"tools/list","id":7,"x":""# + text + "\"}")
        let stream = first + Self.get("/behind")
        let run = run(.client, stream, without: 500..<1500, 256)
        #expect(run.messages.contains { $0.contains("/behind") })
        #expect(run.messages.contains { $0.contains("tools/list") })
    }

    @Test func aGapThatEndsWithTheBodyLeadsToTheNextHead() {
        let first = Self.post(#"{"jsonrpc":"2.0","method":"tools/list","id":7}"# + "          ")
        let run = run(.client, first + Self.get("/end"), without: (first.count - 6)..<first.count)
        #expect(run.messages.contains { $0.contains("/end") })
        #expect(run.messages.contains { $0.contains("tools/list") })
    }

    /// A body that nobody reads passes by with its hole.
    @Test func aGapInASkippedBodyLeadsToTheNextHead() {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 3000\r\n\r\n"
        let stream = Array(head.utf8) + [UInt8](repeating: 1, count: 3000)
        let next = Array("HTTP/1.1 204 No Content\r\n\r\n".utf8)
        let run = run(.server, stream + next, without: 300..<2300, 333)
        #expect(run.messages.contains { $0.contains("status: 204") })
    }

    @Test func aGapLongerThanTheBodyWaitsForAHead() {
        let first = Self.post(#"{"jsonrpc":"2.0","method":"tools/list","id":7}"#)
        let lost = Self.get("/lost")
        let stream = first + lost + Self.get("/found")
        // What is left of the lost head has a segment of its own.
        let run = run(
            .client, stream, without: 100..<(first.count + 10), lost.count - 10)
        #expect(run.messages.contains { $0.contains("/found") })
        #expect(!run.messages.contains { $0.contains("/lost") })
        #expect(run.ends.first?.anomalies == 0)
    }

    private static func chunked(_ type: String, _ parts: [String]) -> [UInt8] {
        var stream =
            "HTTP/1.1 200 OK\r\nContent-Type: \(type)\r\nTransfer-Encoding: chunked\r\n\r\n"
        for part in parts { stream += String(part.utf8.count, radix: 16) + "\r\n" + part + "\r\n" }
        return Array((stream + "0\r\n\r\n").utf8)
    }

    @Test func aGapInAChunkGoesOnBehindIt() {
        let text = String(repeating: "t", count: 1000)
        let stream = Self.chunked("application/json", ["{\"x\":\"" + text, text, "\"}"])
        let next = Array("HTTP/1.1 204 No Content\r\n\r\n".utf8)
        let run = run(.server, stream + next, without: 300..<700, 128)
        #expect(run.messages.contains { $0.contains("status: 204") })
    }

    @Test func anEventBehindAGapInAChunkIsRead() {
        let text = String(repeating: "t", count: 1000)
        let event = "data: " + Self.rpc + "\n\n"
        let stream = Self.chunked("text/event-stream", ["data: " + text + "\n\n", event])
        let run = run(.server, stream, without: 200..<700, 128)
        #expect(run.messages.contains { $0.contains("tools/call") })
    }

    @Test func anEventBehindLostChunksIsRead() {
        let events = (0..<6).map { "data: {\"n\":\($0)}\n\n" } + ["data: " + Self.rpc + "\n\n"]
        let stream = Self.chunked("text/event-stream", events)
        let part = Self.chunked("text/event-stream", Array(events[..<2])).count - 5
        let until = Self.chunked("text/event-stream", Array(events[..<6])).count - 5
        let run = run(.server, stream, without: part..<until, 4000)
        #expect(run.messages.contains { $0.contains("tools/call") })
    }

    @Test func theLineBehindALostOneIsRead() {
        let lines = (1...4).map { Array((Self.rpc + " " + String($0) + "\n").utf8).count }
        let stream = Array(
            (1...4).map { #"{"jsonrpc":"2.0","id":\#($0),"method":"m/\#($0)"}"# + "\n" }.joined()
                .utf8)
        #expect(lines.count == 4)
        let each = stream.count / 4
        // Segments end in the middle of lines.
        let run = run(.client, stream, without: (each + 10)..<(each + 25), each / 2)
        let methods = (1...4).filter { method in
            run.messages.contains { $0.contains("m/\(method)\"") }
        }
        #expect(methods == [1, 3, 4])
    }

    /// The server's sequence numbers wrap inside the hole.
    @Test func aGapMayWrapAround() {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 600\r\n\r\n"
        let stream = Array(head.utf8) + [UInt8](repeating: 1, count: 600)
        let next = Array("HTTP/1.1 204 No Content\r\n\r\n".utf8)
        let run = run(.server, stream + next, without: 200..<500, 50)
        #expect(run.messages.contains { $0.contains("status: 204") })
    }

    /// Acknowledged or not, and the wait in milliseconds after which the hole is given up.
    @Test(arguments: [
        (true, 900, false), (true, 1100, true), (false, 4900, false), (false, 5100, true),
    ])
    func aHoleIsGivenUpWhenItsTimeIsOver(_ wait: (isAcknowledged: Bool, time: Int64, isOver: Bool))
    {
        let (first, next) = (Self.get("/first"), Self.get("/next"))
        var trace = Trace()
        trace.send(.client, 0, first)
        trace.send(.client, first.count + 100, next)
        let ack = wait.isAcknowledged ? first.count + 100 + next.count : first.count
        trace.send(.server, 0, ack: ack, after: wait.time)
        let run = trace.run()
        let told = run.events.first { "\($0.message)".contains("/next") }?.packet ?? 0
        #expect(told == (wait.isOver ? 6 : 0) || !wait.isOver)
        #expect((told == 6) == wait.isOver)
    }

    @Test func whatComesAfterItsPlaceWasGivenUpIsNoLongerMissing() throws {
        let (first, next) = (Self.get("/first"), Self.get("/next"))
        var trace = Trace()
        trace.send(.client, 0, first)
        trace.send(.client, first.count + 100, next)
        trace.send(.server, 0, after: 6000)
        trace.send(.client, first.count + 40, [UInt8](repeating: 1, count: 30))
        let run = trace.run()
        let end = try #require(run.ends.first)
        #expect(end.client.missingBytes == 70)
        #expect(end.client.payloadBytes == UInt64(first.count + next.count + 30))
        #expect(run.tally[Drop.gap] == 1)
    }

    /// One segment far away may be anybody's; where a second goes on, the stream does.
    @Test func aFarStepIsBelievedWhenItGoesOn() {
        let far = 1 << 26
        var trace = Trace()
        trace.send(.client, 0, Self.get("/first"))
        trace.send(.client, far, Self.get("/stray"))
        trace.send(.client, Self.get("/first").count, Self.get("/second"))
        trace.send(.client, far * 2, Self.get("/lost"))
        trace.send(.client, far * 2 + Self.get("/lost").count, Self.get("/third"))
        let run = trace.run()
        for (path, isRead) in [
            ("/first", true), ("/stray", false), ("/second", true), ("/lost", false),
            ("/third", true),
        ] {
            #expect(run.messages.contains { $0.contains("\"\(path)\"") } == isRead, "\(path)")
        }
        #expect(run.ends.first?.client.missingBytes == 0)
    }

    /// A step forward so far leaves a body that is shorter than the step.
    @Test func aFarStepEndsASkippedBody() {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 20000000\r\n\r\n"
        let next = Array("HTTP/1.1 204 No Content\r\n\r\n".utf8)
        var trace = Trace()
        trace.send(.client, 0, Self.get("/image"))
        trace.send(.server, 0, Array(head.utf8))
        trace.send(.server, 1 << 26, [1])
        trace.send(.server, (1 << 26) + 1, next)
        let run = trace.run()
        #expect(run.messages.contains { $0.contains("status: 204") })
    }
}
