package import Codecs

/// One message between agents (A2A 0.1 to 1.0), read for what an inventory needs: what agents tell
/// each other passes by unread.
package struct A2AMessage: Sendable, Hashable {
    /// How the operations are written (A2A 1.0 §§9-11).
    package enum Binding: String, Sendable {
        case jsonRPC = "jsonrpc"
        case httpJSON = "http+json"
        case gRPC = "grpc"
    }
    package enum Kind: String, Sendable {
        case request, result, error, card
        /// The server tells a client's webhook: the connection runs backwards (A2A 1.0 §4.3.3).
        case notification
    }
    /// What is asked for, whatever the version calls it (A2A 1.0 §5.3).
    package enum Operation: String, Sendable, CaseIterable {
        case send, stream, get, list, cancel, subscribe
        case webhook
        case card
    }
    package var kind: Kind
    package var binding: Binding
    /// Nil where an answer does not say what was asked.
    package var operation: Operation?
    /// The id of JSON-RPC with its type in front, as in `RPCMessage`.
    package var id: String?
    /// `Major.Minor`: the A2A-Version header, else what the message's own shape says.
    package var version: String?
    package var task: Pseudonym?
    package var context: Pseudonym?
    /// The sender's own id of the message.
    package var messageID: Pseudonym?
    /// Tasks that the message refers to; at most 16.
    package var references: [Pseudonym] = []
    /// Of all these ids the ones that no two conversations share by chance: those of 16 bytes and
    /// more.
    package var bonds: [Pseudonym] = []
    package var state: A2AState?
    package var errorCode: Int?
    /// Host and port that the client wants to be told at.
    package var webhook: String?
    package var card: AgentCard?
    /// The message was longer than the content limit and was read only in part.
    package var isTruncated = false

    /// What a method of JSON-RPC or gRPC asks for; nil for no method of A2A.
    package static func operation(ofMethod name: String) -> Operation? {
        A2AMethod(name)?.operation
    }

    package init(kind: Kind, binding: Binding) {
        self.kind = kind
        self.binding = binding
    }
}

/// Where a task stands (A2A 1.0 §4.1.3).
package enum A2AState: String, Sendable, CaseIterable {
    case submitted, working
    case inputRequired = "input-required"
    case completed, canceled, failed, rejected
    case authRequired = "auth-required"
    case unknown

    /// `completed`, or `TASK_STATE_COMPLETED` as 1.0 writes it; nil for any other word.
    init?(wire text: String) {
        guard text.utf8.count <= 32 else { return nil }
        guard text.hasPrefix(A2AState.prefix) else {
            self.init(rawValue: text)
            return
        }
        let word = text.utf8.dropFirst(A2AState.prefix.utf8.count).map {
            $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 | 0x20
        }
        let name = String(decoding: word, as: UTF8.self)
        self.init(rawValue: name == "unspecified" ? "unknown" : name)
    }

    static let prefix = "TASK_STATE_"
}

/// What an agent says of itself (A2A 1.0 §4.4.1): names, ways to it and what it can, no
/// descriptions.
package struct AgentCard: Sendable, Hashable {
    package struct Skill: Sendable, Hashable {
        package var id: String
        package var name: String
        package var tags: [String]

        package init(id: String, name: String, tags: [String]) {
            self.id = id
            self.name = name
            self.tags = tags
        }
    }
    /// A way to the agent.
    package struct Interface: Sendable, Hashable {
        /// Without user, password, query and fragment.
        package var url: String
        /// `JSONRPC`, `GRPC`, `HTTP+JSON`, or a URI.
        package var binding: String
        package var version: String?

        package init(url: String, binding: String, version: String?) {
            self.url = url
            self.binding = binding
            self.version = version
        }
    }
    package var name: String
    package var version: String?
    /// Of the card itself; 1.0 says it per interface.
    package var protocolVersion: String?
    package var organization: String?
    package var providerURL: String?
    /// At most 128.
    package var skills: [Skill] = []
    /// At most 32, each once.
    package var interfaces: [Interface] = []
    /// Kinds of `securitySchemes`: `apiKey`, `http`, `oauth2`, …; sorted, each once.
    package var schemes: [String] = []
    /// Capabilities that are true, sorted.
    package var capabilities: [String] = []
    /// It bears signatures; whether they are good is not tried.
    package var isSigned = false
    /// The one that only authenticated clients get (A2A 1.0 §8.2).
    package var isExtended = false

    package init(name: String) { self.name = name }
}
