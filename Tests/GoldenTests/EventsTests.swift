import Foundation
import Testing

/// Where events go, and what they may not hold or destroy.
@Suite struct EventsTests {
    private let ollama = Case(folder: "llm/ollama")

    @Test func aRefusedReplayLeavesEarlierEventsAlone() throws {
        let folder = try TemporaryFolder()
        let (db, events) = (folder.file("tyto.db"), folder.file("eve.json"))
        #expect(
            try Program.run("replay", ollama.capture, "--db", db, "--events", events).status == 0)
        let before = try String(contentsOfFile: events, encoding: .utf8)
        #expect(!before.isEmpty)
        #expect(
            try Program.run("replay", ollama.capture, "--db", db, "--events", events).status == 1)
        #expect(try String(contentsOfFile: events, encoding: .utf8) == before)
    }

    @Test func laterEventsReplaceEarlierOnes() throws {
        let folder = try TemporaryFolder()
        let events = try folder.write("eve.json", String(repeating: "old\n", count: 100_000))
        #expect(try Program.run("replay", ollama.capture, "--events", events).status == 0)
        let text = try String(contentsOfFile: events, encoding: .utf8)
        #expect(text.hasPrefix("{") && !text.contains("old\n"))
        // Nothing matches, so nothing is written: what was there is of another run all the same.
        #expect(
            try Program.run("replay", ollama.capture, "-f", "port 9", "--events", events).status
                == 0)
        #expect(try String(contentsOfFile: events, encoding: .utf8) == "")
    }

    /// A pipe or a device stays what it is: it was once replaced by a file.
    @Test func aLinkToADeviceIsWrittenThrough() throws {
        let folder = try TemporaryFolder()
        let link = folder.file("null")
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: "/dev/null")
        #expect(try Program.run("replay", ollama.capture, "--events", link).status == 0)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "/dev/null")
    }

    @Test func eventsAreNotWrittenOverACapture() throws {
        let folder = try TemporaryFolder()
        let copy = folder.file("copy.pcap")
        try FileManager.default.copyItem(atPath: ollama.capture, toPath: copy)
        let outcome = try Program.run("replay", copy, "--events", copy)
        #expect(outcome.status == 2 && outcome.err.contains("name another file"))
        #expect(
            FileManager.default.contentsEqual(atPath: copy, andPath: ollama.capture))
    }

    @Test func aCaptureNamedTwiceIsRefusedAndLeavesNoInventory() throws {
        let folder = try TemporaryFolder()
        let db = folder.file("tyto.db")
        for more in [[], ["--db", db]] {
            let outcome = try Program.run(["replay", ollama.capture, ollama.capture] + more)
            #expect(outcome.status == 1 && outcome.err.contains("--again"))
        }
        #expect(!FileManager.default.fileExists(atPath: db))
    }

    /// HTTP+SSE has its session in the query of the posting target.
    @Test func noEventHoldsASession() throws {
        let sse = Case(folder: "mcp/http-sse-2024-11-05")
        let text = try Program.run("replay", sse.capture, "--events", "-").out
        #expect(text.contains("session_id=***"))
        let words = text.split(separator: "session_id=").dropFirst()
        #expect(words.allSatisfy { $0.hasPrefix("***") })
    }
}
