import Testing

@testable import Inventory
@testable import Wire

/// Anybody can make up senders and names: what they come to is bounded and counted.
@Suite struct BoundTests {
    private static let day: Int64 = 86_400_000_000_000

    @Test func soManyKeysADayAreLetIn() {
        var admission = Admission<UInt64>(limit: 2)
        let time = Timestamp(nanoseconds: 5)
        #expect(admission.admits(1, at: time) && admission.admits(2, at: time))
        #expect(!admission.admits(3, at: time) && admission.admits(1, at: time))
        #expect(admission.dropped == 1)
        #expect(admission.admits(3, at: Timestamp(nanoseconds: BoundTests.day)))
        // A packet of yesterday does not turn the calendar back.
        #expect(admission.admits(3, at: time) && admission.admits(4, at: time))
        #expect(!admission.admits(5, at: time))
    }

    @Test func soManyRowsOfASubjectAndInAllAreLetIn() {
        var admission = RowAdmission(limit: 5, subjectLimit: 2)
        let time = Timestamp(nanoseconds: 5)
        #expect(admission.admits(1, of: 100, at: time) && admission.admits(2, of: 100, at: time))
        #expect(!admission.admits(3, of: 100, at: time) && admission.admits(2, of: 100, at: time))
        #expect(admission.admits(4, of: 101, at: time) && admission.admits(5, of: 101, at: time))
        #expect(admission.admits(6, of: 102, at: time) && !admission.admits(7, of: 102, at: time))
        #expect(admission.dropped == 2)
        #expect(admission.admits(3, of: 100, at: Timestamp(nanoseconds: BoundTests.day)))
    }

    /// Tools with names that are all made up, written every so often.
    @Test func aClientThatMakesUpToolsFillsNeitherMemoryNorTheInventory() throws {
        let inventory = try Inventory(path: nil, create: true)
        let recorder = try inventory.makeRecorder(catalog: testCatalog(), isWhole: true)
        for round in 0..<6 {
            var scene = Scene()
            let flow = try scene.flow("10.0.1.7:\(4000 + round)", "10.0.5.2:3001")
            for number in 0..<1000 {
                let request = scene.request(number + 1, session: 7)
                scene.ask(
                    "tools/call", "#\(number)", flow, request, name: "made-up-\(round)-\(number)")
            }
            for event in scene.events { recorder.record(event) }
            try recorder.flush()
        }
        #expect(recorder.dropped["recorder.rows"] ?? 0 > 2000)
        try recorder.finish(captures: [])
    }

    @Test func strangersAreBoundedButWhoIsKnownGoesOnCounting() throws {
        let inventory = try Inventory(path: nil, create: true)
        let recorder = try inventory.makeRecorder(catalog: testCatalog(), isWhole: true)
        var scene = Scene()
        let known = try scene.flow("10.0.1.7:4000", "203.0.113.9:443")
        try scene.end(known, up: 10, down: 20)
        let limit = 262_144
        for number in 0..<(limit + 50) {
            let stranger = IPAddress(v4: 0x2d00_0000 + UInt32(number))
            try scene.end(scene.flow("10.0.1.7:4001", "\(stranger):443"), up: 10, down: 20)
        }
        try scene.end(known, up: 10, down: 20)
        for var event in scene.events {
            // All on one day.
            event.time = second(1)
            recorder.record(event)
        }
        #expect(recorder.dropped == ["recorder.addresses": 51])
    }
}
