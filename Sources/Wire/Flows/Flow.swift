/// One direction of a flow: totals, and where its TCP stream stands.
struct Half: BitwiseCopyable {
    var packets: UInt64 = 0
    var wireBytes: UInt64 = 0
    /// Stream or datagram bytes seen for the first time.
    var payloadBytes: UInt64 = 0
    /// Stream bytes given up as never seen.
    var missingBytes: UInt64 = 0
    var mac = MACAddress.zero
    /// The first sequence number after the SYN, and the next one expected (RFC 9293 §3.4).
    var initial: UInt32 = 0
    var next: UInt32 = 0
    /// Sequence number of the FIN, once one was seen.
    var fin: UInt32 = 0
    var isSynchronized = false
    var hasFIN = false
    var isEnded = false

    var totals: SideTotals {
        var totals = SideTotals()
        totals.packets = packets
        totals.bytes = wireBytes
        totals.payloadBytes = payloadBytes
        totals.missingBytes = missingBytes
        totals.mac = mac
        return totals
    }
}

/// One conversation: a plain record in the flow table's slab. What a dissector keeps lies in
/// `FlowAnalysis`, and is reached only while the flow is still being dissected.
struct Flow: BitwiseCopyable {
    var key: FlowKey
    var number: UInt64
    var start: Timestamp
    var last: Timestamp
    /// From the key's first endpoint, and from its second.
    var forward = Half()
    var backward = Half()
    var vlan: UInt16
    /// The client is the key's first endpoint.
    var isClientFirst: Bool
    /// Seen from its SYN on (TCP), or from its first datagram.
    var isWhole: Bool
    var isClosed = false
    var isReset = false
    /// An event has named client and server, so they no longer change places.
    var hasSpoken = false
    var anomalies: UInt8 = 0
    /// Position in `Dissectors.all` plus one; 0 while unknown.
    var protocolIndex: UInt8 = 0

    subscript(direction: Int) -> Half {
        get { direction == 0 ? forward : backward }
        set {
            if direction == 0 { forward = newValue } else { backward = newValue }
        }
    }

    func side(of direction: Int) -> Side { (direction == 0) == isClientFirst ? .client : .server }

    var reference: FlowReference {
        FlowReference(
            number: number, client: isClientFirst ? key.first : key.second,
            server: isClientFirst ? key.second : key.first, transport: key.transport, vlan: vlan,
            start: start)
    }

    func ports(of direction: Int) -> Ports {
        direction == 0
            ? Ports(source: key.first.port, destination: key.second.port)
            : Ports(source: key.second.port, destination: key.first.port)
    }

    /// What the flow is worth keeping, least first.
    var value: (Int, Timestamp, UInt64) {
        (forward.packets > 0 && backward.packets > 0 ? 1 : 0, last, number)
    }

    func isExpired(at now: Timestamp, _ limits: borrowing Limits) -> Bool {
        let idle = now.nanoseconds(since: last)
        if key.transport == .udp { return idle > limits.udpIdle }
        return idle > (isClosed ? limits.closedLinger : limits.tcpIdle)
    }

    func summary(_ reason: FlowSummary.Reason) -> FlowSummary {
        FlowSummary(
            client: (isClientFirst ? forward : backward).totals,
            server: (isClientFirst ? backward : forward).totals, last: last,
            reason: isReset ? .reset : isClosed ? .closed : reason,
            appProtocol: protocolIndex == 0
                ? nil : Dissectors.all[Int(protocolIndex) - 1].name,
            isWhole: isWhole, anomalies: Int(anomalies))
    }
}
