import Codecs
import Testing

@testable import Wire

/// LLM APIs: requests and answers, whole and in pieces.
@Suite struct ModelCallTests {
    private func call(
        _ text: String, _ path: String, isAnswer: Bool = false, isEvent: Bool = false,
        isTruncated: Bool = false, type: String = "application/json"
    ) -> ModelCall? {
        let found = A2ATests.read(
            text, A2ATests.head("POST", path), isAnswer: isAnswer, isEvent: isEvent,
            isTruncated: isTruncated, type: type)
        if case .modelCall(let call, _)? = found.first { return call }
        return nil
    }

    private static let chat =
        #"{"model":"m","messages":[{"role":"user","content":"secret"},{"role":"assistant","tool_calls":[{"id":"c"}]},{"role":"tool","tool_call_id":"c","content":"secret"}],"tools":[{"type":"function","function":{"name":"look"}}],"user":"anna@corp.example","stream":true}"#

    @Test func aRequestTellsToolsResultsAndWhoIsBehindIt() throws {
        let found = try #require(call(Self.chat, "/v1/chat/completions"))
        #expect(found.api == .openAIChat && found.model == "m" && found.isStreaming)
        #expect(found.toolNames == ["look"] && found.toolCount == 1 && found.toolResults == 1)
        #expect(found.endUser == Pseudonym(of: "anna@corp.example"))
        #expect(!"\(found)".contains("secret") && !"\(found)".contains("anna"))
    }

    @Test(arguments: [
        (
            #"{"model":"m","max_tokens":1,"system":"s","messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"x"}]}],"tools":[{"name":"look","input_schema":{}}],"metadata":{"user_id":"u"}}"#,
            "/gateway", ModelCall.API.anthropicMessages
        ),
        (
            #"{"model":"m","input":[{"role":"user","content":"x"},{"type":"function_call_output","call_id":"c","output":"x"}],"tools":[{"type":"function","name":"look"}],"user":"u"}"#,
            "/gateway", .openAIResponses
        ),
        (
            #"{"contents":[{"role":"user","parts":[{"functionResponse":{"name":"look","response":{}}}]}],"tools":[{"functionDeclarations":[{"name":"look"}]}]}"#,
            "/v1beta/models/m:streamGenerateContent", .geminiGenerate
        ),
        (
            #"{"messages":[{"role":"user","content":[{"toolResult":{"toolUseId":"t"}}]}],"toolConfig":{"tools":[{"toolSpec":{"name":"look"}}]}}"#,
            "/model/m/converse-stream", .bedrockConverse
        ),
        (
            #"{"model":"m","messages":[{"role":"user","content":"x"},{"role":"tool","content":"y"}],"tools":[{"type":"function","function":{"name":"look"}}]}"#,
            "/v2/chat", .cohereChat
        ),
        (
            #"{"model":"m","messages":[{"role":"tool","content":"y"}],"safe_prompt":true,"tools":[{"function":{"name":"look"}}]}"#,
            "/v1/chat/completions", .mistralChat
        ),
    ])
    func everyAPISaysItInItsOwnPlace(_ text: String, _ path: String, _ api: ModelCall.API) throws {
        let found = try #require(call(text, path))
        #expect(found.api == api && found.model == "m")
        #expect(found.toolNames == ["look"] && found.toolResults == 1)
    }

    @Test(arguments: [
        (#"{"prompt":"x","n_predict":8}"#, "/completion", ModelCall.API.llamaCompletion),
        (#"{"inputs":"x","parameters":{"max_new_tokens":8}}"#, "/generate_stream", .tgiGenerate),
        (#"{"model":"m","prompt":"x"}"#, "/v1/completions", .openAICompletions),
        (#"{"model":"m","input":"x"}"#, "/api/embed", .ollamaEmbed),
        (#"{"message":"x","chat_history":[]}"#, "/v1/chat", .cohereChat),
        (
            #"{"anthropic_version":"b","messages":[{"role":"user"}]}"#, "/model/a%3A1/invoke",
            .bedrockInvoke
        ),
    ])
    func otherServersRequests(_ text: String, _ path: String, _ api: ModelCall.API) {
        #expect(call(text, path)?.api == api)
    }

    @Test func serversThatTheModelsSideCallsAreNamesAndHosts() throws {
        let text =
            #"{"model":"m","max_tokens":1,"messages":[{"role":"user"}],"system":"s","mcp_servers":[{"type":"url","url":"https://mcp.example/x?k=secret","name":"notes","authorization_token":"secret"}]}"#
        let found = try #require(call(text, "/v1/messages"))
        #expect(found.remoteMCP == [.init(label: "notes", host: "mcp.example")])
        #expect(!"\(found)".contains("secret"))
    }

    @Test(arguments: [
        (
            #"{"object":"chat.completion","model":"m","choices":[{"message":{"content":"secret","tool_calls":[{"function":{"name":"look","arguments":"{}"}}]},"finish_reason":"tool_calls"}],"usage":{"prompt_tokens":7,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":3},"completion_tokens_details":{"reasoning_tokens":2}}}"#,
            "/v1/chat/completions", ModelCall.API.openAIChat
        ),
        (
            #"{"object":"response","model":"m","status":"completed","output":[{"type":"function_call","name":"look","arguments":"secret"}],"usage":{"input_tokens":7,"output_tokens":5,"input_tokens_details":{"cached_tokens":3},"output_tokens_details":{"reasoning_tokens":2}}}"#,
            "/v1/responses", .openAIResponses
        ),
        (
            #"{"type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"secret"},{"type":"tool_use","name":"look","input":{"a":"secret"}}],"stop_reason":"tool_use","usage":{"input_tokens":7,"output_tokens":5,"cache_read_input_tokens":3,"reasoning_tokens":2}}"#,
            "/x", .anthropicMessages
        ),
        (
            #"[{"candidates":[{"content":{"parts":[{"text":"secret"}]}}]},{"candidates":[{"content":{"parts":[{"functionCall":{"name":"look","args":{}}}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":5,"cachedContentTokenCount":3,"thoughtsTokenCount":2},"modelVersion":"m"}]"#,
            "/v1/models/m:streamGenerateContent", .geminiGenerate
        ),
    ])
    func anAnswerTellsModelTokensAndToolsAskedFor(
        _ text: String, _ path: String, _ api: ModelCall.API
    ) throws {
        let found = try #require(call(text, path, isAnswer: true))
        #expect(found.api == api && found.isAnswer && found.model == "m")
        #expect(found.toolsCalled == ["look"] && found.outcome != nil)
        #expect(found.usage.input == 7 && found.usage.output == 5)
        #expect(found.usage.cached == 3 && found.usage.reasoning == 2)
        #expect(!"\(found)".contains("secret"))
    }

    @Test func linesOfOllamaAreOneAnswer() throws {
        let text =
            #"{"model":"m","created_at":"x","message":{"content":"secret"},"done":false}"# + "\n"
            + #"{"model":"m","created_at":"x","message":{"content":""},"done":true,"#
            + #""done_reason":"stop","prompt_eval_count":7,"eval_count":5}"# + "\n"
        let found = try #require(
            call(text, "/api/chat", isAnswer: true, type: "application/x-ndjson"))
        #expect(found.api == .ollamaChat && found.usage.input == 7 && found.usage.output == 5)
    }

    /// Pieces of content say nothing; what begins or ends a stream does.
    @Test func aStreamSaysOnlyWhatIsNoContent() throws {
        func event(_ text: String) -> ModelCall? {
            call(text, "/v1/messages", isAnswer: true, isEvent: true)
        }
        let start = event(
            #"{"type":"message_start","message":{"model":"m","usage":{"input_tokens":7,"output_tokens":1}}}"#
        )
        #expect(start?.usage.input == 7 && start?.usage.output == nil)
        #expect(
            event(
                #"{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"secret"}}"#
            ) == nil)
        let tool = event(
            #"{"type":"content_block_start","index":1,"content_block":{"type":"tool_use","name":"look","input":{}}}"#
        )
        #expect(tool?.toolsCalled == ["look"])
        let end = event(
            #"{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":5}}"#
        )
        #expect(end?.outcome == "tool_use" && end?.usage.output == 5)
        let chunk =
            #"{"object":"chat.completion.chunk","model":"m","choices":[{"delta":{"content":"secret"},"finish_reason":null}]}"#
        #expect(call(chunk, "/v1/chat/completions", isAnswer: true, isEvent: true) == nil)
    }

    @Test(arguments: [
        (
            #"{"default_generation_settings":{},"model_path":"/secret/q.gguf"}"#, "/props",
            "llama-cpp"
        ),
        (
            #"{"object":"list","data":[{"id":"m","object":"model","owned_by":"vllm"}]}"#,
            "/v1/models", "vllm"
        ),
        (#"{"models":[{"name":"q","digest":"d"}]}"#, "/api/tags", "ollama"),
        (#"{"model_id":"q","model_dtype":"torch.float16"}"#, "/info", "tgi"),
    ])
    func aServerIsToldByItsOwnMarks(_ text: String, _ path: String, _ name: String) throws {
        let found = A2ATests.read(text, A2ATests.head("GET", path), isAnswer: true)
        let marks = found.compactMap { message -> RuntimeMark? in
            if case .runtime(let mark, _) = message { return mark }
            return nil
        }
        #expect(marks.map(\.runtime) == [name])
        #expect(!"\(marks)".contains("secret"))
    }

    @Test(arguments: [
        (#"{"id":"1","status":"paid","usage":{"input_tokens":1}}"#, "/v1/orders"),
        (#"{"type":"message","text":"hi"}"#, "/chat"),
        (#"{"object":"list","data":[{"id":"x","object":"file"}]}"#, "/v1/files"),
        (#"{"model":"tesla","done":"no"}"#, "/cars/chat/x"),
    ])
    func otherAnswersAreNone(_ text: String, _ path: String) {
        #expect(call(text, path, isAnswer: true) == nil)
    }

    @Test func everyPrefixIsHarmlessAndNoneIsFalse() {
        let bytes = Array(Self.chat.utf8)
        for length in 0..<bytes.count {
            let part = String(decoding: bytes[..<length], as: UTF8.self)
            #expect(call(part, "/v1/chat/completions") == nil, "\(length)")
            let cut = call(part, "/v1/chat/completions", isTruncated: true)
            #expect(cut == nil || cut?.model == "m")
            #expect(cut?.toolNames.isEmpty != false || cut?.toolNames == ["look"])
        }
    }
}
