/// The first word of a line of a catalog file.
enum CatalogKeyword: String, CaseIterable {
    case app, agent, group, name, vendor, country, category, kind, domain
    case userAgent = "user-agent"
    case mcpClient = "mcp-client"
    case source, checked

    static let known = Vocabulary(CatalogKeyword.self)
}
