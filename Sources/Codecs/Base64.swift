/// Standard base64 with padding (RFC 4648 §4).
package enum Base64 {
    package static func encode(_ bytes: [UInt8]) -> String {
        let alphabet = Array(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let rest = bytes.count - start
            let group =
                Int(bytes[start]) << 16 | (rest > 1 ? Int(bytes[start + 1]) << 8 : 0)
                | (rest > 2 ? Int(bytes[start + 2]) : 0)
            out.append(alphabet[group >> 18])
            out.append(alphabet[group >> 12 & 63])
            out.append(rest > 1 ? alphabet[group >> 6 & 63] : UInt8(ascii: "="))
            out.append(rest > 2 ? alphabet[group & 63] : UInt8(ascii: "="))
        }
        return String(decoding: out, as: UTF8.self)
    }

    /// Nil for what is no base64: another length, another character, or bits that must be zero.
    package static func decode(_ text: [UInt8]) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        let padding = text.reversed().prefix { $0 == UInt8(ascii: "=") }.count
        guard padding <= 2 else { return nil }
        return decodeUnpadded(text.dropLast(padding), [UInt8(ascii: "+"), UInt8(ascii: "/")])
    }

    /// The form of URLs, without padding (RFC 4648 §5).
    package static func decodeURL(_ text: [UInt8]) -> [UInt8]? {
        decodeUnpadded(text[...], [UInt8(ascii: "-"), UInt8(ascii: "_")])
    }

    private static func decodeUnpadded(_ text: ArraySlice<UInt8>, _ last: [UInt8]) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var out: [UInt8] = []
        out.reserveCapacity(text.count / 4 * 3 + 2)
        var (held, bits) = (UInt32(0), 0)
        for byte in text {
            let value: UInt8
            switch byte {
            case 65...90: value = byte - 65
            case 97...122: value = byte - 71
            case 48...57: value = byte + 4
            case last[0]: value = 62
            case last[1]: value = 63
            default: return nil
            }
            (held, bits) = (held << 6 | UInt32(value), bits + 6)
            guard bits >= 8 else { continue }
            bits -= 8
            out.append(UInt8(truncatingIfNeeded: held >> UInt32(bits)))
            held &= 1 << UInt32(bits) - 1
        }
        return held == 0 ? out : nil
    }
}
