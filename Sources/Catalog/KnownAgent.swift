/// A program of the catalog that names itself on the wire: an agent, a model SDK, an MCP client.
package struct KnownAgent: Sendable, Hashable {
    /// What sort of program it is.
    package enum Kind: String, Sendable, CaseIterable {
        case commandLine = "cli-agent"
        case editor = "ide-agent"
        case browser = "browser-agent"
        case framework, sdk, runtime, scanner
        case mcpClient = "mcp-client"
        case mcpProxy = "mcp-proxy"
        case mcpServer = "mcp-server"
        /// Fetches pages from an AI service's own network when a user asks it to.
        case fetcher = "ai-fetcher"
        /// Gathers pages for an AI service, unasked: it visits, and runs nowhere here.
        case crawler

        static let known = Vocabulary(Kind.self)
    }
    /// Lower-case letters, digits and `-`; unique among the agents.
    package var id: String
    package var name: String
    package var vendor: String
    package var kind: Kind
    package var checked: String?
    /// Sorted by signal, match and text.
    package var marks: [AgentMark]
}

/// One way to tell an agent.
package struct AgentMark: Sendable, Hashable {
    /// Where the mark stands.
    package enum Signal: String, Sendable, CaseIterable {
        case userAgent = "user-agent"
        /// `clientInfo.name` of an MCP initialize.
        case mcpClient = "mcp-client"
    }
    /// How the mark is compared; ASCII letters in either case are the same.
    package enum Match: String, Sendable, CaseIterable {
        case exact, prefix, contains
        /// A product of the User-Agent, anywhere in it: `NAME/version`, or `NAME` alone.
        case product

        static let known = Vocabulary(Match.self)
    }
    package var signal: Signal
    package var match: Match
    package var text: String
    package var source: String

    /// Both are found in the same fields.
    func isSame(as other: AgentMark) -> Bool {
        signal == other.signal && match == other.match && text == other.text
    }

    /// By signal, match and text.
    func isBefore(_ other: AgentMark) -> Bool {
        (signal.rawValue, match.rawValue, text)
            < (other.signal.rawValue, other.match.rawValue, other.text)
    }
}
