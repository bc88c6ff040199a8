import Codecs

/// The Model Context Protocol, every published revision: which members and shapes are its own.
enum MCP {
    /// Whether only MCP has the method (revisions 2024-11-05 to 2026-07-28); shared ones are left
    /// out.
    static func isOwn(_ method: String) -> Bool {
        switch method {
        case "tools/list", "prompts/list", "prompts/get", "resources/read", "resources/list",
            "resources/templates/list", "server/discover", "subscriptions/listen",
            "sampling/createMessage", "roots/list", "logging/setLevel", "completion/complete":
            true
        default: false
        }
    }

    /// `YYYY-MM-DD`, or `DRAFT-YYYY-vN`; a date unknown to us is a revision all the same.
    static func isRevision(_ text: String?) -> Bool {
        guard let text else { return false }
        let count = text.utf8.count
        guard count == 10 || count >= 13 else { return false }
        let bytes = Array(text.utf8)
        let isDigit = { (byte: UInt8) in (48...57).contains(byte) }
        if bytes.starts(with: Array("DRAFT-".utf8)) {
            let rest = bytes.dropFirst(6)
            return rest.count >= 7 && rest.prefix(4).allSatisfy(isDigit)
                && rest.dropFirst(4).starts(with: Array("-v".utf8))
                && rest.dropFirst(6).allSatisfy(isDigit)
        }
        guard bytes.count == 10, bytes[4] == 45, bytes[7] == 45 else { return false }
        return bytes.enumerated().allSatisfy {
            $0.offset == 4 || $0.offset == 7 || isDigit($0.element)
        }
    }
}

/// Shapes met in an envelope that speak for or against MCP.
struct MCPShape {
    var hasReservedKey = false
    var hasCapabilities = false
    /// processId, rootUri, rootPath: the Language Server Protocol's initialize.
    var hasEditorKeys = false
    var hasArgumentsObject = true
    var hasLevel = false
    var hasProgressToken = false
    var hasSubscriptionID = false
    /// Every tool listed has a name and an inputSchema object, and there is one at least.
    var listsTools = false
    var hasTypedContent = false
    var hasIsError = false
    var hasStructuredContent = false

    /// The marks of the whole message (Docs/MCP.md).
    func marks(of message: RPCMessage, carriedBy carrier: Carrier) -> MCPMarks {
        var marks: MCPMarks = []
        if hasReservedKey { marks.insert(.reservedKey) }
        let isDated = MCP.isRevision(message.protocolVersion)
        if let method = message.method {
            if method == "initialize", isDated, message.clientInfo != nil, hasCapabilities,
                !hasEditorKeys
            {
                marks.insert(.initializeRequest)
            }
            if carrier.response == nil, carrier.request?.mcpMethod == method {
                marks.insert(.methodHeader)
            }
            if method == "tools/call", message.name != nil, hasArgumentsObject {
                marks.insert(.toolCall)
            }
            if MCP.isOwn(method) { marks.insert(.method) }
            if message.kind == .notification, isNotification(method) { marks.insert(.notification) }
        } else if message.kind == .result {
            if isDated, message.serverInfo != nil, hasCapabilities {
                marks.insert(.initializeResult)
            }
            if !message.supportedVersions.isEmpty, hasCapabilities,
                message.supportedVersions.allSatisfy({ MCP.isRevision($0) })
            {
                marks.insert(.discoverResult)
            }
            if listsTools { marks.insert(.toolsResult) }
            if hasTypedContent, hasIsError || hasStructuredContent { marks.insert(.toolResult) }
        }
        if carrier.request?.mcpSession != nil || MCP.isRevision(carrier.request?.mcpVersion) {
            marks.insert(.sessionHeader)
        }
        return marks
    }

    private func isNotification(_ method: String) -> Bool {
        switch method {
        case "notifications/initialized", "notifications/tools/list_changed",
            "notifications/prompts/list_changed", "notifications/resources/list_changed",
            "notifications/subscriptions/acknowledged":
            return true
        case "notifications/message": return hasLevel
        case "notifications/progress": return hasProgressToken
        default: return false
        }
    }
}

extension EnvelopeDraft {
    // MARK: - Requests

    mutating func readParams(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.kind() == .object else { return try input.skipValue() }
        try input.enterObject()
        while let key = try input.nextKey() {
            switch key {
            case "name": message.name = try input.stringIfPresent(limit: 256)
            case "uri": message.name = try input.stringIfPresent(limit: 1024).map(Self.withoutQuery)
            case "arguments": try readArgumentNames(&input)
            case "protocolVersion": message.protocolVersion = try input.stringIfPresent(limit: 32)
            case "clientInfo": message.clientInfo = try Self.implementation(&input)
            case "capabilities": try readCapabilities(&input)
            case "processId", "rootUri", "rootPath":
                shape.hasEditorKeys = true
                try input.skipValue()
            case "inputResponses":
                message.hasInputResponses = try input.kind() == .object
                try input.skipValue()
            case "cursor":
                message.hasCursor = try input.kind() == .string
                try input.skipValue()
            case "level":
                shape.hasLevel = try input.kind() == .string
                try input.skipValue()
            case "progressToken":
                shape.hasProgressToken = true
                try input.skipValue()
            case "_meta": try readMeta(&input)
            default: try input.skipValue()
            }
        }
    }

    private mutating func readArgumentNames(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.kind() == .object else {
            shape.hasArgumentsObject = try input.kind() == .null
            return try input.skipValue()
        }
        try input.enterObject()
        while let key = try input.nextKey() {
            if message.argumentNames.count < 64 { message.argumentNames.append(key.text) }
            try input.skipValue()
        }
    }

    private mutating func readCapabilities(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.kind() == .object else { return try input.skipValue() }
        shape.hasCapabilities = true
        try input.enterObject()
        while let key = try input.nextKey() {
            guard "extensions" ~= key, try input.kind() == .object else {
                try input.skipValue()
                continue
            }
            try input.enterObject()
            while let name = try input.nextKey() {
                if name.begins(with: Self.reserved) { shape.hasReservedKey = true }
                try input.skipValue()
            }
        }
    }

    private mutating func readMeta(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.kind() == .object else { return try input.skipValue() }
        try input.enterObject()
        while let key = try input.nextKey() {
            if key.begins(with: Self.reserved) { shape.hasReservedKey = true }
            switch key {
            case "io.modelcontextprotocol/protocolVersion":
                message.protocolVersion = try input.stringIfPresent(limit: 32)
            case "io.modelcontextprotocol/clientInfo":
                message.clientInfo = try Self.implementation(&input)
            case "io.modelcontextprotocol/serverInfo":
                message.serverInfo = try Self.implementation(&input)
            case "traceparent":
                message.traceID = Self.traceID(try input.stringIfPresent(limit: 64))
            default: try input.skipValue()
            }
        }
    }

    private static var reserved: StaticString { "io.modelcontextprotocol/" }

    static func withoutQuery(_ uri: String) -> String { String(uri.prefix { $0 != "?" }) }

    // MARK: - Results

    mutating func readResult(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.kind() == .object else { return try input.skipValue() }
        try input.enterObject()
        while let key = try input.nextKey() {
            switch key {
            case "protocolVersion": message.protocolVersion = try input.stringIfPresent(limit: 32)
            case "serverInfo": message.serverInfo = try Self.implementation(&input)
            case "capabilities": try readCapabilities(&input)
            case "supportedVersions": message.supportedVersions = try Self.strings(&input)
            case "tools": try readItems(.tool, &input)
            case "resources": try readItems(.resource, &input)
            case "resourceTemplates": try readItems(.template, &input)
            case "prompts": try readItems(.prompt, &input)
            case "content": try readContentTypes(&input)
            case "isError":
                shape.hasIsError = try input.kind() == .bool
                message.isError = try input.boolIfPresent() ?? false
            case "structuredContent":
                shape.hasStructuredContent = true
                try input.skipValue()
            case "nextCursor":
                message.hasNextCursor = try input.stringIfPresent(limit: 1) != nil
            case "resultType": message.resultType = try input.stringIfPresent(limit: 32)
            case "_meta": try readMeta(&input)
            default: try input.skipValue()
            }
        }
    }

    private static func strings(_ input: inout JSONReader) throws(ParseFailure) -> [String] {
        guard try input.kind() == .array else {
            try input.skipValue()
            return []
        }
        var found: [String] = []
        try input.enterArray()
        while try input.nextElement() {
            let text = try input.stringIfPresent(limit: 32)
            if let text, found.count < 32 { found.append(text) }
        }
        return found
    }

    private static func isContentType(_ type: String) -> Bool {
        switch type {
        case "text", "image", "audio", "resource", "resource_link": true
        default: false
        }
    }

    /// The `type` members of a tool result's content blocks; their content passes by.
    private mutating func readContentTypes(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.kind() == .array else { return try input.skipValue() }
        var areTyped = true
        try input.enterArray()
        while try input.nextElement() {
            guard try input.kind() == .object else {
                areTyped = false
                try input.skipValue()
                continue
            }
            var type: String?
            try input.enterObject()
            while let key = try input.nextKey() {
                if "type" ~= key {
                    type = try input.stringIfPresent(limit: 32)
                } else {
                    try input.skipValue()
                }
            }
            areTyped = areTyped && EnvelopeDraft.isContentType(type ?? "")
        }
        shape.hasTypedContent = areTyped
    }

    // MARK: - Lists

    private mutating func readItems(
        _ kind: ListedItem.Kind, _ input: inout JSONReader
    ) throws(ParseFailure) {
        guard try input.kind() == .array else { return try input.skipValue() }
        var areTools = kind == .tool
        try input.enterArray()
        while try input.nextElement() {
            let definition = try input.raw()
            let isWhole = !cuts.touch((input.offset - definition.count)...input.offset)
            let read: DefinitionMemory.Entry
            if !isWhole {
                var draft = ItemDraft()
                var item = JSONReader(definition)
                try draft.read(&item)
                var part = draft.item(kind, definition)
                // Of a part, the digest would be another one's.
                part?.digest = ""
                read = DefinitionMemory.Entry(item: part, hasInputSchema: draft.hasInputSchema)
            } else if let known = memory?.entry(kind, definition) {
                read = known
            } else {
                var draft = ItemDraft()
                var item = JSONReader(definition)
                try draft.read(&item)
                read = DefinitionMemory.Entry(
                    item: draft.item(kind, definition), hasInputSchema: draft.hasInputSchema)
                memory?.note(kind, definition, read)
            }
            if !read.hasInputSchema { areTools = false }
            guard message.items.count < 1024, let listed = read.item else { continue }
            message.items.append(listed)
            if kind == .tool, areTools { shape.listsTools = true }
        }
        if !areTools { shape.listsTools = shape.listsTools && kind != .tool }
    }
}

/// What has been read of one tool, resource or prompt definition.
private struct ItemDraft {
    var name: String?
    var title: String?
    var uri: String?
    var text: String?
    var hints: [String: Bool] = [:]
    var hasInputSchema = false

    mutating func read(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.kind() == .object else { return }
        try input.enterObject()
        while let key = try input.nextKey() {
            switch key {
            case "name": name = try input.stringIfPresent(limit: 256)
            case "title": title = try input.stringIfPresent(limit: 256)
            case "uri", "uriTemplate":
                uri = try input.stringIfPresent(limit: 1024).map(EnvelopeDraft.withoutQuery)
            case "description": text = try input.stringIfPresent(limit: 4096)
            case "inputSchema":
                hasInputSchema = try input.kind() == .object
                try input.skipValue()
            case "annotations": try readHints(&input)
            default: try input.skipValue()
            }
        }
    }

    private static func isKnown(_ hint: borrowing JSONKey) -> Bool {
        "readOnlyHint" ~= hint || "destructiveHint" ~= hint || "idempotentHint" ~= hint
            || "openWorldHint" ~= hint
    }

    private mutating func readHints(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.kind() == .object else { return try input.skipValue() }
        try input.enterObject()
        while let key = try input.nextKey() {
            let value = try input.boolIfPresent()
            if let value, ItemDraft.isKnown(key) { hints[key.text] = value }
        }
    }

    func item(_ kind: ListedItem.Kind, _ definition: Span<UInt8>) -> ListedItem? {
        let isAddressed = kind == .resource || kind == .template
        guard let key = isAddressed ? uri : name, !key.isEmpty else { return nil }
        if kind == .tool, !hasInputSchema { return nil }
        return ListedItem(
            kind: kind, key: key, label: isAddressed ? name : title, text: text, hints: hints,
            digest: Hash.sha256Hex([UInt8](copying: definition), digits: 32))
    }
}
