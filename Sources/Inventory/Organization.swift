package import Wire

/// What the administrator tells the sensor: networks and teams, owners, what is sanctioned.
///
/// Decoded from the configuration; see `hosts.yaml` beside each capture for the form.
package struct Organization: Sendable, Equatable {
    /// A claim and where it stands, for evidence: `hosts.yaml:4`.
    package struct Place: Sendable, Equatable, Hashable {
        package var file: String
        package var line: Int
        package init(file: String, line: Int) {
            self.file = file
            self.line = line
        }
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
    package struct Owner: Sendable, Equatable {
        package enum Key: Sendable, Equatable, Hashable {
            case mac(MACAddress)
            case hostname(String)
            case address(IPAddress)
        }
        package var key: Key
        package var owner: String
        package var place: Place
        package init(key: Key, owner: String, place: Place) {
            self.key = key
            self.owner = owner
            self.place = place
        }
    }
    package var networks: [TeamNetwork] = []
    package var owners: [Owner] = []
    /// Team → domains it may use; a domain stands for itself and everything below it.
    package var sanctionedApps: [String: [String]] = [:]
    package var sanctionedMCPServers: [Endpoint] = []
    package var sanctionedModelServers: [Endpoint] = []
    /// True when the configuration says anything of apps, MCP or model servers: else nothing can be
    /// unsanctioned.
    package var hasAppPolicy = false
    package var hasMCPPolicy = false
    package var hasModelPolicy = false

    package init() {}

    /// The configured network with the longest prefix around an address.
    func network(of address: IPAddress) -> TeamNetwork? {
        var best: TeamNetwork?
        for candidate in networks where candidate.network.contains(address) {
            if let known = best, known.network.prefixBits >= candidate.network.prefixBits {
                continue
            }
            best = candidate
        }
        return best
    }

    /// Whether an address is one of the monitored network's own: where nobody says which those are,
    /// a private one.
    func owns(_ address: IPAddress) -> Bool {
        guard address.isUnicast, !address.isLinkLocal else { return false }
        return networks.isEmpty
            ? address.isPrivate : networks.contains { $0.network.contains(address) }
    }
}
