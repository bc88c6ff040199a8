import Inventory
import Yams

/// A CycloneDX document (ECMA-424): its services, and components nested in any depth.
///
/// The form has no word for agents or MCP servers. A property `tyto:kind` says it; else the name,
/// group, tags or endpoints do, and what they leave open is passed over.
enum DeclaredComponents: DeclarationFormat {
    private static let deepest = 32

    static func isOne(_ root: Node) -> Bool {
        root.mapping?["bomFormat"]?.string == "CycloneDX"
    }

    static func read(
        _ root: Node, _ reader: ConfigurationReader
    ) throws(ConfigurationError) -> [Declaration] {
        var found: [Declaration] = []
        for list in ["services", "components"] {
            if let node = root.mapping?[list] { try collect(node, list, 0, reader, &found) }
        }
        return found
    }

    private static func collect(
        _ node: Node, _ list: String, _ depth: Int, _ reader: ConfigurationReader,
        _ found: inout [Declaration]
    ) throws(ConfigurationError) {
        guard depth < deepest else {
            throw reader.error(node, "\(list) are nested deeper than \(deepest); flatten them")
        }
        for item in try reader.sequence(node, list) {
            guard let keys = item.mapping, let name = keys["name"]?.string, !name.isEmpty else {
                throw reader.error(item, "what stands under \(list) needs \"name\"")
            }
            let urls = keys["endpoints"]?.sequence?.compactMap(\.string) ?? []
            if let kind = kind(keys, name, urls) {
                var declaration = reader.declaration(kind, name, at: item)
                declaration.version = keys["version"]?.string
                declaration.locations = urls.compactMap {
                    ConfigurationReader.location(ofURL: $0)
                }
                declaration.owner = property("tyto:owner", keys)
                found.append(declaration)
            }
            if let inner = keys[list] { try collect(inner, list, depth + 1, reader, &found) }
        }
    }

    private static func kind(
        _ keys: Node.Mapping, _ name: String, _ urls: [String]
    ) -> Declaration.Kind? {
        if let said = property("tyto:kind", keys) { return Declaration.Kind(rawValue: said) }
        let tags = keys["tags"]?.sequence?.compactMap(\.string) ?? []
        let words = ([name, keys["group"]?.string ?? ""] + tags).flatMap {
            $0.lowercased().split { !$0.isLetter && !$0.isNumber }.map(String.init)
        }
        let paths = urls.map { $0.lowercased() }
        if words.contains("mcp") || paths.contains(where: { $0.hasSuffix("/mcp") }) {
            return .mcpServer
        }
        let isAgent = words.contains { $0 == "agent" || $0 == "agents" || $0 == "a2a" }
        return isAgent || paths.contains { $0.contains("/.well-known/agent") } ? .agent : nil
    }

    private static func property(_ name: String, _ keys: Node.Mapping) -> String? {
        keys["properties"]?.sequence?.first { $0.mapping?["name"]?.string == name }?
            .mapping?["value"]?.string
    }
}
