import Codecs
import Wire

/// Joins what was seen under several addresses of one machine: IPv4 and IPv6 are one server, one
/// agent.
///
/// Rows are stored under the address that was seen; only here they are called by the machine's own.
struct CanonicalNames {
    private let identity: Identity
    /// Entity id as stored → id by the machine's own address.
    private var names: [String: String] = [:]
    /// When the row that gave a name began: of a row without a machine the first tells whose it is.
    private var begun: [String: Timestamp] = [:]

    init(_ rows: RowSets, _ identity: Identity) {
        self.identity = identity
        guard identity.hasOtherNames else { return }
        for row in rows.facts.rows.values {
            let fact = row.key
            if fact.kind == .mark {
                guard let endpoint = Endpoint(stored: fact.detail) else { continue }
                names[EntityID.mcp(endpoint)] = EntityID.mcp(identity.canonical(endpoint))
            } else if fact.kind == .agentServer {
                guard let endpoint = Endpoint(stored: fact.detail) else { continue }
                names[EntityID.agentServer(endpoint)] = EntityID.agentServer(
                    identity.canonical(endpoint))
            } else if fact.kind == .runtime {
                guard let endpoint = Endpoint(stored: fact.detail) else { continue }
                names[EntityID.runtime(endpoint)] = EntityID.runtime(identity.canonical(endpoint))
            } else if fact.kind == .kind, let (host, name) = CanonicalNames.agent(fact.detail) {
                add(EntityID.agent(host, name), row.seen.first) {
                    EntityID.agent(identity.canonical(host, at: $0), name)
                }
            }
        }
        for use in rows.models.rows.keys {
            names[EntityID.modelEndpoint(use.endpoint, use.path)] = EntityID.modelEndpoint(
                identity.canonical(use.endpoint), use.path)
        }
        for row in rows.apps.rows.values {
            let use = row.key
            add(EntityID.app(use.client, use.domain), row.seen.first) {
                EntityID.app(identity.canonical(use.client, at: $0), use.domain)
            }
        }
        begun = [:]
    }

    private mutating func add(_ id: String, _ first: Timestamp, name: (Timestamp) -> String) {
        if let known = begun[id], known <= first { return }
        begun[id] = first
        names[id] = name(first)
    }

    /// Host and name in the detail of an agent's `kind`.
    static func agent(_ detail: String) -> (Tenant, String)? {
        guard let (host, name) = parted(detail), let host = Tenant(stored: host) else {
            return nil
        }
        return (host, name)
    }

    /// What stands before and behind the first unit separator; nil where there is none.
    static func parted(_ text: String) -> (String, String)? {
        let bytes = text.utf8.span
        guard let end = bytes.position(of: 0x1f, in: 0..<bytes.count) else { return nil }
        return (
            String(copying: bytes.extracting(0..<end)),
            String(copying: bytes.extracting((end + 1)...))
        )
    }

    /// No machine has two names, and no address two machines.
    var changesNothing: Bool { !identity.hasOtherNames }

    func of(_ subject: String) -> String { names[subject] ?? subject }

    /// The fact under the machine's own address, wherever one stands in it.
    func of(_ fact: FactRow) -> FactRow {
        guard identity.hasOtherNames else { return fact }
        var key = fact.key
        key.subject = of(key.subject)
        switch key.kind {
        case .mark, .agentServer, .runtime:
            if let endpoint = Endpoint(key.detail) {
                key.detail = identity.canonical(endpoint).description
            }
        case .client, .refusedClient, .listedTo, .wholeList, .activity, .oddity, .oddityAccepted,
            .oddityRefused:
            if let tenant = Tenant(stored: key.value) {
                key.value = identity.canonical(tenant, at: fact.seen.first).description
            }
        case .kind:
            if let (host, name) = CanonicalNames.agent(key.detail) {
                let tenant = identity.canonical(host, at: fact.seen.first)
                key.detail = "\(tenant)\u{1f}\(name)"
            }
        case .blindSpot:
            if let tenant = Tenant(stored: key.detail) {
                key.detail = identity.canonical(tenant, at: fact.seen.first).description
            }
        case .mcpServer, .refusedBy, .agentCalled, .agentServed:
            if let endpoint = Endpoint(key.value) {
                key.value = identity.canonical(endpoint).description
            }
        case .modelEndpoint:
            let server = key.value.prefix { $0 != "/" }
            if let endpoint = Endpoint(server) {
                key.value = "\(identity.canonical(endpoint))" + key.value.dropFirst(server.count)
            }
        default: break
        }
        return FactRow(key: key, seen: fact.seen)
    }
}
