package import Inventory
package import Wire

/// Decisions for people, and as JSON.
package enum DecisionText {
    /// One sentence.
    package static func line(_ decision: Decision) -> String {
        let scope =
            decision.scope.isEmpty
            ? (decision.isOfOwner ? "" : " everywhere") : " for \(decision.scope)"
        let until = decision.until.map { " until \($0.rfc3339)" } ?? ""
        let what =
            switch decision.kind {
            case .own: "\(decision.value) answers for \(decision.subject)"
            case .confirm: "\(decision.value) still answers for \(decision.subject)"
            case .expire: "\(decision.value) answers for \(decision.subject) no more"
            case .judge: "\(decision.subject) is \(decision.value)\(scope)\(until)"
            case .withdraw: "\(decision.subject) is no longer \(decision.value)\(scope)"
            }
        return Words.harmless("decision \(decision.number) of \(decision.by): \(what)")
    }

    package static func table(_ decisions: [Decision]) -> Table {
        var table = Table([
            Table.number("number"), Table.text("when", least: 19),
            Table.text("by", least: 8), Table.text("decision", least: 8),
            Table.text("subject", least: 16), Table.text("where", least: 10, rank: 2),
            Table.text("value", least: 12), Table.text("until", least: 10, rank: 3),
            Table.text("answers", rank: 4), Table.text("reason", least: 10, rank: 1),
        ])
        table.rows = decisions.map {
            [
                .init($0.number), .init($0.at), .init($0.by), .init($0.kind.rawValue),
                .init($0.subject), .init($0.scope), .init($0.value),
                $0.until.map { .init($0) } ?? .init(""), .init($0.owner), .init($0.reason),
            ]
        }
        return table
    }

    package static func write(_ decision: Decision, _ out: inout JSONWriter) {
        out.beginObject()
        out.member("number", decision.number)
        out.member("at", decision.at.rfc3339)
        out.member("by", decision.by)
        out.member("decision", decision.kind.rawValue)
        out.member("subject", decision.subject)
        if !decision.isOfOwner { out.member("scope", decision.scope) }
        out.member("value", decision.value)
        out.member("until", orNull: decision.until?.rfc3339)
        out.member("owner", ifPresent: decision.owner.isEmpty ? nil : decision.owner)
        out.member("reason", ifPresent: decision.reason.isEmpty ? nil : decision.reason)
        out.endObject()
    }
}
