import Codecs
import Wire

/// Servers that clients named in a QUIC hello. A connection may go on from another port, or come
/// back behind an address translator, without another hello (RFC 9000 §9): what then looks like a
/// flow without a name is a connection that was counted already.
struct QUICPeers {
    private struct Pair: TableKey {
        var client: IPAddress
        var server: Endpoint

        func hash(_ secret: KeyedHash) -> UInt64 {
            secret.of(secret.of(server.address, UInt64(server.port)), client.high ^ client.low)
        }
    }

    private var uses = RecentTable<Pair, AppUseRow.Key>(capacity: 65_536)

    /// Pairs forgotten because there were too many.
    var dropped: Int { uses.dropped }

    mutating func note(_ use: AppUseRow.Key, of flow: FlowReference) {
        uses.put(Pair(client: flow.client.address, server: flow.server), use)
    }

    /// What the same client last named the same server.
    func use(of flow: FlowReference) -> AppUseRow.Key? {
        uses[Pair(client: flow.client.address, server: flow.server)]
    }
}
