package import Wire

/// What a decoder makes of one frame.
package enum Decoding: Sendable {
    case packet(DecodedPacket)
    case neighbor(NeighborBinding)
    case dropped(Drop)
    case malformed(Anomaly)
    case held

    /// `wire` is the length the frame had before the snap length cut it.
    package init(_ frame: [UInt8], wire: Int? = nil, link: LinkType = .ethernet) {
        var batch = PacketBatch()
        // Bytes of a neighbor packet before and behind: nothing may be read of them.
        batch.append([9, 9, 9], wireBytes: 3, time: .zero, link: link, number: 1)
        batch.append(frame, wireBytes: wire ?? frame.count, time: .zero, link: link, number: 2)
        batch.append([9, 9, 9], wireBytes: 3, time: .zero, link: link, number: 3)
        var packet = DecodedPacket.empty
        var decoder = PacketDecoder()
        switch decoder.decode(batch.packets[1], in: &batch, into: &packet) {
        case .packet: self = .packet(packet)
        case .neighbor(let binding): self = .neighbor(binding)
        case .dropped(let drop): self = .dropped(drop)
        case .malformed(let anomaly): self = .malformed(anomaly)
        case .held: self = .held
        }
    }
}
