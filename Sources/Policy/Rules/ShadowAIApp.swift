import Catalog
package import Inventory
import Wire

/// A team uses an AI app that is not on its list.
package struct ShadowAIApp: Rule {
    package static let kind = "shadow-ai-app"
    package static let meaning =
        "An AI app was used whose domain is not among those the host's team may use."

    package init() {}

    package func alerts(in snapshot: Snapshot) -> [Alert] {
        // A name that was only looked up is no use of the app.
        snapshot.apps.filter { $0.status == .unsanctioned && $0.strength >= .strong }.map { app in
            let who = app.attribution.hostname ?? app.host.description
            let team = app.attribution.team.map { " of team \($0)" } ?? ""
            return Alert(
                kind: Self.kind, severity: .medium, host: app.tenant, subject: app.domain,
                detail: "\(app.name) (\(app.category)) used by \(who)\(team); "
                    + Alert.answerer(app.attribution),
                attribution: app.attribution, time: app.firstSeen, lastSeen: app.lastSeen,
                row: app.id, evidence: app.evidence)
        }
    }
}
