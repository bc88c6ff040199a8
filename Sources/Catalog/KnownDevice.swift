/// A system or device, by what it says of itself where it asks for an address (RFC 2132 §§9.8,
/// 9.13).
package struct KnownDevice: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        case computer, mobile, printer
        /// A telephone on a desk.
        case phone
        /// An access point, switch or router.
        case network
        case media
        /// A small system of one purpose, or a container.
        case embedded
        /// A boot loader: what runs afterwards says so itself.
        case loader
        /// Switched off: nothing is known by it.
        case ignore

        static let known = Vocabulary(Kind.self)
    }
    /// How a vendor class is compared.
    package enum Match: String, Sendable, CaseIterable {
        case exact, prefix

        static let known = Vocabulary(Match.self)
    }
    /// A vendor class (option 60), or how it begins.
    package struct VendorClass: Sendable, Hashable {
        package var match: Match
        package var text: String
    }
    /// Lower-case letters, digits and `-`; unique among the devices.
    package var id: String
    package var name: String
    package var vendor: String
    package var kind: Kind
    package var classes: [VendorClass]
    /// Parameter request lists (option 55) as sent: `1,3,6,15`.
    package var options: [String]
    package var source: String
    package var checked: String?
    package var origin: CatalogOrigin
}

/// What told a device.
package struct DeviceSighting: Sendable, Hashable {
    package enum Sign: String, Sendable {
        /// Option 60: the system names itself.
        case vendorClass = "class"
        /// Option 55: which options it asks for, and in which order. Systems that share a client
        /// share it.
        case options
    }
    package var id: String
    package var name: String
    package var kind: KnownDevice.Kind
    package var sign: Sign
}

/// Devices by their vendor classes and lists: a probe for each length that a class begins with.
struct DeviceIndex: Sendable {
    private var exact: [String: Int] = [:]
    private var prefixes: [String: Int] = [:]
    /// Of prefixes, in bytes, the longest first.
    private var lengths: [Int] = []
    private var options: [String: Int] = [:]

    mutating func add(_ vendorClass: KnownDevice.VendorClass, device: Int) {
        switch vendorClass.match {
        case .exact: exact[vendorClass.text] = device
        case .prefix:
            prefixes[vendorClass.text] = device
            let count = vendorClass.text.utf8.count
            if !lengths.contains(count) {
                lengths.append(count)
                lengths.sort(by: >)
            }
        }
    }

    mutating func add(options list: String, device: Int) { options[list] = device }

    func device(ofClass text: String) -> Int? {
        if let found = exact[text] { return found }
        let bytes = text.utf8
        for length in lengths where length <= bytes.count {
            if let found = prefixes[String(decoding: bytes.prefix(length), as: UTF8.self)] {
                return found
            }
        }
        return nil
    }

    func device(ofOptions list: String) -> Int? { options[list] }
}

extension Catalog {
    /// Every device, sorted by id; also those that are switched off.
    package var devices: [KnownDevice] {
        draft.devices.indices.map(device).sorted { $0.id < $1.id }
    }

    /// What a DHCP client is by its vendor class (option 60); nil where no line knows it.
    package func device(vendorClass text: String) -> DeviceSighting? {
        deviceIndex.device(ofClass: text).map { sighting(of: $0, .vendorClass) }
    }

    /// What it may be by its parameter request list (option 55): `1,3,6,15`.
    package func device(options list: String) -> DeviceSighting? {
        deviceIndex.device(ofOptions: list).map { sighting(of: $0, .options) }
    }

    private func sighting(of number: Int, _ sign: DeviceSighting.Sign) -> DeviceSighting {
        let device = device(number)
        return DeviceSighting(id: device.id, name: device.name, kind: device.kind, sign: sign)
    }

    func device(_ number: Int) -> KnownDevice {
        let (entry, file) = draft.devices[number]
        func text(_ place: CatalogText.Place) -> String { draft.text(place, of: file) }
        return KnownDevice(
            id: text(entry.id), name: text(entry.name), vendor: text(entry.vendor),
            kind: entry.kind ?? .ignore,
            classes: entry.classes.map { .init(match: $0.match, text: text($0.place)) },
            options: entry.options.map { text($0.place) }, source: text(entry.source),
            checked: entry.checked.isEmpty ? nil : text(entry.checked),
            origin: draft.origin(file, entry.line))
    }
}

extension CatalogDraft {
    /// What all devices are known by that are not switched off.
    func indexOfDevices() -> DeviceIndex {
        var index = DeviceIndex()
        for (number, device) in devices.enumerated() where device.entry.kind != .ignore {
            for vendorClass in device.entry.classes {
                index.add(
                    .init(
                        match: vendorClass.match, text: text(vendorClass.place, of: device.file)),
                    device: number)
            }
            for list in device.entry.options {
                index.add(options: text(list.place, of: device.file), device: number)
            }
        }
        return index
    }
}
