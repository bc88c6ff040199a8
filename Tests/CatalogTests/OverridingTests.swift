import FoundationEssentials
import Testing

@testable import Catalog

@Suite struct OverridingTests {
    private let shipped = app("a", "one.example suffix api strong", "two.example exact site weak")

    @Test func anAppGivenAgainReplacesTheFieldsItNamesAndAddsDomains() throws {
        let catalog = try catalog(
            shipped,
            "app a\nname Mine\ncategory chat-assistant\ndomain three.example exact api strong\nsource me"
        )
        let merged = try #require(catalog.app(id: "a"))
        #expect(merged.name == "Mine")
        #expect(merged.vendor == "V")
        #expect(merged.group == "chat")
        #expect(merged.source == "tests")
        #expect(merged.domains.map(\.text) == ["one.example", "three.example", "two.example"])
        #expect(catalog.app(forName: "three.example", clue: .tlsSNI)?.name == "Mine")
    }

    @Test func aDomainGivenAgainReplacesTheFormerLine() throws {
        let catalog = try catalog(
            shipped, "app a\ndomain two.example exact api strong\nsource our own traffic")
        let sighting = try #require(catalog.app(forName: "two.example", clue: .tlsSNI))
        #expect(sighting.strength == .strong)
        #expect(sighting.role == "api")
        #expect(sighting.source == "our own traffic")
        #expect(catalog.app(id: "a")?.domains.count == 2)
    }

    @Test func aDomainGivenToAnotherAppMovesThere() throws {
        let catalog = try catalog(shipped, app("b", "one.example suffix web-ui strong"))
        #expect(catalog.app(forName: "x.one.example", clue: .tlsSNI)?.app == "b")
        #expect(catalog.app(id: "a")?.domains.map(\.text) == ["two.example"])
    }

    @Test func ignoreSwitchesADomainOffButNotTheOnesBelowIt() throws {
        let catalog = try catalog(
            shipped, app("b", "api.one.example exact api strong"),
            "app a\ndomain one.example suffix api ignore")
        #expect(catalog.app(forName: "one.example", clue: .tlsSNI) == nil)
        #expect(catalog.app(forName: "x.one.example", clue: .tlsSNI) == nil)
        #expect(catalog.app(forName: "api.one.example", clue: .tlsSNI)?.app == "b")
    }

    @Test func ignoreOnOneHostDoesNotFallBackToTheDomainAboveIt() throws {
        let catalog = try catalog(shipped, "app a\ndomain x.one.example exact api ignore")
        #expect(catalog.app(forName: "x.one.example", clue: .tlsSNI) == nil)
        #expect(catalog.app(forName: "y.one.example", clue: .tlsSNI)?.app == "a")
    }

    @Test func aSharedDomainCanBeMadeToCount() throws {
        let shared = app("a", "one.example suffix web-ui weak shared")
        #expect(try catalog(shared).app(forName: "one.example", clue: .tlsSNI) == nil)
        let mine = try catalog(shared, "app a\ndomain one.example suffix web-ui strong\nsource me")
        #expect(mine.app(forName: "one.example", clue: .tlsSNI)?.strength == .strong)
    }

    @Test func anAgentGivenAgainTakesOverAMark() throws {
        let first = "agent a\nname A\nvendor V\nkind sdk\nuser-agent product one\nsource s\n"
        let second = "agent b\nname B\nvendor V\nkind cli-agent\nuser-agent product one\nsource s\n"
        let catalog = try catalog(first, second, "agent a\nname AA\nmcp-client exact one\nsource s")
        #expect(catalog.agent(forUserAgent: "one/1")?.signature == "b")
        #expect(catalog.agent(forMCPClient: "One")?.name == "AA")
        #expect(catalog.agent(id: "a")?.marks.count == 1)
    }

    @Test func filesAndDirectoriesAreReadInOrder() throws {
        let files = FileManager.default
        let folder = "\(files.temporaryDirectory.path())/tyto-catalog-\(UUID().uuidString)"
        defer { try? files.removeItem(atPath: folder) }
        try files.createDirectory(atPath: "\(folder)/main", withIntermediateDirectories: true)
        try files.createDirectory(atPath: "\(folder)/mine", withIntermediateDirectories: true)
        func write(_ text: String, _ path: String) {
            #expect(files.createFile(atPath: "\(folder)/\(path)", contents: Data(text.utf8)))
        }
        write("app a\nname From A", "main/a.catalog")
        write("group llm-api llm-api\n" + shipped, "main/b.catalog")
        write("not read", "main/notes.txt")
        write("app a\nname From 1", "mine/1.catalog")
        write("app a\nname From 2", "mine/2.catalog")
        write("app a\nvendor Last", "last")

        let plain = try Catalog.load(directory: "\(folder)/main", additional: [])
        #expect(plain.app(id: "a")?.name == "A")
        let all = try Catalog.load(
            directory: "\(folder)/main", additional: ["\(folder)/mine", "\(folder)/last"])
        #expect(all.app(id: "a")?.name == "From 2")
        #expect(all.app(id: "a")?.vendor == "Last")

        let missing = #expect(throws: CatalogError.self) {
            try Catalog.load(directory: "\(folder)/main", additional: ["\(folder)/none"])
        }
        #expect(missing?.description.hasPrefix("\(folder)/none: the file cannot be read; ") == true)
        try files.removeItem(atPath: "\(folder)/mine/1.catalog")
        try files.removeItem(atPath: "\(folder)/mine/2.catalog")
        let empty = #expect(throws: CatalogError.self) {
            try Catalog.load(directory: "\(folder)/mine", additional: [])
        }
        #expect(empty?.problem == "the directory holds no catalog file")
    }
}
