import Catalog
package import Inventory
import Wire

/// An MCP server answers that is not on the list of sanctioned ones.
package struct MCPUnsanctionedServer: Rule {
    package static let kind = "mcp-unsanctioned-server"
    package static let meaning = "An MCP server answered that is not among the sanctioned ones."

    package init() {}

    package func alerts(in snapshot: Snapshot) -> [Alert] {
        snapshot.mcpServers.filter { $0.status == .unsanctioned }.map { server in
            let host = server.attribution.hostname ?? server.endpoint.address.description
            let team = server.attribution.team.map { " of team \($0)" } ?? ""
            let tools = server.tools.count == 1 ? "1 tool" : "\(server.tools.count) tools"
            return Alert(
                kind: Self.kind, severity: .high, host: Tenant(server.endpoint.address),
                subject: server.endpoint.description,
                detail: "MCP server \(server.name ?? "without a name") with \(tools) on "
                    + "\(host)\(team) is not on the list; " + Alert.answerer(server.attribution),
                attribution: server.attribution, time: server.firstSeen,
                lastSeen: server.lastSeen, row: server.id,
                evidence: MCPUnsanctionedServer.inOrder(server.evidence))
        }
    }

    /// What the server calls itself before what marks it as MCP: people read the first line.
    private static func inOrder(_ evidence: [Evidence]) -> [Evidence] {
        evidence.filter { $0.clue == .mcpServerInfo }
            + evidence.filter { $0.clue != .mcpServerInfo }
    }
}
