import Testing

@testable import Catalog
@testable import Inventory
@testable import Wire

/// What lookups say, what they do not, and what is not seen of them.
struct NameTests {
    private static let host = "10.0.1.7"

    private func answer(
        _ scene: inout Scene, _ name: String, type: UInt16 = 1,
        _ answers: [DNSMessage.Answer]
    ) throws {
        let flow = try scene.flow("\(Self.host):5353", "10.0.9.53:53", .udp)
        let message = DNSMessage(
            id: 1, isResponse: true, responseCode: 0, questions: [.init(name: name, type: type)],
            answers: answers)
        scene.say(.dns(message), flow, .server)
    }

    private func record(
        _ name: String, _ type: UInt16, _ value: DNSMessage.Answer.Value
    ) -> DNSMessage.Answer {
        .init(name: name, type: type, timeToLive: 60, value: value)
    }

    private func use(_ scene: inout Scene, _ address: String, _ hello: ClientHello) throws {
        let flow = try scene.flow("\(Self.host):4000", "\(address):443")
        scene.say(.clientHello(hello), flow)
        try scene.end(flow)
    }

    private func hello(_ name: String?, alpn: [String] = [], isEncrypted: Bool = false)
        -> ClientHello
    {
        ClientHello(
            serverName: name, alpn: alpn,
            encryptedHello: isEncrypted ? EncryptedHello(.unknown) : nil, parts: HelloParts())
    }

    // MARK: - Lookups

    @Test func onlyWhatTheQuestionLedToIsBelieved() throws {
        var scene = Scene()
        let (asked, slipped) = (try address("198.51.100.9"), try address("198.51.100.66"))
        try answer(
            &scene, "chat.beta.com",
            [
                record("chat.beta.com", 5, .name("Edge.example")),
                record("edge.example", 1, .address(asked)),
                record("other.example", 1, .address(slipped)),
            ])
        try use(&scene, "198.51.100.66", hello(nil))
        #expect(try inventory(of: scene.events).apps.allSatisfy { $0.flows == 0 })
        try use(&scene, "198.51.100.9", hello(nil))
        #expect(try inventory(of: scene.events).apps.map(\.flows) == [1])
    }

    private func service(_ hints: [IPAddress], ech: Bool) throws -> DNSMessage.Answer.Value {
        let data =
            [0, 1, 0] as [UInt8] + (ech ? [0, 5, 0, 1, 9] : [])
            + hints.flatMap { hint in
                [0, 4, 0, 4]
                    + [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: hint.v4 >> UInt32($0)) }
            }
        var bytes = ByteReader(data.span)
        var names = DNSNames(data.span)
        return .service(try ServiceBinding(&bytes, at: 0, in: data.span, &names))
    }

    @Test func hintsOfAServiceNameAFlow() throws {
        var scene = Scene()
        try answer(
            &scene, "chat.beta.com", type: 65,
            [record("chat.beta.com", 65, try service([try address("198.51.100.9")], ech: false))])
        try use(&scene, "198.51.100.9", hello(nil))
        #expect(try inventory(of: scene.events).apps.map(\.clues) == [[.dnsAnswer, .dnsQuery]])
    }

    /// A name behind an outer one is what its client had looked up; beside a true name, the same
    /// extension hides nothing.
    @Test(arguments: [
        (true, "public.example", true), (false, "public.example", false),
        (true, "shop.example", false),
    ])
    func anEncryptedHelloIsNamedByItsClientsLookup(
        _ offers: Bool, _ outer: String, _ isNamed: Bool
    ) throws {
        var scene = Scene()
        let shared = try address("198.51.100.9")
        try answer(&scene, "shop.example", [record("shop.example", 1, .address(shared))])
        try answer(
            &scene, "chat.beta.com", type: 65,
            [record("chat.beta.com", 65, try service([shared], ech: offers))])
        try use(&scene, "198.51.100.9", hello(outer, isEncrypted: true))
        let apps = try inventory(of: scene.events).apps.filter { $0.flows > 0 }
        #expect(apps.map(\.domain) == (isNamed ? ["chat.beta.com"] : []))
    }

    @Test func reverseLookupsNameOwnHosts() throws {
        var scene = Scene()
        let name = "7.1.0.10.in-addr.arpa"
        try answer(&scene, name, type: 12, [record(name, 12, .name("Desk7.corp.example"))])
        try use(&scene, "198.51.100.9", hello(nil))
        let hosts = try inventory(of: scene.events, organization: IdentityTests.organization())
            .hosts
        #expect(hosts.map(\.attribution.hostname) == ["desk7"])
        #expect(ReverseName.address("8.8.8.8.IN-ADDR.ARPA") == IPAddress("8.8.8.8"))
        let six = "1" + String(repeating: ".0", count: 23) + ".8.b.d.0.1.0.0.2.ip6.arpa"
        #expect(ReverseName.address(six) == IPAddress("2001:db8::1"))
        for bad in ["arpa", "1.in-addr.arpa", "a.b.c.d.in-addr.arpa", "x" + six.dropFirst()] {
            #expect(ReverseName.address(bad) == nil)
        }
    }

    // MARK: - What hosts say of themselves

    private func announce(
        _ scene: inout Scene, _ name: String, _ claimed: String, by speaker: String,
        _ way: LocalNames.Way = .mdns
    ) throws {
        let flow = try scene.flow("\(speaker):5353", "224.0.0.251:5353", .udp)
        let message = DNSMessage(
            id: 0, isResponse: true, responseCode: 0, questions: [],
            answers: [record(name, 1, .address(try address(claimed)))])
        scene.say(.localNames(LocalNames(way: way, message: message)), flow)
        try scene.end(flow, up: 40, down: 0)
    }

    @Test func aHostIsBelievedOfItselfOnlyAndLast() throws {
        var scene = Scene()
        try announce(&scene, "Anna-MBP.local", Self.host, by: Self.host)
        try announce(&scene, "boss.local", "10.0.1.8", by: Self.host)
        try announce(&scene, "PRINTER<20>", "10.0.1.8", by: "10.0.1.8", .nbns)
        try announce(&scene, "files", "10.0.1.9", by: "10.0.1.9", .llmnr)
        let snapshot = try inventory(of: scene.events, organization: IdentityTests.organization())
        #expect(snapshot.hosts.map(\.attribution.hostname) == ["anna-mbp", "printer", "files"])
        #expect(snapshot.hosts[0].attribution.reasons[0].contains("anyone"))
        try scene.lookUp("desk.corp.example", by: "10.0.1.9", gives: [Self.host])
        let named = try inventory(of: scene.events, organization: IdentityTests.organization())
        #expect(named.hosts[0].attribution.hostname == "desk")
    }

    /// Whoever calls himself by another's name gets neither the name's owner nor the blame.
    @Test func nobodyAnswersForAHostBecauseOfWhatItCallsItself() throws {
        var scene = Scene()
        try announce(&scene, "boss.local", Self.host, by: Self.host)
        let owner = Organization.Owner(
            key: .hostname("boss"), owner: "boss@corp.example",
            place: .init(file: "hosts.yaml", line: 9))
        let hosts = try inventory(
            of: scene.events, organization: IdentityTests.organization([owner])
        ).hosts
        #expect(hosts.map(\.attribution.hostname) == ["boss"])
        #expect(hosts.map(\.attribution.owner) == [nil])
    }

    @Test(arguments: [
        ("pc.corp.example", LocalNames.Way.mdns), ("a.b.local", .mdns), (".local", .mdns),
        ("pc<1b>", .nbns), ("pc", .nbns), ("a.b", .llmnr), ("a b", .llmnr), ("", .llmnr),
    ])
    func whatIsNoNameOfAHostIsNone(_ name: String, _ way: LocalNames.Way) {
        #expect(Recording.hostName(name, way) == nil)
    }

    @Test func whoMakesNamesUpIsSoonNotListenedTo() throws {
        var names = AnnouncedNames()
        let host = try address(Self.host)
        let isTaken = (0..<10).map { names.admits("name\($0)", of: host) }
        #expect(isTaken.count(where: { $0 }) == 4 && names.dropped == 6)
        let isHeard = names.admits("name0", of: host)
        let isOther = names.admits("x", of: try address("10.0.1.8"))
        #expect(isHeard && isOther)
    }

    // MARK: - Blind spots

    @Test(
        arguments: [
            (Transport.tcp, UInt16(853), "dns.example", [], BlindSpot.Way.dot, "dns.example"),
            (.tcp, 443, nil, ["dot"], .dot, "198.51.100.53"),
            (.udp, 853, nil, [], .doq, "198.51.100.53"), (.udp, 784, "q", ["doq"], .doq, "q"),
            (.tcp, 443, "dns.gamma.example", ["h2"], .doh, "dns.gamma.example"),
        ] as [(Transport, UInt16, String?, [String], BlindSpot.Way, String)])
    func resolversThatAreAskedInSecretAreBlindSpots(
        _ transport: Transport, _ port: UInt16, _ name: String?, _ alpn: [String],
        _ way: BlindSpot.Way, _ resolver: String
    ) throws {
        var scene = Scene()
        for _ in 0..<2 {
            let flow = try scene.flow("\(Self.host):4000", "198.51.100.53:\(port)", transport)
            scene.say(.clientHello(hello(name, alpn: alpn)), flow)
            try scene.end(flow)
        }
        let snapshot = try inventory(of: scene.events)
        let spot = try #require(snapshot.blindSpots.first)
        #expect(snapshot.blindSpots.count == 1 && spot.flows == 2)
        #expect(spot.way == way && spot.resolver == resolver)
        #expect(spot.host == (try address(Self.host)) && snapshot.apps.isEmpty)
    }

    @Test func aResolverThatIsOnlyLookedUpIsNone() throws {
        var scene = Scene()
        try scene.lookUp("dns.gamma.example", by: Self.host, gives: ["198.51.100.53"])
        let snapshot = try inventory(of: scene.events)
        #expect(snapshot.blindSpots.isEmpty && snapshot.apps.isEmpty)
    }
}
