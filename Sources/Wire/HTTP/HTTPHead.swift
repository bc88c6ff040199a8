/// What is kept of a request head: listed fields only, no secret among them (RFC 9112 §3).
package struct HTTPRequest: Sendable, Hashable {
    /// Which request of its flow this is, from 1. With the flow's number it names the exchange.
    package var ordinal: Int = 0
    package var method: String = ""
    /// The request target as sent: a path and query, `host:port` for CONNECT, or an absolute URI.
    package var target: String = ""
    /// `HTTP/1.1` and the like.
    package var version: String = ""
    /// The Host field as sent, or the authority of an absolute target; may hold a port.
    package var host: String?
    package var userAgent: String?
    package var contentType: String?
    package var accept: String?
    package var origin: String?
    /// MCP-Protocol-Version, Mcp-Method, Mcp-Name (MCP 2026-07-28 §Headers).
    package var mcpVersion: String?
    package var mcpMethod: String?
    package var mcpName: String?
    /// A keyed hash of Mcp-Session-Id; the id itself is a secret and is not kept.
    package var mcpSession: UInt64?
    package var hasLastEventID = false
    /// The scheme of Authorization, lower-cased (`bearer`, `basic`), or `x-api-key` and the like.
    package var authScheme: String?
    /// anthropic-version, any x-stainless-* field: marks of a model SDK.
    package var anthropicVersion: String?
    package var hasStainless = false
    package var contentLength: Int?
    /// Content-Encoding, when it is not identity: the body cannot be read as it is.
    package var contentEncoding: String?
    /// `SessionKey.of` path and query: joins the posts of HTTP+SSE to their stream.
    package var targetHash: UInt64 = 0

    package init() {}
}

/// A hash that stands for a session in memory, where the id itself, a secret, is not kept.
package enum SessionKey {
    /// FNV-1a over 64 bits.
    @inlinable
    package static func of(_ bytes: some Sequence<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }

    /// The hash of an absolute or relative URI's path and query.
    static func of(uri: String) -> UInt64 { of(pathAndQuery(uri).utf8) }

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

extension HTTPRequest {
    /// The target is an absolute URI, so the request went to a proxy (RFC 9112 §3.2.2).
    package var isAbsolute: Bool { target.hasPrefix("http://") || target.hasPrefix("https://") }

    /// The target's path without query, scheme and authority; `*` and CONNECT targets as they are.
    package var path: String {
        let rest = isAbsolute ? SessionKey.pathAndQuery(target) : target
        return String(rest.prefix { $0 != "?" && $0 != "#" })
    }
}

/// What is kept of a response head.
package struct HTTPResponse: Sendable, Hashable {
    /// Which response of its flow this is, from 1.
    package var ordinal: Int = 0
    /// The status code, 100...999.
    package var status: Int = 0
    package var version: String = ""
    package var contentType: String?
    package var contentLength: Int?
    package var server: String?
    package var mcpSession: UInt64?
    /// WWW-Authenticate names `resource_metadata` (RFC 9728 §5.1).
    package var hasResourceMetadata = false
    /// Content-Encoding, when it is not identity: the body cannot be read as it is.
    package var contentEncoding: String?
    /// The request this answers; nil when it was not seen.
    package var request: HTTPRequest?

    package init() {}
}
