/// What a TLS ClientHello says of its client (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2).
package struct ClientHello: Sendable, Hashable {
    /// server_name as sent, lower-cased; nil without the extension or with no host name in it (RFC
    /// 6066 §3).
    package var serverName: String?
    /// The client's ALPN list in its order (RFC 7301).
    package var alpn: [String]
    /// legacy_version of the hello itself.
    package var version: UInt16
    /// supported_versions in the client's order, GREASE left in (RFC 8446 §4.2.1).
    package var supportedVersions: [UInt16]
    /// The string that JA3 hashes, and its MD5 in hex (github.com/salesforce/ja3).
    package var ja3Text: String
    package var ja3: String
    /// JA4, the TLS-client fingerprint of FoxIO's technical_details/JA4.md.
    package var ja4: String
    /// The hello carries encrypted_client_hello, so `serverName` is the outer name (RFC 9849).
    package var hasEncryptedHello: Bool
}

/// What a TLS ServerHello chose (RFC 8446 §4.1.3).
package struct ServerHello: Sendable, Hashable {
    /// The version that was agreed: supported_versions where present, else the hello's own.
    package var selectedVersion: UInt16
    package var cipherSuite: UInt16
    /// The one protocol chosen, where the hello shows it (not in TLS 1.3).
    package var alpn: String?
    package var ja3sText: String
    package var ja3s: String
    /// A HelloRetryRequest (RFC 8446 §4.1.4).
    package var isRetryRequest: Bool
}
