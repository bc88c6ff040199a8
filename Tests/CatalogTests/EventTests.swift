import Testing

@testable import Catalog
@testable import Wire

@Suite struct EventTests {
    private func sightings(_ message: Message) throws -> [String] {
        let catalog = try catalog(
            app("a", "api.one.example exact api strong"), app("b", "two.example suffix api strong"))
        var names: [(name: String, clue: Clue)] = []
        switch message {
        case .clientHello(let hello): names = [Catalog.name(in: hello)].compactMap { $0 }
        case .quic(let hello): names = [Catalog.name(in: hello)].compactMap { $0 }
        case .httpRequest(let request): names = [Catalog.name(in: request)].compactMap { $0 }
        case .dns(let message): names = message.questions.map { ($0.name, .dnsQuery) }
        default: break
        }
        return names.compactMap { catalog.app(forName: $0.name, clue: $0.clue) }.map {
            "\($0.app) \($0.domain) \($0.clue.rawValue) \($0.strength.name)"
        }
    }

    private func hello(_ name: String?, _ hidden: EncryptedHello.Kind? = nil) -> Message {
        .clientHello(
            ClientHello(
                serverName: name, alpn: [], encryptedHello: hidden.map { EncryptedHello($0) },
                parts: HelloParts()))
    }

    private func request(_ method: String, _ target: String, host: String?) -> Message {
        var request = HTTPRequest.Fields()
        request.method = method
        request.target = target
        request.host = host
        return .httpRequest(HTTPRequest(request))
    }

    @Test func aClientHelloTellsByItsServerName() throws {
        #expect(try sightings(hello("api.one.example")) == ["a api.one.example tls_sni strong"])
        #expect(try sightings(hello(nil)) == [])
        #expect(try sightings(hello("one.example")) == [])
    }

    @Test func aQUICHelloTellsByItsServerName() throws {
        func quic(_ message: Message) -> Message {
            guard case .clientHello(let hello) = message else { return message }
            return .quic(QUICHello(version: .one, hello: hello))
        }
        #expect(
            try sightings(quic(hello("api.one.example"))) == ["a api.one.example quic_sni strong"])
        #expect(
            try sightings(quic(hello("api.one.example", .unknown)))
                == ["a api.one.example quic_outer_sni strong"])
        #expect(try sightings(quic(hello("api.one.example", .real))) == [])
        #expect(try sightings(quic(hello(nil))) == [])
        #expect(
            try sightings(.quic(QUICHello(version: QUICVersion(0x5130_3433), name: "two.example")))
                == ["b two.example quic_sni strong"])
    }

    /// An outer name is never the app; one that may be one is a clue of its own.
    @Test(
        arguments: [
            (.unknown, ["a api.one.example tls_outer_sni strong"]),
            (.grease, ["a api.one.example tls_sni strong"]),
            (.inner, ["a api.one.example tls_sni strong"]),
            (.real, []),
        ] as [(EncryptedHello.Kind, [String])])
    func anOuterNameTellsNoMoreThanItCan(_ kind: EncryptedHello.Kind, _ told: [String]) throws {
        #expect(try sightings(hello("api.one.example", kind)) == told)
    }

    @Test func aConnectTellsByItsTarget() throws {
        #expect(
            try sightings(request("CONNECT", "api.one.example:443", host: "two.example"))
                == ["a api.one.example http_connect strong"])
        #expect(try sightings(request("CONNECT", "[2001:db8::1]:443", host: "two.example")) == [])
    }

    @Test(arguments: [
        ("two.example", true), ("X.Two.Example:8080", true), ("user@two.example:80", true),
        ("[::1]:80", false), ("10.0.0.1:80", false), ("", false), (":", false), ("@", false),
        ("two.example.net", false),
    ])
    func aPlainRequestTellsByItsHost(host: String, isApp: Bool) throws {
        let found = try sightings(request("GET", "/", host: host))
        #expect(found.count == (isApp ? 1 : 0))
        #expect(found.allSatisfy { $0.hasSuffix(" http_host strong") })
    }

    @Test(arguments: [true, false])
    func aDNSMessageTellsByItsQuestions(isResponse: Bool) throws {
        let questions = ["WWW.two.example", "other.example", "api.one.example"]
        let message = DNSMessage(
            id: 1, isResponse: isResponse, responseCode: 0,
            questions: questions.map { DNSMessage.Question(name: $0, type: 1) }, answers: [])
        #expect(
            try sightings(.dns(message)) == [
                "b www.two.example dns_query hint", "a api.one.example dns_query hint",
            ])
    }

    @Test func otherMessagesTellNothing() throws {
        #expect(try sightings(.httpResponse(HTTPResponse(.init()))) == [])
        #expect(try sightings(request("GET", "/", host: nil)) == [])
    }
}
