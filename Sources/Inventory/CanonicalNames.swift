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

    init(_ rows: RowSets, _ identity: Identity) {
        self.identity = identity
        guard identity.hasAliases else { return }
        for fact in rows.facts.rows.keys {
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
                names[EntityID.agent(host, name)] = EntityID.agent(identity.canonical(host), name)
            }
        }
        for use in rows.models.rows.keys {
            names[EntityID.modelEndpoint(use.endpoint, use.path)] = EntityID.modelEndpoint(
                identity.canonical(use.endpoint), use.path)
        }
        for use in rows.apps.rows.keys {
            names[EntityID.app(use.client, use.domain)] = EntityID.app(
                identity.canonical(use.client), use.domain)
        }
    }

    /// Host and name in the detail of an agent's `kind`.
    static func agent(_ detail: String) -> (IPAddress, String)? {
        guard let (host, name) = parted(detail), let host = IPAddress(stored: host) else {
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

    /// No machine has two names.
    var changesNothing: Bool { !identity.hasAliases }

    func of(_ subject: String) -> String { names[subject] ?? subject }

    /// The fact under the machine's own address, wherever one stands in it.
    func of(_ fact: FactRow) -> FactRow {
        guard identity.hasAliases else { return fact }
        var key = fact.key
        key.subject = of(key.subject)
        switch key.kind {
        case .mark, .agentServer, .runtime:
            if let endpoint = Endpoint(key.detail) {
                key.detail = identity.canonical(endpoint).description
            }
        case .client, .listedTo, .wholeList, .activity, .oddity, .oddityAccepted, .oddityRefused:
            if let address = IPAddress(key.value) {
                key.value = identity.canonical(address).description
            }
        case .kind:
            if let (host, name) = CanonicalNames.agent(key.detail) {
                key.detail = "\(identity.canonical(host))\u{1f}\(name)"
            }
        case .blindSpot:
            if let address = IPAddress(key.detail) {
                key.detail = identity.canonical(address).description
            }
        case .mcpServer, .agentCalled, .agentServed:
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
