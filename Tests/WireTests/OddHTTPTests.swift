import Support
import Testing

@testable import Wire

/// HTTP/1 as it is met and as no specification has it: old, cut short, answered late or never.
@Suite struct OddHTTPTests {
    private func run(_ request: String, _ response: String = "", close: Bool = true) -> FlowRun {
        var talk = Conversation()
        talk.say(.client, Array(request.utf8))
        if !response.isEmpty { talk.say(.server, Array(response.utf8)) }
        if close { talk.close() }
        return FlowRun(talk.frames)
    }

    private func requests(_ run: FlowRun) -> [HTTPRequest] {
        run.events.compactMap {
            if case .httpRequest(let request) = $0.message { request } else { nil }
        }
    }

    private func statuses(_ run: FlowRun) -> [Int] {
        run.events.compactMap {
            if case .httpResponse(let response) = $0.message { response.status } else { nil }
        }
    }

    private func unanswered(_ run: FlowRun) -> [String] {
        run.events.compactMap {
            if case .httpUnanswered(let request) = $0.message { request.target } else { nil }
        }
    }

    @Test(
        arguments: [
            ("GET /a\r\n\r\n", "GET", "/a", ""), ("GET /a b\n\n", "GET", "/a b", ""),
            ("GET / HTTP/1.\n\n", "GET", "/", "HTTP/1."),
            ("CCM_POST / HTTP/1.\n\n", "CCM_POST", "/", "HTTP/1."),
            ("GET /HTTP/1.1\n\n", "GET", "/HTTP/1.1", ""),
            ("OPTIONS HTTP/1.1\nHost: a\n\n", "OPTIONS", "HTTP/1.1", ""),
            ("TRACE http://a/ x\n\n", "TRACE", "http://a/ x", ""),
        ])
    func aRequestLineMayLackItsVersion(
        _ head: String, _ method: String, _ target: String, _ version: String
    ) throws {
        let request = try #require(requests(run(head)).first)
        #expect(request.method == method && request.target == target)
        #expect(request.version == version)
    }

    @Test(arguments: [
        "GET key\r\n\r\n", "OPTIONS / RTSP/1.0\r\n\r\n", "OPTIONS sip:a SIP/2.0\r\n\r\n",
        "LOGIN /a b\r\n\r\n", "POST\r\n\r\n",
    ])
    func whatOnlyLooksLikeARequestIsNone(_ bytes: String) {
        #expect(requests(run(bytes)).isEmpty)
    }

    @Test func whatAnswersARequestWithoutVersionHasNoHead() {
        let run = run("GET /a\r\n\r\n", "<html>\n\nHTTP/1.1 200 OK\r\n\r\n")
        #expect(statuses(run).isEmpty && unanswered(run) == ["/a"])
        #expect(run.ends[0].anomalies == 0)
    }

    @Test(
        arguments: [
            ("http/1.1 201 ok\r\nContent-Length: 0\r\n\r\n", 201),
            ("HTTP/1.1 2000 ok\r\n\r\n", 200),
            ("HTTP/1.1 203\rA: b\r\n\r\n", 203), ("HTTP/1.0 204 OK\nServer:x\r\n", 204),
        ])
    func statusLinesAreReadLeniently(_ answer: String, _ status: Int) {
        #expect(statuses(run("GET / HTTP/1.1\r\n\r\n", answer)) == [status])
    }

    @Test(arguments: ["HTTP/1.1 99 x\r\n\r\n", "HTTP/1.1 +12 x\r\n\r\n", "HTTP/1.1 2x0 x\r\n\r\n"])
    func whatIsNoStatusIsNone(_ answer: String) {
        #expect(statuses(run("GET / HTTP/1.1\r\n\r\n", answer)).isEmpty)
    }

    @Test func anInterimAnswerIsToldAndTheRequestStillWaits() {
        let answer =
            "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
        let run = run("PUT /a HTTP/1.1\r\nContent-Length: 0\r\n\r\n", answer)
        let targets = run.events.compactMap {
            if case .httpResponse(let response) = $0.message {
                response.request?.target
            } else {
                nil
            }
        }
        #expect(statuses(run) == [100, 201] && targets == ["/a", "/a"])
        #expect(unanswered(run).isEmpty)
    }

    /// A head that never ended: its whole lines stand, the line that was cut does not.
    @Test func aHeadThatNeverEndedIsReadAsFarAsItCame() throws {
        let request = try #require(
            requests(run("GET /a HTTP/1.1\r\nHost: b\r\nUser-Agent: c", close: false)).first)
        #expect(request.target == "/a" && request.host == "b" && request.userAgent == nil)
        #expect(requests(run("GET /a HTTP/1.1\r\n", close: false)).isEmpty)
        #expect(requests(run("GET /a HTTP/1.1\r\n")).map(\.target) == ["/a"])
        #expect(requests(run("GET /a")).map(\.target) == ["/a"])
        #expect(requests(run("GET /a", close: false)).isEmpty)
    }

    @Test func requestsWhoseAnswersWereLostAreStillTold() {
        var talk = Conversation()
        for target in ["/1", "/2", "/3"] {
            talk.say(.client, Array("GET \(target) HTTP/1.1\r\n\r\n".utf8))
        }
        talk.lose(.server, 300)
        talk.say(.server, Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8))
        talk.close()
        let run = FlowRun(talk.frames)
        #expect(unanswered(run) == ["/1", "/2"] && statuses(run) == [200])
    }

    @Test func aHostWithControlsInItIsNone() throws {
        let head = "GET / HTTP/1.1\r\nHost: a\u{0}b\r\n\r\n"
        #expect(try #require(requests(run(head)).first).host == nil)
        let long = String(repeating: "a", count: 4000)
        let request = requests(run("GET / HTTP/1.1\r\nHost: \(long)\r\n\r\n")).first
        #expect(request?.host == long)
    }

    @Test func bytesOfATargetThatAreNoTextAreEscaped() {
        var talk = Conversation()
        talk.say(.client, Array("GET /".utf8) + [0xd9, 0x41] + Array(" HTTP/1.1\r\n\r\n".utf8))
        talk.say(.client, Array("GET /é HTTP/1.1\r\n\r\n".utf8))
        #expect(requests(FlowRun(talk.frames)).map(\.target) == ["/%d9A", "/é"])
    }

    @Test func theProtocolBehindA101IsTold() {
        let fields = "Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 0\r\n\r\n"
        let upgrades = [101, 200].map { status in
            run("GET / HTTP/1.1\r\n\r\n", "HTTP/1.1 \(status) X\r\n" + fields).events.compactMap {
                if case .httpResponse(let response) = $0.message { response.upgrade } else { nil }
            }
        }
        #expect(upgrades == [["websocket"], []])
    }

    /// A hello to a server that knows no TLS on that port.
    @Test func aPlainAnswerToAHelloIsHTTP() {
        var talk = Conversation()
        talk.say(.client, HelloBytes.browser("a.example").records())
        talk.say(.server, Array("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".utf8))
        talk.close()
        let run = FlowRun(talk.frames)
        #expect(run.events.contains { if case .clientHello = $0.message { true } else { false } })
        #expect(statuses(run) == [400])
    }

    /// Cut anywhere, the same is said.
    @Test(arguments: 1..<60)
    func splitsChangeNothing(_ cut: Int) {
        let request = "GET /a\r\nHost: b\r\n\r\n"
        let answer = "http/1.1 100 c\r\n\r\nHTTP/1.1 2000 x\r\nContent-Length: 0\r\n\r\n"
        var (whole, parts) = (Conversation(), Conversation())
        whole.say(.client, Array(request.utf8))
        whole.say(.server, Array(answer.utf8))
        parts.say(.client, Array(request.utf8), cuts: [cut])
        parts.say(.server, Array(answer.utf8), cuts: [cut])
        #expect(FlowRun(whole.frames).messages == FlowRun(parts.frames).messages)
    }
}
