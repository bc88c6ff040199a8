/// Where a name or a mark was seen; each has a fixed strength.
package enum Clue: String, Sendable, CaseIterable {
    /// server_name of a TLS ClientHello.
    case tlsSNI = "tls_sni"
    /// server_name of a ClientHello that may hide another one, with another name, in itself.
    case tlsOuterSNI = "tls_outer_sni"
    /// server_name of the hello in a QUIC connection.
    case quicSNI = "quic_sni"
    /// The same beside encrypted_client_hello: the outer name.
    case quicOuterSNI = "quic_outer_sni"
    /// A name in the certificate of a server that the client's hello did not name.
    case tlsCertificate = "tls_certificate"
    /// The authority of an HTTP CONNECT.
    case httpConnect = "http_connect"
    /// The name that a SOCKS proxy was asked for.
    case socksRequest = "socks_request"
    /// Host of a plaintext request.
    case httpHost = "http_host"
    /// Host and path of a plaintext request together, where the host serves other things too.
    case httpPath = "http_path"
    /// The client had just looked this name up, and then met the address it was told.
    case dnsAnswer = "dns"
    /// The name was only asked for.
    case dnsQuery = "dns_query"
    case userAgent = "user_agent"
    case mcpClientInfo = "mcp_client_info"
    case mcpServerInfo = "mcp_server_info"
    case mcpMessage = "mcp_message"
    case modelRequest = "model_request"
    case modelAnswer = "model_answer"
    /// A mark of a program that serves models.
    case runtimeMark = "runtime_mark"
    /// Model call, tool call, model call: what a program does, whatever it calls itself.
    case agentLoop = "agent_loop"
    /// A message between agents.
    case a2aMessage = "a2a_message"
    /// A message of another protocol in which somebody has an agent run.
    case agentMessage = "agent_message"
    /// What an agent says of itself at its well-known place.
    case agentCard = "agent_card"
    /// How a client's hello is put together, as the catalog knows it: a hint, whatever it says.
    case tlsFingerprint = "tls_fingerprint"
    case dhcp, arp
    /// The TTL of packets: who was on their way.
    case ttl
    case neighborDiscovery = "nd"
}

/// How much a piece of evidence carries.
package enum Strength: Int, Sendable, Comparable, CaseIterable {
    /// Points somewhere; never enough alone.
    case hint = 1
    /// Good evidence: the field is the other side's own word, or two facts that agree.
    case strong = 2
    /// Only this explains what was seen.
    case proof = 3

    package static func < (left: Strength, right: Strength) -> Bool {
        left.rawValue < right.rawValue
    }
    package var name: String { ["hint", "strong", "proof"][rawValue - 1] }
}

/// An app of the catalog, met under one of its domains.
package struct AppSighting: Sendable, Hashable {
    package var app: String  // the catalog id
    package var name: String
    package var category: String
    /// The domain as seen, lower case; behind it the path as the catalog has it, where that told.
    package var domain: String
    package var role: String
    package var clue: Clue
    /// Strength of domain and clue together.
    package var strength: Strength
    /// The catalog's entry that matched, and its source.
    package var matched: String
    package var source: String

    /// The first of the sources, between which ` ; ` stands.
    package var firstSource: String { AppSighting.first(of: source) }

    static func first(of source: String) -> String {
        let bytes = source.utf8.span
        for start in bytes.indices.dropLast(2)
        where bytes[start] == 32 && bytes[start + 1] == 59 && bytes[start + 2] == 32 {
            return String(Substring(source.utf8.prefix(start)))
        }
        return source.isEmpty ? "no source" : source
    }

    package init(
        app: String, name: String, category: String, domain: String, role: String, clue: Clue,
        strength: Strength, matched: String, source: String
    ) {
        self.app = app
        self.name = name
        self.category = category
        self.domain = domain
        self.role = role
        self.clue = clue
        self.strength = strength
        self.matched = matched
        self.source = source
    }
}

/// A program that names itself in a User-Agent.
package struct AgentSighting: Sendable, Hashable {
    /// The product: `aider` of `aider/0.86.2`, `OpenAI/Python` of `OpenAI/Python 3.54.0`.
    package var name: String
    package var version: String?
    package var userAgent: String
    /// Catalog id of the signature that matched, if one did.
    package var signature: String?

    package init(name: String, version: String?, userAgent: String, signature: String?) {
        self.name = name
        self.version = version
        self.userAgent = userAgent
        self.signature = signature
    }
}
