import Codecs

/// Key → flow, and what happens to a packet once its flow is known.
package struct FlowTable: ~Copyable {
    /// Takes an event; ends of idle flows come in the order of their flow numbers.
    package typealias Emit = (Event) -> Void

    let limits: Limits
    let dissectionLimits: DissectionLimits
    private let patience: Patience
    package internal(set) var tally = Tally()
    /// Flows met so far.
    package private(set) var flowCount = 0

    private var secrets: FlowSecrets
    private var slots = FlowSlots()
    /// Flows opened when the slots were last keyed anew.
    private var keyedAt = 0
    var flows: [Flow] = []
    /// What is kept of the flows that are being dissected; a flow says which is its own.
    var dissections: [Dissection] = []
    var freeDissections: [Int] = []
    let memory: DefinitionMemory
    private var wheel = IdleWheel()
    private var free: [Int] = []
    /// Of the flows that have one.
    private var paths: [Int: SharedPath] = [:]
    private var lastPath: SharedPath?
    /// What was passed over in the streams, and may still come.
    var holes = Holes()
    private var live = 0
    let capacity: Int
    /// One per `Flow.Rank`.
    var queues = InlineArray<3, EvictionQueue>(repeating: EvictionQueue())
    /// Undissected bytes held by all flows of this table, and how many may be.
    package internal(set) var heldBytes = 0
    let heldLimit: Int

    /// Records for which address space is set aside at once; memory is used as flows come. A slab
    /// that grows by copying needs three times its size meanwhile.
    private static let reserved = 4 << 20

    /// A table for one of `workers` workers; `secrets` only place flows and change no output.
    /// `readsAllCertificates`: also those of servers that the client's hello names, which only
    /// events show.
    package init(
        limits: Limits, workers: Int, secrets: FlowSecrets, readsAllCertificates: Bool = true
    ) {
        memory = DefinitionMemory(readsAllCertificates: readsAllCertificates)
        self.limits = limits
        dissectionLimits = DissectionLimits(limits)
        patience = Patience(limits)
        self.secrets = secrets
        capacity = max(16, limits.flows / max(1, workers))
        heldLimit = limits.undissectedBytes / max(1, workers)
        let room = min(capacity, FlowTable.reserved)
        flows.reserveCapacity(room)
        LargePages.use(for: &flows)
        dissections.reserveCapacity(room)
        LargePages.use(for: &dissections)
        wheel.reserve(room)
    }

    /// Counts one packet, and gives what its flow then has to say to `emit`.
    package mutating func process(
        _ packet: DecodedPacket, in bytes: borrowing [UInt8], emit: Emit
    ) {
        let hash = packet.key.hash(secrets)
        var index = slots.find(hash) {
            flows.span[$0].key == packet.key && flows.span[$0].isIn(packet.path.network)
        }
        if index < 0, live > 0 { index = join(packet, hash, emit) }
        if index >= 0 {
            switch flows[index].count(packet, patience) {
            case .counted: return tally.countUsed()
            case .duplicate: return tally.count(.duplicate)
            case .givenUp:
                return packet.payloadBytes > 0 ? tally.count(.anomalyBudget) : tally.countUsed()
            case .follow: break
            case .over:
                end(index, .timeout, at: packet.time, packet: packet.number, emit: emit)
                index = -1
            }
        }
        if index < 0 { index = open(packet, hash, emit: emit) }
        follow(packet, index, bytes, emit)
    }

    /// The flow in another network to which `packet` belongs, or -1.
    @inline(never)
    private mutating func join(_ packet: DecodedPacket, _ hash: UInt64, _ emit: Emit) -> Int {
        let patience = self.patience
        var count = 0
        var least = -1
        let index = slots.find(hash) {
            guard flows[$0].key == packet.key else { return false }
            if flows[$0].isJoined(by: packet, patience) { return true }
            count += 1
            if least < 0 || flows[$0].isWorthLess(than: flows[least]) { least = $0 }
            return false
        }
        if index >= 0 {
            flows[index].otherNetwork = packet.path.network
        } else if count >= limits.networksPerFlow {
            tally.count(.flowEvicted)
            end(least, .evicted, at: packet.time, packet: packet.number, emit: emit)
        }
        return index
    }

    /// The tags and tunnels that the flow of `index` began in.
    /// Changes nothing; but of a table that may change, the compiler makes no copy to look at it.
    mutating func path(_ index: Int) -> SharedPath? {
        flows.span[index].hasPath ? paths[index] : nil
    }

    /// One direction as it stands. Read in its place, and by a constant: to index an array within
    /// the record, the compiler would copy the whole of it first.
    @inline(__always)
    func half(_ index: Int, _ direction: Int) -> Half {
        direction == 0 ? flows.span[index].halves[0] : flows.span[index].halves[1]
    }

    /// Where the flow's dissection lies; nil while it has none.
    @inline(__always)
    func dissection(of index: Int) -> Int? {
        let place = flows.span[index].dissection
        return place == 0 ? nil : Int(place) - 1
    }

    /// What only some packets need: those that open, close, disturb or still feed a dissector.
    @inline(never)
    private mutating func follow(
        _ packet: DecodedPacket, _ index: Int, _ bytes: borrowing [UInt8],
        _ emit: Emit
    ) {
        let direction = packet.isForward ? 0 : 1
        let wasClosed = flows.span[index].isClosed
        promote(index, packet)
        let drop: Drop? =
            switch packet.key.transport {
            case .tcp: segment(packet, index, direction, bytes, emit)
            case .udp: datagram(packet, index, direction, bytes, emit)
            }
        if let drop { tally.count(drop) } else { tally.countUsed() }
        if flows.span[index].isClosed, !wasClosed { noteDeadline(index, packet.time) }
        if let place = dissection(of: index) { account(place) }
    }

    /// Ends the flows that are idle at `now`, in the order of their numbers.
    package mutating func advance(to now: Timestamp, packet: UInt64, emit: Emit) {
        var expired: [(number: UInt64, index: Int)] = []
        for index in wheel.takeDue(at: now) {
            if flows.span[index].isExpired(at: now, patience) {
                expired.append((flows.span[index].number, index))
            } else {
                noteDeadline(index, now)
            }
        }
        expired.sort { $0.number < $1.number }
        for (_, index) in expired {
            end(index, .timeout, at: now, packet: packet, emit: emit)
        }
    }

    /// Ends every flow: the capture is over.
    package mutating func finish(at now: Timestamp, packet: UInt64, emit: Emit) {
        var all: [(number: UInt64, index: Int)] = []
        all.reserveCapacity(live)
        for index in flows.indices where flows.span[index].number != 0 {
            all.append((flows.span[index].number, index))
        }
        all.sort { $0.number < $1.number }
        for (_, index) in all {
            end(index, .ended, at: now, packet: packet, emit: emit)
        }
        tally.add(memory.losses)
        memory.losses = Tally()
    }

    /// What the table holds, for tests of its bounds.
    struct Counts {
        var live: Int
        var slab: Int
        var heldBytes: Int
    }

    var counts: Counts { Counts(live: live, slab: flows.count, heldBytes: heldBytes) }

    // MARK: - Life of a flow

    private mutating func noteDeadline(_ index: Int, _ now: Timestamp) {
        let silence = flows.span[index].silence(patience)
        let deadline = flows.span[index].last.advanced(byNanoseconds: silence)
        wheel.place(index, at: deadline, now: now)
    }

    /// Flows that meet in one place are no chance: from here on they are placed by other secrets.
    /// Not again before as many flows came as had to be placed anew, so that it costs each little.
    private mutating func keyAnew() {
        guard flowCount - keyedAt >= live else { return }
        keyedAt = flowCount
        secrets = secrets.renewed()
        slots.removeAll()
        for index in flows.indices where flows.span[index].number != 0 {
            _ = slots.insert(flows.span[index].key.hash(secrets), index)
        }
    }

    @inline(never)
    private mutating func open(_ packet: DecodedPacket, _ hash: UInt64, emit: Emit) -> Int {
        if live >= capacity { evict(at: packet.time, packet: packet.number, emit: emit) }
        let isOpening = packet.key.transport == .udp || packet.flags.contains(.syn)
        let record = Flow(
            key: packet.key, network: packet.path.network, last: packet.time,
            number: packet.number, start: packet.time, otherNetwork: packet.path.network,
            isClientFirst: packet.isForward == isFromClient(packet), isWhole: isOpening)
        let index: Int
        if let reused = free.popLast() {
            index = reused
            flows[index] = record
        } else {
            index = flows.count
            flows.append(record)
        }
        if !packet.path.isPlain { note(packet.path, index) }
        noteDeadline(index, packet.time)
        enqueue(index)
        live += 1
        flowCount += 1
        if !slots.insert(hash, index) { keyAnew() }
        _ = flows[index].count(packet, patience)
        return index
    }

    private mutating func note(_ path: Path, _ index: Int) {
        // Flows of one tunnel come in rows; they share what says so.
        if lastPath?.value != path { lastPath = SharedPath(path) }
        paths[index] = lastPath
        flows[index].hasPath = true
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

    mutating func end(
        _ index: Int, _ reason: FlowSummary.Reason, at time: Timestamp, packet: UInt64, emit: Emit
    ) {
        giveUpHoles(index, time: time, number: packet, emit)
        if let unknown = flows.span[index].unknown { tally.count(unknown) }
        let known = finishDissection(index, time: time, number: packet, emit)
        let path = known == nil ? path(index) : nil
        emit(
            Event(
                flow: known ?? flows.span[index].reference(path), time: time, packet: packet,
                side: .client,
                message: .flowEnd(
                    flows.span[index].summary(
                        reason, first: half(index, 0).totals, second: half(index, 1).totals))))
        slots.remove(flows.span[index].key.hash(secrets), index)
        dequeue(index)
        if flows.span[index].hasPath { paths[index] = nil }
        flows[index].number = 0
        wheel.remove(index)
        free.append(index)
        live -= 1
    }
}
