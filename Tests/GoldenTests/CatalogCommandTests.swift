import Foundation
import Testing

/// `tyto catalog`, as its users run it.
@Suite struct CatalogCommandTests {
    private let mine = """
        # Our own.
        app      our-gateway
        name     Model gateway
        vendor   Example Corp
        category ai-gateway
        source   the network team
        domain   llm.corp.example  suffix  api  strong
        source   the network team

        app      openai-api
        domain   api.openai.com  exact  api  ignore
        """

    private func json(_ text: String) throws -> [[String: Any]] {
        try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    }

    // MARK: - Validate

    @Test func aRightFileIsToldWithWhatItOverrides() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("mine.catalog", mine)
        let outcome = try Program.run("catalog", "validate", file)
        #expect(outcome.status == 0 && outcome.err.isEmpty, "\(outcome.err)")
        let lines = outcome.out.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first == "\(file): right; 2 apps, 2 domains")
        #expect(
            lines.last?.hasPrefix(
                "\(file):11: “api.openai.com exact” takes the place of ") == true)
        #expect(lines.last?.contains("llm-maker.catalog:") == true)
    }

    @Test func everyMistakeIsALineAndTheExitCodeIsTwo() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            "wrong.catalog",
            "app a\nname A\ndomian x.example exact api strong\ncountry x\ncategory x\n\nagent b\n")
        let other = try folder.write("other.catalog", "app c\nport 1\n\u{1b}[31m\n")
        let outcome = try Program.run("catalog", "validate", file, other, "/nonexistent.catalog")
        #expect(outcome.status == 2 && outcome.out.isEmpty)
        let lines = outcome.err.split(separator: "\n").map(String.init)
        for (number, words) in [
            ["/nonexistent.catalog: the file cannot be read; "],
            ["\(file):1: ", "“vendor”"], ["\(file):1: ", "“source”"],
            ["\(file):3: unknown word “domian”; "], ["\(file):4: “x” is no country; "],
            ["\(file):5: there is no category “x”; "], ["\(file):7: ", "“name”"],
            ["\(file):7: ", "“vendor”"], ["\(file):7: ", "“kind”"],
        ].enumerated() {
            for word in words {
                #expect(lines[number].contains(word), "\(number): \(word) in \(lines[number])")
            }
        }
        #expect(lines.contains { $0.hasPrefix("\(other):2: an app has no “port”") })
        #expect(lines.contains { $0.hasPrefix("\(other):3: unknown word “·[31m”") })
        #expect(lines.last == "tyto: \(lines.count - 1) mistakes")
    }

    @Test func theShippedFilesAreRight() throws {
        let folder = Program.root.appendingPathComponent("Sources/Catalog/Data").path
        let outcome = try Program.run("catalog", "validate", folder)
        #expect(outcome.status == 0, "\(outcome.err)")
        #expect(outcome.out.contains("mcp-cloud.catalog: right; "))
    }

    // MARK: - Explain

    @Test func aNameIsExplainedWithTheUsersOwnFiles() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("mine.catalog", mine)
        let plain = try Program.run("catalog", "explain", "api.openai.com").out
        #expect(plain.contains("OpenAI API platform (openai-api), category llm-api."))
        #expect(plain.contains("llm-maker.catalog:") && plain.contains("wins: the longest"))
        #expect(plain.contains("DNS question only") && plain.contains("hint"))
        let off = try Program.run("catalog", "explain", "api.openai.com", "--catalog", file).out
        #expect(off.contains("Switched off"))
        #expect(off.contains("loses: replaced by \(file):11, which was read later"))
        let found = try json(
            try Program.run(
                "catalog", "explain", "x.llm.corp.example", "--catalog", file, "-f", "json"
            ).out)
        let line = try #require((found.first?["lines"] as? [[String: Any]])?.first)
        #expect(line["file"] as? String == file && line["line"] as? Int == 7)
        #expect(line["wins"] as? Bool == true)
    }

    @Test func whatItIsTakenForCanBeSaid() throws {
        let field = try Program.run("catalog", "explain", "cursor", "--as", "user-agent").out
        #expect(field.hasPrefix("cursor  (user-agent)\n"))
        let bad = try Program.run("catalog", "explain", "x", "--as", "dream")
        #expect(bad.status == 2 && bad.err.contains("--as"))
        #expect(try Program.run("catalog", "explain", "x", "-f", "csv").status == 2)
        #expect(try Program.run("catalog", "explain", "").status == 2)
    }

    @Test func aTokenIsNeverPrinted() throws {
        // Made up, and of one letter.
        let letters = String(repeating: "q7", count: 18)
        for format in ["table", "json"] {
            let outcome = try Program.run("catalog", "explain", "ghp_" + letters, "-f", format)
            #expect(outcome.status == 0 && outcome.out.contains("github-classic-pat"))
            #expect(outcome.out.contains("ghp_… (40 bytes)"))
            #expect(!(outcome.out + outcome.err).contains("q7"))
        }
    }

    // MARK: - List

    @Test func everyKindIsListedWithVendorSourceAndDate() throws {
        for kind in [
            "app", "domain", "endpoint", "agent", "crawler", "runtime", "token", "fingerprint",
        ] {
            let rows = try json(
                try Program.run("catalog", "list", "--kind", kind, "--format", "json").out)
            #expect(rows.count > 50, "\(kind)")
            for row in rows {
                #expect(row["kind"] as? String == kind)
                for field in ["id", "name", "category", "source", "checked", "file"] {
                    #expect((row[field] as? String)?.isEmpty == false, "\(field) of \(row)")
                }
                #expect((row["line"] as? Int ?? 0) > 0)
                if kind != "fingerprint" {
                    #expect((row["vendor"] as? String)?.isEmpty == false, "\(row)")
                }
            }
            let csv = try Program.run("catalog", "list", "--kind", kind, "-f", "csv").out
            #expect(csv.split(separator: "\r\n").count == rows.count + 1)
            let table = try Program.run("catalog", "list", "--kind", kind).out
            #expect(table.split(separator: "\n").allSatisfy { $0.count <= 130 })
        }
    }

    @Test func aCategoryNarrowsTheList() throws {
        let rows = try json(
            try Program.run("catalog", "list", "--category", "coding-assistant", "-f", "json").out)
        #expect(rows.contains { $0["id"] as? String == "cursor" })
        #expect(rows.allSatisfy { $0["category"] as? String == "coding-assistant" })
        let none = try Program.run("catalog", "list", "--category", "nonsense")
        #expect(none.status == 2 && none.err.contains("coding-assistant"))
        #expect(try Program.run("catalog", "list", "-f", "ndjson").status == 2)
        #expect(try Program.run("catalog", "list", "--kind", "dream").status == 2)
    }

    // MARK: - The administrator's folder

    @Test func theAdministratorsFolderIsReadIfItIsThere() throws {
        let folder = try TemporaryFolder()
        func category(_ name: String, _ more: [String] = []) throws -> Program.Outcome {
            try Program.run(
                ["catalog", "explain", "llm.corp.example"] + more,
                environment: ["TYTO_CATALOG_D": folder.file(name)])
        }
        let nothing = "No line of the catalog matches"
        #expect(try category("none").out.contains(nothing))
        try FileManager.default.createDirectory(
            atPath: folder.file("catalog.d"), withIntermediateDirectories: false)
        #expect(try category("catalog.d").out.contains(nothing))
        _ = try folder.write("catalog.d/mine.catalog", mine)
        #expect(try category("catalog.d").out.contains("Model gateway (our-gateway)"))
        // What the command line names is read later.
        let last = try folder.write(
            "last.catalog", "app our-gateway\ndomain llm.corp.example suffix api ignore\n")
        #expect(try category("catalog.d", ["--catalog", last]).out.contains("Switched off"))
        _ = try folder.write("catalog.d/wrong.catalog", "nonsense\n")
        let wrong = try category("catalog.d")
        #expect(wrong.status == 2 && wrong.err.contains("wrong.catalog:1: unknown word"))
    }

    @Test func aReplayReadsTheAdministratorsFolderToo() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.file("d"), withIntermediateDirectories: false)
        let off = "app openai-api\ndomain api.openai.com exact api ignore\n"
        _ = try folder.write("d/off.catalog", off)
        let office = Case(folder: "office/day")
        func apps(_ catalog: String) throws -> Bool {
            let db = folder.file(UUID().uuidString)
            let environment = ["TYTO_CATALOG_D": catalog]
            let run = try Program.run(
                ["replay", office.capture, "--db", db], environment: environment)
            #expect(run.status == 0, "\(run.err)")
            return try Program.run(
                ["inventory", "apps", "--db", db, "-f", "csv"], environment: environment
            ).out.contains("api.openai.com")
        }
        #expect(try apps("/nonexistent"))
        #expect(try !apps(folder.file("d")))
    }

    @Test(arguments: [[], ["validate"], ["explain"], ["list"]]) func helpSaysHow(
        _ command: [String]
    ) throws {
        let outcome = try Program.run(["catalog"] + command + ["--help"])
        #expect(outcome.status == 0)
        #expect(outcome.out.contains("OVERVIEW") && outcome.out.contains("USAGE"))
        #expect(outcome.out.contains(command.isEmpty ? "/etc/tyto/catalog.d" : "Example"))
    }
}
