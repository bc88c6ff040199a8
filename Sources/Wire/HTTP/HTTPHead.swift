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

    package init() {}
}

extension HTTPRequest {
    /// The target is an absolute URI, so the request went to a proxy (RFC 9112 §3.2.2).
    package var isAbsolute: Bool { target.hasPrefix("http://") || target.hasPrefix("https://") }

    /// The target's path without query, scheme and authority; `*` and CONNECT targets as they are.
    package var path: String {
        var rest = target[...]
        if isAbsolute, let scheme = rest.range(ofASCII: "://") {
            rest = rest[scheme...]
            rest = rest.firstIndex(of: "/").map { rest[$0...] } ?? "/"
        }
        return String(rest.prefix { $0 != "?" && $0 != "#" })
    }
}

extension Substring {
    /// The index just after the first `pattern`, ASCII only.
    fileprivate func range(ofASCII pattern: String) -> Index? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(pattern) {
                return self.index(index, offsetBy: pattern.count)
            }
            index = self.index(after: index)
        }
        return nil
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
