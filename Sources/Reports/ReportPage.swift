import Catalog
import Inventory
import Policy
import Wire

/// The words and figures of a report, in the order a reader needs them, for the templates to lay
/// out.
struct ReportPage {
    private let content: ReportContent
    private let snapshot: Snapshot
    /// Makes a stranger's text safe for the format; the templates insert it as it is.
    private let escape: (String) -> String

    init(_ content: ReportContent, escape: @escaping (String) -> String) {
        self.content = content
        snapshot = content.snapshot
        self.escape = escape
    }

    var dictionary: [String: Any] {
        let unsanctioned = teams()
        let story = ReportStory(snapshot: snapshot, since: content.since) { safe($0) }
        let page: [String: Any] = [
            "from": minute(content.since), "to": minute(snapshot.end),
            "day": String(snapshot.end.rfc3339.prefix(10)), "figures": figures(), "new": new(),
            "hasNew": !new().isEmpty, "teams": unsanctioned,
            "hasUnsanctioned": !unsanctioned.isEmpty, "servers": servers(),
            "hasServers": !snapshot.mcpServers.isEmpty, "agents": agents(),
            "hasAgents": !snapshot.agents.isEmpty, "models": models(),
            "hasModels": !snapshot.modelEndpoints.isEmpty, "orphans": orphans(),
            "hasOrphans": !orphans().isEmpty, "drops": drops(), "hasDrops": !drops().isEmpty,
            "sources": sources(),
        ]
        return page.merging(story.dictionary) { page, _ in page }
    }

    private func minute(_ time: Timestamp) -> String {
        String(time.rfc3339.prefix(16)).replacing("T", with: " ")
    }

    private func safe(_ text: String?) -> String { escape(Words.harmless(text ?? "–")) }

    private func who(_ attribution: Attribution, _ address: IPAddress) -> String {
        safe(attribution.hostname.map { "\($0) (\(address))" } ?? address.description)
    }

    private func owner(_ attribution: Attribution) -> String {
        safe(attribution.owner ?? "nobody is known")
    }

    // MARK: - Parts

    private func figures() -> [[String: String]] {
        let used = snapshot.apps.filter { $0.strength >= .strong }
        let tools = snapshot.mcpServers.reduce(0) { $0 + $1.tools.count }
        let rows: [(Int, String)] = [
            (content.alerts.count, content.alerts.count == 1 ? "alert" : "alerts"),
            (Set(used.map(\.app)).count, "AI apps in use"), (snapshot.agents.count, "agents"),
            (snapshot.mcpServers.count, "MCP servers"), (tools, "tools"),
            (snapshot.modelEndpoints.count, "model endpoints"), (snapshot.hosts.count, "hosts"),
        ]
        return rows.map { ["number": String($0.0), "name": $0.1] }
    }

    private func new() -> [[String: String]] {
        var rows: [(Timestamp, [String: String])] = []
        func add(
            _ time: Timestamp, _ kind: String, _ what: String, _ place: String, _ owner: String
        ) {
            guard time >= content.since else { return }
            rows.append(
                (
                    time,
                    [
                        "time": minute(time), "kind": kind, "what": what, "where": place,
                        "owner": owner,
                    ]
                )
            )
        }
        for app in snapshot.apps where app.strength >= .strong {
            add(
                app.firstSeen, "AI app", safe("\(app.name) (\(app.domain))"),
                who(app.attribution, app.host), owner(app.attribution))
        }
        for server in snapshot.mcpServers {
            add(
                server.firstSeen, "MCP server",
                safe("\(server.name ?? "no name") at \(server.endpoint)"),
                who(server.attribution, server.endpoint.address), owner(server.attribution))
        }
        for agent in snapshot.agents {
            add(
                agent.firstSeen, "agent", safe("\(agent.name) \(agent.version ?? "")"),
                who(agent.attribution, agent.host), owner(agent.attribution))
        }
        return rows.sorted { ($0.0, $0.1["what"] ?? "") < ($1.0, $1.1["what"] ?? "") }.map(\.1)
    }

    /// What nobody approved, by team, each with its first piece of evidence.
    private func teams() -> [[String: Any]] {
        var groups: [String: [[String: String]]] = [:]
        for alert in content.alerts.sorted(by: {
            ($1.severity, $0.kind, $0.subject) < ($0.severity, $1.kind, $1.subject)
        }) {
            let first = alert.evidence.first
            let evidence = first.map {
                "\($0.strength.name), \($0.clue.rawValue): \($0.detail); \($0.flow.isEmpty ? "" : $0.flow + " at ")"
                    + $0.firstSeen.rfc3339
            }
            groups[alert.attribution.team ?? "", default: []].append([
                "severity": alert.severity.rawValue, "kind": alert.kind,
                "subject": safe(alert.subject), "detail": safe(alert.detail),
                "owner": owner(alert.attribution), "evidence": safe(evidence), "id": alert.id,
                "who": who(alert.attribution, alert.host),
            ])
        }
        return groups.sorted { ($0.key.isEmpty ? 1 : 0, $0.key) < ($1.key.isEmpty ? 1 : 0, $1.key) }
            .map { team, rows in
                [
                    "team": safe(team.isEmpty ? "no team" : team), "rows": rows,
                    "count": Words.plural(rows.count, "finding"),
                ]
            }
    }

    private func servers() -> [[String: String]] {
        snapshot.mcpServers.map { server in
            [
                "endpoint": safe("\(server.endpoint)\(server.path)"), "name": safe(server.name),
                "version": safe(server.version ?? ""), "transport": safe(server.transport),
                "auth": safe(server.auth), "status": server.status.rawValue,
                "tools": safe(server.tools.map(\.key).joined(separator: ", ")),
                "clients": safe(
                    Set(server.clients.map { "\($0.name) on \($0.host)" }).sorted()
                        .joined(separator: ", ")),
                "who": who(server.attribution, server.endpoint.address),
                "team": safe(server.attribution.team), "owner": owner(server.attribution),
                "id": server.id,
            ]
        }
    }

    private func agents() -> [[String: String]] {
        snapshot.agents.map { agent in
            let reaches = agent.mcpServers.map(\.description) + agent.models
            return [
                "name": safe(agent.name), "version": safe(agent.versions.joined(separator: ", ")),
                "kind": safe(agent.kind.rawValue), "who": who(agent.attribution, agent.host),
                "team": safe(agent.attribution.team), "owner": owner(agent.attribution),
                "reaches": safe(reaches.joined(separator: ", ")), "id": agent.id,
            ]
        }
    }

    private func models() -> [[String: String]] {
        snapshot.modelEndpoints.map { model in
            [
                "endpoint": safe("\(model.endpoint)\(model.path)"), "api": safe(model.api),
                "models": safe(model.models.joined(separator: ", ")),
                "requests": String(model.requests), "status": model.status.rawValue,
                "who": who(model.attribution, model.endpoint.address),
                "owner": owner(model.attribution), "id": model.id,
            ]
        }
    }

    private func orphans() -> [[String: String]] {
        snapshot.hosts.filter { $0.attribution.owner == nil && !$0.isRouter }.map {
            ["host": who($0.attribution, $0.address), "team": safe($0.attribution.team)]
        }
    }

    private func drops() -> [[String: String]] {
        var total: [String: Int] = [:]
        for source in snapshot.sources { total.merge(source.drops, uniquingKeysWith: +) }
        return total.sorted { $0.key < $1.key }.map {
            ["cause": $0.key, "count": String($0.value)]
        }
    }

    private func sources() -> [[String: String]] {
        snapshot.sources.map {
            [
                "name": safe($0.name), "packets": String($0.packets),
                "bytes": Words.bytes($0.bytes), "first": minute($0.first), "last": minute($0.last),
            ]
        }
    }
}
