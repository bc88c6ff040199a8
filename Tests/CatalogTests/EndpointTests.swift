import Testing

@testable import Catalog

/// Hosts that serve other things too, told by host and path together.
@Suite struct EndpointTests {
    private func app(_ id: String, _ endpoints: String...) -> String {
        let lines = endpoints.map { "endpoint \($0)\nsource tests\n" }.joined()
        return "app \(id)\nname \(id.uppercased())\nvendor V\ncategory llm-api\nsource tests\n"
            + lines + "\n"
    }

    @Test func hostAndPathTogetherTell() throws {
        let catalog = try catalog(app("a", "api.one.example exact /mcp mcp strong"))
        let sighting = try #require(catalog.app(forHost: "API.one.example.", path: "/mcp/x"))
        #expect(sighting.app == "a" && sighting.category == "mcp" && sighting.role == "mcp")
        // What else stands in the path may be somebody's.
        #expect(sighting.domain == "api.one.example/mcp")
        #expect(sighting.clue == .httpPath && sighting.strength == .strong)
        #expect(sighting.matched == "api.one.example/mcp exact" && sighting.source == "tests")
        #expect(catalog.app(forName: "api.one.example", clue: .tlsSNI) == nil)
        #expect(catalog.app(forName: "api.one.example", clue: .httpHost) == nil)
        #expect(!catalog.hasApp(forName: "api.one.example"))
        #expect(catalog.hasEndpoint(atHost: "api.one.example"))
        #expect(!catalog.hasEndpoint(atHost: "x.api.one.example"))
        #expect(catalog.app(forDomain: sighting.domain, clue: .httpPath) == sighting)
    }

    @Test(arguments: [
        ("/mcp", "/mcp", true), ("/mcp", "/mcp/", true), ("/mcp", "/mcp/a/b", true),
        ("/mcp", "/mcpx", false), ("/mcp", "/MCP", false), ("/mcp", "/x/mcp", false),
        ("/mcp", "/", false), ("/mcp", "", false), ("/mcp", "mcp", false), ("/mcp", "//mcp", false),
        ("/mcp", "/%6dcp", false), ("/mcp", "*", false),
        ("/v1/{x}/mcp", "/v1/t1/mcp", true), ("/v1/{x}/mcp", "/v1//mcp", false),
        ("/v1/{x}/mcp", "/v1/a/b/mcp", false), ("/v1/{x}/mcp", "/v1/mcp", false),
        ("/s/mcp_*", "/s/mcp_mail/x", true), ("/s/mcp_*", "/s/mcp_", false),
    ])
    func aPathBeginsByWholeSegments(prefix: String, path: String, isMatch: Bool) throws {
        let catalog = try catalog(app("a", "one.example exact \(prefix) mcp strong"))
        #expect((catalog.app(forHost: "one.example", path: path) != nil) == isMatch)
    }

    @Test func theLongerHostWinsAndThereTheLongerPath() throws {
        let catalog = try catalog(
            app("wide", "one.example suffix /mcp mcp strong"),
            app("host", "api.one.example exact /mcp mcp strong"),
            app("path", "api.one.example exact /mcp/git mcp strong"),
            app("tenant", "api.one.example exact /mcp/{x} mcp strong"),
            app("pattern", "{t}.one.example pattern /v1 mcp strong"))
        func found(_ host: String, _ path: String) -> String? {
            catalog.app(forHost: host, path: path)?.app
        }
        #expect(found("api.one.example", "/mcp") == "host")
        #expect(found("api.one.example", "/mcp/git/x") == "path")
        #expect(found("api.one.example", "/mcp/hub") == "tenant")
        #expect(found("x.one.example", "/mcp") == "wide")
        // No path of the longer host fits, one of a shorter does.
        #expect(found("api.one.example", "/v1") == "pattern")
        #expect(found("one.example", "/v1") == nil)
    }

    @Test func aLaterLineReplacesOrSwitchesOff() throws {
        let first = app(
            "a", "one.example exact /mcp mcp strong", "one.example exact /v1 mcp strong")
        let off = try catalog(first, "app a\nendpoint one.example exact /mcp mcp ignore")
        #expect(off.app(forHost: "one.example", path: "/mcp") == nil)
        #expect(off.app(forHost: "one.example", path: "/v1")?.app == "a")
        let moved = try catalog(first, app("b", "one.example exact /mcp api weak"))
        let sighting = try #require(moved.app(forHost: "one.example", path: "/mcp"))
        #expect(sighting.app == "b" && sighting.strength == .hint && sighting.category == "llm-api")
        #expect(moved.app(id: "a")?.endpoints.map(\.path) == ["/v1"])
    }

    @Test(arguments: [
        ("endpoint a.example exact /mcp mcp", "an endpoint takes a host"),
        ("endpoint a.example exact /mcp mcp strong shared", "an endpoint takes a host"),
        ("endpoint a.example regex /mcp mcp strong", "“regex” is no way to match a host"),
        ("endpoint https://a.example exact /mcp mcp strong", "is no domain"),
        ("endpoint a.example exact mcp mcp strong", "“mcp” is no path below the root"),
        ("endpoint a.example exact / mcp strong", "“/” is no path below the root"),
        ("endpoint a.example exact /a/ mcp strong", "“/a/” is no path below the root"),
        ("endpoint a.example exact /a?b mcp strong", "is no path below the root"),
        ("endpoint a.example exact /{a mcp strong", "is no path below the root"),
        ("endpoint a.example exact /{a}{b} mcp strong", "is no path below the root"),
        ("endpoint a.example exact /mcp tool strong", "“tool” is no role of an endpoint"),
        ("endpoint a.example exact /mcp mcp sure", "“sure” is no strength of an endpoint"),
        ("endpoint a.example exact /{a}/{b} mcp strong", "is no path below the root"),
        ("endpoint a.example exact /mcp mcp strong", "“a.example/mcp” has no source"),
    ])
    func aMistakeIsNamedWithItsLine(line: String, problem: String) throws {
        let error = try #require(complaint(about: "\napp a\n\(line)"))
        #expect(error.line == 3)
        #expect(error.problem.contains(problem), "\(error)")
    }

    @Test func anEndpointIsGivenOnceInAFile() throws {
        let line = "endpoint a.example exact /mcp mcp strong\nsource s\n"
        let error = try #require(complaint(about: "app a\n\(line)\(line)"))
        #expect(error.line == 4 && error.problem == "this endpoint was already given on line 2")
        #expect(
            try #require(complaint(about: "agent a\n\(line)")).problem.contains("outside an app"))
    }

    /// However many hosts there are, a name is looked up once for each of its labels.
    @Test func aPrefixOfAnyBytesNeverTraps() {
        var state: UInt64 = 20_261_127
        let letters = Array("/{}*a?#% é".utf8)
        for _ in 0..<5000 {
            let bytes = (0..<12).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return letters[Int(state >> 33) % letters.count]
            }
            guard let prefix = PathPrefix(bytes[...]) else { continue }
            _ = prefix.matches(bytes[...])
        }
    }
}
