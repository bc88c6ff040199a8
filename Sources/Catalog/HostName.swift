/// Host names as the catalog compares them.
enum HostName {
    /// Longest name that DNS can carry, without the final dot (RFC 1035 §2.3.4).
    static let longest = 253

    /// The name's bytes in lower case without a final dot; nil for what names no host: an empty
    /// label, a byte other than a letter, digit, `-` or `_`, an address, a name too long.
    static func bytes(of name: String) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(name.utf8.count)
        for byte in name.utf8 {
            switch byte {
            case 65...90: bytes.append(byte + 32)
            case 97...122, 48...57, UInt8(ascii: "-"), UInt8(ascii: "_"): bytes.append(byte)
            case UInt8(ascii: "."):
                guard let last = bytes.last, last != byte else { return nil }
                bytes.append(byte)
            default: return nil
            }
        }
        if bytes.last == UInt8(ascii: ".") { bytes.removeLast() }
        guard !bytes.isEmpty, bytes.count <= longest, !hasNumericEnd(bytes) else { return nil }
        return bytes
    }

    /// The last label is all digits, so it is an IPv4 address or nothing: no such top-level domain
    /// exists.
    static func hasNumericEnd(_ bytes: [UInt8]) -> Bool {
        for byte in bytes.reversed() {
            if byte == UInt8(ascii: ".") { return true }
            guard byte >= 48, byte <= 57 else { return false }
        }
        return true
    }

    /// The host of `host`, `host:port`, `[v6]:port` or `user@host:port` (RFC 3986 §3.2).
    static func host(ofAuthority authority: String) -> Substring {
        var rest = authority[...]
        if let at = rest.utf8.lastIndex(of: UInt8(ascii: "@")) {
            rest = rest[rest.utf8.index(after: at)...]
        }
        if rest.utf8.first == UInt8(ascii: "[") { return rest }
        guard let colon = rest.utf8.firstIndex(of: UInt8(ascii: ":")) else { return rest }
        return rest[..<colon]
    }
}
