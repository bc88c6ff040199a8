/// Addresses that programs name in messages and fields, without what may be a secret in them.
enum PlainURL {
    private static let limit = 512
    private static let hostLimit = 253

    /// Where the parts of an address are, user, query and fragment left out.
    private struct Parts {
        var bytes: [UInt8]
        /// With `://` behind it; empty where there is none.
        var scheme: Range<Int>
        /// Host and port.
        var host: Range<Int>
        var path: Range<Int>

        /// Nil for what is no address: blanks, controls, no host, or a port that is no number, as
        /// where a password has a slash in it.
        init?(_ text: String) {
            bytes = Array(text.utf8.prefix { $0 != 63 && $0 != 35 })
            guard bytes.allSatisfy({ $0 > 32 && $0 < 127 }) else { return nil }
            var start = 0
            if let colon = bytes.firstIndex(of: 58), bytes[colon...].starts(with: "://".utf8) {
                start = colon + 3
            }
            let end = bytes[start...].firstIndex(of: 47) ?? bytes.count
            let first = bytes[start..<end].lastIndex(of: 64).map { $0 + 1 } ?? start
            (scheme, host, path) = (0..<start, first..<end, end..<bytes.count)
            guard !host.isEmpty else { return nil }
            guard let colon = bytes[host].lastIndex(of: 58), bytes[host].last != 93 else { return }
            guard bytes[(colon + 1)..<end].allSatisfy({ (48...57).contains($0) }) else {
                return nil
            }
        }

        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
    }

    /// Scheme, if there is one, host and path.
    static func bare(_ text: String?) -> String? {
        guard let parts = text.flatMap({ Parts($0) }) else { return nil }
        return String(
            (parts.text(parts.scheme) + parts.text(parts.host) + parts.text(parts.path))
                .prefix(limit))
    }

    /// The same of an address of the web; nil for any other.
    static func web(_ text: String?) -> String? {
        guard let parts = text.flatMap({ Parts($0) }) else { return nil }
        let scheme = parts.text(parts.scheme).lowercased()
        guard scheme == "https://" || scheme == "http://" else { return nil }
        return String((scheme + parts.text(parts.host) + parts.text(parts.path)).prefix(limit))
    }

    /// Host and port alone, of an address with or without a scheme.
    static func host(_ text: String?) -> String? {
        text.flatMap { Parts($0) }.map { String($0.text($0.host).prefix(hostLimit)) }
    }

    /// The same; nil where there is no scheme, for then it may be any word.
    static func hostBehindScheme(_ text: String) -> String? {
        guard let parts = Parts(text), !parts.scheme.isEmpty else { return nil }
        return String(parts.text(parts.host).prefix(hostLimit))
    }
}
