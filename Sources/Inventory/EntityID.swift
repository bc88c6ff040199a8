import Codecs
package import Wire

/// Short names of entities, the same in every run and every database.
package enum EntityID {
    /// `app-3f9a1c0b7d`: the kind and ten hex digits of FNV-1a over the key.
    package static func of(_ kind: String, _ key: String) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        let bytes = key.utf8.span
        // The product wraps, as FNV means it to.
        for at in bytes.indices { hash = (hash ^ UInt64(bytes[at])) &* 0x100_0000_01b3 }
        var text = Array(kind.utf8)
        text.append(UInt8(ascii: "-"))
        for shift in stride(from: 60, to: 20, by: -4) {
            text.append(Hash.digit(UInt8(truncatingIfNeeded: hash >> shift & 15)))
        }
        return String(decoding: text, as: UTF8.self)
    }

    static func app(_ client: Tenant, _ domain: String) -> String {
        of("app", client.description + "|" + domain)
    }
    static func agent(_ host: Tenant, _ name: String) -> String {
        of("agent", host.description + "|" + name)
    }
    static func runtime(_ endpoint: Endpoint) -> String { of("runtime", endpoint.description) }
    static func agentServer(_ endpoint: Endpoint) -> String { of("served", endpoint.description) }
    static func mcp(_ endpoint: Endpoint) -> String { mcpText(endpoint.description) }
    static func mcpText(_ endpoint: String) -> String { of("mcp", endpoint) }
    static func modelEndpoint(_ endpoint: Endpoint, _ path: String) -> String {
        of("llm", endpoint.description + path)
    }
    package static func tool(_ endpoint: Endpoint, _ name: String) -> String {
        of("tool", endpoint.description + "|" + name)
    }
    static func model(_ name: String) -> String { of("model", name) }
    static func host(_ tenant: Tenant) -> String { of("host", tenant.description) }
}
