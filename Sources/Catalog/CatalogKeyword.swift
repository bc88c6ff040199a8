/// The first word of a line of a catalog file.
enum CatalogKeyword: String, CaseIterable {
    case app, agent, fingerprint, runtime, token, device, group
    case name, vendor, country, category, kind, version, domain, endpoint
    case userAgent = "user-agent"
    case mcpClient = "mcp-client"
    case port, path, mark, model, shape, expires, opens
    case dhcpClass = "dhcp-class"
    case dhcpOptions = "dhcp-options"
    case source, checked, measured

    static let known = Vocabulary(CatalogKeyword.self)

    /// It begins an entry.
    var isBeginning: Bool {
        switch self {
        case .app, .agent, .fingerprint, .runtime, .token, .device: true
        default: false
        }
    }

    /// It gives an app or an agent a way to be known, which has a source of its own.
    var isMark: Bool {
        switch self {
        case .domain, .endpoint, .userAgent, .mcpClient: true
        default: false
        }
    }
}
