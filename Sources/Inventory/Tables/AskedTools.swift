import Codecs
import Wire

/// Tools that models asked their clients to call, until the client calls one with equal arguments.
///
/// By host and arguments, whose values are not kept. Bounded, the oldest making room; times are
/// those of packets.
struct AskedTools {
    /// A model's wish.
    struct Wish {
        var tool: String
        var model: String
        var server: Endpoint
        /// When the model was asked, where that was seen, and when it answered.
        var asked: Timestamp?
        var time: Timestamp
        /// Of the request to the model.
        var trace: String?
    }
    private struct Key: TableKey {
        var host: IPAddress
        var arguments: UInt64

        func hash(_ secret: KeyedHash) -> UInt64 { secret.of(host, arguments) }
    }

    static let capacity = 4096
    private static let perMark = 4
    /// Between the model's answer and the call, at most: 30 seconds.
    static let patience: Int64 = 30_000_000_000

    /// Of different tools with the same arguments, at most 4: the oldest makes room.
    private var wishes = RecentTable<Key, [Wish]>(capacity: AskedTools.capacity)
    /// Calls that came though no model had asked: whoever makes such ones, may make them again.
    private var unasked = RecentTable<Key, String>(capacity: AskedTools.capacity)
    /// Entries that made room.
    var dropped: Int { wishes.dropped + unasked.dropped }

    mutating func note(_ wish: Wish, _ arguments: ArgumentMark, by host: IPAddress) {
        guard arguments.isTelling else { return }
        wishes.put(Key(host: host, arguments: arguments.value), [wish]) { known in
            known.removeAll { $0.tool == wish.tool }
            if known.count >= AskedTools.perMark { known.removeFirst() }
            known.append(wish)
        }
    }

    /// The wish that a call fulfils: of that tool, with equal arguments, soon after; nil where
    /// there is none, and where the same call is made without one.
    mutating func wish(
        for tool: String, _ arguments: ArgumentMark, by host: IPAddress, at time: Timestamp
    ) -> Wish? {
        guard arguments.isTelling else { return nil }
        let key = Key(host: host, arguments: arguments.value)
        let known = wishes[key]?.last {
            AskedTools.isSame($0.tool, tool)
                && (0...AskedTools.patience).contains(time.nanoseconds(since: $0.time))
        }
        if let wish = known {
            return unasked[key].map { AskedTools.isSame($0, tool) } == true ? nil : wish
        }
        unasked.put(key, tool)
        return nil
    }

    /// Whether a model's name of a tool stands for the server's: the same, but for what names of
    /// functions must not hold, or with a client's prefix before it (`mcp__server__tool`).
    static func isSame(_ asked: String, _ called: String) -> Bool {
        let (asked, called) = (asked.utf8.span, called.utf8.span)
        guard called.count > 0, asked.count >= called.count else { return false }
        let start = asked.count - called.count
        for at in 0..<called.count where plain(asked[start + at]) != plain(called[at]) {
            return false
        }
        return start == 0 || (start > 1 && plain(asked[start - 1]) == 95)
    }

    /// Letters and digits as they are; all else is one.
    private static func plain(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 48...57, 65...90, 97...122, 128...: byte
        default: 95
        }
    }
}
