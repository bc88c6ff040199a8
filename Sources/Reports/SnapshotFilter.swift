package import Inventory
package import Wire

/// Which rows are wanted.
package struct SnapshotFilter: Sendable {
    /// Only what was seen at or after this packet time.
    package var since: Timestamp?
    package var team: String?
    /// An address or a host name.
    package var host: String?
    /// All addresses of the machine whose address `host` is: rows bear one of them.
    private let machine: [IPAddress]
    package var status: Status?

    package init(
        since: Timestamp? = nil, team: String? = nil, host: String? = nil, status: Status? = nil,
        of snapshot: Snapshot
    ) {
        self.since = since
        self.team = team
        self.host = host
        self.status = status
        let address = host.flatMap { IPAddress($0) }
        machine =
            address.map { wanted in
                snapshot.hosts.first { $0.addresses.contains(wanted) }?.addresses ?? [wanted]
            } ?? []
    }

    package func apply(to snapshot: Snapshot) -> Snapshot {
        var out = snapshot
        out.hosts = snapshot.hosts.filter {
            matches($0.attribution, $0.addresses, $0.lastSeen) && status == nil
        }
        out.apps = snapshot.apps.filter {
            matches($0.attribution, [$0.host], $0.lastSeen) && matches($0.status)
        }
        out.agents = snapshot.agents.filter {
            matches($0.attribution, [$0.host], $0.lastSeen) && matches($0.status)
        }
        out.blindSpots = snapshot.blindSpots.filter {
            matches($0.attribution, [$0.host], $0.lastSeen) && status == nil
        }
        out.chains = snapshot.chains.filter {
            matches($0.attribution, $0.path, $0.lastSeen) && status == nil
        }
        out.agentServers = snapshot.agentServers.filter {
            matches($0.attribution, [$0.endpoint.address], $0.lastSeen) && status == nil
        }
        out.modelRuntimes = snapshot.modelRuntimes.filter {
            matches($0.attribution, [$0.endpoint.address], $0.lastSeen) && status == nil
        }
        out.mcpServers = snapshot.mcpServers.filter {
            matches($0.attribution, [$0.endpoint.address], $0.lastSeen)
                && (matches($0.status) || $0.toolStatuses.values.contains { matches($0.status) })
        }
        out.modelEndpoints = snapshot.modelEndpoints.filter {
            matches($0.attribution, [$0.endpoint.address], $0.lastSeen) && matches($0.status)
        }
        out.declared = snapshot.declared.filter { row in
            status == nil
                && (row.lastSeen.map { matches(row.attribution, [row.host].compactMap { $0 }, $0) }
                    ?? (host == nil))
        }
        let endpoints = Set(out.modelEndpoints.map(\.endpoint))
        out.models = snapshot.models.filter { model in
            isRecent(model.lastSeen)
                && (team == nil && host == nil && status == nil
                    || model.endpoints.contains { endpoints.contains($0) })
        }
        return out
    }

    package func matches(
        _ attribution: Attribution, _ addresses: [IPAddress], _ last: Timestamp
    ) -> Bool {
        guard isRecent(last) else { return false }
        if let team, attribution.team?.lowercased() != team.lowercased() { return false }
        guard let host else { return true }
        if !machine.isEmpty { return addresses.contains { machine.contains($0) } }
        return attribution.hostname?.lowercased() == host.lowercased()
    }

    private func isRecent(_ last: Timestamp) -> Bool { since.map { last >= $0 } ?? true }

    private func matches(_ other: Status) -> Bool { status == nil || status == other }
}
