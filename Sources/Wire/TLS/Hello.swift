package import Codecs

/// What a TLS ClientHello says of its client (RFC 8446 §4.1.2, RFC 5246 §7.4.1.2): one reference to
/// what never changes.
package struct ClientHello: Sendable, Hashable {
    private final class Contents: Sendable {
        let serverName: String?
        let alpn: [String]
        let encryptedHello: EncryptedHello?
        let parts: HelloParts
        let isBroken: Bool

        init(
            _ serverName: consuming String?, _ alpn: consuming [String],
            _ encryptedHello: EncryptedHello?, _ parts: consuming HelloParts, _ isBroken: Bool
        ) {
            self.serverName = serverName
            self.alpn = alpn
            self.encryptedHello = encryptedHello
            self.parts = parts
            self.isBroken = isBroken
        }
    }

    private let contents: Contents

    package init(
        serverName: consuming String?, alpn: consuming [String],
        encryptedHello: EncryptedHello? = nil, parts: consuming HelloParts, isBroken: Bool = false
    ) {
        if var hidden = encryptedHello {
            hidden.judge(by: serverName)
            contents = Contents(serverName, alpn, hidden, parts, isBroken)
        } else {
            contents = Contents(serverName, alpn, nil, parts, isBroken)
        }
    }

    /// The same hello, of which more is known by now.
    func with(_ encryptedHello: EncryptedHello) -> ClientHello {
        ClientHello(
            serverName: serverName, alpn: alpn, encryptedHello: encryptedHello, parts: parts,
            isBroken: isBroken)
    }

    /// server_name as sent, lower-cased; nil without the extension or with no host name in it (RFC
    /// 6066 §3).
    package var serverName: String? { contents.serverName }
    /// The client's ALPN list in its order (RFC 7301).
    package var alpn: [String] { contents.alpn }
    /// What the hello says of another one encrypted in it; nil when it says nothing. Unless that is
    /// grease, `serverName` is the outer name (RFC 9849).
    package var encryptedHello: EncryptedHello? { contents.encryptedHello }
    /// An extension was not as it should be; what it says is left out.
    var isBroken: Bool { contents.isBroken }
    /// What fingerprints are made of; they are made when somebody asks, and mostly nobody does.
    package var parts: HelloParts { contents.parts }

    package static func == (a: ClientHello, b: ClientHello) -> Bool {
        a.contents === b.contents
            || a.serverName == b.serverName && a.alpn == b.alpn
                && a.encryptedHello == b.encryptedHello && a.parts == b.parts
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(serverName)
        hasher.combine(alpn)
        hasher.combine(encryptedHello)
        hasher.combine(parts)
    }

    /// legacy_version of the hello itself.
    package var version: UInt16 { parts.version }
    /// supported_versions in the client's order, GREASE left in (RFC 8446 §4.2.1).
    package var supportedVersions: [UInt16] { Array(parts[.supportedVersions]) }
    /// The string that JA3 hashes.
    package var ja3Text: String { String(decoding: JA3.text(of: parts), as: UTF8.self) }
    /// The MD5 of `ja3Text` in hex (github.com/salesforce/ja3).
    package var ja3: String { JA3.hash(JA3.text(of: parts)) }
    /// JA4, the TLS-client fingerprint of FoxIO's technical_details/JA4.md.
    package var ja4: String { JA4.fingerprint(of: parts) }
    /// What JA4 hashes, in the open: `ja4_r`.
    package var ja4Text: String { JA4.text(of: parts) }
}

extension ClientHello: CustomStringConvertible {
    /// All of it, for tests and debuggers.
    package var description: String {
        "ClientHello(serverName: \(serverName ?? "nil"), alpn: \(alpn), "
            + "ech: \(encryptedHello.map { $0.kind.rawValue } ?? "nil"), parts: \(parts))"
    }
}

/// What carries a hello; JA4 begins with it.
package enum HelloTransport: UInt8, Sendable, Hashable {
    case tcp, quic, dtls

    /// `t`, `q` or `d`.
    var letter: String {
        switch self {
        case .tcp: "t"
        case .quic: "q"
        case .dtls: "d"
        }
    }
}

/// The parts of a ClientHello that fingerprints are made of, in wire order and in one array.
package struct HelloParts: Sendable, Hashable {
    /// The lists, in the order in which they lie in the array.
    package enum List: Int {
        case ciphers, extensions, groups, pointFormats, signatureAlgorithms, supportedVersions
    }

    package var version: UInt16 = 0
    package var transport = HelloTransport.tcp
    /// First and last byte of the first ALPN value; nil without one.
    var alpnEnds: ALPNEnds?
    private let values: [UInt16]
    /// Where each list ends.
    private let ends: InlineArray<6, UInt16>

    package struct ALPNEnds: Sendable, Hashable {
        var first: UInt8
        var last: UInt8
    }

    package init() {
        values = []
        ends = InlineArray(repeating: 0)
    }

    /// The values of the lists in their order, and where each list ends.
    init(
        version: UInt16, transport: HelloTransport, alpnEnds: ALPNEnds?, _ values: [UInt16],
        ends: InlineArray<6, UInt16>
    ) {
        self.version = version
        self.transport = transport
        self.alpnEnds = alpnEnds
        self.values = values
        self.ends = ends
    }

    package subscript(list: List) -> ArraySlice<UInt16> {
        let start = list == .ciphers ? 0 : Int(ends[list.rawValue - 1])
        return values[start..<max(start, Int(ends[list.rawValue]))]
    }

    package static func == (a: HelloParts, b: HelloParts) -> Bool {
        a.version == b.version && a.transport == b.transport && a.alpnEnds == b.alpnEnds
            && a.values == b.values
            && a.ends.indices.allSatisfy { a.ends[$0] == b.ends[$0] }
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(version)
        hasher.combine(values)
    }
}

/// What a TLS ServerHello chose (RFC 8446 §4.1.3), and who the server then said it is.
package struct ServerHello: Sendable, Hashable {
    /// The hello's own version field.
    package var version: UInt16
    /// The version that was agreed: supported_versions where present, else the hello's own.
    package var selectedVersion: UInt16
    package var cipherSuite: UInt16
    /// The one protocol chosen, where the hello shows it (not in TLS 1.3).
    package var alpn: String?
    /// Extension types in their order.
    var extensions: ExtensionTypes
    /// A HelloRetryRequest (RFC 8446 §4.1.4).
    package var isRetryRequest: Bool
    /// The list of extensions ends too early.
    var isBroken = false
    /// DER of the server's own certificate, the first of those it sent; nil when the handshake
    /// hides it (TLS 1.3) or has none (a resumed session), and when it was not seen or not wanted.
    /// At most `Limits.certificateBytes`.
    package var certificateBytes: [UInt8]?
    /// What it says, read anew each time; see `CertificateMemory`. Nil too when it is none.
    package var certificate: Certificate? { certificateBytes.flatMap { Certificate(der: $0.span) } }

    /// A certificate may follow in the clear (RFC 5246 §7.4.2).
    var showsCertificate: Bool {
        let isOpen = 0x0300...0x0303 ~= selectedVersion || 0xfefd...0xfeff ~= selectedVersion
        return isOpen && !isRetryRequest
    }

    /// The string that JA3S hashes.
    package var ja3sText: String { String(decoding: JA3.text(of: self), as: UTF8.self) }
    /// The MD5 of `ja3sText` in hex.
    package var ja3s: String { JA3.hash(JA3.text(of: self)) }
}

/// Extension types in their order: in place, as long as there are no more than any server sends.
struct ExtensionTypes: Sendable, Hashable {
    private var first = InlineArray<12, UInt16>(repeating: 0)
    private(set) var count = 0
    private var others: [UInt16] = []

    mutating func append(_ type: UInt16) {
        if count < 12 { first[count] = type } else { others.append(type) }
        count += 1
    }

    subscript(position: Int) -> UInt16 { position < 12 ? first[position] : others[position - 12] }

    static func == (a: ExtensionTypes, b: ExtensionTypes) -> Bool {
        a.count == b.count && (0..<a.count).allSatisfy { a[$0] == b[$0] }
    }

    func hash(into hasher: inout Hasher) {
        for position in 0..<count { hasher.combine(self[position]) }
    }
}
