import Catalog
package import Inventory
import Wire

/// A request to an MCP server says one thing to who reads it one way and another to who reads it
/// another way: headers against body, doubled members, lengths that conflict.
package struct MCPHeaderMismatch: Rule {
    package static let kind = "mcp-header-mismatch"
    package static let meaning =
        "Requests to an MCP server can be read in two ways: past a guard that reads the other one."

    package init() {}

    package func alerts(in snapshot: Snapshot) -> [Alert] {
        snapshot.mcpServers.compactMap { server in
            guard let first = server.oddities.map(\.firstSeen).min(),
                let last = server.oddities.map(\.lastSeen).max()
            else { return nil }
            // A server that refuses is a defended one.
            let isRefused = server.oddities.allSatisfy { $0.refused == $0.count }
            let isAccepted = server.oddities.contains { $0.accepted > 0 }
            let what = server.oddities.map { oddity in
                "\(oddity.count) with \(oddity.name) by \(oddity.client)"
            }
            let outcome =
                isRefused
                ? "all were refused"
                : isAccepted ? "the server acted on some" : "no answer was seen to some"
            return Alert(
                kind: Self.kind, severity: isRefused ? .low : .high,
                host: Tenant(server.endpoint.address), subject: server.endpoint.description,
                detail: "requests that can be read in two ways: "
                    + "\(what.prefix(4).joined(separator: ", ")); \(outcome); "
                    + Alert.answerer(server.attribution),
                attribution: server.attribution, time: first, lastSeen: last, row: server.id,
                evidence: server.evidence.filter { $0.detail.hasPrefix("a request with ") })
        }
    }
}
