import Codecs

/// SSH up to its key exchange (RFC 4253): the banners, and of each KEXINIT the HASSH
/// (github.com/salesforce/hassh).
package struct SSHDissector: Dissector {
    package static let name = "ssh"
    package static let transport = Transport.tcp

    private static let longestBanner = 255
    /// Lines that a server may send before its banner, and may be read (RFC 4253 §4.2).
    private static let greetingLines = 32
    /// Packets before encryption are at most so long (RFC 4253 §6.1).
    private static let longestPacket = 35_000
    private static let kexInit: UInt8 = 20

    private var client: SSHMessage.Party?
    private var server: SSHMessage.Party?
    private var greetings = 0
    private var isTold = false

    package init() {}

    package var heldBytes: Int {
        (client?.algorithms?.utf8.count ?? 0) + (server?.algorithms?.utf8.count ?? 0)
    }

    /// The hash stands, what it is made of is long.
    package mutating func gap(from side: Side) {
        if side == .client { client?.algorithms = nil } else { server?.algorithms = nil }
    }

    /// Each side begins with its version; either may be the first, and the server's may stand
    /// behind other lines (RFC 4253 §4.2).
    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        let isAtOnce = beginsWithVersion(opening)
        guard isAtOnce == .no else { return isAtOnce }
        var at = 0
        for _ in 0..<greetingLines {
            guard let end = opening.from(at).distance(to: 10, within: longestBanner) else { break }
            at += end + 1
            guard opening.from(at).remaining > 0 else { break }
            switch beginsWithVersion(opening.from(at)) {
            // Of clients it may not stand behind anything.
            case .either: return .yes(.server)
            case .maybe: return .maybe
            case .yes, .no: continue
            }
        }
        return .no
    }

    private static func beginsWithVersion(_ opening: ByteReader) -> Likelihood {
        if opening.starts(with: "SSH-") {
            guard let digit = opening.peek(4) else { return .maybe }
            return digit == UInt8(ascii: "2") || digit == UInt8(ascii: "1") ? .either : .no
        }
        guard opening.remaining < 4 else { return .no }
        for at in 0..<opening.remaining where opening.peek(at) != mark(at) { return .no }
        return .maybe
    }

    private static func mark(_ at: Int) -> UInt8 {
        switch at {
        case 0, 1: UInt8(ascii: "S")
        case 2: UInt8(ascii: "H")
        default: UInt8(ascii: "-")
        }
    }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        guard party(side) != nil else { return try banner(&input, side) }
        return try packet(&input, side, emit: emit)
    }

    private func party(_ side: Side) -> SSHMessage.Party? { side == .client ? client : server }

    private mutating func set(_ party: SSHMessage.Party, _ side: Side) {
        if side == .client { client = party } else { server = party }
    }

    private mutating func banner(
        _ input: inout ByteReader, _ side: Side
    ) throws(ParseFailure) -> Step {
        guard let end = input.distance(to: 10, within: SSHDissector.longestBanner + 1) else {
            guard input.remaining <= SSHDissector.longestBanner else {
                throw .malformed(.badSSH)
            }
            throw .needMore(1)
        }
        guard input.starts(with: "SSH-") else {
            greetings += 1
            guard greetings <= SSHDissector.greetingLines else { throw .malformed(.badSSH) }
            try input.skip(end + 1)
            return .next
        }
        var line = try input.take(end + 1)
        try line.skip(4)
        guard let dash = line.distance(to: UInt8(ascii: "-")) else { throw .malformed(.badSSH) }
        let version = line.text(dash)
        try line.skip(1)
        var count = 0
        while let byte = line.peek(count), byte > 32, byte < 127 { count += 1 }
        let software = line.text(count)
        set(SSHMessage.Party(protocolVersion: version, software: software), side)
        return .next
    }

    /// A binary packet before encryption (RFC 4253 §6), of which only KEXINIT says something.
    ///
    ///     | packet length | padding length | payload | padding |
    private mutating func packet(
        _ input: inout ByteReader, _ side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        let length = Int(try input.uint32())
        guard length >= 2, length <= SSHDissector.longestPacket else {
            throw .malformed(.badSSH)
        }
        var packet = try input.take(length)
        let padding = Int(try packet.uint8())
        guard padding < packet.remaining else { throw .malformed(.badSSH) }
        var payload = try packet.take(packet.remaining - padding)
        guard try payload.uint8() == SSHDissector.kexInit, var party = party(side) else {
            return .next
        }
        let text = try SSHDissector.algorithms(&payload, of: side)
        party.hassh = Hash.md5Hex(text)
        if text.count <= Limits.standard.fieldBytes {
            party.algorithms = String(decoding: text, as: UTF8.self)
        }
        set(party, side)
        if client?.hassh != nil, server?.hassh != nil { tell(emit: emit) }
        return .done
    }

    /// Key exchange, then encryption, MAC and compression of the side's own direction (HASSH).
    private static func algorithms(
        _ payload: inout ByteReader, of side: Side
    ) throws(ParseFailure) -> [UInt8] {
        try payload.skip(16)
        var text: [UInt8] = []
        // Key exchange, host key; then ciphers, MACs, compressions, each to the server and back.
        for list in 0..<8 {
            var names = try payload.take(Int(try payload.uint32()))
            let isOwn = list == 0 || list >= 2 && (list % 2 == 0) == (side == .client)
            guard isOwn else { continue }
            if list > 0 { text.append(UInt8(ascii: ";")) }
            text += names.rest()
        }
        return text
    }

    private mutating func tell(emit: EmitMessage) {
        guard !isTold, client != nil || server != nil else { return }
        isTold = true
        emit(.ssh(SSHMessage(client: client, server: server)))
    }

    package mutating func finish(emit: EmitMessage) { tell(emit: emit) }
}
