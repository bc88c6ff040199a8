import Codecs

/// What hosts tell each other of names without a server: mDNS (RFC 6762), LLMNR (RFC 4795) and
/// NetBIOS (RFC 1002 §4.2). Anyone on a link can say anything there.
package struct LocalNames: Sendable, Hashable {
    package enum Way: String, Sendable {
        case mdns, llmnr, nbns
    }
    package var way: Way
    /// In the form of DNS, which all three have. Names of NetBIOS are decoded: 15 characters
    /// without the blanks that fill them.
    package var message: DNSMessage
}

/// mDNS (RFC 6762 §§3, 18).
package struct MDNSDissector: Dissector {
    package static let name = LocalNames.Way.mdns.rawValue
    package static let transport = Transport.udp

    package init() {}

    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        ports.either(5353) ? LocalNamesHeader.likelihood(of: opening) : .no
    }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        let message = try DNSMessage(parsing: input.restSpan(), isLocal: true)
        emit(.localNames(LocalNames(way: .mdns, message: message)))
        return .next
    }
}

/// LLMNR (RFC 4795 §2.1).
package struct LLMNRDissector: Dissector {
    package static let name = LocalNames.Way.llmnr.rawValue
    package static let transport = Transport.udp

    package init() {}

    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        ports.either(5355) ? LocalNamesHeader.likelihood(of: opening) : .no
    }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        let message = try DNSMessage(parsing: input.restSpan())
        emit(.localNames(LocalNames(way: .llmnr, message: message)))
        return .next
    }
}

/// NetBIOS name service (RFC 1002 §4.2): DNS of its own records and names of half bytes.
package struct NBNSDissector: Dissector {
    package static let name = LocalNames.Way.nbns.rawValue
    package static let transport = Transport.udp

    package init() {}

    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        ports.either(137) ? LocalNamesHeader.likelihood(of: opening) : .no
    }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        var message = try DNSMessage(parsing: input.restSpan(), isLocal: true)
        for at in message.questions.indices {
            message.questions[at].name = NBNSDissector.decoded(message.questions[at].name)
        }
        for at in message.answers.indices {
            message.answers[at].name = NBNSDissector.decoded(message.answers[at].name)
        }
        emit(.localNames(LocalNames(way: .nbns, message: message)))
        return .next
    }

    /// A name of 32 letters, two for each byte (RFC 1001 §14.1): 15 characters, and a suffix that
    /// says which of the host's names it is. As it stands where it is none.
    static func decoded(_ name: String) -> String {
        let letters = Array(name.utf8.prefix { $0 != UInt8(ascii: ".") })
        guard letters.count == 32, letters.allSatisfy({ (65...80).contains($0) }) else {
            return name
        }
        var text: [UInt8] = []
        for at in stride(from: 0, to: 32, by: 2) {
            text.append((letters[at] - 65) << 4 | (letters[at + 1] - 65))
        }
        let suffix = text.removeLast()
        while text.last == 32 || text.last == 0 { text.removeLast() }
        guard text.allSatisfy({ (33...126).contains($0) }), !text.isEmpty else { return name }
        return String(decoding: text, as: UTF8.self) + "<" + Hash.hex([suffix]) + ">"
    }
}

/// What the headers of all three have in common: DNS's (RFC 1035 §4.1.1), with few records.
enum LocalNamesHeader {
    /// Who asks and who answers change places, so the header tells nothing of client and server.
    static func likelihood(of opening: ByteReader) -> Likelihood {
        guard opening.remaining > DNSMessage.headerBytes,
            [4, 6, 8, 10].allSatisfy({ opening.peek($0) == 0 })
        else { return .no }
        return .either
    }
}
