import Testing

@testable import Inventory
@testable import Wire

/// What was declared, held against what is seen.
struct DeclaredTests {
    private func declare(
        _ kind: Declaration.Kind, _ name: String, at locations: [String] = [],
        _ change: (inout Declaration) -> Void = { _ in }
    ) -> Declaration {
        var declaration = Declaration(kind: kind, name: name, file: "d.yaml", line: 2)
        declaration.locations = locations
        change(&declaration)
        return declaration
    }

    /// `claude-code` 1.0 at a server `tickets-mcp` 2.0 with the tool `get`; and an app.
    private func declared(_ declarations: [Declaration]) throws -> [Declared] {
        var scene = Scene()
        try scene.acknowledge("10.0.2.2", to: "02:00:00:00:00:02", hostname: "tools")
        let flow = try scene.flow("10.0.1.7:4000", "10.0.2.2:3001")
        let first = scene.request(1)
        scene.ask("initialize", "#0", flow, first, client: "claude-code")
        scene.answer("#0", flow, first, server: "tickets-mcp")
        let second = scene.request(2, session: 7)
        scene.ask("tools/list", "#1", flow, second)
        scene.answer("#1", flow, second, tools: [("get", "Gets.")])
        try scene.end(flow)
        let app = try scene.flow("10.0.1.7:4001", "198.51.100.1:443")
        scene.hello(app, "api.alpha.ai")
        try scene.end(app)
        var organization = try IdentityTests.organization()
        organization.declarations = declarations
        return try inventory(of: scene.events, organization: organization).declared
    }

    @Test(arguments: [
        "10.0.2.2:3001", "10.0.2.2", "tools", "tools:3001", "tools.corp.example:3001",
    ]) func aServerIsFoundByWhereItIs(_ location: String) throws {
        let found = try declared([declare(.mcpServer, "another name", at: [location])])
        #expect(found.map(\.state) == [.confirmed] && found[0].place == "d.yaml:2")
        #expect(found[0].row?.hasPrefix("mcp-") == true)
    }

    @Test(arguments: ["10.0.2.2:3002", "10.0.2.3", "tools:3002", "tool", "10.0.2.3:3001"])
    func anotherPlaceIsAnotherServer(_ location: String) throws {
        let found = try declared([declare(.mcpServer, "tickets-mcp", at: [location])])
        #expect(Set(found.map(\.state)) == [.unseen, .undeclared])
    }

    @Test func withoutAPlaceTheNameTells() throws {
        #expect(try declared([declare(.mcpServer, "Tickets-MCP")]).map(\.state) == [.confirmed])
        #expect(try declared([declare(.agent, "claude-code")]).map(\.state) == [.confirmed])
    }

    @Test func aHostedServerIsConfirmedByItsUse() throws {
        let found = try declared([declare(.mcpServer, "alpha", at: ["api.alpha.ai:443"])])
        #expect(found.map(\.state) == [.confirmed, .undeclared])
        #expect(found[0].row?.hasPrefix("app-") == true)
    }

    @Test func whatIsOtherIsSaid() throws {
        let found = try declared([
            declare(.mcpServer, "tickets-mcp") {
                $0.version = "1.0"
                $0.tools = ["put"]
                $0.team = "ops"
            }
        ])
        #expect(found.map(\.state) == [.different])
        #expect(
            found[0].differences == [
                "version 2.0 is seen, 1.0 declared", "has more tools: get",
                "it is with team team2, with ops as declared",
            ])
        // Fewer tools than declared are no harm, and may not have been listed yet.
        let more = try declared([declare(.mcpServer, "tickets-mcp") { $0.tools = ["get", "put"] }])
        #expect(more.map(\.state) == [.confirmed])
    }

    /// A kind of which nothing is declared is not judged.
    @Test func nothingDeclaredIsNothingUndeclared() throws {
        #expect(try declared([]).isEmpty)
        let found = try declared([declare(.agent, "other")])
        #expect(
            found.map { "\($0.kind.rawValue) \($0.name) \($0.state.rawValue)" } == [
                "agent claude-code undeclared", "agent other unseen",
            ])
    }
}
