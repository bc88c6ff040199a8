import Catalog
import Wire

extension SnapshotReader {
    /// Apps by client and domain. A weak domain alone makes none; a lookup alone makes a hint.
    func apps() -> [AppUse] {
        let uses = Array(rows.apps.rows.values)
        let hosts = uses.indices.map {
            identity.canonical(uses[$0].key.client, at: uses[$0].seen.first)
        }
        let order = uses.indices.sorted { left, right in
            if hosts[left] != hosts[right] { return hosts[left] < hosts[right] }
            return uses[left].key.domain == uses[right].key.domain
                ? uses[left].key.app < uses[right].key.app
                : uses[left].key.domain < uses[right].key.domain
        }
        var found: [AppUse] = []
        var start = 0
        while start < order.count {
            let first = order[start]
            var end = start + 1
            while end < order.count, hosts[order[end]] == hosts[first],
                uses[order[end]].key.domain == uses[first].key.domain,
                uses[order[end]].key.app == uses[first].key.app
            {
                end += 1
            }
            let group = order[start..<end].map { uses[$0] }
            if let app = app(SnapshotReader.ordered(group)) { found.append(app) }
            start = end
        }
        return found
    }

    /// By the text of the client, then by clue: of equals the last one stands for all.
    private static func ordered(_ uses: [AppUseRow]) -> [AppUseRow] {
        guard uses.count > 1 else { return uses }
        return uses.sorted { left, right in
            if left.key.client != right.key.client {
                return left.key.client.description < right.key.client.description
            }
            return left.key.clue.rawValue < right.key.clue.rawValue
        }
    }

    private func app(_ uses: [AppUseRow]) -> AppUse? {
        guard let best = uses.max(by: { $0.strength < $1.strength }), isListed(uses, best) else {
            return nil
        }
        let key = best.key
        var seen = uses[0].seen
        for use in uses.dropFirst() { seen.merge(use.seen) }
        let host = identity.canonical(key.client, at: seen.first)
        let attribution = identity.attribution(of: key.client, seen)
        let (status, reason) = status(
            ofApp: key.app, key.domain, on: key.client.address, attribution, at: seen.last)
        let maker = catalog?.maker(ofApp: key.app)
        let isFull = depth == .full
        let id = isFull ? EntityID.app(host, key.domain) : ""
        let fingerprints = isFull ? facts[id] : .none
        return AppUse(
            tenant: host, app: key.app, name: best.name, vendor: maker?.vendor ?? "",
            country: maker?.country ?? "", category: best.category, domain: key.domain,
            flows: seen.count, bytesUp: uses.reduce(0) { $0 + $1.bytesUp },
            bytesDown: uses.reduce(0) { $0 + $1.bytesDown },
            clues: SnapshotReader.clues(uses), strength: best.strength,
            ja3: fingerprints.values(.ja3), ja4: fingerprints.values(.ja4),
            attribution: attribution, status: status, statusReason: reason, firstSeen: seen.first,
            lastSeen: seen.last,
            evidence: isFull ? (evidence[id] ?? []) + fingerprintEvidence(fingerprints) : [])
    }

    /// In the order in which they are declared.
    private static func clues(_ uses: [AppUseRow]) -> [Clue] {
        if uses.count == 1 { return [uses[0].key.clue] }
        return Clue.allCases.filter { clue in uses.contains { $0.key.clue == clue } }
    }

    /// A use is listed for strong evidence, or as a hint for a lookup of a name that is strong
    /// itself. What a resolver asks, it asks for others.
    private func isListed(_ uses: [AppUseRow], _ best: AppUseRow) -> Bool {
        if best.strength >= .strong { return true }
        guard !identity.isResolver(best.key.client.address) else { return false }
        let isLookup = uses.allSatisfy { $0.key.clue == .dnsQuery }
        let wouldBe = catalog?.app(forName: best.key.domain, clue: .tlsSNI)?.strength ?? .hint
        return isLookup && wouldBe >= .strong
    }
}
