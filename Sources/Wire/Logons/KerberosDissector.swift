/// Kerberos 5 (RFC 4120): whose ticket a key center gave out. An answer repeats the client's name
/// in the clear and is only given to who knew the key, so requests alone and errors say nothing.
struct KerberosMessage {
    /// What of it is told; nil for a message that gives no ticket, or one to no account.
    static func logon(_ message: inout ByteReader) throws(ParseFailure) -> Logon? {
        let (tag, length) = try message.elementHead()
        var body = try message.take(length)
        // [APPLICATION 11] AS-REP, [APPLICATION 13] TGS-REP (§5.4.2).
        guard tag == 0x6b || tag == 0x6d else { return nil }
        var fields = try body.element(0x30)
        var realm: String?
        while !fields.isAtEnd {
            let (field, size) = try fields.elementHead()
            var value = try fields.take(size)
            switch field {
            case 0xa0: guard try value.elementNumber(0x02) == 5 else { return nil }
            case 0xa3:
                var text = try value.element(0x1b)
                realm = text.text(Logon.longest + 1)
            case 0xa4:
                guard let name = try principal(&value) else { return nil }
                return Logon(.kerberos, name, domain: realm)
            default: break
            }
        }
        return nil
    }

    /// A name of one part, as persons and machines have (§6.2); those of services have more.
    private static func principal(_ value: inout ByteReader) throws(ParseFailure) -> String? {
        var name = try value.element(0x30)
        var kind = try name.element(0xa0)
        let number = try kind.elementNumber(0x02)
        // NT-PRINCIPAL, NT-ENTERPRISE.
        guard number == 1 || number == 10 else { return nil }
        var parts = try name.element(0xa1)
        var list = try parts.element(0x30)
        var text = try list.element(0x1b)
        guard list.isAtEnd else { return nil }
        return text.text(Logon.longest + 1)
    }

    /// Whether bytes begin a message of Kerberos: the tag of one, a sequence in it, and pvno 5 or
    /// a first field of its own number.
    static func begins(_ opening: ByteReader, at start: Int) -> Likelihood {
        guard let tag = opening.peek(start) else { return .maybe }
        let side: Side
        switch tag {
        case 0x6a, 0x6c: side = .client
        case 0x6b, 0x6d, 0x7e: side = .server
        default: return .no
        }
        guard let first = opening.peek(start + 1) else { return .maybe }
        let head = first < 0x80 ? 2 : 2 + Int(first & 0x7f)
        guard first < 0x80 || (0x81...0x84).contains(first) else { return .no }
        guard let inner = opening.peek(start + head) else { return .maybe }
        return inner == 0x30 ? .yes(side) : .no
    }
}

/// Kerberos over TCP: messages behind their length (RFC 4120 §7.2.2).
package struct KerberosDissector: Dissector {
    package static let name = "krb5"
    package static let transport = Transport.tcp
    /// Tickets with many groups have some 64 KiB (MS-KILE §3.1.1.2).
    private static let longest = 128 << 10

    package init() {}

    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        guard ports.either(88), let top = opening.peek(0) else { return .no }
        return top == 0 ? KerberosMessage.begins(opening, at: 4) : .no
    }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        let length = Int(try input.uint32())
        guard length > 0, length <= KerberosDissector.longest else { return .done }
        if side == .client { return .skip(length) }
        var message = try input.take(length)
        if let logon = try KerberosMessage.logon(&message) { emit(.logon(logon)) }
        return .next
    }
}

/// Kerberos over UDP: a message in each datagram.
package struct KerberosDatagramDissector: Dissector {
    package static let name = "krb5"
    package static let transport = Transport.udp

    package init() {}

    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        ports.either(88) ? KerberosMessage.begins(opening, at: 0) : .no
    }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        var message = try input.take(input.remaining)
        if side == .server, let logon = try KerberosMessage.logon(&message) { emit(.logon(logon)) }
        return .next
    }
}
