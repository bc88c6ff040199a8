/// Finds what was numbered 0, 1, 2… in the order of `add` by the hash of its text.
///
/// Two texts may have one hash: who asks compares the texts.
struct TextIndex: Sendable {
    private var heads = HashIndex()
    /// The number before each that has the same hash, or -1.
    private var earlier: [Int32] = []

    /// The next number, for a text with `hash`.
    mutating func add(_ hash: UInt64) {
        let number = earlier.count
        earlier.append(Int32(truncatingIfNeeded: heads.set(number, under: hash)))
    }

    /// The number with `hash` that `isIt`; nil when there is none.
    func first(_ hash: UInt64, where isIt: (Int) -> Bool) -> Int? {
        var number = heads.line(under: hash)
        while number >= 0 {
            if isIt(number) { return number }
            number = Int(earlier[number])
        }
        return nil
    }

    /// FNV-1a over 64 bits, from the last byte to the first.
    static func hash(_ bytes: Span<UInt8>) -> UInt64 {
        var hash = seed
        for index in bytes.indices.reversed() { hash = mix(hash, bytes[index]) }
        return hash
    }

    static let seed: UInt64 = 0xcbf2_9ce4_8422_2325
    /// The product wraps, as FNV means it to.
    static func mix(_ hash: UInt64, _ byte: UInt8) -> UInt64 {
        (hash ^ UInt64(byte)) &* 0x100_0000_01b3
    }
}
