/// What somebody says is in use: an agent or an MCP server, to be held against what is seen.
package struct Declaration: Sendable, Equatable, Codable {
    package enum Kind: String, Sendable, Codable {
        case agent
        case mcpServer = "mcp-server"
    }
    package var kind: Kind
    package var name: String
    package var version: String?
    /// Where it is: `10.1.2.3:3001`, `tickets.corp.example`, with a port where one is said.
    package var locations: [String] = []
    /// Nil where nothing is said of tools.
    package var tools: [String]?
    package var owner: String?
    package var team: String?
    package var file: String
    package var line: Int

    package init(kind: Kind, name: String, file: String, line: Int) {
        self.kind = kind
        self.name = name
        self.file = file
        self.line = line
    }

    package var place: Organization.Place { .init(file: file, line: line) }
}
