/// An IPv4 or IPv6 address in 128 bits; IPv4 stands as `::ffff:a.b.c.d` (RFC 4291 §2.5.5.2).
package struct IPAddress: BitwiseCopyable, Hashable, Comparable, Sendable {
    /// The first and the last eight bytes, network order.
    package var high: UInt64
    package var low: UInt64

    @inlinable package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// An IPv4 address from its 32 bits, first octet highest.
    @inlinable package init(v4: UInt32) {
        high = 0
        low = 0xffff_0000_0000 | UInt64(v4)
    }

    package static let zero = IPAddress(high: 0, low: 0)

    @inlinable package var isV4: Bool { high == 0 && low >> 32 == 0xffff }
    /// The 32 bits of an IPv4 address; meaningless for IPv6.
    @inlinable package var v4: UInt32 { UInt32(truncatingIfNeeded: low) }

    @inlinable package static func == (left: IPAddress, right: IPAddress) -> Bool {
        left.low == right.low && left.high == right.high
    }

    @inlinable package static func < (left: IPAddress, right: IPAddress) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }

    /// 0.0.0.0 or `::`.
    @inlinable package var isUnspecified: Bool { isV4 ? v4 == 0 : high == 0 && low == 0 }
    /// 127/8 or `::1`.
    package var isLoopback: Bool { isV4 ? v4 >> 24 == 127 : high == 0 && low == 1 }
    /// 224/4, 255.255.255.255 or `ff00::/8`.
    @inlinable package var isMulticast: Bool {
        isV4 ? v4 >> 28 == 14 || v4 == .max : high >> 56 == 0xff
    }
    /// 169.254/16 or `fe80::/10`.
    package var isLinkLocal: Bool {
        isV4 ? v4 >> 16 == 0xa9fe : high >> 54 == 0x3fa
    }
    /// Private use: RFC 1918, RFC 6598 (shared) and `fc00::/7` (RFC 4193).
    @inlinable package var isPrivate: Bool {
        guard isV4 else { return high >> 57 == 0x7e }
        return v4 >> 24 == 10 || v4 >> 20 == 0xac1 || v4 >> 16 == 0xc0a8 || v4 >> 22 == 0x191
    }
    /// One machine's own address: not unspecified, loopback nor multicast.
    package var isUnicast: Bool { !isUnspecified && !isLoopback && !isMulticast }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted quad, or RFC 5952 text for IPv6.
    package var description: String {
        var text = AddressText()
        text.append(self)
        return text.string
    }

    /// Reads dotted-quad or RFC 4291 §2.2 text; nil for anything else (no zone, no prefix length).
    package init?(_ text: some StringProtocol) {
        let bytes = Array(text.utf8)
        if bytes.contains(UInt8(ascii: ":")) {
            guard let value = IPAddress.parseV6(bytes) else { return nil }
            self = value
        } else {
            guard let value = IPAddress.parseV4(bytes[...]) else { return nil }
            self.init(v4: value)
        }
    }

    private static func parseV4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        let parts = bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var value: UInt32 = 0
        for part in parts {
            guard (1...3).contains(part.count), part.allSatisfy({ $0 >= 48 && $0 <= 57 }) else {
                return nil
            }
            let octet = part.reduce(0) { $0 * 10 + UInt32($1 - 48) }
            guard octet < 256 else { return nil }
            value = value << 8 | octet
        }
        return value
    }

    private static func parseV6(_ bytes: [UInt8]) -> IPAddress? {
        guard bytes.count <= 45 else { return nil }
        var groups: [UInt16] = []
        var gap: Int?
        var rest = bytes[...]
        if rest.starts(with: [58, 58]) {
            gap = 0
            rest = rest.dropFirst(2)
        }
        while !rest.isEmpty {
            let end = rest.firstIndex(of: 58) ?? rest.endIndex
            let word = rest[rest.startIndex..<end]
            if end == rest.endIndex, word.contains(46), let tail = parseV4(word) {
                groups += [UInt16(tail >> 16), UInt16(truncatingIfNeeded: tail)]
                break
            }
            // A sign is no digit, though `UInt16` would take one.
            guard (1...4).contains(word.count), groups.count < 8, word.first != 43,
                word.first != 45,
                let value = UInt16(String(decoding: word, as: UTF8.self), radix: 16)
            else { return nil }
            groups.append(value)
            rest = rest[end...].dropFirst()
            if end != bytes.endIndex, rest.isEmpty { return nil }
            if rest.first == 58 {
                guard gap == nil else { return nil }
                gap = groups.count
                rest = rest.dropFirst()
            }
        }
        if let gap {
            guard groups.count < 8 else { return nil }
            groups.insert(contentsOf: [UInt16](repeating: 0, count: 8 - groups.count), at: gap)
        }
        guard groups.count == 8 else { return nil }
        return IPAddress(
            high: groups[..<4].reduce(0) { $0 << 16 | UInt64($1) },
            low: groups[4...].reduce(0) { $0 << 16 | UInt64($1) })
    }
}

/// A block of addresses: `10.10.0.0/16`, `2001:db8::/32`.
package struct Network: Hashable, Sendable, CustomStringConvertible {
    package let base: IPAddress
    /// Leading bits that must match, counted in 128 (IPv4 prefixes are stored plus 96).
    package let prefixBits: Int

    /// Nil when the address or the length does not parse, or when bits beyond the prefix are set.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]), parts.count <= 2 else { return nil }
        let width = address.isV4 && !parts[0].contains(":") ? 32 : 128
        var length = width
        if parts.count == 2 {
            guard parts[1].first?.isNumber == true, let given = Int(parts[1]),
                (0...width).contains(given)
            else { return nil }
            length = given
        }
        prefixBits = length + 128 - width
        base = address
        guard Network.masked(address, prefixBits) == address else { return nil }
    }

    package func contains(_ address: IPAddress) -> Bool {
        Network.masked(address, prefixBits) == base
    }

    package static func masked(_ address: IPAddress, _ bits: Int) -> IPAddress {
        let high: UInt64 = bits >= 64 ? .max : bits == 0 ? 0 : .max << UInt64(64 - bits)
        let low: UInt64 = bits >= 128 ? .max : bits <= 64 ? 0 : .max << UInt64(128 - bits)
        return IPAddress(high: address.high & high, low: address.low & low)
    }

    package var description: String {
        base.isV4 && prefixBits >= 96 ? "\(base)/\(prefixBits - 96)" : "\(base)/\(prefixBits)"
    }
}

/// A 48-bit link-layer address (IEEE 802).
package struct MACAddress: BitwiseCopyable, Hashable, Comparable, Sendable {
    /// The six octets in the low 48 bits, first octet highest.
    package var value: UInt64

    package init(_ value: UInt64) { self.value = value & 0xffff_ffff_ffff }

    package static let zero = MACAddress(0)

    @inlinable package static func == (left: MACAddress, right: MACAddress) -> Bool {
        left.value == right.value
    }

    @inlinable package static func < (left: MACAddress, right: MACAddress) -> Bool {
        left.value < right.value
    }

    /// A single station's address: neither zero nor a group address.
    @inlinable package var isUnicast: Bool { value != 0 && value >> 40 & 1 == 0 }
}

extension MACAddress: CustomStringConvertible {
    /// Six pairs of lower-case hex digits joined by colons.
    package var description: String {
        var text = AddressText()
        for shift in stride(from: 40 as UInt64, through: 0, by: -8) {
            if shift < 40 { text.append(":") }
            text.append(hex: UInt16(truncatingIfNeeded: value >> shift & 255), atLeast: 2)
        }
        return text.string
    }

    /// Reads `aa:bb:cc:dd:ee:ff`, with `-` or nothing between, or Cisco's `aabb.ccdd.eeff`.
    package init?(_ text: some StringProtocol) {
        let digits = String(text).filter { $0 != ":" && $0 != "-" && $0 != "." }
        guard digits.utf8.count == 12, digits.allSatisfy(\.isHexDigit),
            let value = UInt64(String(digits), radix: 16)
        else { return nil }
        self.init(value)
    }
}

/// An address and a port.
package struct Endpoint: BitwiseCopyable, Hashable, Comparable, Sendable, CustomStringConvertible {
    package var address: IPAddress
    package var port: UInt16

    @inlinable package init(_ address: IPAddress, _ port: UInt16) {
        self.address = address
        self.port = port
    }

    @inlinable package static func == (left: Endpoint, right: Endpoint) -> Bool {
        left.port == right.port && left.address == right.address
    }

    @inlinable package static func < (left: Endpoint, right: Endpoint) -> Bool {
        left.address == right.address ? left.port < right.port : left.address < right.address
    }

    /// Reads what `description` writes; nil for anything else.
    package init?(_ text: some StringProtocol) {
        guard let colon = text.lastIndex(of: ":"),
            text[text.index(after: colon)...].first?.isNumber == true,
            let port = UInt16(text[text.index(after: colon)...])
        else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard let address = IPAddress(host), address.isV4 || text.hasPrefix("[") else { return nil }
        self.init(address, port)
    }

    /// `10.0.0.1:443`, `[2001:db8::1]:443`.
    package var description: String {
        var text = AddressText()
        text.append(self)
        return text.string
    }
}
