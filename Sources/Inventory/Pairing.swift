import Codecs
import Wire

/// Requests that wait for their answers, and streams that answers come on. Bounded; emptied by
/// events.
struct Pairing {
    /// Where the answer to a JSON-RPC id is looked for (MCP revisions differ).
    enum Scope: TableKey {
        /// The HTTP exchange: flow and request ordinal.
        case exchange(UInt64, Int)
        /// A session of the server: Mcp-Session-Id, or the posting target of HTTP+SSE.
        case session(Endpoint, UInt64)
        case flow(UInt64)

        func hash(_ secret: KeyedHash) -> UInt64 {
            switch self {
            case .exchange(let flow, let ordinal):
                secret.of(flow, UInt64(truncatingIfNeeded: ordinal))
            case .session(let server, let session):
                secret.of(server.address, session ^ UInt64(server.port))
            case .flow(let flow): secret.of(flow, .max)
            }
        }
    }
    struct Key: TableKey {
        let scope: Scope
        let id: String
        /// Made once, for a key is looked for many times.
        private let hash: UInt64

        init(scope: Scope, id: String) {
            self.scope = scope
            self.id = id
            let secret = TableSecret.ofThisRun
            hash = secret.of(scope.hash(secret), secret.of(id))
        }

        func hash(_ secret: KeyedHash) -> UInt64 { hash }
    }
    struct Refusal {
        var kind: FactRow.Kind
        var name: String
    }
    /// A request of MCP that may be answered.
    struct Request {
        var endpoint: Endpoint
        var client: Tenant
        /// The tool of a `tools/call`; nil for other methods.
        var tool: String?
        /// The fact that stands if the answer is an error: the name is no resource or prompt here.
        var refusal: Refusal? = nil
        /// The call was counted, so a redirect takes it back.
        var isCounted: Bool
        var method: String? = nil
        /// Packet time of the request.
        var time = Timestamp.zero
        /// Stands for the page of a list that is asked for; nil for the first.
        var cursor: UInt64? = nil
        /// Revision and credentials (see `Recording.view`).
        var view = ""
        var oddities: RPCOddities = []
        /// Stands for the task that is asked about.
        var task: UInt64? = nil
        /// What the client says it is.
        var program: Implementation? = nil
        /// What the answer ends.
        var exchange: Exchanges.Key? = nil
        /// Stands for where it was posted, if its answer may come on a stream of HTTP+SSE.
        var posted: UInt64? = nil
    }
    private struct Waiting {
        var request: Request
        /// Where it waits: in one place or two.
        var first: Key?
        var second: Key?
    }
    /// A request to a model, and what its answer has said until now.
    private struct ModelExchange {
        var key: ModelUseRow.Key
        /// Packet time of the request; nil where only its answer was read.
        var asked: Timestamp?
        var hasStatus = false
        var usage = ModelCall.Usage()
    }
    /// Requests of one exchange: a batch has several.
    private struct Serials {
        var first: UInt64
        var more: [UInt64] = []
    }

    /// An answer that came before its request was whole.
    private struct EarlyAnswer {
        var ordinal: Int
        var status: Int
    }

    /// Requests that wait at once: some 20 MB; an answer hardly ever comes so many requests later.
    static let capacity = 65_536
    private static let streamsPerFlow = 64
    /// Requests looked through, newest first, for the one that a stray answer is to.
    private static let strayReach: UInt64 = 512
    private static let modelsPerFlow = 256

    /// Waiting requests by a serial number, so that the oldest makes room.
    private var waiting = KeyedTable<UInt64, Waiting>()
    private var serials = KeyedTable<Key, UInt64>()
    private var exchanges = KeyedTable<Scope, Serials>()
    private var oldest: UInt64 = 0
    private var next: UInt64 = 0
    /// Of each flow: the session of a stream of HTTP+SSE, by the ordinal of the request that opened
    /// it.
    private var streams = KeyedTable<UInt64, [Int: UInt64]>()
    /// Of how many streams each of these sessions is.
    private var sessions = KeyedTable<UInt64, Int>()
    /// Of each flow: model requests and what is known of their answers, by ordinal.
    private var models = KeyedTable<UInt64, [Int: ModelExchange]>()
    /// Of each flow: the last refusal that came while the body of its request was still coming.
    private var refusals = KeyedTable<UInt64, EarlyAnswer>()
    /// Requests and streams let go because a table was full.
    private(set) var dropped = 0

    /// What waits, for tests of the bound.
    var count: Int { waiting.count }

    /// An answer may come to `scope`, the exchange if there is one, or to `other`.
    mutating func wait(
        for request: Request, _ id: String, in scope: Scope, _ other: Scope? = nil
    ) {
        let first = Key(scope: scope, id: id)
        let second = other.map { Key(scope: $0, id: id) }
        enter(first)
        if let second { enter(second) }
        waiting.insert(next, Waiting(request: request, first: first, second: second))
        next += 1
        while waiting.count > Pairing.capacity {
            if remove(oldest) != nil { dropped += 1 }
            oldest += 1
        }
    }

    /// The request that `id` answers; the first scope that knows it.
    mutating func answer(_ id: String, in scope: Scope, _ other: Scope? = nil) -> Request? {
        if let serial = serials[Key(scope: scope, id: id)] { return remove(serial)?.request }
        guard let other, let serial = serials[Key(scope: other, id: id)] else { return nil }
        return remove(serial)?.request
    }

    /// The one tool call that waits in an exchange; nil where there is none, or several.
    func call(in scope: Scope) -> Request? {
        guard let known = exchanges[scope], known.more.isEmpty,
            let request = waiting[known.first]?.request, request.tool != nil
        else { return nil }
        return request
    }

    /// The requests that wait in one exchange.
    func requests(in scope: Scope) -> [Request] {
        guard let known = exchanges[scope] else { return [] }
        return ([known.first] + known.more).compactMap { waiting[$0]?.request }
    }

    /// The requests of one exchange that was redirected: they will be sent again.
    mutating func takeBack(_ scope: Scope) -> [Request] {
        guard let known = exchanges[scope] else { return [] }
        return ([known.first] + known.more).compactMap { remove($0)?.request }
    }

    private mutating func enter(_ key: Key) {
        if let known = serials.number(of: key) {
            // An id that is used again means the newer request from now on.
            let serial = serials.values[known]
            serials.values[known] = next
            detach(key, from: serial)
        } else {
            serials.insert(key, next)
        }
        guard case .exchange = key.scope else { return }
        if let known = exchanges.number(of: key.scope) {
            exchanges.values[known].more.append(next)
        } else {
            exchanges.insert(key.scope, Serials(first: next))
        }
    }

    /// A request that waits nowhere any more is forgotten.
    private mutating func detach(_ key: Key, from serial: UInt64) {
        leave(key, serial)
        guard let number = waiting.number(of: serial) else { return }
        if waiting.values[number].first == key { waiting.values[number].first = nil }
        if waiting.values[number].second == key { waiting.values[number].second = nil }
        if waiting.values[number].first == nil, waiting.values[number].second == nil {
            waiting.remove(serial)
        }
    }

    private mutating func remove(_ serial: UInt64) -> Waiting? {
        guard let found = waiting.remove(serial) else { return nil }
        if let key = found.first {
            serials.remove(key)
            leave(key, serial)
        }
        if let key = found.second {
            serials.remove(key)
            leave(key, serial)
        }
        return found
    }

    /// The exchange, if the key is one's, has a request less.
    private mutating func leave(_ key: Key, _ serial: UInt64) {
        guard case .exchange = key.scope, let number = exchanges.number(of: key.scope) else {
            return
        }
        exchanges.values[number].more.removeAll { $0 == serial }
        guard exchanges.values[number].first == serial else { return }
        if exchanges.values[number].more.isEmpty {
            exchanges.remove(key.scope)
        } else {
            exchanges.values[number].first = exchanges.values[number].more.removeFirst()
        }
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
        leave(known?[ordinal])
        streams.values[streams.number(of: flow, makingIt: [:])][ordinal] = session
        sessions.values[sessions.number(of: session, makingIt: 0)] += 1
    }

    /// One stream of a session is over.
    private mutating func leave(_ session: UInt64?) {
        guard let session, let number = sessions.number(of: session) else { return }
        sessions.values[number] -= 1
        if sessions.values[number] == 0 { sessions.remove(session) }
    }

    /// The request that an answer is to which came on a stream whose beginning, and with it the
    /// session, lies before the capture: the one of that client to that server under this id whose
    /// own stream was not seen either. Of two sessions it is none's.
    ///
    /// The stream is the session's from now on.
    mutating func answer(
        stray id: String, from server: Endpoint, to client: IPAddress, _ flow: UInt64,
        _ ordinal: Int
    ) -> Request? {
        var found: (serial: UInt64, session: UInt64)?
        var serial = next
        let last = max(oldest, next > Pairing.strayReach ? next - Pairing.strayReach : 0)
        while serial > last {
            serial -= 1
            guard let number = waiting.number(of: serial),
                (waiting.values[number].first ?? waiting.values[number].second)?.id == id,
                waiting.values[number].request.endpoint == server,
                waiting.values[number].request.client.address == client,
                let session = waiting.values[number].request.posted, sessions[session] == nil
            else { continue }
            if let found, found.session != session { return nil }
            found = (serial, session)
        }
        guard let found else { return nil }
        open(streamOf: flow, ordinal, session: found.session)
        return remove(found.serial)?.request
    }

    func session(of flow: UInt64, _ ordinal: Int) -> UInt64? { streams[flow]?[ordinal] }

    /// A request was refused of which no message is known yet.
    mutating func refuse(_ flow: UInt64, _ ordinal: Int, _ status: Int) {
        let early = EarlyAnswer(ordinal: ordinal, status: status)
        if let number = refusals.number(of: flow) {
            refusals.values[number] = early
        } else if refusals.count < Pairing.capacity {
            refusals.insert(flow, early)
        } else {
            dropped += 1
        }
    }

    /// The status under which an exchange was refused before its request was whole.
    func refusal(of flow: UInt64, _ ordinal: Int) -> Int? {
        guard let early = refusals[flow], early.ordinal == ordinal else { return nil }
        return early.status
    }

    mutating func wait(
        for model: ModelUseRow.Key, _ flow: UInt64, _ ordinal: Int, since asked: Timestamp? = nil
    ) {
        guard models[flow] != nil || models.count < Pairing.capacity else {
            dropped += 1
            return
        }
        let number = models.number(of: flow, makingIt: [:])
        // Answers come in the order of requests: the oldest has had its own.
        if models.values[number].count >= Pairing.modelsPerFlow,
            let oldest = models.values[number].keys.min()
        {
            if models.values[number][oldest]?.hasStatus == false { dropped += 1 }
            models.values[number][oldest] = nil
        }
        models.values[number][ordinal] = ModelExchange(key: model, asked: asked)
    }

    /// The request that this exchange's status is of, the first time that it is asked.
    mutating func status(of flow: UInt64, _ ordinal: Int) -> ModelUseRow.Key? {
        guard let number = models.number(of: flow),
            let exchange = models.values[number][ordinal], !exchange.hasStatus
        else { return nil }
        models.values[number][ordinal]?.hasStatus = true
        return exchange.key
    }

    /// The request that an answer is to, and what the answer says of tokens that was not said
    /// before: some count on and on, and some say half at the beginning.
    mutating func answer(
        _ usage: ModelCall.Usage, of flow: UInt64, _ ordinal: Int
    ) -> (key: ModelUseRow.Key, asked: Timestamp?, added: ModelCall.Usage)? {
        guard let number = models.number(of: flow),
            let exchange = models.values[number][ordinal]
        else { return nil }
        var (added, known) = (ModelCall.Usage(), exchange.usage)
        func add(_ field: WritableKeyPath<ModelCall.Usage, Int?>) {
            guard let now = usage[keyPath: field] else { return }
            let before = known[keyPath: field] ?? 0
            guard now > before else { return }
            added[keyPath: field] = now - before
            known[keyPath: field] = now
        }
        add(\.input)
        add(\.output)
        add(\.cached)
        add(\.reasoning)
        models.values[number][ordinal]?.usage = known
        return (exchange.key, exchange.asked, added)
    }

    /// The flow is over. What waits in a session stays; what waits in the flow itself goes with the
    /// bound.
    mutating func forget(_ flow: FlowReference) {
        for session in (streams.remove(flow.number) ?? [:]).values { leave(session) }
        refusals.remove(flow.number)
        models.remove(flow.number)
    }
}
