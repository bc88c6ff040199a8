import Testing

@testable import Catalog

/// A certificate names an app only when it is that app's.
@Suite struct CertificateNameTests {
    private func known() throws -> Catalog {
        try catalog(
            app("one", "one.example suffix api strong"), app("two", "two.example suffix api strong")
        )
    }

    @Test(
        arguments: [
            (["one.example"], "one"),
            (["*.one.example", "api.one.example"], "one"),
            (["API.One.Example"], "one"),
            // The content network's own name stands beside its customer's two.
            (["sni.cloud.example", "one.example", "*.one.example"], "one"),
            (["sni.cloud.example", "one.example"], nil),
            (["one.example", "two.example", "www.one.example"], nil),
            (["unknown.example"], nil),
            (["*.example"], nil),
            ([], nil),
        ] as [([String], String?)])
    func mostNamesMustBeTheApps(_ names: [String], _ expected: String?) throws {
        #expect(try known().app(forCertificateNames: names)?.app == expected)
    }

    @Test func aCertificateOfAWholeContentNetworkNamesNobody() throws {
        let names = (0..<17).map { "host\($0).one.example" }
        #expect(try known().app(forCertificateNames: names) == nil)
        #expect(try known().app(forCertificateNames: Array(names.prefix(16)))?.app == "one")
    }

    @Test func itIsAsStrongAsALookupAndNoName() throws {
        let sighting = try #require(try known().app(forCertificateNames: ["one.example"]))
        #expect(sighting.clue == .tlsCertificate && sighting.strength == .strong)
    }
}
