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
    let evidence: [String: [Evidence]]
    /// Facts by subject and kind, each list by value.
    let facts: [String: [FactRow.Kind: [FactRow]]]
    let relays: Relays
    /// Machines that anything was seen from: where a server is not among them, the mirror shows one
    /// direction only.
    let spoken: Set<IPAddress>
    let namedUserAgents: [IPAddress: Set<String>]

    init(
        rows: RowSets, sources: [Snapshot.Source], organization: Organization, catalog: Catalog?,
        depth: Snapshot.Depth
    ) {
        self.rows = rows
        self.sources = sources
        self.organization = organization
        self.catalog = catalog
        self.depth = depth
        identity = Identity(rows.bindings, organization, givesReasons: depth == .full)
        let names = CanonicalNames(rows, identity)
        evidence = depth == .full ? SnapshotReader.evidence(rows.evidence, names) : [:]
        facts = SnapshotReader.facts(rows.facts, names)
        relays = Relays(facts[Relays.subject]?[.relayed] ?? [], identity)
        spoken = Set(rows.addresses.rows.keys.map(identity.canonical))
        namedUserAgents = SnapshotReader.namedUserAgents(facts)
    }

    func read() -> Snapshot {
        var snapshot = Snapshot()
        snapshot.sources = sources
        snapshot.hosts = hosts()
        snapshot.apps = apps()
        snapshot.agents = agents()
        snapshot.mcpServers = mcpServers()
        let uses = modelUses()
        snapshot.modelEndpoints = modelEndpoints(uses)
        snapshot.models = models(uses)
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

    private static func facts(
        _ rows: RowSet<FactRow>, _ names: CanonicalNames
    ) -> [String: [FactRow.Kind: [FactRow]]] {
        var set = RowSet<FactRow>()
        for row in rows.rows.values { set.add(names.of(row)) }
        var found: [String: [FactRow.Kind: [FactRow]]] = [:]
        for fact in set.rows.values {
            found[fact.key.subject, default: [:]][fact.key.kind, default: []].append(fact)
        }
        let inOrder = { (left: FactRow, right: FactRow) in
            (left.key.value, left.key.detail) < (right.key.value, right.key.detail)
        }
        return found.mapValues { $0.mapValues { $0.count > 1 ? $0.sorted(by: inOrder) : $0 } }
    }

    // MARK: - Facts

    func facts(_ subject: String, _ kind: FactRow.Kind) -> [FactRow] {
        facts[subject]?[kind] ?? []
    }

    /// The values of a kind, by value.
    func values(_ subject: String, _ kind: FactRow.Kind) -> [String] {
        var seen: Set<String> = []
        return facts(subject, kind).map(\.key.value).filter { seen.insert($0).inserted }
    }

    /// The fact that was seen last; of equals, the most frequent, then the first by name.
    func latest(_ subject: String, _ kind: FactRow.Kind) -> FactRow? {
        latest(of: facts(subject, kind))
    }

    func latest(of facts: [FactRow]) -> FactRow? {
        facts.max {
            ($0.seen.last, $0.seen.count, $1.key.value, $1.key.detail)
                < ($1.seen.last, $1.seen.count, $0.key.value, $0.key.detail)
        }
    }

    /// The first and last time of anything known of a subject.
    func period(of subject: String) -> Period {
        let all = (facts[subject] ?? [:]).values.flatMap { $0 }.map(\.seen)
        guard var period = all.first else { return Period(.zero, count: 0) }
        for other in all.dropFirst() { period.merge(other) }
        return period
    }

    // MARK: - Hosts

    /// Machines: addresses of the network's own that sent something, joined by their MAC address.
    private func hosts() -> [Host] {
        var alone: [IPAddress] = []
        var machines: [MACAddress: (binding: Identity.MACBinding, addresses: [IPAddress])] = [:]
        let candidates = Set(rows.addresses.rows.keys).union(identity.boundAddresses).sorted()
        for address in candidates where identity.isOurs(address) {
            let bindings = identity.macBindings(of: address)
            if bindings.isEmpty { alone.append(address) }
            for binding in bindings {
                machines[binding.value, default: (binding, [])].addresses.append(address)
            }
        }
        // Every link has the same link-local network: such an address joins a machine, and makes
        // none.
        for address in candidates where address.isLinkLocal {
            for binding in identity.macBindings(of: address) {
                machines[binding.value]?.addresses.append(address)
            }
        }
        let found =
            alone.map { (binding: nil, addresses: [$0]) }
            + machines.values.map {
                (binding: $0.binding, addresses: SnapshotReader.ordered($0.addresses))
            }
        // Two machines may have had one address.
        return found.sorted {
            ($0.addresses[0], $0.binding?.value ?? .zero)
                < ($1.addresses[0], $1.binding?.value ?? .zero)
        }.map { host($0.binding, $0.addresses) }
    }

    /// Each once: IPv4 first, link-local last.
    private static func ordered(_ addresses: [IPAddress]) -> [IPAddress] {
        guard addresses.count > 1 else { return addresses }
        let sorted = Set(addresses).sorted()
        let routable = sorted.filter { !$0.isLinkLocal }
        return routable.filter(\.isV4) + routable.filter { !$0.isV4 }
            + sorted.filter(\.isLinkLocal)
    }

    private func host(_ binding: Identity.MACBinding?, _ ordered: [IPAddress]) -> Host {
        let rows = ordered.compactMap { self.rows.addresses.rows[$0] }
        var seen = rows.first?.seen ?? Period(binding?.first ?? .zero, count: 0)
        for row in rows.dropFirst() { seen.merge(row.seen) }
        if let binding {
            seen.merge(Period(binding.first, count: 0))
            seen.merge(Period(binding.last, count: 0))
        }
        return Host(
            id: EntityID.host(ordered[0]), address: ordered[0], addresses: ordered,
            attribution: identity.attribution(mac: binding, addresses: ordered, at: seen.last),
            isRouter: ordered.contains { identity.isRouter($0) }, packets: seen.count,
            bytesSent: rows.reduce(0) { $0 + $1.bytesSent },
            firstSeen: seen.first,
            lastSeen: seen.last, evidence: depth == .full ? hostEvidence(ordered) : [])
    }

    private func hostEvidence(_ addresses: [IPAddress]) -> [Evidence] {
        addresses.flatMap { address in
            identity.macBindings(of: address).compactMap { binding -> Evidence? in
                let clue: Clue
                switch binding.source {
                case "dhcp": clue = .dhcp
                case "arp": clue = .arp
                case "nd": clue = .neighborDiscovery
                default: return nil
                }
                return Evidence(
                    clue: clue, strength: .strong, firstSeen: binding.first, lastSeen: binding.last,
                    flow: "", detail: "\(address) is at \(binding.value)", count: binding.count)
            }
        }
    }
}
