import Codecs

/// What a version's Initial keys are made with (RFC 9001 §5.2): its salt as a key, and its labels.
struct InitialSecret: Sendable {
    private let salt: KeyedSHA256
    private let labels: Labels

    private init(_ salt: [UInt8], _ labels: Labels) {
        self.salt = KeyedSHA256(key: salt.span)
        self.labels = labels
    }

    /// Those that may have made the keys of a version, the likely first: mostly one.
    static func candidates(of version: QUICVersion) -> [InitialSecret] {
        switch version.number {
        case 1, 0xff00_0021...0xff00_0022: return one
        case QUICVersion.two.number: return two
        case QUICVersion.twoDraft.number, QUICVersion.twoDraft0.number: return twoDraft
        case 0xff00_001d...0xff00_0020: return draft29
        case 0xff00_0017...0xff00_001c, 0xface_b002, 0xface_b00e: return draft23
        case 0xff00_0016, 0xface_b001: return draft22
        case 0x5130_3530: return q050
        case 0x5430_3530: return t050
        case 0x5430_3531: return t051
        default: return version.isPrivate ? privates : []
        }
    }

    /// The keys of a client whose first Initial was sent to the connection id `destination`.
    func clientKeys(to destination: Span<UInt8>) -> (cipher: PacketCipher, iv: PacketCipher.Nonce) {
        let initial = KeyedSHA256(key: salt.code(of: KeyedSHA256.Message(destination)))
        let client = KeyedSHA256(key: initial.code(of: Labels.client))
        let key = client.code(of: labels.key).bytes
        let header = client.code(of: labels.header).bytes
        let iv = client.code(of: labels.iv).bytes
        var nonce = PacketCipher.Nonce(repeating: 0)
        for at in nonce.indices { nonce[at] = iv[at] }
        let cipher = PacketCipher(
            key: key.span.extracting(0..<16), headerKey: header.span.extracting(0..<16))
        return (cipher, nonce)
    }

    /// The info of each HKDF-Expand-Label (RFC 8446 §7.1), and the one behind it (RFC 5869 §2.3).
    private struct Labels: Sendable {
        static let client = info("client in", bytes: 32)
        /// RFC 9001 §5.1.
        static let first = Labels(prefix: "quic")
        /// RFC 9369 §3.3.2.
        static let second = Labels(prefix: "quicv2")

        let key: KeyedSHA256.Message
        let iv: KeyedSHA256.Message
        let header: KeyedSHA256.Message

        private init(prefix: String) {
            key = Labels.info(prefix + " key", bytes: 16)
            iv = Labels.info(prefix + " iv", bytes: 12)
            header = Labels.info(prefix + " hp", bytes: 16)
        }

        private static func info(_ label: String, bytes: UInt8) -> KeyedSHA256.Message {
            let name = Array("tls13 \(label)".utf8)
            let text = [0, bytes, UInt8(name.count)] + name + [0, 1]
            return KeyedSHA256.Message(text.span)
        }
    }

    private static let one = [
        InitialSecret(
            [
                0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17, 0x9a, 0xe6, 0xa4, 0xc8,
                0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a,
            ], .first)
    ]

    private static let two = [
        InitialSecret(
            [
                0x0d, 0xed, 0xe3, 0xde, 0xf7, 0x00, 0xa6, 0xdb, 0x81, 0x93, 0x81, 0xbe, 0x6e, 0x26,
                0x9d, 0xcb, 0xf9, 0xbd, 0x2e, 0xd9,
            ], .second)
    ]

    private static let twoDraft = [
        InitialSecret(
            [
                0xa7, 0x07, 0xc2, 0x03, 0xa5, 0x9b, 0x47, 0x18, 0x4a, 0x1d, 0x62, 0xca, 0x57, 0x04,
                0x06, 0xea, 0x7a, 0xe3, 0xe5, 0xd3,
            ], .second)
    ]

    /// Drafts 29 to 32.
    private static let draft29 = [
        InitialSecret(
            [
                0xaf, 0xbf, 0xec, 0x28, 0x99, 0x93, 0xd2, 0x4c, 0x9e, 0x97, 0x86, 0xf1, 0x9c, 0x61,
                0x11, 0xe0, 0x43, 0x90, 0xa8, 0x99,
            ], .first)
    ]

    /// Drafts 23 to 28.
    private static let draft23 = [
        InitialSecret(
            [
                0xc3, 0xee, 0xf7, 0x12, 0xc7, 0x2e, 0xbb, 0x5a, 0x11, 0xa7, 0xd2, 0x43, 0x2b, 0xb4,
                0x63, 0x65, 0xbe, 0xf9, 0xf5, 0x02,
            ], .first)
    ]

    private static let draft22 = [
        InitialSecret(
            [
                0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a, 0x96, 0xcd, 0x21, 0x51,
                0x9e, 0xbd, 0x7a, 0x02, 0x64, 0x4a,
            ], .first)
    ]

    /// Most have the salt of the version that they try something out of.
    private static let privates = one + draft29 + draft23

    private static let q050 = [
        InitialSecret(
            [
                0x50, 0x45, 0x74, 0xef, 0xd0, 0x66, 0xfe, 0x2f, 0x9d, 0x94, 0x5c, 0xfc, 0xdb, 0xd3,
                0xa7, 0xf0, 0xd3, 0xb5, 0x6b, 0x45,
            ], .first)
    ]

    private static let t050 = [
        InitialSecret(
            [
                0x7f, 0xf5, 0x79, 0xe5, 0xac, 0xd0, 0x72, 0x91, 0x55, 0x80, 0x30, 0x4c, 0x43, 0xa2,
                0x36, 0x7c, 0x60, 0x48, 0x83, 0x10,
            ], .first)
    ]

    private static let t051 = [
        InitialSecret(
            [
                0x7a, 0x4e, 0xde, 0xf4, 0xe7, 0xcc, 0xee, 0x5f, 0xa4, 0x50, 0x6c, 0x19, 0x12, 0x4f,
                0xc8, 0xcc, 0xda, 0x6e, 0x03, 0x3d,
            ], .first)
    ]
}
