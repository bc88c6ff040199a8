import Codecs

/// LLM APIs in plaintext: the body's shape says that it is one, and only where two APIs share a
/// shape the path or a head tells which.
enum ModelCallReader: ContentReader {
    private static let requestShapes: [Outline.Members] = [
        .messages, .contents, .input, .prompt, .inputs, .message, .content, .requests,
    ]

    static func read(_ content: Content, _ outline: Outline, emit: EmitMessage) -> Bool {
        guard let request = content.carrier.request else { return false }
        if content.carrier.response != nil {
            return ModelAnswerReader.read(content, outline, request, emit: emit)
        }
        guard request.method == "POST", !outline.isList,
            requestShapes.contains(where: { outline.has($0) })
        else { return false }
        var input = JSONReader(content.bytes.span)
        var shape = ModelRequest()
        do throws(ParseFailure) {
            try shape.read(&input)
        } catch .needMore {
            guard content.isTruncated else { return false }
        } catch {
            return false
        }
        guard let api = api(of: shape, request) else { return false }
        var call = ModelCall(
            api: api, isAnswer: false, model: shape.model ?? ModelPath.model(request.path),
            isStreaming: shape.isStreaming ?? isStream(api, request.path),
            toolNames: shape.toolNames)
        call.toolCount = shape.toolCount
        call.toolResults = shape.toolResults
        call.callIDs = shape.resultIDs
        call.endUser = shape.endUser.map { Pseudonym(of: $0) }
        call.remoteMCP = shape.remoteMCP
        emit(.modelCall(call, content.carrier))
        return true
    }

    /// Whether the answer comes as a stream where the body says nothing of it.
    private static func isStream(_ api: ModelCall.API, _ path: String) -> Bool {
        switch api {
        case .ollamaChat, .ollamaGenerate: true
        case .geminiGenerate: path.hasSuffix(":streamGenerateContent")
        case .bedrockConverse, .bedrockInvoke: path.hasSuffix("-stream")
        case .tgiGenerate: path.hasSuffix("/generate_stream")
        default: false
        }
    }

    private static func api(of shape: ModelRequest, _ request: HTTPRequest) -> ModelCall.API? {
        let path = request.path
        if let vendor = ModelPath.gemini(path) {
            if shape.hasContents, vendor != .geminiEmbed { return .geminiGenerate }
            return vendor == .geminiEmbed && (shape.hasContent || shape.hasRequests)
                ? .geminiEmbed : nil
        }
        if let bedrock = ModelPath.bedrock(path) {
            return shape.hasMessages || (bedrock == .bedrockInvoke && shape.isInvoked)
                ? bedrock : nil
        }
        if shape.hasPrompt, path.hasSuffix("/completion"), shape.isLlama || shape.model == nil {
            return .llamaCompletion
        }
        if shape.hasInputs,
            shape.hasParameters || path.hasSuffix("/generate")
                || path.hasSuffix("/generate_stream")
        {
            return shape.hasTextInputs ? .tgiGenerate : nil
        }
        guard shape.model?.isEmpty == false else {
            return shape.isCohere && path.hasSuffix("/chat") ? .cohereChat : nil
        }
        if shape.hasMessages { return chat(shape, request) }
        if shape.hasInput {
            if path.hasSuffix("/embeddings") { return .openAIEmbeddings }
            if path.hasSuffix("/api/embed") { return .ollamaEmbed }
            let isConversation = shape.hasInputMessages || shape.hasInstructions
            return path.hasSuffix("/responses") || isConversation ? .openAIResponses : nil
        }
        if shape.hasPrompt {
            if path.hasSuffix("/api/generate") { return .ollamaGenerate }
            if path.hasSuffix("/api/embeddings") { return .ollamaEmbed }
            return path.hasSuffix("/completions") ? .openAICompletions : nil
        }
        return shape.isCohere ? .cohereChat : nil
    }

    /// Of the APIs that have a model and messages.
    private static func chat(_ shape: ModelRequest, _ request: HTTPRequest) -> ModelCall.API {
        let path = request.path
        if path.hasSuffix("/messages/count_tokens") { return .anthropicCountTokens }
        let isAnthropic =
            request.anthropicVersion != nil || path.hasSuffix("/v1/messages")
            || (shape.hasSystem && shape.hasMaxTokens)
        if isAnthropic { return .anthropicMessages }
        if path.hasSuffix("/api/chat") { return .ollamaChat }
        if path.hasSuffix("/chat/completions") {
            return shape.isMistral ? .mistralChat : .openAIChat
        }
        if shape.isOllama { return .ollamaChat }
        if path.hasSuffix("/v2/chat") { return .cohereChat }
        return shape.isMistral ? .mistralChat : .openAIChat
    }
}

/// What the paths of some APIs hold.
enum ModelPath {
    /// `…/models/{model}:generateContent` and its like.
    static func gemini(_ path: String) -> ModelCall.API? {
        if path.hasSuffix(":generateContent") || path.hasSuffix(":streamGenerateContent") {
            return .geminiGenerate
        }
        return path.hasSuffix(":embedContent") || path.hasSuffix(":batchEmbedContents")
            ? .geminiEmbed : nil
    }

    /// `/model/{id}/converse`, `/model/{id}/invoke` and their streams.
    static func bedrock(_ path: String) -> ModelCall.API? {
        let parts = path.split(separator: "/").suffix(3)
        guard parts.count == 3, parts.first == "model", let verb = parts.last else { return nil }
        switch verb {
        case "converse", "converse-stream": return .bedrockConverse
        case "invoke", "invoke-with-response-stream": return .bedrockInvoke
        default: return nil
        }
    }

    /// The model that the path names; nil where the API has it in the body.
    static func model(_ path: String) -> String? {
        if gemini(path) != nil, let last = path.split(separator: "/").last {
            return String(last.prefix { $0 != ":" }.prefix(128))
        }
        guard bedrock(path) != nil else { return nil }
        return path.split(separator: "/").dropLast().last.map { String(unescaped($0).prefix(128)) }
    }

    /// Percent-encoding undone, as far as it is ASCII.
    private static func unescaped(_ text: Substring) -> String {
        var out: [UInt8] = []
        let bytes = Array(text.utf8)
        var at = 0
        while at < bytes.count {
            if bytes[at] == 37, at + 2 < bytes.count, let high = hex(bytes[at + 1]),
                let low = hex(bytes[at + 2]), high < 8
            {
                out.append(high << 4 | low)
                at += 3
            } else {
                out.append(bytes[at])
                at += 1
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func hex(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
