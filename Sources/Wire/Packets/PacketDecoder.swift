/// What a packet turned out to be.
package enum Decoded: Sendable {
    /// A TCP segment or UDP datagram.
    case packet
    /// ARP or neighbor discovery: an address is at a MAC address.
    case neighbor(NeighborBinding)
    /// Nothing for a flow, and why.
    case dropped(Drop)
    /// Headers that break a rule.
    case malformed(Anomaly)
    /// A fragment that waits for the others of its datagram.
    case held
}

/// Walks link → network → transport, tunnels included. Keeps nothing between packets but the
/// fragments of datagrams that are not whole yet.
package struct PacketDecoder: Sendable {
    private var fragments: IPFragments
    /// Fragments that were counted later than they came.
    private var fragmentTally = Tally()

    /// Whether packets whose checksums do not fit are let go, as their receiver does. Not the
    /// default: a host's own packets are captured before its card fills the checksums in.
    private let verifiesChecksums: Bool

    package init(limits: Limits = Limits(), verifiesChecksums: Bool = false) {
        fragments = IPFragments(limits: limits)
        self.verifiesChecksums = verifiesChecksums
    }

    /// Fragments used or let go after their own call of `decode`, those that still wait among the
    /// latter: for them nobody else counts.
    package var tally: Tally {
        var tally = fragmentTally
        tally.count(.fragment, fragments.heldPackets)
        return tally
    }

    /// Fills `decoded` when the answer is `.packet`; otherwise what it holds means nothing. The
    /// caller lends the place, so that a packet is written once and never copied. A datagram put
    /// together from fragments is written behind the bytes of `batch`.
    package mutating func decode(
        _ packet: PacketBatch.Packet, in batch: inout PacketBatch,
        into decoded: inout DecodedPacket
    ) -> Decoded {
        if !verifiesChecksums, DirectPath.decode(packet, in: batch.bytes, &decoded) {
            return .packet
        }
        return walk(packet, &batch, &decoded)
    }

    @inline(never)
    private mutating func walk(
        _ packet: PacketBatch.Packet, _ batch: inout PacketBatch, _ decoded: inout DecodedPacket
    ) -> Decoded {
        var walk = PacketWalk(packet, verifiesChecksums: verifiesChecksums)
        let found = follow(&walk, packet, &batch, &decoded)
        switch found {
        case .dropped, .malformed: break
        default: return found
        }
        // A tunnel of something that no flow can be made of, or none after all.
        switch found {
        case .malformed(.tooDeep), .dropped(.badChecksum): return found
        default: break
        }
        return walk.isDatagram ? .packet : found
    }

    private mutating func follow(
        _ walk: inout PacketWalk, _ packet: PacketBatch.Packet, _ batch: inout PacketBatch,
        _ decoded: inout DecodedPacket
    ) -> Decoded {
        do throws(ParseFailure) {
            var found = try walk.decode(packet.link, batch.bytes.span, &decoded)
            // Every round puts together one datagram that stood in the one before.
            for _ in 0...Limits.standard.tunnelDepth {
                guard case .fragment(let header, let bytes) = found else { break }
                let key = IPFragments.Key(
                    source: header.source, destination: header.destination,
                    identification: header.fragment?.identification ?? 0,
                    next: header.source.isV4 ? header.next : 0, network: walk.path.network)
                guard let fragment = header.fragment else { return .dropped(.fragment) }
                switch fragments.add(
                    fragment, key, next: header.next, bytes, at: packet.time, &fragmentTally)
                {
                case .held: return .held
                case .dropped(let drop): return .dropped(drop)
                case .malformed(let anomaly): return .malformed(anomaly)
                case .whole(let payload, let next):
                    let start = batch.append(assembled: payload)
                    found = try walk.resume(
                        header, next, batch.bytes.span, at: start, payload.count, &decoded)
                }
            }
            return found.decoded
        } catch {
            switch error {
            case .malformed(let anomaly): return .malformed(anomaly)
            case .needMore:
                return packet.capturedBytes < packet.wireBytes
                    ? .dropped(.snaplen) : .malformed(.shortPacket)
            }
        }
    }
}

extension PacketBatch {
    /// Bytes that were in no packet as they stand; returns where they lie.
    fileprivate mutating func append(assembled payload: [UInt8]) -> Int {
        let start = bytes.count
        bytes.append(contentsOf: payload)
        return start
    }
}
