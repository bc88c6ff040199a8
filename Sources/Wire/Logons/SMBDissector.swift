/// SMB 2 and 3 as far as its sessions are set up (MS-SMB2 §2.2.5): who came in over NTLM.
package struct SMBDissector: Dissector {
    package static let name = "smb"
    package static let transport = Transport.tcp
    /// A session's setup is far shorter.
    private static let longest = 64 << 10
    /// Messages after which a connection sets up no session any more.
    private static let patience = 256

    private struct Waiting {
        var message: UInt64
        var logon: Logon
    }
    private var waiting: [Waiting] = []
    private var messages = 0

    package init() {}

    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        guard ports.either(445) else { return .no }
        let mark: [UInt8] = [0x53, 0x4d, 0x42]
        guard let kind = opening.peek(0) else { return .maybe }
        guard kind == 0 else { return .no }
        guard let protocolByte = opening.peek(4) else { return .maybe }
        guard protocolByte == 0xfe || protocolByte == 0xff else { return .no }
        for (at, expected) in mark.enumerated() {
            guard let byte = opening.peek(5 + at) else { return .maybe }
            guard byte == expected else { return .no }
        }
        // A server answers with the flag that says so (§2.2.1).
        let isAnswer: Bool
        if protocolByte == 0xfe {
            guard let flags = opening.peek(4 + 16) else { return .maybe }
            isAnswer = flags & 1 != 0
        } else {
            guard let flags = opening.peek(4 + 9) else { return .maybe }
            isAnswer = flags & 0x80 != 0
        }
        return .yes(isAnswer ? .server : .client)
    }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        let head = try input.uint32()
        guard head >> 24 == 0 else { return .done }
        let length = Int(head & 0xff_ffff)
        guard length >= 64 else { return .skip(length) }
        let mark = try input.uint32()
        messages += 1
        guard messages <= SMBDissector.patience else { return .done }
        guard mark == 0xfe53_4d42 else { return .skip(length - 4) }
        try input.skip(4)
        let status = try input.uint32()
        let command = try input.uint16()
        guard command == 0x0100, length <= SMBDissector.longest else { return .skip(length - 14) }
        try input.skip(2 + 4 + 4)
        let message = try input.uint64()
        var rest = try input.take(length - 32)
        if side == .client {
            guard let logon = NTLMAuthenticate.logon(in: rest.restSpan()) else { return .next }
            waiting.append(Waiting(message: message, logon: logon))
            if waiting.count > 16 { waiting.removeFirst() }
        } else if let place = waiting.firstIndex(where: { $0.message == message }) {
            let logon = waiting.remove(at: place).logon
            // Nobody came in as a guest or without a name (§2.2.6).
            let isGuest = (rest.peek(34) ?? 0) & 3 != 0
            if status == 0, !isGuest { emit(.logon(logon)) }
        }
        return .next
    }
}
