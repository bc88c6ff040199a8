import Testing

@testable import Catalog
@testable import Inventory
@testable import Wire

struct AppTests {
    let host = "10.0.1.7"

    @Test func aServerNameMakesAnAppWithItsBytes() throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "198.51.100.1:443")
        scene.hello(flow, "api.alpha.ai")
        try scene.end(flow, up: 300, down: 7000)
        let app = try #require(try inventory(of: scene.events).apps.first)
        #expect(app.app == "alpha" && app.name == "Alpha" && app.category == "llm-api")
        #expect(app.domain == "api.alpha.ai" && app.flows == 1)
        #expect(app.bytesUp == 300 && app.bytesDown == 7000)
        #expect(app.clues == [.tlsSNI] && app.strength == .strong)
        // The fingerprints of a hello that offers nothing.
        #expect(app.ja3 == ["2432bebf06532faf89aae784a9aae4ef"])
        #expect(app.ja4 == ["t00i000000_000000000000_000000000000"])
        #expect(app.firstSeen == second(1) && app.status == .unreviewed)
        #expect(app.evidence.first?.flow == "10.0.1.7:4000 → 198.51.100.1:443/tcp")
    }

    @Test(arguments: [
        (true, false, Clue.quicSNI, ["q00i000000_000000000000_000000000000"]),
        (true, true, .quicOuterSNI, ["q00i000000_000000000000_000000000000"]),
        (false, false, .quicSNI, []),
    ])
    func aQUICHelloMakesWhatATLSHelloMakes(
        _ isTLS: Bool, _ isOuter: Bool, _ clue: Clue, _ ja4: [String]
    ) throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "198.51.100.1:443", .udp)
        var parts = HelloParts()
        parts.transport = .quic
        scene.quic(flow, "api.alpha.ai", parts: isTLS ? parts : nil, isOuter: isOuter)
        // Another version, and the hello once more: still one flow.
        scene.quic(flow, "api.alpha.ai", parts: isTLS ? parts : nil, isOuter: isOuter)
        try scene.end(flow, up: 300, down: 7000)
        let found = try inventory(of: scene.events)
        let app = try #require(found.apps.first)
        #expect(found.apps.count == 1 && app.app == "alpha" && app.domain == "api.alpha.ai")
        #expect(app.flows == 1 && app.bytesUp == 300 && app.bytesDown == 7000)
        #expect(app.clues == [clue] && app.strength == .strong && app.ja4 == ja4)
        #expect(app.ja3.count == ja4.count)
        #expect(app.evidence.first?.flow == "10.0.1.7:4000 → 198.51.100.1:443/udp")
        #expect(app.evidence.first?.clue == clue)
    }

    @Test func aTunnelAndTheNameInsideItAreOneFlowWithTwoClues() throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.9.8:3128")
        var request = HTTPRequest.Fields()
        request.ordinal = 1
        request.method = "CONNECT"
        request.target = "api.alpha.ai:443"
        scene.say(.httpRequest(HTTPRequest(request)), flow)
        scene.hello(flow, "api.alpha.ai")
        try scene.end(flow)
        let app = try #require(try inventory(of: scene.events).apps.first)
        #expect(app.flows == 1 && app.bytesDown == 1000)
        #expect(app.clues == [.tlsSNI, .httpConnect])
    }

    @Test func aFlowWithoutANameIsNamedByItsClientsOwnLookup() throws {
        var scene = Scene()
        try scene.lookUp(
            "chat.beta.com", by: host, gives: ["198.51.100.9"], alias: "edge.cdn.example")
        let flow = try scene.flow("10.0.1.7:4000", "198.51.100.9:443")
        scene.hello(flow, nil)
        try scene.end(flow)
        let app = try #require(try inventory(of: scene.events).apps.first)
        #expect(app.domain == "chat.beta.com" && app.flows == 1 && app.strength == .strong)
        #expect(app.clues == [.dnsAnswer, .dnsQuery])
    }

    /// A QUIC connection that goes on from another port says no hello: its bytes count, and it does
    /// not.
    @Test func aConnectionThatMovedIsCountedOnce() throws {
        var scene = Scene()
        try scene.lookUp("api.alpha.ai", by: host, gives: ["198.51.100.9"])
        let first = try scene.flow("10.0.1.7:4000", "198.51.100.9:443", .udp)
        scene.quic(first, "api.alpha.ai")
        try scene.end(first)
        try scene.end(try scene.flow("10.0.1.7:4001", "198.51.100.9:443", .udp))
        let app = try #require(try inventory(of: scene.events).apps.first)
        #expect(app.flows == 1 && app.bytesDown == 2000)
        #expect(app.clues == [.quicSNI, .dnsQuery])
        // Another server that was only looked up is another connection.
        try scene.lookUp("api.alpha.ai", by: host, gives: ["198.51.100.10"])
        try scene.end(try scene.flow("10.0.1.7:4002", "198.51.100.10:443", .udp))
        #expect(try inventory(of: scene.events).apps.first?.flows == 2)
    }

    @Test func anotherHostsLookupNamesNothing() throws {
        var scene = Scene()
        try scene.lookUp("chat.beta.com", by: "10.0.1.8", gives: ["198.51.100.9"])
        let flow = try scene.flow("10.0.1.7:4000", "198.51.100.9:443")
        try scene.end(flow)
        #expect(try inventory(of: scene.events).apps.map(\.host) == [address("10.0.1.8")])
    }

    @Test func aLookupIsNotUsedWhenItsLifeIsOver() throws {
        var scene = Scene()
        try scene.lookUp("chat.beta.com", by: host, gives: ["198.51.100.9"], seconds: 60)
        scene.clock += 700
        try scene.end(scene.flow("10.0.1.7:4000", "198.51.100.9:443"))
        #expect(try inventory(of: scene.events).apps.map(\.flows) == [0])
    }

    @Test func aServerThatNeverAnsweredIsAnAttempt() throws {
        var scene = Scene()
        try scene.lookUp("chat.beta.com", by: host, gives: ["198.51.100.9"])
        try scene.end(scene.flow("10.0.1.7:4000", "198.51.100.9:443"), up: 90, down: 0)
        #expect(try inventory(of: scene.events).apps.map(\.flows) == [0])
    }

    @Test func aLookupAloneIsAHint() throws {
        var scene = Scene()
        try scene.lookUp("chat.beta.com", by: host, gives: [])
        let app = try #require(try inventory(of: scene.events).apps.first)
        #expect(app.clues == [.dnsQuery] && app.flows == 0 && app.strength == .hint)
    }

    @Test func aWeakDomainAloneIsNoApp() throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "198.51.100.1:443")
        scene.hello(flow, "www.alpha.ai")
        try scene.end(flow)
        try scene.lookUp("www.alpha.ai", by: host, gives: [])
        #expect(try inventory(of: scene.events).apps.isEmpty)
    }

    @Test func whatAResolverAsksIsNoUseOfItsOwn() throws {
        var scene = Scene()
        try scene.lookUp("chat.beta.com", by: "10.0.9.53", at: "203.0.113.2", gives: [])
        #expect(try inventory(of: scene.events).apps.count == 1)
        try scene.lookUp("www.example", by: host, at: "10.0.9.53", gives: ["198.51.100.9"])
        #expect(try inventory(of: scene.events).apps.isEmpty)
    }

    @Test func aTeamsListDecidesWithItsParentDomains() throws {
        var scene = Scene()
        for (index, name) in ["api.alpha.ai", "chat.beta.com"].enumerated() {
            let flow = try scene.flow("10.0.1.7:\(4000 + index)", "198.51.100.1:443")
            scene.hello(flow, name)
            try scene.end(flow)
        }
        var organization = Organization()
        organization.networks = [
            .init(
                network: try #require(Network("10.0.1.0/24")), team: "lab",
                place: .init(file: "hosts.yaml", line: 3))
        ]
        organization.hasAppPolicy = true
        organization.sanctionedApps = ["lab": ["alpha.ai"]]
        let apps = try inventory(of: scene.events, organization: organization).apps
        #expect(apps.map(\.status) == [.sanctioned, .unsanctioned])
        #expect(apps.map(\.attribution.team) == ["lab", "lab"])
        #expect(apps[0].attribution.reasons.contains { $0.contains("hosts.yaml:3") })
    }

    @Test func onlyNamesOfOurOwnAddressesAreKept() throws {
        var scene = Scene()
        try scene.lookUp("www.example", by: host, gives: ["2001:db8:ff::1", "198.51.100.9"])
        try scene.lookUp("wiki.corp", by: host, gives: ["10.0.1.9"])
        try scene.lookUp("db.corp", by: host, gives: ["2001:db8:1::9"])
        var organization = Organization()
        let kept = {
            let recorder = try Inventory(path: nil, create: true).makeRecorder(
                catalog: testCatalog(), isWhole: true, organization: organization)
            for event in scene.events { recorder.record(event) }
            return recorder.recording.waiting.bindings.rows.keys.filter { $0.kind == .hostname }
                .map(
                    \.value.text
                )
                .sorted()
        }
        #expect(try kept() == ["wiki.corp"])
        organization.networks = [
            .init(
                network: try #require(Network("2001:db8:1::/48")), team: "lab",
                place: .init(file: "hosts.yaml", line: 3))
        ]
        #expect(try kept() == ["db.corp", "wiki.corp"])
    }

    @Test func aLookedUpNameNamesTheHost() throws {
        var scene = Scene()
        try scene.lookUp("Wiki.corp.example", by: host, gives: ["10.0.1.9"])
        try scene.end(scene.flow("10.0.1.9:4000", "198.51.100.9:443"))
        let hosts = try inventory(of: scene.events).hosts
        #expect(hosts.compactMap(\.attribution.hostname) == ["wiki"])
    }
}
