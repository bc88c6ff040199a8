/// How a JSON message travelled, and the HTTP heads around it.
package struct Carrier: Sendable, Hashable {
    package enum Kind: String, Sendable {
        /// The whole body of a request or response.
        case httpBody = "http"
        /// One event of a text/event-stream response.
        case serverSentEvent = "sse"
        /// One line of a TCP stream.
        case lines
        case webSocket = "websocket"
    }
    /// The heads, which every message of one body shares.
    private final class Heads: Sendable {
        let request: HTTPRequest?
        let response: HTTPResponse?

        init(_ request: HTTPRequest?, _ response: HTTPResponse?) {
            self.request = request
            self.response = response
        }
    }

    package var kind: Kind
    private let heads: Heads?

    package init(kind: Kind, request: HTTPRequest? = nil, response: HTTPResponse? = nil) {
        self.kind = kind
        heads = request == nil && response == nil ? nil : Heads(request, response)
    }

    /// The request that carried the message, or that the carrying response answers.
    package var request: HTTPRequest? { heads?.request }
    /// The response that carried the message; nil in a request.
    package var response: HTTPResponse? { heads?.response }

    package static func == (a: Carrier, b: Carrier) -> Bool {
        a.kind == b.kind && a.request == b.request && a.response == b.response
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(kind)
        hasher.combine(request)
        hasher.combine(response)
    }
}

/// A self-declared program name (MCP `Implementation`): a claim of the other side.
package struct Implementation: Sendable, Hashable {
    package var name: String
    package var version: String?
    package var title: String?
}

/// The marks of MCP that one message bears (see Docs/MCP.md for the decision table).
package struct MCPMarks: OptionSet, Sendable, Hashable {
    package let rawValue: UInt32
    package init(rawValue: UInt32) { self.rawValue = rawValue }

    // Proofs: one is enough.
    /// A key `io.modelcontextprotocol/…` in `_meta` or in `capabilities.extensions`.
    package static let reservedKey = MCPMarks(rawValue: 1 << 0)
    /// `initialize` with a dated protocolVersion, clientInfo and capabilities.
    package static let initializeRequest = MCPMarks(rawValue: 1 << 1)
    /// A result with a dated protocolVersion, serverInfo and capabilities.
    package static let initializeResult = MCPMarks(rawValue: 1 << 2)
    /// A result with dated supportedVersions and capabilities.
    package static let discoverResult = MCPMarks(rawValue: 1 << 3)
    /// A result with tools that each have a name and an inputSchema object.
    package static let toolsResult = MCPMarks(rawValue: 1 << 4)
    /// An Mcp-Method header equal to the body's method.
    package static let methodHeader = MCPMarks(rawValue: 1 << 5)
    // Strong marks: two different ones are enough.
    /// Mcp-Session-Id or MCP-Protocol-Version on the request.
    package static let sessionHeader = MCPMarks(rawValue: 1 << 8)
    /// `tools/call` with a string name.
    package static let toolCall = MCPMarks(rawValue: 1 << 9)
    /// Another method of MCP's closed set.
    package static let method = MCPMarks(rawValue: 1 << 10)
    /// A notification of MCP's closed set, with its members.
    package static let notification = MCPMarks(rawValue: 1 << 11)
    /// An SSE stream that began with an `endpoint` event.
    package static let endpointEvent = MCPMarks(rawValue: 1 << 12)
    /// A result with typed content blocks and isError or structuredContent.
    package static let toolResult = MCPMarks(rawValue: 1 << 13)
    /// 401 with resource_metadata to a POST that accepts both JSON and event streams.
    package static let protectedResource = MCPMarks(rawValue: 1 << 14)

    package static let proofs: MCPMarks = [
        .reservedKey, .initializeRequest, .initializeResult, .discoverResult, .toolsResult,
        .methodHeader,
    ]

    /// Enough to say that this is MCP: one proof, or two different strong marks.
    package var isConclusive: Bool {
        !isDisjoint(with: .proofs) || rawValue.nonzeroBitCount > 1
    }

    package static let names: [(mark: MCPMarks, name: String)] = [
        (.reservedKey, "reserved-key"), (.initializeRequest, "initialize-request"),
        (.initializeResult, "initialize-result"), (.discoverResult, "discover-result"),
        (.toolsResult, "tools-result"), (.methodHeader, "mcp-method-header"),
        (.sessionHeader, "session-header"), (.toolCall, "tools-call"), (.method, "mcp-method"),
        (.notification, "mcp-notification"), (.endpointEvent, "sse-endpoint-event"),
        (.toolResult, "tool-result"), (.protectedResource, "protected-resource"),
    ]
}

/// A tool, resource or prompt as a server lists it.
package struct ListedItem: Sendable, Hashable {
    package enum Kind: String, Sendable { case tool, resource, template, prompt }
    package var kind: Kind
    /// The key within its server: a tool's or prompt's name, a resource's URI, a template's
    /// uriTemplate.
    package var key: String
    /// `name` where `key` is a URI; `title` elsewhere.
    package var label: String?
    /// At most 4 KiB of it.
    package var text: String?
    /// ToolAnnotations members that were present, with their values.
    package var hints: [String: Bool]
    /// Tells versions apart: the first 16 bytes, in hex, of the SHA-256 over the three hashes, or
    /// over the definition's bytes as sent where it was refused; empty for what was never listed.
    package var digest: String
    /// Nil where the definition cannot be hashed, and for what was never listed.
    package var hashes: DefinitionHashes?

    package init(
        kind: Kind, key: String, label: String?, text: String?, hints: [String: Bool],
        digest: String, hashes: DefinitionHashes? = nil
    ) {
        self.hashes = hashes
        self.kind = kind
        self.key = key
        self.label = label
        self.text = text
        self.hints = hints
        self.digest = digest
    }
}

/// One JSON-RPC 2.0 message, read for what an inventory needs
/// (https://www.jsonrpc.org/specification).
package struct RPCMessage: Sendable, Hashable {
    package enum Kind: String, Sendable { case request, notification, result, error }
    package var kind: Kind
    /// The id with its type in front: `#1` for numbers, `"1` for strings; nil when absent or null.
    package var id: String?
    package var method: String?
    /// `protocolVersion` of initialize's params or result, or of `_meta`.
    package var protocolVersion: String?
    /// `supportedVersions` of a server/discover result.
    package var supportedVersions: [String] = []
    package var clientInfo: Implementation?
    package var serverInfo: Implementation?
    /// `params.name`, or `params.uri` without its query.
    package var name: String?
    /// The names of `params.arguments`' members, never their values.
    package var argumentNames: [String] = []
    /// Of `tools/call`, where the arguments are whole and tell enough.
    package var argumentMark: ArgumentMark?
    package var isError = false
    package var errorCode: Int?
    package var resultType: String?
    package var hasInputResponses = false
    package var items: [ListedItem] = []
    package var details = MCPDetails()
    package var traceID: String?
    package var marks: MCPMarks = []
    /// The message was longer than the content limit and was read only in part.
    package var isTruncated = false
    /// Bytes of the message as sent, codings undone; those that were seen of one that was cut off.
    package var bytes = 0

    /// The result is a list and this page is not its last.
    package var hasNextCursor: Bool { details.nextCursor != nil }
}

/// The `endpoint` event of HTTP+SSE: where the client shall post.
package struct SSEEndpoint: Sendable, Hashable {
    /// Path of the URI, without query.
    package var path: String
    /// Keyed hash of path and query: the session of MCP 2024-11-05.
    package var session: UInt64
}
