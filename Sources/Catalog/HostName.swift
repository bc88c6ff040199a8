/// Host names as the catalog compares them.
enum HostName {
    /// Longest name that DNS can carry, without the final dot (RFC 1035 §2.3.4).
    static let longest = 253

    /// How many bytes of the field are the name, a final dot left out; nil for what names no host:
    /// an empty label, a byte other than a letter, digit, `-` or `_`, an address, a name too long.
    static func length(of name: Span<UInt8>) -> Int? {
        var last = UInt8(ascii: ".")
        // A last label of digits is an IPv4 address or nothing: no such top-level domain exists.
        var isNumeric = true
        for index in name.indices {
            let byte = name[index]
            switch byte {
            case 97...122, 65...90, UInt8(ascii: "-"), UInt8(ascii: "_"): isNumeric = false
            case 48...57:
                if last == UInt8(ascii: ".") { isNumeric = true }
            case UInt8(ascii: "."):
                guard last != byte else { return nil }
            default: return nil
            }
            last = byte
        }
        let length = last == UInt8(ascii: ".") ? name.count - 1 : name.count
        return length > 0 && length <= longest && !isNumeric ? length : nil
    }

    /// An ASCII letter in lower case, any other byte as it is.
    static func folded(_ byte: UInt8) -> UInt8 { byte >= 65 && byte <= 90 ? byte + 32 : byte }

    /// The text is a name as it is compared: in lower case, and without a final dot.
    static func isOne(_ text: String) -> Bool { isOne(text.utf8.span) }

    static func isOne(_ bytes: Span<UInt8>) -> Bool {
        length(of: bytes) == bytes.count && isFolded(bytes)
    }

    private static func isFolded(_ bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices where bytes[index] != folded(bytes[index]) { return false }
        return true
    }

    /// The name of `length` bytes in lower case: the field itself where that is one.
    static func text(_ name: String, length: Int) -> String {
        let bytes = name.utf8.span
        if length == bytes.count, isFolded(bytes) { return name }
        return String(decoding: (0..<length).map { folded(bytes[$0]) }, as: UTF8.self)
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
