import Wire

/// An organization, so that each question is a look-up, however many networks and owners there are.
struct OrganizationIndex {
    /// What is known of a host when its team and owner are asked for.
    struct Traits {
        var mac: MACAddress?
        var addresses: [IPAddress]
        /// Those that something vouches for: no host is given an owner for what it calls itself.
        var names: [String]
        var users: [String] = []
        var vlans: [Int] = []
    }
    /// An entry that speaks of a host, and what of the host it speaks of.
    struct Match<Value> {
        var key: Organization.Key
        var value: Value
        var place: Organization.Place
    }

    let organization: Organization
    private let networks: NetworkIndex
    private let teams: KeyIndex
    private let owners: KeyIndex

    init(_ organization: Organization) {
        self.organization = organization
        networks = NetworkIndex(organization.networks.map(\.network))
        teams = KeyIndex(organization.teams.map(\.key))
        owners = KeyIndex(organization.owners.map(\.key))
    }

    var hasOwners: Bool { !organization.owners.isEmpty }
    var hasTeams: Bool { !organization.teams.isEmpty }

    /// The configured network with the longest prefix around an address.
    func network(of address: IPAddress) -> Organization.TeamNetwork? {
        networks.place(of: address).map { organization.networks[$0] }
    }

    /// Whether an address is one of the monitored network's own: where nobody says which those are,
    /// a private one.
    func owns(_ address: IPAddress) -> Bool {
        guard address.isUnicast, !address.isLinkLocal else { return false }
        return networks.isEmpty ? address.isPrivate : networks.place(of: address) != nil
    }

    /// Who claims a host for a team, the one that wins first.
    func teams(of host: Traits) -> [Match<String>] {
        var found = teams.places(of: host).map { place in
            let entry = organization.teams[place]
            return Match(key: entry.key, value: entry.team, place: entry.place)
        }
        for address in host.addresses {
            guard let entry = network(of: address) else { continue }
            found.append(
                Match(key: .network(entry.network), value: entry.team, place: entry.place))
            break
        }
        return OrganizationIndex.inOrder(found)
    }

    /// Who is said to answer for a host, the one that wins first.
    func owners(of host: Traits) -> [Match<String?>] {
        OrganizationIndex.inOrder(owners.places(of: host).map(owner))
    }

    /// Who is said to answer for an MCP server, wherever it stands.
    func owners(ofMCPServer endpoint: Endpoint, canonical: (Endpoint) -> Endpoint)
        -> [Match<String?>]
    {
        owners.servers.filter {
            if case .mcpServer(let known) = organization.owners[$0].key {
                return canonical(known) == endpoint
            }
            return false
        }.map(owner)
    }

    /// Who is said to answer for agents of a name.
    func owners(ofAgent name: String) -> [Match<String?>] {
        OrganizationIndex.inOrder(
            owners.agents.filter {
                if case .agent(let pattern) = organization.owners[$0].key {
                    return pattern.matches(name)
                }
                return false
            }.map(owner))
    }

    private func owner(_ place: Int) -> Match<String?> {
        let entry = organization.owners[place]
        return Match(key: entry.key, value: entry.owner, place: entry.place)
    }

    /// By rank, then the longest, then as they were written.
    private static func inOrder<Value>(_ matches: [Match<Value>]) -> [Match<Value>] {
        guard matches.count > 1 else { return matches }
        return matches.enumerated().sorted {
            ($0.element.key.rank, -$0.element.key.length, $0.offset)
                < ($1.element.key.rank, -$1.element.key.length, $1.offset)
        }.map(\.element)
    }
}

/// Keys by what they are found by.
private struct KeyIndex {
    private var macs: [MACAddress: [Int]] = [:]
    private var addresses: [IPAddress: [Int]] = [:]
    /// By the first label: `lt-7` also stands for `lt-7.corp.example`.
    private var names: [String: [(place: Int, name: String)]] = [:]
    private var vlans: [Int: [Int]] = [:]
    private var networks = NetworkIndex([])
    private var networkPlaces: [Int] = []
    private var patterns: [(place: Int, pattern: NamePattern)] = []
    private var users: [(place: Int, pattern: NamePattern)] = []
    private(set) var servers: [Int] = []
    private(set) var agents: [Int] = []

    init(_ keys: [Organization.Key]) {
        var ranges: [Network] = []
        for (place, key) in keys.enumerated() {
            switch key {
            case .mac(let mac): macs[mac, default: []].append(place)
            case .address(let address): addresses[address, default: []].append(place)
            case .hostname(let name):
                let label = Identity.label(name).lowercased()
                names[label, default: []].append((place, name))
            case .names(let pattern): patterns.append((place, pattern))
            case .user(let pattern): users.append((place, pattern))
            case .vlan(let vlan): vlans[vlan, default: []].append(place)
            case .network(let network):
                ranges.append(network)
                networkPlaces.append(place)
            case .mcpServer: servers.append(place)
            case .agent: agents.append(place)
            }
        }
        networks = NetworkIndex(ranges)
    }

    func places(of host: OrganizationIndex.Traits) -> [Int] {
        var found = host.mac.flatMap { macs[$0] } ?? []
        if !addresses.isEmpty {
            for address in host.addresses { found += addresses[address] ?? [] }
        }
        for name in host.names where !names.isEmpty {
            for entry in names[Identity.label(name).lowercased()] ?? []
            where Identity.isSameName(name, entry.name) && !found.contains(entry.place) {
                found.append(entry.place)
            }
        }
        // Most configurations have none of these, and every question asks.
        if !patterns.isEmpty || !users.isEmpty { found += placesByPattern(of: host) }
        for address in host.addresses where !networkPlaces.isEmpty {
            guard let place = networks.place(of: address).map({ networkPlaces[$0] }),
                !found.contains(place)
            else { continue }
            found.append(place)
        }
        for vlan in host.vlans { found += vlans[vlan] ?? [] }
        return found
    }

    private func placesByPattern(of host: OrganizationIndex.Traits) -> [Int] {
        let named = patterns.filter { entry in
            host.names.contains {
                entry.pattern.matches($0) || entry.pattern.matches(Identity.label($0))
            }
        }.map(\.place)
        return named
            + users.filter { entry in host.users.contains { entry.pattern.matches($0) } }
            .map(\.place)
    }
}
