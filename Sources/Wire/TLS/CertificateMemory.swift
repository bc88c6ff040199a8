import Codecs

/// What the certificates met last said: few servers answer most of a network's handshakes, and to
/// read a certificate costs more than all the rest of one.
///
/// A certificate has two places, and the older one there makes room for the next. Nobody can make
/// ones that meet on purpose, for he does not know the secret; and none is taken for another, for
/// all bytes are compared.
package final class CertificateMemory {
    private struct Known {
        var der: [UInt8]
        /// Nil for what is no certificate.
        var certificate: Certificate?
    }

    private static let places = 2048
    /// Bytes of a certificate that is remembered: 8 MiB are the most that all of them take.
    private static let longest = 4096

    private let secret = KeyedHash()
    private var known: [Known?] = []

    package init() {}

    /// The certificate in `der`; nil where there is none.
    func certificate(_ der: Span<UInt8>) -> Certificate? {
        guard der.count <= Self.longest else { return Certificate(der: der) }
        let place = Int(truncatingIfNeeded: secret.of(der)) & (Self.places - 2)
        if known.isEmpty { known = [Known?](repeating: nil, count: Self.places) }
        for at in place...(place + 1) {
            if let last = known[at], last.der.span.equals(der) { return last.certificate }
        }
        let certificate = Certificate(der: der)
        known[place + 1] = known[place]
        known[place] = Known(der: [UInt8](copying: der), certificate: certificate)
        return certificate
    }
}
