/// Who a client said it is to a service that took its word: a name and where it comes from, never
/// a password, a ticket or a hash.
package struct Logon: Sendable, Hashable {
    /// What the name was said in.
    package enum Way: String, Sendable {
        case kerberos, ntlm, ldap, radius
        /// To a proxy, in Proxy-Authorization.
        case proxy
    }
    package var way: Way
    /// The account without domain or realm.
    package var user: String
    /// Kerberos's realm, NTLM's domain, or what stands before a backslash or behind an @.
    package var domain: String?
    /// NTLM's name of the client's machine.
    package var workstation: String?
    /// Whom it is about, where that is not who asked (RADIUS).
    package var address: IPAddress?
    package var mac: MACAddress?

    /// A name longer than any account's (MS-SAMR §3.1.1.8.4 allows 20, UPNs 113) or with a control
    /// in it names nobody: nil. A domain in front of it or behind it is split off.
    package init?(_ way: Way, _ name: String, domain: String? = nil) {
        guard let name = Logon.plain(name) else { return nil }
        self.way = way
        user = name
        self.domain = domain.flatMap(Logon.plain)
        let bytes = name.utf8
        if let slash = bytes.firstIndex(of: UInt8(ascii: "\\")) {
            self.domain = String(name[..<slash])
            user = String(name[bytes.index(after: slash)...])
        } else if let sign = bytes.lastIndex(of: UInt8(ascii: "@")), sign != bytes.startIndex {
            user = String(name[..<sign])
            if self.domain == nil || way == .radius {
                self.domain = String(name[bytes.index(after: sign)...])
            }
        }
        if user.isEmpty { return nil }
    }

    static let longest = 128

    /// The text as it is, if it may be a name.
    package static func plain(_ text: String) -> String? {
        let count = text.utf8.count
        guard (1...longest).contains(count), text.utf8.allSatisfy({ $0 >= 32 && $0 != 127 })
        else { return nil }
        return text
    }

    /// A machine's own account, which ends so by rule (MS-ADTS §3.1.1.1.5): no person.
    package var isMachine: Bool { user.utf8.last == UInt8(ascii: "$") }
}
