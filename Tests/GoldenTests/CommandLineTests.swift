import Foundation
import Testing

/// What goes wrong says so in one line, with a remedy and the right exit code, and changes nothing.
@Suite struct CommandLineTests {
    private let office = Case(folder: "office/day")

    private func expectOneLine(
        _ outcome: Program.Outcome, _ code: Int32, _ words: [String],
        _ location: SourceLocation = #_sourceLocation
    ) {
        #expect(outcome.status == code, "\(outcome.err)", sourceLocation: location)
        let lines = outcome.err.split(separator: "\n")
        #expect(lines.count == 1, "\(outcome.err)", sourceLocation: location)
        for word in words {
            #expect(
                outcome.err.contains(word), "\(word) in: \(outcome.err)", sourceLocation: location)
        }
    }

    @Test(
        arguments: [
            (name: "empty.pcap", bytes: [], words: ["empty.pcap", "empty"]),
            (name: "text.pcap", bytes: Array("hello, this is text".utf8), words: ["not a pcap"]),
            (
                name: "head.pcap", bytes: [0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0],
                words: ["ends within its file header"]
            ),
        ] as [(name: String, bytes: [UInt8], words: [String])])
    func aFileThatIsNoCaptureIsRefused(
        _ input: (name: String, bytes: [UInt8], words: [String])
    ) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(input.name, bytes: input.bytes)
        let db = folder.file("tyto.db")
        expectOneLine(try Program.run("replay", file, "--db", db), 1, input.words)
        #expect(!FileManager.default.fileExists(atPath: db))
    }

    @Test func aMissingFileIsNamed() throws {
        expectOneLine(
            try Program.run("replay", "/nonexistent.pcap"), 1,
            ["/nonexistent.pcap", "check the path"])
    }

    @Test func aBadSecondFileLeavesTheDatabaseAsItWas() throws {
        let folder = try TemporaryFolder()
        let db = folder.file("tyto.db")
        let dns = Case(folder: "dns/lookups")
        #expect(try Program.run("replay", dns.capture, "--db", db).status == 0)
        let before = try Program.run("inventory", "--db", db, "--format", "json").out
        let bad = try folder.write("bad.pcap", "not a capture at all, only text")
        expectOneLine(try Program.run("replay", office.capture, bad, "--db", db), 1, ["bad.pcap"])
        #expect(try Program.run("inventory", "--db", db, "--format", "json").out == before)
    }

    @Test func aTruncatedCaptureIsReadToItsLastWholePacket() throws {
        let folder = try TemporaryFolder()
        let whole = try #require(FileManager.default.contents(atPath: office.capture))
        let cut = try folder.write("cut.pcapng", bytes: Array(whole.prefix(100_000)))
        let outcome = try Program.run("replay", cut)
        expectOneLine(outcome, 0, ["cut.pcapng", "ends within a record", "was read"])
        #expect(outcome.out.contains("288 packets"))
    }

    @Test func anInvalidFilterIsAUsageError() throws {
        expectOneLine(
            try Program.run("replay", office.capture, "-f", "tcp portt 5"), 2, ["tcp portt 5"])
    }

    @Test func aFilterKeepsOnlyWhatMatches() throws {
        let outcome = try Program.run("replay", office.capture, "-f", "udp port 53")
        #expect(outcome.status == 0)
        #expect(outcome.out.contains("0 MCP servers"))
    }

    @Test(arguments: [
        (
            "sanctionned_apps: {}\n",
            ["c.yaml:1", "unknown key", "did you mean \"sanctioned_apps\""]
        ),
        ("networks:\n  - cidr: 10.0.0.5/8\n    team: a\n", ["c.yaml:2", "10.0.0.0/8"]),
        ("networks:\n  - cidr: nonsense\n    team: a\n", ["c.yaml:2", "no network"]),
        (
            "owners:\n  - ip: 10.0.0.5\n    owner: a\n  - ip: 10.0.0.5\n    owner: b\n",
            ["c.yaml:4", "line 2"]
        ),
        ("owners:\n  - mac: zz\n    owner: a\n", ["c.yaml:2", "no MAC address"]),
        ("networks: 5\n", ["c.yaml:1", "wants a list"]),
        ("owners: [\n", ["c.yaml:"]),
        ("sanctioned_mcp_servers: [10.0.0.1]\n", ["c.yaml:1", "10.1.2.3:8000"]),
        ("a: &x [1]\nb: *x\n", ["c.yaml:1", "aliases"]),
        ("limits:\n  flows: many\n", ["c.yaml:2", "whole number"]),
    ])
    func aMistakeInTheConfigurationIsShownWithItsLine(_ text: String, _ words: [String]) throws {
        let folder = try TemporaryFolder()
        let file = try folder.write("c.yaml", text)
        let db = folder.file("tyto.db")
        expectOneLine(
            try Program.run("replay", office.capture, "--config", file, "--db", db), 2, words)
        #expect(!FileManager.default.fileExists(atPath: db))
    }

    @Test func theSameCaptureIsRefusedUntilAskedForAgain() throws {
        let folder = try TemporaryFolder()
        let db = folder.file("tyto.db")
        let renamed = folder.file("other-name.pcap")
        let test = Case(folder: "llm/ollama")
        try FileManager.default.copyItem(atPath: test.capture, toPath: renamed)
        #expect(try Program.run("replay", test.capture, "--db", db).status == 0)
        expectOneLine(
            try Program.run("replay", renamed, "--db", db), 1, ["already", "--again"])
        #expect(try Program.run("replay", renamed, "--db", db, "--again").status == 0)
    }

    @Test func aForeignDatabaseIsLeftAlone() throws {
        let folder = try TemporaryFolder()
        let file = try folder.write(
            "notes.txt", String(repeating: "no database at all ", count: 80))
        expectOneLine(
            try Program.run("replay", office.capture, "--db", file), 1, ["notes.txt"])
        #expect(try String(contentsOfFile: file, encoding: .utf8).hasPrefix("no database"))
    }

    @Test(
        arguments: [
            (["inventory", "--db", "/nonexistent.db"], 1, "tyto replay"),
            (["inventory", "nonsense"], 2, "--help"), (["nonsense"], 2, "--help"),
            (["replay"], 2, "--help"), (["replay", "x", "--workers", "0"], 2, "1 to 64"),
            (["run", "-i", "nosuchif0"], 2, "nosuchif0"),
            (["report", "--db", "/nonexistent.db", "--out", "/tmp"], 1, "nonexistent"),
        ] as [([String], Int32, String)])
    func aWrongCommandSaysHowToMendIt(_ arguments: [String], _ code: Int32, _ word: String) throws {
        expectOneLine(try Program.run(arguments), code, [word])
    }

    /// Who asks resolvers that nobody can read along with, and which.
    @Test func blindSpotsAreASection() throws {
        let folder = try TemporaryFolder()
        let db = folder.file("tyto.db")
        let names = Case(folder: "dns/stream")
        #expect(try Program.run("replay", names.capture, "--db", db).status == 0)
        let table = try Program.run("inventory", "blind-spots", "--db", db).out
        #expect(table.contains("LOOKUPS OVER") && table.contains("dot"))
        let json = try Program.run("inventory", "blind-spots", "--db", db, "--format", "json").out
        let rows = try #require(
            try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [[String: Any]])
        #expect(!rows.isEmpty && rows.allSatisfy { $0["resolver"] is String })
        let nobody = try Program.run("inventory", "blind-spots", "--db", db, "--team", "x").out
        #expect(!nobody.contains("dot"))
    }

    @Test func everySectionPrintsInEveryFormat() throws {
        let folder = try TemporaryFolder()
        let db = folder.file("tyto.db")
        #expect(
            try Program.run(["replay", office.capture, "--db", db] + office.configuration).status
                == 0)
        for section in ["summary", "apps", "agents", "mcp", "tools", "models", "hosts", "teams"] {
            for format in ["table", "json", "ndjson", "csv"] {
                let out = try Program.run("inventory", section, "--db", db, "--format", format)
                #expect(out.status == 0 && out.out.count > 100, "\(section) \(format)")
                if format == "ndjson" {
                    for line in out.out.split(separator: "\n") {
                        #expect((try? JSONSerialization.jsonObject(with: Data(line.utf8))) != nil)
                    }
                }
                if format == "table" {
                    for line in out.out.split(separator: "\n") { #expect(line.count <= 200) }
                }
            }
        }
    }

    @Test func showPrintsTheChainFromFlowToOwner() throws {
        let folder = try TemporaryFolder()
        let db = folder.file("tyto.db")
        #expect(
            try Program.run(["replay", office.capture, "--db", db] + office.configuration).status
                == 0)
        let rows = try Program.run("inventory", "mcp", "--db", db, "--format", "csv").out
        let row = try #require(rows.split(separator: "\r\n").first { $0.contains("17081") })
        let id = String(row.prefix { $0 != "," })
        let text = try Program.run("show", id, "--db", db).out
        for words in [
            "repo-mcp-server", "unsanctioned", "jun.larsen@corp.example", "hosts.yaml:28",
            "LT-LARS96",
            "DHCP", "10.10.20.21", "→ 10.10.10.100:17081/tcp", "proof", "2026-11-23T19:58:26",
        ] {
            #expect(text.contains(words), "\(words)")
        }
        expectOneLine(try Program.run("show", "mcp-", "--db", db), 1, ["write more"])
    }

    /// The library behind a use is a hint, and the user's own file has the last word.
    @Test func showSaysWhatAFingerprintStandsFor() throws {
        let folder = try TemporaryFolder()
        let db = folder.file("tyto.db")
        _ = try Program.run(["replay", office.capture, "--db", db] + office.configuration)
        let rows = try Program.run("inventory", "apps", "--db", db, "--format", "csv").out
        let row = try #require(rows.split(separator: "\r\n").first { $0.contains("LT-LIND20") })
        let id = String(row.prefix { $0 != "," })
        let value = "t13d5911h1_a33745022dd6_1f22a2ca17c4"
        let text = try Program.run("show", id, "--db", db).out
        for words in [
            "  hint  tls_fingerprint  JA4 \(value) is sent by Node.js fetch (undici) (Node.js 20",
            "; measured 2026-11-26, ", ": any program may use it, so it names no agent\n",
        ] {
            #expect(text.contains(words), "\(words) in \(text)")
        }
        let mine = try folder.write(
            "my.catalog",
            """
            fingerprint \(value) ja4 stack low
            name Our build of Node
            measured 2026-01-02
            source us
            """)
        let own = try Program.run("show", id, "--db", db, "--catalog", mine).out
        #expect(own.contains("is sent by Our build of Node (measured 2026-01-02, us; low"))
        #expect(!own.contains("undici"))
        let both =
            "fingerprint \(value) ja4 stack ignore\n"
            + "fingerprint 1a28e69016765d92e3b381168d68922c ja3 stack ignore\n"
        try both.write(toFile: mine, atomically: true, encoding: .utf8)
        let none = try Program.run("show", id, "--db", db, "--catalog", mine).out
        #expect(!none.contains("tls_fingerprint"))
    }

    @Test func filtersNarrowWhatIsListed() throws {
        let folder = try TemporaryFolder()
        let db = folder.file("tyto.db")
        #expect(
            try Program.run(["replay", office.capture, "--db", db] + office.configuration).status
                == 0)
        func lines(_ more: String...) throws -> Int {
            try Program.run(["inventory", "apps", "--db", db, "--format", "ndjson"] + more).out
                .split(separator: "\n").count
        }
        let all = try lines()
        #expect(all == 15)
        #expect(try lines("--team", "finance") == 2)
        #expect(try lines("--host", "elif-mbp") == 1)
        #expect(try lines("--host", "2001:db8:10:10::15") == 1)
        #expect(try lines("--host", "2001:db8:10:10::ffff") == 0)
        #expect(try lines("--status", "sanctioned") == 7)
        let recent = try lines("--since", "30s")
        #expect(recent > 0 && recent < all)
    }

    @Test func benchComparesEveryStageWithTheFloor() throws {
        let outcome = try Program.run("bench", office.capture, "--rounds", "1")
        #expect(outcome.status == 0, "\(outcome.err)")
        let lines = outcome.out.split(separator: "\n").map { $0.split(separator: " ") }
        #expect(lines.first?.first == "6044")
        #expect(lines.dropFirst(2).map(\.first) == ["floor", "read", "decode", "flows", "record"])
        #expect(lines.dropFirst(2).first?.last == "1.00")
        expectOneLine(
            try Program.run("bench", office.capture, "--stage", "roof"), 2, ["roof", "record"])
        expectOneLine(try Program.run("bench", "/nonexistent.pcap"), 1, ["check the path"])
    }
}
