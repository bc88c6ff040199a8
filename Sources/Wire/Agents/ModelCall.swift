/// LLM API requests in plaintext: the body's shape says that it is one, the path and the heads
/// which.
enum ModelCallReader: ContentReader {
    static func read(_ content: Content, emit: EmitMessage) -> Bool {
        guard content.opening == UInt8(ascii: "{"), let request = content.carrier.request else {
            return false
        }
        var shape = ModelShape()
        var input = JSONReader(content.bytes.span)
        do throws(ParseFailure) {
            try shape.read(&input)
        } catch .needMore {
            guard content.isTruncated else { return false }
        } catch {
            return false
        }
        let isAnswer = content.carrier.response != nil
        let api = isAnswer ? answered(shape, request, content.carrier) : asked(shape, request)
        guard let api else { return false }
        let model = api == .geminiGenerate ? geminiModel(request.path) : shape.model
        let streamsByDefault = api == .ollamaChat || api == .ollamaGenerate
        emit(
            .modelCall(
                ModelCall(
                    api: api, isAnswer: isAnswer, model: isAnswer ? nil : model,
                    isStreaming: shape.isStreaming
                        ?? (streamsByDefault || request.path.hasSuffix(":streamGenerateContent")),
                    toolNames: shape.toolNames), content.carrier))
        return true
    }

    /// Which API a request body belongs to; nil when it is no model call.
    private static func asked(_ shape: ModelShape, _ request: HTTPRequest) -> ModelCall.API? {
        guard request.method == "POST" else { return nil }
        let path = request.path
        if shape.hasContents,
            path.hasSuffix(":generateContent") || path.hasSuffix(":streamGenerateContent")
        {
            return .geminiGenerate
        }
        guard shape.model?.isEmpty == false else { return nil }
        if shape.hasMessages {
            if request.anthropicVersion != nil || path.hasSuffix("/v1/messages") {
                return .anthropicMessages
            }
            if path.hasSuffix("/api/chat") { return .ollamaChat }
            return .openAIChat
        }
        if shape.hasInput, path.hasSuffix("/embeddings") { return .openAIEmbeddings }
        if shape.hasInput, path.hasSuffix("/responses") { return .openAIResponses }
        if shape.hasPrompt, path.hasSuffix("/api/generate") { return .ollamaGenerate }
        return nil
    }

    /// Lists of models are asked for without a body, so their answer is what tells.
    private static func answered(
        _ shape: ModelShape, _ request: HTTPRequest, _ carrier: Carrier
    ) -> ModelCall.API? {
        guard request.method == "GET", carrier.response?.status == 200 else { return nil }
        if shape.listsLocalModels, request.path.hasSuffix("/api/tags") { return .ollamaTags }
        if shape.listsModels, request.path.hasSuffix("/models") { return .openAIModels }
        return nil
    }

    /// The model in `…/models/{model}:generateContent`.
    private static func geminiModel(_ path: String) -> String? {
        guard let last = path.split(separator: "/").last else { return nil }
        return String(last.prefix { $0 != ":" }.prefix(128))
    }
}

/// The top-level members of a body that tell a model call from other JSON.
private struct ModelShape {
    var model: String?
    var isStreaming: Bool?
    /// `messages`, a list of objects with a role.
    var hasMessages = false
    var hasInput = false
    var hasPrompt = false
    var hasContents = false
    /// `data`, a list of objects whose `object` is `model`.
    var listsModels = false
    /// `models`, a list of objects with `name` and `digest`.
    var listsLocalModels = false
    var toolNames: [String] = []

    mutating func read(_ input: inout JSONReader) throws(ParseFailure) {
        try input.enterObject()
        while let key = try input.nextKey() {
            switch key {
            case "model": model = try input.stringIfPresent(limit: 128)
            case "stream": isStreaming = try input.boolIfPresent()
            case "messages": hasMessages = try ModelShape.elements(&input, have: ["role"])
            case "contents": hasContents = try ModelShape.elements(&input, have: ["parts"])
            case "data": listsModels = try ModelShape.elements(&input, have: ["id", "object"])
            case "models":
                listsLocalModels = try ModelShape.elements(&input, have: ["name", "digest"])
            case "input":
                let kind = try input.kind()
                hasInput = kind == .string || kind == .array
                try input.skipValue()
            case "prompt":
                hasPrompt = try input.kind() == .string
                try input.skipValue()
            case "tools": try readToolNames(&input)
            default: try input.skipValue()
            }
        }
    }

    /// Whether the value is a list whose first element is an object with all of `names`.
    private static func elements(
        _ input: inout JSONReader, have names: Set<String>
    ) throws(ParseFailure) -> Bool {
        guard try input.kind() == .array else {
            try input.skipValue()
            return false
        }
        var found: Set<String> = []
        var isFirst = true
        try input.enterArray()
        while try input.nextElement() {
            guard isFirst, try input.kind() == .object else {
                isFirst = false
                try input.skipValue()
                continue
            }
            isFirst = false
            try input.enterObject()
            while let key = try input.nextKey() {
                let name = key.text
                if names.contains(name) { found.insert(name) }
                try input.skipValue()
            }
        }
        return found == names
    }

    /// `tools[].name`, or `tools[].function.name`.
    private mutating func readToolNames(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.kind() == .array else { return try input.skipValue() }
        try input.enterArray()
        while try input.nextElement() {
            guard try input.kind() == .object else {
                try input.skipValue()
                continue
            }
            var name: String?
            try input.enterObject()
            while let key = try input.nextKey() {
                if "name" ~= key {
                    name = try input.stringIfPresent(limit: 128)
                } else if "function" ~= key, try input.kind() == .object {
                    try input.enterObject()
                    while let inner = try input.nextKey() {
                        if "name" ~= inner {
                            name = try input.stringIfPresent(limit: 128)
                        } else {
                            try input.skipValue()
                        }
                    }
                } else {
                    try input.skipValue()
                }
            }
            if let name, toolNames.count < 128 { toolNames.append(name) }
        }
    }
}
