/// A program that serves models, vectors or agents to others, and how its plaintext shows it.
package struct KnownRuntime: Sendable, Hashable {
    /// What it serves.
    package enum Kind: String, Sendable, CaseIterable {
        case languageModels = "llm-server"
        case embeddings = "embed-server"
        case speech = "speech-server"
        case images = "image-server"
        case code = "coding-server"
        case vectors = "vector-db"
        case agents = "agent-server"
        case gateway = "ai-gateway"
        case chat = "chat-ui"
        case mcpServer = "mcp-server"
        case mcpTooling = "mcp-tooling"

        static let known = Vocabulary(Kind.self)
    }
    /// Lower-case letters, digits and `-`; unique among the runtimes.
    package var id: String
    package var name: String
    package var vendor: String
    package var kind: Kind
    /// Where it listens if nobody tells it otherwise. A port alone names nothing.
    package var ports: [Int]
    /// Paths it answers on; `{x}` stands for a part that differs. A path alone names nothing.
    package var paths: [String]
    /// What its answers show, in words.
    package var marks: [String]
    /// Where the name of the model stands, in words; nil where there is none.
    package var model: String?
    package var source: String
    package var checked: String?
    package var origin: CatalogOrigin

    /// Whether it answers on this path.
    package func answers(on path: String) -> Bool {
        let bytes = Array(path.utf8)
        return paths.contains { PathPrefix(Array($0.utf8)[...])?.matches(bytes[...]) == true }
    }
}

/// Where a line of the catalog stands.
package struct CatalogOrigin: Sendable, Hashable, CustomStringConvertible {
    /// The file as it was named.
    package var file: String
    /// From 1.
    package var line: Int

    package var description: String { "\(file):\(line)" }
}
