import Testing

@testable import Catalog

/// A catalog of the given files, in their order; `groups` for the categories used here comes first.
func catalog(_ files: String...) throws -> Catalog {
    var draft = CatalogDraft()
    let groups = "group llm-api llm-api\ngroup chat-assistant chat\ngroup mcp-server mcp\n"
    for (index, text) in ([groups] + files).enumerated() {
        draft.add(try CatalogFile(path: "file\(index).catalog", bytes: Array(text.utf8)))
    }
    return try Catalog(draft)
}

/// An app of category llm-api with these domain lines.
func app(_ id: String, _ domains: String...) -> String {
    let lines = domains.map { "domain \($0)\nsource tests\n" }.joined()
    return
        "app \(id)\nname \(id.uppercased())\nvendor V\ncategory llm-api\nsource tests\n\(lines)\n"
}

/// What the reader says of a file, or nil if it takes it.
func complaint(about text: String) -> CatalogError? {
    do throws(CatalogError) {
        _ = try CatalogFile(path: "my.catalog", bytes: Array(text.utf8))
        return nil
    } catch { return error }
}
