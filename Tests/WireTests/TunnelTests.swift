import Support
import Testing

@testable import Wire

/// Link layers, tags and tunnels beside the plain ones, and what is counted instead of read.
@Suite struct TunnelTests {
    private func decode(
        _ frame: [UInt8], wire: Int? = nil, link: LinkType = .ethernet
    ) -> Decoding {
        Decoding(frame, wire: wire, link: link)
    }

    private func word(_ result: Decoding) -> String {
        switch result {
        case .packet(let packet):
            "\(packet.key.first) \(packet.key.second) \(packet.payloadBytes)"
        case .neighbor(let found): "\(found.address) \(found.mac)"
        case .dropped(let drop): drop.name
        case .malformed(let anomaly): anomaly.name
        case .held: "held"
        }
    }

    private static let dns = Frame.udp(5000, 53, [1, 2, 3])
    private static let plain = Frame.ethernet().ipv4("10.0.0.1", "10.0.0.2", next: 17, dns).bytes
    private static let inner = Array(plain.dropFirst(14))
    private static let six = Array(
        Frame.ethernet().ipv6("fd00::1", "fd00::2", next: 17, dns).bytes.dropFirst(14))
    private static let addresses = Array(plain.prefix(12))

    private static let links: [(UInt16, [UInt8])] = [
        (101, inner), (12, inner), (228, inner), (0, [2, 0, 0, 0] + inner),
        (108, [0, 0, 0, 2] + inner), (9, [0xff, 3, 0, 0x21] + inner), (9, [0x21] + inner),
        (113, [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 8, 0] + inner),
        (113, [0, 0, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0, 0x81, 0, 0, 7, 8, 0] + inner),
        (
            276,
            [8, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 6, 2, 0, 0, 0, 0, 1, 0, 0] + inner
        ),
    ]

    @Test(arguments: links)
    func everyLinkLayerLeadsToTheDatagram(_ link: UInt16, _ frame: [UInt8]) {
        #expect(word(decode(frame, link: LinkType(link))) == "10.0.0.1:5000 10.0.0.2:53 3")
        for length in 0..<frame.count {
            _ = decode(Array(frame[..<length]), link: LinkType(link))
        }
    }

    private static let ways: [(String, [UInt8])] = [
        ("802.1ad", addresses + [0x88, 0xa8, 0, 9, 0x81, 0, 0, 7, 8, 0] + inner),
        ("priority tag", addresses + [0x81, 0, 0xe0, 0, 8, 0] + inner),
        ("0x9100", addresses + [0x91, 0, 0, 9, 8, 0] + inner),
        ("SNAP", addresses + [0, 60, 0xaa, 0xaa, 3, 0, 0, 0, 8, 0] + inner),
        ("two labels", addresses + [0x88, 0x47, 0, 1, 0, 64, 0, 2, 1, 64] + inner),
        ("pseudowire", addresses + [0x88, 0x47, 0, 1, 1, 64, 0, 0, 0, 0] + plain),
        (
            "GRE key",
            Frame.ethernet().ipv4(
                "192.0.2.1", "192.0.2.2", next: 47,
                [0xb0, 0, 8, 0] + [UInt8](repeating: 0, count: 12) + inner
            ).bytes
        ),
        (
            "GRE bridge",
            Frame.ethernet().ipv4(
                "192.0.2.1", "192.0.2.2", next: 47, [0, 0, 0x65, 0x58] + plain
            ).bytes
        ),
        (
            "ERSPAN III",
            Frame.ethernet().ipv4(
                "192.0.2.1", "192.0.2.2", next: 47,
                [0x10, 0, 0x22, 0xeb, 0, 0, 0, 1] + [UInt8](repeating: 0, count: 12) + plain
            ).bytes
        ),
        (
            "4 in 6", Frame.ethernet().ipv6("fd00::8", "fd00::9", next: 4, inner).bytes
        ),
        (
            "GSO", addresses + [8, 0] + inner[..<2] + [0, 0] + inner[4...]
        ),
    ]

    @Test(arguments: ways)
    func everyWayLeadsToTheDatagram(_ name: String, _ frame: [UInt8]) {
        #expect(word(decode(frame)) == "10.0.0.1:5000 10.0.0.2:53 3")
    }

    @Test(arguments: ways)
    func everyPrefixThatTheSnapLengthCutSaysSo(_ name: String, _ frame: [UInt8]) {
        for length in 0..<(frame.count - 3) {
            let cut = decode(Array(frame[..<length]), wire: frame.count)
            if case .packet(let packet) = cut {
                #expect(packet.payloadCaptured < packet.payloadBytes, "\(length)")
            } else {
                // A nibble that was cut off names no version, and no EtherType none.
                #expect(
                    ["snaplen", "badIPHeader", "unsupportedNetwork"].contains(word(cut)),
                    "\(length): \(word(cut))")
            }
        }
    }

    private static let extensions: [(UInt8, [UInt8])] = [
        (0, [17, 0, 1, 4, 0, 0, 0, 0]), (43, [17, 0, 4, 0, 0, 0, 0, 0]),
        (60, [17, 1] + [UInt8](repeating: 0, count: 14)), (44, [17, 0, 0, 0, 0, 0, 0, 1]),
        (51, [17, 4] + [UInt8](repeating: 0, count: 22)), (135, [17, 0, 0, 0, 0, 0, 0, 0]),
        (0, [43, 0, 1, 4, 0, 0, 0, 0] + [44, 0, 0, 0, 0, 0, 0, 0] + [17, 0, 0, 0, 0, 0, 0, 1]),
    ]

    @Test(arguments: extensions)
    func extensionHeadersArePassedOver(_ next: UInt8, _ bytes: [UInt8]) {
        let frame = Frame.ethernet().ipv6(
            "fd00::1", "fd00::2", next: next, extensions: bytes, Self.dns
        ).bytes
        #expect(word(decode(frame)) == "[fd00::1]:5000 [fd00::2]:53 3")
    }

    private static let odd: [(String, [UInt8])] = [
        ("badIPHeader", addresses + [8, 0, 0x55] + inner.dropFirst()),
        ("badIPHeader", addresses + [8, 0, 0x44] + inner.dropFirst()),
        ("badIPHeader", addresses + [8, 0, 0x45, 0, 0, 19] + inner.dropFirst(4)),
        ("tooDeep", addresses + (0..<5).flatMap { _ in [0x81, 0, 0, 1] as [UInt8] } + [8, 0]),
        ("unsupportedNetwork", addresses + [0x88, 0xcc] + inner),
        ("unsupportedNetwork", addresses + [0, 40, 0x42, 0x42, 3] + inner),
        ("unsupportedTransport", addresses + [8, 0] + inner[..<9] + [1] + inner[10...]),
        ("shortPacket", []), ("shortPacket", Array(plain.prefix(30))),
        ("badUDPHeader", plain.prefix(38) + [0, 7] + plain.dropFirst(40)),
        (
            "badTCPHeader",
            Frame.ethernet().ipv4(
                "10.0.0.1", "10.0.0.2", next: 6,
                Frame.tcp(1, 2, seq: 0)[..<12] + [0x40] + Frame.tcp(1, 2, seq: 0)[13...]
            ).bytes
        ),
        (
            "held",
            Frame.ethernet().ipv6(
                "fd00::1", "fd00::2", next: 44, extensions: [17, 0, 0, 8, 0, 0, 0, 1], dns
            ).bytes
        ),
        (
            "tooDeep",
            Frame.ethernet().ipv6(
                "fd00::1", "fd00::2", next: 60,
                extensions: (0..<20).flatMap { _ in [60, 0, 0, 0, 0, 0, 0, 0] as [UInt8] }, dns
            ).bytes
        ),
    ]

    @Test(arguments: odd)
    func whatIsNotReadIsCountedByItsKind(_ expected: String, _ frame: [UInt8]) {
        #expect(word(decode(frame)) == expected)
    }

    @Test func anUnknownLinkLayerIsCounted() {
        #expect(word(decode(Self.plain, link: LinkType(999))) == "unsupportedLink")
    }

    @Test(arguments: [UInt8(135), 136])
    func neighborDiscoveryBindsAnAddress(_ type: UInt8) {
        let option: [UInt8] = [type == 135 ? 1 : 2, 1, 2, 0, 0, 0, 0, 7]
        let body: [UInt8] = [type, 0, 0, 0, 0, 0, 0, 0] + Frame.address("fe80::7") + option
        let frame = Frame.ethernet().ipv6("fe80::7", "fe80::8", next: 58, body).bytes
        #expect(word(decode(frame)) == "fe80::7 02:00:00:00:00:07")
        for length in 0..<frame.count { _ = decode(Array(frame[..<length])) }
    }

    @Test func aProbeForAnAddressBindsNothing() {
        let probe: [UInt8] =
            [0, 1, 8, 0, 6, 4, 0, 1, 2, 0, 0, 0, 0, 9] + [UInt8](repeating: 0, count: 14)
        #expect(word(decode(Self.addresses + [8, 6] + probe)) == "unsupportedNetwork")
    }

    /// Flipped bytes of every frame above: a result, and never a payload outside the frame.
    @Test(arguments: 0..<200)
    func mutatedFramesStayInTheirBounds(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        for (_, original) in Self.ways {
            var frame = original
            for _ in 0..<Int.random(in: 1...6, using: &chance) {
                let at = Int.random(in: 12..<frame.count, using: &chance)
                frame[at] = UInt8(truncatingIfNeeded: chance.next())
            }
            guard case .packet(let packet) = decode(frame) else { continue }
            #expect(
                packet.payloadOffset + packet.payloadCaptured <= 3 + frame.count, "seed \(seed)")
        }
    }
}
