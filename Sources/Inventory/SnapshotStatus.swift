import Wire

/// What somebody decided on each row: verdicts first, then the lists of what is sanctioned.
extension SnapshotReader {
    private func spot(
        _ address: IPAddress, _ attribution: Attribution, _ time: Timestamp
    ) -> VerdictIndex.Spot {
        VerdictIndex.Spot(
            addresses: identity.addresses(of: address), attribution: attribution, time: time)
    }

    func status(
        ofApp app: String, _ domain: String, on client: IPAddress, _ attribution: Attribution,
        at time: Timestamp
    ) -> (Status, String) {
        // A path stands behind the name where only both together told: who may use a host may use
        // its paths.
        let name = domain.firstIndex(of: "/").map { String(domain[..<$0]) } ?? domain
        let listed = appStatus(name, attribution.team)
        guard !verdicts.isEmpty else { return listed }
        return verdicts.ofApp(app, name, spot(client, attribution, time))?.over(listed) ?? listed
    }

    func status(
        ofAgent name: String, on host: IPAddress, _ attribution: Attribution, at time: Timestamp
    ) -> (Status, String) {
        let listed = agentStatus(name)
        guard !verdicts.isEmpty else { return listed }
        return verdicts.ofAgent(name, spot(host, attribution, time))?.over(listed) ?? listed
    }

    func status(
        ofMCPServer endpoint: Endpoint, _ attribution: Attribution, at time: Timestamp
    ) -> (Status, String) {
        let listed = endpointStatus(
            endpoint, organization.sanctionedMCPServers, organization.hasMCPPolicy,
            "sanctioned_mcp_servers")
        guard !verdicts.isEmpty else { return listed }
        return verdicts.ofMCPServer(endpoint, spot(endpoint.address, attribution, time))?
            .over(listed) ?? listed
    }

    func status(
        ofModelServer endpoint: Endpoint, _ attribution: Attribution, at time: Timestamp
    ) -> (Status, String) {
        let listed = endpointStatus(
            endpoint, organization.sanctionedModelServers, organization.hasModelPolicy,
            "sanctioned_llm_servers")
        guard !verdicts.isEmpty else { return listed }
        return verdicts.ofModelServer(endpoint, spot(endpoint.address, attribution, time))?
            .over(listed) ?? listed
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
