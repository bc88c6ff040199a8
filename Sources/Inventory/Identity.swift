import Wire

/// Who was behind an address at a time: the bindings that the traffic gave, and the administrator's
/// word.
///
/// Bindings are kept with the packet times between which they were seen, and are only read here, so
/// an answer does not depend on which came first, the lease or its use.
struct Identity {
    struct Binding<Value: Comparable> {
        var value: Value
        var source: String
        var first: Timestamp
        var last: Timestamp
        var count: Int
    }

    typealias MACBinding = Binding<MACAddress>
    typealias NameBinding = Binding<String>

    private let organization: Organization
    /// Whether attributions shall say why.
    private let givesReasons: Bool
    /// Address → MAC by DHCP, ARP or neighbor discovery, by first time.
    private var macs: [IPAddress: [MACBinding]] = [:]
    /// Address → MAC addresses its packets came with.
    private var linkLayer: [IPAddress: [MACBinding]] = [:]
    /// MAC → names, and address → names.
    private var macNames: [MACAddress: [NameBinding]] = [:]
    private var addressNames: [IPAddress: [NameBinding]] = [:]
    /// MAC → the IPv4 addresses that ARP or DHCP place there.
    private var stationed: [MACAddress: Set<IPAddress>] = [:]
    /// MAC addresses that front many addresses.
    private var routerMACs: Set<MACAddress> = []
    /// MAC → addresses it was bound to, sorted.
    private var addressesByMAC: [MACAddress: [IPAddress]] = [:]
    /// Machine's own address of every address that several names were seen of.
    private var canonicals: [IPAddress: IPAddress] = [:]
    private var resolvers: Set<IPAddress> = []
    private(set) var routers: Set<IPAddress> = []
    /// Some address is called by another one of its machine.
    private(set) var hasAliases = false

    init(_ rows: RowSet<BindingRow>, _ organization: Organization, givesReasons: Bool) {
        self.organization = organization
        self.givesReasons = givesReasons
        for row in rows.rows.values { keep(row) }
        Identity.sort(&macs)
        Identity.sort(&linkLayer)
        Identity.sort(&macNames)
        Identity.sort(&addressNames)
        for (address, bindings) in macs where address.isV4 {
            for binding in bindings { stationed[binding.value, default: []].insert(address) }
        }
        findRouters()
        var found: [MACAddress: [IPAddress]] = [:]
        for address in Set(macs.keys).union(linkLayer.keys) {
            for binding in macBindings(of: address) {
                found[binding.value, default: []].append(address)
            }
        }
        addressesByMAC = found.mapValues { Array(Set($0)).sorted() }
        for addresses in addressesByMAC.values {
            for address in addresses {
                let own = findCanonical(address)
                guard own != address else { continue }
                canonicals[address] = own
                hasAliases = true
            }
        }
        resolvers = Set(resolvers.map(canonical))
    }

    private mutating func keep(_ row: BindingRow) {
        func binding<Value>(_ value: Value) -> Binding<Value> {
            Binding(
                value: value, source: row.key.source, first: row.seen.first, last: row.seen.last,
                count: row.seen.count)
        }
        switch (row.key.subject, row.key.kind, row.key.value) {
        case (.address(let address), .mac, .mac(let mac)):
            macs[address, default: []].append(binding(mac))
        case (.address(let address), .linkLayer, .mac(let mac)):
            linkLayer[address, default: []].append(binding(mac))
        case (.address(let address), .hostname, .text(let name)):
            addressNames[address, default: []].append(binding(name))
        case (.mac(let mac), .hostname, .text(let name)):
            macNames[mac, default: []].append(binding(name))
        case (.address(let address), .resolver, _): resolvers.insert(address)
        case (.address(let address), .router, _): routers.insert(address)
        default: break
        }
    }

    private static func sort<Key, Value>(_ bindings: inout [Key: [Binding<Value>]]) {
        for (key, list) in bindings where list.count > 1 {
            bindings[key] = list.sorted {
                ($0.first, $0.value, $0.source) < ($1.first, $1.value, $1.source)
            }
        }
    }

    /// A MAC address that packets of foreign or of many addresses come with is a router's; so is
    /// that of an address that DHCP names as one.
    private mutating func findRouters() {
        var fronted: [MACAddress: Set<IPAddress>] = [:]
        for (address, bindings) in linkLayer {
            for binding in bindings { fronted[binding.value, default: []].insert(address) }
        }
        for router in routers { routerMACs.formUnion((macs[router] ?? []).map(\.value)) }
        for (mac, addresses) in fronted {
            let routable = addresses.filter { !$0.isLinkLocal }
            if routable.contains(where: { !isOurs($0) }) || frontsNetworks(routable) {
                routerMACs.insert(mac)
            }
        }
    }

    /// Addresses of more networks than one machine has.
    private func frontsNetworks(_ routable: Set<IPAddress>) -> Bool {
        guard routable.count > 1 else { return false }
        let networks = Set(routable.map { network(of: $0)?.network.description ?? "" })
        let v4 = routable.filter(\.isV4)
        let v4Networks = Set(v4.map { network(of: $0)?.network.description ?? "\($0)" })
        return v4.count > 4 || v4Networks.count > 1 || networks.count > 3
    }

    // MARK: - Questions

    /// Whether an address is one of the monitored network's own.
    func isOurs(_ address: IPAddress) -> Bool {
        guard address.isUnicast, !address.isLinkLocal else { return false }
        return organization.networks.isEmpty ? address.isPrivate : network(of: address) != nil
    }

    /// Whether an address is a router's: by a DHCP server's word, or because foreign packets come
    /// with the MAC address that it says is its own.
    func isRouter(_ address: IPAddress) -> Bool {
        routers.contains(address)
            || (macs[address] ?? []).contains { routerMACs.contains($0.value) }
    }

    /// The configured network with the longest prefix around an address.
    func network(of address: IPAddress) -> Organization.TeamNetwork? {
        organization.networks.filter { $0.network.contains(address) }
            .max { $0.network.prefixBits < $1.network.prefixBits }
    }

    /// The MAC addresses an address had, by first time; the link layer's word only where nothing
    /// else is.
    func macBindings(of address: IPAddress) -> [MACBinding] {
        if let known = macs[address] { return known }
        return (linkLayer[address] ?? []).filter { binding in
            !routerMACs.contains(binding.value)
                && !(address.isV4 && isOther(address, at: binding.value))
        }
    }

    /// ARP or DHCP places another IPv4 address at this MAC address: packets of `address` pass
    /// through it.
    private func isOther(_ address: IPAddress, at mac: MACAddress) -> Bool {
        stationed[mac].map { !$0.contains(address) } ?? false
    }

    /// Whether an address's machine answers DNS queries: what it asks, it asks for others.
    func isResolver(_ address: IPAddress) -> Bool { resolvers.contains(canonical(address)) }

    var boundAddresses: [IPAddress] { Array(macs.keys) }

    /// The binding in force at `time`: of those seen both before and after it the one that began
    /// last; else the one seen last before it; else the first to come. At one time DHCP's word goes
    /// first.
    private func inForce<Value>(
        _ bindings: [Binding<Value>], at time: Timestamp
    ) -> Binding<Value>? {
        if bindings.count == 1 { return bindings[0] }
        let order: (Binding<Value>, Binding<Value>) -> Bool = {
            ($0.first, Identity.rank($0.source), $1.value)
                < ($1.first, Identity.rank($1.source), $0.value)
        }
        let begun = bindings.filter { $0.first <= time }
        if let holding = begun.filter({ time <= $0.last }).max(by: order) { return holding }
        let latest = begun.map(\.last).max()
        return begun.filter { $0.last == latest }.max(by: order) ?? bindings.min(by: order)
    }

    private static func rank(_ source: String) -> Int {
        ["frame", "dns", "nd", "arp", "dhcp"].firstIndex(of: source) ?? 0
    }

    /// Every name a host has been given, and by whom; DHCP's first.
    private func names(_ mac: MACAddress?, _ addresses: [IPAddress]) -> [NameBinding] {
        let own = mac.flatMap { macNames[$0] } ?? []
        let told = addresses.flatMap { addressNames[$0] ?? [] }.sorted {
            ($1.count, $0.value) < ($0.count, $1.value)
        }
        return own + told
    }

    /// The chain from an address, used at `time`, to a host, its team and whoever answers for it.
    func attribution(of address: IPAddress, at time: Timestamp) -> Attribution {
        let binding = inForce(macBindings(of: address), at: time)
        return attribution(mac: binding, addresses: [address], at: time)
    }

    func attribution(
        mac binding: MACBinding?, addresses: [IPAddress], at time: Timestamp
    ) -> Attribution {
        var reasons: [String] = []
        let siblings = addresses + (binding.map { sharing($0.value, besides: addresses) } ?? [])
        if let binding, givesReasons {
            reasons.append(
                "\(addresses[0]) had MAC \(binding.value) (\(Identity.text(binding.source)), "
                    + "\(binding.first.rfc3339) to \(binding.last.rfc3339))")
        }
        let known = names(binding?.value, siblings)
        let own = binding.flatMap { macNames[$0.value] }.flatMap { inForce($0, at: time) }
        let name = own ?? known.first
        if let name, givesReasons {
            reasons.append("its name is \(name.value) (\(Identity.text(name.source)))")
        }
        let network = addresses.lazy.compactMap { self.network(of: $0) }.first
        if let network, givesReasons {
            reasons.append(
                "\(network.network) is team \(network.team) (\(Identity.text(network.place)))")
        }
        let owner = self.owner(binding?.value, siblings, known)
        if let owner, givesReasons { reasons.append(owner.reason) }
        return Attribution(
            hostname: name.map { Identity.label($0.value) },
            mac: binding?.value,
            team: network?.team, owner: owner?.owner, reasons: reasons)
    }

    /// Other addresses that one MAC address answers for.
    private func sharing(_ mac: MACAddress, besides: [IPAddress]) -> [IPAddress] {
        addressesByMAC[mac]?.filter { !besides.contains($0) } ?? []
    }

    /// The address a machine is named by: its lowest IPv4 one of the network's own, else the
    /// lowest.
    ///
    /// An address that several machines had stays itself: whose it was is a question of time.
    func canonical(_ address: IPAddress) -> IPAddress { canonicals[address] ?? address }

    private func findCanonical(_ address: IPAddress) -> IPAddress {
        guard isOurs(address), let mac = onlyMAC(of: address) else { return address }
        let own = (addressesByMAC[mac] ?? []).filter { isOurs($0) && onlyMAC(of: $0) == mac }
        return own.first(where: \.isV4) ?? own.first ?? address
    }

    /// The MAC address that an address had all the time; nil when it had several, or none is known.
    private func onlyMAC(of address: IPAddress) -> MACAddress? {
        let values = Set(macBindings(of: address).map(\.value))
        return values.count == 1 ? values.first : nil
    }

    func canonical(_ endpoint: Endpoint) -> Endpoint {
        Endpoint(canonical(endpoint.address), endpoint.port)
    }

    /// MAC before address before name: what a machine is, then where it stands, then what it calls
    /// itself.
    private func owner(
        _ mac: MACAddress?, _ addresses: [IPAddress], _ names: [NameBinding]
    ) -> (owner: String, reason: String)? {
        var found: [(entry: Organization.Owner, by: String)] = []
        for entry in organization.owners {
            if case .mac(let value) = entry.key, value == mac {
                found.append((entry, "MAC \(value)"))
            }
        }
        for entry in organization.owners {
            if case .address(let value) = entry.key, addresses.contains(value) {
                found.append((entry, "address \(value)"))
            }
        }
        for entry in organization.owners {
            if case .hostname(let value) = entry.key,
                names.contains(where: { Identity.isSameName($0.value, value) })
            {
                found.append((entry, "name \(value)"))
            }
        }
        guard let first = found.first else { return nil }
        var reason =
            "owner \(first.entry.owner) by \(first.by) (\(Identity.text(first.entry.place)))"
        if let other = found.first(where: { $0.entry.owner != first.entry.owner }) {
            reason +=
                "; \(other.by) says \(other.entry.owner) (\(Identity.text(other.entry.place)))"
        }
        return (first.entry.owner, reason)
    }

    // MARK: - Words

    static func label(_ name: String) -> String { String(name.prefix { $0 != "." }) }

    private static func isSameName(_ left: String, _ right: String) -> Bool {
        left.lowercased() == right.lowercased()
            || label(left).lowercased() == label(right).lowercased()
    }

    private static func text(_ place: Organization.Place) -> String {
        "\(place.file):\(place.line)"
    }

    private static func text(_ source: String) -> String {
        switch source {
        case "dhcp": "DHCP"
        case "arp": "ARP"
        case "nd": "neighbor discovery"
        case "frame": "source of its frames"
        case "dns": "DNS answers"
        default: source
        }
    }
}
