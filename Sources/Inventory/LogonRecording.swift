import Codecs
import Wire

/// What becomes of the names of users.
package enum UserNames: String, Sendable, CaseIterable {
    /// They are kept: the person who answers for what is seen is what an inventory is for.
    case names
    /// A keyed hash stands for each (see `Pseudonym`): two can be told apart.
    case pseudonyms
    /// They are not kept at all.
    case none

    /// What is kept of an account; nil for nothing.
    package func kept(of account: String) -> String? {
        switch self {
        case .names: account
        case .pseudonyms: "user-" + Pseudonym(of: account).text
        case .none: nil
        }
    }
}

/// Users: the part of the recorder that reads who logged on.
extension Recording {
    /// A name holds for the address it came from, or for whom the device named that let it in. An
    /// account that is a machine's names the machine.
    mutating func record(_ logon: Logon, _ event: Event) {
        let source = logon.way.rawValue
        let time = event.time
        if let address = logon.address, let mac = logon.mac, mac.isUnicast, isOwn(address) {
            bind(.address(address), .mac, .mac(mac), source, time)
        }
        guard let subject = subject(of: logon, event) else { return }
        if let machine = Recording.machineName(logon) {
            return bind(subject, .hostname, .text(machine), source, time)
        }
        if case .address = subject, let name = logon.workstation.flatMap(Recording.hostLabel) {
            bind(subject, .hostname, .text(name), source, time)
        }
        let domain = logon.domain.map { "@" + Recording.lowercased($0) } ?? ""
        guard let name = userNames.kept(of: Recording.lowercased(logon.user) + domain) else {
            return
        }
        bind(subject, .user, .text(name), source, time)
    }

    private func subject(of logon: Logon, _ event: Event) -> BindingRow.Subject? {
        if let address = logon.address { return isOwn(address) ? .address(address) : nil }
        if let mac = logon.mac { return mac.isUnicast ? .mac(mac) : nil }
        guard let client = event.flow?.client.address, isOwn(client), client.isUnicast else {
            return nil
        }
        return .address(client)
    }

    /// `host/lt-anna.corp.example` (MS-PEAP) or `LT-ANNA$`.
    private static func machineName(_ logon: Logon) -> String? {
        let name = lowercased(logon.user)
        if name.hasPrefix("host/") { return hostLabel(String(name.dropFirst(5))) }
        return logon.isMachine ? hostLabel(String(name.dropLast())) : nil
    }

    /// The name in lower case, if it may be a host's.
    private static func hostLabel(_ name: String) -> String? {
        let name = lowercased(name)
        let isPlain = name.utf8.allSatisfy { byte in
            (97...122).contains(byte) || (48...57).contains(byte) || byte == 45 || byte == 46
                || byte == 95
        }
        return isPlain && (1...253).contains(name.utf8.count) ? name : nil
    }
}
