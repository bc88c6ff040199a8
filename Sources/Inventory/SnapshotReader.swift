import Catalog
import Wire

/// Reads the rows, and works out what they come to: recognition, identity and status are decided
/// here.
struct SnapshotReader {
    let rows: RowSets
    let sources: [Snapshot.Source]
    let organization: Organization
    let catalog: Catalog?
    let depth: Snapshot.Depth
    let identity: Identity
    let verdicts: VerdictIndex
    let evidence: [String: [Evidence]]
    let facts: FactTable
    let relays: Relays
    /// What each address sent, by address and machine.
    private let senders: [AddressRow]
    /// Machines that anything was seen from, in order: where a server is not among them, the mirror
    /// shows one direction only.
    private let spoken: [IPAddress]
    let namedUserAgents: [Tenant: Set<String>]
    /// What may be an MCP server, by the text of its endpoint.
    let claims: [String: ServerClaim]

    init(
        rows: RowSets, sources: [Snapshot.Source], organization: Organization, catalog: Catalog?,
        depth: Snapshot.Depth
    ) {
        self.rows = rows
        self.sources = sources
        self.organization = organization
        self.catalog = catalog
        self.depth = depth
        let identity = Identity(
            rows.bindings, OrganizationIndex(organization), givesReasons: depth == .full)
        self.identity = identity
        verdicts = VerdictIndex(organization.verdicts, canonical: identity.canonical)
        let names = CanonicalNames(rows, identity)
        evidence = depth == .full ? SnapshotReader.evidence(rows.evidence, names) : [:]
        facts = FactTable(rows.facts, names) { kind in
            depth == .full || (kind != .ja3 && kind != .ja4)
        }
        relays = Relays(facts[Relays.subject][.relayed], identity)
        senders = rows.addresses.rows.values.sorted {
            let (left, right) = ($0.key.address, $1.key.address)
            if left.high != right.high { return left.high < right.high }
            return left.low == right.low
                ? $0.key.machine < $1.key.machine : left.low < right.low
        }
        spoken = SnapshotReader.spoken(senders, identity)
        namedUserAgents = SnapshotReader.namedUserAgents(facts)
        claims = SnapshotReader.claims(facts)
    }

    private static func spoken(_ senders: [AddressRow], _ identity: Identity) -> [IPAddress] {
        let addresses = senders.map { identity.canonical($0.key.address) }
        return identity.hasAliases ? addresses.sorted() : addresses
    }

    /// Whether anything was seen from the machine that is named so.
    func hasSpoken(_ address: IPAddress) -> Bool {
        let place = BindingIndex.place(in: spoken.count) { spoken[$0] < address }
        return place < spoken.count && spoken[place] == address
    }

    /// What was sent from an address; where machines share it, by that one.
    private func sent(
        from address: IPAddress, by machine: MACAddress?
    ) -> (seen: Period, bytes: Int)? {
        var place = BindingIndex.place(in: senders.count) { senders[$0].key.address < address }
        let isShared = machine != nil && identity.isShared(address)
        var found: (seen: Period, bytes: Int)?
        while place < senders.count, senders[place].key.address == address {
            let row = senders[place]
            place += 1
            if isShared, identity.canonical(row.key, at: row.seen.first).machine != machine {
                continue
            }
            found?.seen.merge(row.seen)
            found?.bytes += row.bytesSent
            if found == nil { found = (row.seen, row.bytesSent) }
        }
        return found
    }

    func read() -> Snapshot {
        var snapshot = Snapshot()
        snapshot.depth = depth
        snapshot.sources = sources
        snapshot.hosts = hosts()
        snapshot.apps = apps()
        snapshot.agents = agents()
        snapshot.mcpServers = mcpServers()
        snapshot.agentServers = agentServers()
        snapshot.modelRuntimes = modelRuntimes()
        let uses = modelUses()
        snapshot.modelEndpoints = modelEndpoints(uses)
        snapshot.models = models(uses)
        snapshot.blindSpots = blindSpots()
        snapshot.chains = chains(snapshot.mcpServers, snapshot.agentServers)
        let askers = askers(snapshot.chains, besides: snapshot.agents)
        if !askers.isEmpty {
            snapshot.agents = (snapshot.agents + askers).sorted {
                ($0.tenant, $0.name) < ($1.tenant, $1.name)
            }
        }
        snapshot.declared = declared(snapshot)
        snapshot.end = snapshot.sources.map(\.last).max() ?? .zero
        return snapshot
    }

    // MARK: - Rows

    /// Pieces of evidence shown of one row: enough to check a claim, few enough to read.
    static let shownEvidence = 16

    /// The strongest first; of equals, the earliest.
    private static func evidence(
        _ rows: RowSet<EvidenceRow>, _ names: CanonicalNames
    ) -> [String: [Evidence]] {
        var found: [String: [Evidence]] = [:]
        for row in rows.rows.values {
            found[names.of(row.key.subject), default: []].append(
                Evidence(
                    clue: row.key.clue, strength: row.strength, firstSeen: row.seen.first,
                    lastSeen: row.seen.last, flow: row.flow, detail: row.key.detail,
                    count: row.seen.count))
        }
        return found.mapValues { list in
            let sorted = list.sorted {
                ($1.strength, $0.firstSeen, $0.clue.rawValue, $0.detail, $0.flow)
                    < ($0.strength, $1.firstSeen, $1.clue.rawValue, $1.detail, $1.flow)
            }
            return Array(sorted.prefix(shownEvidence))
        }
    }

    // MARK: - Hosts

    /// A machine, or an address that none is known of.
    private struct Found {
        var binding: Identity.MACBinding?
        var addresses: [IPAddress]
    }

    /// Machines: addresses of the network's own that sent something, joined by their MAC address.
    private func hosts() -> [Host] {
        var found: [Found] = []
        /// Where each machine of the bindings stands among those found.
        var places = [Int](repeating: -1, count: identity.machineCount)
        let candidates = candidates()
        for address in candidates where identity.isOurs(address) {
            let bindings = identity.macBindings(of: address)
            if bindings.isEmpty { found.append(Found(addresses: [address])) }
            for binding in bindings {
                guard let machine = identity.machine(binding.value) else { continue }
                if places[machine] < 0 {
                    places[machine] = found.count
                    found.append(Found(binding: binding, addresses: [address]))
                } else if found[places[machine]].addresses.last != address {
                    found[places[machine]].addresses.append(address)
                }
            }
        }
        // Every link has the same link-local network: such an address joins a machine, and makes
        // none.
        for address in candidates where address.isLinkLocal {
            for binding in identity.macBindings(of: address) {
                guard let machine = identity.machine(binding.value), places[machine] >= 0,
                    found[places[machine]].addresses.last != address
                else { continue }
                found[places[machine]].addresses.append(address)
            }
        }
        for place in found.indices where found[place].addresses.count > 1 {
            found[place].addresses = named(found[place].addresses)
        }
        return SnapshotReader.order(of: found).map { host(found[$0]) }
    }

    /// What sent something or is bound to a machine, in order and each once.
    private func candidates() -> [IPAddress] {
        let bound = identity.boundAddresses
        var found: [IPAddress] = []
        found.reserveCapacity(senders.count)
        var next = 0
        for sender in senders {
            let address = sender.key.address
            if found.last == address { continue }
            while next < bound.count, bound[next] < address {
                found.append(bound[next])
                next += 1
            }
            if next < bound.count, bound[next] == address { next += 1 }
            found.append(address)
        }
        return found + bound[next...]
    }

    /// By the address that each is named by; two machines may have had one address.
    private static func order(of found: [Found]) -> [Int] {
        let names = found.indices.map { place in
            (
                address: found[place].addresses[0], mac: found[place].binding?.value.value ?? 0,
                place: place
            )
        }
        return names.sorted {
            $0.address == $1.address ? $0.mac < $1.mac : $0.address < $1.address
        }.map(\.place)
    }

    /// Of addresses in order, those no other machine had, IPv4 first, link-local last.
    private func named(_ addresses: [IPAddress]) -> [IPAddress] {
        let routable = addresses.filter { !$0.isLinkLocal }
        let named =
            routable.filter(\.isV4) + routable.filter { !$0.isV4 }
            + addresses.filter(\.isLinkLocal)
        guard addresses.contains(where: identity.isShared) else { return named }
        return named.filter { !identity.isShared($0) } + named.filter(identity.isShared)
    }

    private func host(_ found: Found) -> Host {
        let (binding, addresses) = (found.binding, found.addresses)
        var seen: Period?
        var bytesSent = 0
        for address in addresses {
            guard let sent = sent(from: address, by: binding?.value) else { continue }
            bytesSent += sent.bytes
            if seen == nil { seen = sent.seen } else { seen?.merge(sent.seen) }
        }
        var period = seen ?? Period(binding?.first ?? .zero, count: 0)
        if let binding, !Identity.isTold(binding.source) {
            period.merge(Period(binding.first, count: 0))
            period.merge(Period(binding.last, count: 0))
        }
        return Host(
            tenant: tenant(addresses[0], binding?.value), addresses: addresses,
            attribution: identity.attribution(
                mac: binding, addresses: addresses, at: period.last, from: period.first),
            isRouter: addresses.contains { identity.isRouter($0) },
            sharing: identity.sharing(addresses),
            device: identity.device(of: binding?.value)?.device,
            conflicts: depth == .full
                ? identity.conflicts(of: binding?.value, addresses, at: period.last)
                    + identity.otherDevices(binding?.value) : [],
            packets: period.count,
            bytesSent: bytesSent, firstSeen: period.first, lastSeen: period.last,
            evidence: depth == .full ? hostEvidence(addresses, of: binding?.value) : [])
    }

    private func tenant(_ address: IPAddress, _ machine: MACAddress?) -> Tenant {
        Tenant(address, identity.isShared(address) ? machine ?? .zero : .zero)
    }

    private func hostEvidence(_ addresses: [IPAddress], of mac: MACAddress?) -> [Evidence] {
        let words = identity.device(of: mac)?.words ?? []
        let routes = addresses.flatMap { address in
            identity.routesBehind(address).map { route in
                Evidence(
                    clue: .ttl, strength: .hint, firstSeen: route.first, lastSeen: route.last,
                    flow: "",
                    detail: "packets of \(address) come with TTL "
                        + "\(route.value.split(separator: " ").last ?? ""): its machine sends them "
                        + "on for a guest, a container or a network behind it", count: route.count)
            }
        }
        return routes
            + words.compactMap { row in
                DeviceWord(row.value).map { word in
                    Evidence(
                        clue: .dhcp, strength: word.isClass ? .strong : .hint, firstSeen: row.first,
                        lastSeen: row.last, flow: "", detail: word.sentence, count: row.count)
                }
            }
            + addresses.flatMap { address in
                let isShared = identity.isShared(address)
                return identity.macBindings(of: address).compactMap { binding -> Evidence? in
                    if isShared, binding.value != mac { return nil }
                    let clue: Clue
                    switch binding.source {
                    case "dhcp": clue = .dhcp
                    case "arp": clue = .arp
                    case "nd": clue = .neighborDiscovery
                    default: return nil
                    }
                    return Evidence(
                        clue: clue, strength: .strong, firstSeen: binding.first,
                        lastSeen: binding.last,
                        flow: "", detail: "\(address) is at \(binding.value)", count: binding.count)
                }
            }
    }
}
