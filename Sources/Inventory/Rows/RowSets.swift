import Wire

/// Rows of every kind, merged: those that are being written, or all that an inventory holds.
struct RowSets: Sendable {
    var addresses = RowSet<AddressRow>()
    var bindings = RowSet<BindingRow>()
    var apps = RowSet<AppUseRow>()
    var facts = RowSet<FactRow>()
    var items = RowSet<ListedItemRow>()
    var calls = RowSet<CallRow>()
    var models = RowSet<ModelUseRow>()
    var evidence = RowSet<EvidenceRow>()
    var exchanges = RowSet<ExchangeRow>()
    var links = RowSet<LinkRow>()

    /// What hosts sent: rows are only made of it by `settle`, for it may be a million hosts.
    var senders = Senders()

    var count: Int {
        addresses.count + bindings.count + apps.count + facts.count + items.count + calls.count
            + models.count + evidence.count + exchanges.count + links.count + senders.count * 2
    }

    /// Makes rows of what was only added up.
    mutating func settle() { senders.settle(into: &addresses, &bindings) }

    /// Takes the rows of `other`.
    mutating func merge(_ other: RowSets) {
        guard count > 0 else {
            self = other
            return
        }
        senders.merge(other.senders)
        for row in other.addresses.rows.values { addresses.add(row) }
        for row in other.bindings.rows.values { bindings.add(row) }
        for row in other.apps.rows.values { apps.add(row) }
        for row in other.facts.rows.values { facts.add(row) }
        for row in other.items.rows.values { items.add(row) }
        for row in other.calls.rows.values { calls.add(row) }
        for row in other.models.rows.values { models.add(row) }
        for row in other.evidence.rows.values { evidence.add(row) }
        for row in other.exchanges.rows.values { exchanges.add(row) }
        for row in other.links.rows.values { links.add(row) }
    }
}
