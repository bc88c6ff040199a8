package import Wire

/// What became of every packet: opens every report.
package struct Ledger: Sendable {
    package var sources: [FeedRecord] = []
    package var tally = Tally()
    package var flows = 0
    package var events = 0
    /// Packets that the kernel or the card let go before they reached us (live only).
    package var kernelDrops = 0
    package var interfaceDrops = 0

    package init() {}

    package var packets: Int { sources.reduce(0) { $0 + $1.packets } }
    package var wireBytes: Int { sources.reduce(0) { $0 + $1.wireBytes } }

    /// Cause → count, the causes that happened only, sorted by name.
    package var drops: [(cause: String, count: Int)] {
        var all = tally.drops.map { (cause: $0.key.name, count: $0.value) }
        all += tally.anomalies.map { (cause: "anomaly." + $0.key.name, count: $0.value) }
        if kernelDrops > 0 { all.append((cause: "kernel", count: kernelDrops)) }
        if interfaceDrops > 0 { all.append((cause: "interface", count: interfaceDrops)) }
        return all.sorted { $0.cause < $1.cause }
    }
}
