import Wire

/// OAuth around MCP: who grants what to whom, and no secret of it.
extension EVE {
    func write(
        _ message: AuthorizationMessage, _ carrier: Carrier, _ event: Event, _ flow: FlowReference
    ) {
        begin("oauth", event, flow, isTurned: event.side == .server)
        writer.key("oauth")
        writer.beginObject()
        writer.member("kind", message.kind.rawValue)
        writer.member("url", ifPresent: carrier.request?.path)
        if let status = carrier.response?.status { writer.member("status", status) }
        writer.member("resource", ifPresent: message.resource)
        writer.member("issuer", ifPresent: message.issuer)
        writer.member("resource_metadata", ifPresent: message.metadata)
        if !message.servers.isEmpty { writer.member("authorization_servers", message.servers) }
        if !message.scopes.isEmpty { writer.member("scopes", message.scopes) }
        writer.member("error", ifPresent: message.error)
        writer.member("grant_type", ifPresent: message.grant)
        writer.member("client_id", ifPresent: message.client)
        writer.member("client_name", ifPresent: message.clientName)
        if !message.redirectHosts.isEmpty { writer.member("redirect_hosts", message.redirectHosts) }
        if !message.features.isEmpty { writer.member("features", message.features) }
        if message.hasSecret { writer.member("client_secret", true) }
        if message.hasRefreshToken { writer.member("refresh_token", true) }
        if let lifetime = message.lifetime { writer.member("expires_in", lifetime) }
        writer.endObject()
        end()
    }

    /// What a bearer token claims, as a member of the event of the request that bears it.
    func write(_ claims: TokenClaims) {
        writer.key("token")
        writer.beginObject()
        writer.member("type", ifPresent: claims.type)
        writer.member("issuer", ifPresent: claims.issuer)
        if let subject = claims.subject { write("subject", subject) }
        if !claims.audience.isEmpty { writer.member("audience", claims.audience) }
        if let client = claims.client { write("client", client) }
        if !claims.scopes.isEmpty { writer.member("scopes", claims.scopes) }
        if !claims.actors.isEmpty {
            writer.member("actors", claims.actors.map { $0.name ?? EVE.person })
        }
        if let expires = claims.expires {
            writer.member("expires", expires)
            if let issued = claims.issued {
                writer.member("lifetime", max(0, expires.subtractingReportingOverflow(issued).0))
            }
        }
        writer.endObject()
    }

    /// Stands for a name that may be a person's.
    private static let person = "***"

    private func write(_ name: String, _ principal: Principal) {
        writer.member(name, principal.name ?? EVE.person)
    }
}
