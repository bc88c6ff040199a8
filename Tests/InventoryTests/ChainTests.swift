import Foundation
import Testing

@testable import Inventory
@testable import Wire

@Suite struct ChainTests {
    private static let (user, agent, tool) = ("10.0.1.7", "10.0.5.2:9000", "10.0.5.3:3001")
    private static let trace = "0af7651916cd43dd8448eb211c80319c"

    private func chains(_ delegation: Delegation, flushEvery: Int = .max) throws -> [Chain] {
        try inventory(of: delegation.scene.events, flushEvery: flushEvery).chains
    }

    /// `rounds` times: asked, asks, is answered, answers; then nothing for `pause` seconds.
    private func nested(_ rounds: Int, pause: Int = 500) throws -> Delegation {
        var delegation = Delegation()
        for _ in 0..<rounds {
            let outer = try delegation.post(ChainTests.user, ChainTests.agent)
            let inner = try delegation.call("10.0.5.2", ChainTests.tool)
            delegation.answer(inner)
            delegation.answer(outer)
            delegation.pass(pause)
        }
        return delegation
    }

    @Test func oneTraceIDIsEnough() throws {
        var delegation = Delegation()
        let outer = try delegation.post(
            ChainTests.user, ChainTests.agent, "/run?x=1", trace: ChainTests.trace)
        let inner = try delegation.call("10.0.5.2", ChainTests.tool, trace: ChainTests.trace)
        let last = try delegation.call(
            "10.0.5.3", "10.0.5.4:3001", "put", trace: ChainTests.trace)
        for asked in [last, inner, outer] { delegation.answer(asked) }
        let found = try chains(delegation)
        #expect(paths(found) == ["7>2>3>4 POST /run>get>put"])
        #expect(found.first?.traceID == ChainTests.trace && found.first?.confidence == 0.99)
        #expect(found.first?.hops.map(\.witnesses) == [[], [.trace], [.trace]])
        #expect(found.first?.hops.first?.fromName == "front")
    }

    /// Answered at once, and worked on later.
    @Test func aTraceOutlivesTheAnswer() throws {
        var delegation = Delegation()
        let outer = try delegation.post(
            ChainTests.user, ChainTests.agent, trace: ChainTests.trace)
        delegation.answer(outer, status: 202)
        let inner = try delegation.call("10.0.5.2", ChainTests.tool, trace: ChainTests.trace)
        delegation.answer(inner)
        #expect(try paths(chains(delegation)) == ["7>2>3 POST /run>get"])
    }

    @Test func anotherTraceIDIsNoWitness() throws {
        var delegation = Delegation()
        let outer = try delegation.post(
            ChainTests.user, ChainTests.agent, trace: ChainTests.trace)
        let other = String(ChainTests.trace.reversed())
        let inner = try delegation.call("10.0.5.2", ChainTests.tool, trace: other)
        for asked in [inner, outer] { delegation.answer(asked) }
        #expect(try chains(delegation).isEmpty)
    }

    @Test func twiceWithinIsAHintAndOftenIsMore() throws {
        let twice = try chains(nested(2))
        #expect(paths(twice) == ["7>2>3 POST /run>get"])
        #expect(twice.first?.hops.last?.witnesses == [.timing])
        #expect(twice.first?.confidence == 0.6)
        #expect(try chains(nested(4)).first?.confidence == 0.8)
        #expect(try chains(nested(1)).isEmpty)
    }

    /// A host that is always being asked says nothing by being asked meanwhile.
    @Test func aBusyHostLeadsToNothing() throws {
        #expect(try chains(nested(3, pause: 0)).isEmpty)
    }

    /// Calls of its own beside those that it was asked for.
    @Test func whoCallsAlsoUnaskedWasNotAsked() throws {
        var delegation = try nested(2)
        for _ in 0..<2 {
            let own = try delegation.call("10.0.5.2", ChainTests.tool)
            delegation.answer(own)
            delegation.pass(500)
        }
        #expect(try chains(delegation).isEmpty)
    }

    /// What began before it was asked, or ended after it had answered.
    @Test func whatReachesBeyondIsNotWithin() throws {
        var delegation = Delegation()
        for _ in 0..<3 {
            let before = try delegation.call("10.0.5.2", ChainTests.tool)
            let outer = try delegation.post(ChainTests.user, ChainTests.agent)
            delegation.answer(before)
            let after = try delegation.call("10.0.5.2", ChainTests.tool, "late")
            delegation.answer(outer)
            delegation.answer(after)
            delegation.pass(500)
        }
        #expect(try chains(delegation).isEmpty)
    }

    @Test func oneNameOnBothSidesIsAWitness() throws {
        for (name, expected) in [("broker", ["7>2>3 ask>get"]), ("other", [])] {
            var delegation = Delegation()
            try delegation.meet(ChainTests.user, ChainTests.agent, ("ui", "broker"))
            try delegation.meet("10.0.5.2", ChainTests.tool, (name, "store"))
            let outer = try delegation.call(ChainTests.user, ChainTests.agent, "ask")
            let inner = try delegation.call("10.0.5.2", ChainTests.tool)
            delegation.answer(inner)
            delegation.answer(outer)
            delegation.pass(500)
            let idle = try delegation.call("10.0.1.9", "10.0.5.9:3001", "idle")
            delegation.answer(idle)
            let found = try chains(delegation)
            #expect(paths(found) == expected)
            guard let chain = found.first else { continue }
            #expect(chain.hops.last?.witnesses == [.timing, .name] && chain.confidence == 0.9)
            #expect(chain.hops.map(\.toName) == ["broker", "store"])
            #expect(chain.hops.first?.fromName == "ui")
        }
    }

    /// A message for an agent leads to what it does; to ask how far it is does not, and MCP's own
    /// overhead is none.
    @Test(arguments: [
        (A2AMessage.Operation.send, "SendMessage"), (.stream, "SendStreamingMessage"),
    ])
    func agentsAreAskedToo(_ operation: A2AMessage.Operation, _ name: String) throws {
        for asked in [operation, .get] {
            var delegation = Delegation()
            for _ in 0..<2 {
                let outer = try delegation.post(ChainTests.user, ChainTests.agent, "/")
                var message = A2AMessage(kind: .request, binding: .jsonRPC)
                message.operation = asked
                delegation.scene.say(
                    .a2a(message, delegation.scene.carrier(outer.request)), outer.flow)
                let idle = try delegation.call("10.0.5.2", ChainTests.tool, method: "tools/list")
                let inner = try delegation.call("10.0.5.2", ChainTests.tool)
                for asked in [idle, inner, outer] { delegation.answer(asked) }
                delegation.pass(500)
            }
            let expected = asked == .get ? [] : ["7>2>3 \(name)>get"]
            #expect(try paths(chains(delegation)) == expected)
        }
    }

    /// Neither a plain request within another, nor a model's, nor the way back.
    @Test func whatIsNoDelegation() throws {
        var delegation = Delegation()
        for _ in 0..<4 {
            let outer = try delegation.post(ChainTests.user, ChainTests.agent)
            let plain = try delegation.post("10.0.5.2", "10.0.5.8:80", "/metrics")
            let model = try delegation.post("10.0.5.2", "10.0.5.9:8000", "/v1/chat/completions")
            delegation.scene.chat(model.flow, model.request, model: "m")
            let back = try delegation.call("10.0.5.2", "10.0.1.7:3001")
            for asked in [back, plain, outer] { delegation.answer(asked) }
            delegation.pass(500)
        }
        #expect(try chains(delegation).isEmpty)
    }

    /// An answer in a stream is over with its flow.
    @Test func aStreamHoldsWhatIsAskedBeforeItEnds() throws {
        var delegation = Delegation()
        for _ in 0..<2 {
            let outer = try delegation.post(ChainTests.user, ChainTests.agent)
            delegation.scene.respond(
                200, outer.flow, outer.request, contentType: "text/event-stream")
            let inner = try delegation.call("10.0.5.2", ChainTests.tool)
            delegation.answer(inner)
            try delegation.scene.end(outer.flow)
            delegation.pass(500)
        }
        #expect(try paths(chains(delegation)) == ["7>2>3 POST /run>get"])
    }

    /// Written at any time, and read from a file, it comes to the same.
    @Test func whenItIsWrittenChangesNothing() throws {
        let delegation = try nested(3)
        let whole = try chains(delegation).map { text(of: $0) }
        for part in [1, 2, 5] {
            #expect(try chains(delegation, flushEvery: part).map { text(of: $0) } == whole)
        }
        let path = FileManager.default.temporaryDirectory.appendingPathComponent(
            "tyto-chains-\(UUID().uuidString).db"
        ).path
        defer {
            for end in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: path + end)
            }
        }
        let file = try Inventory(path: path, create: true)
        let recorder = try file.makeRecorder(catalog: testCatalog(), isWhole: true)
        for event in delegation.scene.events { recorder.record(event) }
        try recorder.finish(captures: [])
        let stored = try file.snapshot(organization: Organization?.none, catalog: testCatalog())
        #expect(stored.chains.map { text(of: $0) } == whole && whole.count == 1)
    }

    @Test func whatIsNeverAnsweredIsBounded() throws {
        var exchanges = Exchanges()
        let server = Exchanges.Machine(high: 0, low: 1)
        for number in 0..<(Exchanges.capacity + 100) {
            exchanges.begin(
                .init(flow: UInt64(number), ordinal: 1),
                Exchanges.Open(
                    operation: Operation(
                        endpoint: try endpoint(ChainTests.tool), kind: .http, what: "POST /"),
                    client: try address("10.0.1.7"), asker: server,
                    server: .init(high: 1, low: UInt64(number)), start: second(0), trace: nil,
                    caller: ""))
        }
        #expect(exchanges.count == Exchanges.capacity && exchanges.dropped == 100)
    }
}

@Suite struct CoincidenceTests {
    /// Beside the sum over all ways in which the draws can fall.
    @Test(arguments: [0.01, 0.1, 0.5, 0.9]) func theChanceIsThatOfABinomial(part: Double) {
        for draws in 1...10 {
            for hits in 1...draws {
                var sum = 0.0
                for way in 0..<(1 << draws) where way.nonzeroBitCount >= hits {
                    var term = 1.0
                    for draw in 0..<draws { term *= way >> draw & 1 == 1 ? part : 1 - part }
                    sum += term
                }
                let chance = Coincidence.chance(of: hits, in: draws, part: part)
                #expect(abs(chance - sum) <= 1e-9 * max(sum, 1e-3), "\(hits) of \(draws)")
            }
        }
    }

    @Test func itIsAShareWhateverItIsAsked() {
        for (hits, draws, part) in [
            (0, 5, 0.5), (5, 0, 0.5), (3, 3, 1.0), (1, 1, 7.0), (900, 1000, 0.01),
            (1000, 1000, 0.999), (2, 1_000_000, 0.5), (7, 3, 0.1),
        ] {
            let chance = Coincidence.chance(of: hits, in: draws, part: part)
            #expect((0...1).contains(chance), "\(hits) of \(draws)")
        }
        #expect(Coincidence.chance(of: 60, in: 60, part: 0.01) < 1e-100)
    }

    @Test func everyPlaceIsFoundByEnoughDraws() {
        #expect(abs(Coincidence.covering(2, by: 2) - 0.5) < 1e-12)
        #expect(abs(Coincidence.covering(3, by: 3) - 6.0 / 27) < 1e-12)
        #expect(Coincidence.covering(3, by: 2) == 0 && Coincidence.covering(1, by: 5) == 1)
        #expect(Coincidence.covering(2, by: 60) > 0.999)
    }
}
