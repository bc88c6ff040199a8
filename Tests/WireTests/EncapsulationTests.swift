import Support
import Testing

@testable import Wire

/// One datagram in every wrapping that Tyto opens: the same flow comes out of each.
@Suite struct EncapsulationTests {
    struct Wrapping: Sendable, CustomTestStringConvertible {
        var name: String
        var bytes: [UInt8]
        var link = LinkType.ethernet
        var carrier = Path.Carrier.none
        var vlans: [UInt16] = []
        var network: UInt32?
        var testDescription: String { name }
    }

    private static let dns = Frame.udp(5000, 53, [1, 2, 3])
    private static let plain = Frame.ethernet().ipv4("10.0.0.1", "10.0.0.2", next: 17, dns).bytes
    private static let inner = Array(plain.dropFirst(14))
    private static let six = Array(
        Frame.ethernet().ipv6("fd00::1", "fd00::2", next: 17, dns).bytes.dropFirst(14))
    private static let snap: [UInt8] = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0]
    private static func zeros(_ count: Int) -> [UInt8] { [UInt8](repeating: 0, count: count) }

    /// Behind an Ethernet header of EtherType `type`.
    private static func ether(_ type: UInt64, _ payload: [UInt8]) -> [UInt8] {
        Array(plain.prefix(12)) + Frame.octets(type, 2) + payload
    }

    /// In an IPv4 packet of `next`.
    private static func outer(_ next: UInt8, _ payload: [UInt8]) -> [UInt8] {
        Frame.ethernet().ipv4("192.0.2.1", "192.0.2.2", next: next, payload).bytes
    }

    private static func udp(_ source: UInt16, _ destination: UInt16, _ payload: [UInt8]) -> [UInt8]
    {
        outer(17, Frame.udp(source, destination, payload))
    }

    private static func ppp(_ payload: [UInt8]) -> [UInt8] { [0xff, 3, 0, 0x21] + payload }

    /// An 802.11 data frame: control bits, three addresses, and `more` before LLC.
    private static func wireless(
        _ first: UInt8, _ second: UInt8, _ more: [UInt8] = [], llc: [UInt8] = snap + inner
    ) -> [UInt8] {
        [first, second, 0, 0] + Frame.octets(2, 6) + Frame.octets(1, 6) + Frame.octets(3, 6)
            + [0, 0] + more + llc
    }

    static let wrappings: [Wrapping] = tags + flaggedGRE + tunnels + links

    private static let tags: [Wrapping] = [
        Wrapping(
            name: "three tags",
            bytes: ether(0x88a8, [0, 9, 0x81, 0, 0, 7, 0x81, 0, 0, 5, 8, 0] + inner),
            vlans: [9, 7, 5]),
        Wrapping(
            name: "four tags, one of them priority",
            bytes: ether(
                0x9100, [0, 9, 0x92, 0, 0, 7, 0x81, 0, 0xe0, 0, 0x81, 0, 0, 5, 8, 0] + inner),
            vlans: [9, 7, 5]),
        Wrapping(name: "VNTAG", bytes: ether(0x8926, [0x80, 1, 0, 2, 8, 0] + inner)),
        Wrapping(name: "E-TAG", bytes: ether(0x893f, [0, 1, 0, 2, 0, 0, 8, 0] + inner)),
        Wrapping(name: "TrustSec", bytes: ether(0x8909, [1, 1, 0, 1, 0, 5, 8, 0] + inner)),
        Wrapping(
            name: "MACsec signed",
            bytes: ether(0x88e5, [0x20, 0, 0, 0, 0, 1] + zeros(8) + [8, 0] + inner + zeros(16))),
        Wrapping(
            name: "PBB", bytes: ether(0x88e7, [0, 0, 0x12, 0x34] + plain), network: 0x1234),
        Wrapping(
            name: "PBB behind a B-tag",
            bytes: ether(0x88a8, [0, 9, 0x88, 0xe7, 0, 0, 0, 7] + plain), vlans: [9], network: 7),
        Wrapping(name: "TRILL", bytes: ether(0x22f3, [0, 0x40, 0, 1, 0, 2] + zeros(4) + plain)),
        Wrapping(
            name: "NSH of MD type 1",
            bytes: ether(0x894f, [0x0f, 0xc6, 1, 1] + zeros(20) + inner)),
        Wrapping(
            name: "NSH of MD type 2",
            bytes: ether(0x894f, [0x0f, 0xc3, 2, 3] + zeros(8) + plain)),
        Wrapping(
            name: "SNAP of 802.1H", bytes: ether(60, [0xaa, 0xaa, 3, 0, 0, 0xf8, 8, 0] + inner)),
        Wrapping(name: "LLC of IP", bytes: ether(60, [6, 6, 3] + inner)),
        Wrapping(
            name: "three labels",
            bytes: ether(0x8848, [0, 1, 0, 64, 0, 2, 0, 64, 0, 3, 1, 64] + inner)
        ),
        Wrapping(
            name: "pseudowire with a control word",
            bytes: ether(0x8847, [0, 1, 1, 64, 0, 0, 0, 9] + plain)),
        Wrapping(name: "pseudowire without", bytes: ether(0x8847, [0, 1, 1, 64] + plain)),
        Wrapping(
            name: "PPPoE behind a tag",
            bytes: ether(0x8100, [0, 4, 0x88, 0x64, 0x11, 0, 0, 1, 0, 33, 0, 0x21] + inner),
            vlans: [4]),
    ]

    private static func gre(_ name: String, _ bytes: [UInt8], _ carrier: Path.Carrier = .gre)
        -> Wrapping
    {
        Wrapping(name: name, bytes: outer(47, bytes), carrier: carrier)
    }

    /// In small steps: in one expression it takes the compiler minutes.
    private static let flaggedGRE: [Wrapping] = (0..<8).map { (flags: Int) -> Wrapping in
        let bits = (flags & 4) << 5 | (flags & 2) << 4 | (flags & 1) << 4
        let head: [UInt8] = [UInt8(bits), 0, 8, 0]
        return gre(
            "GRE with flags \(flags)", head + zeros(4 * flags.nonzeroBitCount) + inner)
    }

    private static let tunnels: [Wrapping] =
        [
            gre(
                "GRE with a route",
                [0x40, 0, 8, 0] + zeros(4) + [0, 1, 0, 2, 9, 9] + zeros(4) + inner),
            gre("GRE of Ethernet", [0, 0, 0x65, 0x58] + plain),
            gre("PPTP", [0x30, 0x81, 0x88, 0x0b, 0, 35, 0, 1] + zeros(8) + ppp(inner)),
            gre("WCCP", [0, 0, 0x88, 0x3e] + zeros(4) + inner),
            gre("GRE of MPLS", [0, 0, 0x88, 0x47, 0, 1, 1, 64] + inner),
            gre("ERSPAN I", [0, 0, 0x88, 0xbe] + plain, .erspan),
            gre(
                "ERSPAN II", [0x10, 0, 0x88, 0xbe] + zeros(4) + [0x10, 1] + zeros(6) + plain,
                .erspan),
            gre(
                "ERSPAN III", [0x10, 0, 0x22, 0xeb] + zeros(4) + [0x20] + zeros(11) + plain, .erspan
            ),
            gre(
                "ERSPAN III, subheader",
                [0x10, 0, 0x22, 0xeb] + zeros(4) + [0x20] + zeros(10) + [1] + zeros(8) + plain,
                .erspan),
            gre(
                "ERSPAN III of IP",
                [0x10, 0, 0x22, 0xeb] + zeros(4) + [0x20] + zeros(9) + [8, 0] + inner, .erspan),
            Wrapping(
                name: "VXLAN", bytes: udp(50_000, 4789, [8, 0, 0, 0, 0, 1, 2, 0] + plain),
                carrier: .vxlan, network: 0x102),
            Wrapping(
                name: "VXLAN with a policy",
                bytes: udp(50_000, 8472, [0x88, 0x08, 0, 9, 0, 1, 2, 0] + plain), carrier: .vxlan,
                network: 0x102),
            Wrapping(
                name: "VXLAN-GPE of IP",
                bytes: udp(50_000, 4790, [0x0c, 0, 0, 1, 0, 0, 7, 0] + inner), carrier: .vxlanGPE,
                network: 7),
            Wrapping(
                name: "VXLAN-GPE of NSH",
                bytes: udp(
                    50_000, 4790,
                    [0x0c, 0, 0, 4, 0, 0, 7, 0] + [0x0f, 0xc2, 2, 3] + zeros(4) + plain),
                carrier: .vxlanGPE, network: 7),
            Wrapping(
                name: "GENEVE with options",
                bytes: udp(
                    50_000, 6081,
                    [3, 0x40, 0x65, 0x58, 0, 0, 9, 0] + [1, 2, 3, 2] + zeros(8) + plain),
                carrier: .geneve, network: 9),
            Wrapping(
                name: "GENEVE of IP", bytes: udp(50_000, 6081, [0, 0, 8, 0, 0, 0, 9, 0] + inner),
                carrier: .geneve, network: 9),
            Wrapping(
                name: "GTP-U", bytes: udp(2152, 2152, [0x30, 0xff, 0, 31, 0, 0, 0, 1] + inner),
                carrier: .gtp),
            Wrapping(
                name: "GTP-U with sequence and extensions",
                bytes: udp(
                    50_000, 2152,
                    [0x36, 0xff, 0, 47, 0, 0, 0, 1, 0, 5, 0, 0x85]
                        + [1, 0, 9, 0xc0, 2, 0, 0, 0, 0, 0, 0, 0] + inner), carrier: .gtp),
            Wrapping(
                name: "L2TP", bytes: udp(1701, 1701, [0, 2, 0, 1, 0, 2] + ppp(inner)),
                carrier: .l2tp
            ),
            Wrapping(
                name: "L2TP with all there is",
                bytes: udp(
                    1701, 1701,
                    [0x4a, 2, 0, 47, 0, 1, 0, 2, 0, 0, 0, 0, 0, 2, 9, 9] + [0x21] + inner),
                carrier: .l2tp),
            Wrapping(
                name: "CAPWAP of 802.3",
                bytes: udp(5247, 50_000, [0, 0x10, 2, 0, 0, 0, 0, 0] + plain), carrier: .capwap),
            Wrapping(
                name: "CAPWAP of 802.11, bytes of its control swapped",
                bytes: udp(
                    50_000, 5247, [0, 0x10, 3, 0, 0, 0, 0, 0] + wireless(0x01, 0x08)),
                carrier: .capwap),
            Wrapping(
                name: "LISP", bytes: udp(50_000, 4341, [8, 0, 0, 0, 0, 0, 5, 0] + inner),
                carrier: .lisp, network: 5),
            Wrapping(name: "IP in IP", bytes: outer(4, inner), carrier: .ipInIP),
            Wrapping(
                name: "4 in 6",
                bytes: Frame.ethernet().ipv6("fd00::8", "fd00::9", next: 4, inner).bytes,
                carrier: .ipInIP),
            Wrapping(name: "EtherIP", bytes: outer(97, [0x30, 0] + plain), carrier: .etherIP),
            Wrapping(
                name: "MPLS in IP", bytes: outer(137, [0, 1, 1, 64] + inner), carrier: .mplsInIP),
            Wrapping(
                name: "AH", bytes: outer(51, [17, 4] + zeros(22) + dns), carrier: .none),
        ]

    private static func link(_ number: UInt16, _ name: String, _ bytes: [UInt8]) -> Wrapping {
        Wrapping(name: name, bytes: bytes, link: LinkType(number))
    }

    private static let radiotap: [UInt8] = [0, 0, 10, 0, 0, 0, 0, 0, 0, 0]

    private static let links: [Wrapping] = [
        link(0, "null of a big-endian host", [0, 0, 0, 2] + inner),
        link(14, "raw IP of BSD", inner), link(229, "IPv6 that is IPv4 after all", inner),
        link(50, "PPP in HDLC", ppp(inner)), link(166, "PPP of pppd", [0] + ppp(inner)),
        link(204, "PPP with direction", [1] + ppp(inner)),
        link(51, "PPPoE", [0x11, 0, 0, 1, 0, 33, 0, 0x21] + inner),
        link(104, "Cisco HDLC", [0x0f, 0, 8, 0] + inner), link(100, "LLC", snap + inner),
        link(205, "Cisco HDLC with direction", [0, 0x0f, 0, 8, 0] + inner),
        link(113, "cooked", [0, 0, 0, 1, 0, 6] + zeros(8) + [8, 0] + inner),
        link(276, "cooked 2", [8, 0] + zeros(18) + inner),
        link(219, "MPLS", [0, 1, 1, 64] + inner),
        link(105, "802.11", wireless(8, 1)), link(105, "802.11, QoS", wireless(0x88, 2, [0, 0])),
        link(105, "802.11, four addresses", wireless(8, 3, Frame.octets(9, 6))),
        link(105, "802.11, HT control", wireless(0x88, 0x82, [0, 0] + zeros(4))),
        link(105, "802.11, aligned", wireless(0x88, 2, [0, 0, 0, 0])),
        link(
            105, "A-MSDU",
            wireless(0x88, 2, [0x80, 0] + Frame.octets(2, 6) + Frame.octets(1, 6) + [0, 39])),
        link(127, "radiotap", radiotap + wireless(8, 1)),
        link(119, "Prism", [0x44, 0, 0, 0, 16, 0, 0, 0] + zeros(8) + wireless(8, 1)),
        link(163, "AVS", [0x80, 0x21, 0x10, 1, 0, 0, 0, 16] + zeros(8) + wireless(8, 1)),
        link(192, "PPI of 802.11", [0, 0, 8, 0, 105, 0, 0, 0] + wireless(8, 1)),
        link(192, "PPI of Ethernet", [0, 0, 12, 0, 1, 0, 0, 0] + zeros(4) + plain),
        link(
            239, "NFLOG",
            [2, 0, 0, 1] + [6, 0, 10, 0, 65, 0, 0, 0] + [35, 0, 9, 0] + inner + [0]),
    ]

    @Test(arguments: wrappings)
    func theDatagramComesOutOfIt(_ wrapping: Wrapping) {
        let decoding = Decoding(wrapping.bytes, link: wrapping.link)
        guard case .packet(let packet) = decoding else {
            Issue.record("\(decoding)")
            return
        }
        let ends = wrapping.name == "AH" ? ("192.0.2.1", "192.0.2.2") : ("10.0.0.1", "10.0.0.2")
        #expect(packet.key.first.description == ends.0 + ":5000")
        #expect(packet.key.second.description == ends.1 + ":53")
        #expect(packet.payloadBytes == 3)
        #expect(packet.payloadCaptured == 3)
        #expect(packet.path.carrier == wrapping.carrier)
        #expect(packet.path.vlans == wrapping.vlans)
        #expect(packet.path.innermostVLAN == wrapping.vlans.last)
        #expect(packet.path.virtualNetwork == wrapping.network)
    }

    @Test(arguments: wrappings)
    func everyPrefixIsCutOrShort(_ wrapping: Wrapping) {
        for length in 0..<wrapping.bytes.count {
            let prefix = Array(wrapping.bytes[..<length])
            for wire in [length, wrapping.bytes.count] {
                guard case .packet(let packet) = Decoding(prefix, wire: wire, link: wrapping.link)
                else { continue }
                #expect(packet.payloadOffset + packet.payloadCaptured <= 3 + length)
                #expect(packet.payloadCaptured <= packet.payloadBytes)
            }
        }
    }

    @Test(arguments: 0..<100)
    func mutationsStayInTheirBounds(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        for wrapping in Self.wrappings {
            var frame = wrapping.bytes
            for _ in 0..<Int.random(in: 1...6, using: &chance) {
                frame[Int.random(in: 0..<frame.count, using: &chance)] =
                    UInt8(truncatingIfNeeded: chance.next())
            }
            guard case .packet(let packet) = Decoding(frame, link: wrapping.link) else { continue }
            #expect(
                packet.payloadOffset + packet.payloadCaptured <= 3 + frame.count,
                "\(wrapping.name), seed \(seed)")
        }
    }

    /// What is sent to a tunnel's port without being one.
    private static let ordinary: [(UInt16, [UInt8])] = [
        (4789, Array("hello, world, this is text".utf8)), (4789, [8, 0, 0, 0, 0, 0, 5, 0]),
        (4789, [8, 0, 0, 0, 0, 0, 5, 0] + [UInt8](repeating: 0xee, count: 40)),
        (6081, [0, 0, 0x12, 0x34, 0, 0, 0, 0] + plain),
        (6081, [0x40, 0, 8, 0, 0, 0, 9, 0] + inner),
        (2152, [0x32, 1, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0]), (2152, Array(dns.dropFirst(8))),
        (3544, Array("teredo".utf8)), (3544, [0, 1, 200, 200]),
        (1701, [0xc8, 2, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0]), (5247, [1, 0, 0, 0, 22, 0xfe, 0xfd]),
        (4341, inner), (4790, [0x0c, 0, 0, 9, 0, 0, 7, 0] + inner), (8472, []),
    ]

    @Test(arguments: ordinary)
    func aPortAloneIsNoTunnel(_ port: UInt16, _ payload: [UInt8]) {
        guard case .packet(let packet) = Decoding(Self.udp(50_000, port, payload)) else {
            Issue.record("no datagram")
            return
        }
        #expect(packet.key.second.port == port || packet.key.first.port == port)
        #expect(packet.payloadBytes == payload.count)
        #expect(packet.path.isPlain)
    }

    @Test(arguments: [
        [UInt8](repeating: 0, count: 2), [0x00, 0x11, 0x22],
    ])
    func teredoIndicationsArePassedOver(_ nonsense: [UInt8]) {
        let origin: [UInt8] = [0, 0, 1, 2, 3, 4, 5, 6]
        let authentication: [UInt8] = [0, 1, 1, 2, 9, 9, 9] + Self.zeros(9)
        for before in [[], origin, authentication, authentication + origin] {
            let frame = Self.udp(3544, 50_000, before + Self.six)
            guard case .packet(let packet) = Decoding(frame) else {
                Issue.record("no datagram")
                return
            }
            #expect(packet.key.first.description == "[fd00::1]:5000")
            #expect(packet.path.carrier == .teredo)
        }
        guard case .packet(let packet) = Decoding(Self.udp(3544, 50_000, nonsense)) else { return }
        #expect(packet.path.isPlain)
    }

    @Test(
        arguments: [
            (Array(plain.prefix(12)) + [0x88, 0xe5, 0x0c] + [UInt8](repeating: 0, count: 40), 1),
            (wireless(8, 0x41), 105),
        ] as [([UInt8], UInt16)])
    func anEncryptedLinkIsCounted(_ frame: [UInt8], _ link: UInt16) {
        guard case .dropped(.encryptedLink) = Decoding(frame, link: LinkType(link)) else {
            Issue.record("it was read")
            return
        }
    }

    @Test func theOutermostTunnelIsNamedAndTheInnermostKind() throws {
        let vxlan = Frame.udp(50_000, 4789, [8, 0, 0, 0, 0, 1, 2, 0] + Self.plain)
        let middle = Array(
            Frame.ethernet().ipv4("198.51.100.1", "198.51.100.2", next: 17, vxlan).bytes.dropFirst(
                14))
        guard case .packet(let packet) = Decoding(Self.outer(4, middle)) else {
            Issue.record("no datagram")
            return
        }
        #expect(packet.path.depth == 2)
        #expect(packet.path.carrier == .vxlan)
        #expect(packet.path.source.address == IPAddress("192.0.2.1"))
        #expect(packet.path.network == 1 << 32 | 0x102)
    }
}
