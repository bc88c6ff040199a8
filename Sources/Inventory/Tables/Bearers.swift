import Codecs
import Wire

/// The exchanges that bear a mark (a trace id, an id of A2A, a token's subject), by a hash of it:
/// they may be over before what they led to is. Bounded; the oldest marks make room.
struct Bearers {
    struct Bearer {
        var key: Exchanges.Key
        var exchange: Exchanges.Open
    }

    private static let perMark = 16
    private var table = RecentTable<UInt64, [Bearer]>(capacity: 4096)
    /// Exchanges that were not noted because too many bear their mark.
    private(set) var dropped = 0

    mutating func note(_ mark: UInt64, _ key: Exchanges.Key, _ exchange: Exchanges.Open) {
        let bearer = Bearer(key: key, exchange: exchange)
        var isFull = false
        table.put(mark, [bearer]) { known in
            if let place = known.firstIndex(where: { $0.key == key }) {
                known[place].exchange.operation = exchange.operation
                return
            }
            if known.count >= Bearers.perMark {
                known.removeAll {
                    exchange.start.nanoseconds(since: $0.exchange.start) > Exchanges.patience
                }
            }
            if known.count < Bearers.perMark {
                known.append(bearer)
            } else if let place = known.firstIndex(where: { $0.exchange.key == exchange.key }) {
                known[place] = bearer
            } else {
                isFull = true
            }
        }
        if isFull { dropped += 1 }
    }

    mutating func remove(_ key: Exchanges.Key, from mark: UInt64) {
        guard let number = table.entries.number(of: mark) else { return }
        table.change(number) { $0.removeAll { $0.key == key } }
    }

    subscript(_ mark: UInt64) -> [Bearer] { table[mark] ?? [] }

    /// The one that began last, of those that `isWanted`.
    func innermost(_ mark: UInt64, where isWanted: (Bearer) -> Bool) -> Bearer? {
        guard let number = table.entries.number(of: mark) else { return nil }
        return Bearers.innermost(table.entries.values[number].lazy.filter(isWanted))
    }

    static func innermost(_ bearers: some Sequence<Bearer>) -> Bearer? {
        var best: Bearer?
        for bearer in bearers {
            if let best, bearer.exchange.start < best.exchange.start { continue }
            best = bearer
        }
        return best
    }

    /// Notes that the exchange led to `operation`; whether it had not before.
    mutating func lead(_ mark: UInt64, _ key: Exchanges.Key, to operation: Operation) -> Bool {
        guard let number = table.entries.number(of: mark) else { return true }
        return table.change(number) { known in
            guard let place = known.firstIndex(where: { $0.key == key }) else { return true }
            return known[place].exchange.leads(to: operation)
        }
    }
}
