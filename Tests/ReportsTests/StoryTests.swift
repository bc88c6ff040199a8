import Catalog
import Policy
import Testing

@testable import Inventory
@testable import Reports
@testable import Wire

/// Delegations and changes, as pages and reports tell them.
@Suite struct StoryTests {
    private static let time = Timestamp(nanoseconds: 1_700_000_000_000_000_000)
    private static let hostile = "get|<b>\u{1b}[31m"

    private static func hop(
        _ from: String, _ to: String, _ what: String, _ names: (String?, String?),
        _ witnesses: [Chain.Witness]
    ) throws -> Chain.Hop {
        Chain.Hop(
            from: try #require(IPAddress(from)), to: try #require(Endpoint(to)), kind: "mcp",
            what: what, fromName: names.0, fromVersion: nil, toName: names.1,
            witnesses: witnesses, confidence: witnesses.isEmpty ? 1 : 0.9,
            reasons: witnesses.isEmpty ? [] : ["for a reason"], count: 2)
    }

    private static let later = Timestamp(nanoseconds: time.nanoseconds + 60_000_000_000)

    /// A server whose tool and whose instructions changed after a minute.
    private static func server(_ attribution: Attribution) throws -> MCPServer {
        let tool = ListedItem(
            kind: .tool, key: hostile, label: nil, text: "reads", hints: [:], digest: "d2")
        var server = MCPServer(
            id: "mcp-0000000001", endpoint: try #require(Endpoint("10.0.0.3:81")), path: "/mcp",
            name: "store", version: "2", transport: "streamable-http", protocolVersions: [],
            auth: "none", tools: [tool], resources: [], prompts: [], clients: [], calls: [],
            marks: [.toolsResult], attribution: attribution, status: .unreviewed,
            statusReason: "", firstSeen: time, lastSeen: time, evidence: [])
        let telling = ItemVersion.Telling(
            client: Tenant(try #require(IPAddress("10.0.0.2"))), revision: "", scheme: "none",
            credentials: "none", firstSeen: later, lastSeen: later, count: 1)
        server.histories = [
            ItemHistory(
                kind: .tool, key: hostile,
                versions: [
                    ItemVersion(
                        digest: "d1", hashes: nil, hints: [:], firstSeen: time, lastSeen: time,
                        count: 1, flow: ""),
                    ItemVersion(
                        digest: "d2", hashes: nil, hints: [:], firstSeen: later, lastSeen: later,
                        count: 1, flow: "",
                        changes: [ItemChange(part: .shape, what: "parameter path added")],
                        tellings: [telling]),
                ], count: 2, difference: .clients, lastListed: later, removed: later)
        ]
        var texts = ["aaaa000000000000", "bbbb000000000000"].map(InstructionsVersion.init(hash:))
        for (place, at) in [time, later].enumerated() {
            texts[place].merge(
                FactRow(
                    key: .init(
                        subject: "s", kind: .instructions, value: texts[place].hash,
                        detail: "v\(place)"), seen: Period(at)))
        }
        server.instructions = texts
        return server
    }

    private static func snapshot() throws -> Snapshot {
        var snapshot = Snapshot()
        let attribution = Attribution(
            hostname: nil, mac: nil, team: nil, owner: nil, reasons: [])
        snapshot.chains = [
            Chain(
                id: "chain-0000000001",
                hops: [
                    try hop("10.0.0.1", "10.0.0.2:80", "ask", ("ui", "broker"), []),
                    try hop("10.0.0.2", "10.0.0.3:81", hostile, ("broker", "store"), [.token]),
                ], traceID: nil,
                delegators: [
                    .init(
                        mark: "0123456789abcdef", issuer: "https://as.example", label: "subject-1")
                ],
                attribution: attribution, firstSeen: time, lastSeen: time)
        ]
        snapshot.mcpServers = [try server(attribution)]
        snapshot.hosts = []
        snapshot.agents = [
            Agent(
                id: "agent-0000000001", tenant: Tenant(try #require(IPAddress("10.0.0.2"))),
                name: "broker",
                version: nil, versions: [], kind: .unknown, kindReason: "", roles: [],
                userAgent: nil, mcpServers: [], modelEndpoints: [], models: [], tools: [],
                agentsCalled: [], serves: [], attribution: attribution,
                status: .unreviewed, statusReason: "", firstSeen: time, lastSeen: time,
                evidence: [])
        ]
        snapshot.end = later
        return snapshot
    }

    private func views() throws -> [EntityView] {
        let snapshot = try Self.snapshot()
        return EntityView.all(snapshot, alerts: []).map { $0.standing(in: snapshot) }
    }

    @Test func entitiesShowTheChainsTheyStandIn() throws {
        for view in try views() {
            let text = view.text()
            #expect(text.contains("Delegations it stands in"), "\(view.id)")
            #expect(
                text.contains(
                    "in the name of subject-1 of https://as.example (what tokens claim, not")
            )
            #expect(view.json().contains("\"chain-0000000001\""))
            #expect(!text.contains("\u{1b}"))
        }
        // Another host's, another tool's, another program's.
        var other = try Self.snapshot()
        other.chains[0].hops[1].what = "put"
        other.agents[0].name = "other"
        other.agents[0].tenant = Tenant(IPAddress(v4: 0x0a00_0009))
        let silent = EntityView.all(other, alerts: []).map { $0.standing(in: other) }.filter {
            !$0.text().contains("chain-0000000001")
        }
        #expect(Set(silent.map { $0.id.prefix(5) }) == ["agent", "entit", "tool-"])
    }

    @Test func aToolShowsItsVersions() throws {
        let view = try #require(try views().first { $0.id.hasPrefix("tool-") })
        let text = view.text()
        #expect(text.contains("first seen") && text.contains("parameter path added"))
        #expect(text.contains("first listed  2023-11-14T22:13:20"), "\(text)")
        #expect(text.contains("told to 10.0.0.2") && text.contains("told differently"))
        let snapshot = try Self.snapshot()
        let listed = Section.tools.table(of: snapshot).rows.map { $0[0].raw }
        #expect(listed == [view.id])
        #expect(SectionJSON.render(.tools, snapshot, isLines: true).contains(view.id))
    }

    @Test func changedInstructionsAreShown() throws {
        let snapshot = try Self.snapshot()
        let view = try #require(
            EntityView.all(snapshot, alerts: []).first { $0.id.hasPrefix("mcp") })
        #expect(
            view.text().contains(
                "instructions: other text than before (hash aaaa00000000 → bbbb00000000, server "
                    + "version v1)"))
        #expect(InventoryDocument(snapshot, alerts: []).text().contains("\"bbbb000000000000\""))
    }

    @Test func reportsTellBoth() throws {
        let content = ReportContent(snapshot: try Self.snapshot(), alerts: [], since: .zero)
        let (page, text) = (
            try HTMLReport().render(content), try MarkdownReport().render(content)
        )
        for part in [
            "chain-0000000001", "parameter path added", "told differently", "removed", "by token",
            "other text than before", "10.0.0.3:81", "in the name of subject-1",
        ] {
            #expect(page.contains(part) && text.contains(part), "\(part)")
        }
        #expect(!page.contains("0123456789abcdef") && !text.contains("0123456789abcdef"))
        #expect(!page.contains("<b>\u{1b}") && !page.contains("get|<b>") && !text.contains("<b>"))
        let row = try #require(text.split(separator: "\n").first { $0.contains("chain-0000") })
        #expect(row.replacing("\\|", with: "").filter { $0 == "|" }.count == 5)
    }

    @Test func whatIsTooMuchIsCounted() throws {
        var snapshot = try Self.snapshot()
        let chain = snapshot.chains[0]
        snapshot.chains = Array(repeating: chain, count: 203)
        let content = ReportContent(snapshot: snapshot, alerts: [], since: .zero)
        #expect(try HTMLReport().render(content).contains("3 more: <code>tyto chains</code>"))
        #expect(try MarkdownReport().render(content).contains("3 more: `tyto chains`"))
        let view = EntityView.all(snapshot, alerts: [])[0].standing(in: snapshot)
        #expect(view.text().contains("and 187 more"))
        snapshot.chains = []
        snapshot.mcpServers = []
        let empty = ReportContent(snapshot: snapshot, alerts: [], since: .zero)
        for text in [try HTMLReport().render(empty), try MarkdownReport().render(empty)] {
            #expect(text.contains("No delegation was seen") && text.contains("instruction changed"))
            #expect(!text.contains("more: "))
        }
    }
}
