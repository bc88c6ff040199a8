import Support
import Testing

@testable import Wire

/// JSON-RPC, MCP and model calls: what is one, and what only looks like it.
@Suite struct AgentTests {
    private func read(
        _ text: String, side: Side = .client, request: HTTPRequest = HTTPRequest(.init()),
        response: HTTPResponse? = nil, isTruncated: Bool = false
    ) -> [Message] {
        var found: [Message] = []
        Content(
            bytes: Array(text.utf8), isTruncated: isTruncated,
            carrier: Carrier(kind: .httpBody, request: request, response: response), side: side
        ).read { found.append($0) }
        return found
    }

    private func rpc(_ text: String, _ request: HTTPRequest = HTTPRequest(.init())) -> RPCMessage? {
        if case .rpc(let message, _)? = read(text, request: request).first { return message }
        return nil
    }

    private static let initialize = """
        {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18",
        "capabilities":{},"clientInfo":{"name":"zed","version":"0.2"}}}
        """
    private static let tools = """
        {"result":{"tools":[{"name":"add","description":"Adds \\"two\\" \\u00fc","inputSchema":
        {"type":"object"},"annotations":{"readOnlyHint":true,"title":"x"}}],"nextCursor":"c"},
        "jsonrpc":"2.0","id":"1"}
        """

    @Test func initializeIsProof() throws {
        let message = try #require(rpc(Self.initialize))
        #expect(message.marks.contains(.initializeRequest))
        #expect(message.marks.isConclusive)
        #expect(message.clientInfo == Implementation(name: "zed", version: "0.2"))
        #expect(message.id == "#0")
    }

    @Test func aListOfToolsIsProofAndIsRead() throws {
        let message = try #require(rpc(Self.tools))
        #expect(message.marks == [.toolsResult])
        #expect(message.id == "\"1")
        #expect(message.hasNextCursor)
        let tool = try #require(message.items.first)
        #expect(tool.key == "add")
        #expect(tool.text == "Adds \"two\" ü")
        #expect(tool.hints == ["readOnlyHint": true])
    }

    @Test(arguments: [
        #"{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":1,"rootUri":null,"clientInfo":{"name":"vim"},"capabilities":{}}}"#,
        #"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a","input_schema":{}}]}}"#,
        #"{"jsonrpc":"2.0","method":"ping","id":2}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"tools/rotate","params":{"name":"a"}}"#,
        #"{"jsonrpc":"2.0","id":1,"result":{"text":"{\"method\":\"tools/list\",\"jsonrpc\":\"2.0\"}"}}"#,
    ])
    func lookAlikesBearNoMark(_ text: String) throws {
        #expect(try #require(rpc(text)).marks == [])
    }

    /// Other protocols of agents, which have messages of their own.
    @Test(arguments: [
        #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":1,"clientInfo":{"name":"zed"},"clientCapabilities":{}}}"#,
        #"{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"id":"t"}}"#,
    ])
    func otherAgentsProtocolsAreNotMCP(_ text: String) {
        #expect(rpc(text) == nil)
        #expect(read(text).count == 1)
    }

    @Test(arguments: [
        #"{"version":"1.1","method":"getinfo","params":[],"id":1}"#, #"{"method":"tools/list"}"#,
        "[]", "{}", "null", "", "{", "[{]", #"{"jsonrpc":"2.0"}"#,
        #"{"jsonrpc":"2.0","method":"a","id":1} trailing"#,
    ])
    func whatIsNoJSONRPCIsNone(_ text: String) { #expect(rpc(text) == nil) }

    @Test func theStatelessRevisionExplainsItself() throws {
        var request = HTTPRequest.Fields()
        request.mcpMethod = "tools/call"
        request.mcpVersion = "2026-07-28"
        let message = try #require(
            rpc(
                """
                {"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"add","arguments":
                {"a":1,"b":2},"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28",
                "io.modelcontextprotocol/clientInfo":{"name":"agent","version":"1"},
                "traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}}}
                """, HTTPRequest(request)))
        #expect(message.marks == [.reservedKey, .methodHeader, .toolCall, .sessionHeader])
        #expect(message.clientInfo?.name == "agent")
        #expect(message.argumentNames == ["a", "b"])
        #expect(message.traceID == "0af7651916cd43dd8448eb211c80319c")
        #expect(!"\(message)".contains("1, 2"))
    }

    @Test func aBatchGivesEachOfItsMessages() {
        let found = read("[\(Self.initialize),\(Self.tools)]")
        #expect(found.count == 2)
    }

    @Test func everyPrefixIsHarmlessAndNoneIsFalse() {
        for text in [Self.initialize, Self.tools] {
            let bytes = Array(text.utf8)
            for length in 0..<bytes.count {
                let part = String(decoding: bytes[..<length], as: UTF8.self)
                #expect(read(part).isEmpty, "\(length)")
                for case .rpc(let message, _) in read(part, isTruncated: true) {
                    #expect(message.isTruncated)
                }
            }
        }
    }

    @Test func deepJSONIsRefused() {
        let deep = #"{"jsonrpc":"2.0","id":1,"result":"# + String(repeating: "[", count: 100_000)
        #expect(read(deep).isEmpty)
        #expect(read(deep, isTruncated: true).isEmpty)
    }

    @Test(arguments: [
        (
            "/v1/chat/completions", #"{"model":"m","messages":[{"role":"user"}],"stream":true}"#,
            "openai-chat"
        ),
        (
            "/x/v1/messages", #"{"model":"m","max_tokens":1,"messages":[{"role":"user"}]}"#,
            "anthropic-messages"
        ),
        ("/api/chat", #"{"model":"m","messages":[{"role":"user"}]}"#, "ollama-chat"),
        ("/api/generate", #"{"model":"m","prompt":"x"}"#, "ollama-generate"),
        ("/v1/responses", #"{"model":"m","input":"x"}"#, "openai-responses"),
        ("/v1/embeddings", #"{"model":"m","input":["x"]}"#, "openai-embeddings"),
        ("/v1beta/models/g-2:generateContent", #"{"contents":[{"parts":[]}]}"#, "gemini-generate"),
    ])
    func modelCallsAreToldApart(_ path: String, _ body: String, _ api: String) throws {
        var request = HTTPRequest.Fields()
        request.method = "POST"
        request.target = path
        guard case .modelCall(let call, _)? = read(body, request: HTTPRequest(request)).first else {
            Issue.record("no model call")
            return
        }
        #expect(call.api.rawValue == api)
        #expect(call.model == (api == "gemini-generate" ? "g-2" : "m"))
    }

    @Test(arguments: [
        #"{"model":"car","price":1}"#, #"{"messages":[{"role":"user"}]}"#,
        #"{"model":"m","messages":["hi"]}"#, #"{"model":"","messages":[{"role":"user"}]}"#,
    ])
    func otherJSONIsNoModelCall(_ body: String) {
        var request = HTTPRequest.Fields()
        request.method = "POST"
        request.target = "/v1/orders"
        #expect(read(body, request: HTTPRequest(request)).isEmpty)
    }
}

@Suite struct NameTests {
    private func dns(_ bytes: [UInt8]) -> DNSMessage? { try? DNSMessage(parsing: bytes) }

    private static let answer: [UInt8] =
        [0x12, 0x34, 0x81, 0x80, 0, 1, 0, 2, 0, 0, 0, 0] + [1, 97, 1, 98, 0, 0, 1, 0, 1]
        + [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4, 1, 99, 0xc0, 14]
        + [0xc0, 33, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1]

    @Test func aliasesAndAddressesAreRead() throws {
        let message = try #require(dns(Self.answer))
        #expect(message.isResponse)
        #expect(message.questions == [.init(name: "a.b", type: 1)])
        #expect(message.answers.map(\.name).first == "a.b")
        #expect(message.answers.first?.value == .name("c.b"))
        #expect(message.answers.last?.value == .address(IPAddress(v4: 0xc000_0201)))
    }

    @Test func everyPrefixIsHarmless() {
        for length in 0..<Self.answer.count {
            let message = dns(Array(Self.answer[..<length]))
            #expect(length < 21 ? message == nil : message?.questions.count == 1)
        }
    }

    @Test func pointersInACircleEnd() {
        #expect(dns([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 12, 0, 1, 0, 1]) == nil)
        #expect(dns([0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 1, 0, 1]) == nil)
    }

    @Test func aLeaseNamesItsMachine() throws {
        var bytes: [UInt8] = [2, 1, 6, 0] + [UInt8](repeating: 0, count: 12) + [10, 0, 0, 7]
        bytes += [UInt8](repeating: 0, count: 8) + Frame.octets(0x0200_0000_0007, 6)
        bytes += [UInt8](repeating: 0, count: 10 + 64 + 128) + [0x63, 0x82, 0x53, 0x63]
        bytes += [53, 1, 5, 12, 4, 108, 116, 45, 55, 3, 4, 10, 0, 0, 1, 55, 3, 1, 3, 252]
        bytes += [60, 4, 77, 83, 70, 84, 255]
        var input = ByteReader(bytes.span)
        let message = try DHCPMessage(parsing: &input)
        #expect(message.type == 5)
        #expect(message.yourAddress == IPAddress("10.0.0.7"))
        #expect(message.clientMAC == MACAddress("02:00:00:00:00:07"))
        #expect(message.hostname == "lt-7")
        #expect(message.routers == [IPAddress(v4: 0x0a00_0001)])
        #expect(message.parameters == [1, 3, 252] && message.vendorClass == "MSFT")
        for length in 0..<bytes.count {
            var part = ByteReader(bytes.span.extracting(0..<length))
            _ = try? DHCPMessage(parsing: &part)
        }
    }

    @Test(arguments: ["\n", "\r\n", "\r"])
    func eventStreamsMayEndTheirLinesInThreeWays(_ end: String) {
        let text = ["event: endpoint", "data: /m?s=1", "", ": ping", "data: a", "data: b", "", ""]
            .joined(separator: end)
        for cut in 0...text.utf8.count {
            var stream = ServerSentEvents()
            var found: [String] = []
            let bytes = Array(text.utf8)
            for part in [bytes[..<cut], bytes[cut...]] {
                stream.feed(Array(part).span) {
                    found.append("\($0.name)=\(String(decoding: $0.data, as: UTF8.self))")
                }
            }
            #expect(found == ["endpoint=/m?s=1", "=a\nb"])
        }
    }
}

@Suite struct TargetTests {
    @Test(arguments: [
        ("http://bob:secret@h.example/a?b=1", "http://h.example/a?b=1"),
        ("http://h.example", "http://h.example"), ("/a@b", "/a@b"),
        ("https://u@h.example:8443", "https://h.example:8443"),
    ])
    func aTargetKeepsNoUser(_ target: String, _ expected: String) throws {
        let bytes = Array("GET \(target) HTTP/1.1\r\n\r\n".utf8)
        var fields = HTTPRequest.Fields()
        _ = try HTTPHeadReader(bytes.span).read(into: &fields)
        #expect(fields.target == expected)
    }
}
