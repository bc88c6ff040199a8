/// LDAP up to the extended request that starts TLS (RFC 4511 §4.14), and as whom clients bind in
/// the clear (§4.2).
package struct LDAPDissector: Dissector {
    package static let name = "ldap"
    package static let transport = Transport.tcp
    private static let startTLS: StaticString = "1.3.6.1.4.1.1466.20037"
    /// Where the request's name ends at the latest: behind the headers of message and request, and
    /// the message's id.
    private static let window = 48
    /// Messages of a connection that are looked at.
    private static let patience = 256
    /// A bind is far shorter; one with a ticket in it has some 64 KiB at most.
    private static let longest = 64 << 10

    private struct Waiting {
        var message: Int
        var logon: Logon?
    }
    private var waiting: [Waiting] = []
    private var messages = 0

    package init() {}

    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        guard opening.peek(0) == 0x30 else { return .no }
        guard let length = opening.peek(1) else { return .maybe }
        if let isBind = begins(opening, length, with: 0x60) {
            if isBind { return .yes(.client) }
        } else {
            return .maybe
        }
        let whole = length < 0x80 ? min(2 + Int(length), window) : window
        guard opening.remaining >= whole else { return .maybe }
        return (2..<window).contains { opening.from($0).starts(with: startTLS) }
            ? .yes(.client) : .no
    }

    /// Whether a message with that operation begins here, of version 2 or 3; nil if too little is
    /// there to tell.
    private static func begins(
        _ opening: ByteReader, _ length: UInt8, with operation: UInt8
    ) -> Bool? {
        var at = length < 0x80 ? 2 : 2 + Int(length & 0x7f)
        guard length <= 0x84, length != 0x80 else { return false }
        guard let tag = opening.peek(at) else { return nil }
        guard tag == 0x02 else { return false }
        guard let size = opening.peek(at + 1) else { return nil }
        guard (1...4).contains(size) else { return false }
        at += 2 + Int(size)
        guard let kind = opening.peek(at) else { return nil }
        guard kind == operation else { return false }
        guard let inner = opening.peek(at + 1) else { return nil }
        at += inner < 0x80 ? 2 : 2 + Int(inner & 0x7f)
        for expected in [0x02, 0x01] as [UInt8] {
            guard let byte = opening.peek(at) else { return nil }
            guard byte == expected else { return false }
            at += 1
        }
        guard let version = opening.peek(at) else { return nil }
        return version == 2 || version == 3
    }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        if try Upgrade.begins(at: input, from: side) { return .recognizeAnew }
        guard input.peek() == 0x30 else {
            guard input.isAtEnd else { return .done }
            throw .needMore(1)
        }
        let (_, length) = try input.elementHead()
        messages += 1
        guard messages <= LDAPDissector.patience else { return .done }
        guard length >= 3, length <= LDAPDissector.longest else { return .skip(length) }
        guard let size = input.peek(1), let operation = input.peek(2 + Int(size)) else {
            guard let size = input.peek(1), 2 + Int(size) >= length else { throw .needMore(1) }
            throw .malformed(.badDER)
        }
        switch (operation, side) {
        case (0x60, .client):
            var message = try input.take(length)
            let number = try message.elementNumber(0x02)
            waiting.append(Waiting(message: number, logon: try LDAPDissector.bind(&message)))
            if waiting.count > 16 { waiting.removeFirst() }
        case (0x61, .server):
            var message = try input.take(length)
            let number = try message.elementNumber(0x02)
            var answer = try message.element(0x61)
            let result = try answer.elementNumber(0x0a)
            guard let place = waiting.firstIndex(where: { $0.message == number }) else { break }
            let logon = waiting.remove(at: place).logon
            if result == 0, let logon { emit(.logon(logon)) }
        default: return .skip(length)
        }
        return .next
    }

    /// As whom a client would bind; nil for nobody (RFC 4513 §5.1.1), for one without a password,
    /// who is not checked (§5.1.2), and for ways that tell no name.
    private static func bind(_ message: inout ByteReader) throws(ParseFailure) -> Logon? {
        var request = try message.element(0x60)
        _ = try request.elementNumber(0x02)
        var field = try request.element(0x04)
        let name = field.remaining <= 1024 ? field.text(1024) : ""
        let (way, size) = try request.elementHead()
        var rest = try request.take(size)
        switch way {
        case 0x80: return size > 0 ? account(name) : nil
        case 0xa3: return NTLMAuthenticate.logon(in: rest.restSpan())
        default: return nil
        }
    }

    /// The account that a distinguished name is of (RFC 4514), by its first part; or the name
    /// itself, as Active Directory also takes it.
    static func account(_ name: String) -> Logon? {
        guard name.utf8.contains(UInt8(ascii: "=")) else { return Logon(.ldap, name) }
        let parts = name.split(separator: ",").map { part in
            let sides = part.split(separator: "=", maxSplits: 1)
            return sides.count == 2
                ? (type: trimmed(sides[0]).lowercased(), value: trimmed(sides[1]))
                : (type: "", value: "")
        }
        guard let first = parts.first,
            ["uid", "cn", "samaccountname", "userprincipalname"].contains(first.type),
            !first.value.utf8.contains(UInt8(ascii: "\\"))
        else { return nil }
        let domain = parts.filter { $0.type == "dc" }.map(\.value).joined(separator: ".")
        return Logon(.ldap, first.value, domain: domain.isEmpty ? nil : domain)
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
