import Codecs
import Support
import Testing

@testable import Wire

/// What HTTP/1 heads say of MCP and of OAuth, those of HTTP/2 say too.
@Suite struct HTTP2MCPTests {
    private static let secret = "sEcReT7f3a9"

    private static func run(_ client: [UInt8], _ server: [UInt8]) -> FlowRun {
        var talk = Conversation()
        talk.say(.client, HTTP2BodyTests.preface + client)
        talk.say(.server, HTTP2BodyTests.settings + server)
        talk.close()
        return FlowRun(talk.frames)
    }

    private static func ask(
        _ stream: UInt32, _ method: String, _ path: String, type: String? = nil,
        _ more: [(String, String)] = [], body: String = ""
    ) -> [UInt8] {
        var fields = [(":method", method), (":path", path), (":authority", "h.example")]
        if let type { fields.append(("content-type", type)) }
        let head = HTTP2BodyTests.head(stream, isEnd: body.isEmpty, fields + more)
        return body.isEmpty ? head : head + HTTP2BodyTests.frame(0, 1, stream, Array(body.utf8))
    }

    private static func tell(
        _ stream: UInt32, _ status: String, _ more: [(String, String)] = [], body: String = ""
    ) -> [UInt8] {
        let fields = [(":status", status), ("content-type", "application/json")] + more
        return HTTP2BodyTests.head(stream, isEnd: body.isEmpty, fields)
            + (body.isEmpty ? [] : HTTP2BodyTests.frame(0, 1, stream, Array(body.utf8)))
    }

    /// Challenge, metadata, registration, authorization and token, each as over HTTP/1.
    @Test func allStepsOfOAuthAreTold() throws {
        let form = "application/x-www-form-urlencoded"
        let secret = Self.secret
        var (client, server): ([UInt8], [UInt8]) = ([], [])
        client += Self.ask(1, "POST", "/mcp", type: "application/json", body: "{}")
        server += Self.tell(
            1, "401",
            [("www-authenticate", #"Bearer error="invalid_token", resource_metadata="http://h/m""#)]
        )
        client += Self.ask(3, "GET", "/.well-known/oauth-protected-resource")
        server += Self.tell(
            3, "200", body: #"{"resource":"http://h/mcp","authorization_servers":["http://a/"]}"#)
        client += Self.ask(5, "GET", "/.well-known/oauth-authorization-server")
        server += Self.tell(5, "200", body: #"{"issuer":"http://a","token_endpoint":"http://a/t"}"#)
        client += Self.ask(
            7, "POST", "/register", type: "application/json",
            body: #"{"client_name":"Agent","redirect_uris":["http://localhost:1/cb"]}"#)
        server += Self.tell(7, "201", body: #"{"client_id":"\#(secret)","redirect_uris":[]}"#)
        client += Self.ask(9, "GET", "/authorize?response_type=code&state=\(secret)")
        server += Self.tell(9, "302")
        client += Self.ask(
            11, "POST", "/token", type: form,
            body: "grant_type=authorization_code&code=\(secret)")
        server += Self.tell(11, "200", body: #"{"access_token":"\#(secret)"}"#)
        client += Self.ask(
            13, "POST", "/token", type: form, body: "grant_type=refresh_token&x=\(secret)")
        server += Self.tell(13, "400", body: #"{"error":"invalid_grant"}"#)
        let run = Self.run(client, server)
        let steps = run.events.compactMap { event -> AuthorizationMessage? in
            if case .authorization(let step, _) = event.message { step } else { nil }
        }
        #expect(
            Set(steps.map(\.kind)) == [
                .challenge, .resourceMetadata, .serverMetadata, .registration, .registered,
                .authorize, .tokenRequest, .tokenIssued, .tokenRefused,
            ])
        #expect(steps.count == 10)
        let challenge = try #require(steps.first { $0.kind == .challenge })
        #expect(challenge.error == "invalid_token" && challenge.metadata == "http://h/m")
        #expect(!"\(steps)".contains(secret))
    }

    /// What stands for a token is made of the token, over HTTP/2 too; its claims are read.
    @Test func tokensAreToldApart() throws {
        let parts = [#"{"alg":"RS256","typ":"JWT"}"#, #"{"iss":"http://a","sub":"planner-agent"}"#]
            .map {
                Base64.encode(Array($0.utf8)).filter { $0 != "=" }
            }
        let tokens = ["Bearer \(parts[0]).\(parts[1]).c2ln", "Bearer other-\(Self.secret)"]
        var client: [UInt8] = []
        for (place, token) in tokens.enumerated() {
            client += Self.ask(
                UInt32(2 * place + 1), "POST", "/mcp", type: "application/json",
                [("authorization", token)], body: "{}")
        }
        let requests = Self.run(client, []).events.compactMap { event -> HTTPRequest? in
            if case .httpRequest(let request) = event.message { request } else { nil }
        }
        #expect(requests.map(\.authScheme) == ["bearer", "bearer"])
        #expect(requests.map(\.credential) == tokens.map { SessionKey.of($0) })
        #expect(requests.map { $0.claims?.subject?.name } == ["planner-agent", nil])
    }

    /// Heads that disagree with the body, and the names of parameters.
    @Test func headsAreComparedWithTheirBodies() throws {
        let body =
            #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"put","arguments":{},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#
        let good = [
            ("mcp-method", "tools/call"), ("mcp-name", "put"),
            ("mcp-protocol-version", "2026-07-28"), ("mcp-param-Region", Self.secret),
        ]
        let bad = [
            ("mcp-method", "tools/list"), ("mcp-name", "get"),
            ("mcp-protocol-version", "2025-06-18"), ("mcp-method", "ping"),
        ]
        var client = Self.ask(1, "POST", "/mcp", type: "application/json", good, body: body)
        client += Self.ask(3, "POST", "/mcp", type: "application/json", bad, body: body)
        let run = Self.run(client, [])
        let found = run.events.compactMap { event -> (RPCMessage, Carrier)? in
            if case .rpc(let message, let carrier) = event.message {
                (message, carrier)
            } else {
                nil
            }
        }
        #expect(
            found.map(\.0.details.oddities) == [
                [], [.methodHeader, .nameHeader, .versionHeader, .doubledHeader],
            ])
        #expect(found[0].0.marks.contains(.methodHeader))
        #expect(found[0].1.request?.mcpParameters == ["region"])
        #expect(!run.messages.joined().contains(Self.secret))
    }
}
