/// The products of a User-Agent field (RFC 9110 §10.1.5).
struct UserAgent {
    /// Bytes of the field that are looked at; what names a program stands near the front.
    static let longest = 512

    let bytes: [UInt8]
    /// Where each word is: what stands between spaces, parentheses, commas and semicolons.
    let words: [Range<Int>]

    init(_ text: String) {
        bytes = Array(text.utf8.prefix(UserAgent.longest))
        var words: [Range<Int>] = []
        var start = 0
        for (index, byte) in bytes.enumerated() where UserAgent.isSeparator(byte) {
            if index > start { words.append(start..<index) }
            start = index + 1
        }
        if bytes.count > start { words.append(start..<bytes.count) }
        self.words = words
    }

    /// The product that begins with a word: `aider` and `0.86.2` of `aider/0.86.2`, `OpenAI/Python`
    /// and `3.54.0` of `OpenAI/Python 3.54.0`.
    func product(at index: Int) -> (name: String, version: String?) {
        let word = bytes[words[index]]
        for slash in word.indices where word[slash] == UInt8(ascii: "/") {
            let after = word[(slash + 1)...]
            guard slash > word.startIndex, UserAgent.isVersion(after) else { continue }
            return (text(word[..<slash]), text(after.prefix { $0 != UInt8(ascii: "/") }))
        }
        // Some SDKs write the version as a word of its own, one space behind a name with a slash.
        if word.contains(UInt8(ascii: "/")), index + 1 < words.count {
            let next = words[index + 1]
            if next.lowerBound == word.endIndex + 1, bytes[word.endIndex] == UInt8(ascii: " "),
                UserAgent.isVersion(bytes[next])
            {
                return (text(word), text(bytes[next]))
            }
        }
        return (text(word.withoutFinalSlash), nil)
    }

    /// A digit, or `v` and a digit, begins it.
    private static func isVersion(_ bytes: ArraySlice<UInt8>) -> Bool {
        let rest =
            bytes.first.map { $0 | 0x20 == UInt8(ascii: "v") } == true ? bytes.dropFirst() : bytes
        return rest.first.map { $0 >= 48 && $0 <= 57 } == true
    }

    private static func isSeparator(_ byte: UInt8) -> Bool {
        byte <= 32 || byte == UInt8(ascii: "(") || byte == UInt8(ascii: ")")
            || byte == UInt8(ascii: ";") || byte == UInt8(ascii: ",")
    }

    private func text(_ bytes: ArraySlice<UInt8>) -> String {
        String(decoding: bytes, as: UTF8.self)
    }
}

extension ArraySlice<UInt8> {
    fileprivate var withoutFinalSlash: ArraySlice<UInt8> {
        last == UInt8(ascii: "/") && count > 1 ? dropLast() : self
    }
}
