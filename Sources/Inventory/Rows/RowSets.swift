import Wire

/// Rows of every kind, merged: those that wait to be written, or all that an inventory holds.
struct RowSets: Sendable {
    var addresses = RowSet<AddressRow>()
    var bindings = RowSet<BindingRow>()
    var apps = RowSet<AppUseRow>()
    var facts = RowSet<FactRow>()
    var items = RowSet<ListedItemRow>()
    var calls = RowSet<CallRow>()
    var models = RowSet<ModelUseRow>()
    var evidence = RowSet<EvidenceRow>()

    /// What every flow's end adds to, two times each: rows are only made of it by `settle`.
    private var senders: [Sender: Sent] = [:]
    private var resolvers: [IPAddress: Period] = [:]

    private struct Sender: Hashable, Sendable {
        var address: IPAddress
        var mac: MACAddress
    }
    private struct Sent: Sendable {
        /// `seen.count` counts packets.
        var seen: Period
        var bytes: Int
        /// Counts flows, by their beginnings.
        var flows: Period

        /// Nothing yet, by a flow that began at `start`.
        init(_ start: Timestamp) {
            seen = Period(start, count: 0)
            bytes = 0
            flows = Period(start, count: 0)
        }

        mutating func add(_ packets: Period, _ bytes: Int, _ flow: Period) {
            seen.merge(packets)
            self.bytes += bytes
            flows.merge(flow)
        }
    }

    var count: Int {
        addresses.count + bindings.count + apps.count + facts.count + items.count + calls.count
            + models.count + evidence.count + senders.count * 2 + resolvers.count
    }

    /// `address` sent `side` in a flow that began at `start` and was over at `end`.
    mutating func add(
        _ side: SideTotals, of address: IPAddress, from start: Timestamp, to end: Timestamp
    ) {
        var seen = Period(start, count: Int(clamping: side.packets))
        seen.merge(Period(end, count: 0))
        let sender = Sender(address: address, mac: side.mac)
        senders[sender, default: Sent(start)].add(
            seen, Int(clamping: side.bytes), Period(start))
    }

    /// `address` answered as a DNS server.
    mutating func addResolver(_ address: IPAddress, at time: Timestamp) {
        resolvers[address, default: Period(time, count: 0)].merge(Period(time))
    }

    /// Makes rows of what was only added up.
    mutating func settle() {
        for (sender, sent) in senders {
            addresses.add(AddressRow(key: sender.address, bytesSent: sent.bytes, seen: sent.seen))
            guard sender.mac.isUnicast else { continue }
            bindings.add(
                BindingRow(
                    key: .init(
                        subject: .address(sender.address), kind: .linkLayer,
                        value: .mac(sender.mac), source: "frame"), seen: sent.flows))
        }
        for (address, seen) in resolvers {
            bindings.add(
                BindingRow(
                    key: .init(
                        subject: .address(address), kind: .resolver, value: .text("53"),
                        source: "dns"), seen: seen))
        }
        senders = [:]
        resolvers = [:]
    }

    /// Takes the rows of `other`, which has settled.
    mutating func merge(_ other: RowSets) {
        guard count > 0 else {
            self = other
            return
        }
        for row in other.addresses.rows.values { addresses.add(row) }
        for row in other.bindings.rows.values { bindings.add(row) }
        for row in other.apps.rows.values { apps.add(row) }
        for row in other.facts.rows.values { facts.add(row) }
        for row in other.items.rows.values { items.add(row) }
        for row in other.calls.rows.values { calls.add(row) }
        for row in other.models.rows.values { models.add(row) }
        for row in other.evidence.rows.values { evidence.add(row) }
    }
}
