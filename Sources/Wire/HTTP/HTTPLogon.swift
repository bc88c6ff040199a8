import Codecs

/// As whom a request comes, where its credentials say so in the clear: a name, and nothing of the
/// proof.
extension FieldValue {
    /// The name in NTLM's last message, alone or within Negotiate (RFC 4559).
    var logon: Logon? {
        let start: Int
        if whole.holds(anyCase: "ntlm ", at: 0) {
            start = 5
        } else if whole.holds(anyCase: "negotiate ", at: 0) {
            start = 10
        } else {
            return nil
        }
        // Tickets are longer than what NTLM sends.
        guard whole.count <= start + 8192,
            let token = Base64.decode([UInt8](copying: whole.extracting(start...)))
        else { return nil }
        return NTLMAuthenticate.logon(in: token.span)
    }

    /// The user of Basic (RFC 7617 §2): what stands before the first colon. The rest is dropped
    /// where it was decoded.
    var proxyLogon: Logon? {
        guard whole.holds(anyCase: "basic ", at: 0), whole.count <= 1024 else { return nil }
        var start = 6
        while start < whole.count, whole[start] == 32 { start += 1 }
        guard let pair = Base64.decode([UInt8](copying: whole.extracting(start...))),
            let colon = pair.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        return Logon(.proxy, String(decoding: pair[..<colon], as: UTF8.self))
    }
}
