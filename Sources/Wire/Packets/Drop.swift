/// Why a packet, or some of its bytes, was not fully used. Every packet read is used or counted
/// here.
package enum Drop: UInt8, CaseIterable, BitwiseCopyable, Sendable {
    /// The snap length cut the packet inside a header.
    case snaplen
    /// The snap length cut the payload: its bytes are missing from their stream.
    case snaplenPayload
    /// A link type that Tyto does not decode.
    case unsupportedLink
    /// A network protocol that Tyto does not follow (STP, LLDP, …).
    case unsupportedNetwork
    /// A transport protocol that Tyto does not follow (ICMP, SCTP, …).
    case unsupportedTransport
    /// A later fragment of an IP datagram.
    case fragment
    /// Headers that break a rule; see the anomalies for which.
    case malformed
    /// Segments that brought nothing new: retransmissions, and packets mirrored twice.
    case duplicate
    /// Holes given up in TCP streams.
    case gap
    /// Flows let go because the flow table was full.
    case flowEvicted
    /// Segments not held because the memory for undissected bytes was used up.
    case streamMemory
    /// Flows no longer dissected because their anomaly budget was spent.
    case anomalyBudget

    /// The name in statistics and reports.
    package var name: String { String(describing: self) }
}

/// Counts of drops and anomalies: each thread fills its own, and they are added up at the end.
package struct Tally: Sendable {
    package private(set) var drops: [Drop: Int] = [:]
    package private(set) var anomalies: [Anomaly: Int] = [:]

    package init() {}

    package mutating func count(_ drop: Drop, _ amount: Int = 1) {
        drops[drop, default: 0] += amount
    }

    package mutating func count(_ anomaly: Anomaly) {
        anomalies[anomaly, default: 0] += 1
    }

    package mutating func add(_ other: Tally) {
        drops.merge(other.drops, uniquingKeysWith: +)
        anomalies.merge(other.anomalies, uniquingKeysWith: +)
    }
}
