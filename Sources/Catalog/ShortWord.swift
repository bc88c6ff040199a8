/// A word of at most 15 bytes, kept as two numbers: two words are compared at once, and no text is
/// made to do so.
struct ShortWord: BitwiseCopyable, Equatable, Sendable {
    static let longest = 15

    private var first: UInt64 = 0
    /// The bytes from the ninth on, and the length in the highest byte: a zero byte is one too.
    private var second: UInt64 = 0

    /// Nil for a longer word.
    init?(_ bytes: Span<UInt8>) {
        guard bytes.count <= ShortWord.longest else { return nil }
        let half = min(8, bytes.count)
        for index in 0..<half { first = first << 8 | UInt64(bytes[index]) }
        for index in half..<bytes.count { second = second << 8 | UInt64(bytes[index]) }
        second |= UInt64(bytes.count) << 56
    }
}

/// The words that may stand in one place of a catalog file, and what each means.
struct Vocabulary<Value: RawRepresentable<String> & CaseIterable & Sendable>: Sendable {
    private let entries: [(word: ShortWord, value: Value)]

    init(_ type: Value.Type) {
        entries = type.allCases.compactMap { value in
            ShortWord(value.rawValue.utf8.span).map { ($0, value) }
        }
    }

    func value(of bytes: Span<UInt8>) -> Value? {
        guard let word = ShortWord(bytes) else { return nil }
        for entry in entries where entry.word == word { return entry.value }
        return nil
    }

    /// All of them, for a person.
    var list: String { Value.allCases.map(\.rawValue).joined(separator: ", ") }
}
