import Catalog
import Wire

extension SnapshotReader {
    // MARK: - Models

    func modelUses() -> [ModelUseRow] {
        var set = RowSet<ModelUseRow>()
        for var row in rows.models.rows.values {
            row.key.endpoint = identity.canonical(row.key.endpoint)
            row.key.client = identity.canonical(row.key.client, at: row.seen.first)
            set.add(row)
        }
        let rows = set.rows.values
        // Endpoints that are told by more than a path, which anybody may ask for.
        let told = Set(rows.filter { !$0.key.api.isList }.map(\.key.endpoint))
        return rows.filter {
            !relays.isEcho(.model($0.key), by: $0.key.client.address)
                && (!$0.key.api.isList || $0.answered > 0 || told.contains($0.key.endpoint))
        }.sorted {
            ($0.key.endpoint, $0.key.path, $0.key.client, $0.key.userAgent, $0.key.model)
                < ($1.key.endpoint, $1.key.path, $1.key.client, $1.key.userAgent, $1.key.model)
        }
    }

    /// Endpoints that answered a model request; or from whose address nothing at all was seen.
    func modelEndpoints(_ uses: [ModelUseRow]) -> [ModelEndpoint] {
        Dictionary(grouping: uses) { "\($0.key.endpoint)|\($0.key.path)|\($0.key.api)" }.values
            .filter(isServed).map(modelEndpoint).sorted {
                ($0.endpoint, $0.path, $0.api) < ($1.endpoint, $1.path, $1.api)
            }
    }

    private func isServed(_ uses: [ModelUseRow]) -> Bool {
        uses.contains { $0.answered > 0 } || !hasSpoken(uses[0].key.endpoint.address)
    }

    private func modelEndpoint(_ uses: [ModelUseRow]) -> ModelEndpoint {
        let key = uses[0].key
        var seen = uses[0].seen
        for use in uses.dropFirst() { seen.merge(use.seen) }
        let clients = Dictionary(grouping: uses) { "\($0.key.client)|\($0.key.userAgent)" }.values
            .map {
                ModelEndpoint.Client(
                    host: $0[0].key.client, userAgent: $0[0].key.userAgent,
                    requests: $0.reduce(0) { $0 + $1.seen.count })
            }.sorted { ($0.host, $0.userAgent) < ($1.host, $1.userAgent) }
        let attribution = identity.attribution(serving: key.endpoint.address, seen)
        let (status, reason) = status(ofModelServer: key.endpoint, attribution, at: seen.last)
        let id = EntityID.modelEndpoint(key.endpoint, key.path)
        let said = facts[id]
        var sums = ModelUseRow.Sums()
        for use in uses { sums += use.sums }
        return ModelEndpoint(
            id: id, endpoint: key.endpoint, path: key.path, api: key.api.rawValue,
            models: Set(uses.map(\.key.model)).subtracting([""]).sorted(), requests: seen.count,
            streaming: uses.reduce(0) { $0 + $1.streaming },
            answered: uses.reduce(0) { $0 + $1.answered }, errors: sums.errors,
            tokens: .init(
                input: sums.input, output: sums.output, cached: sums.cached,
                reasoning: sums.reasoning), requestsWithTools: sums.offering,
            requestsWithResults: sums.returning, callsAskedFor: sums.called,
            answeredModels: said.values(.answeredModel), toolsOffered: said.values(.toolOffered),
            toolsCalled: SnapshotReader.counts(said[.tool]),
            endUsers: SnapshotReader.users(said[.endUser]),
            remoteMCP: said[.remoteMCP].map { .init(label: $0.key.value, host: $0.key.detail) },
            clients: clients,
            attribution: attribution, status: status, statusReason: reason, firstSeen: seen.first,
            lastSeen: seen.last,
            evidence: evidence[id] ?? [])
    }

    /// Different persons: pseudonyms of two keys may be one person's, so only those of one key are
    /// counted, and there are as many at least.
    private static func users(_ rows: ArraySlice<FactRow>) -> Int {
        var counts: [String: Int] = [:]
        for row in rows { counts[row.key.detail, default: 0] += 1 }
        return counts.values.max() ?? 0
    }

    func models(_ uses: [ModelUseRow]) -> [Model] {
        Dictionary(grouping: uses.filter { !$0.key.model.isEmpty }, by: \.key.model).map {
            name, uses in
            var seen = uses[0].seen
            for use in uses.dropFirst() { seen.merge(use.seen) }
            let id = EntityID.model(name)
            return Model(
                id: id, model: name, requests: seen.count,
                hosts: Set(uses.map(\.key.client.address)).sorted(),
                endpoints: Set(uses.map(\.key.endpoint)).sorted(), firstSeen: seen.first,
                lastSeen: seen.last, evidence: evidence[id] ?? [])
        }.sorted { $0.model < $1.model }
    }

    /// Programs that serve models, by their own marks.
    func modelRuntimes() -> [ModelRuntime] {
        var found: [ModelRuntime] = []
        for (id, facts) in facts.subjects where id.hasPrefix("runtime-") {
            guard let row = SnapshotReader.best(facts[.runtime]),
                let endpoint = Endpoint(stored: row.key.detail)
            else { continue }
            let isProof = row.key.value.utf8.last != UInt8(ascii: "?")
            let seen = facts.period
            found.append(
                ModelRuntime(
                    id: id, endpoint: endpoint,
                    runtime: isProof ? row.key.value : String(row.key.value.dropLast()),
                    strength: isProof ? .proof : .hint, models: facts.values(.model),
                    attribution: identity.attribution(serving: endpoint.address, seen),
                    firstSeen: seen.first, lastSeen: seen.last, evidence: evidence[id] ?? []))
        }
        return found.sorted { $0.endpoint < $1.endpoint }
    }

    /// A proof goes before what others may look like too; of equals, the latest.
    private static func best(_ rows: ArraySlice<FactRow>) -> FactRow? {
        let proofs = rows.filter { $0.key.value.utf8.last != UInt8(ascii: "?") }
        return Facts.latest(of: proofs.isEmpty ? Array(rows) : proofs)
    }
}
