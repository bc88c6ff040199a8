import Codecs

/// What a ClientHello says of another one encrypted in it (RFC 9849).
///
/// A client that knows no key of the server sends the extension all the same, with random bytes:
/// grease. Both look alike on purpose, so mostly nobody but the two can tell.
package struct EncryptedHello: Sendable, Hashable {
    package enum Kind: String, Sendable {
        /// There is another hello: the name beside it is not the one that the client wants.
        case real
        /// There is none: the name is the one that the client wants.
        case grease
        case unknown
        /// This is the inner hello, on its way behind the server that decrypted it.
        case inner
    }

    package private(set) var kind: Kind
    /// Of the extension's bytes, to know them again.
    private let checksum: UInt64

    /// Names that providers publish to be the outer ones, and where nothing else is: whoever sends
    /// one beside the extension has read the provider's key.
    private static let publicNames: Set<String> = ["cloudflare-ech.com"]

    /// For tests.
    package init(_ kind: Kind) {
        self.kind = kind
        checksum = 0
    }

    /// Reads the extension's body (RFC 9849 §5).
    ///
    ///     ECHClientHelloType type(1): outer 0, inner 1
    ///     kdf_id(2) aead_id(2) config_id(1) enc<0..2^16-1> payload<1..2^16-1>
    init(parsing body: Span<UInt8>) throws(ParseFailure) {
        var input = ByteReader(body, isPart: true)
        checksum = Checksum.of(body)
        guard try input.uint8() == 0 else {
            kind = .inner
            return
        }
        try input.skip(5)
        let keyBytes = Int(try input.uint16())
        try input.skip(keyBytes)
        try input.skip(Int(try input.uint16()))
        // The key was in the first hello, to which this is the second (RFC 9849 §6.1.5).
        kind = keyBytes == 0 ? .real : .unknown
    }

    mutating func judge(by name: String?) {
        guard kind == .unknown, let name else { return }
        if EncryptedHello.publicNames.contains(name) { kind = .real }
    }

    /// In its second hello a client without a key repeats the extension byte for byte (RFC 9849
    /// §6.2), and one with a key cannot.
    mutating func judge(by first: EncryptedHello) {
        if kind == .unknown, checksum == first.checksum { kind = .grease }
    }
}
