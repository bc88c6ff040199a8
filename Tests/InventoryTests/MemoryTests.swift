import Foundation
import Testing

@testable import Catalog
@testable import Inventory
@testable import Wire

/// An inventory in memory beside the same in a file.
struct MemoryTests {
    private func talk(_ round: Int) throws -> [Event] {
        var scene = Scene()
        try scene.acknowledge("10.0.1.7", to: "02:00:00:00:00:07", hostname: "h7")
        try scene.neighbor("2001:db8:1::7", "02:00:00:00:00:07", .neighborDiscovery)
        try scene.lookUp("chat.beta.com", by: "10.0.1.7", gives: ["198.51.100.9"])
        try scene.end(scene.flow("10.0.1.7:4000", "198.51.100.9:443"), reason: .ended)
        let flow = try scene.flow("10.0.1.\(7 + round):4001", "10.0.5.2:3001")
        let request = scene.request(1, session: 3, userAgent: "node")
        scene.ask("initialize", "#0", flow, request, client: "bot")
        scene.answer("#0", flow, request, server: "tickets")
        for tool in 0..<100 {
            scene.ask("tools/call", "#\(tool)", flow, request, name: "tool\(tool)")
            scene.answer("#\(tool)", flow, request)
        }
        try scene.end(flow, client: "02:00:00:00:00:07", server: "02:00:00:00:00:02")
        return scene.events
    }

    @Test(arguments: [true, false]) func memoryComesToWhatAFileComesTo(isWhole: Bool) throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("tyto-memory-\(UUID().uuidString)").path
        defer {
            for end in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: path + end)
            }
        }
        let texts = try [nil, path].map { path in
            let inventory = try Inventory(path: path, create: true)
            for round in 0..<2 {
                let recorder = try inventory.makeRecorder(
                    catalog: testCatalog(), isWhole: isWhole)
                for (index, event) in try talk(round).enumerated() {
                    recorder.record(event)
                    if index % 50 == 49 { try recorder.flush() }
                }
                try recorder.finish(captures: [
                    CaptureRecord(
                        digest: "d\(round)", name: "a.pcap", packets: 1, bytes: 2, first: second(0),
                        last: second(9), drops: ["frames.unknown": 2])
                ])
            }
            #expect(try inventory.capture(withDigest: "d1") == "a.pcap")
            return text(of: try inventory.snapshot(organization: nil, catalog: testCatalog()))
        }
        #expect(texts[0] == texts[1])
    }

    @Test func whatWasAbandonedLeavesNoTrace() throws {
        let inventory = try Inventory(path: nil, create: true)
        let recorder = try inventory.makeRecorder(catalog: testCatalog(), isWhole: true)
        for event in try talk(0) { recorder.record(event) }
        try recorder.flush()
        recorder.abandon()
        #expect(try inventory.snapshot(organization: nil, catalog: nil).hosts.isEmpty)
    }

    @Test func aBriefSnapshotLacksEvidenceFingerprintsAndReasonsOnly() throws {
        let inventory = try Inventory(path: nil, create: true)
        let recorder = try inventory.makeRecorder(catalog: testCatalog(), isWhole: true)
        for event in try talk(0) { recorder.record(event) }
        try recorder.finish(captures: [])
        var full = try inventory.snapshot(organization: nil, catalog: testCatalog())
        let brief = try inventory.snapshot(organization: nil, catalog: testCatalog(), .brief)
        #expect(!full.mcpServers.isEmpty && !full.mcpServers[0].evidence.isEmpty)
        for index in full.hosts.indices {
            full.hosts[index].evidence = []
            full.hosts[index].attribution.reasons = []
        }
        for index in full.apps.indices {
            full.apps[index].evidence = []
            full.apps[index].ja3 = []
            full.apps[index].ja4 = []
            full.apps[index].attribution.reasons = []
        }
        for index in full.agents.indices {
            full.agents[index].evidence = []
            full.agents[index].attribution.reasons = []
        }
        for index in full.mcpServers.indices {
            full.mcpServers[index].evidence = []
            full.mcpServers[index].attribution.reasons = []
        }
        full.depth = .brief
        #expect(text(of: full) == text(of: brief))
    }
}
