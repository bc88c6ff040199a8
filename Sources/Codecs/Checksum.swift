/// A fast 64-bit checksum of bytes in memory: to compare two copies, never for security.
package enum Checksum {
    /// Thirty-two bytes a step, in two lanes; the length counts too.
    package static func of(_ span: Span<UInt8>) -> UInt64 {
        unsafe span.withUnsafeBytes { bytes in
            var (a, b) = (
                UInt64(bytes.count) &+ 0x9e37_79b9_7f4a_7c15, 0xc2b2_ae3d_27d4_eb4f as UInt64
            )
            var at = 0
            while at + 32 <= bytes.count {
                a = unsafe mix(a ^ word(bytes, at), word(bytes, at &+ 8))
                b = unsafe mix(b ^ word(bytes, at &+ 16), word(bytes, at &+ 24))
                at &+= 32
            }
            while at + 8 <= bytes.count {
                a = unsafe mix(a ^ word(bytes, at), 0)
                at &+= 8
            }
            while at < bytes.count {
                a = mix(a ^ UInt64(unsafe bytes[at]), 0)
                at += 1
            }
            return mix(a ^ b.byteSwapped, 0)
        }
    }

    /// Eight bytes that lie within: every caller has looked. Nothing here can overflow.
    @inline(__always)
    private static func word(_ bytes: UnsafeRawBufferPointer, _ at: Int) -> UInt64 {
        unsafe bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self)
    }

    @inline(__always)
    private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b ^ 0xd6e8_feb8_6659_fd93)
        return product.high ^ product.low
    }
}
