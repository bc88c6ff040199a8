import Codecs
import Wire

/// Event streams that ended early, and the requests that go on with them: what was asked on one
/// exchange may be answered on another (MCP 2025-11-25 §Resumability and Redelivery).
struct Resumptions {
    /// The last event that a client has of a server's stream.
    private struct Key: TableKey {
        var server: Endpoint
        var client: IPAddress
        var event: UInt64

        func hash(_ secret: KeyedHash) -> UInt64 {
            secret.of(server.hash(secret) ^ event, secret.of(client))
        }
    }

    private static let capacity = 16_384

    /// The exchange that a stream began on.
    private var ended = RecentTable<Key, Pairing.Scope>(capacity: Resumptions.capacity)
    private var begun = RecentTable<Pairing.Scope, Pairing.Scope>(capacity: Resumptions.capacity)

    /// Entries that made room for others.
    var dropped: Int { ended.dropped + begun.dropped }

    mutating func end(
        _ stream: Pairing.Scope, of server: Endpoint, _ client: IPAddress, last event: UInt64
    ) {
        let key = Key(server: server, client: client, event: event)
        ended.put(key, begun[stream] ?? stream)
    }

    mutating func resume(
        _ stream: Pairing.Scope, of server: Endpoint, _ client: IPAddress, behind event: UInt64
    ) {
        guard let first = ended[Key(server: server, client: client, event: event)] else { return }
        begun.put(stream, first)
    }

    /// The exchange that a stream goes on with; nil for one that goes on with none.
    func beginning(of stream: Pairing.Scope) -> Pairing.Scope? { begun[stream] }
}
