package import Codecs

/// One message of a protocol in which somebody has an agent run: ACP, AG-UI, the Agent Client
/// Protocol, the Agent Connect Protocol. What is said in it passes by unread.
package struct RunMessage: Sendable, Hashable {
    package enum Language: String, Sendable, CaseIterable {
        /// Agent Communication Protocol (BeeAI), REST.
        case acp
        /// Front end to agent; events over SSE.
        case agUI = "ag-ui"
        /// Editor to coding agent; JSON-RPC in lines.
        case agentClient = "agent-client-protocol"
        /// AGNTCY's REST, and servers that look like it.
        case agentConnect = "agent-connect"
    }
    package enum Kind: String, Sendable {
        case request, result, event
        /// The server lists its agents.
        case listing
    }
    /// An MCP server that an editor gives its agent.
    package struct ConfiguredMCP: Sendable, Hashable {
        package var name: String
        /// Host and port of its URL; nil for a program that the agent starts itself.
        package var host: String?
    }
    package var language: Language
    package var kind: Kind
    /// What is asked for or told: `run`, `session/new`, `RUN_FINISHED`.
    package var what: String
    /// Names of the agents that are asked for, that answer, or that are listed; at most 64.
    package var agents: [String] = []
    package var state: String?
    package var run: Pseudonym?
    package var session: Pseudonym?
    /// The run that this one is part of (AG-UI `parentRunId`).
    package var parent: Pseudonym?
    /// Names of the tools of the front end, at most 128.
    package var toolsOffered: [String] = []
    package var toolsCalled: [String] = []
    package var client: Implementation?
    package var agent: Implementation?
    package var version: String?
    /// At most 32.
    package var configuredMCP: [ConfiguredMCP] = []

    package init(language: Language, kind: Kind, what: String) {
        self.language = language
        self.kind = kind
        self.what = what
    }
}
