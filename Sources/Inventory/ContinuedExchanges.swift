import GRDB
import Wire

/// What one replay hands to the next of delegations: exchanges that the end of the capture cut, and
/// plain requests that have led to nothing yet. Names, times and trace ids only: what tokens claim
/// and ids of A2A are known in one run.
struct ContinuedExchanges {
    /// An exchange that was not answered when the capture ended.
    struct Cut {
        var flow: Continuation.OpenFlow
        var ordinal: Int
        /// The id of a message, by `SessionKey`; nil for a request as a whole.
        var message: UInt64?
        var client: IPAddress
        var operation: Operation
        var start: Timestamp
        var trace: String?
        var caller: String
        /// What was asked for within it, each once.
        var led: [Operation]
    }

    /// By their begin.
    var cut: [Cut] = []
    var requests: [ExchangeRow] = []
    /// Plain requests that rows tell of already.
    var written: [ExchangeRow.Key] = []

    init() {}

    /// What rows in memory tell is written.
    init(_ continued: ContinuedExchanges, _ rows: RowSet<ExchangeRow>) {
        self = continued
        written = rows.rows.values.map(\.key).filter { $0.operation.kind == .http }
    }

    // MARK: - In a file

    init(_ database: Database) throws {
        written = try ContinuedExchanges.rows(of: "exchange", "WHERE kind = 'http'", database)
            .map(\.key)
        requests = try ContinuedExchanges.rows(of: "open_request", "", database)
        for row in try GRDB.Row.fetchAll(
            database, sql: "SELECT * FROM open_exchange ORDER BY start, id")
        {
            guard let client = Endpoint(row["flow_client"] as String),
                let server = Endpoint(row["flow_server"] as String),
                let transport = Transport(rawValue: row["transport"]),
                let asker = IPAddress(row["client"] as String),
                let operation = ContinuedExchanges.operation(row)
            else { continue }
            let led = try GRDB.Row.fetchAll(
                database,
                sql: "SELECT endpoint, kind, what FROM open_lead WHERE exchange = ? ORDER BY place",
                arguments: [row["id"] as Int64]
            ).compactMap(ContinuedExchanges.operation)
            cut.append(
                Cut(
                    flow: .init(client: client, server: server, transport: transport),
                    ordinal: row["ordinal"],
                    message: (row["message"] as Int64?).map { UInt64(bitPattern: $0) },
                    client: asker, operation: operation,
                    start: Timestamp(nanoseconds: row["start"]), trace: row["trace"],
                    caller: row["caller"], led: led))
        }
    }

    private static func operation(_ row: GRDB.Row) -> Operation? {
        guard let endpoint = Endpoint(row["endpoint"] as String),
            let kind = Operation.Kind(rawValue: row["kind"])
        else { return nil }
        return Operation(endpoint: endpoint, kind: kind, what: row["what"])
    }

    private static func rows(
        of table: String, _ condition: String, _ database: Database
    ) throws -> [ExchangeRow] {
        try GRDB.Row.fetchAll(
            database,
            sql: "SELECT * FROM \(table) \(condition) ORDER BY client, endpoint, kind, what"
        ).compactMap { row in
            guard let client = IPAddress(row["client"] as String),
                let operation = ContinuedExchanges.operation(row)
            else { return nil }
            var seen = Period(Timestamp(nanoseconds: row["first_seen"]), count: row["count"])
            seen.merge(Period(Timestamp(nanoseconds: row["last_seen"]), count: 0))
            return ExchangeRow(
                key: .init(client: client, operation: operation), busy: row["busy"],
                caller: row["caller"], seen: seen)
        }
    }

    /// Takes the place of what the last replay left.
    func write(to database: Database) throws {
        for table in ["open_lead", "open_exchange", "open_request"] {
            try database.execute(sql: "DELETE FROM \(table)")
        }
        for (number, exchange) in cut.enumerated() {
            try database.execute(
                sql: "INSERT INTO open_exchange VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    number, exchange.flow.client.description, exchange.flow.server.description,
                    exchange.flow.transport.rawValue, exchange.ordinal,
                    exchange.message.map { Int64(bitPattern: $0) }, exchange.client.description,
                    exchange.operation.endpoint.description, exchange.operation.kind.rawValue,
                    exchange.operation.what, exchange.start.nanoseconds, exchange.trace,
                    exchange.caller,
                ])
            for (place, operation) in exchange.led.enumerated() {
                try database.execute(
                    sql: "INSERT INTO open_lead VALUES (?, ?, ?, ?, ?)",
                    arguments: [
                        number, place, operation.endpoint.description, operation.kind.rawValue,
                        operation.what,
                    ])
            }
        }
        let statement = try database.cachedStatement(
            sql: "INSERT OR REPLACE INTO open_request VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
        for row in requests { try statement.execute(arguments: row.arguments) }
    }

    static let tables = [
        """
        CREATE TABLE open_exchange (
            id INTEGER PRIMARY KEY, flow_client TEXT NOT NULL, flow_server TEXT NOT NULL,
            transport INTEGER NOT NULL, ordinal INTEGER NOT NULL, message INTEGER,
            client TEXT NOT NULL, endpoint TEXT NOT NULL, kind TEXT NOT NULL, what TEXT NOT NULL,
            start INTEGER NOT NULL, trace TEXT, caller TEXT NOT NULL)
        """,
        """
        CREATE TABLE open_lead (
            exchange INTEGER NOT NULL, place INTEGER NOT NULL, endpoint TEXT NOT NULL,
            kind TEXT NOT NULL, what TEXT NOT NULL, PRIMARY KEY (exchange, place)) WITHOUT ROWID
        """,
        """
        CREATE TABLE open_request (
            client TEXT NOT NULL, endpoint TEXT NOT NULL, kind TEXT NOT NULL, what TEXT NOT NULL,
            count INTEGER NOT NULL, busy INTEGER NOT NULL, caller TEXT NOT NULL,
            first_seen INTEGER NOT NULL, last_seen INTEGER NOT NULL,
            PRIMARY KEY (client, endpoint, kind, what)) WITHOUT ROWID
        """,
    ]
}

/// Exchanges of an earlier capture whose answers may come in this one.
struct CarriedExchanges {
    private struct Carried {
        var key: Exchanges.Key
        var message: UInt64?
        var start: Timestamp
    }
    private var flows: [Continuation.OpenFlow: [Carried]] = [:]

    mutating func keep(_ key: Exchanges.Key, _ cut: ContinuedExchanges.Cut) {
        flows[cut.flow, default: []].append(
            Carried(key: key, message: cut.message, start: cut.start))
    }

    /// The exchange that an answer without a request ends: that of `message`, else the first whole
    /// request. Each is ended once.
    mutating func take(
        _ flow: FlowReference, message: String? = nil, at time: Timestamp
    ) -> Exchanges.Key? {
        guard !flows.isEmpty else { return nil }
        let wanted = message.map { SessionKey.of($0) }
        for isTurned in [false, true] {
            let peers = Continuation.OpenFlow(flow, isTurned: isTurned)
            let place = flows[peers]?.firstIndex {
                $0.message == wanted
                    && (0...Exchanges.patience).contains(time.nanoseconds(since: $0.start))
            }
            if let place { return flows[peers]?.remove(at: place).key }
        }
        return nil
    }

    /// The flow has begun anew, or is over: no answer comes on it any more.
    mutating func forget(_ flow: FlowReference) -> [Exchanges.Key] {
        guard !flows.isEmpty else { return [] }
        return [false, true].flatMap { isTurned in
            (flows.removeValue(forKey: .init(flow, isTurned: isTurned)) ?? []).map(\.key)
        }
    }
}

extension Continuation.OpenFlow {
    /// `isTurned` where who was met first is taken for the client.
    init(_ flow: FlowReference, isTurned: Bool = false) {
        self.init(
            client: isTurned ? flow.server : flow.client,
            server: isTurned ? flow.client : flow.server, transport: flow.transport)
    }
}
