import Testing

@testable import Inventory
@testable import Wire

/// Who is given a team and an owner, by which entry.
struct OrganizationTests {
    private typealias Key = Organization.Key

    private func place(_ line: Int) -> Organization.Place { .init(file: "hosts.yaml", line: line) }

    @Test(arguments: [
        ("lt-*", "LT-7", true), ("lt-*", "lt-", true), ("lt-*", "xlt-7", false),
        ("*-mbp", "elif-mbp", true), ("*-mbp", "elif-mbp2", false), ("a*b*c", "aXbYc", true),
        ("a*b*c", "acb", false), ("a*b", "abab", true), ("*", "", true), ("elif", "ELIF", true),
        ("elif", "elif2", false), ("**a**", "bab", true), ("a*a", "a", false),
    ]) func aStarStandsForAnyRun(_ pattern: String, _ name: String, _ matches: Bool) throws {
        #expect(try #require(NamePattern(pattern)).matches(name) == matches)
    }

    @Test func aPatternIsBoundedAndCheap() throws {
        #expect(NamePattern("") == nil && NamePattern(String(repeating: "a", count: 257)) == nil)
        // What makes a matcher that goes back and forth take for ever.
        let hard = try #require(NamePattern(String(repeating: "a*", count: 127) + "b"))
        #expect(!hard.matches(String(repeating: "a", count: 4000)))
    }

    /// Nested, doubled and neighboring networks of both families, against a look at each.
    @Test(arguments: [1, 2, 3, 4] as [UInt64]) func theNarrowestNetworkIsFound(
        seed: UInt64
    ) throws {
        var numbers = SeededGenerator(seed: seed)
        var networks: [Network] = [try #require(Network("0.0.0.0/0"))]
        for _ in 0..<300 {
            let isV4 = numbers.next() % 3 > 0
            let bits = isV4 ? 96 + Int(numbers.next() % 33) : Int(numbers.next() % 129)
            let base = any(&numbers, isV4)
            let masked = Network.masked(base, bits)
            let text =
                isV4 ? "\(masked)/\(bits - 96)" : "\(masked)/\(bits)"
            if let network = Network(text) { networks.append(network) }
        }
        let index = NetworkIndex(networks)
        for number in 0..<2000 {
            // At the edges as well as anywhere.
            let edge = networks[Int(numbers.next() % UInt64(networks.count))].base
            let address = number % 2 == 0 ? any(&numbers, numbers.next() % 2 == 0) : edge
            let expected = networks.indices.filter { networks[$0].contains(address) }.max {
                (networks[$0].prefixBits, -$0) < (networks[$1].prefixBits, -$1)
            }
            #expect(index.place(of: address) == expected, "\(address) of seed \(seed)")
        }
    }

    private func any(_ numbers: inout SeededGenerator, _ isV4: Bool) -> IPAddress {
        // Few different values, so that networks hold each other.
        let low = numbers.next() % 8 << 24 | numbers.next() % 4 << 8 | numbers.next() % 2
        return isV4
            ? IPAddress(high: 0, low: 0xffff_0000_0000 | low)
            : IPAddress(high: 0x2001_0db8_0000_0000 | numbers.next() % 4, low: low)
    }

    // MARK: - Owners and teams

    private func scene() throws -> Scene {
        var scene = Scene()
        try scene.acknowledge("10.0.1.7", to: "02:00:00:00:00:07", hostname: "LT-7")
        return scene
    }

    /// Entries from the widest to the narrowest: each goes before all that stand above it.
    private func claims() throws -> [Key] {
        [
            .network(try #require(Network("10.0.0.0/8"))),
            .network(try #require(Network("10.0.1.0/28"))),
            .names(try #require(NamePattern("l*"))), .names(try #require(NamePattern("lt-*"))),
            .hostname("lt-7"), .address(try address("10.0.1.7")),
            .mac(try mac("02:00:00:00:00:07")),
        ]
    }

    @Test func theLongestMatchWins() throws {
        let claims = try claims()
        for count in 1...claims.count {
            var organization = try IdentityTests.organization()
            organization.owners = claims.prefix(count).enumerated().map {
                .init(key: $0.element, owner: "owner\($0.offset)", place: place($0.offset))
            }
            let host = try #require(
                try inventory(of: try scene().events, organization: organization).hosts.first)
            #expect(host.attribution.owner == "owner\(count - 1)")
            #expect(
                host.attribution.reasons.contains {
                    $0.contains("\(claims[count - 1])") && $0.contains("hosts.yaml:\(count - 1)")
                } || count == 1)
        }
    }

    @Test func aTeamIsGivenByAnythingNarrowerThanANetwork() throws {
        let claims = try claims().dropFirst(2)
        for count in 1...claims.count {
            var organization = try IdentityTests.organization()
            organization.teams = claims.prefix(count).enumerated().map {
                .init(key: $0.element, team: "crew\($0.offset)", place: place($0.offset))
            }
            let host = try #require(
                try inventory(of: try scene().events, organization: organization).hosts.first)
            #expect(host.attribution.team == "crew\(count - 1)")
        }
    }

    /// The VLAN of a machine's own frames; a router's come in many and say nothing.
    @Test func aVLANGivesATeam() throws {
        var scene = try scene()
        var path = Path.plain
        path.tag(20)
        let plain = try scene.flow("10.0.1.7:4001", "10.0.2.9:443")
        let flow = FlowReference(
            number: plain.number, client: plain.client, server: plain.server, transport: .tcp,
            path: SharedPath(path), start: plain.start)
        try scene.end(flow, client: "02:00:00:00:00:07", server: "02:00:00:00:00:fe")
        var organization = try IdentityTests.organization()
        organization.teams = [.init(key: .vlan(20), team: "lab", place: place(1))]
        organization.owners = [.init(key: .vlan(20), owner: "lab@corp", place: place(2))]
        let hosts = try inventory(of: scene.events, organization: organization).hosts
        let host = try #require(hosts.first { $0.attribution.hostname == "LT-7" })
        // A network is narrower than a VLAN.
        #expect(host.attribution.team == "team1" && host.attribution.owner == "lab@corp")
        organization.networks = []
        let seen = try inventory(of: scene.events, organization: organization)
        let other = try #require(
            seen.hosts.first { $0.addresses.contains(IPAddress(v4: 0x0a00_0107)) })
        #expect(other.attribution.team == "lab")
        organization.teams = [.init(key: .vlan(21), team: "lab", place: place(1))]
        organization.owners = []
        let none = try inventory(of: scene.events, organization: organization).hosts.first {
            $0.attribution.hostname == "LT-7"
        }
        #expect(none?.attribution.team == nil)
    }

    private func served() throws -> Scene {
        var scene = try scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.2.2:3001")
        let first = scene.request(1)
        scene.ask("initialize", "#0", flow, first, client: "claude-code")
        scene.answer("#0", flow, first, server: "tickets-mcp")
        let second = scene.request(2, session: 7)
        scene.ask("tools/list", "#1", flow, second)
        scene.answer("#1", flow, second, tools: [("get", "Gets."), ("delete_all", "Deletes.")])
        try scene.end(flow)
        return scene
    }

    @Test func serversAndAgentsHaveOwnersOfTheirOwn() throws {
        var organization = try IdentityTests.organization()
        organization.owners = [
            .init(
                key: .network(try #require(Network("10.0.0.0/8"))), owner: "net", place: place(1)),
            .init(
                key: .mcpServer(try endpoint("10.0.2.2:3001")), owner: "tools", place: place(2)),
            .init(
                key: .agent(try #require(NamePattern("claude-*"))), owner: "dev", place: place(3)),
        ]
        let snapshot = try inventory(of: try served().events, organization: organization)
        #expect(snapshot.hosts.allSatisfy { $0.attribution.owner == "net" })
        let server = try #require(snapshot.mcpServers.first)
        #expect(server.attribution.owner == "tools")
        #expect(
            server.attribution.reasons.last
                == "owner tools by MCP server 10.0.2.2:3001 (hosts.yaml:2); its host has net")
        #expect(snapshot.agents.map(\.attribution.owner) == ["dev"])
    }

    // MARK: - Decisions

    private func decided(_ decisions: [Decision]) throws -> Attribution {
        let store = try Inventory(path: nil, create: true)
        var organization = try IdentityTests.organization()
        organization.owners = [
            .init(key: .address(try address("10.0.1.7")), owner: "file", place: place(4))
        ]
        let recorder = try store.makeRecorder(
            catalog: testCatalog(), isWhole: true, organization: organization)
        for event in try scene().events { recorder.record(event) }
        try recorder.finish(captures: [])
        try store.store(organization)
        for decision in decisions { _ = try store.decide(decision) }
        let snapshot = try store.snapshot(organization: nil, catalog: nil)
        return try #require(snapshot.hosts.first).attribution
    }

    private func decision(_ kind: Decision.Kind, _ subject: String, _ value: String) -> Decision {
        Decision(kind: kind, subject: subject, value: value, by: "anna", at: second(0))
    }

    @Test func aDecisionGoesBeforeTheFileAndShowsIt() throws {
        let host = try decided([decision(.own, "ip:10.0.1.7", "bert")])
        #expect(host.owner == "bert")
        let reason = try #require(host.reasons.last)
        #expect(reason.contains("decision 1 of anna, 2027-01-15"))
        #expect(reason.contains("says file (hosts.yaml:4)"))
    }

    @Test func theLastDecisionCounts() throws {
        let both = [decision(.own, "ip:10.0.1.7", "bert"), decision(.own, "ip:10.0.1.7", "cleo")]
        #expect(try decided(both).owner == "cleo")
        let ended = try decided(both + [decision(.expire, "ip:10.0.1.7", "cleo")])
        #expect(ended.owner == nil)
        #expect(
            ended.reasons.last
                == "nobody answers for address 10.0.1.7 any more (decision 3 of anna, 2027-01-15)")
        // What is said of the machine goes before what is said of its address.
        let again =
            both + [
                decision(.expire, "ip:10.0.1.7", "cleo"),
                decision(.own, "mac:02:00:00:00:00:07", "dora"),
            ]
        #expect(try decided(again).owner == "dora")
    }

    @Test(arguments: [
        "mac:02:00:00:00:00:07", "ip:10.0.1.7", "ip:2001:db8::1", "host:lt-7", "host:lt-*",
        "cidr:10.0.0.0/8", "vlan:20", "user:elif", "mcp:[2001:db8::1]:3001", "agent:claude-*",
    ]) func whatAnOwnerIsGivenByIsWrittenAsItIsRead(_ text: String) throws {
        #expect(SubjectText.text(try #require(SubjectText.key(text))) == text)
    }

    @Test(arguments: [
        "app:openai-api", "domain:api.openai.com", "agent:python-*", "mcp:10.0.0.1:3001",
        "llm:10.0.0.1:11434", "tool:delete_*", "tool:get@10.0.0.1:3001",
        "tool:a@b@[2001:db8::1]:3001",
    ]) func whatAStatusIsGivenToIsWrittenAsItIsRead(_ text: String) throws {
        #expect(SubjectText.text(try #require(SubjectText.subject(text))) == text)
    }

    @Test(arguments: [
        "", "mac:zz", "ip:10.0.0", "cidr:10.0.0.1/8", "vlan:0", "vlan:4095", "mcp:10.0.0.1",
        "host:a b", "foo:bar", "a/b", "x:y:z",
    ]) func whatNamesNothingIsRefused(_ text: String) {
        #expect(SubjectText.key(text) == nil)
    }

    @Test(arguments: ["", "openai", "app:a*", "domain:com", "domain:a/b.c", "mcp:x", "tool:a@b"])
    func whatHasNoStatusIsRefused(_ text: String) {
        #expect(SubjectText.subject(text) == nil)
    }

    /// Everything that a configuration says comes back as it was.
    @Test func allOfItIsRemembered() throws {
        var organization = try IdentityTests.organization()
        organization.teams = [.init(key: .vlan(20), team: "lab", place: place(1))]
        organization.owners = try claims().enumerated().map {
            .init(key: $0.element, owner: "o\($0.offset)", place: place($0.offset))
        }
        organization.sanctionedAgents = [try #require(NamePattern("claude-*"))]
        organization.hasAgentPolicy = true
        organization.verdicts = [
            Verdict(
                subject: .tool(try #require(NamePattern("a*")), server: try endpoint("10.0.0.1:1")),
                scope: .hostname("lt-7"), status: .tolerated, reason: "r", owner: "o",
                until: second(9), place: place(3)),
            Verdict(
                subject: .app("alpha"), scope: .team("lab"), status: .unreviewed, place: place(4)),
        ]
        var declaration = Declaration(kind: .agent, name: "n", file: "d.yaml", line: 3)
        declaration.tools = ["t"]
        declaration.locations = ["h:1"]
        organization.declarations = [declaration]
        let text = OrganizationDocument.encode(organization)
        #expect(OrganizationDocument.decode(text) == organization)
    }

    /// As Tyto 0.1 wrote it.
    @Test func anOlderDocumentIsRead() throws {
        let text = """
            {"apps":{},"hasAppPolicy":false,"hasMCPPolicy":true,"hasModelPolicy":false,
            "mcpServers":["10.0.0.1:3001"],"modelServers":[],"networks":[],
            "owners":[{"address":"10.0.1.7","owner":"o","place":{"file":"h","line":2}}]}
            """
        let organization = try #require(OrganizationDocument.decode(text))
        #expect(organization.owners.map(\.owner) == ["o"] && organization.hasMCPPolicy)
        #expect(!organization.hasAgentPolicy && organization.verdicts.isEmpty)
    }
}
