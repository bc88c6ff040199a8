import Catalog
import Wire

/// Joins exchanges into chains: which are on behalf of which.
struct ChainReader {
    /// Hosts of a chain.
    private static let longest = 8
    /// Chains that are told.
    private static let limit = 10_000
    /// How unlikely chance must be, where nothing but time speaks.
    private static let chanceLimit = 0.05
    /// The same where the names agree.
    private static let namedChanceLimit = 0.25
    /// The share of the inner exchanges that lie within outer ones.
    private static let leastShare = 0.75

    private let identity: Identity
    private var exchanges: [ExchangeRow.Key: ExchangeRow] = [:]
    private var links: [LinkRow.Key: LinkRow] = [:]
    /// The links out of an exchange that stand, with their reasons.
    private var accepted: [ExchangeRow.Key: [Step]] = [:]
    /// Exchanges that something leads to.
    private var led: Set<ExchangeRow.Key> = []
    private let names: Names
    /// In whose name an exchange was asked for, at most 8 of each.
    private var delegators: [ExchangeRow.Key: [Chain.Delegator]] = [:]
    private static let shownDelegators = 8
    /// By which models an exchange was asked for, at most 8 of each.
    private var wishes: [ExchangeRow.Key: [Chain.Model]] = [:]
    private static let shownModels = 8

    /// What servers and their clients are called.
    struct Names {
        var servers: [Endpoint: String] = [:]
        /// By server, then host.
        var clients: [Endpoint: [IPAddress: Set<String>]] = [:]
    }

    private struct Step {
        var row: LinkRow
        var witnesses: [Chain.Witness]
        var reasons: [String]
        var confidence: Double

        var inner: ExchangeRow.Key {
            .init(client: row.key.outer.operation.endpoint.address, operation: row.key.inner)
        }
    }

    init(
        _ rows: RowSets, _ identity: Identity, _ names: Names, _ facts: Facts, window: Int64
    ) {
        self.identity = identity
        self.names = names
        for row in rows.exchanges.rows.values {
            var row = row
            row.key = ChainReader.canonical(row.key, identity)
            exchanges[row.key] =
                exchanges[row.key].map { known in
                    var known = known
                    known.merge(row)
                    return known
                } ?? row
        }
        for row in rows.links.rows.values {
            var row = row
            row.key.outer = ChainReader.canonical(row.key.outer, identity)
            row.key.inner.endpoint = identity.canonical(row.key.inner.endpoint)
            links[row.key] =
                links[row.key].map { known in
                    var known = known
                    known.merge(row)
                    return known
                } ?? row
        }
        // In an order that does not depend on the key of their marks.
        let told = facts[.delegator].sorted {
            ($0.seen.first, $0.seen.last, $0.seen.count, $0.key.detail)
                < ($1.seen.first, $1.seen.last, $1.seen.count, $1.key.detail)
        }
        for fact in told {
            guard let told = Delegator(fact.key.detail) else { continue }
            let key = ChainReader.canonical(told.outer, identity)
            let found = Chain.Delegator(mark: fact.key.value, issuer: told.issuer)
            let known = delegators[key] ?? []
            guard known.count < ChainReader.shownDelegators, !known.contains(found) else {
                continue
            }
            delegators[key] = known + [found]
        }
        accept(window: max(window, 1))
    }

    /// Takes which models asked for what.
    mutating func takeWishes(_ facts: Facts) {
        for fact in facts[.toolWish] {
            guard let wish = ToolWish(fact.key.detail), let endpoint = Endpoint(fact.key.value)
            else { continue }
            let key = ChainReader.canonical(wish.exchange, identity)
            let model = Chain.Model(
                endpoint: identity.canonical(endpoint),
                name: wish.model.isEmpty ? nil : wish.model, count: fact.seen.count)
            if let place = wishes[key]?.firstIndex(where: {
                $0.endpoint == model.endpoint && $0.name == model.name
            }) {
                wishes[key]?[place].count += model.count
            } else if wishes[key]?.count ?? 0 < ChainReader.shownModels {
                wishes[key, default: []].append(model)
            }
        }
    }

    private static func canonical(
        _ key: ExchangeRow.Key, _ identity: Identity
    ) -> ExchangeRow.Key {
        var key = key
        key.client = identity.canonical(key.client)
        key.operation.endpoint = identity.canonical(key.operation.endpoint)
        return key
    }

    // MARK: - Links

    /// One inner exchange, with all that it was seen within.
    private struct Inner: Hashable {
        var host: IPAddress
        var operation: Operation
    }

    private mutating func accept(window: Int64) {
        var found: [Inner: [Operation: [LinkRow]]] = [:]
        for row in links.values {
            let host = row.key.outer.operation.endpoint.address
            found[Inner(host: host, operation: row.key.inner), default: [:]][
                row.key.outer.operation, default: []
            ].append(row)
        }
        var totals: [Operation: (busy: Int64, count: Int)] = [:]
        for row in exchanges.values {
            let known = totals[row.key.operation] ?? (0, 0)
            totals[row.key.operation] = (known.busy &+ row.busy, known.count + row.seen.count)
        }
        for (inner, outers) in found {
            let count =
                exchanges[.init(client: inner.host, operation: inner.operation)]?.seen.count ?? 0
            let bound = outers.values.joined().filter(\.isBound)
            for row in bound { add(row, boundOf: count) }
            guard bound.isEmpty else { continue }
            timed(inner, outers, count, totals, window)
        }
    }

    /// What both requests bear tells it; the surest such witness counts.
    private mutating func add(_ row: LinkRow, boundOf count: Int) {
        let inner = ChainReader.phrase(row.key.inner)
        let outer = ChainReader.phrase(row.key.outer.operation)
        let kinds: [(Int, Chain.Witness, Double, String)] = [
            (
                row.traced, .trace, 0.99,
                "bear the trace id of \(outer) that its host answered before"
            ),
            (
                row.conversed, .context, 0.95,
                "bear an id of a context, task or message that \(outer) bore before"
            ),
            (
                row.exchanged, .token, 0.9,
                "bear a token for the subject of that of \(outer), with one actor more, as a token "
                    + "exchange makes it (what tokens claim, not verified)"
            ),
            (
                row.shared, .subject, 0.8,
                "lay within \(outer) with a token for the same subject, given to another client "
                    + "(what tokens claim, not verified)"
            ),
            (
                row.wishTraced, .trace, 0.9,
                "were asked for, with equal arguments, by a model in answer to a request that "
                    + "bears the trace id of \(outer)"
            ),
            (
                row.wished, .arguments, 0,
                "have the name and the arguments of a call that a model asked for meanwhile"
            ),
        ]
        let told = kinds.filter { $0.0 > 0 }
        let reasons = told.map { "\($0.0) of \(max(count, $0.0)) of \(inner) \($0.3)" }
        add(
            Step(
                row: row, witnesses: ChainReader.each(told.map(\.1)), reasons: reasons,
                confidence: told.map(\.2).max() ?? 0))
    }

    private static func each(_ witnesses: [Chain.Witness]) -> [Chain.Witness] {
        var found: [Chain.Witness] = []
        for witness in witnesses where !found.contains(witness) { found.append(witness) }
        return found
    }

    /// Nothing but time speaks: only the outer operation that fits best may be it.
    private mutating func timed(
        _ inner: Inner, _ outers: [Operation: [LinkRow]], _ count: Int,
        _ totals: [Operation: (busy: Int64, count: Int)], _ window: Int64
    ) {
        var best: Fit?
        for (operation, rows) in outers {
            let hits = rows.reduce(0) { $0 + $1.seen.count }
            let wished = rows.reduce(0) { $0 + $1.wished }
            let total = totals[operation] ?? (0, 0)
            var chance = Coincidence.chance(
                of: hits, in: count, part: Double(total.busy) / Double(window))
            let holding = rows.reduce(0) { $0 + $1.outers }
            // No outer one without an inner one: that has to be chance too.
            if holding == total.count { chance *= Coincidence.covering(holding, by: hits) }
            let fit = Fit(
                operation: operation, hits: hits, wished: wished, chance: chance,
                isNamed: sameProgram(operation, inner))
            guard Double(hits) >= ChainReader.leastShare * Double(count), count > 0,
                holding * 2 >= total.count,
                fit.isNamed || fit.isWished
                    ? chance <= ChainReader.namedChanceLimit
                    : hits >= 2 && chance <= ChainReader.chanceLimit
            else { continue }
            if best.map({ fit.isBetter(than: $0) }) ?? true { best = fit }
        }
        guard let best, let rows = outers[best.operation] else { return }
        let percent = max(0.01, (best.chance * 10_000).rounded() / 100)
        let inner = ChainReader.phrase(inner.operation)
        var reasons = [
            "\(best.hits) of \(count) of \(inner) began and ended "
                + "while its host answered \(ChainReader.phrase(best.operation)); by chance "
                + "\(percent) %"
        ]
        var witnesses: [Chain.Witness] = [.timing]
        if best.isWished {
            witnesses.append(.arguments)
            reasons.append(
                "\(best.wished) of \(count) of \(inner) have the name and the arguments of a "
                    + "call that a model asked for meanwhile")
        }
        if best.isNamed, let name = names.servers[best.operation.endpoint] {
            witnesses.append(.name)
            reasons.append("the server and the client of the next call are both named \(name)")
        }
        for row in rows {
            add(
                Step(
                    row: row, witnesses: witnesses, reasons: reasons, confidence: best.confidence))
        }
    }

    /// How well times fit an outer operation.
    private struct Fit {
        var operation: Operation
        var hits: Int
        /// Of these, those that a model asked for meanwhile.
        var wished: Int
        var chance: Double
        var isNamed: Bool

        /// Who works for the outer one's asker is the one that asked the model.
        var isWished: Bool { wished > 0 && wished * 2 >= hits }

        var confidence: Double {
            let isSure = hits >= 3 && chance <= 0.001
            if isNamed { return isSure ? 0.95 : 0.9 }
            if isWished { return isSure ? 0.9 : 0.75 }
            return isSure ? 0.8 : 0.6
        }

        func isBetter(than other: Fit) -> Bool {
            (rank, hits, other.chance, operation.order)
                > (other.rank, other.hits, chance, other.operation.order)
        }

        private var rank: Int { isNamed ? 2 : isWished ? 1 : 0 }
    }

    private mutating func add(_ step: Step) {
        accepted[step.row.key.outer, default: []].append(step)
        led.insert(step.inner)
    }

    /// Whether the outer operation's server calls itself as a client of the inner one's does.
    private func sameProgram(_ outer: Operation, _ inner: Inner) -> Bool {
        guard let name = names.servers[outer.endpoint] else { return false }
        return names.clients[inner.operation.endpoint]?[inner.host]?.contains(name) ?? false
    }

    private static func phrase(_ operation: Operation) -> String {
        switch operation.kind {
        case .mcp: "the MCP calls of \(operation.what) at \(operation.endpoint)"
        case .a2a: "the A2A \(operation.what) at \(operation.endpoint)"
        case .http: "\(operation.what) at \(operation.endpoint)"
        }
    }

    // MARK: - Chains

    /// Longest first hops are nobody's: from each exchange that nothing leads to.
    func chains() -> [Chain] {
        var found: [Chain] = []
        let roots = accepted.keys.filter { !led.contains($0) }.sorted { $0.order < $1.order }
        for root in roots where found.count < ChainReader.limit {
            walk(root, [], &found)
        }
        found.sort { ($0.firstSeen, $0.id) < ($1.firstSeen, $1.id) }
        ChainReader.label(&found)
        return found
    }

    /// Numbers those in whose name chains began.
    private static func label(_ chains: inout [Chain]) {
        var labels: [String: String] = [:]
        for chain in chains.indices {
            for place in chains[chain].delegators.indices {
                let mark = chains[chain].delegators[place].mark
                let label = labels[mark] ?? "subject-\(labels.count + 1)"
                labels[mark] = label
                chains[chain].delegators[place].label = label
            }
        }
    }

    private func walk(_ key: ExchangeRow.Key, _ steps: [Step], _ found: inout [Chain]) {
        guard found.count < ChainReader.limit else { return }
        let hosts =
            [steps.first?.row.key.outer.client ?? key.client]
            + steps.map(\.row.key.outer.operation.endpoint.address)
        let next = (accepted[key] ?? []).filter {
            // Whoever is asked back is no new link.
            !hosts.contains($0.row.key.inner.endpoint.address)
                && $0.row.key.inner.endpoint.address != key.operation.endpoint.address
        }.sorted { $0.row.key.inner.order < $1.row.key.inner.order }
        guard !next.isEmpty, hosts.count < ChainReader.longest else {
            if !steps.isEmpty, key.operation.kind != .http { found.append(chain(steps)) }
            return
        }
        for step in next { walk(step.inner, steps + [step], &found) }
    }

    private func chain(_ steps: [Step]) -> Chain {
        let first = steps[0].row.key.outer
        let root = exchanges[first]
        var hops = [
            hop(
                first, witnesses: [], confidence: 1, reasons: [],
                count: root?.seen.count ?? steps[0].row.seen.count)
        ]
        for step in steps {
            hops.append(
                hop(
                    step.inner, witnesses: step.witnesses, confidence: step.confidence,
                    reasons: step.reasons, count: step.row.seen.count))
        }
        var seen = root?.seen ?? steps[0].row.seen
        for step in steps { seen.merge(step.row.seen) }
        let key = hops.map { "\($0.from)>\($0.to) \($0.kind) \($0.what)" }.joined(separator: "|")
        return Chain(
            id: EntityID.of("chain", key), hops: hops,
            traceID: steps.map(\.row.trace).first { !$0.isEmpty },
            delegators: steps.lazy.compactMap { delegators[$0.row.key.outer] }.first ?? [],
            attribution: identity.attribution(of: first.client, at: seen.last),
            firstSeen: seen.first, lastSeen: seen.last)
    }

    private func hop(
        _ key: ExchangeRow.Key, witnesses: [Chain.Witness], confidence: Double,
        reasons: [String], count: Int
    ) -> Chain.Hop {
        let endpoint = key.operation.endpoint
        let caller = CanonicalNames.parted(exchanges[key]?.caller ?? "")
        let client = names.clients[endpoint]?[key.client]?.sorted().first
        return Chain.Hop(
            from: key.client, to: endpoint, kind: key.operation.kind.rawValue,
            what: key.operation.what,
            fromName: key.operation.kind == .mcp ? client : caller?.0,
            fromVersion: caller.flatMap { $0.1.isEmpty ? nil : $0.1 },
            toName: names.servers[endpoint], witnesses: witnesses, confidence: confidence,
            reasons: reasons, count: count, models: wishes[key] ?? [])
    }
}

extension Operation {
    /// For an order that is the same in every run.
    var order: String { "\(endpoint)\u{1f}\(kind.rawValue)\u{1f}\(what)" }
}

extension ExchangeRow.Key {
    var order: String { "\(client)\u{1f}\(operation.order)" }
}
