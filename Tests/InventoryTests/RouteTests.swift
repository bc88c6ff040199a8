import Catalog
import Testing

@testable import Inventory
@testable import Wire

/// Machines that send packets on for others, by the TTLs of what comes under their addresses.
struct RouteTests {
    private static let own = "02:00:00:00:00:05"
    private static let router = "02:00:00:00:00:fe"

    private func host(
        _ lives: [UInt8], mac: String = own, isPlaced: Bool = true, _ transport: Transport = .tcp
    ) throws -> Host {
        var scene = Scene()
        if isPlaced { try scene.neighbor("10.0.1.5", Self.own) }
        for (port, life) in lives.enumerated() {
            let flow = try scene.flow("10.0.1.5:\(4000 + port)", "10.0.9.9:443", transport)
            try scene.end(flow, client: mac, timeToLive: life)
        }
        return try #require(
            try inventory(of: scene.events).hosts.first { $0.address == (try? address("10.0.1.5")) }
        )
    }

    @Test func whoSendsPacketsOnIsTold() throws {
        let plain = try host([64, 128, 255, 40, 0])
        #expect(plain.sharing == nil && !plain.evidence.contains { $0.clue == .ttl })
        let guest = try host([64, 63, 63])
        #expect(guest.sharing == nil)
        let told = guest.evidence.filter { $0.clue == .ttl }
        #expect(told.map(\.strength) == [.hint])
        #expect(told.first?.detail.contains("with TTL 63: its machine sends them on") == true)
    }

    /// Systems that begin with two TTLs are no one machine.
    @Test func systemsOfTwoKindsAreNoOneHost() throws {
        let found = try host([63, 127])
        #expect(found.sharing?.contains("systems of different kinds stand behind 10.0.1.5") == true)
        #expect(found.sharing?.contains("TTLs 127, 63") == true)
        #expect(try host([63, 62]).sharing == nil)
    }

    @Test func whatSomebodyElseMaySendOnTellsNothing() throws {
        #expect(try host([63, 127], mac: Self.router).sharing == nil)
        #expect(try host([63, 127], isPlaced: false).sharing == nil)
        #expect(try host([63, 127], .udp).sharing == nil)
    }

    @Test(
        arguments: [
            (64, []), (63, ["63"]), (61, ["61"]), (60, []), (127, ["127"]), (125, ["125"]),
            (124, []),
            (254, ["254"]), (252, ["252"]), (251, []), (255, []), (128, []), (0, []), (1, []),
        ] as [(UInt8, [String])])
    func threeStepsTellOfAMachineHere(_ life: UInt8, _ texts: [String]) {
        #expect(Routes(timeToLive: life).texts == texts)
    }
}
