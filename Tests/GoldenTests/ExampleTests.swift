import Foundation
import Sensor
import Support
import Testing
import Wire

/// Recordings of real software, where they lie beside a development checkout.
private enum ExampleFiles {
    private static let all: [String] = {
        let folder = Program.root.appendingPathComponent("../shared/wire/examples/pcap")
            .standardizedFileURL.path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".pcap") }.sorted().map { folder + "/" + $0 }
    }()

    private static func name(_ file: String) -> String {
        URL(fileURLWithPath: file).deletingPathExtension().lastPathComponent
    }

    static let ofMCP = all.filter { name($0).hasPrefix("mcp-") }
    /// But for one whose messages are compressed with what stood before them.
    static let ofWhichHalfIsEnough = ofMCP.filter { name($0) != "mcp-2025-11-25-websocket" }
    static let others = all.filter { !name($0).hasPrefix("mcp-") }
}

/// What is MCP is recognized from any point on, and what only looks like it bears no mark.
@Suite struct ExampleTests {
    /// The marks of a file, and how many packets it has.
    private func marks(_ file: String) throws -> (marks: MCPMarks, packets: Int) {
        var marks: MCPMarks = []
        let ledger = try Sensor(source: .files([file]), workers: 1).run(consume: { event in
            switch event.message {
            case .rpc(let message, _): marks.formUnion(message.marks)
            case .sseEndpoint: marks.insert(.endpointEvent)
            default: break
            }
        })
        return (marks, ledger.packets)
    }

    @Test(
        .enabled(if: !ExampleFiles.ofMCP.isEmpty, "SKIPPED: ../shared/wire/examples is not here"),
        arguments: ExampleFiles.ofMCP)
    func whatIsMCPIsProved(_ file: String) throws {
        #expect(!(try marks(file).marks.isDisjoint(with: .proofs)))
    }

    @Test(
        .enabled(if: !ExampleFiles.others.isEmpty, "SKIPPED: ../shared/wire/examples is not here"),
        arguments: ExampleFiles.others)
    func whatIsNotBearsNoMark(_ file: String) throws {
        #expect(try marks(file).marks == [])
    }

    /// A capture may begin anywhere: half a recording still shows what it is.
    @Test(
        .enabled(
            if: !ExampleFiles.ofWhichHalfIsEnough.isEmpty,
            "SKIPPED: ../shared/wire/examples is not here"),
        arguments: ExampleFiles.ofWhichHalfIsEnough)
    func halfOfItIsEnough(_ file: String) throws {
        let packets = try marks(file).packets
        let folder = try TemporaryFolder()
        let rest = try folder.write(
            "rest.pcap", bytes: try PcapCut.cut(file, from: packets / 2, to: .max))
        #expect(try marks(rest).marks.isConclusive)
        withExtendedLifetime(folder) {}
    }
}
