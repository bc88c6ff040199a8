import Wire

/// What somebody decided on each row: verdicts first, then the lists of what is sanctioned.
extension SnapshotReader {
    private func spot(
        _ address: IPAddress, _ attribution: Attribution, _ time: Timestamp
    ) -> VerdictIndex.Spot {
        VerdictIndex.Spot(
            addresses: identity.addresses(of: address), attribution: attribution, time: time)
    }

    /// What the verdicts say over a list. Where there is none, nothing of the spot is worked out.
    private func status(
        _ listed: (Status, String), at address: IPAddress, _ attribution: Attribution,
        _ time: Timestamp, _ ruling: (VerdictIndex.Spot) -> VerdictIndex.Ruling?
    ) -> (Status, String) {
        guard !verdicts.isEmpty else { return listed }
        return ruling(spot(address, attribution, time))?.over(listed) ?? listed
    }

    func status(
        ofApp app: String, _ domain: String, on client: IPAddress, _ attribution: Attribution,
        at time: Timestamp
    ) -> (Status, String) {
        // A path stands behind the name where only both together told: who may use a host may use
        // its paths.
        let name = domain.firstIndex(of: "/").map { String(domain[..<$0]) } ?? domain
        return status(appStatus(name, attribution.team), at: client, attribution, time) {
            verdicts.ofApp(app, name, $0)
        }
    }

    func status(
        ofAgent name: String, on host: IPAddress, _ attribution: Attribution, at time: Timestamp
    ) -> (Status, String) {
        status(agentStatus(name), at: host, attribution, time) { verdicts.ofAgent(name, $0) }
    }

    func status(
        ofMCPServer endpoint: Endpoint, _ attribution: Attribution, at time: Timestamp
    ) -> (Status, String) {
        let listed = endpointStatus(
            endpoint, organization.sanctionedMCPServers, organization.hasMCPPolicy,
            "sanctioned_mcp_servers")
        return status(listed, at: endpoint.address, attribution, time) {
            verdicts.ofMCPServer(endpoint, $0)
        }
    }

    func status(
        ofModelServer endpoint: Endpoint, _ attribution: Attribution, at time: Timestamp
    ) -> (Status, String) {
        let listed = endpointStatus(
            endpoint, organization.sanctionedModelServers, organization.hasModelPolicy,
            "sanctioned_llm_servers")
        return status(listed, at: endpoint.address, attribution, time) {
            verdicts.ofModelServer(endpoint, $0)
        }
    }

    /// The tools of which something else was said than of their server, by name.
    func verdicts(
        ofTools tools: [ListedItem], of endpoint: Endpoint, _ attribution: Attribution,
        at time: Timestamp
    ) -> [String: MCPServer.ToolStatus] {
        guard !verdicts.isEmpty else { return [:] }
        let spot = spot(endpoint.address, attribution, time)
        var found: [String: MCPServer.ToolStatus] = [:]
        for tool in tools {
            guard let ruling = verdicts.ofTool(tool.key, of: endpoint, spot),
                let status = ruling.status
            else { continue }
            found[tool.key] = .init(status: status, reason: ruling.reason)
        }
        return found
    }

    // MARK: - Lists

    private func agentStatus(_ name: String) -> (Status, String) {
        guard organization.hasAgentPolicy else {
            return (.unreviewed, "the configuration has no sanctioned_agents")
        }
        if let pattern = organization.sanctionedAgents.first(where: { $0.matches(name) }) {
            return (.sanctioned, "\(pattern) is in sanctioned_agents")
        }
        return (.unsanctioned, "\(name) is not in sanctioned_agents")
    }

    private func endpointStatus(
        _ endpoint: Endpoint, _ sanctioned: [Endpoint], _ hasPolicy: Bool, _ list: String
    ) -> (Status, String) {
        guard hasPolicy else { return (.unreviewed, "the configuration has no \(list)") }
        return sanctioned.contains { identity.canonical($0) == endpoint }
            ? (.sanctioned, "\(endpoint) is in \(list)")
            : (.unsanctioned, "\(endpoint) is not in \(list)")
    }

    private func appStatus(_ domain: String, _ team: String?) -> (Status, String) {
        guard organization.hasAppPolicy else {
            return (.unreviewed, "the configuration has no sanctioned_apps")
        }
        guard let team else {
            return (.unreviewed, "no configured network holds this host, so no team's list applies")
        }
        let listed = (organization.sanctionedApps[team] ?? []).first {
            let allowed = $0.lowercased()
            return domain == allowed || domain.hasSuffix("." + allowed)
        }
        if let listed { return (.sanctioned, "\(listed) is in sanctioned_apps of team \(team)") }
        return (.unsanctioned, "\(domain) is not in sanctioned_apps of team \(team)")
    }
}
