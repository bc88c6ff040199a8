import Catalog
package import Inventory
package import Wire

/// Something in use that nobody decided on, or that stands against the policy.
package struct ReviewItem: Sendable {
    /// As `tyto review set` takes it.
    package var subject: String
    package var name: String
    package var status: Status
    package var reason: String
    /// Where it is used, or where it stands.
    package var hosts: Int
    package var teams: [String]
    package var owners: [String]
    package var lastSeen: Timestamp

    /// By subject; of an app, each domain.
    package static func waiting(in snapshot: Snapshot) -> [ReviewItem] {
        var found: [String: ReviewItem] = [:]
        var hosts: [String: Set<IPAddress>] = [:]
        func add(
            _ subject: String, _ name: String, _ status: Status, _ reason: String,
            _ host: IPAddress, _ attribution: Attribution, _ last: Timestamp
        ) {
            guard status == .unreviewed || status == .unsanctioned else { return }
            let key = "\(subject) \(status.rawValue)"
            hosts[key, default: []].insert(host)
            var item =
                found[key]
                ?? ReviewItem(
                    subject: subject, name: name, status: status, reason: reason, hosts: 0,
                    teams: [], owners: [], lastSeen: last)
            item.hosts = hosts[key]?.count ?? 0
            if let team = attribution.team, !item.teams.contains(team) { item.teams.append(team) }
            if let owner = attribution.owner, !item.owners.contains(owner) {
                item.owners.append(owner)
            }
            item.lastSeen = max(item.lastSeen, last)
            found[key] = item
        }
        for app in snapshot.apps where app.strength >= .strong {
            add(
                "domain:\(app.domainName)", app.name, app.status, app.statusReason, app.host,
                app.attribution, app.lastSeen)
        }
        for agent in snapshot.agents {
            add(
                "agent:\(agent.name.lowercased())", agent.name, agent.status, agent.statusReason,
                agent.host, agent.attribution, agent.lastSeen)
        }
        for server in snapshot.mcpServers {
            add(
                "mcp:\(server.endpoint)", server.name ?? "", server.status, server.statusReason,
                server.endpoint.address, server.attribution, server.lastSeen)
            for (tool, status) in server.toolStatuses {
                add(
                    "tool:\(tool)@\(server.endpoint)", tool, status.status, status.reason,
                    server.endpoint.address, server.attribution, server.lastSeen)
            }
        }
        for model in snapshot.modelEndpoints {
            add(
                "llm:\(model.endpoint)", model.api, model.status, model.statusReason,
                model.endpoint.address, model.attribution, model.lastSeen)
        }
        return found.values.map {
            var item = $0
            item.teams.sort()
            item.owners.sort()
            return item
        }.sorted {
            ($0.status == .unsanctioned ? 0 : 1, -$0.hosts, $0.subject)
                < ($1.status == .unsanctioned ? 0 : 1, -$1.hosts, $1.subject)
        }
    }

    package static func table(of items: [ReviewItem]) -> Table {
        var table = Table([
            Table.text("subject", least: 20), Table.text("name", least: 10),
            Table.text("status", least: 12), Table.number("hosts"),
            Table.text("teams", least: 8, rank: 2), Table.text("owners", least: 10, rank: 1),
            Table.text("for", least: 20, rank: 3), Table.text("last seen", least: 19, rank: 4),
        ])
        table.rows = items.map {
            [
                .init($0.subject), .init($0.name), .init($0.status.rawValue), .init($0.hosts),
                .init($0.teams), .init($0.owners), .init($0.reason), .init($0.lastSeen),
            ]
        }
        return table
    }

    package static func write(_ item: ReviewItem, _ out: inout JSONWriter) {
        out.beginObject()
        out.member("subject", item.subject)
        out.member("name", item.name)
        out.member("status", item.status.rawValue)
        out.member("status_reason", item.reason)
        out.member("hosts", item.hosts)
        out.member("teams", item.teams)
        out.member("owners", item.owners)
        out.member("last_seen", item.lastSeen.rfc3339)
        out.endObject()
    }
}
