package import Wire

/// What the administrator tells the sensor: networks and teams, owners, what is sanctioned, what is
/// declared.
///
/// Decoded from the configuration; see Docs/Configuration.md for the form.
package struct Organization: Sendable, Equatable {
    /// Where a claim stands, for evidence: `hosts.yaml:4`, or a decision in the inventory.
    package struct Place: Sendable, Equatable, Hashable, CustomStringConvertible {
        package var file: String
        /// 0 where the claim stands in no file of lines.
        package var line: Int

        package init(file: String, line: Int) {
            self.file = file
            self.line = line
        }

        package var description: String { line > 0 ? "\(file):\(line)" : file }
    }
    package struct TeamNetwork: Sendable, Equatable {
        package var network: Network
        package var team: String
        package var place: Place
        package init(network: Network, team: String, place: Place) {
            self.network = network
            self.team = team
            self.place = place
        }
    }
    /// What a team or an owner is given by.
    package enum Key: Sendable, Equatable, Hashable {
        case mac(MACAddress)
        case address(IPAddress)
        /// A name, in lower case: whole, or its first label.
        case hostname(String)
        case user(NamePattern)
        case names(NamePattern)
        case network(Network)
        /// An 802.1Q VLAN that the host's packets came in.
        case vlan(Int)
        /// What serves there, wherever the host belongs.
        case mcpServer(Endpoint)
        /// Agents of a name, on whatever host.
        case agent(NamePattern)
    }
    package struct Team: Sendable, Equatable {
        package var key: Key
        package var team: String
        package var place: Place
        package init(key: Key, team: String, place: Place) {
            self.key = key
            self.team = team
            self.place = place
        }
    }
    package struct Owner: Sendable, Equatable {
        package typealias Key = Organization.Key
        package var key: Key
        /// Nil where somebody decided that the former owner answers for it no more.
        package var owner: String?
        package var place: Place
        package init(key: Key, owner: String?, place: Place) {
            self.key = key
            self.owner = owner
            self.place = place
        }
    }
    package var networks: [TeamNetwork] = []
    /// Teams that are given by anything but a network.
    package var teams: [Team] = []
    package var owners: [Owner] = []
    package var verdicts: [Verdict] = []
    package var declarations: [Declaration] = []
    /// Team → domains it may use; a domain stands for itself and everything below it.
    package var sanctionedApps: [String: [String]] = [:]
    package var sanctionedAgents: [NamePattern] = []
    package var sanctionedMCPServers: [Endpoint] = []
    package var sanctionedModelServers: [Endpoint] = []
    /// True when the configuration says anything of apps, agents, MCP or model servers: else
    /// nothing can be unsanctioned.
    package var hasAppPolicy = false
    package var hasAgentPolicy = false
    package var hasMCPPolicy = false
    package var hasModelPolicy = false

    package init() {}
}

extension Organization.Key: CustomStringConvertible {
    package var description: String {
        switch self {
        case .mac(let mac): "MAC \(mac)"
        case .address(let address): "address \(address)"
        case .hostname(let name): "name \(name)"
        case .user(let pattern): "user \(pattern)"
        case .names(let pattern): "name \(pattern)"
        case .network(let network): "network \(network)"
        case .vlan(let vlan): "VLAN \(vlan)"
        case .mcpServer(let endpoint): "MCP server \(endpoint)"
        case .agent(let pattern): "agent \(pattern)"
        }
    }

    /// What a machine is goes before where it is, that before what it is called and who uses it,
    /// and one thing before many.
    var rank: Int {
        switch self {
        case .mcpServer, .agent: 0
        case .mac: 1
        case .address: 2
        case .hostname: 3
        case .user: 4
        case .names: 5
        case .network: 6
        case .vlan: 7
        }
    }

    /// How much it says beside others of its rank: the longest match wins.
    var length: Int {
        switch self {
        case .user(let pattern), .names(let pattern), .agent(let pattern): pattern.literals
        case .network(let network): network.prefixBits
        default: 0
        }
    }
}
