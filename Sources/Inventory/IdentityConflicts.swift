import Wire

/// Where bindings say different things of one time: shown beside what was chosen, never hidden.
extension Identity {
    /// Conflicts shown of one host.
    private static let shown = 16

    /// What else is said of a machine and its addresses, one sentence each, in order.
    func conflicts(
        of mac: MACAddress?, _ addresses: [IPAddress], at time: Timestamp
    ) -> [String] {
        let found =
            addresses.flatMap { otherMachines(at: $0, than: mac) }
            + otherNames(mac, addresses, time)
        guard found.count > Identity.shown else { return found }
        return found.prefix(Identity.shown) + ["and \(found.count - Identity.shown) more"]
    }

    private static func meet<Value, Other>(_ left: Binding<Value>, _ right: Binding<Other>) -> Bool
    {
        left.first <= right.last && right.first <= left.last
    }

    private func otherMachines(at address: IPAddress, than mac: MACAddress?) -> [String] {
        guard let mac, let station = bindings.station(at: address) else { return [] }
        let known = bindings.stations[station]
        let all = known.bindings + known.told
        let own = all.filter { $0.value == mac }
        var found: [MACAddress: MACBinding] = [:]
        for other in all where other.value != mac && found[other.value] == nil {
            if own.contains(where: { Identity.meet($0, other) }) { found[other.value] = other }
        }
        return found.values.sorted { $0.value < $1.value }.map { other in
            "\(address) is also said to be at \(other.value) (\(Identity.text(other.source))"
                + Identity.times(other) + ")"
        }
    }

    private func otherNames(
        _ mac: MACAddress?, _ addresses: [IPAddress], _ time: Timestamp
    ) -> [String] {
        let given = mac.flatMap { bindings.machine(with: $0) }.map { bindings.machines[$0].names }
        let known = names(given ?? [], addresses, of: mac)
        guard let chosen = inForce(given ?? [], at: time) ?? known.first else { return [] }
        var seen: Set<String> = [Identity.short(chosen.value)]
        var found: [String] = []
        // A service may have any number of names in DNS.
        for other in known where other.source != "dns" && Identity.meet(chosen, other) {
            guard seen.insert(Identity.short(other.value)).inserted else { continue }
            found.append(
                "it is also called \(other.value) (\(Identity.text(other.source))"
                    + Identity.times(other) + ")")
        }
        return found
    }

    /// As much of a name as NetBIOS has room for, in lower case.
    private static func short(_ name: String) -> String {
        String(label(name).lowercased().prefix(15))
    }

    private static func times<Value>(_ binding: Binding<Value>) -> String {
        binding.first == .zero && binding.last.nanoseconds == .max
            ? "" : ", \(binding.first.rfc3339) to \(binding.last.rfc3339)"
    }
}
