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

    @Test func soManyRowsOfASubjectAndInAllAreLetIn() {
        var admission = RowAdmission(limit: 5, subjectLimit: 2)
        let (today, tomorrow) = (Timestamp(nanoseconds: 5), Timestamp(nanoseconds: BoundTests.day))
        let rows: [(row: UInt64, subject: UInt64)] = [
            (1, 100), (2, 100), (3, 100), (2, 100), (4, 101), (5, 101), (6, 102), (7, 102),
        ]
        let first = rows.map { admission.admits($0.row, of: $0.subject, at: today) }
        #expect(first == [true, true, false, true, true, true, true, false])
        #expect(admission.dropped == 2)
        let later = admission.admits(3, of: 100, at: tomorrow)
        #expect(later)
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
