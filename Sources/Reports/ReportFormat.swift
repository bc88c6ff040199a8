package import Inventory
package import Policy
package import Wire

/// What a report is made from: the inventory, its alerts, and the window that is asked about.
package struct ReportContent: Sendable {
    package var snapshot: Snapshot
    package var alerts: [Alert]
    /// What was first seen at or after this time is new.
    package var since: Timestamp

    package init(snapshot: Snapshot, alerts: [Alert], since: Timestamp) {
        self.snapshot = snapshot
        self.alerts = alerts
        self.since = since
    }
}

/// A document that people read.
package protocol ReportFormat: Sendable {
    /// The file's ending, without the dot.
    static var fileExtension: String { get }
    init()
    func render(_ content: ReportContent) throws -> String
}

/// The formats a report is written in: one line each.
package enum ReportFormats {
    package static let all: [any ReportFormat.Type] = [
        HTMLReport.self,
        MarkdownReport.self,
    ]
}
