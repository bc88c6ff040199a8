/// Extension types that are read (IANA TLS ExtensionType Values).
enum ExtensionType {
    static let serverName: UInt16 = 0
    static let supportedGroups: UInt16 = 10
    static let ecPointFormats: UInt16 = 11
    static let signatureAlgorithms: UInt16 = 13
    static let alpn: UInt16 = 16
    static let supportedVersions: UInt16 = 43
    /// RFC 9001 §8.2, and the drafts before it.
    static let quicTransportParameters: UInt16 = 57
    static let quicTransportParametersDraft: UInt16 = 0xffa5
    static let encryptedClientHello: UInt16 = 0xfe0d
}

/// Content types of a TLS record (RFC 8446 §5.1).
enum RecordType {
    static let changeCipherSpec: UInt8 = 20
    static let alert: UInt8 = 21
    static let handshake: UInt8 = 22
    static let applicationData: UInt8 = 23
    static let heartbeat: UInt8 = 24
}

/// Handshake types that are read (RFC 8446 §4).
enum HandshakeType {
    static let helloRequest: UInt8 = 0
    static let clientHello: UInt8 = 1
    static let serverHello: UInt8 = 2
    static let helloVerifyRequest: UInt8 = 3
    static let certificate: UInt8 = 11
    /// RFC 4680.
    static let supplementalData: UInt8 = 23
}

/// The version field of a hello.
enum HelloVersion {
    /// SSL 3.0 and TLS, a draft of TLS 1.3 (RFC 8446's development), or DTLS (RFC 6347, RFC 9147),
    /// which OpenSSL once had as 0x0100.
    static func isPossible(_ version: UInt16, isDatagram: Bool) -> Bool {
        isDatagram
            ? version >> 8 == 0xfe || version == 0x0100
            : version >> 8 == 3 || version >> 8 == 0x7f
    }
}

extension UInt16 {
    /// A value reserved to keep peers tolerant: 0x0a0a, 0x1a1a … 0xfafa (RFC 8701 §2).
    var isGREASE: Bool { self & 0x0f0f == 0x0a0a && self >> 8 == self & 0xff }
}
