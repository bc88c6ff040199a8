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

    /// Pairs that are remembered; then the oldest makes room.
    private static let capacity = 65_536

    private var uses = KeyedTable<Pair, AppUseRow.Key>()
    private var oldest = 0

    mutating func note(_ use: AppUseRow.Key, of flow: FlowReference) {
        let pair = Pair(client: flow.client.address, server: flow.server)
        if let known = uses.number(of: pair) {
            uses.values[known] = use
        } else if uses.count < QUICPeers.capacity {
            uses.insert(pair, use)
        } else {
            uses.replace(oldest, by: pair, use)
            oldest = (oldest + 1) % QUICPeers.capacity
        }
    }

    /// What the same client last named the same server.
    func use(of flow: FlowReference) -> AppUseRow.Key? {
        uses[Pair(client: flow.client.address, server: flow.server)]
    }
}
