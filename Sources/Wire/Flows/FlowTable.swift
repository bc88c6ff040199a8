/// Key → flow, and what happens to a packet once its flow is known.
///
/// Open addressing over checked arrays: a slot holds 32 bits of hash and the index of a slab
/// record.
package struct FlowTable: ~Copyable {
    /// An event, and its place in the run: events sort by `order`, then by flow number among ends.
    package typealias Emit = (Event) -> Void

    let limits: Limits
    package internal(set) var tally = Tally()
    /// Flows met so far.
    package private(set) var flowCount = 0

    private let seed: UInt64
    private var slots: [UInt64]
    var flows: [Flow] = []
    var analyses: [FlowAnalysis?] = []
    private var free: [Int] = []
    private var live = 0
    /// Where the last look for a flow to let go ended, and how many are looked at.
    private var sweep = 0
    private static let evictionChoice = 16
    private let capacity: Int
    /// Undissected bytes held by all flows of this table, and how many may be.
    var heldBytes = 0
    let heldLimit: Int

    /// A table for one of `workers` workers; `seed` only places flows and changes no output.
    package init(limits: Limits, workers: Int, seed: UInt64) {
        self.limits = limits
        self.seed = seed
        capacity = max(16, limits.flows / max(1, workers))
        heldLimit = limits.undissectedBytes / max(1, workers)
        slots = [UInt64](repeating: 0, count: 1024)
    }

    /// Counts one packet, and gives what its flow then has to say to `emit`.
    package mutating func process(
        _ packet: DecodedPacket, in bytes: borrowing [UInt8], emit: Emit
    ) {
        var index = find(packet.key)
        if index >= 0, replaces(packet, flows[index]) {
            end(index, .timeout, at: packet.time, packet: packet.number, emit: emit)
            index = -1
        }
        if index < 0 { index = open(packet, emit: emit) }
        let direction = packet.isForward ? 0 : 1
        if packet.time > flows[index].last { flows[index].last = packet.time }
        flows[index][direction].packets += 1
        flows[index][direction].wireBytes += UInt64(packet.wireBytes)
        if flows[index][direction].mac == .zero {
            flows[index][direction].mac = packet.sourceMAC
        }
        if packet.payloadCaptured < packet.payloadBytes { tally.count(.snaplenPayload) }
        switch packet.key.transport {
        case .tcp: segment(packet, index, direction, bytes, emit)
        case .udp: datagram(packet, index, direction, bytes, emit)
        }
    }

    /// Ends the flows that are idle at `now`, in the order of their numbers.
    package mutating func advance(to now: Timestamp, packet: UInt64, emit: Emit) {
        let expired = flows.indices.filter {
            flows[$0].number != 0 && flows[$0].isExpired(at: now, limits)
        }
        for index in expired.sorted(by: { flows[$0].number < flows[$1].number }) {
            end(index, .timeout, at: now, packet: packet, emit: emit)
        }
    }

    /// Ends every flow: the capture is over.
    package mutating func finish(at now: Timestamp, packet: UInt64, emit: Emit) {
        let all = flows.indices.filter { flows[$0].number != 0 }
        for index in all.sorted(by: { flows[$0].number < flows[$1].number }) {
            end(index, .ended, at: now, packet: packet, emit: emit)
        }
    }

    // MARK: - Life of a flow

    /// Whether `packet` begins a new conversation on the ports of an old one.
    private func replaces(_ packet: DecodedPacket, _ flow: Flow) -> Bool {
        if flow.isExpired(at: packet.time, limits) { return true }
        guard packet.key.transport == .tcp, packet.flags.contains(.syn),
            !packet.flags.contains(.ack)
        else { return false }
        let half = flow[packet.isForward ? 0 : 1]
        // The same SYN again, or the mirror's second copy of it, opens nothing.
        return half.isSynchronized && packet.sequence &+ 1 != half.initial
    }

    private mutating func open(_ packet: DecodedPacket, emit: Emit) -> Int {
        if live >= capacity { evict(at: packet.time, packet: packet.number, emit: emit) }
        let isOpening = packet.key.transport == .udp || packet.flags.contains(.syn)
        let record = Flow(
            key: packet.key, number: packet.number, start: packet.time, last: packet.time,
            vlan: packet.vlan, isClientFirst: packet.isForward == isFromClient(packet),
            isWhole: isOpening)
        let index: Int
        if let reused = free.popLast() {
            index = reused
            flows[index] = record
            analyses[index] = FlowAnalysis()
        } else {
            index = flows.count
            flows.append(record)
            analyses.append(FlowAnalysis())
        }
        insert(packet.key, index)
        live += 1
        flowCount += 1
        return index
    }

    /// Who opened the flow, by its first packet. A well-known port answers for what was missed.
    private func isFromClient(_ packet: DecodedPacket) -> Bool {
        if packet.key.transport == .tcp, packet.flags.contains(.syn) {
            return !packet.flags.contains(.ack)
        }
        let source = packet.isForward ? packet.key.first.port : packet.key.second.port
        let destination = packet.isForward ? packet.key.second.port : packet.key.first.port
        if source < 1024, destination >= 1024 { return false }
        return true
    }

    private mutating func end(
        _ index: Int, _ reason: FlowSummary.Reason, at time: Timestamp, packet: UInt64, emit: Emit
    ) {
        if analyses[index] != nil {
            giveUpHoles(index, time: time, number: packet, emit)
            finishAnalysis(index, time: time, number: packet, emit)
        }
        let flow = flows[index]
        emit(
            Event(
                flow: flow.reference, time: time, packet: packet, side: .client,
                message: .flowEnd(flow.summary(reason))))
        remove(flow.key, index)
        flows[index].number = 0
        analyses[index] = nil
        free.append(index)
        live -= 1
    }

    /// Lets one of the next few flows in the slab go: one that nobody answered before one that was
    /// answered, then the one silent longest, then the older. A flood must not cost a search of
    /// all.
    private mutating func evict(at time: Timestamp, packet: UInt64, emit: Emit) {
        var chosen = -1
        var looked = 0
        while looked < FlowTable.evictionChoice || chosen < 0 {
            sweep = sweep + 1 < flows.count ? sweep + 1 : 0
            guard flows[sweep].number != 0 else { continue }
            looked += 1
            if chosen < 0 || flows[sweep].value < flows[chosen].value { chosen = sweep }
        }
        tally.count(.flowEvicted)
        end(chosen, .evicted, at: time, packet: packet, emit: emit)
    }

    // MARK: - Slots

    private func find(_ key: FlowKey) -> Int {
        let hash = key.hash(seed: seed)
        let mask = slots.count - 1
        var at = Int(truncatingIfNeeded: hash) & mask
        while slots[at] != 0 {
            let slot = slots[at]
            if slot >> 32 == hash >> 32 {
                let index = Int(slot & 0xffff_ffff) - 1
                if flows[index].key == key { return index }
            }
            at = (at + 1) & mask
        }
        return -1
    }

    private mutating func insert(_ key: FlowKey, _ index: Int) {
        if (live + 1) * 2 > slots.count { grow() }
        place(key.hash(seed: seed), index)
    }

    private mutating func place(_ hash: UInt64, _ index: Int) {
        let mask = slots.count - 1
        var at = Int(truncatingIfNeeded: hash) & mask
        while slots[at] != 0 { at = (at + 1) & mask }
        slots[at] = (hash >> 32) << 32 | UInt64(index + 1)
    }

    private mutating func grow() {
        let indexes = slots.filter { $0 != 0 }.map { Int($0 & 0xffff_ffff) - 1 }
        slots = [UInt64](repeating: 0, count: slots.count * 2)
        for index in indexes { place(flows[index].key.hash(seed: seed), index) }
    }

    /// Backward-shift deletion: no tombstones, so probes stay short.
    private mutating func remove(_ key: FlowKey, _ index: Int) {
        let mask = slots.count - 1
        var hole = Int(truncatingIfNeeded: key.hash(seed: seed)) & mask
        while slots[hole] & 0xffff_ffff != UInt64(index + 1) { hole = (hole + 1) & mask }
        var at = hole
        while true {
            at = (at + 1) & mask
            guard slots[at] != 0 else { break }
            let other = Int(slots[at] & 0xffff_ffff) - 1
            let home = Int(truncatingIfNeeded: flows[other].key.hash(seed: seed)) & mask
            if (at - home) & mask >= (at - hole) & mask {
                slots[hole] = slots[at]
                hole = at
            }
        }
        slots[hole] = 0
    }
}
