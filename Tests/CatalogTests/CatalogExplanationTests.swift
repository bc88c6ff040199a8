import Testing

@testable import Catalog

/// Why a text matches what it matches: the answer and the sensor's must be one.
@Suite struct CatalogExplanationTests {
    private func one(
        _ text: String, _ catalog: Catalog, as subject: CatalogExplanation.Subject? = nil
    ) throws -> CatalogExplanation {
        try #require(catalog.explanations(of: text, as: subject).first)
    }

    @Test func aHostNamesTheLineThatWinsAndWhyOthersLose() throws {
        let catalog = try catalog(
            app("apex", "one.example suffix site weak"),
            app("api", "api.one.example exact api strong", "api.one.example suffix web-ui strong"),
            app("any", "{x}.one.example pattern api strong"),
            "app apex\ndomain one.example suffix cdn weak\nsource later")
        let found = try one("API.one.example", catalog)
        #expect(found.subject == .host && found.answer.hasPrefix("API (api), category llm-api."))
        #expect(
            found.lines.map { "\($0.text): \($0.reason)" } == [
                "domain api.one.example exact api strong: the longest that matches",
                "domain api.one.example suffix web-ui strong: "
                    + "suffix goes behind exact at the same length",
                "domain {x}.one.example pattern api strong: "
                    + "pattern goes behind exact at the same length",
                "domain one.example suffix cdn weak: shorter: 2 labels of the name",
                "domain one.example suffix site weak: replaced by file4.catalog:2, "
                    + "which was read later",
            ])
        #expect(found.lines.map(\.wins) == [true, false, false, false, false])
        #expect(found.lines[0].origin.description == "file2.catalog:6")
        #expect(found.lines[0].source == "tests" && found.lines[0].entry == "API (api)")
        #expect(found.contacts.map(\.says) == ["strong", "strong", "hint"])
        #expect(
            found.lines[0].text.contains(
                catalog.app(forName: "api.one.example", clue: .tlsSNI)?.matched ?? "-"))
    }

    @Test(arguments: [
        ("api strong shared", ["strong", "hint", "hint"]),
        ("site strong", ["hint", "hint", "hint"]),
        ("api weak", ["hint", "hint", "hint"]),
        ("api weak shared", ["nothing", "nothing", "nothing"]),
        ("api ignore", ["nothing", "nothing", "nothing"]),
    ])
    func contactsSayWhatTheTableSays(line: String, says: [String]) throws {
        let catalog = try catalog(app("a", "one.example exact \(line)"))
        #expect(try one("one.example", catalog).contacts.map(\.says) == says)
    }

    @Test func aURLIsExplainedByItsPathAndItsHost() throws {
        let text =
            "app a\nname A\nvendor V\ncategory mcp-server\nsource s\n"
            + "endpoint api.one.example exact /mcp mcp strong\nsource e\n"
        let catalog = try catalog(app("h", "api.one.example exact api strong"), text)
        for url in [
            "https://me:pw@api.one.example:8443/mcp/x?token=abc", "api.one.example/mcp/x",
        ] {
            let found = try one(url, catalog)
            #expect(found.subject == .url && found.text == "api.one.example/mcp/x")
            #expect(found.answer == "A (a), category mcp.")
            #expect(found.lines.map(\.wins) == [true, false])
            #expect(found.contacts.map(\.says) == ["strong", "strong", "strong", "hint"])
            #expect(found.notes.first?.hasPrefix("TLS and QUIC show no path") == true)
        }
        let other = try one("https://api.one.example/v1", catalog)
        #expect(other.answer.hasPrefix("H (h), category llm-api."))
        #expect(try one("api.one.example", catalog).answer.contains("Paths of this host"))
    }

    @Test func aFieldIsExplainedAsUserAgentAndAsClient() throws {
        let agents = """
            agent one
            name One
            vendor V
            kind cli-agent
            user-agent product one
            source s
            mcp-client exact one/1.0 linux
            source s
            agent two
            name Two
            vendor V
            kind crawler
            user-agent contains linux
            source s
            user-agent prefix one/1.0 l
            source s
            """
        let catalog = try catalog(agents)
        let found = catalog.explanations(of: "One/1.0 linux")
        #expect(found.map(\.subject) == [.userAgent, .mcpClient])
        #expect(
            found[0].lines.map { "\($0.text): \($0.reason)" } == [
                "user-agent prefix one/1.0 l: prefix, the first that matches",
                "user-agent product one: product goes behind prefix",
                "user-agent contains linux: contains goes behind prefix",
            ])
        #expect(catalog.agent(forUserAgent: "One/1.0 linux")?.signature == "two")
        #expect(found[0].contacts.first?.says.hasPrefix("a crawler visited") == true)
        #expect(found[1].answer == "As clientInfo name of MCP: One (one), cli-agent.")
        #expect(catalog.explanations(of: "nobody").map(\.lines.count) == [0, 0])
    }

    @Test func theShippedMarksAreExplainedAsTheyMatch() throws {
        let catalog = try Catalog.loadShipped(additional: [])
        for agent in catalog.agents {
            for mark in agent.marks {
                let field = "\(mark.text)/1.0 (x)"
                let subject: CatalogExplanation.Subject =
                    mark.signal == .userAgent ? .userAgent : .mcpClient
                let told =
                    mark.signal == .userAgent
                    ? catalog.agent(forUserAgent: field)?.signature
                    : catalog.agent(forMCPClient: field)?.id
                let winner = try one(field, catalog, as: subject).lines.first { $0.wins }
                #expect(winner.map { $0.entry.hasSuffix("(\(told ?? "-"))") } ?? (told == nil))
            }
        }
    }

    @Test func aFingerprintIsExplainedByItsStack() throws {
        let value = "t13d5212h1_b262b3658495_8e6e362c5eac"
        func entry(_ scope: String, _ name: String) -> String {
            "fingerprint \(value) ja4 \(scope) high\nname \(name)\nmeasured 2026-11-26\nsource s\n"
        }
        let catalog = try catalog(
            entry("agent", "Bot") + entry("stack", "Old"), entry("stack", "Node"))
        let found = try one(value, catalog)
        #expect(found.subject == .fingerprint && found.answer.contains("is sent by Node"))
        #expect(found.lines.map(\.entry) == ["Node", "Bot", "Old"])
        #expect(found.lines.map(\.wins) == [true, false, false])
        #expect(found.lines[1].reason == "a stack that sends the same goes first")
        let unknown = try one("d67b094811e5145139d7cea5f014309f", catalog)
        #expect(
            unknown.answer == "No line of the catalog has this JA3." && unknown.contacts.isEmpty)
    }

    /// Whatever it is asked as, and whatever stands around it.
    @Test(arguments: [
        "TOKEN", "Bearer TOKEN", "Authorization: Bearer TOKEN", "https://a.example/x?key=TOKEN",
        "https://a.example/TOKEN/x", "client/1.0 (TOKEN)", "OTHER", "x-api-key: OTHER",
        "Bearer OTHER",
    ])
    func aTokenIsNeverSaidAgain(form: String) throws {
        let catalog = try Catalog.loadShipped(additional: [])
        let (token, other) = ("ghp_" + String(repeating: "a1", count: 18), "Zq12aabbccddeeff9871kk")
        let text = form.replacing("TOKEN", with: token).replacing("OTHER", with: other)
        for subject in [nil] + CatalogExplanation.Subject.allCases
        where !form.contains("OTHER") || subject == nil {
            let found = catalog.explanations(of: text, as: subject)
            #expect(found.map(\.subject) == [.token])
            #expect(!"\(found)".contains("a1a1") && !"\(found)".contains("aabbccdd"))
        }
    }

    @Test func anEntryIsFoundByItsIDOrName() throws {
        let catalog = try catalog(
            app("alpha", "one.example exact api strong"),
            "runtime beta\nname Alpha\nvendor W\nkind chat-ui\nsource s\n")
        let found = try one("ALPHA", catalog)
        #expect(found.subject == .entry)
        #expect(found.answer.contains("ALPHA (alpha) of V: app, llm-api."))
        #expect(found.answer.contains("Alpha (beta) of W: runtime, chat-ui."))
        #expect(found.lines.map(\.origin.file) == ["file2.catalog", "file1.catalog"])
    }

    @Test func aPortAndAPathOnlyHint() throws {
        let catalog = try catalog(
            "runtime r\nname R\nvendor V\nkind llm-server\nport 11434\npath /api/tags\nsource s\n")
        let found = try one("http://10.0.0.5:11434/api/tags", catalog)
        #expect(found.lines.isEmpty && found.contacts.isEmpty)
        #expect(found.notes.first?.hasPrefix("R (r) has this port and path unless") == true)
        #expect(try one("http://10.0.0.5:80/api/tags", catalog).notes.isEmpty)
    }
}
