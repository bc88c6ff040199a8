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
    struct Key: Hashable {
        var scope: Scope
        var id: String
    }
    /// A request of MCP that may be answered.
    struct Request {
        var endpoint: Endpoint
        var client: IPAddress
        /// The tool of a `tools/call`; nil for other methods.
        var tool: String?
        /// The call was counted, so a redirect takes it back.
        var isCounted: Bool
    }
    private struct Waiting {
        var request: Request
        var keys: [Key]
    }

    /// Requests that wait at once: some 20 MB; an answer hardly ever comes so many requests later.
    static let capacity = 65_536
    private static let streamsPerFlow = 64
    private static let modelsPerFlow = 256

    /// Waiting requests by a serial number, so that the oldest makes room.
    private var waiting: [UInt64: Waiting] = [:]
    private var serials: [Key: UInt64] = [:]
    /// Serials of one exchange: a batch has several.
    private var exchanges: [Scope: [UInt64]] = [:]
    private var oldest: UInt64 = 0
    private var next: UInt64 = 0
    /// Of each flow: the session of a stream of HTTP+SSE, by the ordinal of the request that opened
    /// it.
    private var streams: [UInt64: [Int: UInt64]] = [:]
    /// Of each flow: model requests that wait for their status, by ordinal.
    private var models: [UInt64: [Int: ModelUseRow.Key]] = [:]
    /// Requests and streams let go because a table was full.
    private(set) var dropped = 0

    /// What waits, for tests of the bound.
    var count: Int { waiting.count }

    /// `scopes` are the places an answer may come to, the exchange first.
    mutating func wait(for request: Request, _ id: String, in scopes: [Scope]) {
        let keys = scopes.map { Key(scope: $0, id: id) }
        for key in keys {
            // An id that is used again means the newer request from now on.
            if let known = serials.updateValue(next, forKey: key) { detach(key, from: known) }
            if case .exchange = key.scope { exchanges[key.scope, default: []].append(next) }
        }
        waiting[next] = Waiting(request: request, keys: keys)
        next += 1
        while waiting.count > Pairing.capacity {
            if remove(oldest) != nil { dropped += 1 }
            oldest += 1
        }
    }

    /// The request that `id` answers; the first scope that knows it.
    mutating func answer(_ id: String, in scopes: [Scope]) -> Request? {
        for scope in scopes {
            if let serial = serials[Key(scope: scope, id: id)] { return remove(serial)?.request }
        }
        return nil
    }

    /// The requests of one exchange that was redirected: they will be sent again.
    mutating func takeBack(_ scope: Scope) -> [Request] {
        (exchanges[scope] ?? []).compactMap { remove($0)?.request }
    }

    /// A request that waits nowhere any more is forgotten.
    private mutating func detach(_ key: Key, from serial: UInt64) {
        waiting[serial]?.keys.removeAll { $0 == key }
        if case .exchange = key.scope { exchanges[key.scope]?.removeAll { $0 == serial } }
        if waiting[serial]?.keys.isEmpty == true { waiting[serial] = nil }
    }

    private mutating func remove(_ serial: UInt64) -> Waiting? {
        guard let found = waiting.removeValue(forKey: serial) else { return nil }
        for key in found.keys {
            serials[key] = nil
            guard case .exchange = key.scope else { continue }
            exchanges[key.scope]?.removeAll { $0 == serial }
            if exchanges[key.scope]?.isEmpty == true { exchanges[key.scope] = nil }
        }
        return found
    }

    // MARK: - Streams and models

    mutating func open(streamOf flow: UInt64, _ ordinal: Int, session: UInt64) {
        let known = streams[flow]
        guard known != nil || streams.count < Pairing.capacity,
            known?.count ?? 0 < Pairing.streamsPerFlow
        else {
            dropped += 1
            return
        }
        streams[flow, default: [:]][ordinal] = session
    }

    func session(of flow: UInt64, _ ordinal: Int) -> UInt64? { streams[flow]?[ordinal] }

    mutating func wait(for model: ModelUseRow.Key, _ flow: UInt64, _ ordinal: Int) {
        let known = models[flow]
        guard known != nil || models.count < Pairing.capacity,
            known?.count ?? 0 < Pairing.modelsPerFlow
        else {
            dropped += 1
            return
        }
        models[flow, default: [:]][ordinal] = model
    }

    mutating func model(of flow: UInt64, _ ordinal: Int) -> ModelUseRow.Key? {
        models[flow]?.removeValue(forKey: ordinal)
    }

    /// The flow is over. What waits in a session stays; what waits in the flow itself goes with the
    /// bound.
    mutating func forget(_ flow: FlowReference) {
        streams[flow.number] = nil
        models[flow.number] = nil
    }
}
