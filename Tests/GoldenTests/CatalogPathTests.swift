import Foundation
import Support
import Testing
import Wire

/// What a path tells, and what nobody knows, from packets to the inventory.
@Suite struct CatalogPathTests {
    private static let catalog = """
        app      forge
        name     Forge
        vendor   V
        category coding-assistant
        source   tests
        domain   forge.example exact api strong
        source   tests

        app      forge-mcp
        name     Forge MCP
        vendor   V
        category mcp-server
        source   tests
        endpoint forge.example exact /mcp mcp strong
        source   tests
        endpoint shared.example exact /v1/{tenant}/mcp mcp strong
        source   tests
        """

    /// The rows of a section after this talk, and the program's words.
    private func rows(
        _ section: String, client: [UInt8], server: [UInt8], more: [String] = [],
        show: ((String) -> Void)? = nil
    ) throws -> [[String: Any]] {
        var talk = Conversation()
        talk.say(.client, client)
        talk.say(.server, server)
        talk.close()
        let little = { (value: Int) in (0..<4).map { UInt8(value >> ($0 * 8) & 255) } }
        var bytes: [UInt8] = [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0]
        bytes += [UInt8](repeating: 0, count: 8) + little(65535) + little(1)
        for (number, frame) in talk.frames.enumerated() {
            bytes += little(1_800_000_000 + number) + little(0)
            bytes += little(frame.count) + little(frame.count) + frame
        }
        let folder = try TemporaryFolder()
        let capture = try folder.write("talk.pcap", bytes: bytes)
        let own = try folder.write("own.catalog", Self.catalog)
        let db = folder.file("tyto.db")
        let run = try Program.run("replay", capture, "--db", db, "--catalog", own)
        #expect(run.status == 0, "\(run.err)")
        let out = try Program.run(
            ["inventory", section, "--db", db, "--catalog", own, "--format", "json"] + more)
        #expect(out.status == 0, "\(out.err)")
        let json = try JSONSerialization.jsonObject(with: Data(out.out.utf8))
        let found = try #require(json as? [[String: Any]])
        if let show, let id = found.first?["id"] as? String {
            show(try Program.run("show", id, "--db", db, "--catalog", own).out)
        }
        return found
    }

    private func http(_ target: String, _ host: String) -> [UInt8] {
        Array("POST \(target) HTTP/1.1\r\nHost: \(host)\r\nContent-Length: 0\r\n\r\n".utf8)
    }

    private let fine = Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)

    @Test(arguments: [
        ("/mcp?x=1", "forge.example:8000", "forge-mcp", "forge.example/mcp"),
        ("/mcp/deep", "Forge.example", "forge-mcp", "forge.example/mcp"),
        ("http://forge.example/mcp", "forge.example", "forge-mcp", "forge.example/mcp"),
        ("/mcpx", "forge.example", "forge", "forge.example"),
        (
            "/v1/acme-secret/mcp", "shared.example", "forge-mcp",
            "shared.example/v1/{tenant}/mcp"
        ),
    ])
    func aPathOfARequestTells(
        target: String, host: String, app: String, domain: String
    ) throws {
        let found = try rows("apps", client: http(target, host), server: fine)
        #expect(found.map { $0["app"] as? String } == [app])
        #expect(found.map { $0["domain"] as? String } == [domain])
        let clue = app == "forge" ? "http_host" : "http_path"
        #expect(found.first?["evidence"] as? [String] == [clue])
        #expect(found.first?["status"] as? String == "unreviewed")
        #expect(!"\(found)".contains("acme-secret"))
    }

    /// Who may use a host may use its paths.
    @Test(arguments: [("forge.example", "sanctioned"), ("example.org", "unsanctioned")])
    func aSanctionedHostHoldsItsPaths(domain: String, status: String) throws {
        let folder = try TemporaryFolder()
        let config = try folder.write(
            "hosts.yaml",
            "networks:\n  - cidr: 10.0.0.0/24\n    team: a\nsanctioned_apps:\n  a: [\(domain)]\n")
        let found = try rows(
            "apps", client: http("/mcp", "forge.example"), server: fine,
            more: ["--config", config])
        #expect(found.map { $0["domain"] as? String } == ["forge.example/mcp"])
        #expect(found.map { $0["status"] as? String } == [status])
    }

    /// What is decided on a host holds for its paths.
    @Test func aDecisionOnAHostHoldsForItsPaths() throws {
        let folder = try TemporaryFolder()
        let config = try folder.write(
            "hosts.yaml", "status:\n  - domain: forge.example\n    status: tolerated\n")
        let found = try rows(
            "apps", client: http("/mcp", "forge.example"), server: fine,
            more: ["--config", config])
        #expect(found.map { $0["status"] as? String } == ["tolerated"])
    }

    @Test(arguments: ["/", "/v1/mcp", "/v1/a/b/mcp"]) func theHostAloneTellsNothing(
        target: String
    ) throws {
        #expect(try rows("apps", client: http(target, "shared.example"), server: fine).isEmpty)
    }

    @Test func aPathOverHTTP2Tells() throws {
        func literal(_ index: UInt8, _ text: String) -> [UInt8] {
            [index, UInt8(text.utf8.count)] + Array(text.utf8)
        }
        func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt8, _ body: [UInt8]) -> [UInt8] {
            [0, 0, UInt8(body.count), type, flags, 0, 0, 0, stream] + body
        }
        // :method POST, :scheme http, then :path and :authority without indexing (RFC 7541 §6.2.2).
        let head = [0x83, 0x86] + literal(4, "/v1/t/mcp") + literal(1, "shared.example")
        let client =
            Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(4, 0, 0, [])
            + frame(1, 5, 1, head)
        let found = try rows(
            "apps", client: client, server: frame(4, 0, 0, []) + frame(1, 5, 1, [0x88]))
        #expect(found.map { $0["domain"] as? String } == ["shared.example/v1/{tenant}/mcp"])
    }

    /// A hello shows no path: the name of a shared host makes no row.
    @Test func aServerNameAloneMakesNoRowOfAnEndpoint() throws {
        let hello = HelloBytes.browser("shared.example").records()
        #expect(try rows("apps", client: hello, server: [22, 3, 3, 0, 0]).isEmpty)
    }

    // MARK: - What no entry knows

    private static let question =
        #"{"model":"secret-7b","stream":true,"messages":[{"role":"user","content":"hi"}]}"#
    private static let answer = """
        data: {"id":"x","object":"chat.completion.chunk","model":"secret-7b",\
        "choices":[{"index":0,"delta":{"content":"hey"}}]}\n\n\
        data: {"id":"x","object":"chat.completion.chunk","model":"secret-7b",\
        "choices":[{"index":0,"delta":{},"finish_reason":"stop"}],\
        "usage":{"prompt_tokens":3,"completion_tokens":1,"total_tokens":4}}\n\ndata: [DONE]\n\n
        """

    private var talkWithUnknown: (client: [UInt8], server: [UInt8]) {
        let (question, answer) = (Self.question, Self.answer)
        return (
            Array(
                ("POST /api/think HTTP/1.1\r\nHost: brain.corp.example\r\n"
                    + "Content-Type: application/json\r\nContent-Length: \(question.utf8.count)"
                    + "\r\n\r\n\(question)").utf8),
            Array(
                ("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                    + "Content-Length: \(answer.utf8.count)\r\n\r\n\(answer)").utf8)
        )
    }

    /// The shape of a model's API on a path and a host that nobody knows.
    @Test func anUnknownModelServerIsUnreviewedAndNamedByItsEndpointOnly() throws {
        let (client, server) = talkWithUnknown
        var shown = ""
        let found = try rows(
            "models", client: client, server: server, more: ["--status", "unreviewed"]
        ) { shown = $0 }
        let one = try #require(found.first)
        #expect(found.count == 1 && one["status"] as? String == "unreviewed")
        #expect(one["host"] as? String == "10.0.0.2" && one["port"] as? Int == 8000)
        #expect(one["path"] as? String == "/api/think" && one["api"] as? String == "openai-chat")
        #expect(one["models"] as? [String] == ["secret-7b"])
        #expect(shown.contains("model_request") && shown.contains("model_answer"))
        #expect(shown.contains("POST /api/think has the shape of openai-chat, model secret-7b"))
        #expect(try rows("apps", client: client, server: server).isEmpty)
    }

    /// Encrypted, only names are left; that a name sounds like a model's proves nothing.
    @Test(arguments: ["llm.corp.example", "api.openai-like.example", "chatgpt.corp.example"])
    func aNameThatOnlySoundsLikeAIMakesNothing(name: String) throws {
        let hello = HelloBytes.browser(name).records()
        for section in ["apps", "models", "agents", "mcp"] {
            #expect(try rows(section, client: hello, server: [22, 3, 3, 0, 0]).isEmpty)
        }
    }
}
