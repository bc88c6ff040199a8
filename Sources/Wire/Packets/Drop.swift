/// Why a packet was not fully used. Every packet read is either used or counted under exactly one
/// of these, so their sum and the used ones are the packets read.
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
    /// A frame whose link layer is encrypted (802.11, MACsec).
    case encryptedLink
    /// A fragment of an IP datagram whose other fragments did not come, or contradict it.
    case fragment
    /// A fragment that had to make room for newer ones.
    case fragmentMemory
    /// Headers that break a rule; see the anomalies for which.
    case malformed
    /// A checksum of IPv4, TCP or UDP that does not fit; looked at only when asked for.
    case badChecksum
    /// A packet that the mirror delivered twice, or a segment that brought nothing new.
    case duplicate
    /// Its stream has a hole before it, and it does not look like the beginning of anything; or it
    /// came after its place had been given up.
    case gap
    /// Its bytes could not be kept: the memory for undissected bytes was used up.
    case streamMemory
    /// Its flow is no longer dissected because the anomaly budget was spent.
    case anomalyBudget

    /// The name in statistics and reports.
    package var name: String { String(describing: self) }
}

/// What a bound or the network took from streams and flows. Not packets: one may lose many.
package enum Loss: UInt8, CaseIterable, BitwiseCopyable, Sendable {
    /// Holes given up in TCP streams.
    case hole
    /// Flows let go because the flow table was full.
    case flowEvicted
    /// Flows whose undissected bytes were let go because the memory for them was used up.
    case streamEvicted
    /// Flows no longer dissected because their anomaly budget was spent.
    case flowGivenUp
    /// Bodies and messages that would have come to far more bytes than were sent; what had come of
    /// them was read.
    case expansion
    /// WebSocket messages that could not be read, because what they were compressed against was
    /// lost.
    case webSocketMessage
    /// Streams of HTTP/2 of which no body was read, because a flow had too many or too much.
    case http2Stream
    /// Messages of gRPC longer than the limit.
    case grpcMessage

    /// The name in statistics and reports.
    package var name: String { String(describing: self) }
}

/// Flows that ended without a protocol, by what was seen of them.
package enum UnknownFlow: UInt8, CaseIterable, BitwiseCopyable, Sendable {
    /// TCP without payload: scans, refused and unused connections.
    case tcpWithoutPayload
    /// TCP with payload, whose beginning was not seen.
    case tcpMidstream
    /// TCP with payload from its beginning on, that begins like no protocol Tyto knows.
    case tcpUnrecognized
    /// UDP without payload.
    case udpWithoutPayload
    /// UDP with payload that begins like no protocol Tyto knows.
    case udpUnrecognized

    /// The name in statistics and reports.
    package var name: String { String(describing: self) }
}

/// Counts of packets used, drops, losses and anomalies: each thread fills its own, and they are
/// added up at the end.
package struct Tally: Sendable {
    /// Packets whose every byte was given to whoever wanted it.
    package private(set) var used = 0
    private var dropped = [Int](repeating: 0, count: Drop.allCases.count)
    private var lost = [Int](repeating: 0, count: Loss.allCases.count)
    private var unknown = [Int](repeating: 0, count: UnknownFlow.allCases.count)
    private var odd = [Int](repeating: 0, count: Anomaly.allCases.count)

    package init() {}

    package mutating func countUsed(_ packets: Int = 1) { used += packets }

    package mutating func count(_ drop: Drop, _ packets: Int = 1) {
        dropped[Int(drop.rawValue)] += packets
    }

    package mutating func count(_ loss: Loss) { lost[Int(loss.rawValue)] += 1 }

    package mutating func count(_ flow: UnknownFlow) { unknown[Int(flow.rawValue)] += 1 }

    package mutating func count(_ anomaly: Anomaly) { odd[Int(anomaly.rawValue)] += 1 }

    package mutating func add(_ other: Tally) {
        used += other.used
        for index in dropped.indices { dropped[index] += other.dropped[index] }
        for index in lost.indices { lost[index] += other.lost[index] }
        for index in unknown.indices { unknown[index] += other.unknown[index] }
        for index in odd.indices { odd[index] += other.odd[index] }
    }

    package subscript(drop: Drop) -> Int { dropped[Int(drop.rawValue)] }
    package subscript(loss: Loss) -> Int { lost[Int(loss.rawValue)] }
    package subscript(flow: UnknownFlow) -> Int { unknown[Int(flow.rawValue)] }
    package subscript(anomaly: Anomaly) -> Int { odd[Int(anomaly.rawValue)] }

    /// Packets used and dropped: all that were read.
    package var packets: Int { dropped.reduce(used, +) }
}
