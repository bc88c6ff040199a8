import Testing

@testable import Catalog
@testable import Inventory
@testable import Wire

/// What a host is by its own word where it asks for an address.
struct HostDeviceTests {
    private static let catalogText = """
        device windows
        name Windows
        vendor M
        kind computer
        dhcp-class prefix MSFT
        dhcp-options 1,3,6
        source tests
        device phone
        name A phone
        vendor G
        kind mobile
        dhcp-options 1,3
        source tests
        device pxe
        name a boot loader
        vendor I
        kind loader
        dhcp-class prefix PXE
        source tests

        """

    private func hosts(
        _ said: [(vendorClass: String?, parameters: [UInt8])], isWritten: Bool = false
    ) throws -> [Host] {
        var scene = Scene()
        for (vendorClass, parameters) in said {
            let flow = try scene.flow("0.0.0.0:68", "10.0.9.1:67", .udp)
            var message = DHCPMessage(
                type: 3, clientMAC: try mac("02:00:00:00:00:07"), clientAddress: nil,
                yourAddress: nil, requestedAddress: nil, hostname: nil, vendorClass: vendorClass,
                leaseSeconds: nil, routers: [])
            message.parameters = parameters
            scene.say(.dhcp(message), flow)
        }
        try scene.acknowledge("10.0.1.7", to: "02:00:00:00:00:07", hostname: "pc7")
        var draft = CatalogDraft()
        draft.add(
            try CatalogFile(path: "tests.catalog", bytes: Array(Self.catalogText.utf8)))
        return try inventory(of: scene.events, catalog: try Catalog(draft)).hosts
    }

    @Test func aClassIsStrongAndAListAHint() throws {
        let byClass = try #require(try hosts([("MSFT 5.0", [1, 3, 6])]).first)
        #expect(byClass.device?.name == "Windows" && byClass.device?.kind == "computer")
        #expect(byClass.device?.strength == .strong && byClass.conflicts.isEmpty)
        #expect(
            byClass.evidence.map(\.detail).contains {
                $0.contains("vendor class (option 60) is “MSFT 5.0”")
            })
        let byList = try #require(try hosts([(nil, [1, 3])]).first)
        #expect(byList.device?.name == "A phone" && byList.device?.strength == .hint)
        #expect(try hosts([("other", [9, 9])]).first?.device == nil)
        #expect(try hosts([]).first?.device == nil)
    }

    /// A class goes before what was said later by a list, and both are told.
    @Test func twoSystemsAreAConflict() throws {
        let host = try #require(try hosts([("MSFT 5.0", []), (nil, [1, 3])]).first)
        #expect(host.device?.name == "Windows")
        #expect(host.conflicts.count == 1)
        #expect(host.conflicts.first?.contains("it is also A phone by its word") == true)
    }

    /// What boots a machine is not what runs on it.
    @Test func aLoaderIsOnlyOneWhereNothingElseSpeaks() throws {
        let host = try #require(try hosts([(nil, [1, 3]), ("PXEClient:Arch", [])]).first)
        #expect(host.device?.name == "A phone" && host.conflicts.isEmpty)
        #expect(try hosts([("PXEClient:Arch", [])]).first?.device?.kind == "loader")
    }
}
