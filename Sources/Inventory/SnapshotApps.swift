import Catalog
import GRDB
import Wire

extension SnapshotReader {
    /// Apps by client and domain. A weak domain alone makes none; a lookup alone makes a hint.
    func apps() throws -> [AppUse] {
        var groups: [String: [AppUseRow]] = [:]
        for row in try GRDB.Row.fetchAll(
            database, sql: "SELECT * FROM app_use ORDER BY client, app, domain, clue")
        {
            guard let client = IPAddress(row["client"] as String),
                let clue = Clue(rawValue: row["clue"]),
                let strength = Strength(rawValue: row["strength"])
            else { continue }
            let use = AppUseRow(
                key: .init(client: client, app: row["app"], domain: row["domain"], clue: clue),
                strength: strength, name: row["name"], category: row["category"],
                bytesUp: row["bytes_up"], bytesDown: row["bytes_down"],
                seen: SnapshotReader.period(row, "flows"))
            groups["\(identity.canonical(client))|\(use.key.app)|\(use.key.domain)", default: []]
                .append(use)
        }
        return groups.values.compactMap { app($0) }.sorted {
            ($0.host, $0.domain, $0.app) < ($1.host, $1.domain, $1.app)
        }
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
