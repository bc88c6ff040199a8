package import Inventory

/// The alert rules that are in force: one line each.
package enum Policy {
    package static let rules: [any Rule] = [
        ShadowAIApp(),
        MCPUnsanctionedServer(),
        MCPToolChanged(),
        MCPHeaderMismatch(),
    ]

    /// The kinds of alert there are.
    package static var kinds: [String] { rules.map { type(of: $0).kind } }

    /// Every alert of every rule, sorted by kind, subject and host.
    package static func alerts(in snapshot: Snapshot) -> [Alert] {
        rules.flatMap { $0.alerts(in: snapshot) }.sorted {
            ($0.kind, $0.subject, $0.tenant) < ($1.kind, $1.subject, $1.tenant)
        }
    }
}
