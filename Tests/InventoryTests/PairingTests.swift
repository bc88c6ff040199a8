import Testing

@testable import Inventory
@testable import Wire

struct PairingTests {
    private func request(_ tool: String?) throws -> Pairing.Request {
        Pairing.Request(
            endpoint: try endpoint("10.0.5.2:3001"), client: Tenant(try address("10.0.1.7")),
            tool: tool,
            isCounted: tool != nil)
    }

    @Test func anAnswerIsFoundInAnyScopeAndOnce() throws {
        var pairing = Pairing()
        let session = Pairing.Scope.session(try endpoint("10.0.5.2:3001"), 9)
        pairing.wait(for: try request("get"), "#1", in: .exchange(1, 1), session)
        #expect(pairing.answer("\"1", in: session) == nil)
        #expect(pairing.answer("#1", in: .exchange(2, 1), session)?.tool == "get")
        #expect(pairing.answer("#1", in: .exchange(1, 1), session) == nil)
        #expect(pairing.count == 0)
    }

    @Test func anIdThatIsUsedAgainMeansTheNewerRequest() throws {
        var pairing = Pairing()
        let session = Pairing.Scope.session(try endpoint("10.0.5.2:3001"), 9)
        pairing.wait(for: try request("old"), "#1", in: .exchange(1, 1), session)
        pairing.wait(for: try request("new"), "#1", in: .exchange(2, 1), session)
        #expect(pairing.answer("#1", in: session)?.tool == "new")
        #expect(pairing.answer("#1", in: .exchange(1, 1))?.tool == "old")
        pairing.wait(for: try request("a"), "#1", in: .flow(1))
        pairing.wait(for: try request("b"), "#1", in: .flow(1))
        #expect(pairing.count == 1)
    }

    @Test func aRedirectTakesBackTheWholeExchange() throws {
        var pairing = Pairing()
        for id in ["#1", "#2"] { pairing.wait(for: try request(id), id, in: .exchange(1, 1)) }
        pairing.wait(for: try request("other"), "#1", in: .exchange(1, 2))
        #expect(pairing.takeBack(.exchange(1, 1)).map(\.tool) == ["#1", "#2"])
        #expect(pairing.takeBack(.exchange(1, 1)).isEmpty && pairing.count == 1)
    }

    @Test func theOldestMakesRoomAndIsCounted() throws {
        var pairing = Pairing()
        let waiting = try request(nil)
        for number in 0..<(Pairing.capacity + 10) {
            pairing.wait(for: waiting, "#\(number)", in: .flow(1))
        }
        #expect(pairing.count == Pairing.capacity && pairing.dropped == 10)
        #expect(pairing.answer("#9", in: .flow(1)) == nil)
        #expect(pairing.answer("#10", in: .flow(1)) != nil)
    }
}
