/// Both directions of a five-tuple: the lower endpoint first.
package struct FlowKey: BitwiseCopyable, Hashable, Sendable {
    package var first: Endpoint
    package var second: Endpoint
    package var transport: Transport

    /// The key of a packet, and whether it went from `first` to `second`.
    package static func of(
        from source: Endpoint, to destination: Endpoint, _ transport: Transport
    ) -> (key: FlowKey, isForward: Bool) {
        let isForward = source <= destination
        return (
            FlowKey(
                first: isForward ? source : destination,
                second: isForward ? destination : source, transport: transport), isForward
        )
    }

    /// A multiply-mix hash keyed by `seed`. Only placement depends on it, never output.
    package func hash(seed: UInt64) -> UInt64 {
        let ports = UInt64(first.port) << 32 | UInt64(second.port) << 8 | UInt64(transport.rawValue)
        let a = FlowKey.mix(first.address.high ^ seed, first.address.low ^ 0x9e37_79b9_7f4a_7c15)
        let b = FlowKey.mix(second.address.high ^ 0xc2b2_ae3d_27d4_eb4f, second.address.low ^ seed)
        return FlowKey.mix(a ^ b.byteSwapped ^ ports, 0x1656_67b1_9e37_79f9 ^ seed)
    }

    /// Which of `count` workers has this flow.
    package func worker(of count: Int, seed: UInt64) -> Int {
        Int(hash(seed: ~seed) >> 33) % count
    }

    private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}
