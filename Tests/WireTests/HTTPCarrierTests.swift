import Support
import Testing

@testable import Wire

/// JSON-RPC in every way that HTTP/1 has to send a body.
@Suite struct HTTPCarrierTests {
    private static let call = #"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#
    private static let result = #"{"jsonrpc":"2.0","id":1,"result":{}}"#

    private func run(_ turns: [(Side, String)]) -> (run: FlowRun, rpc: [(RPCMessage, Carrier)]) {
        var talk = Conversation()
        for (side, text) in turns { talk.say(side, Array(text.utf8)) }
        talk.close()
        let run = FlowRun(talk.frames)
        let found = run.events.compactMap { event -> (RPCMessage, Carrier)? in
            if case .rpc(let message, let carrier) = event.message {
                (message, carrier)
            } else {
                nil
            }
        }
        return (run, found)
    }

    private static func post(_ target: String, _ version: String, _ more: String = "") -> String {
        "POST \(target) \(version)\r\nHost: h.example\r\n\(more)Content-Length: \(call.count)\r\n\r\n"
    }

    @Test func theClientMayWaitForAContinue() {
        let (run, rpc) = run([
            (.client, Self.post("/mcp", "HTTP/1.1", "Expect: 100-continue\r\n")),
            (.server, "HTTP/1.1 100 Continue\r\n\r\n"), (.client, Self.call),
            (.server, "HTTP/1.1 103 Early Hints\r\n\r\n"),
            (
                .server,
                "HTTP/1.1 200 OK\r\nContent-Length: \(Self.result.count)\r\n\r\n" + Self.result
            ),
        ])
        #expect(rpc.map(\.0.kind) == [.request, .result])
        #expect(rpc.map { $0.1.request?.ordinal } == [1, 1])
        #expect(rpc.last?.1.response?.status == 200 && run.ends[0].anomalies == 0)
    }

    @Test func theFirstVersionEndsABodyWithItsConnection() {
        let (run, rpc) = run([
            (.client, Self.post("/mcp", "HTTP/1.0") + Self.call),
            (.server, "HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n"),
            (.server, String(Self.result.prefix(9))), (.server, String(Self.result.dropFirst(9))),
        ])
        #expect(rpc.map(\.0.kind) == [.request, .result])
        #expect(rpc.allSatisfy { !$0.0.isTruncated } && run.ends[0].anomalies == 0)
    }

    @Test func aProxyIsToldTheServer() {
        let (_, rpc) = run([
            (.client, Self.post("http://mcp.example:8080/mcp", "HTTP/1.1") + Self.call),
            (
                .server,
                "HTTP/1.1 200 OK\r\nContent-Length: \(Self.result.count)\r\n\r\n" + Self.result
            ),
        ])
        #expect(rpc.count == 2)
        #expect(rpc.allSatisfy { $0.1.request?.isAbsolute == true })
        #expect(rpc.allSatisfy { $0.1.request?.host == "mcp.example:8080" })
    }

    @Test func pipelinedCallsMeetTheirAnswersBehindTrailers() {
        let calls = (1...3).map { Self.post("/\($0)", "HTTP/1.1") + Self.call }.joined()
        let answers = (1...3).map { _ in
            "HTTP/1.1 200 OK\r\nTrailer: X-A\r\nTransfer-Encoding: chunked\r\n\r\n"
                + "a\r\n\(Self.result.prefix(10))\r\n1a;q=\"1\"\r\n\(Self.result.dropFirst(10))\r\n"
                + "0\r\nX-A: 1\r\nX-B: 2\r\n\r\n"
        }.joined()
        let (run, rpc) = run([(.client, calls), (.server, answers)])
        #expect(rpc.map { $0.1.request?.path } == ["/1", "/2", "/3", "/1", "/2", "/3"])
        #expect(run.ends[0].anomalies == 0)
    }

    /// Each event says how to come back behind it, also one without data; half of one does not.
    @Test func eventsTellTheirIDs() throws {
        let (run, rpc) = run([
            (.client, Self.post("/mcp", "HTTP/1.1") + Self.call),
            (.server, "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"),
            (.server, "retry: 500\nid: a-1\ndata:\n\nid: a-2\n\n: ping\n\nid: a-3\ndata: {"),
        ])
        #expect(rpc.count == 1)
        let told = run.events.compactMap { event -> (UInt64, Carrier)? in
            if case .eventID(let id, let carrier) = event.message {
                (id, carrier)
            } else {
                nil
            }
        }
        #expect(told.map(\.0) == ["a-1", "a-2"].map { SessionKey.of($0) })
        #expect(told.first?.1.request?.ordinal == 1)
        var fields = HTTPRequest.Fields()
        let head = Array("GET /mcp HTTP/1.1\r\nLast-Event-ID: a-2\r\n\r\n".utf8)
        _ = try HTTPHeadReader(head.span).read(into: &fields)
        #expect(fields.lastEventID == told.last?.0)
    }
}
