import Codecs

/// Ways in which two readers of one request may take it for two things (Docs/MCP.md): one that
/// guards a server sees the one, the server does the other.
package struct RPCOddities: OptionSet, Sendable, Hashable {
    package let rawValue: UInt16
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Mcp-Method is another than the body's method (MCP 2026-07-28 §Server Validation).
    package static let methodHeader = RPCOddities(rawValue: 1 << 0)
    /// Mcp-Name, decoded, is another than the body's name, URI or task.
    package static let nameHeader = RPCOddities(rawValue: 1 << 1)
    /// MCP-Protocol-Version is another than the body's `_meta` says.
    package static let versionHeader = RPCOddities(rawValue: 1 << 2)
    /// One Mcp-* header stands twice, with two values.
    package static let doubledHeader = RPCOddities(rawValue: 1 << 3)
    /// A member of the envelope or of `params` stands twice (RFC 8259 §4).
    package static let doubledKey = RPCOddities(rawValue: 1 << 4)
    /// A member of the envelope is written in another case: `"Method"` (CVE-2026-27896).
    package static let keyCase = RPCOddities(rawValue: 1 << 5)
    /// The method, or the name of an envelope member, is written with `\u` escapes.
    package static let escapedName = RPCOddities(rawValue: 1 << 6)
    /// Content-Length stands beside Transfer-Encoding, or twice with two values (RFC 9112 §6.3).
    package static let framing = RPCOddities(rawValue: 1 << 7)

    package static let names: [(oddity: RPCOddities, name: String)] = [
        (.methodHeader, "method-header"), (.nameHeader, "name-header"),
        (.versionHeader, "version-header"), (.doubledHeader, "doubled-header"),
        (.doubledKey, "doubled-key"), (.keyCase, "key-case"), (.escapedName, "escaped-name"),
        (.framing, "conflicting-framing"),
    ]
}

/// What an MCP message says beside names: counts, kinds and states, and nothing of its content.
package struct MCPDetails: Sendable, Hashable {
    /// Bytes of `result` as sent.
    package var resultBytes: Int?
    /// Kinds of list that the result holds, if only an empty one.
    package var lists: Set<ListedItem.Kind> = []
    /// The list had more items than are kept.
    package var isListCut = false
    /// Stands for the `cursor` a list is asked for from; nil at its beginning.
    package var cursor: UInt64?
    /// Stands for the `nextCursor` of a page that is not the last.
    package var nextCursor: UInt64?
    /// The request that `notifications/cancelled` names, as `RPCMessage.id`.
    package var cancelled: String?
    /// `form` or `url`, of `elicitation/create`.
    package var elicitation: String?
    /// The host of the URL that an elicitation sends a person to.
    package var elicitationHost: String?
    /// What the person did: `accept`, `decline` or `cancel`.
    package var action: String?
    /// Methods of `inputRequests` (MCP 2026-07-28 §MRTR), at most 16.
    package var inputMethods: [String] = []
    /// The client asks for a task (MCP 2025-11-25 §Tasks).
    package var wantsTask = false
    /// Stands for the task's id, which may be a secret.
    package var task: UInt64?
    /// `working`, `input_required`, `completed`, `failed` or `cancelled`.
    package var taskStatus: String?
    /// The result of a task, inside the task, says that the tool failed.
    package var taskFailed: Bool?
    /// Of `logging/setLevel` and `notifications/message`.
    package var level: String?
    /// The model that answered a sampling.
    package var model: String?
    /// Number of `roots` that the client gave.
    package var roots: Int?
    /// Types of the content blocks of a tool's result, each once.
    package var contentTypes: [String] = []
    /// Names of the capabilities and extensions that a side declares, at most 32.
    package var capabilities: [String] = []
    /// The first 16 bytes, in hex, of the SHA-256 of a server's `instructions`.
    package var instructions: String?
    package var oddities: RPCOddities = []
}

/// Members of the envelope.
enum EnvelopeMember: UInt8 {
    case version, id, method, params, result, error

    init?(_ key: borrowing JSONKey) {
        switch key {
        case "jsonrpc": self = .version
        case "id": self = .id
        case "method": self = .method
        case "params": self = .params
        case "result": self = .result
        case "error": self = .error
        default: return nil
        }
    }

    /// A member written in another case.
    init?(anyCase key: borrowing JSONKey) {
        if key.equals(anyCase: "jsonrpc") {
            self = .version
        } else if key.equals(anyCase: "id") {
            self = .id
        } else if key.equals(anyCase: "method") {
            self = .method
        } else if key.equals(anyCase: "params") {
            self = .params
        } else if key.equals(anyCase: "result") {
            self = .result
        } else if key.equals(anyCase: "error") {
            self = .error
        } else {
            return nil
        }
    }

    var bit: UInt32 { 1 << UInt32(rawValue) }
}

extension RPCOddities {
    /// What the head says of the request against what its body does.
    init(_ message: RPCMessage, _ shape: MCPShape, _ request: HTTPRequest) {
        self = []
        if request.hasDoubledMCPField { insert(.doubledHeader) }
        if request.hasConflictingFraming { insert(.framing) }
        guard let method = message.method else { return }
        if let header = request.mcpMethod, header != method { insert(.methodHeader) }
        if let header = request.mcpVersion, let body = shape.metaVersion, header != body {
            insert(.versionHeader)
        }
        let body: String? =
            switch method {
            case "tools/call", "prompts/get": message.name
            case "resources/read": shape.uri
            default: method.hasPrefix("tasks/") ? shape.taskID : nil
            }
        // One that was cut where it is kept is not compared.
        guard let header = request.mcpName, let body, body.utf8.count < 256,
            header.utf8.count < Limits.standard.fieldBytes
        else { return }
        if RPCOddities.decoded(header) != body { insert(.nameHeader) }
    }

    /// A header's value, of which the sentinel form carries what is no plain ASCII (MCP 2026-07-28
    /// §Value Encoding).
    private static func decoded(_ header: String) -> String? {
        guard header.hasPrefix("=?base64?"), header.hasSuffix("?="), header.utf8.count >= 11 else {
            return header
        }
        let code = header.utf8.dropFirst(9).dropLast(2)
        return Base64.decode(Array(code)).flatMap { String(validating: $0, as: UTF8.self) }
    }
}
