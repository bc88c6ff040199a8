import Codecs
import Wire

/// Who was behind an address at a time: the bindings that the traffic gave, and the administrator's
/// word.
///
/// Bindings are kept with the packet times between which they were seen, and are only read here, so
/// an answer does not depend on which came first, the lease or its use.
struct Identity {
    /// Of a MAC address or a name.
    struct Binding<Value> {
        var value: Value
        var source: String
        var first: Timestamp
        var last: Timestamp
        var count: Int
        /// When the address went to whoever had it then (see `BindingRow.Key`).
        var since = Timestamp.zero
    }

    typealias MACBinding = Binding<MACAddress>
    typealias NameBinding = Binding<String>

    private let organization: OrganizationIndex
    /// Whether attributions shall say why.
    let givesReasons: Bool
    let bindings: BindingIndex
    /// The station that each is called by, once any is by another than itself.
    private var canonicals: [UInt32] = []
    private var resolvers: Set<IPAddress> = []
    /// Some address is called by another one of its machine.
    private(set) var hasAliases = false

    init(_ rows: RowSet<BindingRow>, _ organization: OrganizationIndex, givesReasons: Bool) {
        self.organization = organization
        self.givesReasons = givesReasons
        let bindings = BindingIndex(rows, organization)
        self.bindings = bindings
        for machine in bindings.machines.indices { callByOneAddress(machine) }
        for address in bindings.resolvers { resolvers.insert(canonical(address)) }
    }

    /// Gives the addresses that a machine had alone, and all the time, the name of one of them: the
    /// lowest IPv4 one of the network's own, else the lowest.
    ///
    /// An address that several machines had stays itself: whose it was is a question of time.
    private mutating func callByOneAddress(_ machine: Int) {
        let (mac, stations) = (
            bindings.machines[machine].mac, bindings.machines[machine].stations
        )
        guard stations.count > 1 else { return }
        let own = stations.filter { station in
            isOurs(bindings.stations[station].address)
                && bindings.stations[station].bindings.allSatisfy { $0.value == mac }
        }
        let name = own.first { bindings.stations[$0].address.isV4 } ?? own.first
        guard let name else { return }
        for station in own where station != name {
            if !hasAliases {
                canonicals = bindings.stations.indices.map { UInt32(truncatingIfNeeded: $0) }
                hasAliases = true
            }
            canonicals[station] = UInt32(truncatingIfNeeded: name)
        }
    }

    // MARK: - Questions

    /// Whether an address is one of the monitored network's own.
    func isOurs(_ address: IPAddress) -> Bool { organization.owns(address) }

    /// An address, and the others that are called by the same one.
    func addresses(of address: IPAddress) -> [IPAddress] {
        let name = canonical(address)
        guard hasAliases, let station = bindings.station(at: name),
            let mac = bindings.stations[station].bindings.last?.value,
            let machine = bindings.machine(with: mac)
        else { return [address] }
        let others = bindings.machines[machine].stations.filter { canonicals[$0] == station }.map {
            bindings.stations[$0].address
        }
        return others.contains(address) ? others : [address] + others
    }

    /// Whether an address is a router's: by a DHCP server's word, or because foreign packets come
    /// with the MAC address that it says is its own.
    func isRouter(_ address: IPAddress) -> Bool {
        bindings.station(at: address).map { bindings.stations[$0].isRouter } ?? false
    }

    /// The MAC addresses an address had, by first time; the link layer's word only where nothing
    /// else is.
    func macBindings(of address: IPAddress) -> [MACBinding] {
        bindings.station(at: address).map { bindings.stations[$0].bindings } ?? []
    }

    /// Whether an address's machine answers DNS queries: what it asks, it asks for others.
    func isResolver(_ address: IPAddress) -> Bool { resolvers.contains(canonical(address)) }

    /// What ARP, DHCP or neighbor discovery placed somewhere, in order.
    var boundAddresses: [IPAddress] {
        bindings.stations.indices.filter { bindings.stations[$0].isPlaced }.map {
            bindings.stations[$0].address
        }
    }

    /// Where a MAC address stands among those that any is bound to; nil for others.
    func machine(_ mac: MACAddress) -> Int? { bindings.machine(with: mac) }

    var machineCount: Int { bindings.machines.count }

    /// The binding in force at `time`: of those seen both before and after it the one that began
    /// last; else the one seen last before it; else the first to come. At one time DHCP's word goes
    /// first.
    func inForce<Value: Comparable>(
        _ bindings: [Binding<Value>], at time: Timestamp
    ) -> Binding<Value>? {
        if bindings.count <= 1 { return bindings.first }
        let order: (Binding<Value>, Binding<Value>) -> Bool = {
            ($0.first, Identity.rank($0.source), $1.value)
                < ($1.first, Identity.rank($1.source), $0.value)
        }
        let begun = bindings.filter { $0.first <= time }
        if let holding = begun.filter({ time <= $0.last }).max(by: order) { return holding }
        let latest = begun.map(\.last).max()
        return begun.filter { $0.last == latest }.max(by: order) ?? bindings.min(by: order)
    }

    static func rank(_ source: String) -> Int {
        [
            "eui64", "frame", "ntlm", "nbns", "llmnr", "mdns", "hosts", "cmdb", "netbox", "ptr",
            "dns", "kerberos", "radius", "nd", "arp", "dhcpv6", "lease", "dhcp",
        ]
        .firstIndex { source == $0 || isImport(source, $0) } ?? 0
    }

    /// Whether a name is what a host says of itself before all its neighbors: anyone there can say
    /// it, so nobody answers for a host because of it.
    private static func isAnnounced(_ name: NameBinding) -> Bool {
        switch name.source {
        case "ntlm", "nbns", "llmnr", "mdns": true
        default: false
        }
    }

    /// Every name a host has been given, and by whom; DHCP's first, then those of DNS, of reverse
    /// lookups, and what it says of itself.
    func names(
        _ own: [NameBinding], _ addresses: [IPAddress], of mac: MACAddress?
    ) -> [NameBinding] {
        guard bindings.hasNamedAddresses else { return own }
        let told = addresses.flatMap { address in
            bindings.station(at: address).map {
                ofTenant(mac, bindings.stations[$0].names, at: $0)
            } ?? []
        }
        guard told.count > 1 else { return own + told }
        return own
            + told.sorted {
                (Identity.rank($1.source), $1.count, $0.value)
                    < (Identity.rank($0.source), $0.count, $1.value)
            }
    }

    /// The chain from an address, used at `time`, to a host, its team and whoever answers for it.
    func attribution(
        of address: IPAddress, at time: Timestamp, from first: Timestamp? = nil
    ) -> Attribution {
        let binding = inForce(holders(of: address), at: time)
        return attribution(mac: binding, addresses: [address], at: time, from: first)
    }

    func attribution(
        mac binding: MACBinding?, addresses: [IPAddress], at time: Timestamp,
        from first: Timestamp? = nil
    ) -> Attribution {
        var reasons: [String] = []
        var logons: [String] = []
        let users = users(
            of: binding?.value, addresses, from: first ?? time, to: time, &logons)
        let known = traits(mac: binding, addresses: addresses, at: time, users: users)
        if let binding, givesReasons {
            reasons.append(
                "\(addresses[0]) had MAC \(binding.value) (\(Identity.text(binding.source)), "
                    + "\(binding.first.rfc3339) to \(binding.last.rfc3339))")
        }
        if givesReasons, let sharing = sharing(addresses) { reasons.append(sharing) }
        if let name = known.name, givesReasons {
            reasons.append("its name is \(name.value) (\(Identity.text(name.source)))")
        }
        let team = team(of: known.traits, at: addresses)
        if let team, givesReasons { reasons.append(Identity.teamReason(team)) }
        let owner = self.owner(of: known.traits)
        if let owner, givesReasons { reasons.append(owner.reason) }
        reasons += logons
        return Attribution(
            hostname: known.name.map { Identity.label($0.value) },
            mac: binding?.value,
            team: team?.value, owner: owner?.owner, users: users, reasons: reasons)
    }

    /// What teams and owners are given by, and the name that the host goes by.
    private func traits(
        mac binding: MACBinding?, addresses: [IPAddress], at time: Timestamp, users: [String]
    ) -> (traits: OrganizationIndex.Traits, name: NameBinding?) {
        let machine = binding.flatMap { bindings.machine(with: $0.value) }
        let siblings = siblings(of: addresses, on: machine)
        let given = machine.map { bindings.machines[$0].names } ?? []
        // What one of several machines calls itself is not the address's name.
        let known =
            sharing(addresses) == nil ? names(given, siblings, of: binding?.value) : given
        let traits = OrganizationIndex.Traits(
            mac: binding?.value, addresses: siblings,
            names: known.filter { !Identity.isAnnounced($0) }.map(\.value), users: users,
            vlans: vlans(machine, at: time))
        return (traits, inForce(given, at: time) ?? known.first)
    }

    /// The VLAN that a machine was in.
    private func vlans(_ machine: Int?, at time: Timestamp) -> [Int] {
        guard let machine, !bindings.machines[machine].isRouter else { return [] }
        return [inForce(bindings.machines[machine].vlans, at: time)].compactMap {
            $0.flatMap { Int($0.value) }
        }
    }

    /// Everything that the configuration and decisions say of the host at an address, what wins
    /// first.
    func claims(
        on address: IPAddress, at time: Timestamp
    ) -> (
        traits: OrganizationIndex.Traits, teams: [OrganizationIndex.Match<String>],
        owners: [OrganizationIndex.Match<String?>]
    ) {
        let binding = inForce(macBindings(of: address), at: time)
        var reasons: [String] = []
        let users = users(of: binding?.value, [address], from: time, to: time, &reasons)
        let known = traits(mac: binding, addresses: [address], at: time, users: users).traits
        return (known, organization.teams(of: known), organization.owners(of: known))
    }

    /// Where nothing but networks give teams, the first address that one holds decides.
    private func team(
        of host: OrganizationIndex.Traits, at addresses: [IPAddress]
    ) -> OrganizationIndex.Match<String>? {
        guard !organization.hasTeams else {
            var host = host
            host.addresses = addresses + host.addresses.filter { !addresses.contains($0) }
            return organization.teams(of: host).first
        }
        for address in addresses {
            guard let entry = organization.network(of: address) else { continue }
            return .init(key: .network(entry.network), value: entry.team, place: entry.place)
        }
        return nil
    }

    private static func teamReason(_ team: OrganizationIndex.Match<String>) -> String {
        if case .network(let network) = team.key {
            return "\(network) is team \(team.value) (\(team.place))"
        }
        return "team \(team.value) by \(team.key) (\(team.place))"
    }

    /// Who answers for what serves somewhere, where somebody said so of that and not of its host.
    func attribution(ofMCPServer endpoint: Endpoint, _ seen: Period) -> Attribution {
        let host = attribution(serving: endpoint.address, seen)
        return answered(host, by: organization.owners(ofMCPServer: endpoint, canonical: canonical))
    }

    /// The same of agents of a name.
    func attribution(ofAgent name: String, on host: Tenant, _ seen: Period) -> Attribution {
        answered(attribution(of: host, seen), by: organization.owners(ofAgent: name))
    }

    private func answered(
        _ host: Attribution, by matches: [OrganizationIndex.Match<String?>]
    ) -> Attribution {
        guard let (owner, reason) = Identity.winner(matches) else { return host }
        var found = host
        found.owner = owner
        if givesReasons {
            found.reasons.append(
                host.owner == nil || host.owner == owner
                    ? reason : reason + "; its host has \(host.owner ?? "")")
        }
        return found
    }

    /// The addresses, and the others that their machine answers for, where any could tell a name or
    /// an owner.
    private func siblings(of addresses: [IPAddress], on machine: Int?) -> [IPAddress] {
        guard let machine, bindings.hasNamedAddresses || organization.hasOwners else {
            return addresses
        }
        let own = bindings.machines[machine].stations
        if own.count == 1, addresses.count == 1,
            bindings.stations[own[0]].address == addresses[0]
        {
            return addresses
        }
        let others = bindings.machines[machine].stations.map { bindings.stations[$0].address }
        return addresses + others.filter { !addresses.contains($0) }
    }

    /// The address a machine is named by.
    func canonical(_ address: IPAddress) -> IPAddress {
        guard hasAliases, let station = bindings.station(at: address) else { return address }
        return bindings.stations[Int(canonicals[station])].address
    }

    func canonical(_ endpoint: Endpoint) -> Endpoint {
        Endpoint(canonical(endpoint.address), endpoint.port)
    }

    private func owner(
        of host: OrganizationIndex.Traits
    ) -> (owner: String?, reason: String)? {
        organization.hasOwners ? Identity.winner(organization.owners(of: host)) : nil
    }

    /// The first, and which other says something else.
    private static func winner(
        _ matches: [OrganizationIndex.Match<String?>]
    ) -> (owner: String?, reason: String)? {
        guard let first = matches.first else { return nil }
        guard let owner = first.value else {
            return (nil, "nobody answers for \(first.key) any more (\(first.place))")
        }
        var reason = "owner \(owner) by \(first.key) (\(first.place))"
        if let other = matches.first(where: { $0.value != nil && $0.value != owner }) {
            reason += "; \(other.key) says \(other.value ?? "") (\(other.place))"
        }
        return (owner, reason)
    }

    // MARK: - Words

    /// What stands before the first dot. By bytes: every question asks for it.
    static func label(_ name: String) -> String {
        let bytes = name.utf8.span
        guard let dot = bytes.position(of: UInt8(ascii: "."), in: 0..<bytes.count) else {
            return name
        }
        return String(copying: bytes.extracting(0..<dot))
    }

    static func isSameName(_ left: String, _ right: String) -> Bool {
        left.lowercased() == right.lowercased()
            || label(left).lowercased() == label(right).lowercased()
    }

    static func text(_ source: String) -> String {
        switch source {
        case "dhcp": "DHCP"
        case "arp": "ARP"
        case "nd": "neighbor discovery"
        case "frame": "source of its frames"
        case "dns": "DNS answers"
        case "ptr": "reverse lookups"
        case "mdns": "mDNS, where anyone can say so"
        case "llmnr": "LLMNR, where anyone can say so"
        case "nbns": "NetBIOS, where anyone can say so"
        case "ntlm": "NTLM"
        case "kerberos": "Kerberos"
        case "ldap": "LDAP"
        case "radius": "RADIUS"
        case "proxy": "a proxy's user"
        case "dhcpv6": "DHCPv6"
        case "eui64": "the interface's part of the address"
        default: source
        }
    }
}
