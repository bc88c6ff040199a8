import Catalog
import GRDB
import Wire

extension RowSets {
    /// Every row of a file.
    ///
    /// Evidence is the most of it; without it a snapshot is as good for all but showing it.
    init(_ database: Database, withEvidence: Bool) throws {
        try readAddresses(database)
        try readApps(database)
        try readAgents(database)
        try readExchanges(database)
        if withEvidence { try readEvidence(database) }
    }

    /// The columns that every table has at its end, the count before them.
    private static func period(_ row: GRDB.Row, count: Int, first: Int) -> Period {
        var seen = Period(Timestamp(nanoseconds: row[first]), count: row[count])
        seen.merge(Period(Timestamp(nanoseconds: row[first + 1]), count: 0))
        return seen
    }

    private mutating func readAddresses(_ database: Database) throws {
        var rows = try GRDB.Row.fetchCursor(
            database,
            sql: "SELECT address, bytes_sent, packets, first_seen, last_seen FROM address")
        while let row = try rows.next() {
            guard let address = Tenant(stored: row[0]) else { continue }
            addresses.add(
                AddressRow(
                    key: address, bytesSent: row[1],
                    seen: RowSets.period(row, count: 2, first: 3)))
        }
        rows = try GRDB.Row.fetchCursor(
            database,
            sql: """
                SELECT subject, kind, value, source, count, first_seen, last_seen, since
                FROM binding
                """)
        while let row = try rows.next() {
            guard let kind = BindingRow.Kind(rawValue: row[1]),
                let subject = RowSets.subject(row[0]), let value = RowSets.value(row[2], kind)
            else { continue }
            bindings.add(
                BindingRow(
                    key: .init(
                        subject: subject, kind: kind, value: value, source: row[3],
                        since: Timestamp(nanoseconds: row[7])),
                    seen: RowSets.period(row, count: 4, first: 5)))
        }
    }

    private static func subject(_ text: String) -> BindingRow.Subject? {
        if let address = IPAddress(text) { return .address(address) }
        return MACAddress(text).map { .mac($0) }
    }

    private static func value(_ text: String, _ kind: BindingRow.Kind) -> BindingRow.Value? {
        switch kind {
        case .mac, .linkLayer: MACAddress(text).map { .mac($0) }
        case .hostname, .user, .vlan, .device, .route, .resolver, .router: .text(text)
        }
    }

    private mutating func readApps(_ database: Database) throws {
        let rows = try GRDB.Row.fetchCursor(
            database,
            sql: """
                SELECT client, clue, strength, app, domain, name, category, bytes_up, bytes_down,
                flows, first_seen, last_seen FROM app_use
                """)
        while let row = try rows.next() {
            guard let client = Tenant(stored: row[0]), let clue = Clue(rawValue: row[1]),
                let strength = Strength(rawValue: row[2])
            else { continue }
            apps.add(
                AppUseRow(
                    key: .init(client: client, app: row[3], domain: row[4], clue: clue),
                    strength: strength, name: row[5], category: row[6], bytesUp: row[7],
                    bytesDown: row[8], seen: RowSets.period(row, count: 9, first: 10)))
        }
    }

    private mutating func readAgents(_ database: Database) throws {
        let rows = try GRDB.Row.fetchCursor(
            database,
            sql: "SELECT subject, kind, value, detail, count, first_seen, last_seen FROM fact")
        while let row = try rows.next() {
            guard let kind = FactRow.Kind(rawValue: row[1]) else { continue }
            facts.add(
                FactRow(
                    key: .init(subject: row[0], kind: kind, value: row[2], detail: row[3]),
                    seen: RowSets.period(row, count: 4, first: 5)))
        }
        try readItems(database)
        try readCalls(database)
        try readModels(database)
    }

    private mutating func readItems(_ database: Database) throws {
        let rows = try GRDB.Row.fetchCursor(
            database,
            sql: """
                SELECT endpoint, kind, key, label, text, hints, digest, count, first_seen,
                last_seen, shape_hash, text_hash, hints_hash, outline, flow FROM listed_item
                """)
        while let row = try rows.next() {
            guard let endpoint = Endpoint(row[0] as String),
                let kind = ListedItem.Kind(rawValue: row[1])
            else { continue }
            var hints: [String: Bool] = [:]
            for pair in (row[5] as String).split(separator: ",") {
                let parts = pair.split(separator: "=")
                if parts.count == 2 { hints[String(parts[0])] = parts[1] == "true" }
            }
            let shape: String = row[10]
            let hashes =
                shape.isEmpty
                ? nil
                : DefinitionHashes(
                    shape: shape, text: row[11], hints: row[12],
                    outline: StoredOutline.outline(row[13]))
            let item = ListedItem(
                kind: kind, key: row[2], label: row[3], text: row[4], hints: hints, digest: row[6],
                hashes: hashes)
            items.add(
                ListedItemRow(
                    item: item, endpoint: endpoint, flow: row[14],
                    seen: RowSets.period(row, count: 7, first: 8)))
        }
    }

    private mutating func readCalls(_ database: Database) throws {
        let rows = try GRDB.Row.fetchCursor(
            database,
            sql: """
                SELECT endpoint, client, tool, errors, count, first_seen, last_seen, tool_errors,
                protocol_errors, input_required, cancelled, answered, nanoseconds, longest,
                result_bytes, progress FROM mcp_call
                """)
        while let row = try rows.next() {
            guard let endpoint = Endpoint(row[0] as String), let client = Tenant(stored: row[1])
            else { continue }
            calls.add(
                CallRow(
                    key: .init(endpoint: endpoint, client: client, tool: row[2]), errors: row[3],
                    outcomes: .init(
                        toolErrors: row[7], protocolErrors: row[8], inputRequired: row[9],
                        cancelled: row[10], answered: row[11], nanoseconds: row[12],
                        longest: row[13], resultBytes: row[14], progress: row[15]),
                    seen: RowSets.period(row, count: 4, first: 5)))
        }
    }

    private mutating func readModels(_ database: Database) throws {
        let rows = try GRDB.Row.fetchCursor(
            database,
            sql: """
                SELECT endpoint, path, api, client, user_agent, model, streaming, answered,
                requests, first_seen, last_seen, offering, results, called, errors, input_tokens,
                output_tokens, cached_tokens, reasoning_tokens FROM model_use
                """)
        while let row = try rows.next() {
            guard let endpoint = Endpoint(row[0] as String),
                let api = ModelCall.API(rawValue: row[2]), let client = Tenant(stored: row[3])
            else { continue }
            let key = ModelUseRow.Key(
                endpoint: endpoint, path: row[1], api: api, client: client, userAgent: row[4],
                model: row[5])
            let sums = ModelUseRow.Sums(
                offering: row[11], returning: row[12], called: row[13], errors: row[14],
                input: row[15], output: row[16], cached: row[17], reasoning: row[18])
            models.add(
                ModelUseRow(
                    key: key, streaming: row[6], answered: row[7], sums: sums,
                    seen: RowSets.period(row, count: 8, first: 9)))
        }
    }

    private static func exchange(_ row: GRDB.Row) -> ExchangeRow.Key? {
        guard let client = IPAddress(row[0] as String), let operation = operation(row, 1) else {
            return nil
        }
        return ExchangeRow.Key(client: client, operation: operation)
    }

    private static func operation(_ row: GRDB.Row, _ first: Int) -> Operation? {
        guard let endpoint = Endpoint(row[first] as String),
            let kind = Operation.Kind(rawValue: row[first + 1])
        else { return nil }
        return Operation(endpoint: endpoint, kind: kind, what: row[first + 2])
    }

    private mutating func readExchanges(_ database: Database) throws {
        var rows = try GRDB.Row.fetchCursor(
            database,
            sql: """
                SELECT client, endpoint, kind, what, busy, caller, count, first_seen, last_seen
                FROM exchange
                """)
        while let row = try rows.next() {
            guard let key = RowSets.exchange(row) else { continue }
            exchanges.add(
                ExchangeRow(
                    key: key, busy: row[4], caller: row[5],
                    seen: RowSets.period(row, count: 6, first: 7)))
        }
        rows = try GRDB.Row.fetchCursor(
            database,
            sql: """
                SELECT client, endpoint, kind, what, inner_endpoint, inner_kind, inner_what,
                outers, traced, trace, count, first_seen, last_seen, conversed, exchanged, shared,
                wished, wish_traced
                FROM link
                """)
        while let row = try rows.next() {
            guard let outer = RowSets.exchange(row), let inner = RowSets.operation(row, 4) else {
                continue
            }
            links.add(
                LinkRow(
                    key: .init(outer: outer, inner: inner), outers: row[7], traced: row[8],
                    conversed: row[13], exchanged: row[14], shared: row[15], wished: row[16],
                    wishTraced: row[17], trace: row[9],
                    seen: RowSets.period(row, count: 10, first: 11)))
        }
    }

    private mutating func readEvidence(_ database: Database) throws {
        let rows = try GRDB.Row.fetchCursor(
            database,
            sql: """
                SELECT subject, clue, detail, strength, flow, count, first_seen, last_seen
                FROM evidence
                """)
        while let row = try rows.next() {
            guard let clue = Clue(rawValue: row[1]), let strength = Strength(rawValue: row[3])
            else { continue }
            evidence.add(
                EvidenceRow(
                    key: .init(subject: row[0], clue: clue, detail: row[2]), strength: strength,
                    flow: row[4], seen: RowSets.period(row, count: 5, first: 6)))
        }
    }
}

extension Snapshot.Source {
    init(_ record: CaptureRecord) {
        self.init(
            name: record.name, packets: record.packets, bytes: record.bytes, first: record.first,
            last: record.last, drops: record.drops)
    }

    /// The captures of a file: first by their beginnings, then by name and digest.
    static func all(_ database: Database) throws -> [Snapshot.Source] {
        try GRDB.Row.fetchAll(
            database, sql: "SELECT * FROM capture ORDER BY first_seen, name, digest"
        ).map { row in
            let text: String = row["drops"]
            var drops: [String: Int] = [:]
            for pair in text.split(separator: ",") {
                let parts = pair.split(separator: "=")
                if parts.count == 2 { drops[String(parts[0])] = Int(parts[1]) }
            }
            return Snapshot.Source(
                name: row["name"], packets: row["packets"], bytes: row["bytes"],
                first: Timestamp(nanoseconds: row["first_seen"]),
                last: Timestamp(nanoseconds: row["last_seen"]), drops: drops)
        }
    }
}
