import Catalog
package import Inventory
import Wire

/// A tool of an MCP server says another thing than when it was first seen.
///
/// A view under other credentials or another revision of the protocol is no change, and neither are
/// servers of two versions behind one address; all three are shown with the tool.
package struct MCPToolChanged: Rule {
    package static let kind = "mcp-tool-changed"
    package static let meaning =
        "A tool's description, schema or annotations changed after it was first seen."

    package init() {}

    package func alerts(in snapshot: Snapshot) -> [Alert] {
        snapshot.mcpServers.flatMap { server in
            let tools = server.histories.filter { $0.kind == .tool }
            let changing = tools.filter { $0.count > 1 }
            return tools.compactMap { alert($0, server, changing, snapshot.depth) }
        }
    }

    /// `changing`: the server's tools of several versions.
    private func alert(
        _ history: ItemHistory, _ server: MCPServer, _ changing: [ItemHistory],
        _ depth: Snapshot.Depth
    ) -> Alert? {
        let changed = history.replacements
        guard let first = changed.first, let last = changed.last else { return nil }
        let changes = changed.flatMap(\.changes)
        let isUpgrade = changed.allSatisfy {
            MCPToolChanged.isUpgrade(at: $0, of: server, changing)
        }
        let named = MCPToolChanged.text(changes)
        var detail = "\(history.key) of MCP server \(server.name ?? "without a name"): \(named)"
        if changed.count > 1 { detail += ", in \(changed.count) changes" }
        if history.difference == .clients { detail += "; clients are told different things" }
        if isUpgrade { detail += "; with all tools, under a new version of the server" }
        detail += "; " + Alert.answerer(server.attribution)
        return Alert(
            kind: Self.kind, severity: isUpgrade ? .low : MCPToolChanged.severity(changes),
            host: Tenant(server.endpoint.address), subject: "\(server.endpoint)/\(history.key)",
            detail: detail, attribution: server.attribution, time: first.firstSeen,
            lastSeen: last.lastSeen, row: server.id,
            evidence: depth == .full ? changed.map(MCPToolChanged.evidence) : [])
    }

    /// What the model reads, or how harmless the tool claims to be, changed alone: nothing it does
    /// did.
    private static func severity(_ changes: [ItemChange]) -> Severity {
        let parts = Set(changes.map(\.part))
        if changes.contains(where: \.isSafer) { return .high }
        if parts.contains(.text), !parts.contains(.shape) { return .high }
        return parts.contains(.shape) || parts.contains(.bytes) ? .medium : .low
    }

    /// Every tool changed with this one, just when the server gave itself another version.
    private static func isUpgrade(
        at version: ItemVersion, of server: MCPServer, _ changing: [ItemHistory]
    ) -> Bool {
        let window: Int64 = 60_000_000_000
        let near = { (time: Timestamp) in
            (-window...window).contains(time.nanoseconds(since: version.firstSeen))
        }
        return changing.count > 1 && server.versions.count > 1
            && server.versions.contains { near($0.firstSeen) }
            && changing.count == server.tools.count { !$0.digest.isEmpty }
            && changing.allSatisfy { tool in
                tool.versions.contains { !$0.changes.isEmpty && near($0.firstSeen) }
            }
    }

    private static func text(_ changes: [ItemChange]) -> String {
        var names: [String] = []
        for change in changes {
            let name = change.part == .text ? "text of \(change.what) changed" : change.what
            if !names.contains(name) { names.append(name) }
        }
        let rest = names.count > 6 ? " and \(names.count - 6) more" : ""
        return names.prefix(6).joined(separator: ", ") + rest
    }

    private static func evidence(_ version: ItemVersion) -> Evidence {
        Evidence(
            clue: .mcpMessage, strength: .proof, firstSeen: version.firstSeen,
            lastSeen: version.lastSeen, flow: version.flow,
            detail: "a list gives version \(version.digest): \(text(version.changes))",
            count: version.count)
    }
}
