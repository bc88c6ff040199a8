package import Inventory
package import Wire

/// How soon somebody should look.
package enum Severity: String, Sendable, Comparable, CaseIterable {
    case low, medium, high

    private var rank: Int { self == .low ? 0 : self == .medium ? 1 : 2 }

    package static func < (left: Severity, right: Severity) -> Bool {
        left.rank < right.rank
    }
}

/// A row that breaks a rule. Its key is kind, subject and host, so evaluating twice makes one
/// alert.
package struct Alert: Sendable {
    package var id: String
    package var kind: String
    package var severity: Severity
    /// Who did it (shadow-ai-app) or where it runs (a server).
    package var host: IPAddress { tenant.address }
    /// The same, and its MAC address where other machines had the address too.
    package var tenant: Tenant
    package var subject: String
    package var detail: String
    package var attribution: Attribution
    /// Packet time of the first evidence.
    package var time: Timestamp
    package var lastSeen: Timestamp
    /// Id of the inventory row that breaks the rule: `tyto show` prints its evidence.
    package var row: String
    package var evidence: [Evidence]

    package init(
        kind: String, severity: Severity, host: Tenant, subject: String, detail: String,
        attribution: Attribution, time: Timestamp, lastSeen: Timestamp, row: String,
        evidence: [Evidence]
    ) {
        id = EntityID.of("alert", "\(kind)|\(subject)|\(host)")
        self.kind = kind
        self.severity = severity
        tenant = host
        self.subject = subject
        self.detail = detail
        self.attribution = attribution
        self.time = time
        self.lastSeen = lastSeen
        self.row = row
        self.evidence = evidence
    }

    /// Who answers for it, as the end of a sentence.
    static func answerer(_ attribution: Attribution) -> String {
        attribution.owner.map { "\($0) answers for it" } ?? "nobody is known to answer for it"
    }
}

/// One alert rule: a function of rows, so an old inventory can be judged again with the same
/// answer.
package protocol Rule: Sendable {
    /// The alert's kind, `shadow-ai-app`.
    static var kind: String { get }
    /// One sentence for people who meet the alert.
    static var meaning: String { get }
    func alerts(in snapshot: Snapshot) -> [Alert]
}
