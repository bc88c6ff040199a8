/// A keyed hash over bytes that come in pieces of any size: how they were cut makes no difference.
///
/// As `KeyedHash`, for comparing within one run and for nothing else.
package struct KeyedHashStream: BitwiseCopyable, Sendable {
    private let secret: KeyedHash
    private var hash: UInt64
    private var word: UInt64 = 0
    /// Bytes taken.
    package private(set) var count = 0

    package init(_ secret: KeyedHash) {
        self.secret = secret
        hash = secret.first
    }

    package mutating func feed(_ byte: UInt8) {
        word = word << 8 | UInt64(byte)
        count += 1
        if count & 7 == 0 { turn() }
    }

    private mutating func turn() {
        hash = KeyedHash.mix(hash ^ word, secret.second ^ UInt64(truncatingIfNeeded: count))
        word = 0
    }

    /// The hash of all bytes so far; the same bytes of another `kind` have another.
    package func value(kind: UInt8) -> UInt64 {
        var end = self
        end.turn()
        return secret.of(end.hash, then: UInt64(kind))
    }
}

extension KeyedHash {
    /// Of two numbers, in this order.
    package func of(_ a: UInt64, then b: UInt64) -> UInt64 {
        KeyedHash.mix(KeyedHash.mix(a ^ first, second), b ^ first)
    }
}
