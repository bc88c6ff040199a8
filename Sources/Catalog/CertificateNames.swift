package import Codecs

extension Catalog {
    /// Names of a certificate that can be one app's; content networks put more into one.
    private static let nameLimit = 16

    /// The app whose server shows this certificate, for flows in which nothing else names it.
    ///
    /// Nil unless more than half of the names are that app's and none is another's, and for a
    /// certificate that only its owner vouches for: anybody can write a name into one.
    package func app(for certificate: Certificate) -> AppSighting? {
        guard !certificate.isSelfIssued, !certificate.hasMoreNames else { return nil }
        var names = certificate.dnsNames
        if names.isEmpty, let name = certificate.commonName { names = [name] }
        return app(forCertificateNames: names)
    }

    func app(forCertificateNames names: [String]) -> AppSighting? {
        guard names.count <= Catalog.nameLimit else { return nil }
        var best: AppSighting?
        var count = 0
        for name in names {
            let host = name.hasPrefix("*.") ? String(name.dropFirst(2)) : name
            guard let sighting = app(forName: host, clue: .tlsCertificate) else { continue }
            count += 1
            guard let known = best else {
                best = sighting
                continue
            }
            if known.app != sighting.app { return nil }
            if sighting.strength > known.strength { best = sighting }
        }
        return 2 * count > names.count ? best : nil
    }
}
