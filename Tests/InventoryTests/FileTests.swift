import Foundation
import GRDB
import Testing

@testable import Catalog
@testable import Inventory
@testable import Wire

/// A folder of its own for each test, gone afterwards.
final class FileTests {
    private let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
        "tyto-inventory-\(UUID().uuidString)")

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }
    deinit { try? FileManager.default.removeItem(at: folder) }

    private func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    private func complaint(_ path: String, create: Bool) -> String? {
        do throws(InventoryError) {
            _ = try Inventory(path: path, create: create)
            return nil
        } catch { return error.message }
    }

    private func capture(_ digest: String) -> CaptureRecord {
        CaptureRecord(
            digest: digest, name: "a.pcap", packets: 3, bytes: 300, first: second(0),
            last: second(9),
            drops: ["frames.unknown": 2])
    }

    private func oneApp() throws -> [Event] {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "198.51.100.1:443")
        scene.hello(flow, "api.alpha.ai")
        try scene.end(flow)
        return scene.events
    }

    @Test func aMissingFileIsMadeOnlyWhenAsked() throws {
        let path = path("new.db")
        #expect(
            try #require(complaint(path, create: false)).hasPrefix("\(path): no such inventory"))
        #expect(!FileManager.default.fileExists(atPath: path))
        #expect(complaint(path, create: true) == nil)
        #expect(complaint(path, create: false) == nil)
    }

    @Test func anEmptyFileIsNoInventoryToRead() throws {
        let path = path("empty.db")
        try Data().write(to: URL(fileURLWithPath: path))
        #expect(try #require(complaint(path, create: false)).contains("is empty"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).isEmpty)
    }

    @Test func aFileThatIsNoDatabaseIsLeftAsItWas() throws {
        let path = path("notes.txt")
        let bytes = Data(String(repeating: "not a database\n", count: 100).utf8)
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(try #require(complaint(path, create: true)).contains("no database"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    }

    @Test func anotherProgramsDatabaseIsLeftAsItWas() throws {
        let path = path("other.db")
        do {
            let queue = try DatabaseQueue(path: path)
            try queue.write { try $0.execute(sql: "CREATE TABLE things (a)") }
        }
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        #expect(try #require(complaint(path, create: true)).contains("not an inventory of Tyto"))
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
    }

    @Test func aNewerSchemaIsRefused() throws {
        let path = path("newer.db")
        _ = try Inventory(path: path, create: true)
        do {
            let queue = try DatabaseQueue(path: path)
            try queue.write {
                try $0.execute(sql: "INSERT INTO grdb_migrations (identifier) VALUES ('99')")
            }
        }
        #expect(try #require(complaint(path, create: true)).contains("newer Tyto"))
    }

    @Test func aReplayIsThereWholeOrNotAtAll() throws {
        let path = path("a.db")
        let catalog = try testCatalog()
        let inventory = try Inventory(path: path, create: true)
        let recorder = try inventory.makeRecorder(catalog: catalog, isWhole: true)
        for event in try oneApp() {
            recorder.record(event)
            try recorder.flush()
        }
        recorder.abandon()
        #expect(try inventory.snapshot(organization: nil, catalog: catalog).apps.isEmpty)
        let second = try inventory.makeRecorder(catalog: catalog, isWhole: true)
        for event in try oneApp() { second.record(event) }
        try second.finish(captures: [capture("d1")])
        let again = try Inventory(path: path, create: false)
        let snapshot = try again.snapshot(organization: nil, catalog: catalog)
        #expect(
            snapshot.apps.count == 1 && snapshot.sources.map(\.drops) == [["frames.unknown": 2]])
        #expect(try again.capture(withDigest: "d1") == "a.pcap")
        #expect(try again.capture(withDigest: "d2") == nil)
    }

    @Test func aLiveCaptureIsThereWithEachFlush() throws {
        let path = path("live.db")
        let catalog = try testCatalog()
        let recorder = try Inventory(path: path, create: true)
            .makeRecorder(catalog: catalog, isWhole: false)
        for event in try oneApp() { recorder.record(event) }
        try recorder.flush()
        recorder.abandon()
        let reader = try Inventory(path: path, create: false)
        #expect(try reader.snapshot(organization: nil, catalog: catalog).apps.count == 1)
    }

    @Test func whatTheAdministratorSaidIsRemembered() throws {
        let path = path("org.db")
        var organization = try IdentityTests.organization([
            .init(
                key: .mac(try mac("02:00:00:00:00:0a")), owner: "anna@corp.example",
                place: .init(file: "hosts.yaml", line: 7)),
            .init(
                key: .hostname("bert"), owner: "bert@corp.example",
                place: .init(file: "hosts.yaml", line: 8)),
            .init(
                key: .address(try address("2001:db8:1::9")), owner: "cleo@corp.example",
                place: .init(file: "hosts.yaml", line: 9)),
        ])
        organization.hasAppPolicy = true
        organization.sanctionedApps = ["team1": ["alpha.ai"], "team2": []]
        organization.sanctionedMCPServers = [try endpoint("[2001:db8:1::5]:3001")]
        organization.sanctionedModelServers = [try endpoint("10.0.5.9:8000")]
        #expect(try Inventory(path: path, create: true).organization() == nil)
        try Inventory(path: path, create: false).store(organization)
        #expect(try Inventory(path: path, create: false).organization() == organization)
    }
}
