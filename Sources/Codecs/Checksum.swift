/// A fast 64-bit checksum of bytes in memory: to compare two copies, never for security.
package enum Checksum {
    /// Sixteen bytes a step, in two lanes; the length counts too.
    package static func of(_ span: Span<UInt8>) -> UInt64 {
        unsafe span.withUnsafeBytes { bytes in
            var (a, b) = (
                UInt64(bytes.count) &+ 0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f as UInt64
            )
            var at = 0
            while at + 16 <= bytes.count {
                a = mix(a ^ (unsafe bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)))
                b = mix(b ^ (unsafe bytes.loadUnaligned(fromByteOffset: at + 8, as: UInt64.self)))
                at += 16
            }
            while at < bytes.count {
                a = mix(a ^ UInt64(unsafe bytes[at]))
                at += 1
            }
            return mix(a ^ b.byteSwapped)
        }
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        let product = value.multipliedFullWidth(by: 0xd6e8_feb8_6659_fd93)
        return product.high ^ product.low
    }
}
