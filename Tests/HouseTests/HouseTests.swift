import Foundation
import Testing

/// The rules of Docs/Architecture.md and Docs/Style.md that a machine can hold.
@Suite struct HouseTests {
    @Test(arguments: SourceTree.sources)
    func importsGoOneWay(_ file: SourceFile) {
        #expect(HouseRules.forbiddenImports(file) == [], "\(file.path)")
    }

    @Test(arguments: SourceTree.sources)
    func unsafeStaysWhereItIsNeeded(_ file: SourceFile) {
        #expect(HouseRules.unsafeLines(file) == [], "\(file.path)")
    }

    @Test(arguments: SourceTree.sources)
    func nothingTrapsOnInputAndNothingIsUnfinished(_ file: SourceFile) {
        #expect(HouseRules.bannedWords(file) == [], "\(file.path)")
    }

    @Test(arguments: SourceTree.sources)
    func clocksAreReadInThreePlaces(_ file: SourceFile) {
        #expect(HouseRules.clockLines(file) == [], "\(file.path)")
    }

    @Test(arguments: SourceTree.sources + SourceTree.tests)
    func filesAndLinesFitASitting(_ file: SourceFile) {
        #expect(file.lines.count <= 400, "\(file.path): \(file.lines.count) lines")
        #expect(HouseRules.longLines(file) == [], "\(file.path)")
        #expect(HouseRules.longFunctions(file) == [], "\(file.path)")
    }

    @Test(arguments: SourceTree.sources)
    func namesAreNounsOfTheField(_ file: SourceFile) {
        #expect(HouseRules.vagueNames(file) == [], "\(file.path)")
    }

    @Test(arguments: ["Sources/Wire/Bytes/ParseFailure.swift", "Sources/Wire/Limits.swift"])
    func everyAnomalyAndLimitIsExplained(_ path: String) throws {
        let file = try #require(SourceTree.sources.first { $0.path == path })
        #expect(HouseRules.undocumented(file) == [])
    }

    @Test(arguments: SourceTree.sources.filter { $0.module == "Wire" })
    func noMessageCanHoldContentOrSecrets(_ file: SourceFile) {
        #expect(HouseRules.contentFields(file) == [], "\(file.path)")
    }

    @Test func theTopLevelHoldsOnlyWhatBelongsThere() throws {
        let allowed: Set = [
            "Package.swift", "Sources", "Tests", "Captures", "Docs", "README.md", "LICENSE",
            "Package.resolved",
        ]
        let found = try FileManager.default.contentsOfDirectory(atPath: SourceTree.root.path)
        #expect(found.filter { !$0.hasPrefix(".") && !allowed.contains($0) } == [])
    }

    @Test func everyCaseSaysWhereItComesFrom() throws {
        #expect(!SourceTree.cases.isEmpty)
        for folder in SourceTree.cases {
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(names.contains { $0.hasPrefix("capture.pcap") }, "\(folder.path)")
            #expect(names.contains("expected.json"), "\(folder.path)")
            let text = try String(
                contentsOf: folder.appendingPathComponent("README.md"), encoding: .utf8)
            for word in ["Origin:", "License:", "Covers:"] {
                #expect(text.contains(word), "\(folder.path): \(word)")
            }
        }
    }

    @Test func everyDissectorAndRuleHasACase() throws {
        var covered: Set<String> = []
        for folder in SourceTree.cases {
            let text = try String(
                contentsOf: folder.appendingPathComponent("README.md"), encoding: .utf8)
            for line in text.split(separator: "\n") where line.hasPrefix("Covers:") {
                covered.formUnion(
                    line.dropFirst(7).split(separator: ",").map {
                        $0.trimmingCharacters(in: .whitespaces)
                    })
            }
        }
        #expect(SourceTree.dissectorNames.subtracting(covered) == [])
        #expect(SourceTree.ruleKinds.subtracting(covered) == [])
        #expect(SourceTree.dissectorNames.count >= 5)
        #expect(SourceTree.ruleKinds.count >= 2)
    }

    @Test func layoutIsSettledByTheFormatter() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.currentDirectoryURL = SourceTree.root
        process.arguments = [
            "swift", "format", "lint", "--strict", "-r", "Sources", "Tests", "Package.swift",
        ]
        let file = NSTemporaryDirectory() + "tyto-format-\(UUID().uuidString)"
        _ = FileManager.default.createFile(atPath: file, contents: nil)
        defer { try? FileManager.default.removeItem(atPath: file) }
        process.standardError = FileHandle(forWritingAtPath: file)
        try process.run()
        process.waitUntilExit()
        let said = try String(contentsOfFile: file, encoding: .utf8)
        #expect(process.terminationStatus == 0, "\(said)")
    }
}

/// Each rule finds what it is for: a rule that cannot fail is none.
@Suite struct HouseRuleTests {
    private func file(_ path: String, _ text: String) -> SourceFile {
        SourceFile(path: path, text: text)
    }

    @Test func aForbiddenImportIsFound() {
        #expect(
            HouseRules.forbiddenImports(file("Sources/Wire/X.swift", "import Foundation\n"))
                == ["Foundation"])
        #expect(
            HouseRules.forbiddenImports(file("Sources/Catalog/X.swift", "package import GRDB\n"))
                == ["GRDB"])
        #expect(
            HouseRules.forbiddenImports(file("Sources/Inventory/X.swift", "import GRDB\n")) == [])
    }

    @Test func unsafeElsewhereIsFound() {
        let text = "let a = unsafe b\n// unsafe in a comment\n"
        #expect(HouseRules.unsafeLines(file("Sources/Wire/X.swift", text)) == [1])
        #expect(HouseRules.unsafeLines(file("Sources/Codecs/X.swift", text)) == [])
    }

    @Test func trapsAndLeftoversAreFound() {
        let text =
            "let a = " + "try" + "! b()\nfatal" + "Error(\"x\")\n// TO" + "DO: later\nlet c = d\n"
        #expect(HouseRules.bannedWords(file("Sources/Wire/X.swift", text)) == [1, 2, 3])
    }

    @Test func clocksAreFound() {
        #expect(HouseRules.clockLines(file("Sources/Wire/X.swift", "let now = Date()\n")) == [1])
    }

    @Test func longFunctionsAreFound() {
        let body = String(repeating: "        a += 1\n", count: 61)
        let text = "struct X {\n    func f() {\n\(body)    }\n    func g() {\n    }\n}\n"
        #expect(HouseRules.longFunctions(file("Sources/Wire/X.swift", text)) == ["func f() {"])
    }

    @Test func vagueNamesAreFound() {
        #expect(
            HouseRules.vagueNames(file("Sources/Wire/X.swift", "final class FlowManager {\n"))
                == ["FlowManager"])
        #expect(HouseRules.vagueNames(file("Sources/Wire/FlowHelper.swift", "")) == ["FlowHelper"])
        #expect(HouseRules.vagueNames(file("Sources/Wire/FlowInfo.swift", "")) == ["FlowInfo"])
        #expect(HouseRules.vagueNames(file("Sources/Wire/FlowData.swift", "")) == ["FlowData"])
    }

    @Test func contentFieldsAreFound() {
        let text = "struct M: Sendable {\n    package var arguments: [String]\n}\n"
        #expect(HouseRules.contentFields(file("Sources/Wire/X.swift", text)) == [2])
    }

    @Test func missingExplanationsAreFound() {
        let text = "enum E {\n    /// Why.\n    case a\n    case b\n}\n"
        #expect(HouseRules.undocumented(file("x", text)) == ["case b"])
    }
}
