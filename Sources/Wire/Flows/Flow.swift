/// One direction of a flow: totals, and where its TCP stream stands.
struct Half: BitwiseCopyable {
    struct State: OptionSet, BitwiseCopyable {
        let rawValue: UInt16
        /// `initial` and `next` are known.
        static let synchronized = State(rawValue: 1)
        static let hasFIN = State(rawValue: 2)
        /// The stream was seen to its FIN.
        static let ended = State(rawValue: 4)
        /// Somebody wants this direction's bytes; without it packets only count.
        static let read = State(rawValue: 8)
        /// Segments wait for a hole before them to be filled.
        static let parked = State(rawValue: 16)
        /// `stranger` is set.
        static let hasStranger = State(rawValue: 32)
        /// The stream was seen from its SYN on.
        static let hasSYN = State(rawValue: 64)
        /// A RST that could be the sender's was seen.
        static let hasRST = State(rawValue: 128)
        /// The table remembers holes of this direction.
        static let hasHoles = State(rawValue: 256)
    }

    var packets: UInt64 = 0
    var wireBytes: UInt64 = 0
    /// Stream or datagram bytes seen for the first time.
    var payloadBytes: UInt64 = 0
    /// Stream bytes never seen so far.
    var missingBytes: UInt64 = 0
    /// Bytes of a body that nobody reads: they pass by without another look.
    var skipping: UInt64 = 0
    var mac = MACAddress.zero
    /// The first sequence number after the SYN, and the next one expected (RFC 9293 §3.4).
    var initial: UInt32 = 0
    var next: UInt32 = 0
    /// Sequence number of the FIN or else of the RST, once one was seen.
    var fin: UInt32 = 0
    /// Where a segment far out of any window would have gone on, or what a SYN that was not
    /// believed would begin: one alone is not enough.
    var stranger: UInt32 = 0
    /// Signatures of the last two packets, to know a mirror's second copy.
    var lastSignature: UInt32 = 0
    var secondLastSignature: UInt32 = 0
    var state = State.read
    /// Of the first packet.
    var timeToLive: UInt8 = 0

    func has(_ wanted: State) -> Bool { state.contains(wanted) }

    var totals: SideTotals {
        var totals = SideTotals()
        totals.packets = packets
        totals.bytes = wireBytes
        totals.payloadBytes = payloadBytes
        totals.missingBytes = missingBytes
        totals.mac = mac
        totals.timeToLive = timeToLive
        return totals
    }
}

/// How long each kind of flow may be silent before it is over, in nanoseconds: the few limits that
/// every packet needs.
struct Patience: BitwiseCopyable {
    var udp: Int64
    var tcp: Int64
    var closed: Int64

    init(_ limits: Limits) {
        udp = limits.udpIdle
        tcp = limits.tcpIdle
        closed = limits.closedLinger
    }
}

/// One conversation: a plain record in the flow table's slab. What a dissector keeps lies in
/// `Dissection`, and is reached only while the flow is still being dissected.
struct Flow: BitwiseCopyable {
    /// What a flow is worth keeping when the table is full, least first.
    enum Rank: UInt8, BitwiseCopyable {
        /// Nobody answered, and nothing was said: a scan, a flood.
        case silent
        /// One side spoke, the other was not seen: a flood of hellos, or half a mirror.
        case oneSided
        case answered
    }

    /// What one more packet means for the flow.
    enum Progress {
        /// Counted; nobody wants more of it.
        case counted
        /// The mirror's second copy of a packet; not counted again.
        case duplicate
        /// Counted, but nobody reads this flow any more: it broke too many rules.
        case givenUp
        /// Counted; stream or dissector have to see it.
        case follow
        /// The flow was over before this packet, which begins another.
        case over
    }

    // What every packet needs lies together, so that it costs few lines of cache.
    var key: FlowKey
    var rank = Rank.silent
    /// A packet came since the eviction queue last looked.
    var isReferenced = false
    var isClosed = false
    /// The anomaly budget is spent.
    var isGivenUp = false
    /// Where the flow was seen.
    var network: UInt64
    var last: Timestamp
    /// From the key's first endpoint, and from its second.
    var halves = InlineArray<2, Half>(repeating: Half())

    var number: UInt64
    var start: Timestamp
    /// Another network in which its other direction, or a copy of it, went by; the same while there
    /// is none.
    var otherNetwork: UInt64
    /// Neighbors in the eviction queue of `rank`.
    var older: UInt32 = .max
    var newer: UInt32 = .max
    /// Place of its dissection in the table's slab, plus one; 0 while it has none.
    var dissection: UInt32 = 0
    /// The protocol that was recognized, and the first one where it has changed.
    var spoken: Dissectors.Kind?
    var carrier: Dissectors.Kind?
    /// The client is the key's first endpoint.
    var isClientFirst: Bool
    /// Seen from its SYN on (TCP), or from its first datagram.
    var isWhole: Bool
    var isReset = false
    /// An event has named client and server, so they no longer change places.
    var hasSpoken = false
    /// The table holds the flow's path.
    var hasPath = false
    var anomalies: UInt8 = 0
    var broken = AnomalySet()

    mutating func note(_ anomaly: Anomaly) {
        anomalies = min(anomalies, 254) + 1
        broken.insert(anomaly)
    }

    @inline(__always)
    func side(of direction: Int) -> Side { (direction == 0) == isClientFirst ? .client : .server }

    @inline(__always)
    func reference(_ path: SharedPath?) -> FlowReference {
        FlowReference(
            number: number, client: isClientFirst ? key.first : key.second,
            server: isClientFirst ? key.second : key.first, transport: key.transport, path: path,
            start: start)
    }

    /// The same for every event, so that they share one.
    func reference(_ path: SharedPath?, _ known: inout FlowReference?) -> FlowReference {
        if let known { return known }
        let made = reference(path)
        known = made
        return made
    }

    @inline(__always)
    func ports(of direction: Int) -> Ports {
        direction == 0
            ? Ports(source: key.first.port, destination: key.second.port)
            : Ports(source: key.second.port, destination: key.first.port)
    }

    @inline(__always)
    func summary(
        _ reason: FlowSummary.Reason, first: SideTotals, second: SideTotals
    ) -> FlowSummary {
        FlowSummary(
            client: isClientFirst ? first : second, server: isClientFirst ? second : first,
            last: last, reason: isReset ? .reset : isClosed ? .closed : reason,
            appProtocol: spoken?.name, carrierProtocol: carrier?.name, isWhole: isWhole,
            anomalies: Int(anomalies),
            broken: broken)
    }
}

extension Flow {
    /// What it is counted as when no protocol was recognized; nil when one was.
    @inline(__always)
    var unknown: UnknownFlow? {
        guard spoken == nil else { return nil }
        let hasPayload = halves[0].payloadBytes > 0 || halves[1].payloadBytes > 0
        switch (key.transport, hasPayload) {
        case (.tcp, false): return .tcpWithoutPayload
        case (.tcp, true): return isWhole ? .tcpUnrecognized : .tcpMidstream
        case (.udp, false): return .udpWithoutPayload
        case (.udp, true): return .udpUnrecognized
        }
    }
}

// MARK: - Time

extension Flow {
    /// Packet time for which the flow may be silent before it is over.
    @inline(__always)
    func silence(_ patience: Patience) -> Int64 {
        if key.transport == .udp { return patience.udp }
        return isClosed ? patience.closed : patience.tcp
    }

    @inline(__always)
    func isExpired(at now: Timestamp, _ patience: Patience) -> Bool {
        now.nanoseconds(since: last) > silence(patience)
    }
}

// MARK: - One more packet

extension Flow {
    /// The longest time between a packet and the mirror's second copy of it.
    private static var copyDelay: Int64 { 10_000_000 }
    /// Silence after which a SYN on an open connection is believed: the client has started anew.
    private static var staleness: Int64 { 60_000_000_000 }

    /// Counts `packet`, and says who else has to see it.
    @inline(__always)
    mutating func count(_ packet: DecodedPacket, _ patience: Patience) -> Progress {
        if isExpired(at: packet.time, patience) { return .over }
        let direction = packet.isForward ? 0 : 1
        if packet.flags.contains(.syn), isReplaced(by: packet, direction) { return .over }
        if isCopy(packet, direction) { return .duplicate }
        if packet.time > last { last = packet.time }
        isReferenced = true
        halves[direction].packets &+= 1
        halves[direction].wireBytes &+= UInt64(packet.wireBytes)
        if halves[direction].mac.value == 0 {
            halves[direction].mac = packet.sourceMAC
            halves[direction].timeToLive = packet.timeToLive
        }
        if packet.key.transport == .udp {
            halves[direction].payloadBytes &+= UInt64(packet.payloadBytes)
            if rank != .answered { return .follow }
            return halves[direction].state.contains(.read)
                ? .follow : isGivenUp ? .givenUp : .counted
        }
        return pass(packet, direction)
    }

    /// The packets of a stream that need no second look: in order, and wanted by nobody.
    @inline(__always)
    private mutating func pass(
        _ packet: DecodedPacket, _ direction: Int
    ) -> Progress {
        let special: TCPFlags = [.syn, .fin, .rst]
        let odd: Half.State = [.parked, .hasFIN, .hasRST]
        guard rank == .answered, packet.flags.isDisjoint(with: special),
            halves[direction].state.intersection([.synchronized, odd]) == .synchronized,
            !halves[1 - direction].state.contains(.parked)
        else { return .follow }
        guard packet.payloadBytes > 0 else { return .counted }
        guard packet.sequence == halves[direction].next else { return .follow }
        let bytes = UInt64(packet.payloadBytes)
        if halves[direction].state.contains(.read) {
            guard halves[direction].skipping >= bytes else { return .follow }
            halves[direction].skipping &-= bytes
        }
        halves[direction].next &+= UInt32(truncatingIfNeeded: packet.payloadBytes)
        halves[direction].payloadBytes &+= bytes
        return isGivenUp ? .givenUp : .counted
    }

    /// New bytes in their order. Sequence numbers wrap (RFC 9293 §3.4).
    @inline(__always)
    mutating func advance(_ direction: Int, by bytes: Int) {
        halves[direction].next &+= UInt32(truncatingIfNeeded: bytes)
        halves[direction].payloadBytes &+= UInt64(bytes)
    }

    /// A packet that a mirror of both directions delivered twice: the same identification, length,
    /// checksum and sequence number as one just before.
    @inline(__always)
    private mutating func isCopy(_ packet: DecodedPacket, _ direction: Int) -> Bool {
        let signature = packet.signature
        if signature & 1 != 0,
            signature == halves[direction].lastSignature
                || signature == halves[direction].secondLastSignature,
            Flow.isLike(packet, halves[direction].packets, last)
        {
            return true
        }
        halves[direction].secondLastSignature = halves[direction].lastSignature
        halves[direction].lastSignature = packet.signature
        return false
    }

    /// Whether `packet`, which has the signature of one of the last two in its direction, is a
    /// copy of it by its time.
    private static func isLike(
        _ packet: DecodedPacket, _ packets: UInt64, _ last: Timestamp
    ) -> Bool {
        packets > 0 && packet.time.nanoseconds(since: last) <= Flow.copyDelay
    }

    @inline(__always)
    func isIn(_ network: UInt64) -> Bool { network == self.network || network == otherNetwork }

    /// Whether `packet`, seen in a network where this flow was not seen yet, belongs to it all the
    /// same: a mirror may give each direction its own tags, or the same packet before and after a
    /// router. Proof is a copy of what just went by, or an answer to what was never answered.
    func isJoined(by packet: DecodedPacket, _ patience: Patience) -> Bool {
        guard network == otherNetwork, !isExpired(at: packet.time, patience) else { return false }
        let direction = packet.isForward ? 0 : 1
        let (half, other) = (halves[direction], halves[1 - direction])
        if packet.signature == half.lastSignature || packet.signature == half.secondLastSignature,
            Flow.isLike(packet, half.packets, last)
        {
            return true
        }
        guard half.packets == 0, other.packets > 0 else { return false }
        guard key.transport == .tcp else { return true }
        if packet.flags.contains(.syn) || !other.has(.synchronized) {
            return packet.flags.contains(.ack)
                && (!other.has(.synchronized) || packet.acknowledgment == other.initial)
        }
        // It acknowledges what was sent, or what the mirror will show in a moment.
        let ahead = Int32(bitPattern: packet.acknowledgment &- other.next)
        return packet.flags.contains(.ack) && ahead.magnitude < 1 << 20
    }

    /// Whether a SYN begins a new conversation on the ports of this one (RFC 9293 §3.10.7.4).
    ///
    /// A stray SYN must not make us forget an open connection: its peer would answer it with a
    /// challenge (RFC 5961 §4). It is believed when the flow is closed, stale or was never
    /// answered; otherwise only when the server's SYN-ACK answers it.
    @inline(never)
    private mutating func isReplaced(
        by packet: DecodedPacket, _ direction: Int
    ) -> Bool {
        let half = halves[direction]
        // The same SYN again, or the mirror's second copy of it, opens nothing.
        guard key.transport == .tcp, half.has(.synchronized), packet.sequence &+ 1 != half.initial
        else { return false }
        if isClosed || packet.time.nanoseconds(since: last) > Flow.staleness { return true }
        let other = halves[1 - direction]
        guard packet.flags.contains(.ack) else { return other.packets == 0 }
        // Half a mirror: nobody is there to compare with.
        if other.packets == 0 { return half.payloadBytes > 0 }
        // One that answers the same SYN again belongs to this conversation, whatever its number.
        return other.has([.synchronized, .hasStranger]) && packet.acknowledgment != other.initial
            && packet.acknowledgment == other.stranger
    }
}
