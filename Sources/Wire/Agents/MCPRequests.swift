import Codecs

extension EnvelopeDraft {
    mutating func readParams(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersObject() else { return }
        /// Members that say what is done, by number.
        var seen: UInt32 = 0
        while let key = try input.nextKey() {
            if let number = Self.number(ofParameter: key) {
                if seen >> number & 1 != 0 { message.details.oddities.insert(.doubledKey) }
                seen |= 1 << number
            }
            switch key {
            case "name": message.name = try input.stringIfPresent(limit: 256)
            case "uri":
                shape.uri = try input.stringIfPresent(limit: 1024)
                message.name = shape.uri.map(Self.withoutQuery)
            case "ref": try readReference(&input)
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
                message.details.cursor = try Self.mark(&input)
            case "level":
                message.details.level = try input.stringIfPresent(limit: 16)
                shape.hasLevel = message.details.level != nil
            case "progressToken":
                shape.hasProgressToken = true
                try input.skipValue()
            case "requestId": message.details.cancelled = try Self.typedID(&input)
            case "task":
                message.details.wantsTask = try input.kind() == .object
                try input.skipValue()
            case "taskId":
                shape.taskID = try input.stringIfPresent(limit: 256)
                message.details.task = shape.taskID.map { SessionKey.of($0) }
            case "status": message.details.taskStatus = try Self.taskStatus(&input)
            case "mode": message.details.elicitation = try input.stringIfPresent(limit: 16)
            case "url":
                message.details.elicitationHost = try input.stringIfPresent(limit: 1024)
                    .flatMap(Self.host)
            case "_meta": try readMeta(&input, ofRequest: true)
            default: try input.skipValue()
            }
        }
    }

    /// A number of each member of `params` that says what is done.
    private static func number(ofParameter key: borrowing JSONKey) -> UInt32? {
        switch key {
        case "name": 0
        case "uri": 1
        case "arguments": 2
        case "_meta": 3
        case "taskId": 4
        case "protocolVersion": 5
        default: nil
        }
    }

    /// Stands for a string that is not kept; nil for any other value.
    static func mark(_ input: inout JSONReader) throws(ParseFailure) -> UInt64? {
        guard try input.kind() == .string else {
            try input.skipValue()
            return nil
        }
        return SessionKey.of(try input.raw())
    }

    static func taskStatus(_ input: inout JSONReader) throws(ParseFailure) -> String? {
        let status = try input.stringIfPresent(limit: 16)
        switch status {
        case "working", "input_required", "completed", "failed", "cancelled": return status
        default: return nil
        }
    }

    /// The host of an absolute URL; nil for anything else.
    static func host(_ url: String) -> String? {
        let parts = url.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        guard parts.count >= 3, parts[0].hasSuffix(":"), parts[1].isEmpty else { return nil }
        let authority = parts[2].split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        let host = authority.prefix { $0 != "?" && $0 != "#" }
        return host.isEmpty ? nil : String(host.prefix(256))
    }

    /// What `completion/complete` completes: a prompt's name or a resource's URI.
    private mutating func readReference(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersObject() else { return }
        while let key = try input.nextKey() {
            switch key {
            case "name": message.name = try input.stringIfPresent(limit: 256)
            case "uri":
                message.name = try input.stringIfPresent(limit: 1024).map(Self.withoutQuery)
            default: try input.skipValue()
            }
        }
    }

    private mutating func readArgumentNames(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.kind() == .object else {
            shape.hasArgumentsObject = try input.kind() == .null
            return try input.skipValue()
        }
        var ahead = input
        let text = try ahead.raw()
        let isCut = cuts.touch(ahead.offset - text.count...ahead.offset)
        message.argumentMark = isCut ? nil : JSONDigest.mark(of: text)
        try input.enterObject()
        while let key = try input.nextKey() {
            if message.argumentNames.count < 64 { message.argumentNames.append(key.text) }
            try input.skipValue()
        }
    }

    mutating func readCapabilities(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersObject() else { return }
        shape.hasCapabilities = true
        while let key = try input.nextKey() {
            guard "extensions" ~= key, try input.kind() == .object else {
                declare(key.text)
                try input.skipValue()
                continue
            }
            try input.enterObject()
            while let name = try input.nextKey() {
                if name.begins(with: Self.reserved) { shape.hasReservedKey = true }
                declare(name.text)
                try input.skipValue()
            }
        }
    }

    private mutating func declare(_ capability: String) {
        if message.details.capabilities.count < 32 {
            message.details.capabilities.append(String(capability.prefix(64)))
        }
    }

    mutating func readMeta(
        _ input: inout JSONReader, ofRequest isRequest: Bool = false
    ) throws(ParseFailure) {
        guard try input.entersObject() else { return }
        while let key = try input.nextKey() {
            if key.begins(with: Self.reserved) { shape.hasReservedKey = true }
            switch key {
            case "io.modelcontextprotocol/protocolVersion":
                message.protocolVersion = try input.stringIfPresent(limit: 32)
                if isRequest { shape.metaVersion = message.protocolVersion }
            case "io.modelcontextprotocol/clientCapabilities": try readCapabilities(&input)
            case "io.modelcontextprotocol/related-task": try readTask(&input)
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

    /// A task's id and status.
    mutating func readTask(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersObject() else { return }
        while let key = try input.nextKey() {
            switch key {
            case "taskId":
                message.details.task = try input.stringIfPresent(limit: 256)
                    .map { SessionKey.of($0) }
            case "status": message.details.taskStatus = try Self.taskStatus(&input)
            default: try input.skipValue()
            }
        }
    }

    private static var reserved: StaticString { "io.modelcontextprotocol/" }

    static func withoutQuery(_ uri: String) -> String { String(uri.prefix { $0 != "?" }) }
}
