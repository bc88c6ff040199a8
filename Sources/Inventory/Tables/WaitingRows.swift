import Catalog
import Codecs
import Wire

/// What events have come to since rows were last written.
///
/// Rows are found here by numbers of texts, for an event of an agent touches a dozen of them; they
/// become rows with texts when they are written.
struct WaitingRows: Sendable {
    var texts = Texts()
    var bindings = RowSet<BindingRow>()
    private var senders = Senders()
    private var resolvers = KeyedTable<IPAddress, Period>()
    private var facts = KeyedTable<Fact, Period>()
    private var evidence = KeyedTable<Piece, Proof>()
    private var apps = KeyedTable<Use, AppUseRow>()
    private var items = KeyedTable<Item, ListedItemRow>()
    private var calls = KeyedTable<Call, CallRow>()
    private var models = KeyedTable<ModelUse, ModelUseRow>()
    private var exchanges = RowSet<ExchangeRow>()
    private var links = RowSet<LinkRow>()
    /// What is let in: names that a client looks for, what clients say to servers, and what servers
    /// answer; no flood of one sort shuts out another. Stays when the rest is written.
    private var admissions = InlineArray<3, RowAdmission>(repeating: RowAdmission())
    /// The same of exchanges and links, by who asks.
    private var leads = RowAdmission()
    private var speaker = Speaker.seeker
    private var (client, server) = (Endpoint(.zero, 0), Endpoint(.zero, 0))
    private let secret = TableSecret.ofThisRun

    var count: Int {
        bindings.count + senders.count * 2 + resolvers.count + facts.count + evidence.count
            + apps.count + items.count + calls.count + models.count + exchanges.count + links.count
            + texts.count / 4
    }

    private struct Fact: TableKey {
        var subject: Texts.Number
        var kind: FactRow.Kind
        var value: Texts.Number
        var detail: Texts.Number

        func hash(_ secret: KeyedHash) -> UInt64 {
            secret.of(UInt64(subject) << 32 | UInt64(value), UInt64(detail))
        }
    }

    private struct Piece: TableKey {
        var subject: Texts.Number
        var clue: Clue
        var detail: Texts.Number

        func hash(_ secret: KeyedHash) -> UInt64 { secret.of(UInt64(subject), UInt64(detail)) }
    }

    /// What a piece of evidence rests on.
    private struct Proof: Sendable {
        var strength: Strength
        /// The first flow that gave it.
        var flow: FlowReference?
        var seen: Period

        var flowText: String { flow?.text ?? "" }
    }

    private struct Use: TableKey {
        var client: Tenant
        var domain: Texts.Number
        var app: Texts.Number
        var clue: Clue

        func hash(_ secret: KeyedHash) -> UInt64 {
            secret.of(client.hash(secret), UInt64(domain) << 32 | UInt64(app))
        }
    }

    private struct Item: TableKey {
        var endpoint: Endpoint
        var kind: ListedItem.Kind
        var name: Texts.Number
        var digest: Texts.Number

        func hash(_ secret: KeyedHash) -> UInt64 {
            secret.of(
                endpoint.address, UInt64(endpoint.port) ^ UInt64(name) << 32 | UInt64(digest))
        }
    }

    private struct Call: TableKey {
        var endpoint: Endpoint
        var client: Tenant
        var tool: Texts.Number

        func hash(_ secret: KeyedHash) -> UInt64 {
            secret.of(
                secret.of(endpoint.address, UInt64(endpoint.port) << 32 | UInt64(tool)),
                client.hash(secret))
        }
    }

    private struct ModelUse: TableKey {
        var endpoint: Endpoint
        var client: Tenant
        var api: ModelCall.API
        var path: Texts.Number
        var userAgent: Texts.Number
        var model: Texts.Number

        func hash(_ secret: KeyedHash) -> UInt64 {
            secret.of(
                secret.of(endpoint.address, UInt64(endpoint.port) << 32 | UInt64(model))
                    ^ UInt64(userAgent), client.hash(secret) ^ UInt64(path) << 32)
        }
    }

    // MARK: - Bounds

    private func hash(_ text: Texts.Number) -> UInt64 { secret.of(texts[text]) }

    /// Whose words rows are made of.
    private enum Speaker: Int { case seeker, client, server }

    /// Rows that are added from here on are made of this event.
    mutating func begin(_ event: Event) {
        guard let flow = event.flow else { return }
        (client, server) = (flow.client, flow.server)
        speaker =
            switch event.message {
            case .rpc, .modelCall, .a2a, .agentRun, .runtime, .sseEndpoint, .httpResponse,
                .authorization:
                event.side == .client ? .client : .server
            default: .seeker
            }
    }

    /// Times a row was not let in.
    var dropped: Int {
        admissions[0].dropped + admissions[1].dropped + admissions[2].dropped + leads.dropped
    }

    private mutating func admits(
        _ subject: Texts.Number, _ kind: String, _ rest: UInt64, _ time: Timestamp
    ) -> Bool {
        let row = secret.of(hash(subject) ^ secret.of(kind), rest)
        let by = speaker == .server ? server.hash(secret) : secret.of(client.address)
        return admissions[speaker.rawValue].admits(row, by: by, at: time)
    }

    // MARK: - Adding

    /// `address` sent `side` in a flow that began at `start` and was over at `end`.
    mutating func add(
        _ side: SideTotals, of address: Tenant, from start: Timestamp, to end: Timestamp,
        _ transport: Transport
    ) {
        senders.add(side, of: address, from: start, to: end, transport)
    }

    /// The same of an address that waits already; false if it does not.
    mutating func addKnown(
        _ side: SideTotals, of address: Tenant, from start: Timestamp, to end: Timestamp,
        _ transport: Transport
    ) -> Bool {
        senders.addKnown(side, of: address, from: start, to: end, transport)
    }

    /// `address` answered as a DNS server.
    mutating func addResolver(_ address: IPAddress, at time: Timestamp) {
        let number = resolvers.number(of: address, makingIt: Period(time, count: 0))
        resolvers.values[number].merge(Period(time))
    }

    mutating func addFact(
        _ subject: Texts.Number, _ kind: FactRow.Kind, _ value: Texts.Number,
        _ detail: Texts.Number, at time: Timestamp
    ) {
        let key = Fact(subject: subject, kind: kind, value: value, detail: detail)
        if let number = facts.number(of: key) {
            facts.values[number].merge(Period(time))
        } else if admits(subject, kind.rawValue, secret.of(hash(value), hash(detail)), time) {
            facts.insert(key, Period(time))
        }
    }

    mutating func addEvidence(
        _ subject: Texts.Number, _ clue: Clue, _ strength: Strength, _ detail: Texts.Number,
        of flow: FlowReference?, at time: Timestamp
    ) {
        let key = Piece(subject: subject, clue: clue, detail: detail)
        guard let number = evidence.number(of: key) else {
            guard admits(subject, clue.rawValue, hash(detail), time) else { return }
            evidence.insert(key, Proof(strength: strength, flow: flow, seen: Period(time)))
            return
        }
        evidence.values[number].seen.count += 1
        if strength > evidence.values[number].strength {
            evidence.values[number].strength = strength
        }
        if time > evidence.values[number].seen.last { evidence.values[number].seen.last = time }
        let first = evidence.values[number].seen.first
        guard time <= first else { return }
        evidence.values[number].seen.first = time
        // Of two flows at one time, the first by its text.
        guard evidence.values[number].flow?.number != flow?.number,
            time < first
                || flow?.text ?? "" < evidence.values[number].flowText
        else { return }
        evidence.values[number].flow = flow
    }

    mutating func addUse(_ row: AppUseRow) {
        let key = Use(
            client: row.key.client, domain: texts.number(of: row.key.domain),
            app: texts.number(of: row.key.app), clue: row.key.clue)
        if let number = apps.number(of: key) {
            apps.values[number].merge(row)
        } else if admits(
            texts.number(of: row.key.client), row.key.clue.rawValue,
            secret.of(hash(key.domain), hash(key.app)), row.seen.first)
        {
            apps.insert(key, row)
        }
    }

    mutating func addItem(_ item: ListedItem, of endpoint: Endpoint, _ event: Event) {
        let time = event.time
        let key = Item(
            endpoint: endpoint, kind: item.kind, name: texts.number(of: item.key),
            digest: texts.number(of: item.digest))
        if let number = items.number(of: key) {
            let seen = Period(time)
            if time <= items.values[number].seen.first {
                items.values[number].merge(
                    ListedItemRow(
                        item: item, endpoint: endpoint, flow: event.flow?.text ?? "", seen: seen))
            } else {
                items.values[number].seen.merge(seen)
            }
        } else if admits(
            texts.number(of: endpoint), item.kind.rawValue,
            secret.of(hash(key.name), hash(key.digest)),
            time)
        {
            items.insert(
                key,
                ListedItemRow(
                    item: item, endpoint: endpoint, flow: event.flow?.text ?? "",
                    seen: Period(time)))
        }
    }

    mutating func addCall(_ row: CallRow) {
        let key = Call(
            endpoint: row.key.endpoint, client: row.key.client,
            tool: texts.number(of: row.key.tool))
        if let number = calls.number(of: key) {
            calls.values[number].merge(row)
        } else if admits(
            texts.number(of: row.key.endpoint), "call",
            secret.of(row.key.client.hash(secret), hash(key.tool)),
            row.seen.first)
        {
            calls.insert(key, row)
        }
    }

    mutating func addModelUse(_ row: ModelUseRow) {
        let key = ModelUse(
            endpoint: row.key.endpoint, client: row.key.client, api: row.key.api,
            path: texts.number(of: row.key.path),
            userAgent: texts.number(of: row.key.userAgent), model: texts.number(of: row.key.model))
        if let number = models.number(of: key) {
            models.values[number].merge(row)
        } else if admits(
            texts.number(of: row.key.endpoint), "model",
            secret.of(
                row.key.client.hash(secret),
                hash(key.path) ^ hash(key.userAgent) &+ hash(key.model)),
            row.seen.first)
        {
            models.insert(key, row)
        }
    }

    mutating func addExchange(_ row: ExchangeRow) {
        guard
            exchanges.rows.number(of: row.key) != nil
                || leads.admits(
                    row.key.hash(secret), by: secret.of(row.key.client), at: row.seen.last)
        else { return }
        exchanges.add(row)
    }

    mutating func addLink(_ row: LinkRow) {
        guard
            links.rows.number(of: row.key) != nil
                || leads.admits(
                    row.key.hash(secret), by: secret.of(row.key.outer.client), at: row.seen.last)
        else { return }
        links.add(row)
    }

    // MARK: - Rows

    /// Gives everything as rows, and begins anew.
    mutating func settle() -> RowSets {
        let rows = settled()
        let (admissions, leads) = (admissions, leads)
        self = WaitingRows()
        self.admissions = admissions
        self.leads = leads
        return rows
    }

    private func settled() -> RowSets {
        var rows = RowSets()
        rows.bindings = bindings
        rows.senders = senders
        rows.facts.reserve(facts.count)
        rows.evidence.reserve(evidence.count)
        rows.items.reserve(items.count)
        for (address, seen) in zip(resolvers.keys, resolvers.values) {
            rows.bindings.add(
                BindingRow(
                    key: .init(
                        subject: .address(address), kind: .resolver, value: .text("53"),
                        source: "dns"), seen: seen))
        }
        for (key, seen) in zip(facts.keys, facts.values) {
            rows.facts.add(
                FactRow(
                    key: .init(
                        subject: texts[key.subject], kind: key.kind, value: texts[key.value],
                        detail: texts[key.detail]), seen: seen))
        }
        for (key, proof) in zip(evidence.keys, evidence.values) {
            rows.evidence.add(
                EvidenceRow(
                    key: .init(
                        subject: texts[key.subject], clue: key.clue, detail: texts[key.detail]),
                    strength: proof.strength, flow: proof.flowText, seen: proof.seen))
        }
        for row in apps.values { rows.apps.add(row) }
        for row in items.values { rows.items.add(row) }
        for row in calls.values { rows.calls.add(row) }
        for row in models.values { rows.models.add(row) }
        rows.exchanges = exchanges
        rows.links = links
        return rows
    }
}
