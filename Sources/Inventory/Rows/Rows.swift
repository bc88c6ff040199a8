import Catalog
import Codecs
import GRDB
import Wire

/// What an address sent: what is only sent to it proves nothing, and may be a scan.
struct AddressRow: Row, Equatable {
    var key: Tenant
    var bytesSent: Int
    /// `count` counts packets sent.
    var seen: Period

    mutating func merge(_ other: AddressRow) {
        bytesSent += other.bytesSent
        seen.merge(other.seen)
    }

    static let upsert = """
        INSERT INTO address VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
        packets = packets + excluded.packets, bytes_sent = bytes_sent + excluded.bytes_sent,
        \(Period.times)
        """

    var arguments: StatementArguments {
        [
            key.description, seen.count, bytesSent, seen.first.nanoseconds,
            seen.last.nanoseconds,
        ]
    }
}

/// A name or MAC address of an address (or a name of a MAC address), while it held.
struct BindingRow: Row, Equatable {
    enum Kind: String, Sendable {
        case mac, hostname
        /// Who was logged on at the address or machine, `account@domain`.
        case user
        /// The 802.1Q VLAN in which a machine's own frames came.
        case vlan
        /// The MAC address in the link layer of the address's packets: a router's, when it fronts
        /// many.
        case linkLayer = "link_layer"
        /// Packets of the address came with this MAC address and TTL, sent on by somebody.
        case route
        /// What the machine says it is where it asks for an address (see `DeviceWord`).
        case device
        /// The address answers as a DNS server, or routes by a DHCP server's word.
        case resolver, router
    }
    /// What was given a name.
    enum Subject: Equatable, Sendable {
        case address(IPAddress)
        case mac(MACAddress)

        var text: String {
            switch self {
            case .address(let address): address.description
            case .mac(let mac): mac.description
            }
        }
    }
    enum Value: Equatable, Sendable {
        case mac(MACAddress)
        case text(String)

        var text: String {
            switch self {
            case .mac(let mac): mac.description
            case .text(let text): text
            }
        }
    }
    struct Key: TableKey {
        var subject: Subject
        var kind: Kind
        var value: Value
        var source: String
        /// When the address went to whoever had it then from another machine; zero for the first.
        /// So a name or machine that comes back is a row of its own, and none spans another's.
        var since = Timestamp.zero

        /// Without kind, source and time, which hardly tell two apart.
        func hash(_ secret: KeyedHash) -> UInt64 {
            let subjectHash =
                switch subject {
                case .address(let address): secret.of(address)
                case .mac(let mac): secret.of(mac.value, 0)
                }
            return switch value {
            case .mac(let mac): secret.of(subjectHash, mac.value)
            case .text(let text): secret.of(subjectHash, secret.of(text))
            }
        }
    }
    var key: Key
    var seen: Period

    mutating func merge(_ other: BindingRow) { seen.merge(other.seen) }

    static let upsert = """
        INSERT INTO binding VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
        count = count + excluded.count, \(Period.times)
        """

    var arguments: StatementArguments {
        [
            key.subject.text, key.kind.rawValue, key.value.text, key.source,
            key.since.nanoseconds, seen.count, seen.first.nanoseconds, seen.last.nanoseconds,
        ]
    }
}

/// An app met by a client under one domain and by one clue.
struct AppUseRow: Row, Equatable {
    struct Key: TableKey {
        var client: Tenant
        var app: String
        var domain: String
        var clue: Clue

        /// Without app and clue, which hardly tell two keys apart.
        func hash(_ secret: KeyedHash) -> UInt64 {
            secret.of(client.hash(secret), secret.of(domain))
        }
    }
    var key: Key
    var strength: Strength
    var name: String
    var category: String
    var bytesUp: Int
    var bytesDown: Int
    /// `count` counts flows, each under the clue that named it first.
    var seen: Period

    mutating func merge(_ other: AppUseRow) {
        // The stronger of two readings stands; of equals, the names in order.
        if (other.strength.rawValue, other.name, other.category)
            > (strength.rawValue, name, category)
        {
            (strength, name, category) = (other.strength, other.name, other.category)
        }
        bytesUp += other.bytesUp
        bytesDown += other.bytesDown
        seen.merge(other.seen)
    }

    static let upsert = """
        INSERT INTO app_use VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
        name = CASE WHEN (excluded.strength, excluded.name, excluded.category)
            > (strength, name, category) THEN excluded.name ELSE name END,
        category = CASE WHEN (excluded.strength, excluded.name, excluded.category)
            > (strength, name, category) THEN excluded.category ELSE category END,
        strength = max(strength, excluded.strength), flows = flows + excluded.flows,
        bytes_up = bytes_up + excluded.bytes_up, bytes_down = bytes_down + excluded.bytes_down,
        \(Period.times)
        """

    var arguments: StatementArguments {
        [
            key.client.description, key.app, key.domain, key.clue.rawValue, strength.rawValue, name,
            category, seen.count, bytesUp, bytesDown, seen.first.nanoseconds,
            seen.last.nanoseconds,
        ]
    }
}

/// Something true of a subject: a server's name, an agent's version, a client of a server.
struct FactRow: Row, Equatable {
    enum Kind: String, Sendable {
        // Of a server endpoint.
        case name, path, transport
        case protocolVersion = "protocol_version"
        case auth, mark
        /// What requests ask for, where no answer was seen.
        case askedPath = "asked_path"
        case askedTransport = "asked_transport"
        case askedVersion = "asked_version"
        case askedAuth = "asked_auth"
        case askedMethod = "asked_method"
        /// Resources and prompts that a client asked for by name, and those that were refused.
        case readResource = "read_resource"
        case refusedResource = "refused_resource"
        case gotPrompt = "got_prompt"
        case refusedPrompt = "refused_prompt"
        /// An answer that only an MCP server gives.
        case answered
        /// A client of the server: address, and name with version in the detail.
        case client
        /// The same of each request that was refused by its status (4xx, 5xx), and of an agent the
        /// servers that refused it so.
        case refusedClient = "refused_client"
        case refusedBy = "refused_by"
        /// What a client was told of a tool, resource or prompt (see `Told`).
        case listedTo = "listed_to"
        /// A list that a client was given whole (see `WholeList`).
        case wholeList = "whole_list"
        /// What a client and the server did beside calls, by name in the detail.
        case activity
        /// A request that two readers may take for two things; one that the server acted on, and
        /// one that it refused. The value is the client, the detail what is odd.
        case oddity
        case oddityAccepted = "oddity_accepted"
        case oddityRefused = "oddity_refused"
        /// Who grants access to the server, to what and for whom (see `AuthorizationFact`).
        case authorization
        /// Stands for the text that a server tells clients to work by.
        case instructions
        // Of an agent.
        case kind, version
        case userAgent = "user_agent"
        case mcpServer = "mcp_server"
        case modelEndpoint = "model_endpoint"
        case model
        /// What it was seen to do: `loop`.
        case behavior
        // Of a model endpoint.
        case toolOffered = "tool_offered"
        case answeredModel = "answered_model"
        /// A pseudonym; the detail tells the key that it was made under.
        case endUser = "end_user"
        case remoteMCP = "remote_mcp"
        /// A program that serves models; with a question mark where others may look the same.
        case runtime
        // Of an agent that others call.
        case agentServer = "agent_server"
        case provider, skill, interface, scheme, capability
        case cardFlag = "card_flag"
        case operation
        /// Each task counts once in each state that it was seen in; `seen` counts tasks.
        case taskState = "task_state"
        case failure, webhook, tool
        /// Agents that an agent called, and where it serves itself.
        case agentCalled = "agent_called"
        case agentServed = "agent_served"
        // Of an app's use.
        case ja3, ja4
        /// What a proxy was asked to send on (see `Relays`).
        case relayed
        /// Stands for a person in whose name others were asked (see `Delegator`).
        case delegator
        /// The endpoint of a model that asked for a tool call (see `ToolWish`).
        case toolWish = "tool_wish"
        /// A resolver that a client asks in secret (see `BlindSpot`).
        case blindSpot = "blind_spot"
    }
    struct Key: TableKey {
        var subject: String
        var kind: Kind
        var value: String
        var detail: String

        /// Without the kind, which hardly tells two keys apart.
        func hash(_ secret: KeyedHash) -> UInt64 {
            secret.of(secret.of(subject) ^ secret.of(detail), secret.of(value))
        }
    }
    var key: Key
    var seen: Period

    mutating func merge(_ other: FactRow) { seen.merge(other.seen) }

    static let upsert = """
        INSERT INTO fact VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
        count = count + excluded.count, \(Period.times)
        """

    var arguments: StatementArguments {
        [
            key.subject, key.kind.rawValue, key.value, key.detail, seen.count,
            seen.first.nanoseconds, seen.last.nanoseconds,
        ]
    }
}
