import Support
import Testing

@testable import Wire

/// Tunnels that are known by their headers more than by a port, and what only looks like them.
@Suite struct OddTunnelTests {
    private static let inner = Array(
        Frame.ethernet().ipv4("192.168.7.1", "192.168.7.2", next: 17, Frame.udp(5000, 5001, [1]))
            .bytes.dropFirst(14))

    private static func six(_ source: String) -> [UInt8] {
        Array(
            Frame.ethernet().ipv6(source, "2001:db8::2", next: 17, Frame.udp(5000, 5001, [1]))
                .bytes.dropFirst(14))
    }

    private static func udp(_ source: UInt16, _ destination: UInt16, _ payload: [UInt8]) -> [UInt8]
    {
        Frame.ethernet().ipv4(
            "10.0.0.1", "10.0.0.2", next: 17, Frame.udp(source, destination, payload)
        ).bytes
    }

    private func carrier(_ frame: [UInt8]) -> Path.Carrier? {
        guard case .packet(let packet) = Decoding(frame) else { return nil }
        return packet.path.carrier
    }

    @Test func teredoPeersSpeakOnAnyPorts() {
        #expect(carrier(Self.udp(3797, 32_900, Self.six("2001:0:4137:9e50::1"))) == .teredo)
        // Any other IPv6 packet on such ports is what somebody sends.
        #expect(carrier(Self.udp(3797, 32_900, Self.six("2001:db8::1"))) == Path.Carrier.none)
        let cut = Array(Self.six("2001:0:4137:9e50::1").prefix(30))
        #expect(carrier(Self.udp(3797, 32_900, cut)) == Path.Carrier.none)
    }

    @Test(arguments: [
        [0, 0, 8, 0], [0x20, 0, 8, 0, 1, 2, 3, 4],
        [0xb0, 0, 8, 0] + [UInt8](repeating: 0, count: 12),
    ])
    func genericRoutingMayStandInUDP(_ header: [UInt8]) {
        #expect(carrier(Self.udp(50_000, 4754, header + Self.inner)) == .gre)
        #expect(carrier(Self.udp(50_000, 4755, header + Self.inner)) == Path.Carrier.none)
    }

    @Test(arguments: [[0, 0, 8, 0], [0, 1, 8, 0, 0x45], [0, 0, 9, 9], [0x40, 0, 8, 0]])
    func aPortAloneIsNoRouting(_ header: [UInt8]) {
        let rest: [UInt8] = header.count == 4 && header[0] == 0x40 ? Self.inner : [1, 2, 3]
        #expect(carrier(Self.udp(50_000, 4754, header + rest)) == Path.Carrier.none)
    }

    @Test func anythingInAnythingIsEntered() {
        // An identity of 16 bytes, a signature of 20, forwarding IPv6.
        let header: [UInt8] = [0x44, 0x52, 0x11, 41] + [UInt8](repeating: 7, count: 4 + 16 + 20)
        let six = Self.six("2001:db8::1")
        #expect(carrier(Self.udp(50_000, 5072, header + six)) == .ayiya)
        var other = header
        other[2] = 0x10
        #expect(carrier(Self.udp(50_000, 5072, other + six)) == Path.Carrier.none)
    }

    /// Nobody may send these (RFC 6890); who does would speak for an IPv4 host.
    @Test(arguments: [22, 38])
    func anIPv4AddressInAnIPv6HeaderIsRefused(_ place: Int) {
        var frame = Frame.ethernet().ipv6(
            "2001:db8::1", "2001:db8::2", next: 17, Frame.udp(1, 2, [3])
        ).bytes
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 5]
        frame.replaceSubrange(place..<(place + 16), with: mapped)
        guard case .malformed(.badIPHeader) = Decoding(frame) else {
            Issue.record("it was read")
            return
        }
    }
}
