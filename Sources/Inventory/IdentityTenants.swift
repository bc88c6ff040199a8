import Wire

/// Addresses that machines had one after the other.
extension Identity {
    /// Whether any address is called by another one of its machine, or went from one to another.
    var hasOtherNames: Bool { hasAliases || bindings.hasShared }

    /// Whether machines had the address one after the other.
    func isShared(_ address: IPAddress) -> Bool {
        guard bindings.hasShared, let station = bindings.station(at: address) else { return false }
        return bindings.stations[station].isShared
    }

    /// Whoever had an address, by the name of its machine: the address the machine is named by, and
    /// the machine itself where it shares that with others. Of a row that names no machine it is
    /// the one that had the address when the row began.
    func canonical(_ tenant: Tenant, at time: Timestamp) -> Tenant {
        guard isShared(tenant.address) else {
            return Tenant(canonical(tenant.address))
        }
        if tenant.machine != .zero { return tenant }
        let holder = inForce(macBindings(of: tenant.address), at: time)
        return Tenant(tenant.address, holder?.value ?? .zero)
    }

    /// The chain from whoever had an address while a row was seen.
    func attribution(of tenant: Tenant, _ seen: Period) -> Attribution {
        guard isShared(tenant.address) else {
            return attribution(of: tenant.address, at: seen.last, from: seen.first)
        }
        let holder = canonical(tenant, at: seen.first)
        let all = macBindings(of: tenant.address)
        let own = inForce(all.filter { $0.value == holder.machine }, at: seen.last)
        var found = attribution(
            mac: own, addresses: [tenant.address], at: seen.last, from: seen.first)
        guard givesReasons, own != nil else { return found }
        let others = Set(all.map(\.value)).subtracting([holder.machine]).sorted()
        if !others.isEmpty {
            let names = others.prefix(4).map(\.description).joined(separator: ", ")
            found.reasons.append(
                "\(tenant.address) was at other times that of \(names)"
                    + (others.count > 4 ? " and \(others.count - 4) more" : ""))
        }
        return found
    }
}
