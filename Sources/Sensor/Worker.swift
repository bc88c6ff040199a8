import Wire

/// An event and its place in the run, which no number of workers changes.
struct OrderedEvent: Sendable {
    /// Twice the packet's ordinal, plus one; without the one for ends of idle flows before that
    /// packet.
    var order: UInt64
    var event: Event
}

/// What a worker has to do, in order.
enum WorkItem: Sendable {
    case packet(DecodedPacket)
    /// Idle flows end; the packet with this ordinal comes next.
    case tick(Timestamp, UInt64)
}

/// One thread's flows. A flow stays with its worker, and workers share nothing.
struct Worker: ~Copyable {
    private var table: FlowTable
    private(set) var events: [OrderedEvent] = []

    init(limits: Limits, workers: Int, seed: UInt64) {
        table = FlowTable(limits: limits, workers: workers, seed: seed)
    }

    var tally: Tally { table.tally }
    var flowCount: Int { table.flowCount }

    mutating func process(_ item: WorkItem, in bytes: borrowing [UInt8]) {
        switch item {
        case .packet(let packet):
            let order = packet.number << 1 | 1
            table.process(packet, in: bytes) { event in
                events.append(OrderedEvent(order: order, event: event))
            }
        case .tick(let time, let number):
            table.advance(to: time, packet: number) { event in
                events.append(OrderedEvent(order: number << 1, event: event))
            }
        }
    }

    /// Ends every flow.
    mutating func finish(at time: Timestamp, packet: UInt64) {
        table.finish(at: time, packet: packet) { event in
            events.append(OrderedEvent(order: .max, event: event))
        }
    }

    /// The events since the last call.
    mutating func takeEvents() -> [OrderedEvent] {
        defer { events = [] }
        return events
    }
}
