/// A name, or a pattern of names: `*` stands for any run of characters, also none. Upper and lower
/// case are the same.
package struct NamePattern: Sendable, Hashable, CustomStringConvertible {
    /// Bytes of the longest pattern: of a name in DNS and some more.
    package static let longest = 256

    /// In lower case.
    package let text: String

    /// Nil for an empty text, and for one that is longer than any name.
    package init?(_ text: String) {
        guard (1...NamePattern.longest).contains(text.utf8.count) else { return nil }
        self.text = text.lowercased()
    }

    /// It names one thing only.
    package var isExact: Bool { !text.utf8.contains(UInt8(ascii: "*")) }

    /// Characters that a name must have: of two patterns the one with more says more.
    package var literals: Int { text.utf8.count { $0 != UInt8(ascii: "*") } }

    package var description: String { text }

    /// Whether a name is, or is like, this one. A name and a pattern of n and m bytes take n·m
    /// steps at most.
    package func matches(_ name: String) -> Bool {
        guard !isExact else { return name.lowercased() == text }
        let (pattern, name) = (Array(text.utf8), Array(name.lowercased().utf8))
        var (at, place) = (0, 0)
        // Where the last star stands, and how far what it stands for reaches.
        var (star, reach) = (-1, 0)
        while place < name.count {
            if at < pattern.count, pattern[at] == UInt8(ascii: "*") {
                (star, reach) = (at, place)
                at += 1
            } else if at < pattern.count, pattern[at] == name[place] {
                at += 1
                place += 1
            } else if star >= 0 {
                reach += 1
                (at, place) = (star + 1, reach)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == UInt8(ascii: "*") }
    }
}
