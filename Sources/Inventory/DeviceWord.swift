package import Catalog
import Wire

/// What a machine is by its own word: which device of the catalog, what told it, and what it said.
/// Kept whole, for whoever reads an inventory may have another catalog.
struct DeviceWord {
    var id: String
    var kind: String
    var name: String
    /// `class` or `options`.
    var sign: String
    /// Vendor class or list, at most 255 bytes of it.
    var told: String

    init(_ sighting: DeviceSighting, told: String) {
        id = sighting.id
        kind = sighting.kind.rawValue
        name = sighting.name
        sign = sighting.sign.rawValue
        self.told = String(decoding: told.utf8.prefix(255), as: UTF8.self)
    }

    /// What `text` wrote.
    init?(_ text: String) {
        let parts = text.split(separator: "\u{1f}", omittingEmptySubsequences: false)
        guard parts.count == 5 else { return nil }
        id = String(parts[0])
        kind = String(parts[1])
        name = String(parts[2])
        sign = String(parts[3])
        told = String(parts[4])
    }

    var text: String { "\(id)\u{1f}\(kind)\u{1f}\(name)\u{1f}\(sign)\u{1f}\(told)" }

    var isClass: Bool { sign == DeviceSighting.Sign.vendorClass.rawValue }

    /// As evidence has it.
    var sentence: String {
        isClass
            ? "its DHCP vendor class (option 60) is “\(told)”: \(name)"
            : "it asks DHCP for options \(told) (option 55): \(name), or what shares its client"
    }
}

/// What a host is by its own word.
package struct HostDevice: Sendable {
    /// `computer`, `mobile`, `printer`, … as in the catalog.
    package var kind: String
    package var name: String
    package var strength: Strength
}

extension Identity {
    /// What a machine says it is, the surest word first: a vendor class before a list, then what
    /// was said last. A boot loader's word is only that of the loader.
    func device(of mac: MACAddress?) -> (device: HostDevice, words: [NameBinding])? {
        guard let machine = mac.flatMap({ bindings.machine(with: $0) }) else { return nil }
        let words = bindings.machines[machine].devices.compactMap { row in
            DeviceWord(row.value).map { (row: row, word: $0) }
        }.sorted {
            let (one, other) = ($0.word, $1.word)
            let isLoader = (one.kind == "loader", other.kind == "loader")
            if isLoader.0 != isLoader.1 { return isLoader.1 }
            if one.isClass != other.isClass { return one.isClass }
            return ($0.row.last, $1.row.value) > ($1.row.last, $0.row.value)
        }
        guard let first = words.first?.word else { return nil }
        // A class and a list that say the same are no more than one program's word.
        let device = HostDevice(
            kind: first.kind, name: first.name, strength: first.isClass ? .strong : .hint)
        return (device, words.map(\.row))
    }

    /// What a machine says it is besides, one sentence each: two systems on one machine, or a word
    /// that is made up.
    func otherDevices(_ mac: MACAddress?) -> [String] {
        guard let (device, rows) = device(of: mac) else { return [] }
        var seen: Set<String> = [device.name]
        return rows.compactMap { row in
            guard let word = DeviceWord(row.value), word.kind != "loader",
                seen.insert(word.name).inserted
            else { return nil }
            return "it is also \(word.name) by its word: \(word.sentence), \(row.first.rfc3339) to "
                + row.last.rfc3339
        }
    }
}
