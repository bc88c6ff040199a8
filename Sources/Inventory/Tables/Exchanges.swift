import Codecs
import Wire

/// Requests that are being answered, by the machine that answers them: what it asks for meanwhile
/// may be on their behalf. Bounded; what is older than `patience` counts no more.
struct Exchanges {
    /// A machine by its MAC address where that is known, else by the address.
    struct Machine: TableKey {
        var high: UInt64
        var low: UInt64

        func hash(_ secret: KeyedHash) -> UInt64 { secret.of(high, low) }
    }

    /// A request of a flow, by its ordinal; one of several messages in it by its serial number.
    struct Key: TableKey {
        var flow: UInt64
        var ordinal: Int
        var serial: UInt64 = 0

        func hash(_ secret: KeyedHash) -> UInt64 {
            secret.of(flow, UInt64(truncatingIfNeeded: ordinal) ^ serial << 20)
        }
    }

    struct Open {
        var operation: Operation
        var client: IPAddress
        /// Who asks.
        var asker: Machine
        /// Who answers.
        var server: Machine
        var start: Timestamp
        var trace: String?
        var caller: String
        /// The answer is a stream of events: it is over when its flow is.
        var isStream = false
        /// What its token says.
        var token: TokenLineage?
        /// What a model asked for, with equal arguments.
        var wish: AskedTools.Wish?
        /// Contexts, tasks and messages of A2A, each once; at most 24.
        var conversation: [Pseudonym] = []
        /// What was asked for within it, each once.
        fileprivate(set) var led: [Operation] = []
        /// Where its answer is looked for in the next capture.
        var flow: Continuation.OpenFlow?
        /// The id of a message, by `SessionKey`; nil for a request as a whole.
        var message: UInt64?

        var key: ExchangeRow.Key { .init(client: client, operation: operation) }

        init(
            operation: Operation, client: IPAddress, asker: Machine, server: Machine,
            start: Timestamp, trace: String?, caller: String, token: TokenLineage? = nil
        ) {
            self.operation = operation
            self.client = client
            self.asker = asker
            self.server = server
            self.start = start
            self.trace = trace
            self.caller = caller
            self.token = token
        }

        /// Notes that it led to `operation`; whether it had not before.
        mutating func leads(to operation: Operation) -> Bool {
            if led.contains(operation) { return false }
            if led.count < Exchanges.ledLimit { led.append(operation) }
            return true
        }
    }

    /// What tells, beside times, that one exchange is on behalf of another.
    struct Bonds: OptionSet {
        let rawValue: UInt8
        static let trace = Bonds(rawValue: 1)
        static let conversation = Bonds(rawValue: 2)
        static let token = Bonds(rawValue: 4)
        static let subject = Bonds(rawValue: 8)
        /// A model that was asked within the outer one asked for the inner one.
        static let wish = Bonds(rawValue: 16)
        /// The same, and the request to the model bears the outer one's trace id.
        static let wishTrace = Bonds(rawValue: 32)
    }

    /// An exchange that was led by another.
    struct Link {
        var outer: ExchangeRow.Key
        /// What tells so; nothing but times where it is empty.
        var bonds: Bonds
        /// The outer exchange led to none of this operation before.
        var isFirst: Bool
        /// What the outer one's token says.
        var token: TokenLineage?
        /// The trace id that both bear, or the outer one and the request to the model.
        var trace: String?
    }

    static let capacity = 16_384
    private static let perServer = 64
    private static let ledLimit = 64
    private static let idsPerExchange = 24
    /// Ten minutes.
    static let patience: Int64 = 600_000_000_000

    private var open = KeyedTable<Key, Open>()
    private var served = KeyedTable<Machine, [Key]>()
    private var flows = KeyedTable<UInt64, [Key]>()
    /// By trace id, by ids of A2A, and by the subjects of tokens.
    private var traces = Bearers()
    private var conversations = Bearers()
    private var subjects = Bearers()
    /// Of each flow the last exchange of A2A that is over: its answer may still name a task.
    private var answered = RecentTable<UInt64, Bearers.Bearer>(capacity: 4096)
    private var nextSerial: UInt64 = 1
    private var lastSweep = Timestamp.zero
    /// Exchanges that were not followed because too many were open.
    private var refused = 0
    var dropped: Int { refused + traces.dropped + conversations.dropped + subjects.dropped }

    /// What is open, for tests of the bound.
    var count: Int { open.count }

    mutating func makeSerial() -> UInt64 {
        nextSerial += 1
        return nextSerial - 1
    }

    mutating func begin(_ key: Key, _ exchange: Open) {
        if open.count >= Exchanges.capacity { sweep(at: exchange.start) }
        guard open.count < Exchanges.capacity, open.number(of: key) == nil,
            served[exchange.server]?.count ?? 0 < Exchanges.perServer
        else {
            refused += 1
            return
        }
        open.insert(key, exchange)
        served.values[served.number(of: exchange.server, makingIt: [])].append(key)
        // A call may be answered on another flow than its own.
        if key.serial == 0 { flows.values[flows.number(of: key.flow, makingIt: [])].append(key) }
        note(key, exchange)
    }

    private mutating func note(_ key: Key, _ exchange: Open) {
        if let trace = exchange.trace { traces.note(Exchanges.mark(trace), key, exchange) }
        for id in exchange.conversation { conversations.note(id.value, key, exchange) }
        if let token = exchange.token { subjects.note(token.subject, key, exchange) }
    }

    private static func mark(_ trace: String) -> UInt64 { TableSecret.ofThisRun.of(trace) }

    /// The exchange bears these ids of A2A; its answer may name some when it is over.
    mutating func join(_ key: Key, _ ids: [Pseudonym]) {
        guard !ids.isEmpty else { return }
        if let number = open.number(of: key) {
            Exchanges.join(&open.values[number], ids)
            note(key, open.values[number])
        } else if let number = answered.entries.number(of: key.flow),
            answered.entries.values[number].key == key
        {
            answered.change(number) { Exchanges.join(&$0.exchange, ids) }
            note(key, answered.entries.values[number].exchange)
        }
    }

    private static func join(_ exchange: inout Open, _ ids: [Pseudonym]) {
        for id in ids
        where exchange.conversation.count < idsPerExchange && !exchange.conversation.contains(id) {
            exchange.conversation.append(id)
        }
    }

    /// Lets go what has been open for too long.
    private mutating func sweep(at time: Timestamp) {
        guard time.nanoseconds(since: lastSweep) > 1_000_000_000 else { return }
        lastSweep = time
        let keys = zip(open.keys, open.values).filter {
            time.nanoseconds(since: $1.start) > Exchanges.patience
        }.map(\.0)
        for key in keys { remove(key) }
        refused += keys.count
    }

    /// The request was none that leads to others.
    mutating func leaveOut(_ key: Key) {
        guard let exchange = remove(key) else { return }
        if let trace = exchange.trace { traces.remove(key, from: Exchanges.mark(trace)) }
        for id in exchange.conversation { conversations.remove(key, from: id.value) }
        if let token = exchange.token { subjects.remove(key, from: token.subject) }
    }

    /// The exchange is now known to be for this.
    mutating func change(_ key: Key, to operation: Operation) {
        guard let number = open.number(of: key) else { return }
        open.values[number].operation = operation
        note(key, open.values[number])
    }

    mutating func streams(_ key: Key) {
        if let number = open.number(of: key) { open.values[number].isStream = true }
    }

    /// The same of an exchange of the capture before, on a flow of this one.
    mutating func streams(_ key: Key, on flow: UInt64) {
        guard let exchange = remove(key) else { return }
        // Requests are counted from 1.
        let moved = Key(flow: flow, ordinal: -1)
        begin(moved, exchange)
        streams(moved)
    }

    func isStream(_ key: Key) -> Bool { open[key]?.isStream ?? false }

    @discardableResult mutating func remove(_ key: Key) -> Open? {
        guard let exchange = open.remove(key) else { return nil }
        if let number = served.number(of: exchange.server) {
            served.values[number].removeAll { $0 == key }
            if served.values[number].isEmpty { served.remove(exchange.server) }
        }
        if let number = flows.number(of: key.flow), key.serial == 0 {
            flows.values[number].removeAll { $0 == key }
            if flows.values[number].isEmpty { flows.remove(key.flow) }
        }
        return exchange
    }

    /// What is to be handed to the next capture when this one is over, by its begin.
    func cut(at end: Timestamp) -> [ContinuedExchanges.Cut] {
        var found: [(key: Key, cut: ContinuedExchanges.Cut)] = []
        for (key, exchange) in zip(open.keys, open.values) {
            guard let flow = exchange.flow, !exchange.isStream,
                end.nanoseconds(since: exchange.start) <= Exchanges.patience
            else { continue }
            let cut = ContinuedExchanges.Cut(
                flow: flow, ordinal: key.ordinal, message: exchange.message,
                client: exchange.client, operation: exchange.operation, start: exchange.start,
                trace: exchange.trace, caller: exchange.caller, led: exchange.led)
            found.append((key, cut))
        }
        return found.sorted {
            ($0.cut.start, $0.key.flow, $0.key.ordinal, $0.key.serial)
                < ($1.cut.start, $1.key.flow, $1.key.ordinal, $1.key.serial)
        }.map(\.cut)
    }

    /// Takes an exchange of the capture before, whose flow has no number here.
    mutating func take(_ cut: ContinuedExchanges.Cut, _ number: Int, _ exchange: Open) -> Key {
        let key = Key(
            flow: .max - UInt64(number), ordinal: cut.ordinal,
            serial: cut.message == nil ? 0 : makeSerial())
        var exchange = exchange
        (exchange.led, exchange.flow, exchange.message) = (cut.led, cut.flow, cut.message)
        begin(key, exchange)
        return key
    }

    /// What is open in a flow, calls left out.
    func keys(of flow: UInt64) -> [Key] { flows[flow] ?? [] }

    /// The exchange is over: what it was, and what it was led by. A mark that both bear says it
    /// all; without one, all that its asker was answering from before its begin until now.
    mutating func end(_ key: Key) -> (exchange: Open, links: [Link])? {
        guard let exchange = remove(key) else { return nil }
        if exchange.operation.kind == .a2a {
            answered.put(key.flow, Bearers.Bearer(key: key, exchange: exchange))
        }
        if let link = borne(exchange, key) { return (exchange, [link]) }
        // Plain requests are seldom on behalf of another: of those only a mark tells.
        guard exchange.operation.kind != .http, let keys = served[exchange.asker] else {
            return (exchange, [])
        }
        var links: [Link] = []
        for outer in keys {
            guard let number = open.number(of: outer),
                Exchanges.leads(open.values[number], to: exchange)
            else { continue }
            let isFirst = open.values[number].leads(to: exchange.operation)
            let token = open.values[number].token
            let isShared = exchange.token.map { token?.isShared(by: $0) ?? false } ?? false
            var bonds: Bonds = isShared ? .subject : []
            if Exchanges.holds(open.values[number], exchange.wish) { bonds.insert(.wish) }
            links.append(
                Link(
                    outer: open.values[number].key, bonds: bonds, isFirst: isFirst, token: token))
        }
        // Of several that one person asked for meanwhile, it may be on behalf of any.
        let shared = links.filter { $0.bonds.contains(.subject) }.map(\.outer)
        if let first = shared.first, shared.contains(where: { $0 != first }) {
            for place in links.indices { links[place].bonds.remove(.subject) }
        }
        return (exchange, links)
    }

    /// The innermost outer exchange that bears a mark of `exchange`; the surest mark decides.
    private mutating func borne(_ exchange: Open, _ key: Key) -> Link? {
        let isOuter = { (other: Bearers.Bearer) -> Bool in
            other.key != key && other.exchange.server == exchange.asker
                && Exchanges.leads(other.exchange, to: exchange)
        }
        let trace = exchange.trace.flatMap {
            traces.innermost(Exchanges.mark($0), where: isOuter)
        }
        let conversation = Bearers.innermost(
            exchange.conversation.compactMap { conversations.innermost($0.value, where: isOuter) })
        let token = exchanged(exchange, where: isOuter)
        guard let outer = trace ?? conversation ?? token else {
            return wished(exchange, where: isOuter)
        }
        var bonds: Bonds = Exchanges.holds(outer.exchange, exchange.wish) ? .wish : []
        if trace?.exchange.key == outer.exchange.key { bonds.insert(.trace) }
        if conversation?.exchange.key == outer.exchange.key { bonds.insert(.conversation) }
        if token?.exchange.key == outer.exchange.key { bonds.insert(.token) }
        var isFirst = true
        if trace != nil, let id = exchange.trace {
            isFirst = traces.lead(Exchanges.mark(id), outer.key, to: exchange.operation)
        } else if conversation != nil {
            // Each id has its own bearer: told before by one is told before.
            for id in exchange.conversation {
                let isNew = conversations.lead(id.value, outer.key, to: exchange.operation)
                isFirst = isNew && isFirst
            }
        } else if let subject = exchange.token?.subject {
            isFirst = subjects.lead(subject, outer.key, to: exchange.operation)
        }
        return Link(
            outer: outer.exchange.key, bonds: bonds, isFirst: isFirst, token: outer.exchange.token,
            trace: bonds.contains(.trace) ? exchange.trace : nil)
    }

    /// The exchange whose trace id the request to a model bears that asked for `inner`.
    private mutating func wished(
        _ inner: Open, where isOuter: (Bearers.Bearer) -> Bool
    ) -> Link? {
        guard let wish = inner.wish, let id = wish.trace else { return nil }
        let found = traces.innermost(Exchanges.mark(id)) {
            isOuter($0) && Exchanges.holds($0.exchange, wish)
        }
        guard let outer = found else { return nil }
        return Link(
            outer: outer.exchange.key, bonds: [.wish, .wishTrace],
            isFirst: traces.lead(Exchanges.mark(id), outer.key, to: inner.operation),
            token: outer.exchange.token, trace: id)
    }

    /// Whether the model was asked behind the begin of `outer`.
    private static func holds(_ outer: Open, _ wish: AskedTools.Wish?) -> Bool {
        guard let asked = wish?.asked else { return false }
        return outer.start <= asked
    }

    /// The exchange whose token became that of `inner`: one that names the actor before it acts,
    /// else one still being answered. Of two equally good ones for different operations none.
    private func exchanged(
        _ inner: Open, where isOuter: (Bearers.Bearer) -> Bool
    ) -> Bearers.Bearer? {
        guard let token = inner.token else { return nil }
        var best: (rank: Int, bearers: [Bearers.Bearer]) = (1, [])
        for bearer in subjects[token.subject] {
            guard let outer = bearer.exchange.token, outer.isExchanged(for: token), isOuter(bearer)
            else { continue }
            let isOpen = open.number(of: bearer.key) != nil
            let rank = (outer.names(actorOf: token) ? 2 : 0) + (isOpen ? 1 : 0)
            if rank > best.rank { best = (rank, []) }
            if rank == best.rank { best.bearers.append(bearer) }
        }
        guard let first = best.bearers.first,
            best.bearers.allSatisfy({ $0.exchange.key == first.exchange.key })
        else { return nil }
        return Bearers.innermost(best.bearers)
    }

    private static func leads(_ outer: Open, to inner: Open) -> Bool {
        outer.start <= inner.start && outer.operation != inner.operation
            && inner.start.nanoseconds(since: outer.start) <= Exchanges.patience
    }
}
