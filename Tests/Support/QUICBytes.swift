import Codecs

/// Builds a client's QUIC packets. The seal is AES-GCM written out over one block of AES, and the
/// keys come of HMAC over a plain hash: nothing of it is what reads them.
package struct QUICBytes: Sendable {
    package static let versionOne: [UInt8] = [
        0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8, 0x0c,
        0xad, 0xcc, 0xbb, 0x7f, 0x0a,
    ]
    package static let draft29: [UInt8] = [
        0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61, 0x11,
        0xe0, 0x43, 0x90, 0xa8, 0x99,
    ]
    package static let versionTwo: [UInt8] = [
        0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26, 0x9d,
        0xcb, 0xf9, 0xbd, 0x2e, 0xd9,
    ]

    package var version: UInt32 = 1
    package var salt = QUICBytes.versionOne
    package var destination: [UInt8] = [0x83, 0x94, 0xc8, 0xf0, 0x3e, 0x51, 0x57, 0x08]
    package var source: [UInt8] = []
    package var token: [UInt8] = []
    /// The id that made the keys, when it is no longer `destination`.
    package var keyID: [UInt8]?

    package init() {}

    // MARK: - Packets

    /// An Initial packet; `type` is as version 1 counts.
    package func initial(
        _ frames: [UInt8], number: UInt64 = 0, numberBytes: Int = 4, type: UInt8 = 0
    ) -> [UInt8] {
        let isSecond = version == 0x6b33_43cf
        let label = isSecond ? "quicv2" : "quic"
        let secret = expand(QUICBytes.hmac(salt, keyID ?? destination), "client in", 32)
        let (key, iv) = (expand(secret, label + " key", 16), expand(secret, label + " iv", 12))
        let header = PacketCipher(key: key.span, headerKey: expand(secret, label + " hp", 16).span)
        var packet = head(isSecond ? type &+ 1 & 3 : type)
        packet[0] |= UInt8(numberBytes - 1)
        if type == 0 { packet += QUICBytes.variable(token.count) + token }
        packet += Frame.octets(UInt64(numberBytes + frames.count + 16) | 0x4000, 2)
        let start = packet.count
        packet += Frame.octets(number, numberBytes)
        var nonce = iv
        for (at, byte) in Frame.octets(number, 8).enumerated() { nonce[4 + at] ^= byte }
        packet += QUICBytes.seal(frames, with: packet, key, nonce)
        let mask = header.mask(of: packet.span.extracting((start + 4)..<(start + 20)))
        packet[0] ^= mask[0] & 15
        for at in 0..<numberBytes { packet[start + at] ^= mask[at + 1] }
        return packet
    }

    /// A packet of early data or of the handshake, which nobody can open.
    package func other(type: UInt8, count: Int = 200) -> [UInt8] {
        head(type) + Frame.octets(UInt64(count) | 0x4000, 2)
            + [UInt8](repeating: 0x5a, count: count)
    }

    package func retry(to source: [UInt8]) -> [UInt8] {
        var packet = self
        packet.destination = []
        packet.source = source
        return packet.head(3) + [UInt8](repeating: 0x33, count: 40)
    }

    package static func negotiation(_ versions: [UInt32]) -> [UInt8] {
        var packet = QUICBytes()
        packet.version = 0
        return packet.head(0) + versions.flatMap { Frame.octets(UInt64($0), 4) }
    }

    private func head(_ type: UInt8) -> [UInt8] {
        [0xc0 | type << 4] + Frame.octets(UInt64(version), 4) + [UInt8(destination.count)]
            + destination + [UInt8(source.count)] + source
    }

    // MARK: - Frames

    package static func crypto(_ bytes: [UInt8], at offset: Int) -> [UInt8] {
        [6] + variable(offset) + variable(bytes.count) + bytes
    }

    /// The shortest form of a variable-length integer.
    package static func variable(_ value: Int) -> [UInt8] {
        if value < 64 { return [UInt8(value)] }
        if value < 16_384 { return Frame.octets(UInt64(value) | 0x4000, 2) }
        return Frame.octets(UInt64(value) | 0x8000_0000, 4)
    }

    // MARK: - Keys

    package static func hmac(_ key: [UInt8], _ message: [UInt8]) -> [UInt8] {
        let padded = key + [UInt8](repeating: 0, count: 64 - key.count)
        return Hash.sha256(
            padded.map { $0 ^ 0x5c } + Hash.sha256(padded.map { $0 ^ 0x36 } + message))
    }

    private func expand(_ secret: [UInt8], _ label: String, _ count: Int) -> [UInt8] {
        let name = Array("tls13 \(label)".utf8)
        let message = [0, UInt8(count), UInt8(name.count)] + name + [0, 1]
        return Array(QUICBytes.hmac(secret, message).prefix(count))
    }

    // MARK: - AES-GCM (NIST SP 800-38D)

    private static func seal(
        _ text: [UInt8], with additional: [UInt8], _ key: [UInt8], _ nonce: [UInt8]
    ) -> [UInt8] {
        let cipher = PacketCipher(key: key.span, headerKey: key.span)
        func block(_ bytes: [UInt8]) -> [UInt8] {
            let out = cipher.mask(of: bytes.span)
            return out.indices.map { out[$0] }
        }
        var sealed = text
        for start in stride(from: 0, to: text.count, by: 16) {
            let stream = block(nonce + Frame.octets(UInt64(start / 16 + 2), 4))
            for at in start..<min(start + 16, text.count) { sealed[at] ^= stream[at - start] }
        }
        let point = number(block([UInt8](repeating: 0, count: 16))[...])
        var hash: UInt128 = 0
        for part in [additional, sealed] {
            for start in stride(from: 0, to: part.count, by: 16) {
                hash = multiply(hash ^ number(part[start..<min(start + 16, part.count)]), point)
            }
        }
        hash = multiply(
            hash ^ UInt128(additional.count * 8) << 64 ^ UInt128(sealed.count * 8), point)
        hash ^= number(block(nonce + [0, 0, 0, 1])[...])
        return sealed + (0..<16).map { UInt8(truncatingIfNeeded: hash >> UInt128(120 - 8 * $0)) }
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt128 {
        var value: UInt128 = 0
        for byte in bytes { value = value << 8 | UInt128(byte) }
        return value << UInt128(8 * (16 - bytes.count))
    }

    private static func multiply(_ left: UInt128, _ right: UInt128) -> UInt128 {
        var (product, shifted): (UInt128, UInt128) = (0, right)
        for bit in 0..<128 {
            if left >> UInt128(127 - bit) & 1 == 1 { product ^= shifted }
            shifted = shifted >> 1 ^ (shifted & 1 == 1 ? 0xe1 << 120 : 0)
        }
        return product
    }
}
