import Support
import Testing

@testable import Wire

/// DHCPv6 (RFC 8415).
@Suite struct DHCPv6Tests {
    private static func option(_ code: UInt16, _ body: [UInt8]) -> [UInt8] {
        Frame.octets(UInt64(code), 2) + Frame.octets(UInt64(body.count), 2) + body
    }
    private static let mac: [UInt8] = [2, 0, 0, 0, 0, 10]
    private static let duid = [0, 1, 0, 1, 1, 2, 3, 4] + mac
    private static func address(_ seconds: UInt64) -> [UInt8] {
        option(
            3,
            [UInt8](repeating: 0, count: 12)
                + option(
                    5,
                    Frame.address("2001:db8:1::7") + Frame.octets(3600, 4)
                        + Frame.octets(seconds, 4)))
    }
    private static let name = option(
        39, [1, 7] + Array("lt-anna".utf8) + [4] + Array("corp".utf8) + [0])

    private static func reply(_ options: [UInt8]) -> [UInt8] { [7, 1, 2, 3] + options }

    private func messages(_ bytes: [UInt8]) -> [DHCPv6Message] {
        FlowRun([
            Frame.ethernet().ipv6("fe80::2", "fe80::1", next: 17, Frame.udp(547, 546, bytes)).bytes
        ]).events.compactMap {
            if case .dhcpv6(let message) = $0.message { message } else { nil }
        }
    }

    @Test func everyFieldIsRead() throws {
        let bytes = Self.reply(
            Self.option(1, Self.duid) + Self.address(7200) + Self.name
                + Self.option(16, [0, 0, 1, 55, 0, 8] + Array("MSFT 5.0".utf8)))
        let found = try #require(messages(bytes).first)
        #expect(found.type == 7 && found.clientMAC?.description == "02:00:00:00:00:0a")
        #expect(found.addresses.map(\.description) == ["2001:db8:1::7"])
        #expect(found.hostname == "lt-anna.corp" && found.vendorClass == "MSFT 5.0")
        // Shorter by any number of bytes it is read as far as it goes, or not at all.
        for count in 0..<bytes.count {
            _ = messages(Array(bytes.prefix(count)))
        }
    }

    @Test func theOtherDUIDsAndWhatIsOverTellNothing() throws {
        for duid in [[0, 2, 0, 0, 1, 2, 3, 4, 5, 6], [0, 4] + [UInt8](repeating: 1, count: 16)] {
            let found = try #require(messages(Self.reply(Self.option(1, duid))).first)
            #expect(found.clientMAC == nil)
        }
        #expect(messages(Self.reply(Self.address(0))).first?.addresses == [])
        let link = Self.option(1, [0, 3, 0, 1] + Self.mac)
        #expect(messages(Self.reply(link)).first?.clientMAC != nil)
    }

    @Test func whatRelaysCarryIsRead() {
        var bytes = Self.reply(Self.option(1, Self.duid))
        for _ in 0..<8 {
            bytes = [13, 0] + [UInt8](repeating: 0, count: 32) + Self.option(9, bytes)
        }
        #expect(messages(bytes).count == 1)
        bytes = [13, 0] + [UInt8](repeating: 0, count: 32) + Self.option(9, bytes)
        bytes = [13, 0] + [UInt8](repeating: 0, count: 32) + Self.option(9, bytes)
        #expect(messages(bytes).isEmpty)
    }

    @Test(arguments: 0..<8)
    func damageTrapsNothing(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        let bytes = Self.reply(Self.option(1, Self.duid) + Self.address(7200) + Self.name)
        for _ in 0..<1000 {
            var bad = bytes
            for _ in 0..<3 {
                bad[Int.random(in: bad.indices, using: &chance)] = UInt8.random(
                    in: 0...255, using: &chance)
            }
            #expect(messages(bad).count <= 1, "seed \(seed)")
        }
    }
}
