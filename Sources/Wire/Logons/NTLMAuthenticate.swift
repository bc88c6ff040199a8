import Codecs

/// The last of NTLM's three messages, AUTHENTICATE (MS-NLMP §2.2.1.3): account, domain and machine
/// by name. Of the proof that goes with them nothing is read.
struct NTLMAuthenticate {
    private static let signature: [UInt8] = [0x4e, 0x54, 0x4c, 0x4d, 0x53, 0x53, 0x50, 0]
    private static let headBytes = 64

    /// The message in `token`, wherever it begins: SPNEGO and LDAP put their own heads before it.
    /// Nil where there is none, or it names nobody.
    static func logon(in token: Span<UInt8>) -> Logon? {
        var start = 0
        while let at = token.position(of: 0x4e, in: start..<token.count) {
            guard at + headBytes <= token.count else { return nil }
            if signature.indices.allSatisfy({ token[at + $0] == signature[$0] }),
                token.littleUInt32(at: at + 8) == 3
            {
                return logon(token.extracting(at...))
            }
            start = at + 1
        }
        return nil
    }

    private static func logon(_ message: Span<UInt8>) -> Logon? {
        let isUnicode = message.littleUInt32(at: 60) & 1 != 0
        guard let user = text(message, at: 36, isUnicode), let name = user else { return nil }
        guard let domain = text(message, at: 28, isUnicode),
            let workstation = text(message, at: 44, isUnicode),
            var logon = Logon(.ntlm, name, domain: domain)
        else { return nil }
        logon.workstation = workstation.flatMap(Logon.plain)
        return logon
    }

    /// The text that the field at `at` points to; its inner nil is an empty one, the outer one that
    /// does not fit.
    private static func text(_ message: Span<UInt8>, at: Int, _ isUnicode: Bool) -> String?? {
        let length = Int(message[at]) | Int(message[at + 1]) << 8
        let offset = Int(message.littleUInt32(at: at + 4))
        if length == 0 { return .some(nil) }
        guard length <= 4 * Logon.longest, offset >= headBytes, offset <= message.count - length
        else { return nil }
        let bytes = message.extracting(offset..<(offset + length))
        guard isUnicode else { return String(copying: bytes) }
        var units: [UInt16] = []
        for place in stride(from: 0, to: length - 1, by: 2) {
            units.append(UInt16(bytes[place]) | UInt16(bytes[place + 1]) << 8)
        }
        return String(decoding: units, as: UTF16.self)
    }
}
