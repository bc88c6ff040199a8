import Foundation
import GRDB
import Testing

@testable import Catalog
@testable import Inventory
@testable import Wire

/// One address and the machines that have it one after the other.
struct TenancyTests {
    private static let (anna, bert, cleo) = (
        "02:00:00:00:00:0a", "02:00:00:00:00:0b", "02:00:00:00:00:0c"
    )
    private static let hour = 3600

    private static func organization() throws -> Organization {
        try IdentityTests.organization([
            .init(
                key: .mac(try mac(anna)), owner: "anna@corp.example",
                place: .init(file: "hosts.yaml", line: 7)),
            .init(
                key: .hostname("lt-bert"), owner: "bert@corp.example",
                place: .init(file: "hosts.yaml", line: 8)),
        ])
    }

    /// An app, a tool and a model, each so many times.
    private static func work(_ scene: inout Scene, _ times: Int) throws {
        for _ in 0..<times {
            let app = try scene.flow("10.0.1.7:4000", "198.51.100.1:443")
            scene.hello(app, "api.alpha.ai")
            try scene.end(app, up: 10, down: 100, client: scene.holder)
        }
        let tools = try scene.flow("10.0.1.7:4001", "10.0.2.2:3001")
        let first = scene.request(1)
        scene.ask("initialize", "#1", tools, first, client: "coder")
        scene.answer("#1", tools, first, server: "files")
        for call in 0..<times {
            let request = scene.request(call + 2)
            scene.ask("tools/call", "#\(call + 2)", tools, request, name: "read")
            scene.answer("#\(call + 2)", tools, request)
        }
        let model = try scene.flow("10.0.1.7:4002", "10.0.2.3:8000")
        for call in 0..<times {
            scene.chat(
                model, scene.request(call + 1, "POST", "/v1/chat", userAgent: "planner/1"),
                model: "qwen3")
        }
    }

    /// Three machines at one address in a day, the first again in the evening.
    private static func day() throws -> Scene {
        var scene = Scene()
        for (machine, name, times) in [
            (anna, "lt-anna", 1), (bert, "lt-bert", 2), (cleo, "lt-cleo", 3), (anna, "lt-anna", 4),
        ] {
            scene.holder = machine
            try scene.acknowledge("10.0.1.7", to: machine, hostname: name)
            scene.clock += hour
            try work(&scene, times)
            try scene.neighbor("10.0.1.7", machine)
            scene.clock += hour
        }
        return scene
    }

    private func check(_ snapshot: Snapshot) {
        #expect(
            snapshot.hosts.map(\.attribution.hostname).prefix(3) == [
                "lt-anna", "lt-bert", "lt-cleo",
            ])
        #expect(Set(snapshot.hosts.map(\.id)).count == snapshot.hosts.count)
        let names = ["lt-anna", "lt-bert", "lt-cleo"]
        let owners = ["anna@corp.example", "bert@corp.example", nil]
        #expect(snapshot.apps.map(\.attribution.hostname) == names)
        #expect(snapshot.apps.map(\.attribution.owner) == owners)
        #expect(snapshot.apps.map(\.flows) == [5, 2, 3])
        #expect(snapshot.apps.map(\.bytesDown) == [500, 200, 300])
        #expect(snapshot.apps.map { $0.evidence.map(\.count).reduce(0, +) } == [5, 2, 3])
        for name in ["coder", "planner"] {
            let agents = snapshot.agents.filter { $0.name == name }
            #expect(agents.map(\.attribution.hostname) == names)
            #expect(agents.map(\.attribution.owner) == owners)
        }
        let calls = snapshot.mcpServers.flatMap(\.calls)
        #expect(calls.map(\.client.machine.description) == [Self.anna, Self.bert, Self.cleo])
        #expect(calls.map(\.count) == [5, 2, 3])
        #expect(snapshot.mcpServers.flatMap(\.clients).count == 3)
        let requests = snapshot.modelEndpoints.flatMap(\.clients)
        #expect(requests.map(\.host.machine.description) == [Self.anna, Self.bert, Self.cleo])
        #expect(requests.map(\.requests) == [5, 2, 3])
        #expect(snapshot.hosts.prefix(3).map(\.bytesSent) == [5 * 170, 2 * 170, 3 * 170])
    }

    @Test func whatEachOfThreeMachinesDidIsItsOwn() throws {
        check(try inventory(of: Self.day().events, organization: Self.organization()))
    }

    /// A server's row is its address's: whose that was before is told, and is nobody's silently.
    @Test func aServerWhoseAddressMovedSaysSo() throws {
        var scene = Scene()
        for (machine, name) in [(Self.anna, "lt-anna"), (Self.bert, "lt-bert")] {
            try scene.acknowledge("10.0.1.7", to: machine, hostname: name)
            let flow = try scene.flow("10.0.1.9:4000", "10.0.1.7:3001")
            let request = scene.request(1)
            scene.ask("initialize", "#1", flow, request, client: "coder")
            scene.answer("#1", flow, request, server: "files")
            try scene.end(flow)
            scene.clock += Self.hour
        }
        let server = try #require(
            try inventory(of: scene.events, organization: Self.organization()).mcpServers.first)
        #expect(server.attribution.owner == "bert@corp.example")
        let told = server.attribution.reasons.filter { $0.contains("it may be several servers") }
        #expect(told.count == 1 && told.first?.contains(Self.anna) == true)
    }

    /// Of one that came and went with one machine, nothing is said of the others.
    @Test func aServerOfOneHolderIsItsAlone() throws {
        var scene = Scene()
        try scene.acknowledge("10.0.1.7", to: Self.anna, hostname: "lt-anna")
        scene.clock += Self.hour
        try scene.acknowledge("10.0.1.7", to: Self.bert, hostname: "lt-bert")
        let flow = try scene.flow("10.0.1.9:4000", "10.0.1.7:3001")
        let request = scene.request(1)
        scene.ask("initialize", "#1", flow, request, client: "coder")
        scene.answer("#1", flow, request, server: "files")
        try scene.end(flow)
        scene.clock += Self.hour
        try scene.acknowledge("10.0.1.7", to: Self.cleo, hostname: "lt-cleo")
        let server = try #require(
            try inventory(of: scene.events, organization: Self.organization()).mcpServers.first)
        #expect(server.attribution.owner == "bert@corp.example")
        #expect(!server.attribution.reasons.contains { $0.contains("it may be several servers") })
    }

    @Test func inAFileAndInTwoRunsItIsTheSame() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            "tyto-tenancy-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let events = try Self.day().events
        let organization = try Self.organization()
        for cut in [0, events.count / 3, events.count / 2, events.count * 4 / 5] {
            let path = folder.appendingPathComponent("\(cut).db").path
            for part in [events[..<cut], events[cut...]] {
                let recorder = try Inventory(path: path, create: true).makeRecorder(
                    catalog: testCatalog(), isWhole: true, organization: organization)
                for event in part { recorder.record(event) }
                try recorder.finish(captures: [])
            }
            let file = try Inventory(path: path, create: false)
            check(try file.snapshot(organization: organization, catalog: testCatalog()))
        }
    }

    @Test func aFlowIsWhoseItWasWhenItBegan() throws {
        var scene = Scene()
        try scene.acknowledge("10.0.1.7", to: Self.anna, hostname: "lt-anna")
        let flow = try scene.flow("10.0.1.7:4000", "198.51.100.1:443")
        scene.hello(flow, "api.alpha.ai")
        try scene.acknowledge("10.0.1.7", to: Self.bert, hostname: "lt-bert")
        try scene.end(flow, down: 700)
        let apps = try inventory(of: scene.events, organization: Self.organization()).apps
        #expect(apps.map(\.attribution.hostname) == ["lt-anna"] && apps.map(\.bytesDown) == [700])
    }

    /// While a lease holds, and while the machine before is still heard, an unasked claim moves
    /// nothing; it is kept as what it is.
    @Test(arguments: [true, false])
    func aClaimAloneTakesNoAddressFromAnother(_ isLeased: Bool) throws {
        var scene = Scene()
        if isLeased {
            try scene.acknowledge("10.0.1.7", to: Self.anna, hostname: "lt-anna", lease: 7200)
            scene.clock += Self.hour
        } else {
            try scene.neighbor("10.0.1.7", Self.anna)
            scene.clock += 60
        }
        try scene.neighbor("10.0.1.7", Self.bert)
        try Self.work(&scene, 1)
        let snapshot = try inventory(of: scene.events, organization: Self.organization())
        #expect(snapshot.apps.count == 1)
        #expect(snapshot.apps.map(\.attribution.mac?.description) == [Self.anna])
        #expect(snapshot.hosts.count { $0.addresses.contains(IPAddress(v4: 0x0a00_0107)) } == 2)
    }

    /// An answer to INFORM names no time (RFC 2131 §3.4).
    @Test func anAnswerWithoutATimeEndsNoLease() throws {
        var scene = Scene()
        try scene.acknowledge("10.0.1.7", to: Self.anna, lease: 7200)
        try scene.acknowledge("10.0.1.7", to: Self.anna)
        scene.clock += Self.hour
        try scene.neighbor("10.0.1.7", Self.bert)
        try Self.work(&scene, 1)
        let apps = try inventory(of: scene.events, organization: Self.organization()).apps
        #expect(apps.map(\.attribution.mac?.description) == [Self.anna])
    }

    @Test func afterALeaseIsGivenBackAClaimMovesTheAddress() throws {
        var scene = Scene()
        try scene.acknowledge("10.0.1.7", to: Self.anna, hostname: "lt-anna", lease: 72_000)
        scene.holder = Self.anna
        try Self.work(&scene, 1)
        try scene.release("10.0.1.7", by: Self.anna)
        try scene.neighbor("10.0.1.7", Self.bert)
        scene.holder = Self.bert
        try Self.work(&scene, 2)
        let apps = try inventory(of: scene.events, organization: Self.organization()).apps
        #expect(apps.map(\.attribution.mac?.description) == [Self.anna, Self.bert])
        #expect(apps.map(\.flows) == [1, 2])
    }

    @Test func aNameOfTheAddressIsItsTenantsAlone() throws {
        var scene = Scene()
        try scene.neighbor("10.0.1.7", Self.anna)
        try scene.lookUp("lt-anna.corp.example", by: "10.0.1.9", gives: ["10.0.1.7"])
        try Self.work(&scene, 1)
        scene.clock += Self.hour
        try scene.neighbor("10.0.1.7", Self.bert)
        try scene.lookUp("lt-bert.corp.example", by: "10.0.1.9", gives: ["10.0.1.7"])
        try Self.work(&scene, 1)
        let apps = try inventory(of: scene.events, organization: Self.organization()).apps
        #expect(apps.map(\.attribution.hostname) == ["lt-anna", "lt-bert"])
        #expect(apps.map(\.attribution.owner) == ["anna@corp.example", "bert@corp.example"])
    }

    /// Two that take an address from each other for ever make few rows.
    @Test func anAddressThatIsFoughtOverIsBounded() {
        var tenancies = Tenancies()
        let address = IPAddress(v4: 0x0a00_0107)
        var beginnings: Set<Timestamp> = []
        for turn in 0..<100_000 {
            let time = second(turn)
            tenancies.lease(
                address, to: MACAddress(0x0200_0000_0001 + UInt64(turn % 2)), until: time, at: time)
            beginnings.insert(tenancies.since(address, at: time))
        }
        #expect(beginnings.count < 200 && tenancies.dropped > 0)
        #expect(
            tenancies.tenant(of: address, at: second(100_000)).machine.value == 0x0200_0000_0002)
    }

    /// A file that an older Tyto wrote: what spans two leases stays as it is, and nothing new joins
    /// it.
    @Test func anOldFileIsTakenOver() throws {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(
            "tyto-old-\(UUID().uuidString).db"
        ).path
        defer { try? FileManager.default.removeItem(atPath: path) }
        do {
            let queue = try DatabaseQueue(path: path)
            try queue.inDatabase {
                try $0.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
            }
            try Schema.migrator.migrate(queue, upTo: "installation")
            try queue.write { database in
                let times = [second(0), second(3600), second(7200)].map(\.nanoseconds)
                for (machine, at) in [(Self.anna, 0), (Self.bert, 1)] {
                    try database.execute(
                        sql: "INSERT INTO binding VALUES ('10.0.1.7','mac',?,'dhcp',1,?,?)",
                        arguments: [machine, times[at], times[at + 1] - 1])
                }
                try database.execute(
                    sql: """
                        INSERT INTO app_use VALUES ('10.0.1.7', 'alpha', 'api.alpha.ai', 'tls_sni',
                            2, 'Alpha', 'llm-api', 5, 50, 500, ?, ?)
                        """, arguments: [times[0], times[2]])
            }
        }
        var scene = Scene()
        scene.clock = 9000
        try scene.neighbor("10.0.1.7", Self.bert)
        scene.holder = Self.bert
        try Self.work(&scene, 1)
        let organization = try Self.organization()
        let file = try Inventory(path: path, create: false)
        let recorder = try file.makeRecorder(catalog: testCatalog(), isWhole: true)
        for event in scene.events { recorder.record(event) }
        try recorder.finish(captures: [])
        let apps = try file.snapshot(organization: organization, catalog: testCatalog()).apps
        #expect(apps.map(\.attribution.mac?.description) == [Self.anna, Self.bert])
        #expect(apps.map(\.flows) == [5, 1])
        #expect(apps.allSatisfy { $0.attribution.reasons.contains { $0.contains("other times") } })
    }

    @Test(arguments: ["10.0.0.7", "10.0.0.7@02:00:00:00:00:0a", "2001:db8::7@02:00:00:00:00:0a"])
    func aTenantIsReadBack(_ text: String) throws {
        #expect(try #require(Tenant(stored: text)).description == text)
    }

    @Test(arguments: ["", "@", "10.0.0.7@", "10.0.0.7@x", "@02:00:00:00:00:0a", "a@b@c"])
    func whatIsNoTenantIsNone(_ text: String) { #expect(Tenant(stored: text) == nil) }
}
