import FoundationEssentials
import Testing

@testable import Catalog

/// Every mistake of a file, not only the first.
@Suite struct ReviewTests {
    private func errors(_ text: String) -> [String] {
        CatalogFile(path: "my.catalog", withMistakes: Array(text.utf8)).errors.map {
            "\($0.line) \($0.problem)"
        }
    }

    @Test func everyMistakeIsNamedOnItsLine() {
        let found = errors(
            """
            app      good
            name     Good
            vendor   V
            country  Sweden
            category llm-api
            source   s
            domian   x.example exact api strong
            domain   Y.example exact api strong
            source   of the line that could not be read
            checked  2026-11
            domain   z.example exact api strong
            domain   w.example exact api strong
            source   s

            agent    bot
            kind     robot
            user-agent exact b
            token    T
            shape    nothing of this is said of another entry
            name     n
            fingerprint x ja4 stack high
            measured never
            runtime  r
            kind     llm-server
            """)
        #expect(
            found == [
                "4 “Sweden” is no country", "7 unknown word “domian”",
                "8 “Y.example” is no domain", "11 domain “z.example” has no source",
                "16 “robot” is no kind of agent", "17 “b” has no source", "18 “T” is no id",
                "21 “x” is no JA4",
                "23 runtime “r” has no “name”, no “vendor”, no “source”",
            ])
    }

    @Test func aFieldWhoseLineIsWrongIsNotMissingAsWell() {
        #expect(
            errors(
                "fingerprint d67b094811e5145139d7cea5f014309f ja3 stack high\nname n\nsource s\n"
                    + "measured soon") == ["4 “soon” is no day"])
        #expect(
            errors("runtime r\nname n\nvendor v\nsource s\nkind robot")
                == ["5 “robot” is no kind of runtime"])
    }

    @Test func theFirstOfThemStopsTheStart() throws {
        let text = "app a\ndomain x.example exact api strong\n\ndomain y.example no api strong"
        let first = try #require(complaint(about: text))
        #expect(first.line == 2)
        #expect(CatalogFile(path: "my.catalog", withMistakes: Array(text.utf8)).errors.count == 2)
    }

    @Test func aFileOfAnotherKindIsNotReadOutInFull() {
        let file = CatalogFile(
            path: "m", withMistakes: Array(String(repeating: "hello\n", count: 1000).utf8))
        #expect(file.errors.count == CatalogFile.errorLimit)
        #expect(file.moreErrors == 1000 - CatalogFile.errorLimit)
    }

    @Test func filesAreReviewedOnTopOfOthers() throws {
        let files = FileManager.default
        let folder = "\(files.temporaryDirectory.path())/tyto-review-\(UUID().uuidString)"
        defer { try? files.removeItem(atPath: folder) }
        try files.createDirectory(atPath: "\(folder)/base", withIntermediateDirectories: true)
        func write(_ text: String, _ name: String) -> String {
            #expect(files.createFile(atPath: "\(folder)/\(name)", contents: Data(text.utf8)))
            return "\(folder)/\(name)"
        }
        _ = write(
            "group llm-api llm-api\n" + app("a", "one.example suffix api strong"),
            "base/a.catalog")
        let base = ["\(folder)/base"]
        // An app of the base needs no fields again.
        let mine = write(
            "app a\ndomain two.example exact api strong\nsource s\n"
                + "domain one.example suffix api ignore", "1.catalog")
        let right = try CatalogReview(of: [mine], on: base)
        #expect(right.errors.isEmpty && right.files.map(\.path) == [mine])
        #expect(right.files[0].counts.map(\.what) == ["app", "domain"])
        #expect(right.files[0].counts.map(\.count) == [1, 2])
        #expect(right.replacements.map(\.text) == ["one.example suffix"])
        #expect(right.replacements[0].origin.description == "\(mine):4")
        #expect(right.replacements[0].former.description == "\(folder)/base/a.catalog:7")

        let wrong = write(
            "app b\nname B\n\napp c\nname C\nvendor V\ncategory x\nsource s", "2.catalog")
        let review = try CatalogReview(of: [wrong, "\(folder)/none", mine], on: base)
        #expect(
            review.errors.map(\.problem) == [
                "the file cannot be read", "“b” is new and has no “vendor”",
                "“b” is new and has no “category”", "“b” is new and has no “source”",
                "there is no category “x”",
            ])
        #expect(review.errors.last?.line == 7)
        #expect(review.errors.last?.remedy.contains("llm-api") == true)
    }
}
