import Foundation
package import Inventory
import Yams

/// A file of what is declared to be in use, in one of several forms.
package enum DeclarationFile {
    private static let fileBytes = 16 << 20
    /// Declarations of one file.
    static let limit = 100_000

    /// One line a form: how it is known by its root, and what reads it.
    static let formats: [any DeclarationFormat.Type] = [
        DeclaredList.self, DeclaredComponents.self, DeclaredCard.self, DeclaredRegistry.self,
    ]

    package static func load(path: String) throws(ConfigurationError) -> [Declaration] {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw ConfigurationError(
                "\(path): cannot be read; `declared:` names files beside the configuration")
        }
        guard bytes.count <= fileBytes else {
            throw ConfigurationError("\(path): is larger than 16 MiB; split it")
        }
        guard let text = String(data: bytes, encoding: .utf8) else {
            throw ConfigurationError("\(path): is not UTF-8 text; save it as UTF-8")
        }
        return try parse(text, path: path)
    }

    static func parse(
        _ text: String, path: String
    ) throws(ConfigurationError) -> [Declaration] {
        if path.lowercased().hasSuffix(".csv") { return try DeclaredTable.read(text, path) }
        // JSON is YAML, and so has lines.
        let reader = ConfigurationReader(file: path, folder: "")
        guard let root = try reader.compose(text) else { return [] }
        for format in formats where format.isOne(root) {
            let found = try format.read(root, reader)
            guard found.count <= limit else {
                throw ConfigurationError("\(path): declares more than \(limit) things; split it")
            }
            return found
        }
        throw ConfigurationError(
            "\(path): is no list of declarations; it has `agents:` or `mcp_servers:`, or is a "
                + "server.json, an A2A card, a CycloneDX document or a .csv")
    }
}

/// One form in which agents and MCP servers are declared.
protocol DeclarationFormat: Sendable {
    /// Whether a document is of this form, by its first keys.
    static func isOne(_ root: Node) -> Bool
    static func read(
        _ root: Node, _ reader: ConfigurationReader
    ) throws(ConfigurationError) -> [Declaration]
}

extension ConfigurationReader {
    /// A declaration that stands at `node`.
    func declaration(_ kind: Declaration.Kind, _ name: String, at node: Node) -> Declaration {
        let place = place(node)
        return Declaration(kind: kind, name: name, file: place.file, line: place.line)
    }

    /// Host and port of a URL, as declarations are compared by; nil for what has none.
    static func location(ofURL text: String) -> String? {
        guard text.contains("://") else { return nil }
        guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty else {
            return nil
        }
        let known = ["http": 80, "https": 443, "ws": 80, "wss": 443][url.scheme?.lowercased() ?? ""]
        guard let port = url.port ?? known else { return host.lowercased() }
        return "\(host.lowercased()):\(port)"
    }
}
