import Codecs
import GRDB
import Wire

/// What can be asked of a server, as far as a delegation is told by it.
struct Operation: TableKey, Hashable {
    enum Kind: String, Sendable {
        case mcp, a2a, http
    }
    var endpoint: Endpoint
    var kind: Kind
    /// A tool, a resource or a prompt; an operation of A2A; method and path.
    var what: String

    func hash(_ secret: KeyedHash) -> UInt64 {
        secret.of(endpoint.hash(secret), secret.of(what))
    }
}

/// How often a client asked for an operation, and how long the answers took in all.
struct ExchangeRow: Row, Equatable {
    struct Key: TableKey, Hashable {
        var client: IPAddress
        var operation: Operation

        func hash(_ secret: KeyedHash) -> UInt64 {
            secret.of(client, operation.hash(secret))
        }
    }
    var key: Key
    /// Nanoseconds between asking and answer, of all together.
    var busy: Int64
    /// Name and version in the User-Agent, a unit separator between; of several the first by their
    /// text.
    var caller: String
    /// `count` counts exchanges.
    var seen: Period

    mutating func merge(_ other: ExchangeRow) {
        busy &+= other.busy
        caller = ExchangeRow.first(caller, other.caller)
        seen.merge(other.seen)
    }

    /// The lesser of two texts in the order of their bytes, but rather any than none.
    static func first(_ left: String, _ right: String) -> String {
        if left.isEmpty || right.isEmpty { return left.isEmpty ? right : left }
        return right.utf8.lexicographicallyPrecedes(left.utf8) ? right : left
    }

    static let upsert = """
        INSERT INTO exchange VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
        count = count + excluded.count, busy = busy + excluded.busy,
        caller = CASE WHEN caller = '' THEN excluded.caller WHEN excluded.caller = '' THEN caller
            ELSE min(caller, excluded.caller) END, \(Period.times)
        """

    var arguments: StatementArguments {
        [
            key.client.description, key.operation.endpoint.description,
            key.operation.kind.rawValue, key.operation.what, seen.count, busy, caller,
            seen.first.nanoseconds, seen.last.nanoseconds,
        ]
    }
}

/// Exchanges of one sort that a server began while it answered another sort.
struct LinkRow: Row, Equatable {
    struct Key: TableKey, Hashable {
        /// What was being answered, and for whom.
        var outer: ExchangeRow.Key
        /// What its server asked for meanwhile.
        var inner: Operation

        func hash(_ secret: KeyedHash) -> UInt64 {
            secret.of(outer.hash(secret), inner.hash(secret))
        }
    }
    var key: Key
    /// Outer exchanges that held at least one of the inner.
    var outers: Int
    /// Inner exchanges with the outer one's trace id, within it or behind it.
    var traced: Int
    /// Inner exchanges with an id of A2A that the outer one bears, too.
    var conversed = 0
    /// Inner exchanges with the token that the outer one's was exchanged for.
    var exchanged = 0
    /// Inner exchanges within it whose token names the same subject to another client.
    var shared = 0
    /// Inner exchanges that a model asked for with equal arguments, itself asked after the outer
    /// one's begin.
    var wished = 0
    /// Of these, those where the request to the model bears the outer one's trace id.
    var wishTraced = 0
    /// The first such trace id by its text; empty for none.
    var trace: String
    /// `count` counts inner exchanges that began and ended within an outer one, and those that
    /// another witness tells.
    var seen: Period

    /// Something beside times tells that the inner is on behalf of the outer.
    var isBound: Bool {
        traced > 0 || conversed > 0 || exchanged > 0 || shared > 0 || wishTraced > 0
    }

    mutating func merge(_ other: LinkRow) {
        outers += other.outers
        traced += other.traced
        conversed += other.conversed
        exchanged += other.exchanged
        shared += other.shared
        wished += other.wished
        wishTraced += other.wishTraced
        trace = ExchangeRow.first(trace, other.trace)
        seen.merge(other.seen)
    }

    static let upsert = """
        INSERT INTO link VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET
        count = count + excluded.count, outers = outers + excluded.outers,
        traced = traced + excluded.traced, conversed = conversed + excluded.conversed,
        exchanged = exchanged + excluded.exchanged, shared = shared + excluded.shared,
        wished = wished + excluded.wished, wish_traced = wish_traced + excluded.wish_traced,
        trace = CASE WHEN trace = '' THEN excluded.trace WHEN excluded.trace = '' THEN trace
            ELSE min(trace, excluded.trace) END, \(Period.times)
        """

    var arguments: StatementArguments {
        [
            key.outer.client.description, key.outer.operation.endpoint.description,
            key.outer.operation.kind.rawValue, key.outer.operation.what,
            key.inner.endpoint.description, key.inner.kind.rawValue, key.inner.what, seen.count,
            outers, traced, trace, seen.first.nanoseconds, seen.last.nanoseconds, conversed,
            exchanged, shared, wished, wishTraced,
        ]
    }
}
