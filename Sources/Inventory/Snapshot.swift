package import Catalog
package import Wire

/// The word of whoever answers for it.
package enum Status: String, Sendable, CaseIterable {
    case sanctioned
    /// Nobody wants it, and for now it may stay.
    case tolerated
    case unsanctioned
    /// Nobody has decided: no policy speaks of it.
    case unreviewed
}

/// One piece of evidence for one claim.
package struct Evidence: Sendable, Hashable {
    package var clue: Clue
    package var strength: Strength
    /// Packet time at which it was first seen, and last.
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp
    /// The flow, as `10.0.0.1:5123 → 10.0.0.2:443/tcp`; empty where no flow carried it (ARP).
    package var flow: String
    /// What exactly was seen: `SNI api.openai.com = exact api.openai.com (source)`.
    package var detail: String
    package var count: Int

    package init(
        clue: Clue, strength: Strength, firstSeen: Timestamp, lastSeen: Timestamp, flow: String,
        detail: String, count: Int
    ) {
        self.clue = clue
        self.strength = strength
        self.firstSeen = firstSeen
        self.lastSeen = lastSeen
        self.flow = flow
        self.detail = detail
        self.count = count
    }
}

/// Who is behind an address, and how that is known.
package struct Attribution: Sendable, Hashable {
    package var hostname: String?
    package var mac: MACAddress?
    package var team: String?
    package var owner: String?
    /// Who was logged on meanwhile, `account@domain`; several where one cannot be told.
    package var users: [String] = []
    /// One sentence per link of the chain: address → host → team → owner, each with its source.
    package var reasons: [String]
}

package struct Host: Sendable {
    package var id: String { EntityID.host(tenant) }
    /// The address it is named by, and its MAC address where others had that too.
    package var tenant: Tenant
    /// The address it is named by: the lowest IPv4 one, else the lowest.
    package var address: IPAddress { tenant.address }
    package var addresses: [IPAddress]
    package var attribution: Attribution
    /// A DHCP server names one of its addresses as the router.
    package var isRouter: Bool
    /// Why it is no one host: several machines speak from its address at once.
    package var sharing: String?
    /// What it is by its own word; nil where it never said.
    package var device: HostDevice?
    /// What else is said of it at the same time, one sentence each.
    package var conflicts: [String] = []
    package var packets: Int
    package var bytesSent: Int
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp
    package var evidence: [Evidence]
}

package struct AppUse: Sendable {
    package var id: String { EntityID.app(tenant, domain) }
    package var tenant: Tenant
    package var host: IPAddress { tenant.address }
    package var app: String
    package var name: String
    package var vendor: String
    package var country: String
    package var category: String
    package var domain: String
    /// The name in the domain: all of it, but for a path behind it where only both together told.
    package var domainName: String {
        domain.firstIndex(of: "/").map { String(domain[..<$0]) } ?? domain
    }
    package var flows: Int
    package var bytesUp: Int
    package var bytesDown: Int
    package var clues: [Clue]
    package var strength: Strength
    package var ja3: [String]
    package var ja4: [String]
    package var attribution: Attribution
    package var status: Status
    /// Why it has that status, with file and line.
    package var statusReason: String
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp
    package var evidence: [Evidence]
}

package struct Agent: Sendable {
    package var id: String
    package var tenant: Tenant
    package var host: IPAddress { tenant.address }
    package var name: String
    /// Latest one seen.
    package var version: String?
    package var versions: [String]
    package var kind: AgentKind
    /// What makes it that kind, in a few words.
    package var kindReason: String
    /// What it was seen to be: `mcp-client`, `llm-client`, `a2a-agent`, `a2a-client`, `agent-loop`,
    /// …, or `http-client` where only a User-Agent told.
    package var roles: [String]
    package var userAgent: String?
    package var mcpServers: [Endpoint]
    /// `address:port/path`.
    package var modelEndpoints: [String]
    package var models: [String]
    /// Tools that models asked it to call.
    package var tools: [String]
    /// Agents that it called, and where it serves others itself, as `address:port`.
    package var agentsCalled: [String]
    package var serves: [String]
    package var attribution: Attribution
    package var status: Status
    package var statusReason: String
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp
    package var evidence: [Evidence]
}

package struct MCPServer: Sendable {
    package struct Client: Sendable {
        package var host: Tenant
        package var name: String
        package var version: String?
    }
    /// A program whose requests were refused by status (4xx, 5xx), and how many: an attempt. One
    /// that was let in as well is a client too.
    package struct Refused: Sendable {
        package var client: Client
        package var count: Int
    }
    package struct Call: Sendable {
        package var client: Tenant
        package var tool: String
        package var count: Int
        package var errors: Int
        /// Of the errors: the tool said that it failed, or the protocol did.
        package var toolErrors = 0
        package var protocolErrors = 0
        package var inputRequired = 0
        package var cancelled = 0
        package var unanswered = 0
        /// Packet time from request to answer, in nanoseconds; nil where nothing was answered.
        package var meanLatency: Int64?
        package var longestLatency: Int64?
        package var resultBytes = 0
        package var progress = 0
    }
    /// Something beside calls: sampling, progress, a task's state.
    package struct Activity: Sendable {
        package var name: String
        package var client: Tenant
        package var count: Int
        package var firstSeen: Timestamp
        package var lastSeen: Timestamp
    }
    /// Requests that two readers may take for two things (see `RPCOddities`).
    package struct Oddity: Sendable {
        package var name: String
        package var client: Tenant
        package var count: Int
        /// Those that were answered with a result, and with an error.
        package var accepted: Int
        package var refused: Int
        package var firstSeen: Timestamp
        package var lastSeen: Timestamp
    }
    /// What was decided of a tool, where that is another thing than of its server.
    package struct ToolStatus: Sendable, Equatable {
        package var status: Status
        package var reason: String
    }
    package var id: String
    package var endpoint: Endpoint
    package var path: String
    package var name: String?
    package var version: String?
    /// `streamable-http`, `http+sse`, `websocket` or `tcp`.
    package var transport: String
    package var protocolVersions: [String]
    /// `none`, `bearer`, …
    package var auth: String
    package var tools: [ListedItem]
    package var resources: [ListedItem]
    package var prompts: [ListedItem]
    package var clients: [Client]
    package var refusedClients: [Refused] = []
    package var calls: [Call]
    /// Of everything that was ever listed, by kind and key.
    package var histories: [ItemHistory] = []
    /// The texts that it told clients to work by, by their first times; at most 32.
    package var instructions: [InstructionsVersion] = []
    package var activities: [Activity] = []
    package var oddities: [Oddity] = []
    /// What is known of who grants access, by what it is.
    package var authorization: [(what: AuthorizationFact, value: String, count: Int)] = []
    /// Versions that the server gave itself, and when each was first seen.
    package var versions: [(version: String, firstSeen: Timestamp)] = []
    /// By name; other tools have the server's own.
    package var toolStatuses: [String: ToolStatus] = [:]
    package var marks: MCPMarks
    package var attribution: Attribution
    package var status: Status
    package var statusReason: String
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp
    package var evidence: [Evidence]

    package func status(ofTool name: String) -> ToolStatus {
        toolStatuses[name] ?? ToolStatus(status: status, reason: statusReason)
    }
}

package struct ModelEndpoint: Sendable {
    package struct Client: Sendable {
        package var host: Tenant
        package var userAgent: String
        package var requests: Int
    }
    /// As the API counts them; of streams, what was said at their end.
    package struct Tokens: Sendable, Equatable {
        package var input: Int
        package var output: Int
        /// Of the input, read from a cache.
        package var cached: Int
        /// Of the output, thought and not said.
        package var reasoning: Int
    }
    /// An MCP server that requests have the model's side call.
    package struct RemoteMCP: Sendable {
        package var label: String
        /// Empty for a vendor's own connector.
        package var host: String
    }
    package var id: String
    package var endpoint: Endpoint
    package var path: String
    package var api: String
    package var models: [String]
    package var requests: Int
    package var streaming: Int
    /// Requests answered with 2xx, and with 400 and more.
    package var answered: Int
    package var errors: Int
    package var tokens: Tokens
    /// Requests that offered tools, and that brought back what tools gave.
    package var requestsWithTools: Int
    package var requestsWithResults: Int
    /// Tool calls that answers asked for.
    package var callsAskedFor: Int
    /// Models that answers name; others than asked for behind a gateway.
    package var answeredModels: [String]
    package var toolsOffered: [String]
    package var toolsCalled: [(name: String, count: Int)]
    /// Persons for whom it was asked, at least.
    package var endUsers: Int
    package var remoteMCP: [RemoteMCP]
    package var clients: [Client]
    package var attribution: Attribution
    package var status: Status
    package var statusReason: String
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp
    package var evidence: [Evidence]
}

/// A program that serves models, found by its own marks.
package struct ModelRuntime: Sendable {
    package var id: String
    package var endpoint: Endpoint
    /// As catalogs call it: `llama-cpp`, `ollama`, `vllm`, …
    package var runtime: String
    package var strength: Strength
    package var models: [String]
    package var attribution: Attribution
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp
    package var evidence: [Evidence]
}

package struct Model: Sendable {
    package var id: String
    package var model: String
    package var requests: Int
    package var hosts: [IPAddress]
    package var endpoints: [Endpoint]
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp
    package var evidence: [Evidence]
}

/// A resolver that a host asks in secret: what it looks up there is not seen.
package struct BlindSpot: Sendable {
    /// DNS over TLS, over QUIC or over HTTPS (RFC 7858, RFC 9250, RFC 8484).
    package enum Way: String, Sendable {
        case dot, doq, doh
    }
    package var tenant: Tenant
    package var host: IPAddress { tenant.address }
    package var way: Way
    /// The name in the hello, else the address.
    package var resolver: String
    package var flows: Int
    package var attribution: Attribution
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp
}

/// The inventory at one moment, addresses resolved to hosts and owners; every list is sorted by its
/// key.
package struct Snapshot: Sendable {
    /// How much of each row is worked out.
    package enum Depth: Sendable {
        /// Without evidence, without the reasons of attributions and without the fingerprints of
        /// apps: enough for a summary and for every rule.
        case brief
        case full
    }
    /// A capture that was replayed, or a stretch of live capture.
    package struct Source: Sendable {
        package var name: String
        package var packets: Int
        package var bytes: Int
        package var first: Timestamp
        package var last: Timestamp
        /// Cause → packets or bytes not fully used.
        package var drops: [String: Int]
    }
    package var depth = Depth.full
    package var sources: [Source] = []
    package var hosts: [Host] = []
    package var apps: [AppUse] = []
    package var agents: [Agent] = []
    package var mcpServers: [MCPServer] = []
    package var modelEndpoints: [ModelEndpoint] = []
    package var models: [Model] = []
    package var agentServers: [AgentServer] = []
    package var modelRuntimes: [ModelRuntime] = []
    package var blindSpots: [BlindSpot] = []
    package var chains: [Chain] = []
    /// Empty where nothing is declared.
    package var declared: [Declared] = []
    /// Time of the last packet of all sources: `--since 24h` counts back from here.
    package var end: Timestamp = .zero

    package init() {}
}
