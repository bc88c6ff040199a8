import Testing

@testable import Inventory
@testable import Wire

/// Anybody can make up senders and names: what they come to is bounded and counted.
@Suite struct BoundTests {
    private static let day: Int64 = 86_400_000_000_000

    @Test func soManyKeysADayAreLetIn() {
        var admission = Admission<UInt64>(limit: 2)
        let (today, tomorrow) = (Timestamp(nanoseconds: 5), Timestamp(nanoseconds: BoundTests.day))
        let first = [1, 2, 3, 1].map { admission.admits($0, at: today) }
        #expect(first == [true, true, false, true] && admission.dropped == 1)
        let later = admission.admits(3, at: tomorrow)
        // A packet of yesterday does not turn the calendar back.
        let mixed = [3, 4, 5].map { admission.admits($0, at: today) }
        #expect(later && mixed == [true, true, false])
    }

    @Test func soManyRowsBySpeakerAndInAllAreLetIn() {
        var admission = RowAdmission(limit: 5, speakerLimit: 2)
        let (today, tomorrow) = (Timestamp(nanoseconds: 5), Timestamp(nanoseconds: BoundTests.day))
        let rows: [(row: UInt64, speaker: UInt64)] = [
            (1, 100), (2, 100), (3, 100), (2, 100), (4, 101), (5, 101), (6, 102), (7, 102),
        ]
        let first = rows.map { admission.admits($0.row, by: $0.speaker, at: today) }
        #expect(first == [true, true, false, true, true, true, true, false])
        #expect(admission.dropped == 2)
        let later = admission.admits(3, by: 100, at: tomorrow)
        #expect(later)
    }

    @Test func aClockThatWasSetBackTurnsTheCalendarToo() {
        var calendar = Calendar()
        let turns = [0, 5, 4, 1, 2, 1].map {
            calendar.turns(at: Timestamp(nanoseconds: $0 * BoundTests.day))
        }
        #expect(turns == [false, true, false, true, true, false])
    }

    /// Tools with names that are all made up, written every so often: they are bounded, and shut
    /// out neither what other clients say nor what the server answers.
    @Test func whoMakesUpToolsShutsOutNobodyElse() throws {
        let inventory = try Inventory(path: nil, create: true)
        let recorder = try inventory.makeRecorder(catalog: testCatalog(), isWhole: true)
        var scene = Scene()
        for round in 0..<6 {
            let flow = try scene.flow("10.0.1.66:\(4000 + round)", "10.0.5.2:3001")
            for number in 0..<1000 {
                let request = scene.request(number + 1, session: 7)
                scene.ask(
                    "tools/call", "#\(number)", flow, request, name: "made-up-\(round)-\(number)")
                scene.answer("#\(number)", flow, request, isError: true)
                // All within an hour.
                scene.clock = round
            }
        }
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.2:3001")
        let list = scene.request(1, session: 8)
        scene.ask("tools/list", "#1", flow, list)
        scene.answer("#1", flow, list, tools: [("weather", "Other words.")])
        let call = scene.request(2, session: 8)
        scene.ask("tools/call", "#2", flow, call, name: "weather")
        scene.answer("#2", flow, call)
        for (place, event) in scene.events.enumerated() {
            recorder.record(event)
            if place % 2000 == 1999 { try recorder.flush() }
        }
        #expect(recorder.dropped["recorder.rows"] ?? 0 > 2000)
        try recorder.finish(captures: [])
        let snapshot = try inventory.snapshot(organization: nil, catalog: testCatalog())
        let server = try #require(snapshot.mcpServers.first)
        #expect(server.tools.contains { $0.key == "weather" && $0.text == "Other words." })
        let client = Tenant(try address("10.0.1.7"))
        #expect(server.calls.contains { $0.client == client && $0.tool == "weather" })
        #expect(server.calls.count { $0.client != client } <= 4096)
    }

    /// Names under an app's domain that are all made up: bounded, and no agent is missed for them.
    @Test func whoMakesUpNamesShutsOutNobodyElse() throws {
        let inventory = try Inventory(path: nil, create: true)
        let recorder = try inventory.makeRecorder(catalog: testCatalog(), isWhole: true)
        var scene = Scene()
        for number in 0..<6000 {
            scene.clock = 0
            try scene.lookUp("n\(number).alpha.ai", by: "10.0.1.66", gives: [])
        }
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.2:3001")
        let first = scene.request(1, userAgent: "node")
        scene.ask("initialize", "#0", flow, first, client: "claude-code")
        scene.answer("#0", flow, first, server: "tickets-mcp")
        for event in scene.events { recorder.record(event) }
        #expect(recorder.dropped["recorder.rows"] ?? 0 > 0)
        try recorder.finish(captures: [])
        let snapshot = try inventory.snapshot(organization: nil, catalog: testCatalog())
        #expect(snapshot.mcpServers.map(\.name) == ["tickets-mcp"])
        #expect(snapshot.agents.map(\.name) == ["claude-code"])
    }

    @Test func strangersAreBoundedButWhoIsKnownGoesOnCounting() throws {
        let inventory = try Inventory(path: nil, create: true)
        let recorder = try inventory.makeRecorder(catalog: testCatalog(), isWhole: true)
        var scene = Scene()
        let known = try scene.flow("10.0.1.7:4000", "203.0.113.9:443")
        try scene.end(known, up: 10, down: 20)
        let limit = 262_144
        for number in 0..<(limit + 50) {
            // All on one day.
            scene.clock = 0
            let stranger = IPAddress(v4: 0x2d00_0000 + UInt32(number))
            try scene.end(scene.flow("10.0.1.7:4001", "\(stranger):443"), up: 10, down: 20)
        }
        try scene.end(known, up: 10, down: 20)
        for event in scene.events { recorder.record(event) }
        #expect(recorder.dropped == ["recorder.addresses": 51])
    }
}
