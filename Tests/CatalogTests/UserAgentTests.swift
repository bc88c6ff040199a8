import Testing

@testable import Catalog

@Suite struct UserAgentTests {
    @Test(arguments: [
        ("aider/0.86.2", "aider 0.86.2"),
        ("OpenAI/Python 3.54.0", "OpenAI/Python 3.54.0"),
        ("Anthropic/Python 2.12.0", "Anthropic/Python 2.12.0"),
        ("ollama-python/0.6.3 (x86_64 linux) Python/3.11.7", "ollama-python 0.6.3"),
        ("claude-cli/2.1.75 (external, cli)", "claude-cli 2.1.75"),
        ("deal-desk-bot/1.4", "deal-desk-bot 1.4"),
        ("GeminiCLI/0.50.0/some-model (linux; x64)", "GeminiCLI 0.50.0"),
        ("Charm-Crush/v0.12.0 (https://one.example)", "Charm-Crush v0.12.0"),
        ("AnthropicClientImpl/Java 2.5.0", "AnthropicClientImpl/Java 2.5.0"),
        ("Go-http-client/2.0", "Go-http-client 2.0"),
        ("node", "node -"), ("tool (linux 6)", "tool -"), ("tool/", "tool -"),
        ("tool/beta 2", "tool/beta 2"), ("tool/beta (2)", "tool/beta -"), ("/1.0", "/1.0 -"),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0.0.0", "nil"), ("", "nil"), (" ;() ", "nil"),
    ])
    func theLeadingProductIsNameAndVersion(userAgent: String, product: String) {
        let found = Catalog.product(ofUserAgent: userAgent)
        #expect((found.map { "\($0.name) \($0.version ?? "-")" } ?? "nil") == product)
    }

    private func agents() throws -> Catalog {
        func agent(_ id: String, _ marks: String...) -> String {
            "agent \(id)\nname The \(id)\nvendor V\nkind cli-agent\n"
                + marks.map { "\($0)\nsource s\n" }.joined()
        }
        return try catalog(
            agent("exact", "user-agent exact tool/1.0"),
            agent("prefix", "user-agent prefix tool-x"),
            agent("longer", "user-agent prefix tool-xyz"),
            agent("sdk", "user-agent product some/sdk"),
            agent("tool", "user-agent product tool"), agent("part", "user-agent contains via=part"),
            agent("client", "mcp-client exact my client", "mcp-client prefix my-"))
    }

    @Test(arguments: [
        ("tool/1.0", "exact tool 1.0"), ("tool/1.1", "tool tool 1.1"), ("Tool", "tool Tool -"),
        ("tool-x/2", "prefix tool-x 2"), ("tool-xyz/2", "longer tool-xyz 2"),
        ("lib/1 (linux; tool/3; x)", "tool tool 3"), ("lib/1 some/sdk/4", "sdk some/sdk 4"),
        ("some/sdk 5.0 tool/1", "sdk some/sdk 5.0"),
        ("Mozilla/5.0 (compatible; tool/6)", "tool tool 6"),
        ("lib/1 a=b;via=part;", "part The part -"), ("toolbox/1", "nil"), ("mytool/1", "nil"),
        ("some/sdks 1", "nil"), ("curl/8", "nil"), ("", "nil"),
    ])
    func aSignatureNamesTheProductThatMatched(userAgent: String, expected: String) throws {
        let sighting = try agents().agent(forUserAgent: userAgent)
        let text = sighting.map { "\($0.signature ?? "") \($0.name) \($0.version ?? "-")" } ?? "nil"
        #expect(text == expected)
        #expect(sighting == nil || sighting?.userAgent == userAgent)
    }

    @Test func anMCPClientIsKnownByItsName() throws {
        let catalog = try agents()
        #expect(catalog.agent(forMCPClient: "My Client")?.id == "client")
        #expect(catalog.agent(forMCPClient: "my-own")?.id == "client")
        #expect(catalog.agent(forMCPClient: "tool") == nil)
        #expect(catalog.agent(forMCPClient: "") == nil)
    }

    @Test func aVeryLongFieldIsReadOnlyAtItsFront() throws {
        let long = String(repeating: "x/1 ", count: 50_000) + "tool/1"
        #expect(try agents().agent(forUserAgent: long) == nil)
        #expect(Catalog.product(ofUserAgent: long)?.name == "x")
    }
}
