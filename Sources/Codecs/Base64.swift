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
}
