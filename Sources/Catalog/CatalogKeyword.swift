/// The first word of a line of a catalog file.
enum CatalogKeyword: String, CaseIterable {
    case app, agent, fingerprint, group, name, vendor, country, category, kind, version, domain
    case userAgent = "user-agent"
    case mcpClient = "mcp-client"
    case source, checked, measured

    static let known = Vocabulary(CatalogKeyword.self)
}
