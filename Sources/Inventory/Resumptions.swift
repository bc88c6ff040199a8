import Codecs
import Wire

/// Events of streams, and the requests that go on behind them: what was asked on one exchange may
/// be answered on another (MCP 2025-11-25 §Resumability and Redelivery).
struct Resumptions {
    /// An event that a client has of a server's stream.
    private struct Key: TableKey {
        var server: Endpoint
        var client: IPAddress
        var event: UInt64

        func hash(_ secret: KeyedHash) -> UInt64 {
            secret.of(server.hash(secret) ^ event, secret.of(client))
        }
    }

    private static let capacity = 16_384
    /// Events remembered at once, of all streams: some 5 MB. A client comes back in seconds.
    private static let eventCapacity = 65_536

    /// The exchange that the stream of an event began on.
    private var events = RecentTable<Key, Pairing.Scope>(capacity: Resumptions.eventCapacity)
    private var begun = RecentTable<Pairing.Scope, Pairing.Scope>(capacity: Resumptions.capacity)

    /// Entries that made room for others.
    var dropped: Int { events.dropped + begun.dropped }

    /// `event` came on `stream`.
    mutating func note(
        _ event: UInt64, on stream: Pairing.Scope, of server: Endpoint, _ client: IPAddress
    ) {
        let key = Key(server: server, client: client, event: event)
        events.put(key, begun[stream] ?? stream)
    }

    mutating func resume(
        _ stream: Pairing.Scope, of server: Endpoint, _ client: IPAddress, behind event: UInt64
    ) {
        guard let first = events[Key(server: server, client: client, event: event)] else { return }
        begun.put(stream, first)
    }

    /// The exchange that a stream goes on with; nil for one that goes on with none.
    func beginning(of stream: Pairing.Scope) -> Pairing.Scope? { begun[stream] }
}
