package import Wire

/// Builds frames from parts, outside in: `Frame.ethernet(vlans: [10]).ipv4(…).tcp(…)`.
package struct Frame: Sendable {
    package var bytes: [UInt8]

    /// An Ethernet header; the EtherType is written by what follows.
    package static func ethernet(
        from source: UInt64 = 0x0200_0000_0001, to destination: UInt64 = 0x0200_0000_0002,
        vlans: [UInt16] = []
    ) -> Frame {
        var bytes = octets(destination, 6) + octets(source, 6)
        for vlan in vlans { bytes += [0x81, 0x00] + octets(UInt64(vlan), 2) }
        return Frame(bytes: bytes)
    }

    /// `next` is the transport protocol; `payload` is what stands behind the header.
    package func ipv4(
        _ source: String, _ destination: String, next: UInt8, options: [UInt8] = [],
        fragment: UInt16 = 0, _ payload: [UInt8]
    ) -> Frame {
        let words = 5 + options.count / 4
        var header: [UInt8] = [0x40 | UInt8(words), 0]
        header += Frame.octets(UInt64(words * 4 + payload.count), 2) + [0, 1]
        header += Frame.octets(UInt64(fragment), 2) + [64, next, 0, 0]
        header += Frame.address(source) + Frame.address(destination) + options
        return Frame(bytes: bytes + [0x08, 0x00] + header + payload)
    }

    package func ipv6(
        _ source: String, _ destination: String, next: UInt8, extensions: [UInt8] = [],
        _ payload: [UInt8]
    ) -> Frame {
        var header: [UInt8] = [0x60, 0, 0, 0]
        header += Frame.octets(UInt64(extensions.count + payload.count), 2) + [next, 64]
        header += Frame.address(source) + Frame.address(destination) + extensions
        return Frame(bytes: bytes + [0x86, 0xdd] + header + payload)
    }

    package static func tcp(
        _ source: UInt16, _ destination: UInt16, seq: UInt32, ack: UInt32 = 0,
        flags: TCPFlags = [.ack], _ payload: [UInt8] = []
    ) -> [UInt8] {
        octets(UInt64(source), 2) + octets(UInt64(destination), 2) + octets(UInt64(seq), 4)
            + octets(UInt64(ack), 4) + [0x50, flags.rawValue, 0xff, 0xff, 0, 0, 0, 0] + payload
    }

    package static func udp(
        _ source: UInt16, _ destination: UInt16, _ payload: [UInt8]
    ) -> [UInt8] {
        octets(UInt64(source), 2) + octets(UInt64(destination), 2)
            + octets(UInt64(payload.count + 8), 2) + [0, 0] + payload
    }

    /// `value` in `count` bytes, network order.
    package static func octets(_ value: UInt64, _ count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * (count - 1 - $0))) }
    }

    package static func address(_ text: String) -> [UInt8] {
        guard let address = IPAddress(text) else { return [] }
        return address.isV4
            ? octets(UInt64(address.v4), 4) : octets(address.high, 8) + octets(address.low, 8)
    }
}
