import Codecs
import Testing

@testable import Wire

/// ACP, AG-UI, Agent Connect and the Agent Client Protocol.
@Suite struct RunTests {
    private func run(
        _ text: String, _ method: String = "POST", _ path: String = "/runs",
        isAnswer: Bool = false, isEvent: Bool = false, isTruncated: Bool = false
    ) -> RunMessage? {
        let found = A2ATests.read(
            text, A2ATests.head(method, path), isAnswer: isAnswer, isEvent: isEvent,
            isTruncated: isTruncated)
        if case .agentRun(let message, _)? = found.first { return message }
        return nil
    }

    private static let acp =
        #"{"agent_name":"weather","session_id":"s","input":[{"role":"user","parts":[{"content_type":"text/plain","content":"secret"}]}],"mode":"sync"}"#
    private static let agUI =
        #"{"threadId":"t","runId":"r","parentRunId":"p","state":{},"messages":[{"role":"user","content":"secret"}],"tools":[{"name":"look","parameters":{}}],"context":[],"forwardedProps":{}}"#
    private static let new =
        #"{"jsonrpc":"2.0","id":1,"method":"session/new","params":{"cwd":"/srv/secret","mcpServers":[{"name":"files","command":"/x","env":[{"name":"T","value":"secret"}]},{"type":"http","name":"notes","url":"https://secret@n.example/mcp?k=secret","headers":[]}]}}"#

    @Test func aRunOfACPNamesItsAgent() throws {
        let asked = try #require(run(Self.acp))
        #expect(asked.language == .acp && asked.kind == .request && asked.agents == ["weather"])
        #expect(asked.session == Pseudonym(of: "s"))
        #expect(!"\(asked)".contains("secret"))
        let event =
            #"{"type":"run.completed","run":{"run_id":"r","agent_name":"weather","status":"completed","output":[]}}"#
        let told = try #require(run(event, isAnswer: true, isEvent: true))
        #expect(told.kind == .event && told.state == "completed" && told.run == Pseudonym(of: "r"))
        let list = #"{"agents":[{"name":"weather","input_content_types":["*/*"]}]}"#
        #expect(run(list, "GET", "/agents", isAnswer: true)?.kind == .listing)
        #expect(run(#"{"agents":[{"name":"bond"}]}"#, "GET", "/agents", isAnswer: true) == nil)
    }

    @Test func aRunOfAGUIOffersToolsOfTheFrontEnd() throws {
        let asked = try #require(run(Self.agUI, "POST", "/anything"))
        #expect(asked.language == .agUI && asked.toolsOffered == ["look"])
        #expect(asked.parent == Pseudonym(of: "p") && !"\(asked)".contains("secret"))
        let event = #"{"type":"TOOL_CALL_START","toolCallId":"c","toolCallName":"look"}"#
        #expect(run(event, isAnswer: true, isEvent: true)?.toolsCalled == ["look"])
        let words = #"{"type":"TEXT_MESSAGE_CONTENT","messageId":"m","delta":"secret"}"#
        #expect(run(words, isAnswer: true, isEvent: true) == nil)
    }

    @Test func agentConnectNeedsItsPathToo() {
        let text = #"{"agent_id":"a","input":{"x":"secret"},"config":{}}"#
        #expect(run(text, "POST", "/threads/1/runs/stream")?.language == .agentConnect)
        #expect(run(text, "POST", "/jobs") == nil)
    }

    @Test func anEditorsVersionIsANumber() throws {
        let asked =
            #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":1,"clientInfo":{"name":"ed","version":"1"}}}"#
        let first = try #require(run(asked))
        #expect(first.language == .agentClient && first.client?.name == "ed")
        let dated = asked.replacing("\":1,\"client", with: "\":\"2025-06-18\",\"client")
        #expect(run(dated) == nil)
        let answer =
            #"{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":1,"agentCapabilities":{},"agentInfo":{"name":"coder"}}}"#
        #expect(run(answer, isAnswer: true)?.agent?.name == "coder")
    }

    @Test func serversThatAnEditorGivesAreNamesAndHosts() throws {
        let found = try #require(run(Self.new))
        #expect(
            found.configuredMCP == [
                .init(name: "files", host: nil), .init(name: "notes", host: "n.example"),
            ])
        #expect(!"\(found)".contains("secret"))
    }

    @Test func everyPrefixIsHarmlessAndNoneIsFalse() {
        for text in [Self.acp, Self.agUI, Self.new] {
            let bytes = Array(text.utf8)
            for length in 0..<bytes.count {
                let part = String(decoding: bytes[..<length], as: UTF8.self)
                #expect(run(part) == nil, "\(length)")
                let cut = run(part, isTruncated: true)
                #expect(cut?.agents.isEmpty != false || cut?.agents == ["weather"])
            }
        }
    }
}
