import Glibc

/// Stands for a value that is nobody's business: a person's name in a request, the id of a task.
///
/// HMAC-SHA-256 under a key, of which 64 bits are kept: equal values have equal pseudonyms, and who
/// has no key cannot try values out. The key is `TYTO_HASH_KEY`, else drawn anew in each run, so
/// that pseudonyms of two runs have nothing to do with each other.
package struct Pseudonym: Sendable, Hashable {
    package let value: UInt64

    private static let hash: KeyedSHA256 = {
        if let key = unsafe getenv("TYTO_HASH_KEY") {
            let digest = Hash.sha256(Array(unsafe String(cString: key).utf8))
            return KeyedSHA256(key: digest.span)
        }
        var random = SystemRandomNumberGenerator()
        var key: [UInt8] = []
        for _ in 0..<4 {
            let word: UInt64 = random.next()
            key += (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) }
        }
        return KeyedSHA256(key: key.span)
    }()

    /// Tells the keys of two runs apart, and nothing of the key.
    package static let ofKey = Pseudonym(of: "the key of this run")

    package init(of text: String) {
        var bytes = Array(text.utf8)
        // What is longer than one block of the code is hashed before.
        if bytes.count > KeyedSHA256.Message.limit { bytes = Hash.sha256(bytes) }
        let code = Pseudonym.hash.code(of: KeyedSHA256.Message(bytes.span)).bytes
        var value: UInt64 = 0
        for at in 0..<8 { value = value << 8 | UInt64(code[at]) }
        self.value = value
    }

    /// Sixteen hex digits.
    package var text: String {
        var digits: [UInt8] = []
        for shift in stride(from: 60, through: 0, by: -4) {
            digits.append(Hash.digit(UInt8(truncatingIfNeeded: value >> UInt64(shift) & 15)))
        }
        return String(decoding: digits, as: UTF8.self)
    }
}
