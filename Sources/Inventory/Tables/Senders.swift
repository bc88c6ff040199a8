import Codecs
import Wire

/// What every flow's end adds to, two times each: what each address sent, and from which station.
struct Senders: Sendable {
    private struct Sender: TableKey {
        var address: Tenant
        var mac: MACAddress

        func hash(_ secret: KeyedHash) -> UInt64 { secret.of(address.hash(secret), mac.value) }
    }
    private struct Sent: Sendable {
        var first: Timestamp
        var last: Timestamp
        /// The beginning of the latest flow.
        var lastStart: Timestamp
        var packets: Int
        var bytes: Int
        var flows: Int
        /// What its packets had passed on their way to the link, of TCP alone.
        var routes: Routes

        mutating func merge(_ other: Sent) {
            // By the numbers: comparing a type of another module is a call.
            if other.first.nanoseconds < first.nanoseconds { first = other.first }
            if other.last.nanoseconds > last.nanoseconds { last = other.last }
            if other.lastStart.nanoseconds > lastStart.nanoseconds { lastStart = other.lastStart }
            packets += other.packets
            bytes += other.bytes
            flows += other.flows
            routes.formUnion(other.routes)
        }
    }

    private var table = KeyedTable<Sender, Sent>()

    var count: Int { table.count }

    mutating func add(
        _ side: SideTotals, of address: Tenant, from start: Timestamp, to end: Timestamp,
        _ transport: Transport
    ) {
        add(
            Senders.sent(side, from: start, to: end, transport),
            of: Sender(address: address, mac: side.mac))
    }

    /// Adds to a sender that is known already; false if it is not.
    mutating func addKnown(
        _ side: SideTotals, of address: Tenant, from start: Timestamp, to end: Timestamp,
        _ transport: Transport
    ) -> Bool {
        guard let number = table.number(of: Sender(address: address, mac: side.mac)) else {
            return false
        }
        table.values[number].merge(Senders.sent(side, from: start, to: end, transport))
        return true
    }

    private static func sent(
        _ side: SideTotals, from start: Timestamp, to end: Timestamp, _ transport: Transport
    ) -> Sent {
        Sent(
            first: start.nanoseconds < end.nanoseconds ? start : end,
            last: start.nanoseconds < end.nanoseconds ? end : start, lastStart: start,
            packets: Int(clamping: side.packets), bytes: Int(clamping: side.bytes), flows: 1,
            // Datagrams to a group have TTLs of their own.
            routes: transport == .tcp ? Routes(timeToLive: side.timeToLive) : [])
    }

    mutating func merge(_ other: Senders) {
        for (sender, sent) in zip(other.table.keys, other.table.values) { add(sent, of: sender) }
    }

    private mutating func add(_ sent: Sent, of sender: Sender) {
        if let number = table.number(of: sender) {
            table.values[number].merge(sent)
        } else {
            table.insert(sender, sent)
        }
    }

    /// Makes rows of all, and forgets them.
    mutating func settle(
        into addresses: inout RowSet<AddressRow>, _ bindings: inout RowSet<BindingRow>
    ) {
        for (sender, sent) in zip(table.keys, table.values) {
            var seen = Period(sent.first, count: sent.packets)
            seen.last = sent.last
            addresses.add(AddressRow(key: sender.address, bytesSent: sent.bytes, seen: seen))
            guard sender.mac.isUnicast else { continue }
            var flows = Period(sent.first, count: sent.flows)
            flows.last = sent.lastStart
            bindings.add(
                BindingRow(
                    key: .init(
                        subject: .address(sender.address.address), kind: .linkLayer,
                        value: .mac(sender.mac), source: "frame"), seen: flows))
            for text in sent.routes.texts {
                bindings.add(
                    BindingRow(
                        key: .init(
                            subject: .address(sender.address.address), kind: .route,
                            value: .text("\(sender.mac) \(text)"), source: "frame"),
                        seen: flows))
            }
        }
        table.removeAll()
    }
}
