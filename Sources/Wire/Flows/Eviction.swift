/// Flows of one rank, oldest first: a list that runs through the flow records themselves.
struct EvictionQueue: BitwiseCopyable {
    var oldest = UInt32.max
    var newest = UInt32.max
    var count = 0
}

/// Who makes room when the flow table, or the memory for undissected bytes, is full: the least
/// valuable first, and among those of one rank the one that was silent longest (by second chance,
/// so that a packet costs one flag and no list).
extension FlowTable {
    /// Flows of a queue that are looked at before one has to go whatever it did.
    private static let chances = 16
    /// A flood may fill the table, but not keep every new connection out of a full one: ranks below
    /// the highest are sure of this part of it.
    private static let reservedPart = 16

    mutating func enqueue(_ index: Int) {
        let rank = Int(flows.span[index].rank.rawValue)
        let newest = queues[rank].newest
        flows[index].older = newest
        flows[index].newer = .max
        if newest == .max {
            queues[rank].oldest = UInt32(index)
        } else {
            flows[Int(newest)].newer = UInt32(index)
        }
        queues[rank].newest = UInt32(index)
        queues[rank].count += 1
    }

    mutating func dequeue(_ index: Int) {
        let rank = Int(flows.span[index].rank.rawValue)
        let (older, newer) = (flows.span[index].older, flows.span[index].newer)
        if older == .max { queues[rank].oldest = newer } else { flows[Int(older)].newer = newer }
        if newer == .max { queues[rank].newest = older } else { flows[Int(newer)].older = older }
        queues[rank].count -= 1
    }

    /// Moves a flow up when it has shown what it is worth.
    @inline(__always)
    mutating func promote(_ index: Int, _ packet: DecodedPacket) {
        let known = flows.span[index].rank
        if known != .answered { promote(index, packet, from: known) }
    }

    private mutating func promote(_ index: Int, _ packet: DecodedPacket, from known: Flow.Rank) {
        let rank: Flow.Rank =
            half(index, 0).packets > 0 && half(index, 1).packets > 0
            ? .answered : packet.payloadBytes > 0 ? .oneSided : known
        guard rank != known else { return }
        dequeue(index)
        flows[index].rank = rank
        enqueue(index)
    }

    /// Lets one flow go. A flood costs a short look, never a search of all.
    mutating func evict(at time: Timestamp, packet: UInt64, emit: Emit) {
        let reserve = capacity / FlowTable.reservedPart
        var rank = 0
        while rank < 2, queues[rank].count <= reserve { rank += 1 }
        while queues[rank].count == 0, rank > 0 { rank -= 1 }
        var chances = FlowTable.chances
        while chances > 0, flows.span[Int(queues[rank].oldest)].isReferenced {
            spare(Int(queues[rank].oldest))
            chances -= 1
        }
        tally.count(.flowEvicted)
        end(Int(queues[rank].oldest), .evicted, at: time, packet: packet, emit: emit)
    }

    /// A second chance: to the young end of its queue.
    private mutating func spare(_ index: Int) {
        flows[index].isReferenced = false
        dequeue(index)
        enqueue(index)
    }

    /// Makes room for undissected bytes: what the least valuable flows hold is let go, and at worst
    /// what `index` holds itself.
    mutating func evictBytes(keeping index: Int) {
        for rank in 1...2 {
            var looks = min(queues[rank].count, 4 * FlowTable.chances)
            while heldBytes > heldLimit, looks > 0 {
                let oldest = Int(queues[rank].oldest)
                if oldest != index { letGo(oldest) }
                spare(oldest)
                looks -= 1
            }
        }
        if heldBytes > heldLimit { letGo(index) }
    }

    private mutating func letGo(_ index: Int) {
        guard let place = dissection(of: index), dissections.span[place].heldBytes > 0 else {
            return
        }
        tally.count(.streamEvicted)
        for direction in 0...1 {
            forgetParked(index, direction)
            dissections[place].lose(.max, of: &flows[index], direction)
        }
        account(place)
    }
}

extension Flow {
    /// The order in which flows of one key make room: by rank, then by silence, then by age.
    func isWorthLess(than other: Flow) -> Bool {
        if rank != other.rank { return rank.rawValue < other.rank.rawValue }
        if last != other.last { return last < other.last }
        return number < other.number
    }
}
