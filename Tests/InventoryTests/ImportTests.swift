import Testing

@testable import Catalog
@testable import Inventory
@testable import Wire

/// Bindings from other programs' files.
struct ImportTests {
    private static let mac = "02:00:00:00:00:0a"

    private func read(
        _ text: String, _ format: BindingImport.Format? = nil, _ path: String = "/x/leases.txt"
    ) throws -> BindingImport {
        try BindingImport(path: path, text: text, format: format)
    }

    private func complaint(_ text: String, _ format: BindingImport.Format) -> String? {
        do throws(InventoryError) {
            _ = try BindingImport(path: "f", text: text, format: format)
            return nil
        } catch { return error.message }
    }

    private func lines(_ imported: BindingImport) -> [String] {
        imported.rows.map {
            let (first, last) = ($0.seen.first.nanoseconds, $0.seen.last.nanoseconds)
            let times = last == .max ? "always" : "\(first / 1_000_000_000)-\(last / 1_000_000_000)"
            return "\($0.key.subject.text) \($0.key.kind.rawValue) \($0.key.value.text) \(times)"
        }
    }

    @Test func dnsmasqIsRead() throws {
        let found = try read(
            """
            1768482000 \(Self.mac) 10.0.1.7 lt-anna 01:\(Self.mac)
            0 \(Self.mac) 10.0.1.8 * *
            duid 00:01:00:01
            1768482000 12345 2001:db8::7 lt-anna 00:01:00:01
            """)
        #expect(found.format == .dnsmasq && found.count == 3)
        #expect(
            lines(found) == [
                "10.0.1.7 mac \(Self.mac) 1768478400-1768482000",
                "\(Self.mac) hostname lt-anna 1768478400-1768482000",
                "10.0.1.8 mac \(Self.mac) always",
                "2001:db8::7 hostname lt-anna 1768478400-1768482000",
            ])
        #expect(found.rows.allSatisfy { $0.key.source == "lease:leases.txt" })
    }

    @Test func iscIsRead() throws {
        let found = try read(
            """
            # The format of this file is documented in dhcpd.leases(5).
            authoring-byte-order little-endian;
            lease 10.0.1.7 {
              starts 4 2026/01/15 08:58:00;
              ends 4 2026/01/15 12:58:00;
              binding state free;
              hardware ethernet \(Self.mac);
              client-hostname "lt-anna";
            }
            lease 10.0.1.8 {
              starts epoch 1768467480; # Thu
              ends never;
              hardware ethernet \(Self.mac);
            }
            """)
        #expect(found.format == .isc)
        #expect(
            lines(found) == [
                "10.0.1.7 mac \(Self.mac) 1768467480-1768481880",
                "\(Self.mac) hostname lt-anna 1768467480-1768481880",
                "10.0.1.8 mac \(Self.mac) always",
            ])
        #expect(found.rows.last?.seen.first.nanoseconds == 1_768_467_480_000_000_000)
    }

    @Test func keaIsRead() throws {
        let found = try read(
            """
            address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,\
            hostname,state
            10.0.1.7,\(Self.mac),,3600,1768482000,1,0,0,lt-anna.corp.example.,0
            10.0.1.8,,,3600,1768482000,1,0,0,,1
            """)
        #expect(found.format == .kea)
        #expect(
            lines(found) == [
                "10.0.1.7 mac \(Self.mac) 1768478400-1768482000",
                "\(Self.mac) hostname lt-anna.corp.example 1768478400-1768482000",
            ])
    }

    @Test func hostsAreRead() throws {
        let found = try read(
            """
            127.0.0.1 localhost
            ::1 localhost ip6-localhost
            10.0.1.7  lt-anna.corp.example lt-anna  # by the window
            ff02::1 ip6-allnodes
            """)
        #expect(found.format == .hosts)
        #expect(lines(found) == ["10.0.1.7 hostname lt-anna.corp.example always"])
    }

    @Test func tablesAreRead() throws {
        let found = try read(
            """
            Hostname;IP;MAC;Assigned To;Room
            "lt-anna ""A""\";10.0.1.7;0200.0000.000a;Anna;"1;
            2"
            lt-bert;10.0.1.8;;;3
            """)
        #expect(found.format == .csv)
        #expect(
            lines(found) == [
                "10.0.1.7 mac \(Self.mac) always", "\(Self.mac) hostname lt-anna \"A\" always",
                "\(Self.mac) user anna always", "10.0.1.8 hostname lt-bert always",
            ])
    }

    @Test func netBoxIsRead() throws {
        let found = try read(
            """
            {"count": 2, "results": [
              {"address": "10.0.1.7/24", "dns_name": "a.example",
               "assigned_object":
                 {"mac_address": "02:00:00:00:00:0A", "device": {"name": "lt-anna"}}},
              {"address": "10.0.1.8/24", "dns_name": "b.example", "assigned_object": null}]}
            """)
        #expect(found.format == .netbox)
        #expect(
            lines(found) == [
                "10.0.1.7 mac \(Self.mac) always", "\(Self.mac) hostname lt-anna always",
                "10.0.1.8 hostname b.example always",
            ])
    }

    @Test(
        arguments: [
            ("x \(mac) 10.0.1.7 a", .dnsmasq, "f:1:"), ("1 2", .dnsmasq, "f:1:"),
            ("lease 10.0.1 {\n}", .isc, "f:1:"),
            ("lease 10.0.1.7 {\n starts tomorrow;\n}", .isc, "f:2:"),
            ("lease 10.0.1.7 {", .isc, "not closed"),
            ("# c\nip,mac\n10.0.1.7,x", .isc, "f:2: holds nothing that isc has; it looks like csv"),
            ("hello", .isc, "check the file and --format"), ("address,expire\n", .kea, "f:1:"),
            ("address,expire,valid_lifetime\n10.0.1.7,x,1", .kea, "f:2:"),
            ("10.0.1.7 a\nb 10.0.1.7", .hosts, "f:2:"), ("10.0.1.7", .hosts, "f:1:"),
            ("ip,hostname\n10.0.1.7", .csv, "f:2:"), ("ip,hostname\n10.0.1,a", .csv, "f:2:"),
            ("ip,room\n10.0.1.7,1", .csv, "f:1:"), ("ip,hostname\n10.0.1.7,\"a", .csv, "f:2:"),
            ("", .csv, "f:1:"), ("{}", .netbox, "f:1:"),
            ("[{\"address\": \"x\"}]", .netbox, "entry 1"),
        ] as [(String, BindingImport.Format, String)])
    func aMistakeNamesItsLine(_ text: String, _ format: BindingImport.Format, _ part: String) {
        #expect(complaint(text, format)?.contains(part) == true)
    }

    @Test(arguments: ["", "hello world\n", "# only this\n"])
    func whatIsOfNoFormatIsRefused(_ text: String) {
        #expect(throws: InventoryError.self) { try read(text) }
    }

    // MARK: - In the inventory

    private func inventory(_ events: [Event], _ imports: [BindingImport]) throws -> Snapshot {
        let inventory = try Inventory(path: nil, create: true)
        let organization = try IdentityTests.organization()
        for imported in imports { try inventory.add(imported) }
        let recorder = try inventory.makeRecorder(
            catalog: testCatalog(), isWhole: true, organization: organization)
        for event in events { recorder.record(event) }
        try recorder.finish(captures: [])
        return try inventory.snapshot(organization: organization, catalog: testCatalog())
    }

    private func use(_ scene: inout Scene) throws {
        let flow = try scene.flow("10.0.1.7:4000", "198.51.100.1:443")
        scene.hello(flow, "api.alpha.ai")
        try scene.end(flow)
    }

    @Test func anImportNamesWhatTheTrafficDoesNot() throws {
        var scene = Scene()
        try use(&scene)
        let list = try read("ip,mac,hostname,user\n10.0.1.7,\(Self.mac),lt-anna,anna", .csv)
        let snapshot = try inventory(scene.events, [list])
        let host = try #require(snapshot.hosts.first)
        #expect(host.attribution.hostname == "lt-anna" && host.attribution.users == ["anna"])
        #expect(host.attribution.mac?.description == Self.mac && host.conflicts.isEmpty)
        #expect(host.firstSeen >= second(0))
        #expect(snapshot.apps.map(\.attribution.hostname) == ["lt-anna"])
        #expect(host.attribution.reasons.contains { $0.contains("cmdb:leases.txt") })
    }

    @Test func anImportAloneMakesNoHost() throws {
        let list = try read("ip,mac,hostname\n10.0.1.7,\(Self.mac),lt-anna", .csv)
        #expect(try inventory([], [list]).hosts.isEmpty)
    }

    @Test func whatIsSeenGoesBeforeAndTheDifferenceIsShown() throws {
        var scene = Scene()
        try scene.acknowledge("10.0.1.7", to: "02:00:00:00:00:0b", hostname: "lt-bert")
        try use(&scene)
        let list = try read("ip,mac,hostname\n10.0.1.7,\(Self.mac),lt-anna", .csv)
        let named = try read("10.0.1.7 lt-cleo", .hosts)
        let hosts = try inventory(scene.events, [list, named]).hosts
        let host = try #require(hosts.first { $0.attribution.hostname == "lt-bert" })
        #expect(hosts.count { $0.addresses.contains(IPAddress(v4: 0x0a00_0107)) } == 1)
        #expect(host.conflicts.contains { $0.contains("also said to be at \(Self.mac)") })
        #expect(host.conflicts.contains { $0.contains("also called lt-cleo") })
    }

    @Test func twoMachinesAtOneTimeAreAConflictAndTwoInTurnAreNone() throws {
        var scene = Scene()
        try scene.neighbor("10.0.1.7", "02:00:00:00:00:0a")
        try scene.neighbor("10.0.1.7", "02:00:00:00:00:0b")
        try scene.neighbor("10.0.1.7", "02:00:00:00:00:0a")
        let hosts = try inventory(scene.events, []).hosts
        #expect(hosts.map(\.conflicts.count) == [1, 1])
        var other = Scene()
        try other.acknowledge("10.0.1.7", to: "02:00:00:00:00:0a", hostname: "a")
        try other.acknowledge("10.0.1.7", to: "02:00:00:00:00:0b", hostname: "b")
        #expect(try inventory(other.events, []).hosts.allSatisfy { $0.conflicts.isEmpty })
    }

    // MARK: - IPv6

    private func reply(_ scene: inout Scene, _ mac: String?, _ name: String?) throws {
        var message = DHCPv6Message(type: 7)
        message.clientMAC = try mac.map { try InventoryTests.mac($0) }
        message.addresses = [try address("2001:db8:1::7")]
        message.hostname = name
        let flow = try scene.flow("[fe80::1]:546", "[fe80::2]:547", .udp)
        scene.say(.dhcpv6(message), flow, .server)
        try scene.end(scene.flow("[2001:db8:1::7]:4000", "[2001:db8:99::1]:443"))
    }

    @Test func dhcpv6NamesAnAddress() throws {
        var scene = Scene()
        try reply(&scene, nil, "lt-anna.corp.example")
        #expect(try inventory(scene.events, []).hosts.map(\.attribution.hostname) == ["lt-anna"])
    }

    @Test func aDHCPv6ClientsIdentifierCountsWhereNothingElseDoes() throws {
        var scene = Scene()
        try scene.acknowledge("10.0.1.7", to: Self.mac, hostname: "lt-anna")
        try reply(&scene, Self.mac, nil)
        #expect(try inventory(scene.events, []).hosts.map(\.addresses.count) == [2])
        try scene.neighbor("2001:db8:1::7", "02:00:00:00:00:0b", .neighborDiscovery)
        #expect(try inventory(scene.events, []).hosts.map(\.addresses.count) == [1, 1])
    }

    @Test func anAddressMadeOfAKnownMACJoinsItsMachine() throws {
        let made = try #require(
            MACAddress(interfaceOf: try address("2001:db8:1::200:52ff:fee4:698f")))
        #expect(made.description == "00:00:52:e4:69:8f")
        #expect(MACAddress(interfaceOf: try address("2001:db8:1::52ff:fee4:698f")) == nil)
        var scene = Scene()
        try scene.acknowledge("10.0.1.7", to: "3c:52:82:e4:69:8f", hostname: "lt-anna")
        // Seen behind a router, so that the link layer tells nothing.
        for client in ["2001:db8:1:0:3e52:82ff:fee4:698f", "2001:db8:1:0:3e52:82ff:fee4:6990"] {
            for server in ["[2001:db8:99::1]:443", "[2001:db8:98::1]:443"] {
                try scene.end(
                    scene.flow("[\(client)]:4000", server), client: "00:00:5e:00:02:01",
                    server: "00:00:5e:00:02:01")
            }
        }
        let hosts = try inventory(scene.events, []).hosts
        #expect(hosts.map(\.addresses.count).sorted() == [1, 2])
    }
}
