/// What an answer of any LLM API says besides its content, read in one walk: the names that the
/// APIs give to the same thing differ, the places hardly.
struct ModelAnswerFields {
    /// Where an object stands.
    enum Place {
        case root
        /// A choice, a candidate, a message or a delta: what holds blocks and calls.
        case turn
        /// A block of content or an item of output: a call when its type says so.
        case block
        /// An entry of `tool_calls`, or the object that holds its name.
        case call
        case usage
    }

    var model: String?
    var type: String?
    var outcome: String?
    var tools: [String] = []
    var usage = ModelCall.Usage()
    var hasChoices = false
    var hasFingerprint = false
    var hasTimings = false
    var hasDurations = false
    /// Of llama.cpp: `tokens_predicted` or `tokens_evaluated`.
    var hasTokenCounts = false
    /// Of vLLM: `prompt_logprobs` or `kv_transfer_params` beside what OpenAI has.
    var hasVLLMKeys = false
    /// Of a list of models: `owned_by` of the first.
    var owner: String?
    var listedModels: [String] = []
    var isModelList = false
    var isLocalList = false
    var isEmbedding = false
    /// What was read of arguments, in the order of the text.
    var calls = AskedCalls()
    private static let deepest = 8

    mutating func read(_ input: inout JSONReader) throws(ParseFailure) {
        try object(&input, .root, 0)
    }

    private mutating func object(
        _ input: inout JSONReader, _ place: Place, _ depth: Int
    ) throws(ParseFailure) {
        guard try input.kind() == .object, depth < Self.deepest else {
            return try input.skipValue()
        }
        var name: String?
        var type: String?
        var call = AskedCalls.Part()
        let before = calls.parts.count
        try input.enterObject()
        while let key = try input.nextKey() {
            if try call.read(key, &input, place) { continue }
            switch key {
            case "name" where place == .block || place == .call:
                name = try input.stringIfPresent(limit: 128)
            case "type" where place == .block || place == .root:
                type = try input.stringIfPresent(limit: 48)
            default: try member(key, &input, place, depth)
            }
        }
        if place == .root { self.type = self.type ?? type }
        if place != .block || Self.isCall(type) {
            // What the vendor's side runs itself, nobody here is asked for.
            if place == .block, !Self.isCallHere(type) { call = AskedCalls.Part() }
            call.name = name
            calls.note(call, at: place, inside: before)
        }
        guard let name, !name.isEmpty else { return }
        if place == .call || (place == .block && Self.isCall(type)) { note(name) }
    }

    private static func isCall(_ type: String?) -> Bool {
        switch type {
        case "tool_use", "server_tool_use", "mcp_tool_use", "function_call", "mcp_call",
            "custom_tool_call":
            true
        default: false
        }
    }

    private static func isCallHere(_ type: String?) -> Bool {
        type == "tool_use" || type == "function_call"
    }

    private mutating func note(_ tool: String) {
        if tools.count < 128 { tools.append(tool) }
    }

    private mutating func member(
        _ key: borrowing JSONKey, _ input: inout JSONReader, _ place: Place, _ depth: Int
    ) throws(ParseFailure) {
        if place == .usage { return try count(key, &input, depth) }
        switch key {
        case "model", "modelVersion", "model_id":
            let text = try input.stringIfPresent(limit: 128)
            if let text, !text.isEmpty { model = text }
        case "finish_reason", "stop_reason", "finishReason", "stopReason", "done_reason",
            "stop_type":
            let text = try input.stringIfPresent(limit: 32)
            if let text, !text.isEmpty { outcome = text }
        case "status" where place == .root:
            let text = try input.stringIfPresent(limit: 32)
            if let text, outcome == nil { outcome = text }
        case "choices":
            hasChoices = try input.kind() == .array
            try objects(&input, .turn, depth)
        case "message", "delta", "candidates", "response", "start":
            try objects(&input, .turn, depth)
        case "parts", "content", "content_block", "output", "item":
            try objects(&input, .block, depth)
        case "tool_calls", "function_call", "functionCall", "toolUse", "function":
            try objects(&input, .call, depth)
        case "usage", "usageMetadata", "tokens", "details", "timings", "meta",
            "amazon-bedrock-invocationMetrics":
            if "timings" ~= key { hasTimings = true }
            try objects(&input, .usage, depth)
        case "data", "models": try list(&input)
        case "embeddings", "embedding":
            isEmbedding = true
            try input.skipValue()
        default: try mark(key, &input, depth)
        }
    }

    private mutating func mark(
        _ key: borrowing JSONKey, _ input: inout JSONReader, _ depth: Int
    ) throws(ParseFailure) {
        switch key {
        case "prompt_eval_count": usage.input = try input.countIfPresent() ?? usage.input
        case "eval_count": usage.output = try input.countIfPresent() ?? usage.output
        case "tokens_evaluated":
            hasTokenCounts = true
            usage.input = try input.countIfPresent() ?? usage.input
        case "tokens_predicted":
            hasTokenCounts = true
            usage.output = try input.countIfPresent() ?? usage.output
        case "system_fingerprint":
            hasFingerprint = try input.kind() == .string
            try input.skipValue()
        case "total_duration", "eval_duration":
            hasDurations = true
            try input.skipValue()
        case "prompt_logprobs", "kv_transfer_params":
            hasVLLMKeys = true
            try input.skipValue()
        default: try input.skipValue()
        }
    }

    private mutating func objects(
        _ input: inout JSONReader, _ place: Place, _ depth: Int
    ) throws(ParseFailure) {
        switch try input.kind() {
        case .object: try object(&input, place, depth + 1)
        case .array:
            try input.enterArray()
            while try input.nextElement() { try object(&input, place, depth + 1) }
        default: try input.skipValue()
        }
    }

    /// Tokens; the counts of parts stand in objects inside.
    private mutating func count(
        _ key: borrowing JSONKey, _ input: inout JSONReader, _ depth: Int
    ) throws(ParseFailure) {
        switch key {
        case "prompt_tokens", "input_tokens", "inputTokens", "promptTokenCount", "prompt_n",
            "inputTokenCount":
            usage.input = try input.countIfPresent() ?? usage.input
        case "completion_tokens", "output_tokens", "outputTokens", "candidatesTokenCount",
            "generated_tokens", "predicted_n", "outputTokenCount":
            usage.output = try input.countIfPresent() ?? usage.output
        case "cached_tokens", "cache_read_input_tokens", "cacheReadInputTokens",
            "cachedContentTokenCount", "prompt_cache_hit_tokens":
            usage.cached = try input.countIfPresent() ?? usage.cached
        case "reasoning_tokens", "thoughtsTokenCount":
            usage.reasoning = try input.countIfPresent() ?? usage.reasoning
        case "finish_reason":
            outcome = try input.stringIfPresent(limit: 32) ?? outcome
        case "prompt_tokens_details", "input_tokens_details", "completion_tokens_details",
            "output_tokens_details", "tokens":
            try objects(&input, .usage, depth)
        default: try input.skipValue()
        }
    }

    /// `data[]` or `models[]`: what a server has, or vectors.
    private mutating func list(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersArray() else { return }
        while try input.nextObject() {
            var id: String?
            var kind: String?
            var hasDigest = false
            while let key = try input.nextKey() {
                switch key {
                case "id", "name": id = try input.stringIfPresent(limit: 128)
                case "object": kind = try input.stringIfPresent(limit: 32)
                case "owned_by":
                    let text = try input.stringIfPresent(limit: 64)
                    owner = owner ?? text
                case "digest":
                    hasDigest = try input.kind() == .string
                    try input.skipValue()
                default: try input.skipValue()
                }
            }
            if kind == "embedding" { isEmbedding = true }
            guard let id, !id.isEmpty else { continue }
            if kind != nil, kind != "embedding" { isModelList = true }
            if hasDigest { isLocalList = true }
            if listedModels.count < 64 { listedModels.append(id) }
        }
    }
}
