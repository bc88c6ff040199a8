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
        for index in bytes.indices {
            let byte = UInt64(bytes[index]) << UInt64(index % 8 * 8)
            if index < 8 { first |= byte } else { second |= byte }
        }
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
