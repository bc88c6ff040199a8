package import Inventory
package import Wire

/// How soon somebody should look.
package enum Severity: String, Sendable, Comparable, CaseIterable {
    case low, medium, high

    package static func < (left: Severity, right: Severity) -> Bool {
        allCases.firstIndex(of: left)! < allCases.firstIndex(of: right)!
    }
}

/// A row that breaks a rule. Its key is kind, subject and host, so evaluating twice makes one alert.
package struct Alert: Sendable {
    package var id: String
    package var kind: String
    package var severity: Severity
    /// Who did it (shadow-ai-app) or where it runs (a server).
    package var host: IPAddress
    package var subject: String
    package var detail: String
    package var attribution: Attribution
    /// Packet time of the first evidence.
    package var time: Timestamp
    package var lastSeen: Timestamp
    /// Id of the inventory row that breaks the rule: `tyto show` prints its evidence.
    package var row: String
    package var evidence: [Evidence]
}

/// One alert rule: a function of rows, so an old inventory can be judged again with the same answer.
package protocol Rule: Sendable {
    /// The alert's kind, `shadow-ai-app`.
    static var kind: String { get }
    /// One sentence for people who meet the alert.
    static var meaning: String { get }
    func alerts(in snapshot: Snapshot) -> [Alert]
}
