import Catalog
import Wire

extension SnapshotReader {
    /// Apps by client and domain. A weak domain alone makes none; a lookup alone makes a hint.
    func apps() -> [AppUse] {
        struct Group: Hashable {
            var host: IPAddress
            var app: String
            var domain: String
        }
        var groups: [Group: [AppUseRow]] = [:]
        for use in rows.apps.rows.values {
            let group = Group(
                host: identity.canonical(use.key.client), app: use.key.app, domain: use.key.domain)
            groups[group, default: []].append(use)
        }
        return groups.sorted {
            ($0.key.host, $0.key.domain, $0.key.app) < ($1.key.host, $1.key.domain, $1.key.app)
        }.compactMap { app(SnapshotReader.ordered($0.value)) }
    }

    /// By the text of the client, then by clue: of equals the last one stands for all.
    private static func ordered(_ uses: [AppUseRow]) -> [AppUseRow] {
        guard uses.count > 1 else { return uses }
        return uses.map { (client: $0.key.client.description, use: $0) }.sorted {
            ($0.client, $0.use.key.clue.rawValue) < ($1.client, $1.use.key.clue.rawValue)
        }.map(\.use)
    }

    private func app(_ uses: [AppUseRow]) -> AppUse? {
        guard let best = uses.max(by: { $0.strength < $1.strength }), isListed(uses, best) else {
            return nil
        }
        let key = best.key
        let host = identity.canonical(key.client)
        var seen = uses[0].seen
        for use in uses.dropFirst() { seen.merge(use.seen) }
        let attribution = identity.attribution(of: key.client, at: seen.last)
        let (status, reason) = appStatus(key.domain, attribution.team)
        let id = EntityID.app(host, key.domain)
        let known = catalog?.app(id: key.app)
        let order = Clue.allCases
        return AppUse(
            id: id, host: host, app: key.app, name: best.name, vendor: known?.vendor ?? "",
            country: known?.country ?? "", category: best.category, domain: key.domain,
            flows: seen.count, bytesUp: uses.reduce(0) { $0 + $1.bytesUp },
            bytesDown: uses.reduce(0) { $0 + $1.bytesDown },
            clues: order.filter { clue in uses.contains { $0.key.clue == clue } },
            strength: best.strength, ja3: values(id, .ja3), ja4: values(id, .ja4),
            attribution: attribution, status: status, statusReason: reason, firstSeen: seen.first,
            lastSeen: seen.last, evidence: evidence[id] ?? [])
    }

    /// A use is listed for strong evidence, or as a hint for a lookup of a name that is strong
    /// itself. What a resolver asks, it asks for others.
    private func isListed(_ uses: [AppUseRow], _ best: AppUseRow) -> Bool {
        if best.strength >= .strong { return true }
        guard !identity.isResolver(best.key.client) else { return false }
        let isLookup = uses.allSatisfy { $0.key.clue == .dnsQuery }
        let wouldBe = catalog?.app(forName: best.key.domain, clue: .tlsSNI)?.strength ?? .hint
        return isLookup && wouldBe >= .strong
    }

    private func appStatus(_ domain: String, _ team: String?) -> (Status, String) {
        guard organization.hasAppPolicy else {
            return (.unreviewed, "the configuration has no sanctioned_apps")
        }
        guard let team else {
            return (.unreviewed, "no configured network holds this host, so no team's list applies")
        }
        let listed = (organization.sanctionedApps[team] ?? []).first {
            let allowed = $0.lowercased()
            return domain == allowed || domain.hasSuffix("." + allowed)
        }
        if let listed { return (.sanctioned, "\(listed) is in sanctioned_apps of team \(team)") }
        return (.unsanctioned, "\(domain) is not in sanctioned_apps of team \(team)")
    }
}
