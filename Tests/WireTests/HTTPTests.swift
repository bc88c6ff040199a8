import Support
import Testing

@testable import Wire

/// Heads and bodies of HTTP/1, as they stand in a stream.
@Suite struct HTTPTests {
    private static let result = #"{"jsonrpc":"2.0","id":1,"result":{}}"#

    private func run(_ request: String, _ response: String = "", close: Bool = true) -> FlowRun {
        var talk = Conversation()
        talk.say(.client, Array(request.utf8))
        talk.say(.server, Array(response.utf8))
        if close { talk.close() }
        return FlowRun(talk.frames)
    }

    private func requests(_ run: FlowRun) -> [HTTPRequest] {
        run.events.compactMap {
            if case .httpRequest(let request) = $0.message { request } else { nil }
        }
    }

    private func responses(_ run: FlowRun) -> [HTTPResponse] {
        run.events.compactMap {
            if case .httpResponse(let response) = $0.message { response } else { nil }
        }
    }

    private func rpcCount(_ run: FlowRun) -> Int {
        run.events.count { if case .rpc = $0.message { true } else { false } }
    }

    private static let get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

    @Test(arguments: [
        "Content-Length: 36\r\n\r\n" + result,
        "Transfer-Encoding: chunked\r\n\r\n24\r\n" + result + "\r\n0\r\n\r\n",
        "Transfer-Encoding: gzip, Chunked\r\n\r\n24;x=\"y\"\r\n" + result + "\r\n0\r\nA: b\r\n\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n000024\n" + result + "\n0\n\n",
        "\r\n" + result, "Content-Type: application/json\r\n\r\n  \n" + result,
        "Content-Length: many\r\n\r\n" + result,
    ])
    func aBodyIsReadHoweverItsEndIsTold(_ rest: String) {
        #expect(rpcCount(run(Self.get, "HTTP/1.1 200 OK\r\n" + rest)) == 1)
    }

    @Test(arguments: [
        "Content-Encoding: br\r\n", "Content-Type: text/html\r\n", "Content-Type: image/png\r\n",
    ])
    func whatIsNoJSONPassesBy(_ field: String) {
        let answer = "HTTP/1.1 200 OK\r\n\(field)Content-Length: 36\r\n\r\n" + Self.result
        let run = run(Self.get + Self.get, answer + "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")
        #expect(rpcCount(run) == 0)
        #expect(responses(run).map(\.status) == [200, 404])
    }

    @Test(arguments: [("HEAD", 200), ("GET", 204), ("GET", 304)])
    func someAnswersHaveNoBody(_ method: String, _ status: Int) {
        let first = "HTTP/1.1 \(status) X\r\nContent-Length: 500\r\n\r\n"
        let run = run(
            "\(method) / HTTP/1.1\r\n\r\n" + Self.get,
            first + "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        #expect(responses(run).map(\.status) == [status, 200])
    }

    @Test func answersToPipelinedRequestsFindTheirOwn() {
        let paths = ["/1", "/2", "/3"]
        let run = run(
            paths.map { "GET \($0) HTTP/1.1\r\n\r\n" }.joined(),
            paths.map { _ in "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n" }.joined())
        #expect(responses(run).map { $0.request?.target } == ["/1", "/2", "/3"])
        #expect(responses(run).map(\.ordinal) == [1, 2, 3])
    }

    @Test func continueIsNoAnswer() throws {
        let run = run(
            "POST /up HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n{}",
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
                + "HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n")
        // They are told, and the request waits on.
        #expect(responses(run).map(\.status) == [100, 103, 201])
        #expect(responses(run).map { $0.request?.target } == ["/up", "/up", "/up"])
        #expect(responses(run).map(\.ordinal) == [1, 1, 1])
    }

    @Test func anAbsoluteTargetNamesTheHost() throws {
        let run = run("GET http://b.example:81/p?q HTTP/1.1\r\nHost: proxy\r\n\r\n")
        let request = try #require(requests(run).first)
        #expect(request.host == "b.example:81")
        #expect(request.path == "/p")
        #expect(request.isAbsolute)
    }

    @Test func behindCONNECTTheTunnelIsRecognizedAnew() {
        var talk = Conversation()
        talk.say(.client, Array("CONNECT c.example:443 HTTP/1.1\r\nHost: c.example\r\n\r\n".utf8))
        talk.say(.server, Array("HTTP/1.1 200 Connection established\r\n\r\n".utf8))
        talk.say(.client, HelloBytes.browser("c.example").records(), cuts: [3, 700])
        let messages = FlowRun(talk.frames).messages
        #expect(messages.contains { $0.hasPrefix("client clientHello") })
        #expect(messages.count == 3)
    }

    @Test func aRefusedCONNECTStaysHTTP() {
        let run = run(
            "CONNECT c.example:443 HTTP/1.1\r\n\r\n" + Self.get,
            "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
        #expect(responses(run).map(\.status) == [407, 200])
    }

    @Test func foldedAndOddFieldsAreReadLeniently() throws {
        let run = run(
            Self.get + "\r\nGET /f HTTP/1.1\nHOST : d.example \nUser-Agent: one\r\n\ttwo\r\n"
                + "no colon here\r\n: nameless\r\n\r\n")
        let request = try #require(requests(run).last)
        #expect(request.host == "d.example")
        #expect(request.userAgent == "one two")
    }

    @Test func aBodyThatIsPassedOverMayHaveAHole() {
        var talk = Conversation()
        let head = "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: 9000\r\n\r\n"
        talk.say(.client, Array((Self.get + Self.get).utf8))
        talk.say(.server, Array(head.utf8) + [UInt8](repeating: 0, count: 2000))
        talk.lose(.server, 3000)
        talk.say(.server, [UInt8](repeating: 0, count: 4000))
        talk.say(.server, Array("HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n".utf8))
        #expect(responses(FlowRun(talk.frames)).map(\.status) == [200, 201])
    }

    private static let headlessEvents =
        "\r\ndata: {\"jsonrpc\":\"2.0\",\"id\":5,\"result\":{\"content\":[],"
        + "\"isError\":false}}\r\n\r\n"

    /// The capture begins in the middle of an event stream, at any chunk of it.
    @Test(arguments: ["11\r\n: ping - 2026\r\n\r\n\r\n", ""], ["event: message", "id: 7"])
    func eventsAreReadWithoutTheirHead(ping: String, first: String) {
        let body = first + Self.headlessEvents
        let chunk = String(body.utf8.count, radix: 16) + "\r\n" + body + "\r\n"
        var talk = Conversation(hasHandshake: false)
        talk.say(.server, Array((ping + chunk + chunk).utf8))
        let run = FlowRun(talk.frames)
        #expect(run.messages.count { $0.contains("rpc") } == 2, "\(run.messages)")
    }

    /// The head of an event stream is lost on a connection that has answered before: its events are
    /// read, and so is what follows.
    @Test func eventsAreReadBehindAGapThatTookTheirHead() {
        let body = "data: x" + Self.headlessEvents
        let chunk = String(body.utf8.count, radix: 16) + "\r\n" + body + "\r\n"
        var talk = Conversation()
        talk.say(.client, Array((Self.get + Self.get + Self.get).utf8))
        talk.say(.server, Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8))
        talk.lose(.server, 90)
        for _ in 0..<20 { talk.say(.server, Array(chunk.utf8)) }
        talk.say(.server, Array("0\r\n\r\nHTTP/1.1 404 None\r\nContent-Length: 0\r\n\r\n".utf8))
        let run = FlowRun(talk.frames)
        #expect(responses(run).map(\.status) == [200, 404])
        #expect(run.ends.first?.anomalies == 0)
    }

    @Test(arguments: [
        "1a\r\nevil: message", "event: message\r\n", "123456789\r\ndata: x", "\r\ndata: x",
    ])
    func whatOnlyLooksLikeEventsIsNone(_ text: String) {
        var talk = Conversation(hasHandshake: false)
        talk.say(.server, Array((text + Self.headlessEvents).utf8))
        #expect(FlowRun(talk.frames).messages == [])
    }

    @Test func whatIsNeverAnsweredIsToldAtTheEnd() {
        let run = run(Self.get)
        #expect(run.messages.last?.hasPrefix("client httpUnanswered") == true)
    }

    @Test(arguments: [
        "OPTIONS rtsp://a/b RTSP/1.0\r\n\r\n", "INVITE sip:a@b SIP/2.0\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "get / HTTP/1.1\r\n\r\n", "EHLO mail\r\n",
    ])
    func whatOnlyLooksLikeHTTPIsNone(_ text: String) { #expect(run(text).messages == []) }

    @Test(arguments: [
        "HTTP/1.1 99 X\r\n\r\n", "HTTP/1.1 0200 X\r\n\r\n", "HTTP/1.1 OK\r\n\r\n",
        "HTTP/1.1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffff\r\n",
    ])
    func brokenAnswersAreAnomalies(_ answer: String) {
        let run = run(Self.get, answer)
        let kinds = Set(Anomaly.allCases.filter { run.tally[$0] > 0 })
        #expect(!kinds.isDisjoint(with: [.badHTTPHead, .badChunk]))
        #expect(requests(run).count == 1)
    }

    @Test(arguments: ["\(Int.max)", "99999999999999999999", "-1", "0x10", "+5", ""])
    func anyContentLengthIsHarmless(_ length: String) {
        let post = "POST / HTTP/1.1\r\nContent-Length: \(length)\r\n\r\n{}"
        #expect(requests(run(post + Self.get)).count >= 1)
    }

    @Test func aHeadWithoutEndIsGivenUp() {
        var talk = Conversation()
        talk.say(
            .client, Array("GET / HTTP/1.1\r\nX: ".utf8) + [UInt8](repeating: 97, count: 70_000),
            cuts: Array(stride(from: 1400, to: 70_000, by: 1400)))
        let run = FlowRun(talk.frames)
        #expect(run.tally[Anomaly.headTooLong] == 1)
    }

    @Test func aHeadOfTooManyFieldsIsGivenUp() {
        let fields = (0..<200).map { "X-\($0): y\r\n" }.joined()
        let run = run("GET / HTTP/1.1\r\n\(fields)\r\n")
        #expect(run.tally[Anomaly.headTooLong] == 1)
    }
}

/// A secret that is sent is in no event.
@Suite struct SecretTests {
    private static let secret = "sEcReT7f3a9"

    private func dump(_ request: String, _ response: String = "") -> String {
        var talk = Conversation()
        talk.say(.client, Array(request.utf8))
        talk.say(.server, Array(response.utf8))
        talk.close()
        return FlowRun(talk.frames).events.map { String(reflecting: $0) }.joined(separator: "\n")
    }

    @Test(arguments: [
        "Authorization: Bearer \(secret)", "Authorization: \(secret)",
        "Authorization: Bearer\t\(secret)", "Authorization: \(secret) x",
        "Proxy-Authorization: Basic \(secret)", "Cookie: s=\(secret)", "X-Api-Key: \(secret)",
        "api-key: \(secret)", "x-goog-api-key: \(secret)", "Mcp-Session-Id: \(secret)",
        "Last-Event-ID: \(secret)", "Referer: http://x/?k=\(secret)",
    ])
    func noFieldBetraysACredential(_ field: String) {
        let text = dump("GET /a HTTP/1.1\r\nHost: h\r\n\(field)\r\n\r\n")
        #expect(text.contains("/a"))
        #expect(!text.lowercased().contains(Self.secret.lowercased()))
    }

    @Test func theUserOfAnAbsoluteTargetIsNotItsHost() throws {
        let text = dump("GET http://me:\(Self.secret)@h.example/ HTTP/1.1\r\n\r\n")
        #expect(text.contains("host: Optional(\"h.example\")"))
    }

    @Test(arguments: [
        "CONNECT me:\(secret)@h.example:443 HTTP/1.1\r\nHost: x",
        "GET ftp://me:\(secret)@h.example/ HTTP/1.1\r\nHost: x",
        "GET HTTP://me:\(secret)@h.example/ HTTP/1.1\r\nHost: x",
        "GET /a HTTP/1.1\r\nHost: me:\(secret)@h.example",
    ])
    func aUserBeforeAHostIsNotKept(_ head: String) {
        let text = dump("\(head)\r\n\r\n")
        #expect(text.contains("h.example") && !text.contains(Self.secret))
        // However long the password: what is left out must not hide the mark behind it.
        let long = String(repeating: Self.secret, count: 9000 / Self.secret.utf8.count + 1)
        let longer = dump(head.replacing(Self.secret, with: long) + "\r\n\r\n")
        #expect(longer.contains("h.example") && !longer.contains(Self.secret))
    }

    @Test(arguments: [
        #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":{"q":"S"}}}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"x","params":["S"]}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"a://b?token=S"}}"#,
        #"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"S"}],"isError":true}}"#,
        #"{"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"a":"S"},"content":[]}}"#,
        #"{"jsonrpc":"2.0","id":1,"error":{"code":-32000,"message":"S","data":"S"}}"#,
        #"{"model":"m","messages":[{"role":"user","content":"S"}],"tools":[{"name":"t"}]}"#,
        #"{"model":"m","prompt":"S"}"#, #"{"model":"m","input":"S","instructions":"S"}"#,
        #"{"contents":[{"parts":[{"text":"S"}]}]}"#, #"{"password":"S"}"#, #"["S"]"#, #""S""#,
    ])
    func noBodyBetraysItsContent(_ body: String) {
        let said = body.replacing("S\"", with: Self.secret + "\"")
        let length = said.utf8.count
        let text = dump(
            "POST /v1/messages HTTP/1.1\r\nContent-Length: \(length)\r\n\r\n\(said)",
            "HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\n\(said)")
        #expect(said.contains(Self.secret))
        #expect(!text.contains(Self.secret))
    }

    @Test func aStreamsSessionIsNotKept() {
        let text = dump(
            "GET /sse HTTP/1.1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
                + "event: endpoint\ndata: /messages?session_id=\(Self.secret)\n\n")
        #expect(text.contains("/messages"))
        #expect(!text.contains(Self.secret))
    }
}
