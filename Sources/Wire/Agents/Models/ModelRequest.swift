/// The members of a body that tell a model call from other JSON, and what an inventory keeps of it.
struct ModelRequest {
    var model: String?
    var isStreaming: Bool?
    /// `messages`, a list of objects with a role.
    var hasMessages = false
    var hasInput = false
    /// `input` is a list of messages, or of what tools gave.
    var hasInputMessages = false
    var hasInstructions = false
    var hasPrompt = false
    var hasContents = false
    var hasContent = false
    var hasRequests = false
    var hasInputs = false
    var hasTextInputs = false
    var hasParameters = false
    var hasSystem = false
    var hasMaxTokens = false
    /// Members that only one API has.
    var isLlama = false
    var isOllama = false
    var isMistral = false
    /// `message` is a text.
    var isCohere = false
    /// A body that Bedrock takes for some vendor's model.
    var isInvoked = false
    var toolNames: [String] = []
    var toolCount = 0
    var toolResults = 0
    /// Stand for the ids of the calls whose results are brought back: the last 32.
    private(set) var resultIDs: [UInt64] = []
    var endUser: String?
    var remoteMCP: [ModelCall.RemoteMCP] = []

    mutating func read(_ input: inout JSONReader) throws(ParseFailure) {
        try input.enterObject()
        while let key = try input.nextKey() {
            switch key {
            case "model": model = try input.stringIfPresent(limit: 128)
            case "stream": isStreaming = try input.boolIfPresent()
            case "messages": hasMessages = try readMessages(&input)
            case "input": try readInput(&input)
            case "contents": hasContents = try readMessages(&input)
            case "prompt":
                let kind = try input.kind()
                hasPrompt = kind == .string || kind == .array
                isInvoked = isInvoked || hasPrompt
                try input.skipValue()
            case "tools", "functions": try readTools(&input)
            case "toolConfig": try readToolConfiguration(&input)
            case "mcp_servers": try readServers(&input)
            case "user", "safety_identifier": try readUser(&input)
            case "metadata": try readMetadata(&input)
            default: try readMark(key, &input)
            }
        }
    }

    /// Members that are looked at only for being there.
    private mutating func readMark(
        _ key: borrowing JSONKey, _ input: inout JSONReader
    ) throws(ParseFailure) {
        let kind = try input.kind()
        switch key {
        case "instructions", "previous_response_id", "conversation": hasInstructions = true
        case "content": hasContent = kind == .object
        case "requests": hasRequests = kind == .array
        case "inputs":
            hasInputs = true
            hasTextInputs = kind == .string
        case "parameters": hasParameters = kind == .object
        case "system": hasSystem = kind == .string || kind == .array
        case "max_tokens": hasMaxTokens = kind == .number
        case "n_predict", "cache_prompt", "id_slot", "slot_id": isLlama = true
        case "keep_alive": isOllama = true
        case "safe_prompt", "random_seed": isMistral = true
        case "message": isCohere = kind == .string
        case "anthropic_version", "inputText", "inferenceConfig", "textGenerationConfig":
            isInvoked = true
        default: break
        }
        try input.skipValue()
    }

    // MARK: - Messages

    /// Whether the value is a list that begins with an object with a role, or with parts.
    private mutating func readMessages(_ input: inout JSONReader) throws(ParseFailure) -> Bool {
        guard try input.entersArray() else { return false }
        var isFirst = true
        var hasRole = false
        while try input.nextElement() {
            let isMessage = try readMessage(&input)
            if isFirst { hasRole = isMessage }
            isFirst = false
        }
        return hasRole
    }

    private mutating func readMessage(_ input: inout JSONReader) throws(ParseFailure) -> Bool {
        guard try input.entersObject() else { return false }
        var role: String?
        var hasParts = false
        var results = 0
        while let key = try input.nextKey() {
            switch key {
            case "role": role = try input.stringIfPresent(limit: 16)
            case "content": results += try countResults(&input)
            case "tool_call_id": try noteResult(&input)
            case "parts":
                hasParts = true
                results += try countResults(&input)
            default: try input.skipValue()
            }
        }
        if role == "tool" || role == "function" { results = max(results, 1) }
        toolResults += results
        return role != nil || hasParts
    }

    /// Blocks of a message that bring back what a tool gave.
    private mutating func countResults(_ input: inout JSONReader) throws(ParseFailure) -> Int {
        guard try input.entersArray() else { return 0 }
        var count = 0
        while try input.nextObject() {
            var isResult = false
            while let key = try input.nextKey() {
                switch key {
                case "type":
                    let type = try input.stringIfPresent(limit: 32)
                    if type == "tool_result" || type == "mcp_tool_result" { isResult = true }
                case "tool_use_id": try noteResult(&input)
                case "toolResult":
                    isResult = true
                    try readResult(&input)
                case "functionResponse", "function_response":
                    isResult = true
                    try input.skipValue()
                default: try input.skipValue()
                }
            }
            if isResult { count += 1 }
        }
        return count
    }

    private mutating func noteResult(_ input: inout JSONReader) throws(ParseFailure) {
        guard let id = try input.callID() else { return }
        if resultIDs.count >= 32 { resultIDs.removeFirst() }
        resultIDs.append(id)
    }

    /// `toolResult` of Bedrock.
    private mutating func readResult(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersObject() else { return }
        while let key = try input.nextKey() {
            if "toolUseId" ~= key { try noteResult(&input) } else { try input.skipValue() }
        }
    }

    /// `input` of Responses and of embeddings.
    private mutating func readInput(_ input: inout JSONReader) throws(ParseFailure) {
        let kind = try input.kind()
        hasInput = kind == .string || kind == .array
        guard kind == .array else { return try input.skipValue() }
        try input.enterArray()
        while try input.nextObject() {
            while let key = try input.nextKey() {
                switch key {
                case "role":
                    hasInputMessages = true
                    try input.skipValue()
                case "type":
                    let type = try input.stringIfPresent(limit: 48)
                    if type?.hasSuffix("_call_output") == true {
                        hasInputMessages = true
                        toolResults += 1
                    }
                // Of a call that was asked for, too, but its result is what comes last.
                case "call_id": try noteResult(&input)
                default: try input.skipValue()
                }
            }
        }
    }

    // MARK: - Persons

    /// Who is the person: the first that is told; `safety_identifier` and `user` are one.
    private mutating func readUser(_ input: inout JSONReader) throws(ParseFailure) {
        let text = try input.stringIfPresent(limit: 512)
        if let text, !text.isEmpty, endUser == nil { endUser = text }
    }

    private mutating func readMetadata(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersObject() else { return }
        while let key = try input.nextKey() {
            if "user_id" ~= key { try readUser(&input) } else { try input.skipValue() }
        }
    }
}

// MARK: - Tools

extension ModelRequest {
    /// `tools[].name`, `tools[].function.name`, `tools[].functionDeclarations[].name`, or an MCP
    /// server that the model's side shall call.
    private mutating func readTools(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersArray() else { return }
        while try input.nextElement() {
            guard try input.kind() == .object else {
                try input.skipValue()
                continue
            }
            try readTool(&input)
        }
    }

    private mutating func readTool(_ input: inout JSONReader) throws(ParseFailure) {
        var name: String?
        var type: String?
        var label: String?
        var url: String?
        var isList = false
        try input.enterObject()
        while let key = try input.nextKey() {
            switch key {
            case "name": name = try input.stringIfPresent(limit: 128)
            case "type": type = try input.stringIfPresent(limit: 64)
            case "function", "toolSpec": name = try Self.name(&input)
            case "functionDeclarations", "function_declarations":
                isList = true
                try readTools(&input)
            case "server_label": label = try input.stringIfPresent(limit: 128)
            case "server_url": url = try input.stringIfPresent(limit: 1024)
            default: try input.skipValue()
            }
        }
        if type == "mcp" { note(label ?? "", url) }
        if isList { return }
        toolCount += 1
        // What the vendor runs itself has a type and no name.
        if let name = name ?? (type == "function" || type == "mcp" ? nil : type),
            toolNames.count < 128
        {
            toolNames.append(name)
        }
    }

    private static func name(_ input: inout JSONReader) throws(ParseFailure) -> String? {
        guard try input.entersObject() else { return nil }
        var name: String?
        while let key = try input.nextKey() {
            if "name" ~= key {
                name = try input.stringIfPresent(limit: 128)
            } else {
                try input.skipValue()
            }
        }
        return name
    }

    /// `toolConfig.tools[]` of Bedrock.
    private mutating func readToolConfiguration(
        _ input: inout JSONReader
    ) throws(ParseFailure) {
        guard try input.entersObject() else { return }
        while let key = try input.nextKey() {
            if "tools" ~= key { try readTools(&input) } else { try input.skipValue() }
        }
    }

    /// `mcp_servers[]` of Anthropic: names and hosts, no tokens.
    private mutating func readServers(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersArray() else { return }
        while try input.nextObject() {
            var label: String?
            var url: String?
            while let key = try input.nextKey() {
                switch key {
                case "name": label = try input.stringIfPresent(limit: 128)
                case "url": url = try input.stringIfPresent(limit: 1024)
                default: try input.skipValue()
                }
            }
            note(label ?? "", url)
        }
    }

    private mutating func note(_ label: String, _ url: String?) {
        guard remoteMCP.count < 32 else { return }
        let server = ModelCall.RemoteMCP(label: label, host: PlainURL.host(url))
        if !remoteMCP.contains(server) { remoteMCP.append(server) }
    }
}
