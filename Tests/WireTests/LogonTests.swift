import Support
import Testing

@testable import Wire

/// Who a service believed somebody to be: Kerberos, NTLM, LDAP, RADIUS, and credentials of HTTP.
@Suite struct LogonTests {
    // MARK: - Bytes

    private static func der(_ tag: UInt8, _ parts: [UInt8]...) -> [UInt8] {
        let body = parts.flatMap { $0 }
        if body.count < 128 { return [tag, UInt8(body.count)] + body }
        return [tag, 0x82] + Frame.octets(UInt64(body.count), 2) + body
    }
    private static func number(_ value: UInt8, _ tag: UInt8 = 2) -> [UInt8] { der(tag, [value]) }
    private static func text(_ tag: UInt8, _ text: String) -> [UInt8] { der(tag, Array(text.utf8)) }

    /// AS-REP (RFC 4120 §5.4.2) for a name of `parts`.
    static func ticket(
        _ parts: [String], kind: UInt8 = 1, tag: UInt8 = 0x6b, version: UInt8 = 5
    ) -> [UInt8] {
        let names = parts.flatMap { text(0x1b, $0) }
        return der(
            tag,
            der(
                0x30, der(0xa0, number(version)), der(0xa1, number(11)),
                der(0xa3, text(0x1b, "CORP.EXAMPLE")),
                der(0xa4, der(0x30, der(0xa0, number(kind)), der(0xa1, der(0x30, names)))),
                der(0xa5, [UInt8](repeating: 7, count: 200))))
    }

    private static func little(_ value: Int, _ count: Int) -> [UInt8] {
        Frame.octets(UInt64(value), count).reversed()
    }

    /// AUTHENTICATE (MS-NLMP §2.2.1.3).
    static func ntlm(_ user: String, _ domain: String, _ workstation: String) -> [UInt8] {
        let texts = [domain, user, workstation].map { $0.utf16.flatMap { little(Int($0), 2) } }
        var fields: [UInt8] = []
        var at = 64
        for text in texts {
            fields += little(text.count, 2) + little(text.count, 2) + little(at, 4)
            at += text.count
        }
        let empty = little(0, 4) + little(at, 4)
        return Array("NTLMSSP\0".utf8) + little(3, 4) + empty + empty + fields + empty
            + little(1, 4) + texts.flatMap { $0 }
    }

    static func smb(
        _ message: Int, status: UInt32 = 0, isAnswer: Bool, _ body: [UInt8]
    ) -> [UInt8] {
        let head =
            [0xfe, 0x53, 0x4d, 0x42] + little(64, 2) + little(0, 2) + little(Int(status), 4)
            + little(1, 2) + little(1, 2) + little(isAnswer ? 1 : 0, 4) + little(0, 4)
            + little(message, 8) + [UInt8](repeating: 0, count: 32)
        return Frame.octets(UInt64(head.count + body.count), 4) + head + body
    }

    private static func bind(_ id: UInt8, _ name: String, _ word: String) -> [UInt8] {
        der(0x30, number(id), der(0x60, number(3), text(4, name), text(0x80, word)))
    }
    private static func bound(_ id: UInt8, _ result: UInt8) -> [UInt8] {
        der(0x30, number(id), der(0x61, number(result, 10), der(4), der(4)))
    }

    static func radius(_ code: UInt8, _ id: UInt8, _ attributes: [(UInt8, [UInt8])]) -> [UInt8] {
        let body = attributes.flatMap { [$0.0, UInt8($0.1.count + 2)] + $0.1 }
        return [code, id] + Frame.octets(UInt64(20 + body.count), 2)
            + [UInt8](repeating: 0, count: 16) + body
    }

    // MARK: - Running

    private func logons(_ run: FlowRun) -> [Logon] {
        run.events.compactMap {
            if case .logon(let logon) = $0.message { logon } else { nil }
        }
    }

    private func talk(
        _ port: UInt16, _ turns: [(Side, [UInt8])], cut: Int? = nil
    ) -> FlowRun {
        var talk = Conversation()
        talk.serverPort = port
        for (side, bytes) in turns { talk.say(side, bytes, cuts: cut.map { [$0] } ?? []) }
        talk.close()
        return FlowRun(talk.frames)
    }

    private func datagrams(_ port: UInt16, _ turns: [(Side, [UInt8])]) -> FlowRun {
        FlowRun(
            turns.map { side, bytes in
                side == .client
                    ? Frame.ethernet().ipv4(
                        "10.0.0.1", "10.0.0.2", next: 17, Frame.udp(5000, port, bytes)
                    ).bytes
                    : Frame.ethernet().ipv4(
                        "10.0.0.2", "10.0.0.1", next: 17, Frame.udp(port, 5000, bytes)
                    ).bytes
            })
    }

    private static func framed(_ message: [UInt8]) -> [UInt8] {
        Frame.octets(UInt64(message.count), 4) + message
    }
    private static let request = der(0x6a, der(0x30, der(0xa1, number(5))))

    // MARK: - Kerberos

    @Test(arguments: 1..<40)
    func kerberosOverTCPIsReadHoweverItIsCut(_ cut: Int) {
        let run = talk(
            88,
            [
                (.client, Self.framed(Self.request)),
                (.server, Self.framed(Self.ticket(["anna"]))),
                (.client, Self.framed(Self.request)),
                (.server, Self.framed(Self.ticket(["LT-ANNA$"], tag: 0x6d))),
            ], cut: cut)
        let found = logons(run)
        #expect(found.map(\.user) == ["anna", "LT-ANNA$"])
        #expect(found.map(\.domain) == ["CORP.EXAMPLE", "CORP.EXAMPLE"])
        #expect(found.map(\.isMachine) == [false, true])
        #expect(run.ends[0].appProtocol == "krb5" && run.ends[0].anomalies == 0)
    }

    @Test func kerberosOverUDPIsRead() {
        let run = datagrams(88, [(.client, Self.request), (.server, Self.ticket(["anna"]))])
        #expect(logons(run).map(\.user) == ["anna"])
    }

    /// An error, a request, a service's name, another version: nobody.
    @Test(arguments: [
        ticket(["anna"], tag: 0x7e), ticket(["anna"], tag: 0x6a), ticket(["HTTP", "web"]),
        ticket(["anna"], kind: 2), ticket(["anna"], version: 4), ticket([""]),
        ticket([String(repeating: "a", count: 129)]), ticket(["an\u{7}na"]),
    ])
    func whatGivesNobodyATicketNamesNobody(_ message: [UInt8]) {
        #expect(logons(datagrams(88, [(.client, Self.request), (.server, message)])).isEmpty)
    }

    // MARK: - NTLM

    @Test(arguments: [0, 1, 30, 90, 150])
    func ntlmInSMBIsBelievedWhenTheServerIs(_ cut: Int) {
        let token = [UInt8](repeating: 0x60, count: 19) + Self.ntlm("cleo", "CORP", "LT-CLEO")
        let accepted: [UInt8] = [9, 0, 0, 0, 72, 0, 0, 0]
        let run = talk(
            445,
            [
                (.client, Self.smb(2, isAnswer: false, token)),
                (.server, Self.smb(2, status: 0xc000_006d, isAnswer: true, accepted)),
                (.client, Self.smb(3, isAnswer: false, token)),
                (.server, Self.smb(3, isAnswer: true, [9, 0, 1, 0, 72, 0, 0, 0])),
                (.client, Self.smb(4, isAnswer: false, token)),
                (.server, Self.smb(4, isAnswer: true, accepted)),
            ], cut: cut)
        let found = logons(run)
        #expect(found.map(\.user) == ["cleo"])
        #expect(found.first?.domain == "CORP" && found.first?.workstation == "LT-CLEO")
        #expect(run.ends[0].appProtocol == "smb" && run.ends[0].anomalies == 0)
    }

    @Test func ntlmsFieldsStayWithinTheMessage() {
        let message = Self.ntlm("cleo", "CORP", "LT")
        #expect(NTLMAuthenticate.logon(in: message.span)?.user == "cleo")
        for end in message.indices {
            _ = NTLMAuthenticate.logon(in: message.span.extracting(0..<end))
        }
        for place in 28..<52 {
            for value in [0, 1, 0x7f, 0xff] as [UInt8] {
                var bad = message
                bad[place] = value
                _ = NTLMAuthenticate.logon(in: bad.span)
            }
        }
    }

    @Test(arguments: [
        ("Proxy-Authorization: Basic aHVnbzpub3QgYSBzZWNyZXQ=", "hugo"),
        ("Proxy-Authorization: Basic Og==", nil), ("Proxy-Authorization: Basic aHVnbw==", nil),
        ("Authorization: Basic aHVnbzpub3QgYSBzZWNyZXQ=", nil),
        ("Proxy-Authorization: Bearer aHVnbzpub3QgYSBzZWNyZXQ=", nil),
        ("Authorization: Negotiate YIIB", nil),
    ])
    func ofCredentialsTheUserIsKept(_ field: String, _ user: String?) {
        let run = talk(
            3128,
            [
                (
                    .client,
                    Array(
                        "GET http://a.example/ HTTP/1.1\r\nHost: a.example\r\n\(field)\r\n\r\n".utf8
                    )
                ), (.server, Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)),
            ])
        let requests = run.events.compactMap {
            if case .httpRequest(let request) = $0.message { request } else { nil }
        }
        #expect(requests.map(\.logon?.user) == [user])
        #expect(requests.allSatisfy { !"\($0)".contains("secret") })
    }

    // MARK: - LDAP

    @Test(arguments: 1..<30)
    func aBindInTheClearIsBelievedWhenItIsAccepted(_ cut: Int) {
        let run = talk(
            389,
            [
                (.client, Self.bind(1, "uid=mallory,dc=corp", "x")), (.server, Self.bound(1, 49)),
                (.client, Self.bind(2, "", "")), (.server, Self.bound(2, 0)),
                (.client, Self.bind(3, "uid=eve,dc=corp", "")), (.server, Self.bound(3, 0)),
                (.client, Self.bind(4, "uid=dora,ou=people,dc=corp,dc=example", "secret")),
                (.server, Self.bound(4, 0)),
            ], cut: cut)
        #expect(logons(run).map(\.user) == ["dora"])
        #expect(logons(run).first?.domain == "corp.example")
        #expect(run.ends[0].appProtocol == "ldap" && run.ends[0].anomalies == 0)
    }

    @Test(arguments: [
        ("uid=dora,dc=corp", "dora", "corp"), ("CORP\\dora", "dora", "CORP"),
        ("dora@corp.example", "dora", "corp.example"), ("cn=Dora, dc=a, dc=b", "Dora", "a.b"),
    ])
    func accountsOfLDAPAreToldByTheirNames(_ name: String, _ user: String, _ domain: String) {
        let logon = LDAPDissector.account(name)
        #expect(logon?.user == user && logon?.domain == domain)
    }

    @Test(arguments: ["ou=people,dc=corp", "=", "uid=", "uid=a\\2cb,dc=corp", "mail"])
    func whatIsNoAccountIsNone(_ name: String) {
        #expect(LDAPDissector.account(name)?.user == (name == "mail" ? "mail" : nil))
    }

    // MARK: - RADIUS

    @Test func accountingTellsWhoIsWhere() {
        let session: [(UInt8, [UInt8])] = [
            (1, Array("frank@corp.example".utf8)), (31, Array("02-00-0A-1E-01-07:guests".utf8)),
            (8, [10, 30, 1, 7]),
        ]
        let found = logons(datagrams(1813, [(.client, Self.radius(4, 1, session))]))
        #expect(found.map(\.user) == ["frank"] && found.map(\.domain) == ["corp.example"])
        #expect(found.first?.address?.description == "10.30.1.7")
        #expect(found.first?.mac?.description == "02:00:0a:1e:01:07")
    }

    @Test(arguments: [UInt8(2), 3, 11])
    func whoIsLetInIsToldByTheAnswer(_ code: UInt8) {
        let mac: (UInt8, [UInt8]) = (31, Array("0200.0a1e.0107".utf8))
        let run = datagrams(
            1812,
            [
                (.client, Self.radius(1, 9, [(1, Array("gina".utf8)), mac])),
                (.server, Self.radius(code, 9, [])),
            ])
        #expect(logons(run).map(\.user) == (code == 2 ? ["gina"] : []))
    }

    @Test(arguments: ["02000a1e0107", "anonymous@corp.example", "02-00-0a-1e-01-07"])
    func aMachinesAddressAndASealedNameAreNobody(_ user: String) {
        let session: [(UInt8, [UInt8])] = [(1, Array(user.utf8)), (8, [10, 30, 1, 7])]
        #expect(logons(datagrams(1813, [(.client, Self.radius(4, 1, session))])).isEmpty)
    }

    // MARK: - Hostile bytes

    /// Damage of every sort, by the seed that is printed: nothing traps, nothing hangs.
    @Test(arguments: 0..<8)
    func damagedMessagesTrapNothing(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        let token = Self.ntlm("cleo", "CORP", "LT")
        let messages: [(UInt16, Bool, [UInt8])] = [
            (88, true, Self.framed(Self.ticket(["anna"]))), (88, false, Self.ticket(["anna"])),
            (445, true, Self.smb(2, isAnswer: false, token)),
            (389, true, Self.bind(1, "uid=dora,dc=corp", "x")),
            (1813, false, Self.radius(4, 1, [(1, [97]), (8, [1, 2, 3, 4])])),
        ]
        for _ in 0..<400 {
            for (port, isStream, message) in messages {
                var bad = message
                for _ in 0..<Int.random(in: 1...4, using: &chance) {
                    let place = Int.random(in: bad.indices, using: &chance)
                    bad[place] = UInt8.random(in: 0...255, using: &chance)
                }
                if Bool.random(using: &chance) {
                    bad.removeLast(Int.random(in: 0..<bad.count, using: &chance))
                }
                let turns: [(Side, [UInt8])] = [(.client, bad), (.server, bad)]
                let run = isStream ? talk(port, turns) : datagrams(port, turns)
                #expect(run.ends.count <= 2, "seed \(seed)")
            }
        }
    }
}
