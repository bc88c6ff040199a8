import Testing

@testable import Inventory
@testable import Wire

/// What was decided on apps, agents, servers and tools.
struct StatusTests {
    private func verdict(
        _ subject: String, _ status: Status, _ scope: String = "", until: Timestamp? = nil,
        line: Int = 1
    ) throws -> Verdict {
        Verdict(
            subject: try #require(SubjectText.subject(subject)),
            scope: try #require(SubjectText.scope(scope)), status: status, reason: "a pilot",
            owner: "ciso", until: until, place: .init(file: "hosts.yaml", line: line))
    }

    /// One app, one agent with a server of two tools, one model.
    private func snapshot(
        _ verdicts: [Verdict], _ change: (inout Organization) -> Void = { _ in }
    ) throws -> Snapshot {
        var scene = Scene()
        try scene.acknowledge("10.0.1.7", to: "02:00:00:00:00:07", hostname: "LT-7")
        let app = try scene.flow("10.0.1.7:4001", "198.51.100.1:443")
        scene.hello(app, "api.alpha.ai")
        try scene.end(app)
        let flow = try scene.flow("10.0.1.7:4000", "10.0.2.2:3001")
        let first = scene.request(1)
        scene.ask("initialize", "#0", flow, first, client: "claude-code")
        scene.answer("#0", flow, first, server: "tickets-mcp")
        let second = scene.request(2, session: 7)
        scene.ask("tools/list", "#1", flow, second)
        scene.answer("#1", flow, second, tools: [("get", "Gets."), ("delete_all", "Deletes.")])
        try scene.end(flow)
        var organization = try IdentityTests.organization()
        change(&organization)
        organization.verdicts = verdicts
        return try inventory(of: scene.events, organization: organization)
    }

    /// The narrower scope, then the closer subject, then the later word.
    @Test func theNarrowerAndCloserGoesFirst() throws {
        let order = [
            try verdict("app:alpha", .sanctioned), try verdict("domain:alpha.ai", .unsanctioned),
            try verdict("domain:api.alpha.ai", .tolerated),
            try verdict("app:alpha", .unreviewed, "team:team1"),
            try verdict("app:alpha", .sanctioned, "host:lt-7"),
            try verdict("domain:alpha.ai", .tolerated, "ip:10.0.1.7"),
            try verdict("domain:api.alpha.ai", .unsanctioned, "mac:02:00:00:00:00:07"),
        ]
        for count in 1...order.count {
            // Whatever order they are written in.
            for verdicts in [Array(order.prefix(count)), order.prefix(count).reversed()] {
                let app = try #require(try snapshot(verdicts).apps.first)
                #expect(app.status == order[count - 1].status, "\(count)")
            }
        }
    }

    @Test func aVerdictSaysWhoDecidedWhyAndUntilWhen() throws {
        let app = try #require(
            try snapshot([
                try verdict(
                    "app:alpha", .tolerated, "team:team1", until: PointOfTest.later, line: 9)
            ]).apps.first)
        #expect(
            app.statusReason == "app alpha is tolerated for team team1 until 2030-03-17T17:46:40"
                + ".000000Z (hosts.yaml:9), by ciso: a pilot")
    }

    private enum PointOfTest {
        static let later = Timestamp(nanoseconds: 1_900_000_000 * 1_000_000_000)
    }

    /// What has run out decides nothing, and the lists count again.
    @Test func aVerdictThatHasRunOutIsMentionedOnly() throws {
        let ended = try verdict("app:alpha", .tolerated, until: second(1))
        let app = try #require(try snapshot([ended]).apps.first)
        #expect(app.status == .unreviewed)
        #expect(app.statusReason.contains("the configuration has no sanctioned_apps"))
        #expect(app.statusReason.contains("tolerated until"))
        let listed = try snapshot([ended]) {
            $0.hasAppPolicy = true
            $0.sanctionedApps = ["team1": []]
        }
        #expect(listed.apps.map(\.status) == [.unsanctioned])
        let wider = try snapshot([
            try verdict("app:alpha", .tolerated, "host:lt-7", until: second(1)),
            try verdict("app:alpha", .sanctioned),
        ])
        #expect(wider.apps.map(\.status) == [.sanctioned])
    }

    @Test func anothersScopeSaysNothing() throws {
        let app = try #require(
            try snapshot([
                try verdict("app:alpha", .sanctioned, "team:team2"),
                try verdict("app:alpha", .sanctioned, "host:lt-8"),
                try verdict("app:alpha", .sanctioned, "ip:10.0.1.8"),
                try verdict("domain:pha.ai", .sanctioned), try verdict("app:beta", .sanctioned),
            ]).apps.first)
        #expect(app.status == .unreviewed)
    }

    @Test func agentsServersAndToolsHaveTheirOwn() throws {
        let found = try snapshot([
            try verdict("agent:claude-*", .tolerated),
            try verdict("agent:claude-code", .sanctioned),
            try verdict("mcp:10.0.2.2:3001", .sanctioned),
            try verdict("tool:delete_*", .tolerated),
            try verdict("tool:delete_*@10.0.2.2:3001", .unsanctioned),
            try verdict("tool:get@10.0.2.3:3001", .unsanctioned),
        ])
        #expect(found.agents.map(\.status) == [.sanctioned])
        let server = try #require(found.mcpServers.first)
        #expect(server.status == .sanctioned && server.toolStatuses.count == 1)
        #expect(server.status(ofTool: "delete_all").status == .unsanctioned)
        #expect(server.status(ofTool: "get").status == .sanctioned)
    }

    @Test func aListOfAgentsMakesTheRestUnsanctioned() throws {
        let list = { (names: [String]) in
            try snapshot([]) {
                $0.hasAgentPolicy = true
                $0.sanctionedAgents = names.compactMap { NamePattern($0) }
            }.agents.map(\.status)
        }
        #expect(try list(["claude-*"]) == [.sanctioned] && list([]) == [.unsanctioned])
        #expect(try snapshot([]).agents.map(\.status) == [.unreviewed])
    }
}
