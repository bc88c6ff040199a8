import Catalog
import GRDB
import Wire

/// Reads the rows, and works out what they come to: recognition, identity and status are decided
/// here.
struct SnapshotReader {
    let database: Database
    let organization: Organization
    let catalog: Catalog?
    let identity: Identity
    /// Addresses that were seen to send anything.
    let activity: [IPAddress: AddressRow]
    let evidence: [String: [Evidence]]
    /// Facts by subject and kind, each list by value.
    let facts: [String: [FactRow.Kind: [FactRow]]]
    let relays: Relays
    /// Machines that anything was seen from: where a server is not among them, the mirror shows one
    /// direction only.
    let spoken: Set<IPAddress>
    let namedUserAgents: [IPAddress: Set<String>]

    init(database: Database, organization: Organization, catalog: Catalog?) throws {
        self.database = database
        self.organization = organization
        self.catalog = catalog
        identity = try Identity(database, organization)
        activity = try SnapshotReader.readActivity(database)
        let names = try CanonicalNames(database, identity)
        evidence = try SnapshotReader.readEvidence(database, names)
        facts = try SnapshotReader.readFacts(database, names)
        relays = Relays(facts[Relays.subject]?[.relayed] ?? [], identity)
        spoken = Set(activity.keys.map(identity.canonical))
        namedUserAgents = SnapshotReader.namedUserAgents(facts)
    }

    func read() throws -> Snapshot {
        var snapshot = Snapshot()
        snapshot.sources = try sources()
        snapshot.hosts = hosts()
        snapshot.apps = try apps()
        snapshot.agents = agents()
        snapshot.mcpServers = try mcpServers()
        let uses = try modelUses()
        snapshot.modelEndpoints = modelEndpoints(uses)
        snapshot.models = models(uses)
        snapshot.end = snapshot.sources.map(\.last).max() ?? .zero
        return snapshot
    }

    // MARK: - Rows

    private func sources() throws -> [Snapshot.Source] {
        try GRDB.Row.fetchAll(
            database, sql: "SELECT * FROM capture ORDER BY first_seen, name, digest"
        ).map { row in
            let text: String = row["drops"]
            var drops: [String: Int] = [:]
            for pair in text.split(separator: ",") {
                let parts = pair.split(separator: "=")
                if parts.count == 2 { drops[String(parts[0])] = Int(parts[1]) }
            }
            return Snapshot.Source(
                name: row["name"], packets: row["packets"], bytes: row["bytes"],
                first: Timestamp(nanoseconds: row["first_seen"]),
                last: Timestamp(nanoseconds: row["last_seen"]), drops: drops)
        }
    }

    static func period(_ row: GRDB.Row, _ column: String = "count") -> Period {
        var seen = Period(Timestamp(nanoseconds: row["first_seen"]), count: row[column])
        seen.merge(Period(Timestamp(nanoseconds: row["last_seen"]), count: 0))
        return seen
    }

    private static func readActivity(_ database: Database) throws -> [IPAddress: AddressRow] {
        var found: [IPAddress: AddressRow] = [:]
        for row in try GRDB.Row.fetchAll(database, sql: "SELECT * FROM address") {
            guard let address = IPAddress(row["address"] as String) else { continue }
            found[address] = AddressRow(
                key: address, bytesSent: row["bytes_sent"],
                seen: period(row, "packets"))
        }
        return found
    }

    /// Pieces of evidence shown of one row: enough to check a claim, few enough to read.
    static let shownEvidence = 16

    /// The strongest first; of equals, the earliest.
    private static func readEvidence(
        _ database: Database, _ names: CanonicalNames
    ) throws -> [String: [Evidence]] {
        var found: [String: [Evidence]] = [:]
        let rows = try GRDB.Row.fetchCursor(database, sql: "SELECT * FROM evidence")
        while let row = try rows.next() {
            guard let clue = Clue(rawValue: row["clue"]),
                let strength = Strength(rawValue: row["strength"])
            else { continue }
            let seen = period(row)
            found[names.of(row["subject"]), default: []].append(
                Evidence(
                    clue: clue, strength: strength, firstSeen: seen.first, lastSeen: seen.last,
                    flow: row["flow"], detail: row["detail"], count: seen.count))
        }
        return found.mapValues { list in
            let sorted = list.sorted {
                ($1.strength, $0.firstSeen, $0.clue.rawValue, $0.detail, $0.flow)
                    < ($0.strength, $1.firstSeen, $1.clue.rawValue, $1.detail, $1.flow)
            }
            return Array(sorted.prefix(shownEvidence))
        }
    }

    private static func readFacts(
        _ database: Database, _ names: CanonicalNames
    ) throws -> [String: [FactRow.Kind: [FactRow]]] {
        var set = RowSet<FactRow>()
        let rows = try GRDB.Row.fetchCursor(database, sql: "SELECT * FROM fact")
        while let row = try rows.next() {
            guard let kind = FactRow.Kind(rawValue: row["kind"]) else { continue }
            set.add(
                names.of(
                    FactRow(
                        key: .init(
                            subject: row["subject"], kind: kind, value: row["value"],
                            detail: row["detail"]), seen: period(row))))
        }
        var found: [String: [FactRow.Kind: [FactRow]]] = [:]
        for fact in set.rows.values.sorted(by: {
            ($0.key.value, $0.key.detail) < ($1.key.value, $1.key.detail)
        }) {
            found[fact.key.subject, default: [:]][fact.key.kind, default: []].append(fact)
        }
        return found
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
        var machines: [String: (binding: Identity.Binding?, addresses: [IPAddress])] = [:]
        let candidates = Set(activity.keys).union(identity.boundAddresses)
        for address in candidates.sorted() where identity.isOurs(address) {
            let bindings = identity.macBindings(of: address)
            guard !bindings.isEmpty else {
                machines["ip \(address)"] = (nil, [address])
                continue
            }
            for binding in bindings {
                machines[binding.value, default: (binding, [])].addresses.append(address)
            }
        }
        // Every link has the same link-local network: such an address joins a machine, and makes
        // none.
        for address in candidates.sorted() where address.isLinkLocal {
            for binding in identity.macBindings(of: address) {
                machines[binding.value]?.addresses.append(address)
            }
        }
        return machines.values.map { host($0.binding, Array(Set($0.addresses)).sorted()) }
            .sorted { $0.address < $1.address }
    }

    private func host(_ binding: Identity.Binding?, _ addresses: [IPAddress]) -> Host {
        let routable = addresses.filter { !$0.isLinkLocal }
        let ordered =
            routable.filter(\.isV4) + routable.filter { !$0.isV4 } + addresses.filter(\.isLinkLocal)
        let rows = ordered.compactMap { activity[$0] }
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
            lastSeen: seen.last, evidence: hostEvidence(ordered))
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
