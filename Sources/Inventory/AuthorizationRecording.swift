import Codecs
import Wire

/// OAuth around a server: what it asks for, who grants it, and who registered.
extension Recording {
    mutating func record(
        _ message: AuthorizationMessage, _ carrier: Carrier, _ event: Event
    ) {
        guard let flow = event.flow, let server = endpoint(carrier, flow) else { return }
        let subject = text(of: server).subject
        let note = { (recording: inout Recording, what: AuthorizationFact, value: String?) in
            guard let value, !value.isEmpty else { return }
            recording.fact(
                subject, .authorization, Recording.shortened(value, to: 512), event.time,
                detail: what.rawValue)
        }
        note(&self, .step, message.kind.rawValue)
        note(&self, .resource, message.resource)
        note(&self, .issuer, message.issuer)
        note(&self, .metadata, message.metadata)
        for url in message.servers { note(&self, .server, url) }
        for scope in message.scopes { note(&self, .scope, scope) }
        for host in message.redirectHosts { note(&self, .redirect, host) }
        note(&self, .client, message.client ?? message.clientName)
        note(&self, .grant, message.grant)
        if message.kind != .registration { note(&self, .error, message.error) }
        if message.hasSecret { note(&self, .secret, "client_secret") }
        if message.hasRefreshToken { note(&self, .secret, "refresh_token") }
    }

    /// What the token of an MCP request says of itself.
    mutating func record(_ claims: TokenClaims, _ server: Endpoint, _ event: Event) {
        let subject = text(of: server).subject
        if let issuer = claims.issuer {
            fact(
                subject, .authorization, Recording.shortened(issuer, to: 512), event.time,
                detail: AuthorizationFact.tokenIssuer.rawValue)
        }
        for audience in claims.audience {
            fact(
                subject, .authorization, Recording.shortened(audience, to: 512), event.time,
                detail: AuthorizationFact.tokenAudience.rawValue)
        }
    }
}

/// What an `authorization` fact says: its detail.
package enum AuthorizationFact: String, Sendable, CaseIterable {
    case step, resource, issuer, metadata, server, scope, redirect, client, grant, error, secret
    /// As a bearer token claims.
    case tokenIssuer = "token_issuer"
    case tokenAudience = "token_audience"
}
