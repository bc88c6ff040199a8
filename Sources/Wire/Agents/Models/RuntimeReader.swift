/// Programs that serve models, by their own marks and not by their port: a Server field that names
/// one, members that no other writes, answers on paths of their own.
enum RuntimeReader {
    /// The answer to a GET: a list of models, or what a server says of itself.
    static func read(
        _ content: Content, _ outline: Outline, _ request: HTTPRequest, _ response: HTTPResponse,
        emit: EmitMessage
    ) -> Bool {
        guard response.status == 200 else { return false }
        if let mark = ownPath(outline, request.path) {
            var mark = mark
            mark.model = model(content)
            emit(.runtime(mark, content.carrier))
            return true
        }
        guard !outline.isList, outline.has(.data) || outline.has(.models) else { return false }
        var fields = ModelAnswerFields()
        var input = JSONReader(content.bytes.span)
        do throws(ParseFailure) {
            try fields.read(&input)
        } catch .needMore {
            guard content.isTruncated else { return false }
        } catch {
            return false
        }
        let api: ModelCall.API
        if fields.isLocalList, request.path.hasSuffix("/api/tags") {
            api = .ollamaTags
        } else if fields.isModelList, request.path.hasSuffix("/models") {
            api = .openAIModels
        } else if fields.isLocalList, request.path.hasSuffix("/api/ps") {
            emit(
                .runtime(
                    RuntimeMark(
                        runtime: "ollama", mark: "models with digests at /api/ps", isProof: true,
                        model: fields.listedModels.first), content.carrier))
            return true
        } else {
            return false
        }
        emit(
            .modelCall(
                ModelCall(
                    api: api, isAnswer: true, model: nil, isStreaming: false, toolNames: []),
                content.carrier))
        if let mark = listMark(fields, api, response) { emit(.runtime(mark, content.carrier)) }
        return true
    }

    /// Answers of such a shape on such a path only one program gives.
    private static func ownPath(_ outline: Outline, _ path: String) -> RuntimeMark? {
        if path.hasSuffix("/props"), outline.has(.defaultSettings) {
            return RuntimeMark(
                runtime: "llama-cpp", mark: "default_generation_settings at /props", isProof: true)
        }
        if path.hasSuffix("/slots"), outline.isList, outline.has(.slots) {
            return RuntimeMark(runtime: "llama-cpp", mark: "id_task at /slots", isProof: true)
        }
        if path.hasSuffix("/info"), outline.has([.modelID, .modelInfo]) {
            return RuntimeMark(
                runtime: "tgi", mark: "model_id and model_dtype at /info", isProof: false)
        }
        if path.hasSuffix("/get_model_info"), outline.has(.modelID) {
            return RuntimeMark(
                runtime: "sglang", mark: "model_path at /get_model_info", isProof: true)
        }
        return nil
    }

    /// The model that such an answer names.
    private static func model(_ content: Content) -> String? {
        var input = JSONReader(content.bytes.span)
        do throws(ParseFailure) {
            guard try input.kind() == .object else { return nil }
            try input.enterObject()
            while let key = try input.nextKey() {
                switch key {
                case "model_id", "model_path", "model_alias":
                    let text = try input.stringIfPresent(limit: 1024)
                    // A path on somebody's disk is shown by its last part.
                    return text.flatMap { $0.split(separator: "/").last.map(String.init) }
                default: try input.skipValue()
                }
            }
        } catch {
            return nil
        }
        return nil
    }

    private static func listMark(
        _ fields: ModelAnswerFields, _ api: ModelCall.API, _ response: HTTPResponse
    ) -> RuntimeMark? {
        let model = fields.listedModels.first
        if api == .ollamaTags {
            return RuntimeMark(
                runtime: "ollama", mark: "models with digests at /api/tags", isProof: true,
                model: model)
        }
        let known = [
            "vllm": "vllm", "llamacpp": "llama-cpp", "library": "ollama", "sglang": "sglang",
            "lmdeploy": "lmdeploy", "organization_owner": "lmstudio", "mistral.rs": "mistral-rs",
        ]
        if let owner = fields.owner, let runtime = known[owner] {
            return RuntimeMark(
                runtime: runtime, mark: "models owned_by \(owner)",
                isProof: owner == runtime || owner == "llamacpp", model: model)
        }
        return server(response).map {
            RuntimeMark(runtime: $0.runtime, mark: $0.mark, isProof: true, model: model)
        }
    }

    /// The Server field, or another of an answer's head, where it is a program's own.
    static func server(
        _ response: HTTPResponse, isEmbedding: Bool = false
    ) -> (runtime: String, mark: String)? {
        if let program = response.program { return program.runtime(isEmbedding: isEmbedding) }
        return switch response.server {
        case "llama.cpp": ("llama-cpp", "Server: llama.cpp")
        case "ConcedoLlamaForKoboldServer": ("koboldcpp", "Server: ConcedoLlamaForKoboldServer")
        case "whisper.cpp": ("whisper-cpp", "Server: whisper.cpp")
        default: nil
        }
    }

    /// What an answer of a model says of the program that gave it.
    static func mark(
        of fields: ModelAnswerFields, _ outline: Outline, _ response: HTTPResponse
    ) -> RuntimeMark? {
        if let named = server(response, isEmbedding: fields.isEmbedding) {
            return RuntimeMark(
                runtime: named.runtime, mark: named.mark, isProof: true, model: fields.model)
        }
        if outline.has(.timings), fields.hasTimings {
            return RuntimeMark(
                runtime: "llama-cpp", mark: "timings in an answer", isProof: fields.hasTokenCounts,
                model: fields.model)
        }
        if fields.hasDurations, outline.has([.model, .done]) {
            return RuntimeMark(
                runtime: "ollama", mark: "total_duration in an answer", isProof: true,
                model: fields.model)
        }
        if fields.hasVLLMKeys, outline.has(.choices) {
            return RuntimeMark(
                runtime: "vllm", mark: "prompt_logprobs or kv_transfer_params in an answer",
                isProof: false, model: fields.model)
        }
        if outline.has(.generatedText) {
            return RuntimeMark(
                runtime: "tgi", mark: "generated_text in an answer", isProof: false,
                model: fields.model)
        }
        return nil
    }
}
