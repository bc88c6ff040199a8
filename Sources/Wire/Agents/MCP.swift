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
    /// `params._meta` names this version.
    var metaVersion: String?
    /// `params.uri` as sent, and `params.taskId`: kept while the headers are compared with them.
    var uri: String?
    var taskID: String?
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
            // What only some readers see proves nothing of who answers.
            if message.details.oddities.contains(.keyCase) {
                marks.subtract([.toolCall, .method, .notification, .initializeRequest])
            }
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
