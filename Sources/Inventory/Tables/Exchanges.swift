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
        /// What was asked for within it, each once.
        var led: [Operation] = []

        var key: ExchangeRow.Key { .init(client: client, operation: operation) }
    }

    private struct Traced {
        var key: Key
        var exchange: Open
    }

    /// An exchange that was led by another.
    struct Link {
        var outer: ExchangeRow.Key
        var isTraced: Bool
        /// The outer exchange led to none of this operation before.
        var isFirst: Bool
    }

    static let capacity = 16_384
    private static let perServer = 64
    private static let ledLimit = 64
    private static let tracesPerID = 16
    /// Ten minutes.
    static let patience: Int64 = 600_000_000_000

    private var open = KeyedTable<Key, Open>()
    private var served = KeyedTable<Machine, [Key]>()
    private var flows = KeyedTable<UInt64, [Key]>()
    /// The exchanges of a trace, by hash of its id: they may be over before what they led to is.
    private var traces = RecentTable<UInt64, [Traced]>(capacity: 4096)
    private var nextSerial: UInt64 = 1
    private var lastSweep = Timestamp.zero
    /// Exchanges that were not followed because too many were open.
    private(set) var dropped = 0

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
            dropped += 1
            return
        }
        open.insert(key, exchange)
        served.values[served.number(of: exchange.server, makingIt: [])].append(key)
        // A call may be answered on another flow than its own.
        if key.serial == 0 { flows.values[flows.number(of: key.flow, makingIt: [])].append(key) }
        if let trace = exchange.trace { note(trace, key, exchange) }
    }

    private mutating func note(_ trace: String, _ key: Key, _ exchange: Open) {
        traces.put(TableSecret.ofThisRun.of(trace), [Traced(key: key, exchange: exchange)]) {
            if let place = $0.firstIndex(where: { $0.key == key }) {
                $0[place].exchange.operation = exchange.operation
            } else if $0.count < Exchanges.tracesPerID {
                $0.append(Traced(key: key, exchange: exchange))
            }
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
        dropped += keys.count
    }

    /// The request was none that leads to others.
    mutating func leaveOut(_ key: Key) {
        guard let trace = remove(key)?.trace,
            let number = traces.entries.number(of: TableSecret.ofThisRun.of(trace))
        else { return }
        traces.change(number) { $0.removeAll { $0.key == key } }
    }

    /// The exchange is now known to be for this.
    mutating func change(_ key: Key, to operation: Operation) {
        guard let number = open.number(of: key) else { return }
        open.values[number].operation = operation
        if let trace = open.values[number].trace {
            note(trace, key, open.values[number])
        }
    }

    mutating func streams(_ key: Key) {
        if let number = open.number(of: key) { open.values[number].isStream = true }
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

    /// What is open in a flow, calls left out.
    func keys(of flow: UInt64) -> [Key] { flows[flow] ?? [] }

    /// The exchange is over: what it was, and what it was led by. One trace id says it all; without
    /// one, all that its asker was answering from before its begin until now.
    mutating func end(_ key: Key) -> (exchange: Open, links: [Link])? {
        guard let exchange = remove(key) else { return nil }
        if let link = traced(exchange, key) { return (exchange, [link]) }
        // Plain requests are seldom on behalf of another: of those only a trace tells.
        guard exchange.operation.kind != .http, let keys = served[exchange.asker] else {
            return (exchange, [])
        }
        var links: [Link] = []
        for outer in keys {
            guard let number = open.number(of: outer), leads(open.values[number], to: exchange)
            else { continue }
            let isFirst = Exchanges.lead(&open.values[number], to: exchange.operation)
            links.append(
                Link(outer: open.values[number].key, isTraced: false, isFirst: isFirst))
        }
        return (exchange, links)
    }

    private mutating func traced(_ exchange: Open, _ key: Key) -> Link? {
        guard let trace = exchange.trace,
            let number = traces.entries.number(of: TableSecret.ofThisRun.of(trace))
        else { return nil }
        let known = traces.entries.values[number]
        var best: Int?
        for (place, other) in known.enumerated()
        where other.key != key && other.exchange.server == exchange.asker
            && leads(other.exchange, to: exchange)
        {
            // The innermost one.
            if let best, other.exchange.start < known[best].exchange.start { continue }
            best = place
        }
        guard let best else { return nil }
        let isFirst = traces.change(number) {
            Exchanges.lead(&$0[best].exchange, to: exchange.operation)
        }
        return Link(
            outer: traces.entries.values[number][best].exchange.key, isTraced: true,
            isFirst: isFirst)
    }

    private func leads(_ outer: Open, to inner: Open) -> Bool {
        outer.start <= inner.start && outer.operation != inner.operation
            && inner.start.nanoseconds(since: outer.start) <= Exchanges.patience
    }

    /// Notes that `outer` led to `operation`; whether it had not before.
    private static func lead(_ outer: inout Open, to operation: Operation) -> Bool {
        if outer.led.contains(operation) { return false }
        if outer.led.count < Exchanges.ledLimit { outer.led.append(operation) }
        return true
    }
}
