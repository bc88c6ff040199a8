import Testing

@testable import Catalog
@testable import Inventory
@testable import Wire

struct IdentityTests {
    static func organization(_ owners: [Organization.Owner] = []) throws -> Organization {
        var organization = Organization()
        for (index, text) in ["10.0.1.0/24", "10.0.2.0/24", "2001:db8:1::/64"].enumerated() {
            organization.networks.append(
                .init(
                    network: try #require(Network(text)), team: "team\(index + 1)",
                    place: .init(file: "hosts.yaml", line: index + 2)))
        }
        organization.owners = owners
        return organization
    }

    private func owner(_ key: Organization.Owner.Key, _ name: String, _ line: Int)
        -> Organization.Owner
    {
        .init(key: key, owner: name, place: .init(file: "hosts.yaml", line: line))
    }

    @Test func dhcpJoinsAddressNameAndMachine() throws {
        var scene = Scene()
        try scene.acknowledge("10.0.1.7", to: "3c:52:82:e4:69:8f", hostname: "elif-mbp")
        let host = try #require(
            try inventory(of: scene.events, organization: Self.organization()).hosts.first)
        #expect(host.attribution.hostname == "elif-mbp" && host.attribution.team == "team1")
        #expect(host.attribution.mac?.description == "3c:52:82:e4:69:8f")
        #expect(host.attribution.reasons.count == 3)
        #expect(host.evidence.map(\.clue) == [.dhcp])
    }

    @Test func ipv6AndLinkLayerJoinTheMachine() throws {
        var scene = Scene()
        try scene.neighbor("10.0.1.7", "3c:52:82:e4:69:8f")
        try scene.neighbor("2001:db8:1::7", "3c:52:82:e4:69:8f", .neighborDiscovery)
        let flow = try scene.flow("[2001:db8:1::7]:4000", "[2001:db8:99::1]:443")
        scene.hello(flow, "api.alpha.ai")
        try scene.end(flow, client: "3c:52:82:e4:69:8f")
        let snapshot = try inventory(of: scene.events, organization: Self.organization())
        #expect(
            snapshot.hosts.map(\.addresses) == [
                [try address("10.0.1.7"), try address("2001:db8:1::7")]
            ])
        #expect(snapshot.apps.map(\.host) == [try address("10.0.1.7")])
    }

    @Test func linkLocalAddressesJoinAHostButMakeNone() throws {
        var scene = Scene()
        try scene.neighbor("fe80::1", "3c:52:82:e4:69:8f", .neighborDiscovery)
        #expect(try inventory(of: scene.events, organization: Self.organization()).hosts.isEmpty)
        try scene.neighbor("10.0.1.7", "3c:52:82:e4:69:8f")
        let hosts = try inventory(of: scene.events, organization: Self.organization()).hosts
        #expect(hosts.map(\.addresses) == [[try address("10.0.1.7"), try address("fe80::1")]])
    }

    @Test func aRoutersAddressNamesNoHost() throws {
        var scene = Scene()
        for (index, client) in ["10.0.1.7", "10.0.2.7"].enumerated() {
            let flow = try scene.flow("\(client):400\(index)", "198.51.100.1:443")
            try scene.end(flow, client: "00:00:5e:00:01:01", server: "00:00:5e:00:01:01")
        }
        let hosts = try inventory(of: scene.events, organization: Self.organization()).hosts
        #expect(hosts.map(\.address) == [try address("10.0.1.7"), try address("10.0.2.7")])
        #expect(hosts.allSatisfy { $0.attribution.mac == nil })
    }

    @Test func aHostBehindOneThatAnswersARPIsNotJoinedToIt() throws {
        var scene = Scene()
        try scene.neighbor("10.0.1.1", "00:00:5e:00:01:01")
        try scene.end(
            scene.flow("10.0.2.7:4000", "10.0.1.9:443"), client: "00:00:5e:00:01:01")
        let hosts = try inventory(of: scene.events, organization: Self.organization()).hosts
        #expect(hosts.map(\.addresses.count) == [1, 1, 1])
    }

    @Test func anAddressIsItsHoldersAtThatTime() throws {
        var scene = Scene()
        try scene.acknowledge("10.0.1.7", to: "02:00:00:00:00:0a", hostname: "anna")
        try use(&scene, "api.alpha.ai")
        scene.clock += 3600
        try scene.acknowledge("10.0.1.7", to: "02:00:00:00:00:0b", hostname: "bert")
        try use(&scene, "chat.beta.com")
        let snapshot = try inventory(of: scene.events, organization: Self.organization())
        #expect(snapshot.apps.map(\.attribution.hostname) == ["anna", "bert"])
        #expect(snapshot.hosts.count == 2)
    }

    @Test func aLeaseThatComesBackIsInForceAgain() throws {
        var scene = Scene()
        try scene.acknowledge("10.0.1.7", to: "02:00:00:00:00:0a", hostname: "anna")
        try scene.acknowledge("10.0.1.7", to: "02:00:00:00:00:0b", hostname: "bert")
        try scene.acknowledge("10.0.1.7", to: "02:00:00:00:00:0a", hostname: "anna")
        try use(&scene, "api.alpha.ai")
        let apps = try inventory(of: scene.events, organization: Self.organization()).apps
        #expect(apps.map(\.attribution.hostname) == ["anna"])
    }

    @Test func aLeaseWithinAnotherHoldsWhileItLasts() throws {
        var scene = Scene()
        try scene.acknowledge("10.0.1.7", to: "02:00:00:00:00:0a", hostname: "anna")
        try scene.acknowledge("10.0.1.7", to: "02:00:00:00:00:0b", hostname: "bert")
        try use(&scene, "api.alpha.ai")
        try scene.acknowledge("10.0.1.7", to: "02:00:00:00:00:0b", hostname: "bert")
        try scene.acknowledge("10.0.1.7", to: "02:00:00:00:00:0a", hostname: "anna")
        let apps = try inventory(of: scene.events, organization: Self.organization()).apps
        #expect(apps.map(\.attribution.hostname) == ["bert"])
    }

    private func use(_ scene: inout Scene, _ name: String) throws {
        let flow = try scene.flow("10.0.1.7:4000", "198.51.100.1:443")
        scene.hello(flow, name)
        try scene.end(flow)
    }

    @Test func theMACSaysWhoOwnsBeforeAddressAndName() throws {
        var scene = Scene()
        try scene.acknowledge("10.0.1.7", to: "02:00:00:00:00:0a", hostname: "Anna.corp.example")
        var owners = [
            owner(.hostname("anna"), "by-name", 9),
            owner(.address(try address("10.0.1.7")), "by-address", 8),
            owner(.mac(try mac("02:00:00:00:00:0a")), "by-mac", 7),
        ]
        for name in ["by-mac", "by-address", "by-name"] {
            let host = try #require(
                try inventory(of: scene.events, organization: Self.organization(owners)).hosts.first
            )
            #expect(host.attribution.owner == name)
            let reason = try #require(host.attribution.reasons.last)
            #expect(reason.contains("hosts.yaml:\(6 + 4 - owners.count)"))
            #expect(reason.contains("says") == (owners.count > 1))
            owners.removeLast()
        }
    }

    @Test func withoutNetworksPrivateAddressesAreOurs() throws {
        var scene = Scene()
        try scene.end(scene.flow("192.168.0.4:4000", "198.51.100.1:443"))
        #expect(
            try inventory(of: scene.events).hosts.map(\.address) == [try address("192.168.0.4")])
    }
}
