import Codecs
import Support
import Testing

@testable import Wire

/// What the programs that serve models say of themselves, and the frames that Bedrock answers in.
@Suite struct RuntimeTests {
    private static let chat = #"{"model":"m","messages":[{"role":"user","content":"x"}]}"#
    private static let answer =
        #"{"object":"chat.completion","model":"m","choices":[{"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2}}"#

    private func run(
        _ method: String, _ path: String, _ body: String, _ fields: String, _ answer: [UInt8],
        cuts: [Int] = []
    ) -> FlowRun {
        var talk = Conversation()
        talk.say(
            .client,
            Array(
                "\(method) \(path) HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
                    .utf8))
        let head = "HTTP/1.1 200 OK\r\n\(fields)Content-Length: \(answer.count)\r\n\r\n"
        talk.say(.server, Array(head.utf8))
        talk.say(.server, answer, cuts: cuts)
        talk.close()
        return FlowRun(talk.frames)
    }

    private func marks(_ run: FlowRun) -> [RuntimeMark] {
        run.events.compactMap {
            if case .runtime(let mark, _) = $0.message { mark } else { nil }
        }
    }

    private func answers(_ run: FlowRun) -> [ModelCall] {
        run.events.compactMap {
            if case .modelCall(let call, _) = $0.message, call.isAnswer { call } else { nil }
        }
    }

    // MARK: - Heads and counts

    @Test(arguments: [
        ("x-litellm-version: 1.80\r\n", "litellm-proxy"),
        ("X-LiteLLM-Model-Id: abc\r\n", "litellm-proxy"),
        ("x-portkey-trace-id: 1\r\n", "portkey-gateway"),
        ("X-Oneapi-Request-Id: 1\r\n", "one-api"), ("x-compute-type: 1-a10g\r\n", "tgi"),
    ]) func aHeadNamesTheProgramThatAnswers(_ field: String, _ runtime: String) {
        let fields = "Content-Type: application/json\r\n" + field
        let found = run(
            "POST", "/v1/chat/completions", Self.chat, fields, Array(Self.answer.utf8))
        #expect(marks(found).map(\.runtime) == [runtime])
        #expect(marks(found).map(\.isProof) == [true])
        // On any other answer it says nothing of models.
        let other = run("POST", "/x", "{}", fields, Array(#"{"a":1}"#.utf8))
        #expect(marks(other) == [])
    }

    private static let plain = "Content-Type: text/plain; version=0.0.4\r\n"

    @Test(arguments: [
        ("vllm:num_requests_running{model_name=\"m\"} 1.0", "vllm", true),
        ("sglang:num_running_reqs 0", "sglang", true),
        ("llamacpp:prompt_tokens_total 4", "llama-cpp", true),
        ("nv_inference_count 1", "triton", true), ("tgi_request_count 1", "tgi", false),
        ("litellm_requests_metric_total 1", "litellm-proxy", false),
    ]) func countsAreOfAProgram(_ line: String, _ runtime: String, _ isProof: Bool) {
        let text =
            "# HELP python_info Platform.\n# TYPE python_info gauge\npython_info 1.0\n\nup 1\n"
            + line + "\n" + line + "\n"
        for cuts in [[], Array(1..<text.utf8.count)] {
            let found = marks(
                run("GET", "/metrics", "", Self.plain, Array(text.utf8), cuts: cuts))
            #expect(found.map(\.runtime) == [runtime] && found.map(\.isProof) == [isProof])
        }
        // Elsewhere, or within a line, it is only text.
        #expect(marks(run("GET", "/notes", "", Self.plain, Array(text.utf8))) == [])
        let quoted = "# HELP x of " + line + "\nnode_x{a=\"" + line + "\"} 1\n"
        #expect(marks(run("GET", "/metrics", "", Self.plain, Array(quoted.utf8))) == [])
    }

    // MARK: - Bedrock

    private static func frame(_ type: String, _ payload: String) -> [UInt8] {
        let text = { (name: String, value: String) -> [UInt8] in
            [UInt8(name.utf8.count)] + Array(name.utf8)
                + [7, 0, UInt8(value.utf8.count)] + Array(value.utf8)
        }
        // Headers of other kinds stand between.
        var headers = text(":message-type", "event") + [1, 97, 0, 1, 98, 4, 0, 0, 0, 1]
        headers += [1, 99, 8] + [UInt8](repeating: 0, count: 8) + text(":event-type", type)
        let total = headers.count + payload.utf8.count + 16
        return Frame.octets(UInt64(total), 4) + Frame.octets(UInt64(headers.count), 4)
            + [1, 2, 3, 4] + headers + Array(payload.utf8) + [5, 6, 7, 8]
    }

    private static let stream: [UInt8] =
        frame("messageStart", #"{"p":"ab","role":"assistant"}"#)
        + frame("contentBlockStart", #"{"start":{"toolUse":{"name":"look","toolUseId":"t"}}}"#)
        + frame("contentBlockDelta", #"{"delta":{"text":"secret"},"usage":{"inputTokens":99}}"#)
        + frame("messageStop", #"{"stopReason":"tool_use"}"#)
        + frame("metadata", #"{"usage":{"inputTokens":12,"outputTokens":5,"totalTokens":17}}"#)

    private static let amazon = "Content-Type: application/vnd.amazon.eventstream\r\n"
    private static let asked = #"{"messages":[{"role":"user","content":[{"text":"x"}]}]}"#

    @Test func framesSayTokensAndTools() throws {
        for cuts in [[], Array(1..<Self.stream.count), [5, 40, 200]] {
            let found = answers(
                run(
                    "POST", "/model/m/converse-stream", Self.asked, Self.amazon, Self.stream,
                    cuts: cuts))
            #expect(found.allSatisfy { $0.api == .bedrockConverse && $0.isStreaming })
            #expect(found.flatMap(\.toolsCalled) == ["look"])
            #expect(found.compactMap(\.outcome) == ["tool_use"])
            #expect(found.compactMap(\.usage.input) == [12])
            #expect(found.compactMap(\.usage.output) == [5])
        }
        // Nowhere else are they anybody's tokens.
        let other = run("POST", "/logs", Self.asked, Self.amazon, Self.stream)
        #expect(answers(other).isEmpty)
    }

    @Test func chunksHoldWhatTheModelsOwnAPISays() throws {
        let events = [
            #"{"type":"message_start","message":{"model":"claude","usage":{"input_tokens":7,"output_tokens":1}}}"#,
            #"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":4}}"#,
            #"{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":7,"outputTokenCount":4}}"#,
        ]
        let stream = events.flatMap {
            Self.frame("chunk", #"{"p":"x","bytes":"\#(Base64.encode(Array($0.utf8)))"}"#)
        }
        let found = answers(
            run(
                "POST", "/model/m/invoke-with-response-stream", Self.asked, Self.amazon, stream))
        #expect(found.allSatisfy { $0.api == .bedrockInvoke })
        #expect(found.compactMap(\.usage.input) == [7, 7])
        #expect(found.compactMap(\.usage.output) == [4, 4])
        #expect(found.compactMap(\.outcome) == ["end_turn"])
    }

    /// Every prefix says no more than the whole, and frames that lie end the reading.
    @Test func badFramesSayNothing() {
        for count in Self.stream.indices {
            var events = AmazonEvents()
            var found = 0
            events.feed(Array(Self.stream[..<count]).span) { _ in found += 1 }
            #expect(found < 4 && !events.isBroken && events.heldBytes <= 512)
        }
        for bad in [[0, 0, 0, 15], [0, 0, 0, 40, 0, 0, 0, 25], [0xff, 0xff, 0xff, 0xff]] {
            var events = AmazonEvents()
            let bytes = bad.map { UInt8($0) } + [UInt8](repeating: 0, count: 64)
            events.feed(bytes.span) { _ in Issue.record("a bad frame was read") }
            #expect(events.isBroken)
        }
        // A long message is passed over, and the next is read.
        var events = AmazonEvents()
        var found = 0
        let long = Self.frame("metadata", String(repeating: " ", count: 70_000))
        events.feed((long + Self.frame("metadata", "{}")).span) { _ in found += 1 }
        #expect(found == 1 && !events.isBroken)
    }

    @Test(arguments: 0..<100)
    func mutatedFramesDoNoHarm(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        var bytes = Self.stream
        for _ in 0..<8 {
            bytes[Int.random(in: bytes.indices, using: &chance)] = .random(
                in: 0...255, using: &chance)
        }
        let found = run(
            "POST", "/model/m/converse-stream", Self.asked, Self.amazon, bytes, cuts: [50, 99])
        #expect(answers(found).count <= 5, "seed \(seed)")
    }
}
