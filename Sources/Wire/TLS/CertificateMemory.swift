package import Codecs

/// What the certificates met last said. To read one costs as much as a hundred handshakes, and few
/// servers answer most of them; so one is read when somebody asks, and mostly nobody does.
///
/// A certificate has one place, which the next of that place takes. Nobody can make ones that meet
/// on purpose, for he does not know the secret; and none is taken for another, for all bytes are
/// compared.
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

    /// The certificate of the server that answered so; nil where it showed none.
    package func certificate(of answer: ServerHello) -> Certificate? {
        answer.certificateBytes.flatMap { certificate($0) }
    }

    /// The certificate in `der`; nil where there is none.
    func certificate(_ der: [UInt8]) -> Certificate? {
        guard der.count <= Self.longest else { return Certificate(der: der.span) }
        let place = Int(truncatingIfNeeded: secret.of(der.span)) & (Self.places - 1)
        if known.isEmpty { known = [Known?](repeating: nil, count: Self.places) }
        if let last = known[place], last.der == der { return last.certificate }
        let certificate = Certificate(der: der.span)
        known[place] = Known(der: der, certificate: certificate)
        return certificate
    }
}
