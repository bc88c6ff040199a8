package import Inventory
package import Policy
import Wire

/// One section as JSON: an array, or one object a line.
package enum SectionJSON {
    package static func render(_ section: Section, _ snapshot: Snapshot, isLines: Bool) -> String {
        switch section {
        case .summary, .apps: list(snapshot.apps, isLines, InventoryDocument.write)
        case .agents: list(snapshot.agents, isLines, InventoryDocument.write)
        case .mcp: list(snapshot.mcpServers, isLines, InventoryDocument.write)
        case .models: list(snapshot.modelEndpoints, isLines, InventoryDocument.write)
        case .hosts: list(snapshot.hosts, isLines, InventoryDocument.write)
        case .blindSpots: list(snapshot.blindSpots, isLines, InventoryDocument.write)
        case .agentServers: list(snapshot.agentServers, isLines, InventoryDocument.write)
        case .orphans: list(Orphan.all(snapshot), isLines, Orphan.write)
        case .declared: list(snapshot.declared, isLines, DeclaredRows.write)
        case .tools:
            list(
                snapshot.mcpServers.flatMap { server in server.tools.map { (server, $0) } }, isLines
            ) { pair, out in
                out.beginObject()
                out.member("id", EntityID.tool(pair.0.endpoint, pair.1.key))
                out.member("server", pair.0.endpoint.description)
                out.member("server_name", orNull: pair.0.name)
                out.member("owner", orNull: pair.0.attribution.owner)
                out.member("status", pair.0.status(ofTool: pair.1.key).status.rawValue)
                out.key("tool")
                InventoryDocument.writeTool(pair.1, &out)
                out.endObject()
            }
        case .teams:
            list(TeamFigures.of(snapshot), isLines) { team, out in
                out.beginObject()
                out.member("team", team.team)
                out.member("hosts", team.hosts)
                out.member("apps", team.apps)
                out.member("unsanctioned", team.unsanctioned)
                out.member("agents", team.agents)
                out.member("mcp_servers", team.mcpServers)
                out.member("without_owner", team.withoutOwner)
                out.endObject()
            }
        }
    }

    package static func render(_ alerts: [Alert], isLines: Bool) -> String {
        list(alerts, isLines, InventoryDocument.write)
    }

    package static func render(_ chains: [Chain], isLines: Bool) -> String {
        list(chains, isLines, InventoryDocument.write)
    }

    package static func render(_ decisions: [Decision], isLines: Bool) -> String {
        list(decisions, isLines, DecisionText.write)
    }

    package static func render(_ items: [ReviewItem], isLines: Bool) -> String {
        list(items, isLines, ReviewItem.write)
    }

    private static func list<Element>(
        _ rows: [Element], _ isLines: Bool, _ write: (Element, inout JSONWriter) -> Void
    ) -> String {
        var out = JSONWriter(pretty: !isLines)
        if !isLines { out.beginArray() }
        for row in rows {
            write(row, &out)
            if isLines { out.newline() }
        }
        if !isLines { out.endArray() }
        return out.text + (isLines ? "" : "\n")
    }
}
