import Testing

@testable import Catalog

@Suite struct MatchingTests {
    private func matched(_ name: String, _ catalog: Catalog) -> String? {
        catalog.app(forName: name, clue: .tlsSNI).map { "\($0.app): \($0.matched)" }
    }

    @Test func anExactLineStandsForItsOwnNameOnly() throws {
        let catalog = try catalog(app("a", "api.one.example exact api strong"))
        #expect(matched("api.one.example", catalog) == "a: api.one.example exact")
        #expect(matched("x.api.one.example", catalog) == nil)
        #expect(matched("one.example", catalog) == nil)
    }

    @Test func aSuffixLineStandsForEverythingBelowItToo() throws {
        let catalog = try catalog(app("a", "one.example suffix web-ui strong"))
        #expect(matched("one.example", catalog) == "a: one.example suffix")
        #expect(matched("a.b.one.example", catalog) == "a: one.example suffix")
    }

    @Test(arguments: [
        "one.example.net", "notone.example", "one-example", "example", "one.examples",
        "xone.example", "one.example.", "one..example", ".one.example", "",
    ])
    func lookAlikesDoNotMatch(name: String) throws {
        let catalog = try catalog(app("a", "one.example exact api strong"))
        #expect((matched(name, catalog) != nil) == (name == "one.example."))
    }

    @Test func theLongestMatchWins() throws {
        let catalog = try catalog(
            app("wide", "one.example suffix site weak"),
            app("deep", "b.one.example suffix api strong"),
            app("one", "c.b.one.example exact api strong"))
        #expect(matched("x.one.example", catalog) == "wide: one.example suffix")
        #expect(matched("x.b.one.example", catalog) == "deep: b.one.example suffix")
        #expect(matched("c.b.one.example", catalog) == "one: c.b.one.example exact")
        #expect(matched("d.c.b.one.example", catalog) == "deep: b.one.example suffix")
    }

    @Test func exactBeatsSuffixAndSuffixBeatsPatternAtTheSameLength() throws {
        let pattern = app("p", "{x}.one.example pattern api strong")
        let suffix = app("s", "api.one.example suffix api strong")
        let exact = app("e", "api.one.example exact api strong")
        #expect(matched("api.one.example", try catalog(pattern)) == "p: {x}.one.example pattern")
        #expect(
            matched("api.one.example", try catalog(suffix, pattern)) == "s: api.one.example suffix")
        #expect(
            matched("api.one.example", try catalog(exact, suffix, pattern))
                == "e: api.one.example exact")
    }

    @Test func aPatternBeatsAShorterSuffixAndTheMoreFixedPatternAnother() throws {
        let catalog = try catalog(
            app("apex", "one.example suffix site weak"),
            app("wide", "{a}.{b}.one.example pattern api strong"),
            app("narrow", "runtime-{b}.eu.one.example pattern api strong"))
        #expect(matched("x.y.one.example", catalog)?.hasPrefix("wide") == true)
        #expect(matched("runtime-1.eu.one.example", catalog)?.hasPrefix("narrow") == true)
        #expect(matched("runtime-.eu.one.example", catalog)?.hasPrefix("wide") == true)
        #expect(matched("z.x.y.one.example", catalog)?.hasPrefix("apex") == true)
    }

    @Test(arguments: [
        ("q.{r}.one.example", "q.us-east-1.one.example", true),
        ("q.{r}.one.example", "q.one.example", false),
        ("q.{r}.one.example", "q.a.b.one.example", false),
        ("{r}-ai.one.example", "us-ai.one.example", true),
        ("{r}-ai.one.example", "-ai.one.example", false),
        ("{r}-ai.one.example", "us-ai-ai.one.example", true),
        ("a*b*c.one.example", "axbxc.one.example", true),
        ("a*b*c.one.example", "abbbbc.one.example", true),
        ("a*b*c.one.example", "abc.one.example", false),
        ("a*b*c.one.example", "axbc.one.example", false),
        ("*.one.example", "one.example", false),
    ])
    func aWildcardIsOneOrMoreBytesOfALabel(pattern: String, name: String, isMatch: Bool) throws {
        let catalog = try catalog(app("p", "\(pattern) pattern api strong"))
        #expect((matched(name, catalog) != nil) == isMatch)
    }

    @Test func namesAreComparedInLowerCaseWithoutTheFinalDot() throws {
        let catalog = try catalog(app("a", "api.one.example exact api strong"))
        let sighting = catalog.app(forName: "API.One.Example.", clue: .dnsAnswer)
        #expect(sighting?.domain == "api.one.example")
        #expect(sighting?.app == "a")
        #expect(sighting?.name == "A")
        #expect(sighting?.source == "tests")
        #expect(sighting?.role == "api")
        #expect(matched("api.one.example..", catalog) == nil)
    }

    @Test(arguments: [
        "10.1.2.3", "::1", "[::1]", "api.one.example/x", "api.\u{0}.one.example",
        "äpi.one.example", "a b.one.example", "api.one.example:443", "1.2.3.4.one.123",
        "<i>.one.example", String(repeating: "a.", count: 130) + "one.example",
    ])
    func addressesAndWhatNamesNoHostNeverMatch(name: String) throws {
        let catalog = try catalog(app("a", "one.example suffix api strong"))
        #expect(matched(name, catalog) == nil)
    }

    @Test(arguments: [
        ("api strong", Clue.tlsSNI, Strength?.some(.strong)),
        ("api strong", .httpConnect, .strong), ("api strong", .httpHost, .strong),
        ("api strong", .dnsAnswer, .strong), ("api strong", .dnsQuery, .hint),
        ("api strong", .tlsOuterSNI, .strong), ("mcp strong", .tlsSNI, .strong),
        ("api strong shared", .tlsSNI, .strong), ("api strong shared", .dnsAnswer, .hint),
        ("site strong", .tlsSNI, .hint), ("cdn strong", .tlsSNI, .hint),
        ("telemetry strong", .tlsSNI, .hint), ("auth strong", .tlsSNI, .hint),
        ("updates strong", .tlsSNI, .hint), ("api weak", .tlsSNI, .hint),
        ("api weak shared", .tlsSNI, nil), ("api ignore", .tlsSNI, nil),
    ])
    func strengthIsThatOfDomainAndClueTogether(
        domain: String, clue: Clue, strength: Strength?
    ) throws {
        let catalog = try catalog(app("a", "one.example exact \(domain)"))
        #expect(catalog.app(forName: "one.example", clue: clue)?.strength == strength)
    }

    @Test func aDomainOfRoleMCPIsOfCategoryMCPWhateverItsApp() throws {
        let catalog = try catalog(
            app("a", "mcp.one.example exact mcp strong", "api.one.example exact api strong"))
        #expect(catalog.app(forName: "mcp.one.example", clue: .tlsSNI)?.category == "mcp")
        #expect(catalog.app(forName: "api.one.example", clue: .tlsSNI)?.category == "llm-api")
    }
}
