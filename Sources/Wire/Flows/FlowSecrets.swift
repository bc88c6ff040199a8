/// What flow keys are hashed with. Drawn anew for each run, so that nobody can send flows that all
/// meet in one place of the table; no output depends on it.
package struct FlowSecrets: BitwiseCopyable, Sendable {
    /// One for each half of both addresses, and one for what they come to with the ports: with a
    /// known number in place of any of them, an IPv6 address of that number hides the rest.
    private(set) var words: InlineArray<5, UInt64>

    /// Secrets from the system's own source of random numbers.
    package init() {
        var system = SystemRandomNumberGenerator()
        words = InlineArray { _ in system.next() }
    }

    /// The secrets that belong to `seed`: for tests.
    package init(seed: UInt64) {
        var state = seed
        words = InlineArray { _ in FlowSecrets.next(&state) }
    }

    /// Other secrets, as hard to guess as these.
    func renewed() -> FlowSecrets {
        var other = self
        var state = words[0] ^ words[4]
        for index in words.indices { other.words[index] = words[index] ^ FlowSecrets.next(&state) }
        return other
    }

    /// SplitMix64: spreads one number over many. Additions wrap on purpose.
    private static func next(_ state: inout UInt64) -> UInt64 {
        state = state &+ 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
