import Testing

@testable import Catalog

@Suite struct DeviceTests {
    private static let entry = """
        device   mine
        name     My system
        vendor   Me
        kind     computer
        dhcp-class    prefix MYSYS
        dhcp-class    exact mysys
        dhcp-options  1,3,6
        source   one
        source   two
        checked  2026-11

        """

    @Test func aDeviceIsReadWithEveryField() throws {
        let catalog = try catalog(Self.entry)
        let device = try #require(catalog.devices.first)
        #expect(device.name == "My system" && device.vendor == "Me" && device.kind == .computer)
        #expect(device.classes.map(\.text) == ["MYSYS", "mysys"])
        #expect(device.classes.map(\.match) == [.prefix, .exact])
        #expect(device.options == ["1,3,6"] && device.source == "one ; two")
        #expect(device.checked == "2026-11" && device.origin.line == 1)
    }

    @Test func theLongestClassThatFitsWins() throws {
        let other =
            "device other\nname O\nvendor V\nkind media\ndhcp-class prefix MYSYS TV\nsource s\n"
        let catalog = try catalog(Self.entry + other)
        for (text, id) in [
            ("MYSYS 5", "mine"), ("MYSYS TV 1", "other"), ("mysys", "mine"), ("MYSY", nil),
            ("mysys 1", nil), ("", nil),
        ] {
            #expect(catalog.device(vendorClass: text)?.id == id, "\(text)")
        }
        #expect(catalog.device(options: "1,3,6")?.id == "mine")
        #expect(catalog.device(options: "1,3,6,15") == nil)
        #expect(catalog.device(options: "1,3") == nil)
    }

    @Test func aDeviceGivenAgainTakesThePlaceOfTheFormer() throws {
        let off = try catalog(Self.entry, "device mine\nkind ignore\n")
        #expect(off.devices.map(\.kind) == [.ignore])
        #expect(off.device(vendorClass: "MYSYS") == nil && off.device(options: "1,3,6") == nil)
    }

    @Test(arguments: [
        ("device a", 1, "has no “name”, no “vendor”, no “kind”, no “dhcp-class”, no “source”"),
        ("device a\nkind robot", 2, "“robot” is no kind of device"),
        ("device a\ndhcp-class MSFT", 2, "“MSFT” is no way to compare a vendor class"),
        ("device a\ndhcp-class prefix ab", 2, "a vendor class of 2 bytes tells nothing"),
        ("device a\ndhcp-options 1,,3", 2, "“1,,3” is no list of DHCP options"),
        ("device a\ndhcp-options 1,255", 2, "is no list"),
        ("device a\ndhcp-options 01", 2, "is no"),
        ("device a\ndhcp-options 1,3,", 2, "is no list"),
        (
            "device a\ndhcp-options 1,3\nname n\nvendor v\nkind media\nsource s\ndevice b\n"
                + "dhcp-options 1,3", 8, "this list was already given on line 2"
        ),
        (
            "device a\ndhcp-class exact abc\nname n\nvendor v\nkind media\nsource s\ndevice b\n"
                + "dhcp-class exact abc", 8, "already given on line 2"
        ),
        ("device a\ncountry SE", 2, "a device has no “country”"),
        ("dhcp-options 1,3", 1, "“dhcp-options” stands before any"),
    ])
    func mistakesNameTheirLine(_ text: String, _ line: Int, _ problem: String) {
        let file = CatalogFile(path: "d.catalog", withMistakes: Array(text.utf8))
        #expect(
            file.errors.contains { $0.line == line && $0.description.contains(problem) },
            "\(file.errors)")
    }

    @Test func theShippedOnesAreKnownByTheirWords() throws {
        let catalog = try Catalog.loadShipped(additional: [])
        for (text, id) in [
            ("MSFT 5.0", "windows"), ("MSFT 5.0 XBOX", "xbox"), ("android-dhcp-14", "android"),
            ("dhcpcd-9.4.1:Linux-6.1.0:x86_64:GenuineIntel", "linux-dhcpcd"),
            ("udhcp 1.35.0", "busybox"), ("PXEClient:Arch:00007:UNDI:003016", "pxe"),
        ] {
            #expect(catalog.device(vendorClass: text)?.id == id)
        }
        #expect(
            catalog.device(options: "1,28,2,3,15,6,119,12,44,47,26,121,42")?.id == "linux-dhclient")
        let explained = catalog.explanations(of: "MSFT 5.0 XBOX")
        #expect(explained.map(\.subject) == [.device])
        #expect(explained.first?.answer.contains("Xbox") == true)
    }
}
