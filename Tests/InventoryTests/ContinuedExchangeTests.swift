import Foundation
import Testing

@testable import Inventory
@testable import Wire

/// What one replay hands to the next of delegations, in a file and in memory.
@Suite struct ContinuedExchangeTests {
    private static let (user, agent, tool) = ("10.0.1.7", "10.0.5.2:9000", "10.0.5.3:3001")

    /// Chains after the parts were recorded one behind the other.
    private func chains(_ parts: [[Event]], path: String?) throws -> [Chain] {
        let inventory = try Inventory(path: path, create: true)
        for events in parts {
            let recorder = try inventory.makeRecorder(catalog: testCatalog(), isWhole: true)
            for event in events { recorder.record(event) }
            try recorder.finish(captures: [
                CaptureRecord(
                    digest: "\(events.count)", name: "x", packets: 1, bytes: 1,
                    first: events[0].time, last: events[events.count - 1].time, drops: [:])
            ])
        }
        return try inventory.snapshot(organization: Organization?.none, catalog: testCatalog())
            .chains
    }

    private func each(_ body: (String?) throws -> Void) rethrows {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(
            "tyto-cut-\(UUID().uuidString).db"
        ).path
        defer {
            for end in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: path + end)
            }
        }
        try body(nil)
        try body(path)
    }

    /// Two rounds in the first capture and the begin of a third, whose answers the second holds.
    private func parts(_ ends: [String]) throws -> [[Event]] {
        var delegation = Delegation()
        for _ in 0..<2 {
            let outer = try delegation.post(Self.user, Self.agent)
            delegation.answer(try delegation.call("10.0.5.2", Self.tool))
            delegation.answer(outer)
            delegation.pass(500)
        }
        let outer = try delegation.post(Self.user, Self.agent)
        let inner = try delegation.call("10.0.5.2", Self.tool)
        for asked in [outer, inner] { try delegation.scene.end(asked.flow, reason: .ended) }
        let first = delegation.scene.events.count
        for end in ends {
            switch end {
            // Of answers whose requests lie before, nobody knows the request.
            case "inner": delegation.scene.answer("#7", inner.flow, nil)
            case "other": delegation.scene.answer("#8", inner.flow, nil)
            case "late": delegation.pass(700)
            default: delegation.scene.respond(200, outer.flow, nil)
            }
        }
        let events = delegation.scene.events
        return [Array(events[..<first]), Array(events[first...])]
    }

    @Test func answersOfTheNextCaptureEndWhatWasCut() throws {
        // An inner one that ends behind the outer one is not within: that is one in three.
        let cases: [([String], [Int]?)] = [
            (["inner", "outer"], [3, 3]), (["inner", "inner", "outer", "outer"], [3, 3]),
            (["other", "outer"], [3, 2]), (["outer", "inner"], nil),
            (["late", "inner", "outer"], [2, 2]),
        ]
        for (ends, counts) in cases {
            try each { path in
                let found = try chains(parts(ends), path: path)
                #expect(paths(found) == (counts == nil ? [] : ["7>2>3 POST /run>get"]), "\(ends)")
                #expect(found.first?.hops.map(\.count) == counts, "\(ends)")
            }
        }
    }

    /// A request that led to nothing in one capture counts when its like does in the next.
    @Test func plainRequestsAreCountedFromTheFirst() throws {
        var delegation = Delegation()
        let trace = "0af7651916cd43dd8448eb211c80319c"
        for _ in 0..<3 { delegation.answer(try delegation.post(Self.user, Self.agent)) }
        let first = delegation.scene.events.count
        for _ in 0..<2 {
            let outer = try delegation.post(Self.user, Self.agent, trace: trace)
            delegation.answer(try delegation.call("10.0.5.2", Self.tool, trace: trace))
            delegation.answer(outer)
        }
        let second = delegation.scene.events.count
        delegation.answer(try delegation.post(Self.user, Self.agent))
        let events = delegation.scene.events
        try each { path in
            let parts = [events[..<first], events[first..<second], events[second...]].map(
                Array.init)
            let found = try chains(parts, path: path)
            #expect(found.first?.hops.map(\.count) == [6, 2])
        }
    }
}
