import Codecs

/// Answers of LLM APIs, whole or as one event of a stream: the model, the tokens, the tools asked
/// for and how it ended. A piece that holds nothing but content is taken and says nothing.
enum ModelAnswerReader {
    static func read(
        _ content: Content, _ outline: Outline, _ request: HTTPRequest, emit: EmitMessage
    ) -> Bool {
        guard let response = content.carrier.response, (200..<300).contains(response.status) else {
            return false
        }
        if request.method == "GET" {
            return RuntimeReader.read(content, outline, request, response, emit: emit)
        }
        guard request.method == "POST",
            let api = api(outline, request, isEvent: content.carrier.kind == .serverSentEvent)
        else { return false }
        var fields = ModelAnswerFields()
        var input = JSONReader(content.bytes.span)
        do throws(ParseFailure) {
            try walk(&input, &fields, isList: outline.isList)
        } catch .needMore {
            guard content.isTruncated else { return false }
        } catch {
            return false
        }
        fields.forget(partOf: outline.type)
        let isStream = content.carrier.kind == .serverSentEvent || isLines(response)
        var call = ModelCall(
            api: api, isAnswer: true, model: fields.model, isStreaming: isStream, toolNames: [])
        call.toolsCalled = fields.tools
        if !fields.calls.parts.isEmpty {
            let calls = content.calls ?? AskedCallMemory()
            call.toolRequests = calls.take(
                fields.calls.parts, content.bytes.span, content.cuts)
            call.callIDs = fields.calls.ids
        }
        call.usage = fields.usage
        call.outcome = fields.outcome
        let isNews =
            !isStream || !fields.tools.isEmpty || !fields.usage.isEmpty || fields.outcome != nil
            || !call.toolRequests.isEmpty
        if isNews { emit(.modelCall(call, content.carrier)) }
        if isNews, let mark = RuntimeReader.mark(of: fields, outline, response) {
            emit(.runtime(mark, content.carrier))
        }
        return true
    }

    /// One object; a list of them, as Gemini streams; or several behind each other (NDJSON).
    private static func walk(
        _ input: inout JSONReader, _ fields: inout ModelAnswerFields, isList: Bool
    ) throws(ParseFailure) {
        if isList {
            try input.enterArray()
            while try input.nextElement() {
                if try input.kind() == .object {
                    try fields.read(&input)
                } else {
                    try input.skipValue()
                }
            }
            return
        }
        repeat {
            guard try input.kind() == .object else { return }
            try fields.read(&input)
        } while !input.isAtEnd()
    }

    private static func isLines(_ response: HTTPResponse) -> Bool {
        response.contentType.map { $0.hasPrefix("application/x-ndjson") } ?? false
    }

    /// Which API an answer is of, by its shape; nil when it is none.
    private static func api(
        _ outline: Outline, _ request: HTTPRequest, isEvent: Bool
    ) -> ModelCall.API? {
        let path = request.path
        if let vendor = ModelPath.gemini(path) {
            let isOne =
                vendor == .geminiEmbed
                ? outline.has(.embedding)
                : outline.has(.candidates) || outline.has(.usageMetadata)
            return isOne ? vendor : nil
        }
        if let bedrock = ModelPath.bedrock(path) {
            // The frames that an event comes in, Bedrock alone has.
            let isOne =
                isEvent || outline.has([.output, .usage]) || bedrock == .bedrockInvoke
            return isOne && !outline.isList ? bedrock : nil
        }
        if outline.isList { return outline.has(.generatedText) ? .tgiGenerate : nil }
        if let api = openAI(outline, path) { return api }
        if isAnthropic(outline) { return .anthropicMessages }
        if outline.has([.model, .done, .createdAt]) {
            return path.hasSuffix("/api/generate") || !outline.has(.message)
                ? .ollamaGenerate : .ollamaChat
        }
        if outline.has(.generatedText) { return .tgiGenerate }
        if outline.has([.content, .timings]) { return .llamaCompletion }
        if path.hasSuffix("/chat"), isCohere(outline) { return .cohereChat }
        if path.hasSuffix("/api/embed") || path.hasSuffix("/api/embeddings") {
            return outline.has(.embedding) ? .ollamaEmbed : nil
        }
        return nil
    }

    private static func openAI(_ outline: Outline, _ path: String) -> ModelCall.API? {
        switch outline.object {
        case "chat.completion", "chat.completion.chunk":
            return outline.has(.choices) ? .openAIChat : nil
        case "text_completion": return outline.has(.choices) ? .openAICompletions : nil
        case "response": return outline.has(.output) ? .openAIResponses : nil
        case "list":
            return outline.has([.data, .usage]) && outline.has(.model) ? .openAIEmbeddings : nil
        default: break
        }
        if outline.type?.hasPrefix("response.") == true { return .openAIResponses }
        // Some leave `object` out.
        guard outline.has([.choices, .model]) else { return nil }
        return path.hasSuffix("/chat/completions") ? .openAIChat : nil
    }

    private static func isAnthropic(_ outline: Outline) -> Bool {
        switch outline.type {
        case "message": outline.has([.model, .content])
        case "message_start": outline.has(.message)
        case "content_block_start", "content_block_delta", "content_block_stop", "message_delta",
            "message_stop":
            true
        default: false
        }
    }

    private static func isCohere(_ outline: Outline) -> Bool {
        switch outline.type {
        case "message-start", "content-start", "content-delta", "content-end", "tool-plan-delta",
            "tool-call-start", "tool-call-delta", "tool-call-end", "citation-start",
            "citation-end", "message-end":
            true
        case nil:
            outline.has([.id, .message]) || outline.has(.event) || outline.has([.text, .id])
                || outline.has([.text, .generation])
        default: false
        }
    }
}

extension ModelAnswerFields {
    /// Events at the beginning of a stream say what is counted again at its end; each says most of
    /// one side only.
    fileprivate mutating func forget(partOf type: String?) {
        switch type {
        case "message_start":
            usage.output = nil
            outcome = nil
        // A call is named when it begins, when it is whole, and in the end with all others.
        case "response.output_item.done": outcome = nil
        case "response.completed", "response.incomplete":
            tools = []
            calls = AskedCalls()
        case "response.created", "response.in_progress", "response.queued",
            "response.output_item.added":
            tools = []
            calls = AskedCalls()
            outcome = nil
        default:
            if type?.hasPrefix("response.") == true, type != "response.failed" { outcome = nil }
        }
    }
}
