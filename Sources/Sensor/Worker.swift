import Wire

/// An event and its place in the run, which no number of workers changes.
struct OrderedEvent: Sendable {
    /// Twice the packet's ordinal, plus one; without the one for ends of idle flows before that
    /// packet.
    var order: UInt64
    var event: Event
}

/// One thread's flows. A flow stays with its worker, and workers share nothing.
struct Worker: ~Copyable {
    /// Flows of one stretch at the end, by their numbers: their events are handed over together.
    private static let flowsPerStretch: UInt64 = 16_384

    private var table: FlowTable
    private var events: [OrderedEvent] = []

    init(limits: Limits, workers: Int, secrets: FlowSecrets, readsAllCertificates: Bool) {
        table = FlowTable(
            limits: limits, workers: workers, secrets: secrets,
            readsAllCertificates: readsAllCertificates)
    }

    var tally: Tally { table.tally }
    var flowCount: Int { table.flowCount }

    mutating func process(_ list: borrowing WorkList, in bytes: borrowing [UInt8]) {
        var order: UInt64 = 0
        var found = events
        events = []
        var plain = DecodedPacket.empty
        for position in list.items.indices {
            switch list.items[position] {
            case .plain(let packet):
                order = packet.number << 1 | 1
                packet.unpack(into: &plain)
                table.process(plain, in: bytes) {
                    found.append(OrderedEvent(order: order, event: $0))
                }
            case .other(let index):
                order = list.others[index].number << 1 | 1
                table.process(list.others[index], in: bytes) {
                    found.append(OrderedEvent(order: order, event: $0))
                }
            case .tick(let time, let number):
                order = number << 1
                table.advance(to: time, packet: number) {
                    found.append(OrderedEvent(order: order, event: $0))
                }
            }
        }
        events = found
    }

    /// Stretches in which the flows of a run with so many packets end.
    static func stretches(packets: UInt64) -> Int { Int(packets / flowsPerStretch) + 1 }

    /// Ends every flow; gives the events of one stretch after another, in as many parts as a run of
    /// `packet` packets has stretches.
    mutating func finish(
        at time: Timestamp, packet: UInt64, _ give: (Int, [OrderedEvent]) -> Void
    ) {
        var stretch = 0
        var found: [OrderedEvent] = []
        table.finish(at: time, packet: packet) { event in
            let number = event.flow?.number ?? 0
            while stretch < Int(number / Worker.flowsPerStretch) {
                give(stretch, found)
                found = []
                stretch += 1
            }
            found.append(OrderedEvent(order: .max, event: event))
        }
        while stretch < Worker.stretches(packets: packet) {
            give(stretch, found)
            found = []
            stretch += 1
        }
    }

    /// The events since the last call.
    mutating func takeEvents() -> [OrderedEvent] {
        defer { events = [] }
        return events
    }
}
