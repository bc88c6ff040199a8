/// A fast hash under a secret, for places in a table and nothing else: who does not know the secret
/// cannot make keys that meet. Never for what is put out, nor for security.
package struct KeyedHash: BitwiseCopyable, Sendable {
    package let first: UInt64
    package let second: UInt64

    /// A secret from the system's own source of random numbers.
    package init() {
        var random = SystemRandomNumberGenerator()
        first = random.next()
        second = random.next()
    }

    /// Sixteen bytes a step, the last ones twice where they are no whole step; the length counts
    /// too.
    package func of(_ text: String) -> UInt64 { of(text.utf8.span) }

    /// As of a text.
    package func of(_ span: Span<UInt8>) -> UInt64 {
        unsafe span.withUnsafeBytes { bytes in
            var hash = first
            let count = bytes.count
            // Spread out, so that no byte makes up for another length.
            let length = UInt64(count) &* 0x9e37_79b9_7f4a_7c15
            if count < 8 {
                var word: UInt64 = 0
                for at in 0..<count { word = word << 8 | UInt64(unsafe bytes[at]) }
                return KeyedHash.mix(hash ^ word, second ^ length)
            }
            var at = 0
            while at + 16 < count {
                let low = unsafe bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
                let high = unsafe bytes.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self)
                hash = KeyedHash.mix(hash ^ low, second ^ high)
                at += 16
            }
            let from = max(count - 16, 0)
            let low = unsafe bytes.loadUnaligned(fromByteOffset: from, as: UInt64.self)
            let high = unsafe bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self)
            return KeyedHash.mix(KeyedHash.mix(hash ^ low, second ^ high), first ^ length)
        }
    }

    static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}
