import Codecs

/// A member's name where it stands: compared as bytes, for text would be made of each only to be
/// compared once.
struct JSONKey: ~Escapable {
    /// At most 128 bytes.
    private let bytes: Span<UInt8>
    /// The name, when it is written with escapes.
    private let resolved: String?

    @_lifetime(copy bytes)
    init(_ bytes: Span<UInt8>, resolved: String?) {
        self.bytes = bytes
        self.resolved = resolved
    }

    /// Bad UTF-8 is repaired.
    var text: String { resolved ?? String(copying: bytes) }

    /// Whether the name begins with `text`, ASCII.
    func begins(with prefix: StaticString) -> Bool {
        if resolved == nil, !bytes.holds(prefix, at: 0) { return false }
        return text.hasPrefix(String(describing: prefix))
    }

    /// Written with escapes, which the names of a protocol never need.
    var isEscaped: Bool { resolved != nil }

    /// Whether the name is `text`, ASCII, in any case.
    func equals(anyCase text: StaticString) -> Bool {
        guard let resolved else { return bytes.equals(anyCase: text) }
        return [UInt8](resolved.utf8).span.equals(anyCase: text)
    }

    /// So that a `switch` over a key reads as one over text.
    @inline(__always)
    static func ~= (name: StaticString, key: borrowing JSONKey) -> Bool {
        guard let resolved = key.resolved else { return key.bytes.equals(name) }
        return resolved == String(describing: name)
    }
}
