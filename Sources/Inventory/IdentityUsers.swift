import Wire

/// Who was logged on.
extension Identity {
    /// How long after its last sign a logon may still hold: a ticket's usual life (RFC 4120 §6,
    /// MS-KILE §3.3.1: ten hours).
    private static let patience: Int64 = 36_000_000_000_000

    /// Accounts that were logged on at a machine or its addresses within a stretch of time; where
    /// none was seen then, the one seen last before it. Several are several persons, or one who is
    /// asked to be somebody else: they are all named, and nobody is chosen.
    func users(
        of mac: MACAddress?, _ addresses: [IPAddress], from first: Timestamp, to last: Timestamp,
        _ reasons: inout [String]
    ) -> [String] {
        guard bindings.hasUsers else { return [] }
        var known: [NameBinding] = []
        for address in addresses {
            guard let station = bindings.station(at: address) else { continue }
            known += ofTenant(mac, bindings.stations[station].users, at: station)
        }
        if let machine = mac.flatMap({ bindings.machine(with: $0) }) {
            known += bindings.machines[machine].users
        }
        var active = known.filter { $0.first <= last && $0.last >= first }
        if active.isEmpty, let latest = known.filter({ $0.last < first }).map(\.last).max(),
            first.nanoseconds(since: latest) <= Identity.patience
        {
            active = known.filter { $0.last == latest }
        }
        active.sort { ($0.first, $0.value, $0.source) < ($1.first, $1.value, $1.source) }
        // One account is written with and without its domain, and with its short name.
        var accounts: [String: NameBinding] = [:]
        for binding in active {
            let account = String(binding.value.prefix { $0 != "@" })
            guard accounts[account].map({ $0.value.utf8.count < binding.value.utf8.count }) ?? true
            else { continue }
            accounts[account] = binding
        }
        let found = accounts.values.sorted { ($0.value, $0.source) < ($1.value, $1.source) }
        if givesReasons, let one = found.first {
            reasons.append(
                found.count == 1
                    ? "\(one.value) was logged on (\(Identity.text(one.source)), "
                        + "\(one.first.rfc3339) to \(one.last.rfc3339))"
                    : "several were logged on, so that it is nobody's alone: "
                        + found.prefix(8).map { "\($0.value) (\(Identity.text($0.source)))" }
                        .joined(separator: ", ")
                        + (found.count > 8 ? " and \(found.count - 8) more" : ""))
        }
        return found.prefix(64).map(\.value)
    }

    /// Of what was told of a station's address, what was told while a machine had it; where
    /// machines share it, what one of them had both when it was first told and last.
    func ofTenant(
        _ mac: MACAddress?, _ told: [NameBinding], at station: Int
    ) -> [NameBinding] {
        let known = bindings.stations[station]
        guard known.isShared, let mac else { return told }
        return told.filter { name in
            inForce(known.holders ?? known.bindings, at: name.first)?.value == mac
                && inForce(known.holders ?? known.bindings, at: name.last)?.value == mac
        }
    }
}
