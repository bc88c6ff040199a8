import Wire

/// Short names of entities, the same in every run and every database.
package enum EntityID {
    /// `app-3f9a1c0b7d`: the kind and ten hex digits of FNV-1a over the key.
    package static func of(_ kind: String, _ key: String) -> String {
        let hash = SessionKey.of(key.utf8)
        var text = kind + "-"
        for shift in [56, 48, 40, 32, 24] as [UInt64] { text += octets[Int(hash >> shift & 255)] }
        return text
    }

    /// Every octet as two hex digits.
    private static let octets = (0...255).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }

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
