import Inventory
import Wire

/// Parts of a report that tell what happened: who asked whom for whom, and what changed.
struct ReportStory {
    /// Chains and changes that a report shows; what is beyond is counted.
    private static let shown = 200

    let snapshot: Snapshot
    let since: Timestamp
    /// Makes a stranger's text safe for the format.
    let safe: (String?) -> String

    var dictionary: [String: Any] {
        let (chains, changes) = (chains, changes)
        return [
            "chains": Array(chains.prefix(ReportStory.shown)), "hasChains": !chains.isEmpty,
            "moreChains": ReportStory.more(chains.count),
            "changes": Array(changes.prefix(ReportStory.shown)),
            "hasChanges": !changes.isEmpty, "moreChanges": ReportStory.more(changes.count),
        ]
    }

    /// `12 more`; nothing where all are shown.
    private static func more(_ count: Int) -> [String] {
        count > shown ? ["\(count - shown) more"] : []
    }

    // MARK: - Delegations

    private var chains: [[String: Any]] {
        let names = ChainText.names(of: snapshot.hosts)
        return snapshot.chains.filter { $0.lastSeen >= since }.map { chain in
            let first = chain.hops.first
            let start = first.map { ChainText.place($0.fromName, $0.from, nil, names) }
            let last = chain.hops.last
            let end = last.map { ChainText.place($0.toName, $0.to.address, $0.to.port, names) }
            return [
                "id": chain.id, "sure": ChainText.share(chain.confidence),
                "start": safe(start), "end": safe(end),
                "owner": safe(chain.attribution.owner ?? "nobody is known"),
                "name": chain.delegators.isEmpty
                    ? "" : safe(ChainText.text(of: chain.delegators)),
                "hasName": !chain.delegators.isEmpty,
                "hops": chain.hops.map { hop(of: $0, names) },
            ]
        }
    }

    private func hop(
        of hop: Chain.Hop, _ names: [IPAddress: String]
    ) -> [String: Any] {
        let how =
            hop.witnesses.isEmpty
            ? []
            : [
                "by \(hop.witnesses.map(\.rawValue).joined(separator: ", ")), "
                    + "sure \(ChainText.share(hop.confidence))"
            ]
        let asked = hop.models.map { safe(ChainText.text(of: $0)) }
        return [
            "what": safe("\(hop.kind) \(hop.what)"), "count": Words.plural(hop.count, "time"),
            "to": safe(ChainText.place(hop.toName, hop.to.address, hop.to.port, names)),
            "how": how + asked,
        ]
    }

    // MARK: - Changes

    private struct Change {
        var time: Timestamp
        var server: MCPServer
        var item: String
        var what: String
        var told: String
    }

    /// What servers say of themselves and their tools, where it changed, by time.
    private var changes: [[String: String]] {
        snapshot.mcpServers.flatMap(changes).filter { $0.time >= since }.sorted {
            ($0.time, $0.server.endpoint, $0.item, $0.what)
                < ($1.time, $1.server.endpoint, $1.item, $1.what)
        }.map { change in
            [
                "time": String(change.time.rfc3339.prefix(16)).replacing("T", with: " "),
                "server": safe(change.server.name ?? change.server.endpoint.description),
                "endpoint": safe(change.server.endpoint.description), "id": change.server.id,
                "item": safe(change.item), "what": safe(change.what), "told": safe(change.told),
                "owner": safe(change.server.attribution.owner ?? "nobody is known"),
            ]
        }
    }

    private func changes(of server: MCPServer) -> [Change] {
        zip(server.instructions, server.instructions.dropFirst()).map { old, new in
            Change(
                time: new.firstSeen, server: server, item: "instructions",
                what: ServerText.what(new, behind: old), told: "")
        } + server.histories.flatMap { changes(of: $0, server) }
    }

    private func changes(of history: ItemHistory, _ server: MCPServer) -> [Change] {
        let item = "\(history.kind.rawValue) \(history.key)"
        var found = history.versions.filter { !$0.changes.isEmpty }.map { version in
            Change(
                time: version.firstSeen, server: server, item: item,
                what: ServerText.what(version), told: ReportStory.told(version))
        }
        if let difference = history.difference {
            found.append(
                Change(
                    time: history.lastListed, server: server, item: item,
                    what: "told differently \(ServerText.reason(difference))", told: ""))
        }
        if let removed = history.removed {
            found.append(
                Change(time: removed, server: server, item: item, what: "removed", told: ""))
        }
        return found
    }

    private static func told(_ version: ItemVersion) -> String {
        let clients = Set(version.tellings.map(\.client)).sorted()
        let more = clients.count > 8 ? " and \(clients.count - 8) more" : ""
        return clients.prefix(8).map(\.description).joined(separator: ", ") + more
    }
}
