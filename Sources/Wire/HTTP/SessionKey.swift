import Codecs

/// A hash that stands for a session in memory, where the id itself, a secret, is not kept.
package enum SessionKey {
    /// FNV-1a over 64 bits of a text's UTF-8.
    package static func of(_ text: String) -> UInt64 { of(text.utf8.span) }

    /// FNV-1a over 64 bits.
    static func of(_ bytes: Span<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for at in bytes.indices { hash = (hash ^ UInt64(bytes[at])) &* 0x100_0000_01b3 }
        return hash
    }

    /// The hash of path and query of a request's target.
    static func of(pathAndQueryOf target: Span<UInt8>) -> UInt64 {
        guard target.count > 0, target[0] == 47 else {
            return of(pathAndQuery([UInt8](copying: target)[...]).span)
        }
        let end = target.position(of: 35, in: target.indices) ?? target.count
        return of(target.extracting(0..<end))
    }

    /// The hash of an absolute or relative URI's path and query.
    static func of(uri: String) -> UInt64 { of(pathAndQuery(uri)) }

    /// What stands behind scheme and authority, without a fragment.
    static func pathAndQuery(_ uri: String) -> String {
        String(decoding: pathAndQuery(Array(uri.utf8)[...]), as: UTF8.self)
    }

    static func pathAndQuery(_ uri: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var bytes = uri
        if bytes.first != 47, let colon = bytes.firstIndex(of: 58),
            bytes[(colon + 1)...].starts(with: [47, 47])
        {
            let authority = bytes[(colon + 3)...]
            bytes = authority.firstIndex(of: 47).map { authority[$0...] } ?? [47]
        }
        return bytes.prefix { $0 != 35 }
    }
}
