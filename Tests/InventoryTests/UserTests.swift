import Testing

@testable import Catalog
@testable import Inventory
@testable import Wire

/// Who was logged on where.
struct UserTests {
    private func logon(
        _ scene: inout Scene, _ user: String, from client: String = "10.0.1.7",
        _ way: Logon.Way = .kerberos, domain: String? = "CORP.EXAMPLE", workstation: String? = nil
    ) throws {
        var logon = try #require(Logon(way, user, domain: domain))
        logon.workstation = workstation
        let flow = try scene.flow("\(client):5000", "10.0.2.1:88", .udp)
        scene.say(.logon(logon), flow, .server)
    }

    private func use(_ scene: inout Scene) throws {
        let flow = try scene.flow("10.0.1.7:4000", "198.51.100.1:443")
        scene.hello(flow, "api.alpha.ai")
        try scene.end(flow)
    }

    private func attribution(_ scene: Scene, _ names: UserNames = .names) throws -> Attribution {
        let inventory = try Inventory(path: nil, create: true)
        let organization = try IdentityTests.organization()
        let recorder = try inventory.makeRecorder(
            catalog: testCatalog(), isWhole: true, organization: organization, userNames: names)
        for event in scene.events { recorder.record(event) }
        try recorder.finish(captures: [])
        let snapshot = try inventory.snapshot(organization: organization, catalog: testCatalog())
        return try #require(snapshot.apps.first).attribution
    }

    @Test func whoWasLoggedOnStandsBesideTheHost() throws {
        var scene = Scene()
        try logon(&scene, "Anna")
        scene.clock += 3600
        try use(&scene)
        let found = try attribution(scene)
        #expect(found.users == ["anna@corp.example"])
        #expect(
            found.reasons.contains { $0.hasPrefix("anna@corp.example was logged on (Kerberos") })
    }

    @Test func aLogonIsOverAfterALongDay() throws {
        var scene = Scene()
        try logon(&scene, "anna")
        scene.clock += 11 * 3600
        try use(&scene)
        #expect(try attribution(scene).users == [])
    }

    @Test func whoLogsOnAfterwardsDidNotDoIt() throws {
        var scene = Scene()
        try use(&scene)
        try logon(&scene, "anna")
        #expect(try attribution(scene).users == [])
    }

    @Test func theLatestOfTwoHoldsAndTwoAtOnceAreBothNamed() throws {
        var scene = Scene()
        try logon(&scene, "anna")
        scene.clock += 60
        try logon(&scene, "bert")
        scene.clock += 60
        try use(&scene)
        #expect(try attribution(scene).users == ["bert@corp.example"])
        try logon(&scene, "cleo")
        try use(&scene)
        let found = try attribution(scene)
        #expect(found.users == ["cleo@corp.example"])
        try logon(&scene, "anna")
        try use(&scene)
        #expect(try attribution(scene).users == ["anna@corp.example", "cleo@corp.example"])
        #expect(try attribution(scene).reasons.contains { $0.contains("nobody's alone") })
    }

    @Test func oneAccountUnderTwoDomainsIsOne() throws {
        var scene = Scene()
        try logon(&scene, "anna", .ntlm, domain: "CORP")
        try use(&scene)
        try logon(&scene, "anna")
        try use(&scene)
        #expect(try attribution(scene).users == ["anna@corp.example"])
    }

    @Test func aMachinesAccountNamesTheMachine() throws {
        var scene = Scene()
        try logon(&scene, "LT-ANNA$")
        try use(&scene)
        let found = try attribution(scene)
        #expect(found.hostname == "lt-anna" && found.users == [])
    }

    @Test func threeMachinesFromOneAddressAreNoOneHost() throws {
        var scene = Scene()
        for (place, name) in ["PC-A", "PC-B", "PC-C"].enumerated() {
            try logon(&scene, "user\(place)", .ntlm, workstation: name)
        }
        try use(&scene)
        let host = try #require(try inventory(of: scene.events).hosts.first)
        #expect(host.sharing?.contains("3 machines speak from 10.0.1.7") == true)
        #expect(host.attribution.hostname == nil)
        #expect(try attribution(scene).reasons.contains { $0.hasPrefix("3 machines speak") })
    }

    /// Two names, or three in the course of days, are one machine's: it was renamed.
    @Test(arguments: [(2, 0), (3, 48)])
    func aRenamedMachineIsOneHost(_ count: Int, _ hours: Int) throws {
        var scene = Scene()
        for name in ["PC-A", "PC-B", "PC-C"].prefix(count) {
            try logon(&scene, "anna", .ntlm, workstation: name)
            scene.clock += hours * 3600
        }
        try use(&scene)
        let host = try #require(try inventory(of: scene.events).hosts.first)
        #expect(host.sharing == nil && host.attribution.hostname != nil)
    }

    @Test func aLeaseTakesNoUserAlong() throws {
        var scene = Scene()
        try scene.acknowledge("10.0.1.7", to: "02:00:00:00:00:0a", hostname: "lt-anna")
        try logon(&scene, "anna")
        try scene.acknowledge("10.0.1.7", to: "02:00:00:00:00:0b", hostname: "lt-bert")
        try use(&scene)
        let found = try attribution(scene)
        #expect(found.hostname == "lt-bert" && found.users == [])
    }

    @Test func radiusNamesTheUserOfAnAddressAndItsMachine() throws {
        var scene = Scene()
        var logon = try #require(Logon(.radius, "frank@corp.example"))
        logon.address = try address("10.0.1.7")
        logon.mac = try mac("02:00:00:00:00:0a")
        scene.say(.logon(logon), try scene.flow("10.0.9.9:5000", "10.0.9.5:1813", .udp))
        try use(&scene)
        let found = try attribution(scene)
        #expect(found.users == ["frank@corp.example"])
        #expect(found.mac?.description == "02:00:00:00:00:0a")
    }

    @Test func credentialsOfHTTPCountWhenTheyAreAccepted() throws {
        for (status, users) in [(200, ["hugo"]), (407, []), (401, []), (503, [])] {
            var scene = Scene()
            let flow = try scene.flow("10.0.1.7:4001", "10.0.2.4:3128")
            var fields = HTTPRequest.Fields()
            fields.ordinal = 1
            fields.method = "GET"
            fields.logon = Logon(.proxy, "hugo").map { SharedFields($0) }
            scene.respond(status, flow, HTTPRequest(fields))
            try use(&scene)
            #expect(try attribution(scene).users == users)
        }
    }

    @Test func namesAreKeptAsTheAdministratorSays() throws {
        var scene = Scene()
        try logon(&scene, "anna")
        try use(&scene)
        #expect(try attribution(scene, .none).users == [])
        let pseudonyms = try attribution(scene, .pseudonyms).users
        #expect(pseudonyms.count == 1 && pseudonyms.allSatisfy { $0.hasPrefix("user-") })
        #expect(pseudonyms.allSatisfy { !$0.contains("anna") })
        #expect(try attribution(scene, .pseudonyms).users == pseudonyms)
    }
}
