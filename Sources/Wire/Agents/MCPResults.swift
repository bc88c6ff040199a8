import Codecs

extension EnvelopeDraft {
    mutating func readResult(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersObject() else { return }
        while let key = try input.nextKey() {
            switch key {
            case "protocolVersion": message.protocolVersion = try input.stringIfPresent(limit: 32)
            case "serverInfo": message.serverInfo = try Self.implementation(&input)
            case "capabilities": try readCapabilities(&input)
            case "supportedVersions":
                message.supportedVersions = try input.strings(limit: 32, bytes: 32)
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
                message.details.nextCursor = try Self.mark(&input)
            case "resultType": message.resultType = try input.stringIfPresent(limit: 32)
            case "_meta": try readMeta(&input)
            default: try readState(key, &input)
            }
        }
    }

    /// Members of answers to other requests than lists and calls.
    private mutating func readState(
        _ key: borrowing JSONKey, _ input: inout JSONReader
    ) throws(ParseFailure) {
        switch key {
        case "inputRequests": try readInputRequests(&input)
        case "task": try readTask(&input)
        case "taskId":
            message.details.task = try input.stringIfPresent(limit: 256)
                .map { SessionKey.of($0) }
        case "status": message.details.taskStatus = try Self.taskStatus(&input)
        case "result": message.details.taskFailed = try Self.isFailure(&input)
        case "action":
            let action = try input.stringIfPresent(limit: 16)
            if action == "accept" || action == "decline" || action == "cancel" {
                message.details.action = action
            }
        case "model": message.details.model = try input.stringIfPresent(limit: 128)
        case "roots": message.details.roots = try Self.count(&input)
        case "instructions":
            let text = try input.stringIfPresent(limit: Limits.standard.contentBytes)
            message.details.instructions = text.map { Hash.sha256Hex(Array($0.utf8), digits: 32) }
        default: try input.skipValue()
        }
    }

    /// The methods that an `input_required` result asks the client for.
    private mutating func readInputRequests(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersObject() else { return }
        while try input.nextKey() != nil {
            guard try input.kind() == .object else {
                try input.skipValue()
                continue
            }
            try input.enterObject()
            while let key = try input.nextKey() {
                guard "method" ~= key else {
                    try input.skipValue()
                    continue
                }
                let method = try input.stringIfPresent(limit: 64)
                if let method, message.details.inputMethods.count < 16 {
                    message.details.inputMethods.append(method)
                }
            }
        }
    }

    /// Whether a tool's result, inside a task, says that the tool failed; nil for no object.
    private static func isFailure(_ input: inout JSONReader) throws(ParseFailure) -> Bool? {
        guard try input.entersObject() else { return nil }
        var isFailure = false
        while let key = try input.nextKey() {
            if "isError" ~= key {
                isFailure = try input.boolIfPresent() ?? false
            } else {
                try input.skipValue()
            }
        }
        return isFailure
    }

    /// Elements of an array; nil for anything else.
    private static func count(_ input: inout JSONReader) throws(ParseFailure) -> Int? {
        guard try input.entersArray() else { return nil }
        var count = 0
        while try input.nextElement() {
            try input.skipValue()
            count += 1
        }
        return count
    }

    private static func isContentType(_ type: String) -> Bool {
        switch type {
        case "text", "image", "audio", "resource", "resource_link": true
        default: false
        }
    }

    /// The `type` members of a tool result's content blocks; their content passes by.
    private mutating func readContentTypes(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersArray() else { return }
        var areTyped = true
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
            if let type, Self.isContentType(type), !message.details.contentTypes.contains(type) {
                message.details.contentTypes.append(type)
            }
        }
        shape.hasTypedContent = areTyped
    }

    // MARK: - Lists

    private mutating func readItems(
        _ kind: ListedItem.Kind, _ input: inout JSONReader
    ) throws(ParseFailure) {
        guard try input.entersArray() else { return }
        var areTools = kind == .tool
        message.details.lists.insert(kind)
        while try input.nextElement() {
            var begun = input
            let definition: Span<UInt8>
            do throws(ParseFailure) {
                definition = try input.raw()
            } catch {
                if case .needMore = error { readCutItem(kind, &begun) }
                throw error
            }
            let isWhole = !cuts.touch((input.offset - definition.count)...input.offset)
            let read: DefinitionMemory.Entry
            if !isWhole {
                var draft = ItemDraft()
                var item = JSONReader(definition)
                try draft.read(&item)
                read = DefinitionMemory.Entry(
                    item: draft.part(kind), hasInputSchema: draft.hasInputSchema)
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
            guard message.items.count < 1024, let listed = read.item else {
                message.details.isListCut = true
                continue
            }
            message.items.append(listed)
            if kind == .tool, areTools { shape.listsTools = true }
        }
        if !areTools { shape.listsTools = shape.listsTools && kind != .tool }
    }

    /// The item at whose middle the text ends: a snap length or a loss left its name, and of the
    /// rest a part that makes no version.
    private mutating func readCutItem(_ kind: ListedItem.Kind, _ input: inout JSONReader) {
        var draft = ItemDraft()
        // It ends somewhere within; what was whole until there stands.
        do throws(ParseFailure) { try draft.read(&input) } catch {}
        message.details.isListCut = true
        guard message.items.count < 1024, let part = draft.part(kind) else { return }
        message.items.append(part)
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
        guard try input.entersObject() else { return }
        while let key = try input.nextKey() {
            let value = try input.boolIfPresent()
            if let value, ItemDraft.isKnown(key) { hints[key.text] = value }
        }
    }

    /// What is known of it without its definition: of a part, the digest would be another one's.
    func part(_ kind: ListedItem.Kind) -> ListedItem? {
        let isAddressed = kind == .resource || kind == .template
        guard let key = isAddressed ? uri : name, !key.isEmpty, kind != .tool || hasInputSchema
        else { return nil }
        return ListedItem(
            kind: kind, key: key, label: isAddressed ? name : title, text: text, hints: hints,
            digest: "")
    }

    func item(_ kind: ListedItem.Kind, _ definition: Span<UInt8>) -> ListedItem? {
        let isAddressed = kind == .resource || kind == .template
        guard let key = isAddressed ? uri : name, !key.isEmpty else { return nil }
        if kind == .tool, !hasInputSchema { return nil }
        let hashes = DefinitionHashes(kind, definition)
        let said = hashes.map { Array(($0.shape + $0.text + $0.hints).utf8) }
        return ListedItem(
            kind: kind, key: key, label: isAddressed ? name : title, text: text, hints: hints,
            digest: Hash.sha256Hex(said ?? [UInt8](copying: definition), digits: 32),
            hashes: hashes)
    }
}
