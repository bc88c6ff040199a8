import Capture
import Foundation
import Testing
import Wire

/// The whole line, on real input: what comes of every case in Captures/.
@Suite struct GoldenTests {
    private static let isAccepting = ProcessInfo.processInfo.environment["TYTO_ACCEPT"] == "1"

    private func inventory(
        _ test: Case, _ files: [String], _ options: [String] = [], runs: Int = 1
    ) throws -> String {
        let folder = try TemporaryFolder()
        let db = ["--db", folder.file("tyto.db")]
        let parts = runs == 1 ? [files] : files.map { [$0] }
        for part in parts {
            let replay = try Program.run(["replay"] + part + test.configuration + db + options)
            #expect(replay.status == 0, "\(replay.err)")
        }
        let out = try Program.run(["inventory", "--format", "json"] + db)
        #expect(out.status == 0, "\(out.err)")
        return out.out
    }

    @Test(arguments: Case.all)
    func everyCaseGivesItsInventory(_ test: Case) throws {
        let got = try inventory(test, [test.capture])
        let file = test.path("expected.json")
        if GoldenTests.isAccepting {
            try got.write(toFile: file, atomically: true, encoding: .utf8)
        }
        let expected = try String(contentsOfFile: file, encoding: .utf8)
        #expect(got == expected, "\(test.folder): TYTO_ACCEPT=1 accepts it; then read the diff")
    }

    @Test(arguments: Case.all)
    func theNumberOfWorkersChangesNothing(_ test: Case) throws {
        let expected = try String(contentsOfFile: test.path("expected.json"), encoding: .utf8)
        for workers in ["2", "4"] {
            #expect(try inventory(test, [test.capture], ["--workers", workers]) == expected)
        }
    }

    @Test func eventsDoNotDependOnTheNumberOfWorkers() throws {
        let test = try #require(Case.all.first { $0.folder == "office/day" })
        let one = try Program.run("replay", test.capture, "--events", "-")
        let four = try Program.run("replay", test.capture, "--events", "-", "--workers", "4")
        #expect(one.out == four.out)
        #expect(one.out.split(separator: "\n").count > 500)
    }

    /// Cut in two anywhere, the capture comes to the same: as two files in one run, or in two runs.
    @Test(arguments: [1, 700, 1511, 3022, 4400, 6000])
    func aCaptureInTwoFilesComesToTheSame(_ cut: Int) throws {
        let test = try #require(Case.all.first { $0.folder == "office/day" })
        let folder = try TemporaryFolder()
        let halves = try PcapCut.cut(test.capture, after: cut)
        let files = try halves.enumerated().map {
            try folder.write("part\($0.offset).pcap", bytes: $0.element)
        }
        let whole = try String(contentsOfFile: test.path("expected.json"), encoding: .utf8)
        #expect(try inventory(test, files) == whole)
        #expect(try inventory(test, files, ["--workers", "3"]) == whole)
    }

    /// Cut between exchanges: of an answer, what lies in the next capture is nobody's.
    @Test(arguments: [1511, 4000])
    func twoRunsComeToTheSameAsOne(_ cut: Int) throws {
        let test = try #require(Case.all.first { $0.folder == "office/day" })
        let folder = try TemporaryFolder()
        let files = try PcapCut.cut(test.capture, after: cut).enumerated().map {
            try folder.write("part\($0.offset).pcap", bytes: $0.element)
        }
        let whole = try String(contentsOfFile: test.path("expected.json"), encoding: .utf8)
        #expect(try inventory(test, files, runs: 2) == whole)
    }

    @Test func noDecoyIsCalledMCP() throws {
        let test = try #require(Case.all.first { $0.folder == "decoys/look-alikes" })
        let text = try inventory(test, [test.capture])
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        let servers = try #require(document["mcp_servers"] as? [[String: Any]])
        #expect(servers.count == 1)
    }

    /// Tokens, prompts, arguments and results cross the wire in these captures, and stay there.
    @Test(arguments: [
        ("mcp/streamable-2025-06-18", ["demo-token-000"]),
        ("llm/openai-chat", ["weather in Oslo?", "sk-demo-000", "It is sunny"]),
        ("llm/anthropic-messages", ["weather in Oslo?", "sk-ant-demo-000", "Let me look"]),
        ("llm/ollama", ["weather in Oslo?", "\"city\"", "It is sunny"]),
        ("llm/openai-responses", ["weather in Oslo?", "sk-demo-000", "user-hash-1"]),
        ("llm/gemini", ["weather in Oslo?", "demo-key-000", "It is sunny"]),
        (
            "llm/streams",
            [
                "content that nobody keeps", "anna@corp.example", "demo-secret", "demo-key-000",
                "/home/anna",
            ]
        ),
        ("a2a/jsonrpc-1.0", ["Hello World!", "ctx-demo-1", "Processing your question"]),
        ("a2a/http-json-0.3", ["weather in Oslo?", "It is sunny in Oslo"]),
        ("agents/acp", ["weather in Oslo?", "It is sunny in Oslo"]),
        ("agents/ag-ui", ["weather in Oslo?", "It is sunny", "thread-1"]),
        ("agents/agent-client", ["fix the bug", "demo-secret", "/srv/project", "mcp-files"]),
        ("http2/grpc", ["secret-token-000"]), ("mcp/http2", ["secret-argument-000"]),
    ])
    func noContentAndNoSecretIsKept(_ folder: String, _ secrets: [String]) throws {
        let test = try #require(Case.all.first { $0.folder == folder })
        let wire = try #require(FileManager.default.contents(atPath: test.capture))
        for secret in secrets { #expect(wire.range(of: Data(secret.utf8)) != nil) }
        let place = try TemporaryFolder()
        let db = place.file("tyto.db")
        let events = place.file("events.json")
        let replay = try Program.run("replay", test.capture, "--db", db, "--events", events)
        #expect(replay.status == 0)
        let report = try Program.run("report", "--db", db, "--out", place.file("report"))
        #expect(report.status == 0, "\(report.err)")
        for name in try FileManager.default.subpathsOfDirectory(atPath: place.path) {
            guard let bytes = FileManager.default.contents(atPath: place.file(name)) else {
                continue
            }
            for secret in secrets {
                #expect(bytes.range(of: Data(secret.utf8)) == nil, "\(secret) in \(name)")
            }
        }
    }
}

/// A capture written anew as two nanosecond pcap files.
enum PcapCut {
    static func cut(_ path: String, after count: Int) throws -> [[UInt8]] {
        [try cut(path, from: 0, to: count), try cut(path, from: count, to: .max)]
    }

    /// The packets after number `from`, up to number `to`.
    static func cut(_ path: String, from: Int, to: Int) throws -> [UInt8] {
        var part = header
        var file = try CaptureFile(path: path)
        var batch = PacketBatch()
        while try file.read(into: &batch) {
            for packet in batch.packets where (from + 1...max(from + 1, to)) ~= Int(packet.number) {
                let time = packet.time.nanoseconds
                part += little(UInt32(time / 1_000_000_000))
                part += little(UInt32(time % 1_000_000_000))
                part += little(UInt32(packet.capturedBytes))
                part += little(UInt32(packet.wireBytes))
                part += batch.bytes[packet.offset..<(packet.offset + packet.capturedBytes)]
            }
        }
        return part
    }

    /// A capture of these frames, a millisecond between them.
    static func file(of frames: [[UInt8]]) -> [UInt8] {
        var file = header
        for (number, frame) in frames.enumerated() {
            let count = UInt32(frame.count)
            file += little(1_800_000_000) + little(UInt32(number) * 1_000_000)
            file += little(count) + little(count) + frame
        }
        return file
    }

    private static let header: [UInt8] =
        little(0xa1b2_3c4d) + [2, 0, 4, 0] + [UInt8](repeating: 0, count: 8) + little(262_144)
        + little(1)

    private static func little(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> UInt32(8 * $0)) }
    }
}
