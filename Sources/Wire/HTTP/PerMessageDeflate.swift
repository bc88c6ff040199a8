/// What a server chose of the compression of WebSocket messages (RFC 7692 §7.1).
struct PerMessageDeflate: OptionSet, Hashable, Sendable {
    let rawValue: UInt8

    static let none: PerMessageDeflate = []
    static let isAgreed = PerMessageDeflate(rawValue: 1)
    /// The server's messages, and the client's, do not refer to those before.
    static let serverStartsAnew = PerMessageDeflate(rawValue: 2)
    static let clientStartsAnew = PerMessageDeflate(rawValue: 4)
    /// Nobody saw what was chosen.
    static let isUnknown = PerMessageDeflate(rawValue: 8)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    /// Of a Sec-WebSocket-Extensions field. The sizes of windows do not matter: a reader with the
    /// largest reads them all.
    init(_ field: String) {
        let lower = field.lowercased()
        self = []
        guard lower.contains("permessage-deflate") else { return }
        insert(.isAgreed)
        if lower.contains("server_no_context_takeover") { insert(.serverStartsAnew) }
        if lower.contains("client_no_context_takeover") { insert(.clientStartsAnew) }
    }

    /// Whether messages of `side` may be compressed.
    var isPossible: Bool { !isDisjoint(with: [.isAgreed, .isUnknown]) }

    /// Whether each message of `side` stands for itself.
    func startsAnew(_ side: Side) -> Bool {
        contains(side == .client ? .clientStartsAnew : .serverStartsAnew)
    }
}
