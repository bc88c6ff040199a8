/// The beginning of a path, by whole segments: `/mcp` stands for `/mcp` and `/mcp/x`, not for
/// `/mcpx`. `{x}` and `*` are one or more bytes inside a segment.
///
/// Paths are compared byte for byte, as they were sent: upper and lower case differ, and a
/// percent-encoded byte is not the byte it stands for.
struct PathPrefix: Sendable {
    static let longest = 256

    /// Each segment as the fixed parts around its wildcards.
    private let segments: [[[UInt8]]]
    /// Bytes that are no wildcard: of two prefixes that fit, the one with more goes first.
    let fixedBytes: Int

    var segmentCount: Int { segments.count }

    /// Nil for what `isOne` refuses.
    init?(_ text: ArraySlice<UInt8>) {
        guard PathPrefix.isOne(text) else { return nil }
        segments = text.dropFirst().split(separator: UInt8(ascii: "/")).map(PathPrefix.parts)
        fixedBytes = segments.reduce(0) { $1.reduce($0 + 1) { $0 + $1.count } }
    }

    /// Whether it is a path below the root, without query. No byte stands in it that no path has,
    /// no segment is empty, braces are paired, no two wildcards touch, and something is no
    /// wildcard.
    static func isOne(_ text: ArraySlice<UInt8>) -> Bool {
        guard text.first == UInt8(ascii: "/"), text.count <= longest else { return false }
        var isInBraces = false
        var isBehindWildcard = false
        var last = UInt8(0)
        var fixedBytes = 0
        for byte in text {
            guard 0x21...0x7e ~= byte, byte != UInt8(ascii: "?"), byte != UInt8(ascii: "#") else {
                return false
            }
            switch byte {
            case UInt8(ascii: "/"):
                guard !isInBraces, last != byte else { return false }
                isBehindWildcard = false
            case UInt8(ascii: "{"), UInt8(ascii: "*"):
                guard !isInBraces, !isBehindWildcard else { return false }
                isInBraces = byte == UInt8(ascii: "{")
                isBehindWildcard = true
            case UInt8(ascii: "}"):
                guard isInBraces else { return false }
                isInBraces = false
            case _ where isInBraces: break
            default:
                isBehindWildcard = false
                fixedBytes += 1
            }
            last = byte
        }
        return !isInBraces && last != UInt8(ascii: "/") && fixedBytes > 0
    }

    /// The fixed parts of a segment, its wildcards between them.
    private static func parts(of segment: ArraySlice<UInt8>) -> [[UInt8]] {
        var parts: [[UInt8]] = [[]]
        var isInBraces = false
        for byte in segment {
            switch byte {
            case UInt8(ascii: "{"), UInt8(ascii: "*"):
                parts.append([])
                isInBraces = byte == UInt8(ascii: "{")
            case UInt8(ascii: "}"): isInBraces = false
            case _ where isInBraces: continue
            default: parts[parts.count - 1].append(byte)
            }
        }
        return parts
    }

    /// Whether a path, its query already taken off, begins with these segments.
    func matches(_ path: ArraySlice<UInt8>) -> Bool {
        guard path.first == UInt8(ascii: "/") else { return false }
        var rest = path.dropFirst()
        for (number, parts) in segments.enumerated() {
            let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
            guard DomainPattern.matches(rest[..<end], label: parts) else { return false }
            if number == segments.count - 1 { return true }
            guard end < rest.endIndex else { return false }
            rest = rest[(end + 1)...]
        }
        return false
    }
}
