import Catalog
import Wire

/// Resolvers that are asked in secret: what is looked up there names no flow, and nobody sees what
/// it was.
extension Recording {
    /// The catalog's category of resolvers over HTTPS.
    static let encryptedDNS = "encrypted-dns"
    /// Subject of the facts that say so.
    static let blindSpots = "blind-spot"
    /// The port of DNS over TLS and over QUIC (RFC 7858 §3.1, RFC 9250 §4.1.1).
    private static let securePort: UInt16 = 853

    /// DNS over TLS or QUIC: by its port, or by the protocol that the client offers.
    static func encryptedLookups(_ hello: ClientHello, _ flow: FlowReference) -> BlindSpot.Way? {
        // Who asks so offers nothing else, and both names have three letters.
        if hello.alpn.count == 1, hello.alpn[0].utf8.count == 3 {
            if hello.alpn[0] == "doq" { return .doq }
            if hello.alpn[0] == "dot" { return .dot }
        }
        guard flow.server.port == securePort else { return nil }
        return flow.transport == .tcp ? .dot : .doq
    }

    /// The flow's client asks a resolver of that name, or of none.
    mutating func blindSpot(
        _ way: BlindSpot.Way, _ name: String?, _ flow: FlowReference, at time: Timestamp
    ) {
        guard clients.admits(flow.client.address, at: time) else { return }
        let resolver = name.map(Recording.lowercased) ?? flow.server.address.description
        fact(
            text(Recording.blindSpots), .blindSpot, "\(way.rawValue) \(resolver)", time,
            detail: client(of: flow).description)
    }
}

extension SnapshotReader {
    /// By host, way and resolver.
    func blindSpots() -> [BlindSpot] {
        var found: [BlindSpot] = []
        for row in facts[Recording.blindSpots][.blindSpot] {
            let parts = row.key.value.split(separator: " ", maxSplits: 1)
            guard parts.count == 2, let way = BlindSpot.Way(rawValue: String(parts[0])),
                let client = Tenant(stored: row.key.detail)
            else { continue }
            found.append(
                BlindSpot(
                    tenant: identity.canonical(client, at: row.seen.first), way: way,
                    resolver: String(parts[1]),
                    flows: row.seen.count,
                    attribution: identity.attribution(of: client, row.seen),
                    firstSeen: row.seen.first, lastSeen: row.seen.last))
        }
        return found.sorted {
            ($0.tenant, $0.way.rawValue, $0.resolver)
                < ($1.tenant, $1.way.rawValue, $1.resolver)
        }
    }
}
