import Codecs

/// The Agent Client Protocol, in which an editor drives a coding agent: JSON-RPC that looks like
/// MCP at first, but counts its versions where MCP dates them.
enum AgentClientReader {
    static func read(
        _ bytes: borrowing Span<UInt8>, _ envelope: RPCMessage, _ content: Content,
        emit: EmitMessage
    ) -> Bool {
        guard mayBe(envelope) else { return false }
        var fields = AgentClientFields()
        var input = JSONReader(copy bytes)
        do throws(ParseFailure) {
            try fields.readEnvelope(&input)
        } catch .needMore {
            guard content.isTruncated else { return false }
        } catch {
            return false
        }
        guard var message = message(envelope, fields) else { return false }
        message.session = fields.session.map { Pseudonym(of: $0) }
        emit(.agentRun(message, content.carrier))
        return true
    }

    private static func mayBe(_ envelope: RPCMessage) -> Bool {
        guard let method = envelope.method else { return envelope.kind == .result }
        switch method {
        case "initialize", "session/new", "session/load", "session/prompt", "session/update",
            "session/cancel", "session/request_permission", "session/resume", "session/list",
            "session/close", "session/set_mode", "session/set_config_option":
            return true
        default: return false
        }
    }

    private static func message(
        _ envelope: RPCMessage, _ fields: AgentClientFields
    ) -> RunMessage? {
        guard let method = envelope.method else {
            guard fields.isResult, fields.version != nil, fields.hasAgentCapabilities else {
                return nil
            }
            var message = RunMessage(language: .agentClient, kind: .result, what: "initialize")
            message.version = fields.version
            message.agent = fields.agent
            return message
        }
        var message = RunMessage(
            language: .agentClient, kind: envelope.kind == .request ? .request : .event,
            what: method)
        switch method {
        case "initialize":
            guard let version = fields.version, !fields.hasEditorKeys else { return nil }
            message.version = version
            message.client = fields.client
        case "session/new", "session/load", "session/resume":
            guard fields.hasFolder, fields.hasServers || fields.session != nil else { return nil }
            message.configuredMCP = fields.servers
        case "session/update":
            guard let update = fields.update, fields.session != nil else { return nil }
            guard update == "tool_call" else { break }
            message.toolsCalled = fields.toolKind.map { [$0] } ?? []
        default: guard fields.session != nil else { return nil }
        }
        return message
    }
}

/// Members of `params` and `result`.
private struct AgentClientFields {
    /// `protocolVersion`, a whole number.
    var version: String?
    var client: Implementation?
    var agent: Implementation?
    var hasAgentCapabilities = false
    /// Of the Language Server Protocol.
    var hasEditorKeys = false
    var hasFolder = false
    var hasServers = false
    var servers: [RunMessage.ConfiguredMCP] = []
    var session: String?
    var update: String?
    /// What sort of tool: `read`, `edit`, `execute`, …
    var toolKind: String?
    var isResult = false

    mutating func readEnvelope(_ input: inout JSONReader) throws(ParseFailure) {
        try input.enterObject()
        while let key = try input.nextKey() {
            switch key {
            case "params": try read(&input)
            case "result":
                isResult = true
                try read(&input)
            default: try input.skipValue()
            }
        }
    }

    private mutating func read(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersObject() else { return }
        while let key = try input.nextKey() {
            switch key {
            case "protocolVersion":
                let text = try input.numberText()
                version = text.flatMap { $0.utf8.count <= 4 ? $0 : nil }
            case "clientInfo": client = try EnvelopeDraft.implementation(&input)
            case "agentInfo":
                hasAgentCapabilities = true
                agent = try EnvelopeDraft.implementation(&input)
            case "agentCapabilities":
                hasAgentCapabilities = true
                try input.skipValue()
            case "processId", "rootUri", "rootPath":
                hasEditorKeys = true
                try input.skipValue()
            case "cwd":
                hasFolder = try input.kind() == .string
                try input.skipValue()
            case "sessionId": session = try input.stringIfPresent(limit: 256)
            case "mcpServers": try readServers(&input)
            case "update": try readUpdate(&input)
            default: try input.skipValue()
            }
        }
    }

    /// Names and hosts: what stands in `env` and `headers` is secret, and commands are paths.
    private mutating func readServers(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersArray() else { return }
        hasServers = true
        while try input.nextObject() {
            var name: String?
            var url: String?
            while let key = try input.nextKey() {
                switch key {
                case "name": name = try input.stringIfPresent(limit: 128)
                case "url": url = try input.stringIfPresent(limit: 1024)
                default: try input.skipValue()
                }
            }
            if let name, !name.isEmpty, servers.count < 32 {
                servers.append(.init(name: name, host: PlainURL.host(url)))
            }
        }
    }

    private mutating func readUpdate(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersObject() else { return }
        while let key = try input.nextKey() {
            switch key {
            case "sessionUpdate": update = try input.stringIfPresent(limit: 48)
            case "kind": toolKind = try input.stringIfPresent(limit: 32)
            default: try input.skipValue()
            }
        }
    }
}
