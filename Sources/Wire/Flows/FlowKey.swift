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

    /// A multiply-mix hash keyed by `secrets`. Only placement depends on it, never output. The
    /// table uses its upper half, the choice of a worker the lower.
    @inline(__always)
    package func hash(_ secrets: FlowSecrets) -> UInt64 {
        let ports = UInt64(first.port) << 32 | UInt64(second.port) << 8 | UInt64(transport.rawValue)
        let words = secrets.words
        let a = FlowKey.mix(first.address.high ^ words[0], first.address.low ^ words[1])
        let b = FlowKey.mix(second.address.high ^ words[2], second.address.low ^ words[3])
        return FlowKey.mix(a ^ b ^ ports, words[4])
    }

    /// Which of `count` workers has this flow.
    package func worker(of count: Int, _ secrets: FlowSecrets) -> Int {
        // A part of the range for each: a division would cost more than the hash.
        Int((hash(secrets) & 0xffff_ffff) * UInt64(count) >> 32)
    }

    private static func mix(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}
