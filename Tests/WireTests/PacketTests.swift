import Support
import Testing

@testable import Wire

@Suite struct PacketTests {
    private func decode(_ frame: [UInt8], wire: Int? = nil) -> Decoding {
        Decoding(frame, wire: wire)
    }

    private func packet(_ frame: [UInt8]) -> DecodedPacket? {
        if case .packet(let packet) = decode(frame) { return packet }
        return nil
    }

    private static let dns = Frame.udp(5000, 53, [1, 2, 3])

    private static let frames: [(String, [UInt8])] = {
        let plain = Frame.ethernet().ipv4("10.0.0.1", "10.0.0.2", next: 17, dns).bytes
        let inner = Array(plain.dropFirst(14))
        let hop: [UInt8] = [60, 0, 1, 4, 0, 0, 0, 0] + [17, 0, 1, 4, 0, 0, 0, 0]
        let outer = { (next: UInt8, payload: [UInt8]) in
            Frame.ethernet().ipv4("192.0.2.1", "192.0.2.2", next: next, payload).bytes
        }
        return [
            ("plain", plain),
            (
                "tagged",
                Frame.ethernet(vlans: [10, 20]).ipv4("10.0.0.1", "10.0.0.2", next: 17, dns).bytes
            ),
            (
                "options",
                Frame.ethernet().ipv4(
                    "10.0.0.1", "10.0.0.2", next: 17, options: [1, 1, 1, 0], dns
                ).bytes
            ),
            (
                "extensions",
                Frame.ethernet().ipv6("fd00::1", "fd00::2", next: 0, extensions: hop, dns).bytes
            ), ("ip in ip", outer(4, inner)), ("gre", outer(47, [0, 0, 8, 0] + inner)),
            (
                "erspan",
                outer(
                    47, [0x10, 0, 0x88, 0xbe, 0, 0, 0, 1] + [UInt8](repeating: 0, count: 8) + plain)
            ),
            (
                "vxlan",
                outer(17, Frame.udp(50_000, 4789, [8, 0, 0, 0, 0, 0, 5, 0] + plain))
            ),
            ("mpls", Array(plain.prefix(12)) + [0x88, 0x47, 0, 1, 1, 64] + inner),
            (
                "pppoe",
                Array(plain.prefix(12)) + [0x88, 0x64, 0x11, 0, 0, 1, 0, 33, 0, 0x21] + inner
            ),
        ]
    }()

    @Test(arguments: frames.map(\.0))
    func everyEncapsulationLeadsToTheSameDatagram(_ name: String) throws {
        let frame = try #require(Self.frames.first { $0.0 == name })
        let found = try #require(packet(frame.1))
        #expect(found.payloadBytes == 3)
        #expect(found.payloadCaptured == 3)
        #expect(Set([found.key.first.port, found.key.second.port]) == [53, 5000])
        #expect(found.isForward)
        #expect(found.path.vlans == (name == "tagged" ? [10, 20] : []))
        #expect(Array(frame.1[(found.payloadOffset - 3)..<found.payloadOffset]) == [1, 2, 3])
    }

    @Test(arguments: frames.map(\.0))
    func everyPrefixIsShortOrCut(_ name: String) throws {
        let frame = try #require(Self.frames.first { $0.0 == name }).1
        for length in 0..<(frame.count - 3) {
            let prefix = Array(frame[..<length])
            if case .packet(let packet) = decode(prefix) {
                #expect(packet.payloadOffset + packet.payloadCaptured <= 3 + length)
            }
            if case .packet(let packet) = decode(prefix, wire: frame.count) {
                #expect(packet.payloadCaptured < packet.payloadBytes)
            }
        }
    }

    @Test func tunnelsInTunnelsHaveAnEnd() {
        var payload = Self.dns
        for _ in 0..<8 {
            payload = Array(
                Frame.ethernet().ipv4("10.0.0.1", "10.0.0.2", next: 4, payload).bytes.dropFirst(14))
        }
        let frame = Frame.ethernet().ipv4("10.0.0.1", "10.0.0.2", next: 4, payload).bytes
        guard case .malformed(.tooDeep) = decode(frame) else {
            Issue.record("nine headers were walked")
            return
        }
    }

    @Test func laterFragmentsWaitForTheOthers() {
        let frame = Frame.ethernet().ipv4("10.0.0.1", "10.0.0.2", next: 17, fragment: 5, [1]).bytes
        guard case .held = decode(frame) else {
            Issue.record("a later fragment was read as a datagram")
            return
        }
    }

    @Test func paddingBehindTheDatagramIsNotPayload() throws {
        let frame = Frame.ethernet().ipv4("10.0.0.1", "10.0.0.2", next: 17, Self.dns).bytes
        #expect(try #require(packet(frame + [0, 0, 0, 0])).payloadBytes == 3)
    }

    @Test func anARPSenderIsBound() {
        let arp: [UInt8] =
            [0, 1, 8, 0, 6, 4, 0, 1] + Frame.octets(0x0200_0000_0009, 6) + [10, 0, 0, 9]
            + [UInt8](repeating: 0, count: 10)
        guard case .neighbor(let found) = decode(Frame.ethernet().bytes + [8, 6] + arp)
        else {
            Issue.record("no neighbor")
            return
        }
        #expect(found.address == IPAddress("10.0.0.9"))
        #expect(found.mac == MACAddress("02:00:00:00:00:09"))
    }
}

@Suite struct AddressTests {
    @Test(arguments: [
        ("2001:db8::1", "2001:db8::1"), ("2001:0DB8:0:0:1:0:0:1", "2001:db8::1:0:0:1"),
        ("::", "::"), ("::1", "::1"), ("fe80::", "fe80::"), ("1:0:2:0:3:0:4:0", "1:0:2:0:3:0:4:0"),
        ("::ffff:10.1.2.3", "10.1.2.3"), ("255.255.255.255", "255.255.255.255"),
    ])
    func textComesBackInItsShortestForm(_ text: String, _ expected: String) throws {
        #expect(try #require(IPAddress(text)).description == expected)
    }

    @Test(arguments: [
        "", ":", ":::", "1::2::3", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "12345::", "10.0.0",
        "10.0.0.256", "10.0.0.1.2", "10.0.0.-1", "g::", "1:2:3:4:5:6:7:", "10.0.0.1x",
    ])
    func whatIsNoAddressIsNone(_ text: String) { #expect(IPAddress(text) == nil) }

    @Test func networksHoldTheirAddresses() throws {
        let network = try #require(Network("10.10.0.0/16"))
        #expect(network.contains(try #require(IPAddress("10.10.255.255"))))
        #expect(!network.contains(try #require(IPAddress("10.11.0.0"))))
        #expect(Network("10.10.0.1/16") == nil)
        #expect(Network("10.0.0.0/33") == nil)
        #expect(Network("2001:db8::/32")?.description == "2001:db8::/32")
        #expect(Network("0.0.0.0/0")?.contains(try #require(IPAddress("192.0.2.1"))) == true)
    }

    @Test(arguments: [
        (Int64(0), "1970-01-01T00:00:00.000000Z"), (951_782_400, "2000-02-29T00:00:00.000000Z"),
        (1_709_164_800, "2024-02-29T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.000000Z"),
        (4_102_444_799, "2099-12-31T23:59:59.000000Z"),
    ])
    func timesAreWrittenInUTC(_ seconds: Int64, _ expected: String) {
        #expect(Timestamp(nanoseconds: seconds * 1_000_000_000).rfc3339 == expected)
    }

    @Test func endpointsReadWhatTheyWrite() throws {
        for text in ["10.0.0.1:443", "[2001:db8::1]:8000"] {
            #expect(try #require(Endpoint(text)).description == text)
        }
        for text in ["10.0.0.1", "2001:db8::1:80", "host:1", "10.0.0.1:70000", ":80"] {
            #expect(Endpoint(text) == nil)
        }
    }
}

@Suite struct TimeToLiveTests {
    /// Of each side the first packet's is kept, whatever comes later.
    @Test func theFirstPacketOfASideTellsItsTTL() throws {
        var talk = Conversation()
        talk.say(.client, [1, 2, 3])
        talk.say(.server, [4, 5, 6])
        talk.close()
        var frames = talk.frames
        // Behind Ethernet's 14 bytes the ninth of IPv4 (RFC 791 §3.1).
        for index in frames.indices { frames[index][22] = index < 2 ? 63 - UInt8(index) : 9 }
        let summary = try #require(FlowRun(frames).ends.first)
        #expect(summary.client.timeToLive == 63 && summary.server.timeToLive == 62)
    }
}

/// The short way and the long one must agree: the same packet behind a priority tag more, which
/// only the walk reads, has to be the same in every field.
@Suite struct DirectPathTests {
    @Test(arguments: 0..<300)
    func theWalkSaysTheSame(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        let isTCP = Bool.random(using: &chance)
        let payload = [UInt8](repeating: 7, count: Int.random(in: 0...40, using: &chance))
        let segment =
            isTCP
            ? Frame.tcp(.random(in: 0...9, using: &chance), 5, seq: 77, ack: 78, payload)
            : Frame.udp(.random(in: 0...9, using: &chance), 5, payload)
        let isV4 = Bool.random(using: &chance)
        var short =
            isV4
            ? Frame.ethernet().ipv4("10.0.0.9", "10.0.0.2", next: isTCP ? 6 : 17, segment).bytes
            : Frame.ethernet().ipv6("fd00::9", "fd00::2", next: isTCP ? 6 : 17, segment).bytes
        for _ in 0..<Int.random(in: 0...3, using: &chance) {
            let at = Int.random(in: 14..<short.count, using: &chance)
            short[at] = UInt8(truncatingIfNeeded: chance.next())
        }
        let wire = short.count + Int.random(in: 0...5, using: &chance)
        short.removeLast(Int.random(in: 0...short.count / 4, using: &chance))
        let tag: [UInt8] = [0x81, 0, 0, 0, 0x81, 0, 0, 0]
        let long = Array(short[..<min(12, short.count)]) + tag + short.dropFirst(12)
        let direct = Decoding(short, wire: wire)
        let walked = Decoding(long, wire: wire + 8)
        guard case .packet(var packet) = walked else {
            if case .packet = direct { Issue.record("seed \(seed): only the direct path reads it") }
            return
        }
        guard case .packet(let found) = direct else {
            Issue.record("seed \(seed): only the walk reads it")
            return
        }
        packet.payloadOffset -= 8
        packet.wireBytes -= 8
        #expect("\(found)" == "\(packet)", "seed \(seed)")
    }
}
