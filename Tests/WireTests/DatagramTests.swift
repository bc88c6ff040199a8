import Support
import Testing

@testable import Wire

/// DNS and DHCP that lie.
@Suite struct DatagramTests {
    private static let head: [UInt8] = [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]

    private static let tooLong: [UInt8] =
        [[UInt8]](repeating: [63] + [UInt8](repeating: 97, count: 63), count: 5).flatMap { $0 }
        + [0]

    private func name(_ bytes: [UInt8]) -> String? {
        (try? DNSMessage(parsing: Self.head + bytes + [0, 1, 0, 1]))?.questions.first?.name
    }

    @Test(
        arguments: [
            ([0], ""), ([3, 97, 46, 98, 0], "a\\.b"), ([2, 92, 32, 0], "\\\\ "),
            ([1, 0xff, 0], "\\xff"), ([2, 0xc3, 0xa9, 0], "é"), ([1, 65, 1, 66, 0], "A.B"),
        ] as [([UInt8], String)])
    func namesAreWrittenWithoutDoubt(_ bytes: [UInt8], _ expected: String) {
        #expect(name(bytes) == expected)
    }

    @Test(
        arguments: [
            [0x40, 1, 0], [0x80, 0], [0xc0, 0xff], [63, 97, 0], [0xc0], tooLong,
        ] as [[UInt8]])
    func namesThatAreNoneAreRefused(_ bytes: [UInt8]) { #expect(name(bytes) == nil) }

    @Test(arguments: [(10, true), (16, true), (17, false)])
    func pointersMayChainOnlySoFar(_ count: Int, _ isRead: Bool) {
        // The question's first label leads behind the message's end, to a chain of pointers.
        let start = 12 + 2 + 4
        var bytes = Self.head + [0xc0, UInt8(start), 0, 1, 0, 1]
        for hop in 1..<count { bytes += [0xc0, UInt8(start + 2 * hop)] }
        bytes += [1, 97, 0]
        let found = try? DNSMessage(parsing: bytes)
        #expect(found?.questions.first?.name == (isRead ? "a" : nil))
    }

    @Test func moreRecordsThanTheLimitArePassedOver() throws {
        let question: [UInt8] = [1, 97, 0, 0, 1, 0, 1]
        var bytes: [UInt8] = [0, 1, 0, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0]
        for _ in 0..<200 { bytes += question }
        #expect(try DNSMessage(parsing: bytes).questions.count == 64)
    }

    @Test(arguments: 0..<200)
    func mutatedNamesAreHarmless(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        var bytes = Self.head + [3, 119, 119, 119, 1, 97, 0, 0, 1, 0, 1]
        bytes += [0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 4, 1, 99, 0xc0, 16]
        bytes[7] = 1
        for _ in 0..<5 {
            bytes[Int.random(in: bytes.indices, using: &chance)] =
                [0, 1, 12, 63, 0xc0, 0xff].randomElement(using: &chance) ?? 0
        }
        let found = try? DNSMessage(parsing: bytes)
        #expect(found?.answers.count ?? 0 <= 64, "seed \(seed)")
    }

    @Test func dnsIsReadFromItsPort() {
        let query = Self.head + [1, 97, 0, 0, 1, 0, 1]
        let frames = [(5000, 53), (5000, 54)].map { (source: UInt16, destination: UInt16) in
            Frame.ethernet().ipv4(
                "10.0.0.1", "10.0.0.2", next: 17, Frame.udp(source, destination, query)
            ).bytes
        }
        #expect(FlowRun(frames).messages.count == 1)
    }

    // MARK: - DHCP

    private func dhcp(_ options: [UInt8], cookie: [UInt8] = [0x63, 0x82, 0x53, 0x63])
        -> DHCPMessage?
    {
        let bytes: [UInt8] =
            [1, 1, 6, 0] + [UInt8](repeating: 0, count: 24) + [2, 0, 0, 0, 0, 1]
            + [UInt8](repeating: 0, count: 202) + cookie + options
        var input = ByteReader(bytes.span)
        return try? DHCPMessage(parsing: &input)
    }

    @Test func optionsAreRead() throws {
        let found = try #require(
            dhcp(
                [53, 1, 3, 0, 0, 50, 4, 10, 0, 0, 9, 12, 2, 112, 99, 60, 3, 77, 83, 70]
                    + [51, 4, 0, 0, 14, 16, 255, 99]))
        #expect(found.type == 3)
        #expect(found.requestedAddress == IPAddress("10.0.0.9"))
        #expect(found.hostname == "pc")
        #expect(found.vendorClass == "MSF")
        #expect(found.leaseSeconds == 3600)
        #expect(found.clientMAC.description == "02:00:00:00:00:01")
    }

    @Test(
        arguments: [
            ([81, 6, 0, 0, 0, 112, 46, 99], "p.c"), ([81, 8, 4, 0, 0, 1, 112, 1, 99, 0], "p.c"),
            ([81, 5, 4, 0, 0, 9, 112], nil), ([12, 1, 97, 81, 4, 0, 0, 0, 98], "a"),
            ([12, 3, 97, 0, 0], "a"), ([12, 2, 97, 10], nil), ([12, 0], nil),
        ] as [([UInt8], String?)])
    func hostNamesAreReadInTheirForms(_ options: [UInt8], _ expected: String?) {
        #expect(dhcp(options)?.hostname == expected)
    }

    @Test(arguments: [[12, 200, 97], [53], [53, 255]] as [[UInt8]])
    func optionsBeyondTheEndAreRefused(_ options: [UInt8]) { #expect(dhcp(options) == nil) }

    @Test func withoutItsCookieItIsNoDHCP() {
        #expect(dhcp([53, 1, 1], cookie: [1, 2, 3, 4]) == nil)
    }
}
