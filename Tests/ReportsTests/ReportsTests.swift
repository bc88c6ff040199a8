import Catalog
import Policy
import Testing

@testable import Inventory
@testable import Reports
@testable import Wire

@Suite struct ReportsTests {
    private static let hostile = "<script>alert(1)</script>|`x`\u{1b}[31m\u{202e}\n=cmd"

    private static func snapshot() -> Snapshot {
        var snapshot = Snapshot()
        let address = IPAddress(v4: 0x0a00_0005)
        let time = Timestamp(nanoseconds: 1_700_000_000_000_000_000)
        let attribution = Attribution(
            hostname: hostile, mac: nil, team: "sales", owner: nil, reasons: [hostile])
        let evidence = Evidence(
            clue: .mcpServerInfo, strength: .proof, firstSeen: time, lastSeen: time,
            flow: "a → b/tcp", detail: hostile, count: 1)
        snapshot.mcpServers = [
            MCPServer(
                id: "mcp-0000000001", endpoint: Endpoint(address, 8000), path: "/mcp",
                name: hostile,
                version: "1", transport: "streamable-http", protocolVersions: ["2025-06-18"],
                auth: "none",
                tools: [
                    ListedItem(
                        kind: .tool, key: hostile, label: nil, text: hostile,
                        hints: ["readOnlyHint": true], digest: "d")
                ], resources: [], prompts: [], clients: [], calls: [], marks: [.toolsResult],
                attribution: attribution, status: .unsanctioned, statusReason: "not in the list",
                firstSeen: time, lastSeen: time, evidence: [evidence])
        ]
        snapshot.end = time
        return snapshot
    }

    @Test func nothingFromTheWireSteersATerminal() {
        let text = TableText.render(Section.mcp.table(of: Self.snapshot()), width: 160)
        #expect(!text.contains("\u{1b}") && !text.contains("\u{202e}"))
        #expect(text.split(separator: "\n").count == 2)
        let shown = EntityView.all(Self.snapshot(), alerts: []).map { $0.text() }.joined()
        #expect(!shown.contains("\u{1b}") && !shown.contains("\u{202e}"))
    }

    @Test(arguments: Section.allCases, [60, 80, 120])
    func tablesFitTheirWindow(_ section: Section, _ width: Int) {
        let text = TableText.render(section.table(of: Self.snapshot()), width: width)
        for line in text.split(separator: "\n") {
            #expect(Words.width(String(line)) <= width, "\(line)")
        }
    }

    @Test func aNarrowTableKeepsNumbersWholeAndNamesWhatItLeavesOut() {
        var table = Table([
            Table.text("id", least: 14), Table.text("more", least: 30, rank: 2),
            Table.number("up", rank: 1),
        ])
        table.rows = [["app-0123456789", .init(String(repeating: "x", count: 50)), "17.2 kB"]]
        let text = TableText.render(table, width: 40)
        #expect(text.contains("app-0123456789  17.2 kB") && !text.contains("xx"))
        #expect(text.contains("(in a wider window: more)"))
        #expect(TableText.render(table, width: 60).contains("xx…  17.2 kB"))
    }

    @Test func wideCharactersAreCutByTheirWidth() {
        #expect(Words.fitted("日本語テキスト", 7) == "日本語…")
    }

    @Test func formulasAreKeptFromSpreadsheets() {
        var table = Table([Table.text("a"), Table.text("b")])
        table.rows = [[.init("=1+1"), .init("say \"hi\", you")]]
        #expect(CSVText.render(table) == "a,b\r\n'=1+1,\"say \"\"hi\"\", you\"\r\n")
    }

    private func content() -> ReportContent {
        let snapshot = Self.snapshot()
        return ReportContent(
            snapshot: snapshot, alerts: Policy.alerts(in: snapshot), since: .zero)
    }

    @Test func pagesEscapeWhatStrangersWrote() throws {
        let page = try HTMLReport().render(content())
        #expect(!page.contains("<script>"))
        #expect(page.contains("&lt;script&gt;"))
        #expect(!page.contains("http://") && !page.contains("src="))
        #expect(page.contains("mcp-0000000001"))
        #expect(page.contains("nobody is known"))
        #expect(!page.contains("{{"))
    }

    @Test func markdownCellsStayCells() throws {
        let text = try MarkdownReport().render(content())
        #expect(!text.contains("<script>"))
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| high") }
        #expect(rows.count == 1)
        let bars = rows[0].replacing("\\|", with: "").filter { $0 == "|" }.count
        #expect(bars == 6)
        #expect(!text.contains("{{"))
    }

    @Test func anEmptyInventoryMakesAnHonestReport() throws {
        let empty = ReportContent(snapshot: Snapshot(), alerts: [], since: .zero)
        #expect(try HTMLReport().render(empty).contains("Nothing:"))
        #expect(try MarkdownReport().render(empty).contains("Nothing:"))
        #expect(
            SummaryText.render(Snapshot(), alerts: [], width: 80).contains("Nothing was captured"))
    }

    @Test func theDocumentHasItsParts() {
        let text = InventoryDocument(Self.snapshot(), alerts: Policy.alerts(in: Self.snapshot()))
            .text()
        for key in [
            "\"schema\": \"tyto.inventory/1\"", "\"hosts\": []", "\"chains\": []",
            "\"transport\": \"streamable-http\"", "\"readOnlyHint\": true",
            "\"kind\": \"mcp-unsanctioned-server\"",
        ] {
            #expect(text.contains(key), "\(key)")
        }
        #expect(!text.contains("\u{1b}"))
    }

    @Test func alertsAreAFunctionOfRows() {
        var snapshot = Self.snapshot()
        #expect(Policy.alerts(in: snapshot).map(\.kind) == ["mcp-unsanctioned-server"])
        #expect(Policy.alerts(in: snapshot).map(\.id) == Policy.alerts(in: snapshot).map(\.id))
        snapshot.mcpServers[0].status = .unreviewed
        #expect(Policy.alerts(in: snapshot).isEmpty)
    }

    @Test(arguments: [(999, "999 B"), (1000, "1.0 kB"), (1_234_567, "1.2 MB")])
    func bytesAreWrittenForPeople(_ count: Int, _ expected: String) {
        #expect(Words.bytes(count) == expected)
    }
}
