import Wire

/// Short names of entities, the same in every run and every database.
package enum EntityID {
    /// `app-3f9a1c0b7d`: the kind and ten hex digits of FNV-1a over the key.
    package static func of(_ kind: String, _ key: String) -> String {
        let hash = SessionKey.of(key.utf8)
        let hex = String(hash, radix: 16)
        let full = String(repeating: "0", count: 16 - hex.utf8.count) + hex
        return kind + "-" + full.prefix(10)
    }

    static func app(_ client: IPAddress, _ domain: String) -> String {
        of("app", "\(client)|\(domain)")
    }
    static func agent(_ host: IPAddress, _ name: String) -> String {
        of("agent", "\(host)|\(name)")
    }
    static func mcp(_ endpoint: Endpoint) -> String { mcpText("\(endpoint)") }
    static func mcpText(_ endpoint: String) -> String { of("mcp", endpoint) }
    static func modelEndpoint(_ endpoint: Endpoint, _ path: String) -> String {
        of("llm", "\(endpoint)\(path)")
    }
    static func model(_ name: String) -> String { of("model", name) }
    static func host(_ address: IPAddress) -> String { of("host", "\(address)") }
}
