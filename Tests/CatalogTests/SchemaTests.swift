import FoundationEssentials
import Testing

@testable import Catalog

/// The schema of Docs/Catalog.md is what the reader does: each row of its table is tried.
@Suite struct SchemaTests {
    struct Row: CustomTestStringConvertible, Sendable {
        var word: String
        /// The words of the entries it stands in; itself for one that begins an entry.
        var entries: [String]
        /// `1`, `0–1`, `1–n`, `0–n`.
        var times: String
        /// A whole line.
        var example: String

        var testDescription: String { "\(word) in \(entries.joined(separator: ", "))" }
        var isBeginning: Bool { entries == ["file"] }
    }

    private static let page: String = {
        let path = #filePath.components(separatedBy: "/Tests/")[0] + "/Docs/Catalog.md"
        let bytes = FileManager.default.contents(atPath: path) ?? Data()
        return String(decoding: bytes, as: UTF8.self)
    }()

    static let rows: [Row] = {
        let section = page.components(separatedBy: "\n## Schema\n").last ?? ""
        let own = section.components(separatedBy: "\n## ")[0]
        return own.split(separator: "\n").compactMap { line in
            let cells = line.components(separatedBy: "|").map { cell in
                cell.split(separator: " ").joined(separator: " ")
            }
            guard cells.count == 7, cells[1].hasPrefix("`") else { return nil }
            func bare(_ text: String) -> String { text.replacing("`", with: "") }
            return Row(
                word: bare(cells[1]), entries: bare(cells[2]).components(separatedBy: ", "),
                times: cells[3], example: bare(cells[5]))
        }
    }()

    /// The least that each entry needs, line by line.
    private static func least(_ entry: String) -> [String] {
        let begin = rows.first { $0.word == entry }?.example ?? ""
        let needed = rows.filter {
            $0.entries.contains(entry) && ($0.times == "1" || $0.times == "1–n")
        }
        return [begin] + needed.map(\.example)
    }

    private static func mistakes(_ lines: [String]) -> [CatalogError] {
        let groups = "group llm-api llm-api\n"
        let text = groups + lines.joined(separator: "\n")
        let file = CatalogFile(path: "schema.catalog", withMistakes: Array(text.utf8))
        var draft = CatalogDraft()
        draft.add(file)
        return file.errors + draft.mistakes()
    }

    @Test func everyWordTheReaderKnowsIsInTheTable() {
        #expect(Set(Self.rows.map(\.word)) == Set(CatalogKeyword.allCases.map(\.rawValue)))
    }

    @Test func whatEachEntryNeedsIsEnough() {
        for row in Self.rows where row.isBeginning && row.word != "group" {
            #expect(Self.mistakes(Self.least(row.word)).isEmpty, "\(row.word)")
        }
    }

    /// A line stands where the table says, and nowhere else.
    @Test(arguments: rows) func aWordStandsInItsEntriesOnly(_ row: Row) {
        let all = ["app", "agent", "fingerprint", "runtime", "token"]
        guard !row.isBeginning else { return }
        let elsewhere = Set(
            Self.rows.filter { $0.word == row.word && $0.example != row.example }.flatMap(\.entries)
        )
        // With other values the same word stands in other entries.
        for entry in all where row.entries.contains(entry) || !elsewhere.contains(entry) {
            // Behind what it needs the entry is whole, but for a second line of a kind.
            var lines = Self.least(entry).filter { !$0.hasPrefix(row.word + " ") }
            lines.append(row.example)
            if CatalogKeyword(rawValue: row.word)?.isMark == true { lines.append("source s") }
            let isFree = Self.mistakes(lines).isEmpty
            #expect(isFree == row.entries.contains(entry), "\(row.word) in \(entry)")
        }
    }

    /// As often as the table says, and no oftener.
    @Test(arguments: rows) func aWordStandsAsOftenAsTheTableSays(_ row: Row) {
        guard !row.isBeginning, CatalogKeyword(rawValue: row.word)?.isMark != true else { return }
        for entry in row.entries {
            let without = Self.least(entry).filter { !$0.hasPrefix(row.word + " ") }
            #expect(
                Self.mistakes(without).isEmpty == row.times.hasPrefix("0"), "\(row.word): none")
            let twice = without + [row.example, row.example]
            #expect(
                Self.mistakes(twice).isEmpty == row.times.hasSuffix("n"), "\(row.word): twice")
        }
    }

    /// Every block of the page that shows a file is one.
    @Test func theExamplesOfThePageAreRight() throws {
        let blocks = Self.page.components(separatedBy: "\n\n").filter { $0.hasPrefix("    ") }
        let directory = try #require(Catalog.shippedDirectory())
        var count = 0
        for block in blocks {
            let text = block.split(separator: "\n", omittingEmptySubsequences: false).map {
                String($0.dropFirst(4))
            }.joined(separator: "\n")
            let word = text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
            guard text.hasPrefix("#") || CatalogKeyword(rawValue: word)?.isBeginning == true else {
                continue
            }
            count += 1
            let file = CatalogFile(path: "page.catalog", withMistakes: Array(text.utf8))
            #expect(file.errors.isEmpty, "\(file.errors)")
            var draft = CatalogDraft()
            for path in try CatalogFiles.list(directory) { draft.add(try CatalogFiles.read(path)) }
            draft.add(file)
            #expect(draft.mistakes().isEmpty, "\(draft.mistakes())")
        }
        #expect(count >= 8)
    }
}
