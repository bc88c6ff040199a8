import Codecs
import Support
import Testing

@testable import Wire

/// Arguments of tools in every API's form, whole and in pieces: those of the call that is made.
@Suite struct ArgumentTests {
    private static let (plain, other) = (JSONDigestTests.plain, JSONDigestTests.other)

    /// As a string of JSON holds it.
    private static func quoted(_ text: String) -> String {
        var out = "\""
        for letter in text.unicodeScalars {
            switch letter {
            case "\"", "\\": out += "\\\(letter)"
            default: out += letter.value < 128 ? "\(letter)" : escaped(letter)
            }
        }
        return out + "\""
    }

    private static func escaped(_ letter: Unicode.Scalar) -> String {
        String(letter).utf16.map { unit in
            let digits = String(unit, radix: 16)
            return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
        }.joined()
    }

    /// The text in pieces of `size` letters.
    private static func pieces(_ size: Int) -> [String] {
        let letters = Array(other.unicodeScalars)
        return stride(from: 0, to: letters.count, by: size).map { start in
            var piece = ""
            piece.unicodeScalars += letters[start..<min(start + size, letters.count)]
            return quoted(piece)
        }
    }

    struct Answer: Sendable {
        var path: String
        var type: String
        var body: [UInt8]

        init(_ path: String, _ body: String, type: String = "application/json") {
            self.path = path
            self.type = type
            self.body = Array(body.utf8)
        }

        init(_ path: String, events: [String]) {
            self.init(
                path, events.map { "data: \($0)\n\n" }.joined(), type: "text/event-stream")
        }
    }

    private static func whole() -> [Answer] {
        let (object, string) = (other, quoted(other))
        return [
            Answer(
                "/v1/chat/completions",
                #"{"object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","tool_calls":[{"id":"call_12345678","type":"function","function":{"arguments":\#(string),"name":"look"}}]},"finish_reason":"tool_calls"}]}"#
            ),
            Answer(
                "/v1/responses",
                #"{"object":"response","model":"m","status":"completed","output":[{"id":"fc_12345678","type":"function_call","call_id":"call_12345678","name":"look","arguments":\#(string)}]}"#
            ),
            Answer(
                "/v1/messages",
                #"{"type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"x"},{"input":\#(object),"type":"tool_use","id":"call_12345678","name":"look"}],"stop_reason":"tool_use"}"#
            ),
            Answer(
                "/v1beta/models/m:generateContent",
                #"{"candidates":[{"content":{"parts":[{"functionCall":{"id":"call_12345678","name":"look","args":\#(object)}}]},"finishReason":"STOP"}]}"#
            ),
            Answer(
                "/model/m/converse",
                #"{"output":{"message":{"role":"assistant","content":[{"toolUse":{"toolUseId":"call_12345678","name":"look","input":\#(object)}}]}},"stopReason":"tool_use","usage":{"inputTokens":1}}"#
            ),
            Answer(
                "/api/chat",
                #"{"model":"m","created_at":"t","message":{"role":"assistant","tool_calls":[{"id":"call_12345678","function":{"name":"look","arguments":\#(object)}}]},"done":true}"#
            ),
            Answer(
                "/v2/chat",
                #"{"id":"i","message":{"role":"assistant","tool_calls":[{"id":"call_12345678","type":"function","function":{"name":"look","arguments":\#(string)}}]},"finish_reason":"TOOL_CALL"}"#
            ),
        ]
    }

    private static func streamed(_ size: Int) -> [Answer] {
        let chat = { (delta: String) in
            #"{"object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"tool_calls":[\#(delta)]},"finish_reason":null}]}"#
        }
        let parts = pieces(size)
        // A second call, whose pieces come between those of the first.
        let mixed = parts.flatMap { piece in
            [
                chat(#"{"index":0,"function":{"arguments":\#(piece)}}"#),
                chat(#"{"index":1,"function":{"arguments":" "}}"#),
            ]
        }
        let begin = #"{"index":0,"id":"call_12345678","function":{"name":"look","arguments":""}}"#
        let second = #"{"index":1,"id":"call_87654321","function":{"name":"see","arguments":""}}"#
        return [
            Answer(
                "/v1/chat/completions", events: [chat(begin), chat(second)] + mixed + ["[DONE]"]),
            Answer(
                "/v1/messages",
                events: [
                    #"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"call_12345678","name":"look","input":{}}}"#
                ]
                    + parts.map {
                        #"{"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":\#($0)},"index":1}"#
                    }),
            Answer(
                "/v1/responses",
                events: [
                    #"{"type":"response.output_item.added","item":{"type":"function_call","call_id":"call_12345678","name":"look","arguments":""}}"#,
                    #"{"type":"response.output_item.done","item":{"type":"function_call","call_id":"call_12345678","name":"look","arguments":\#(quoted(other))}}"#,
                    #"{"type":"response.completed","response":{"output":[{"type":"function_call","call_id":"call_12345678","name":"look","arguments":\#(quoted(other))}]}}"#,
                ]),
            Answer(
                "/v2/chat",
                events: [
                    #"{"type":"tool-call-start","index":0,"delta":{"message":{"tool_calls":{"id":"call_12345678","type":"function","function":{"name":"look","arguments":""}}}}}"#
                ]
                    + parts.map {
                        #"{"type":"tool-call-delta","index":0,"delta":{"message":{"tool_calls":{"function":{"arguments":\#($0)}}}}}"#
                    }),
        ]
    }

    /// What a connection says, the answer cut at `cuts`.
    private func calls(_ answer: Answer, cuts: [Int]) throws -> [ModelCall] {
        var drive = StreamDrive(try #require(.named("http")))
        try drive.say(
            .client,
            "POST \(answer.path) HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                + "Content-Length: 2\r\n\r\n{}")
        let head =
            "HTTP/1.1 200 OK\r\nContent-Type: \(answer.type)\r\n"
            + "Content-Length: \(answer.body.count)\r\n\r\n"
        try drive.say(.server, head)
        var start = 0
        for end in cuts + [answer.body.count] where end > start {
            try drive.say(.server, Array(answer.body[start..<end]))
            start = end
        }
        drive.end()
        #expect(!drive.messages.contains { "\($0)".contains("rich") || "\($0)".contains("km/h") })
        return drive.messages.compactMap {
            if case .modelCall(let call, _) = $0 { call } else { nil }
        }
    }

    private static func call(_ arguments: String, _ method: String = "tools/call") -> RPCMessage? {
        let text =
            #"{"jsonrpc":"2.0","id":1,"params":{"name":"look","arguments":\#(arguments)},"method":"\#(method)"}"#
        for message in A2ATests.read(text, A2ATests.head("POST", "/mcp")) {
            if case .rpc(let message, _) = message { return message }
        }
        return nil
    }

    @Test func everyAPIsArgumentsAreThoseOfTheCall() throws {
        let mark = try #require(Self.call(Self.plain)?.argumentMark)
        for answer in Self.whole() {
            let found = try calls(answer, cuts: [])
            let wanted = found.flatMap(\.toolRequests)
            #expect(wanted == [.init(name: "look", mark: mark)], "\(answer.path)")
            #expect(found.flatMap(\.callIDs).count == 1, "\(answer.path)")
        }
    }

    @Test(arguments: [1, 2, 7, 1000])
    func piecesOfAStreamAreJoined(_ size: Int) throws {
        let mark = try #require(Self.call(Self.plain)?.argumentMark)
        for answer in Self.streamed(size) {
            for step in [answer.body.count, 1, 37] {
                let cuts = Array(stride(from: step, to: answer.body.count, by: step))
                let wanted = try calls(answer, cuts: cuts).flatMap(\.toolRequests)
                #expect(wanted == [.init(name: "look", mark: mark)], "\(answer.path)")
            }
        }
    }

    @Test func anAnswerCutAtAnyByteSaysTheSame() throws {
        let mark = try #require(Self.call(Self.plain)?.argumentMark)
        for answer in [Self.whole()[0], Self.streamed(9)[0], Self.streamed(9)[1]] {
            for cut in 1..<answer.body.count {
                let wanted = try calls(answer, cuts: [cut]).flatMap(\.toolRequests)
                #expect(wanted == [.init(name: "look", mark: mark)], "\(answer.path) at \(cut)")
            }
        }
    }

    /// A stream of Bedrock: its frames are read elsewhere, each is one event here.
    @Test func framesOfBedrockAreJoined() throws {
        let memory = AskedCallMemory()
        let request = A2ATests.head("POST", "/model/m/converse-stream")
        var fields = HTTPResponse.Fields()
        fields.status = 200
        fields.request = request
        let carrier = Carrier(
            kind: .serverSentEvent, request: request, response: HTTPResponse(fields))
        var found: [ModelCall.ToolRequest] = []
        let events =
            [
                #"{"start":{"toolUse":{"toolUseId":"call_12345678","name":"look"}},"contentBlockIndex":1}"#
            ]
            + Self.pieces(5).map {
                #"{"delta":{"toolUse":{"input":\#($0)}},"contentBlockIndex":1}"#
            }
        for event in events {
            var content = Content(
                bytes: Array(event.utf8), isTruncated: false, carrier: carrier, side: .server)
            content.calls = memory
            content.read {
                if case .modelCall(let call, _) = $0 { found += call.toolRequests }
            }
        }
        let mark = try #require(Self.call(Self.plain)?.argumentMark)
        #expect(found == [.init(name: "look", mark: mark)])
    }

    /// A piece that was lost, a call that the vendor's side runs itself, arguments that are no
    /// whole: none is a wish.
    @Test func whatIsNotWholeIsNoWish() throws {
        for size in [3, 8] {
            var events = Self.pieces(size).map {
                #"{"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":\#($0)},"index":1}"#
            }
            let start =
                #"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"call_12345678","name":"look","input":{}}}"#
            // Without its beginning nobody knows whose arguments they are.
            let none = try calls(Answer("/v1/messages", events: events), cuts: [])
            #expect(none.flatMap(\.toolRequests).isEmpty)
            events.remove(at: 2)
            let lossy = try calls(Answer("/v1/messages", events: [start] + events), cuts: [])
            #expect(
                lossy.flatMap(\.toolRequests).allSatisfy {
                    $0.mark != Self.call(Self.plain)?.argumentMark
                })
            let short = try calls(
                Answer("/v1/messages", events: [start] + events.dropLast()), cuts: [])
            #expect(short.flatMap(\.toolRequests).isEmpty)
        }
        let hosted =
            #"{"type":"message","role":"assistant","model":"m","content":[{"type":"server_tool_use","id":"call_12345678","name":"look","input":\#(Self.other)}]}"#
        #expect(
            try calls(Answer("/v1/messages", hosted), cuts: []).allSatisfy(\.toolRequests.isEmpty))
    }

    /// Without the piece in the middle the rest would be whole, and something else.
    @Test func aGapInAStreamEndsTheCallsThatAreBegun() {
        let delta = { (text: String) in
            "data: "
                + #"{"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","#
                + #""partial_json":"\#(text)"}}"# + "\n\n"
        }
        let start =
            #"data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","#
            + #""id":"toolu_12345678","name":"look","input":{}}}"# + "\n\n"
        let pieces = [#"{\"path\":\"/srv/"#, "reports/", #"2026/annual\"}"#].map(delta)
        for isLost in [false, true] {
            var talk = Conversation()
            talk.say(
                .client,
                Array(
                    ("POST /v1/messages HTTP/1.1\r\nHost: h\r\n"
                        + "Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}").utf8))
            talk.say(
                .server,
                Array(
                    ("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                        + "Connection: close\r\n\r\n" + start + pieces[0]).utf8))
            if isLost {
                talk.lose(.server, pieces[1].utf8.count)
            } else {
                talk.say(.server, Array(pieces[1].utf8))
            }
            talk.say(.server, Array(pieces[2].utf8))
            talk.close()
            let found = FlowRun(talk.frames).events.flatMap { event in
                if case .modelCall(let call, _) = event.message { call.toolRequests } else { [] }
            }
            #expect(found.count == (isLost ? 0 : 1))
        }
    }

    @Test func onlyWholeAndTellingArgumentsOfAToolCallHaveAMark() {
        #expect(Self.call(#"{"city":"x"}"#)?.argumentMark == nil)
        #expect(Self.call("null")?.argumentMark == nil)
        #expect(Self.call(Self.plain, "prompts/get")?.argumentMark == nil)
        #expect(Self.call(Self.plain)?.argumentNames.count == 4)
        // Beyond what is kept of one text, its end was not read.
        let long = #"{"text":"\#(String(repeating: "long ", count: 20_000))"}"#
        let found = Self.call(long)
        #expect(found == nil || found?.argumentMark != nil)
    }

    @Test func resultsBringIDsBack() throws {
        let answered = try calls(Self.whole()[0], cuts: []).flatMap(\.callIDs)
        let requests = [
            (
                "/v1/chat/completions",
                #"{"model":"m","messages":[{"role":"tool","tool_call_id":"call_12345678","content":"x"}]}"#
            ),
            (
                "/v1/messages",
                #"{"model":"m","max_tokens":1,"system":"s","messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"call_12345678"}]}]}"#
            ),
            (
                "/v1/responses",
                #"{"model":"m","input":[{"type":"function_call_output","call_id":"call_12345678","output":"x"}]}"#
            ),
            (
                "/model/m/converse",
                #"{"messages":[{"role":"user","content":[{"toolResult":{"toolUseId":"call_12345678"}}]}]}"#
            ),
        ]
        for (path, text) in requests {
            guard
                case .modelCall(let call, _)? = A2ATests.read(text, A2ATests.head("POST", path))
                    .first
            else {
                Issue.record("\(path)")
                continue
            }
            #expect(call.callIDs == answered && answered.count == 1, "\(path)")
        }
    }
}
