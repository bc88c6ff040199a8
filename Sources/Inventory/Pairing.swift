import Wire

/// Requests that wait for their answers, and streams that answers come on. Bounded; emptied by
/// events.
struct Pairing {
    /// Where the answer to a JSON-RPC id is looked for (MCP revisions differ).
    enum Scope: Hashable {
        /// The HTTP exchange: flow and request ordinal.
        case exchange(UInt64, Int)
        /// A session of the server: Mcp-Session-Id, or the posting target of HTTP+SSE.
        case session(Endpoint, UInt64)
        case flow(UInt64)
    }
    private struct Key: Hashable {
        var scope: Scope
        var id: String
    }
    struct Call {
        var endpoint: Endpoint
        var client: IPAddress
        var tool: String
        /// Counted, so an error or a redirect changes its row.
        var isCounted: Bool
    }

    private static let capacity = 65_536

    private var calls: [Key: Call] = [:]
    /// Keys by age, for the bound.
    private var order: [Key] = []
    private var oldest = 0
    /// Of each flow: the session of a stream of HTTP+SSE, by the ordinal of the request that opened
    /// it.
    private var streams: [UInt64: [Int: UInt64]] = [:]
    /// Of each flow: model requests that wait for their status, by ordinal.
    private var models: [UInt64: [Int: ModelUseRow.Key]] = [:]
    private(set) var dropped = 0

    mutating func wait(for call: Call, _ id: String, in scopes: [Scope]) {
        for scope in scopes {
            let key = Key(scope: scope, id: id)
            if calls.updateValue(call, forKey: key) == nil { order.append(key) }
        }
        while calls.count > Pairing.capacity, oldest < order.count {
            if calls.removeValue(forKey: order[oldest]) != nil { dropped += 1 }
            oldest += 1
        }
        if oldest > Pairing.capacity {
            order.removeFirst(oldest)
            oldest = 0
        }
    }

    /// The call that `id` answers; the first scope that knows it.
    mutating func answer(_ id: String, in scopes: [Scope]) -> Call? {
        var found: Call?
        for scope in scopes {
            let call = calls.removeValue(forKey: Key(scope: scope, id: id))
            found = found ?? call
        }
        return found
    }

    /// The calls of one exchange that was redirected: they will be sent again.
    mutating func takeBack(_ scope: Scope) -> [Call] {
        let keys = calls.keys.filter { $0.scope == scope }.sorted { $0.id < $1.id }
        return keys.compactMap { calls.removeValue(forKey: $0) }
    }

    mutating func open(streamOf flow: UInt64, _ ordinal: Int, session: UInt64) {
        guard streams.count < Pairing.capacity, streams[flow, default: [:]].count < 64 else {
            dropped += 1
            return
        }
        streams[flow, default: [:]][ordinal] = session
    }

    func session(of flow: UInt64, _ ordinal: Int) -> UInt64? { streams[flow]?[ordinal] }

    mutating func wait(for model: ModelUseRow.Key, _ flow: UInt64, _ ordinal: Int) {
        guard models.count < Pairing.capacity, models[flow, default: [:]].count < 256 else {
            dropped += 1
            return
        }
        models[flow, default: [:]][ordinal] = model
    }

    mutating func model(of flow: UInt64, _ ordinal: Int) -> ModelUseRow.Key? {
        models[flow]?.removeValue(forKey: ordinal)
    }

    /// The flow is over. What waits in a session stays; what waited in the flow itself goes with
    /// the bound.
    mutating func forget(_ flow: FlowReference) {
        streams[flow.number] = nil
        models[flow.number] = nil
    }
}
