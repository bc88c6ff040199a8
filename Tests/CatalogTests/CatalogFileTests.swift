import Testing

@testable import Catalog

@Suite struct CatalogFileTests {
    @Test func anAppIsReadWithEveryField() throws {
        let catalog = try catalog(
            """
            # a comment
            app      my-app\r
            name     My  App
            vendor\tMe & Co
            country  SE
            category llm-api
            source   page one
            source   page two
            checked  2026-10

              # another
            domain   my.example  suffix  web-ui  strong  shared
            source   page three
            checked  2026-11
            domain   api.my.example exact api strong
            source   page four
            """)
        let app = try #require(catalog.app(id: "my-app"))
        #expect(app.name == "My  App")
        #expect(app.vendor == "Me & Co")
        #expect(app.country == "SE")
        #expect(app.category == "llm-api")
        #expect(app.group == "llm-api")
        #expect(app.source == "page one ; page two")
        #expect(app.checked == "2026-10")
        #expect(
            app.domains == [
                AppDomain(
                    text: "api.my.example", match: .exact, role: .api, strength: .strong,
                    isShared: false, source: "page four", checked: nil),
                AppDomain(
                    text: "my.example", match: .suffix, role: .webUI, strength: .strong,
                    isShared: true, source: "page three", checked: "2026-11"),
            ])
    }

    @Test(arguments: [
        ("app a\nnam b", 2, "unknown word “nam”"),
        ("app a\nname", 2, "“name” has no value"),
        ("app A b", 1, "“A b” is no id"),
        (
            "name b", 1,
            "“name” stands before any “app”, “agent”, “fingerprint”, “runtime”, “token” or “device”"
        ),
        ("source b", 1, "“source” has nothing above it"),
        ("checked 2026-11", 1, "“checked” stands before any"),
        ("domain a.example exact api strong", 1, "“domain” stands outside an app"),
        ("app a\nuser-agent exact b", 2, "“user-agent” stands outside an agent"),
        ("app a\nkind sdk", 2, "an app has no “kind”"),
        ("agent a\ncountry SE", 2, "an agent has no “country”"),
        ("app a\nname b\n\nname c", 4, "“name” is given twice"),
        ("app a\ncountry Sweden", 2, "“Sweden” is no country"),
        ("app a\nchecked 2026-13", 2, "“2026-13” is no month"),
        ("app a\nchecked 26-1", 2, "“26-1” is no month"),
        ("app a\n\napp a", 3, "app “a” was already given on line 1"),
        ("agent a\nagent a", 2, "agent “a” was already given on line 1"),
        ("app a\ndomain x.example exact api", 2, "a domain takes a name"),
        ("app a\ndomain x.example exact api strong common", 2, "a domain takes a name"),
        ("app a\ndomain x.example regex api strong", 2, "“regex” is no way to match a domain"),
        ("app a\ndomain x.example exact apis strong", 2, "“apis” is no role of a domain"),
        ("app a\ndomain x.example exact api sure", 2, "“sure” is no strength of a domain"),
        ("app a\ndomain X.example exact api strong", 2, "“X.example” is no domain"),
        ("app a\ndomain https://x.example exact api strong", 2, "is no domain"),
        ("app a\ndomain 10.0.0.1 exact api strong", 2, "is no domain"),
        ("app a\ndomain com suffix api strong", 2, "is no domain"),
        ("app a\ndomain *.x.example suffix api strong", 2, "has a wildcard but matches as suffix"),
        ("app a\ndomain x.example pattern api strong", 2, "is no pattern"),
        ("app a\ndomain x.* pattern api strong", 2, "is no pattern"),
        ("app a\ndomain {x.example pattern api strong", 2, "is no pattern"),
        ("app a\ndomain {a}{b}.x.example pattern api strong", 2, "is no pattern"),
        ("app a\ndomain x.example exact api strong\n\napp b", 2, "“x.example” has no source"),
        ("app a\ndomain x.example exact api strong", 2, "“x.example” has no source"),
        (
            "app a\ndomain x.example exact api strong\nsource s\ndomain x.example exact api weak",
            4,
            "“x.example exact” was already given on line 2"
        ),
        ("agent a\nkind robot", 2, "“robot” is no kind of agent"),
        ("agent a\nuser-agent regex b", 2, "“regex” is no way to match"),
        ("agent a\nuser-agent exact", 2, "there is nothing, or too much"),
        ("agent a\nuser-agent product a b", 2, "“a b” cannot be a product"),
        ("agent a\nmcp-client product a", 2, "“a” cannot be a product"),
        ("agent a\nuser-agent exact b", 2, "“b” has no source"),
        (
            "agent a\nuser-agent exact b\nsource s\nagent c\nuser-agent exact b", 5,
            "this mark was already given on line 2"
        ),
        ("group a", 1, "“group” takes a category"),
        ("group a b\ngroup a c", 2, "the group of “a” was already given on line 1"),
    ])
    func aMistakeIsNamedWithItsLine(text: String, line: Int, problem: String) throws {
        let error = try #require(complaint(about: text))
        #expect(error.line == line)
        #expect(error.problem.contains(problem), "\(error)")
        #expect(!error.remedy.isEmpty)
        #expect(error.description.hasPrefix("my.catalog:\(line): "))
        #expect(!error.description.contains("\n"))
    }

    @Test func sourcesOfManyLinesAddUp() throws {
        let catalog = try catalog(
            """
            app      a
            source   one
            name     A
            vendor   V
            category llm-api
            source   two
            source   three
            domain   a.example exact api strong
            source   four
            source   five
            domain   b.example exact api strong
            source   six
            source   seven
            source   eight
            """)
        let app = try #require(catalog.app(id: "a"))
        #expect(app.source == "one ; two ; three")
        #expect(app.domains.map(\.source) == ["four ; five", "six ; seven ; eight"])
        #expect(catalog.maker(ofApp: "a")?.vendor == "V")
        #expect(catalog.maker(ofApp: "a")?.country == nil)
        #expect(catalog.maker(ofApp: "b") == nil)
    }

    @Test func aDomainThatOnlySwitchesOffNeedsNoSource() {
        #expect(complaint(about: "app a\ndomain x.example exact api ignore") == nil)
    }

    @Test(arguments: [
        ("app a\nvendor v\ncategory llm-api\nsource s", "“a” is new and has no “name”"),
        ("app a\nname n\ncategory llm-api\nsource s", "“a” is new and has no “vendor”"),
        ("app a\nname n\nvendor v\nsource s", "“a” is new and has no “category”"),
        ("app a\nname n\nvendor v\ncategory llm-api", "“a” is new and has no “source”"),
        ("agent a\nname n\nvendor v", "“a” is new and has no “kind”"),
    ])
    func aNewEntryNeedsItsFields(text: String, problem: String) {
        let error = #expect(throws: CatalogError.self) { try catalog("\n" + text) }
        #expect(error?.problem == problem)
        #expect(error?.file == "file1.catalog")
        #expect(error?.line == 2)
    }

    @Test func anUnknownCategoryIsShownWhereItStands() {
        let error = #expect(throws: CatalogError.self) {
            try catalog(app("a"), "\napp a\ncategory lmm-api")
        }
        #expect(error?.file == "file2.catalog")
        #expect(error?.line == 3)
        #expect(error?.problem == "there is no category “lmm-api”")
        #expect(error?.remedy.contains("chat-assistant, llm-api, mcp-server") == true)
    }

    @Test func anyBytesAreReadOrRefusedButNeverTrap() throws {
        var state: UInt64 = 20_261_124
        let text = Array((app("a", "one.example suffix api strong") + "agent b\nkind sdk\n").utf8)
        for _ in 0..<3000 {
            var bytes = text
            for _ in 0..<3 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 24)
            }
            var draft = CatalogDraft()
            guard let file = try? CatalogFile(path: "m", bytes: bytes) else { continue }
            draft.add(file)
            _ = try? Catalog(draft)
            // The same with all that is wrong: the first mistake is the one that stops a start.
            let whole = CatalogFile(path: "m", withMistakes: bytes)
            #expect(whole.errors.isEmpty)
        }
    }
}
