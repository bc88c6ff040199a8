import Wire

/// Names that hosts give themselves before all their neighbors: the part of the recorder that reads
/// mDNS, LLMNR and NetBIOS.
extension Recording {
    /// A host's word of itself, and no more: a name is taken for the very address that the packet
    /// came from. Anyone on the link can forge that too, so it is the weakest of names.
    mutating func record(_ names: LocalNames, _ event: Event) {
        guard let flow = event.flow else { return }
        let speaker = event.side == .client ? flow.client.address : flow.server.address
        guard isOwn(speaker), speaker.isUnicast else { return }
        for answer in names.message.answers where answer.value == .address(speaker) {
            guard let name = Recording.hostName(answer.name, names.way),
                announced.admits(name, of: speaker)
            else { continue }
            bind(.address(speaker), .hostname, .text(name), names.way.rawValue, event.time)
        }
    }

    /// The name of a host; nil for one of a service, a group or anything else.
    static func hostName(_ name: String, _ way: LocalNames.Way) -> String? {
        let lower = lowercased(name)
        let bytes = lower.utf8
        let host: Substring
        switch way {
        case .mdns:
            guard lower.hasSuffix(".local") else { return nil }
            host = lower.dropLast(6)
        case .llmnr: host = lower[...]
        case .nbns:
            // A workstation's or a server's own name (RFC 1001 §14.1; suffixes 00 and 20).
            guard lower.hasSuffix("<00>") || lower.hasSuffix("<20>") else { return nil }
            host = lower.dropLast(4)
        }
        guard (1...63).contains(host.utf8.count), bytes.allSatisfy({ $0 > 32 && $0 != 127 }),
            !host.contains(where: { $0 == "." || $0 == "\\" })
        else { return nil }
        return String(host)
    }
}

/// The names that each address has given itself: a few, so that one that makes names up is soon not
/// listened to.
struct AnnouncedNames {
    private static let capacity = 65_536
    private static let perAddress = 4

    private var names = KeyedTable<IPAddress, [String]>()
    /// Names not taken for these bounds.
    private(set) var dropped = 0

    mutating func admits(_ name: String, of address: IPAddress) -> Bool {
        if let known = names.number(of: address) {
            if names.values[known].contains(name) { return true }
            guard names.values[known].count < AnnouncedNames.perAddress else {
                dropped += 1
                return false
            }
            names.values[known].append(name)
            return true
        }
        guard names.count < AnnouncedNames.capacity else {
            dropped += 1
            return false
        }
        names.insert(address, [name])
        return true
    }
}
