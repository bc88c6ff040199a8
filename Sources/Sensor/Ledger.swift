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
    /// Where the time went, when it was asked for.
    package var stages: StageTimes?

    package init() {}

    package var packets: Int { sources.reduce(0) { $0 + $1.packets } }
    package var wireBytes: Int { sources.reduce(0) { $0 + $1.wireBytes } }

    /// Cause → packets that were not fully used, the causes that happened only, sorted by name.
    /// Together with the used packets they are the packets read; `kernel` and `interface` come on
    /// top, for those were never read.
    package var drops: [(cause: String, count: Int)] {
        var all = Drop.allCases.filter { tally[$0] > 0 }.map { (cause: $0.name, count: tally[$0]) }
        all.append((cause: "kernel", count: kernelDrops))
        all.append((cause: "interface", count: interfaceDrops))
        return all.filter { $0.count > 0 }.sorted { $0.cause < $1.cause }
    }

    /// What bounds and holes took from streams and flows, and bytes that broke a rule; sorted by
    /// name. These count holes, flows and units, not packets.
    package var losses: [(cause: String, count: Int)] {
        var all = Loss.allCases.filter { tally[$0] > 0 }.map { (cause: $0.name, count: tally[$0]) }
        all += Anomaly.allCases.filter { tally[$0] > 0 }.map {
            (cause: "anomaly." + $0.name, count: tally[$0])
        }
        return all.sorted { $0.cause < $1.cause }
    }

    /// Flows that ended without a protocol, by transport and what was seen of them; sorted by name.
    package var unknownFlows: [(cause: String, count: Int)] {
        UnknownFlow.allCases.map { (cause: $0.name, count: tally[$0]) }.filter { $0.count > 0 }
            .sorted { $0.cause < $1.cause }
    }

    /// Whether every packet read is accounted for exactly once.
    package var isBalanced: Bool { tally.packets == packets }
}
