/// What packets had passed before they came by, by their TTLs: systems begin at 64, 128 or 255, and
/// whoever sends a packet on takes one off (RFC 1812 §5.3.1).
struct Routes: OptionSet, Sendable {
    let rawValue: UInt16
    private static let beginnings: [UInt8] = [64, 128, 255]

    init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Nothing where nobody sent the packet on; nor where more than three did, for such come from
    /// afar and tell nothing of a machine here.
    init(timeToLive: UInt8) {
        switch timeToLive {
        case 61...63: rawValue = 1 << UInt16(63 - timeToLive)
        case 125...127: rawValue = 8 << UInt16(127 - timeToLive)
        case 252...254: rawValue = 64 << UInt16(254 - timeToLive)
        default: rawValue = 0
        }
    }

    /// The TTLs that packets came with, one text each.
    var texts: [String] {
        guard rawValue != 0 else { return [] }
        let lives: [UInt8] = [63, 62, 61, 127, 126, 125, 254, 253, 252]
        return lives.filter { contains(Routes(timeToLive: $0)) }.map { "\($0)" }
    }

    /// Where the TTL of a text began.
    static func beginning(_ text: some StringProtocol) -> UInt8? {
        guard let value = UInt8(text) else { return nil }
        return beginnings.first { $0 >= value }
    }
}
