import Codecs
import Support
import Testing

@testable import Wire

/// Agent2Agent in every version and binding that is JSON.
@Suite struct A2ATests {
    static func head(
        _ method: String, _ path: String, version: String? = nil, contentType: String? = nil
    ) -> HTTPRequest {
        var request = HTTPRequest.Fields()
        request.method = method
        request.target = path
        request.a2aVersion = version
        request.contentType = contentType
        return HTTPRequest(request)
    }

    static func read(
        _ text: String, _ request: HTTPRequest, isAnswer: Bool = false, isEvent: Bool = false,
        isTruncated: Bool = false, type: String = "application/json"
    ) -> [Message] {
        var response: HTTPResponse?
        if isAnswer {
            var fields = HTTPResponse.Fields()
            fields.status = 200
            fields.contentType = type
            fields.request = request
            response = HTTPResponse(fields)
        }
        var found: [Message] = []
        Content(
            bytes: Array(text.utf8), isTruncated: isTruncated,
            carrier: Carrier(
                kind: isEvent ? .serverSentEvent : .httpBody, request: request, response: response),
            side: isAnswer ? .server : .client
        ).read { found.append($0) }
        return found
    }

    private func a2a(_ messages: [Message]) -> A2AMessage? {
        if case .a2a(let message, _)? = messages.first { return message }
        return nil
    }

    private static let message =
        #"{"messageId":"m-1","contextId":"c-1","role":"user","parts":[{"text":"secret"}],"referenceTaskIds":["t-0"]}"#

    @Test(arguments: [
        ("message/send", A2AMessage.Operation.send), ("message/stream", .stream),
        ("SendMessage", .send), ("SendStreamingMessage", .stream),
    ])
    func aMessageIsARequest(_ method: String, _ operation: A2AMessage.Operation) throws {
        let text =
            #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":{"message":\#(Self.message)}}"#
        let found = try #require(a2a(Self.read(text, Self.head("POST", "/"))))
        #expect(found.kind == .request && found.binding == .jsonRPC)
        #expect(found.operation == operation && found.id == "#1")
        #expect(found.messageID == Pseudonym(of: "m-1") && found.context == Pseudonym(of: "c-1"))
        #expect(found.references == [Pseudonym(of: "t-0")])
        #expect(found.task == nil)
        #expect(!"\(found)".contains("secret"))
    }

    /// A short id is a number or a word that others use too.
    @Test func onlyLongIDsJoinConversations() throws {
        let long = ["context-0123456789", "message-0123456789", "earlier-0123456789"]
        let text =
            #"{"jsonrpc":"2.0","id":1,"method":"message/send","params":{"message":{"messageId":"\#(long[1])","contextId":"\#(long[0])","taskId":"t-1","role":"user","parts":[{"text":"x"}],"referenceTaskIds":["t-0","tasks/1","\#(long[2])"]}}}"#
        let found = try #require(a2a(Self.read(text, Self.head("POST", "/"))))
        #expect(found.bonds == long.map { Pseudonym(of: $0) })
        let short = try #require(
            a2a(
                Self.read(
                    #"{"jsonrpc":"2.0","id":1,"method":"message/send","params":{"message":\#(Self.message)}}"#,
                    Self.head("POST", "/"))))
        #expect(short.bonds == [])
    }

    @Test(arguments: ["tasks/get", "tasks/cancel", "tasks/resubscribe", "GetTask", "CancelTask"])
    func aTaskIsNamedByItsID(_ method: String) throws {
        let text = #"{"jsonrpc":"2.0","id":"x","method":"\#(method)","params":{"id":"t-1"}}"#
        let found = try #require(a2a(Self.read(text, Self.head("POST", "/"))))
        #expect(found.task == Pseudonym(of: "t-1"))
    }

    /// The same words are MCP's, and other protocols have their like.
    @Test(arguments: [
        #"{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"taskId":"t-1"}}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"tasks/list","params":{}}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"message/send","params":{"text":"hi"}}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":{"message":"hi"}}"#,
        #"{"jsonrpc":"2.0","id":1,"result":{"task":{"taskId":"t","status":"working"}}}"#,
        #"{"jsonrpc":"2.0","id":1,"result":{"id":"7","status":{"state":"completed"}}}"#,
        #"{"jsonrpc":"2.0","id":1,"result":{"id":"7","kind":"task","status":{"state":"shipped"}}}"#,
        #"{"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"x"}}"#,
    ])
    func whatIsOthersIsNotA2A(_ text: String) {
        let answers = text.contains("result") || text.contains("error")
        #expect(a2a(Self.read(text, Self.head("POST", "/"), isAnswer: answers)) == nil)
    }

    @Test func theHeaderTellsWhoseAnErrorIs() throws {
        let text = #"{"jsonrpc":"2.0","id":1,"error":{"code":-32001,"message":"x"}}"#
        let found = try #require(
            a2a(Self.read(text, Self.head("POST", "/", version: "1.0"), isAnswer: true)))
        #expect(found.kind == .error && found.errorCode == -32001 && found.version == "1.0")
    }

    @Test(arguments: [
        #"{"kind":"task","id":"t-1","contextId":"c-1","status":{"state":"completed"}}"#,
        #"{"task":{"id":"t-1","contextId":"c-1","status":{"state":"TASK_STATE_COMPLETED"}}}"#,
        #"{"kind":"status-update","taskId":"t-1","contextId":"c-1","status":{"state":"completed","message":{"messageId":"z"}},"final":true}"#,
        #"{"statusUpdate":{"taskId":"t-1","contextId":"c-1","status":{"state":"TASK_STATE_COMPLETED"}}}"#,
    ])
    func everyAnswerTellsTaskAndState(_ object: String) throws {
        let text = #"{"jsonrpc":"2.0","id":1,"result":\#(object)}"#
        let head = Self.head("POST", "/")
        let found = try #require(a2a(Self.read(text, head, isAnswer: true)))
        #expect(found.kind == .result && found.state == .completed)
        #expect(found.task == Pseudonym(of: "t-1") && found.context == Pseudonym(of: "c-1"))
        // The same object is the answer of the HTTP binding, and what a webhook is told; events
        // with a kind are of JSON-RPC alone.
        guard !object.contains("status-update") else { return }
        let rest = Self.head("POST", "/a2a/v1/message:send")
        #expect(a2a(Self.read(object, rest, isAnswer: true))?.binding == .httpJSON)
        #expect(a2a(Self.read(object, Self.head("POST", "/hook")))?.kind == .notification)
        #expect(a2a(Self.read(object, Self.head("POST", "/orders"), isAnswer: true)) == nil)
    }

    @Test func theHTTPBindingIsToldByPathAndShape() throws {
        let text =
            #"{"message":\#(Self.message),"configuration":{"taskPushNotificationConfig":{"url":"https://u:p@hook.example:8443/x?token=s"}}}"#
        let found = try #require(a2a(Self.read(text, Self.head("POST", "/t/message:stream"))))
        #expect(found.operation == .stream && found.webhook == "hook.example:8443")
        #expect(a2a(Self.read(text, Self.head("POST", "/chat"))) == nil)
    }

    private static let card =
        #"{"name":"Planner","version":"1.4","description":"secret","provider":{"organization":"Org","url":"https://org.example"},"capabilities":{"streaming":true,"pushNotifications":false},"skills":[{"id":"plan","name":"Plan","description":"secret","tags":["a","b"]}],"supportedInterfaces":[{"url":"http://h:1/a","protocolBinding":"JSONRPC","protocolVersion":"1.0"}],"securitySchemes":{"x":{"apiKeySecurityScheme":{"name":"k"}},"y":{"type":"oauth2"}},"signatures":[{"protected":"p","signature":"s"}],"url":"http://h:2/","preferredTransport":"GRPC","protocolVersion":"0.3"}"#

    @Test(arguments: ["/.well-known/agent-card.json", "/x/.well-known/agent.json", "/cards/1"])
    func aCardOfAnyVersionIsRead(_ path: String) throws {
        let found = try #require(a2a(Self.read(Self.card, Self.head("GET", path), isAnswer: true)))
        let card = try #require(found.card)
        #expect(found.kind == .card)
        #expect(card.name == "Planner" && card.version == "1.4" && card.organization == "Org")
        #expect(card.skills == [.init(id: "plan", name: "Plan", tags: ["a", "b"])])
        #expect(card.interfaces.map(\.binding) == ["JSONRPC", "GRPC"])
        #expect(card.interfaces.map(\.url) == ["http://h:1/a", "http://h:2/"])
        #expect(card.schemes == ["apiKey", "oauth2"] && card.capabilities == ["streaming"])
        #expect(card.isSigned)
        #expect(!"\(found)".contains("secret"))
    }

    @Test func aPackageIsNoCard() {
        let text = #"{"name":"left-pad","version":"1.0.0","skills":"none","capabilities":[]}"#
        #expect(Self.read(text, Self.head("GET", "/package.json"), isAnswer: true).isEmpty)
    }

    @Test func everyPrefixIsHarmlessAndNoneIsFalse() {
        let rpc =
            #"{"method":"SendMessage","params":{"message":\#(Self.message)},"id":1,"jsonrpc":"2.0"}"#
        for (text, method, path, isAnswer) in [
            (rpc, "POST", "/", false),
            (Self.card, "GET", "/.well-known/agent-card.json", true),
        ] {
            let bytes = Array(text.utf8)
            for length in 0..<bytes.count {
                let part = String(decoding: bytes[..<length], as: UTF8.self)
                let head = Self.head(method, path)
                #expect(Self.read(part, head, isAnswer: isAnswer).isEmpty, "\(length)")
                for message in Self.read(part, head, isAnswer: isAnswer, isTruncated: true) {
                    guard case .a2a(let found, _) = message else {
                        Issue.record("\(length): \(message)")
                        continue
                    }
                    #expect(found.isTruncated)
                    #expect(found.card == nil || found.card?.name == "Planner")
                }
            }
        }
    }

    @Test(
        arguments: [
            ("https://u:p@h.example:8/a?b#c", "https://h.example:8/a"),
            ("127.0.0.1:8412", "127.0.0.1:8412"),
            ("http://h", "http://h"), ("http://[::1]:80/a", "http://[::1]:80/a"),
            ("ftp://[::1]", "ftp://[::1]"), ("h/a", "h/a"),
            // A slash in a password would leave a part of it before the host.
            ("http://u:p/w@h.example/", nil), ("http://h h/", nil), ("http:///a", nil), ("", nil),
        ] as [(String, String?)])
    func anAddressKeepsNoSecret(_ url: String, _ expected: String?) {
        #expect(PlainURL.bare(url) == expected)
        let isOfTheWeb = url.hasPrefix("http")
        #expect(PlainURL.web(url) == (isOfTheWeb ? expected : nil))
        #expect((PlainURL.host(url) == nil) == (expected == nil))
        #expect(url.contains("://") || PlainURL.hostBehindScheme(url) == nil)
    }
}
