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
        let holder = inForce(holders(of: tenant.address), at: time)
        return Tenant(tenant.address, holder?.value ?? .zero)
    }

    /// The MAC addresses that had an address, one after the other; without those that only claimed
    /// it meanwhile.
    func holders(of address: IPAddress) -> [MACBinding] {
        guard let station = bindings.station(at: address) else { return [] }
        return bindings.stations[station].holders ?? bindings.stations[station].bindings
    }

    /// Of each stretch the bindings of the machine that began it: the recorder lets no other have
    /// the address until the next begins (see `Tenancies`). Nil where there is only one machine.
    static func holders(_ bindings: [MACBinding]) -> [MACBinding]? {
        guard let first = bindings.first, bindings.contains(where: { $0.value != first.value })
        else { return nil }
        var begun: [Timestamp: MACBinding] = [:]
        for binding in bindings {
            let known = begun[binding.since]
            if let known, (known.first, rank(binding.source)) <= (binding.first, rank(known.source))
            {
                continue
            }
            begun[binding.since] = binding
        }
        return bindings.filter { begun[$0.since]?.value == $0.value }
    }

    /// The chain from an address that served while a row was seen: rows of servers are kept by
    /// address, so where that went from one machine to another meanwhile they may be two servers,
    /// and it is said so. Who has it last answers for it now.
    func attribution(serving address: IPAddress, _ seen: Period) -> Attribution {
        var found = attribution(of: address, at: seen.last, from: seen.first)
        guard givesReasons, isShared(address) else { return found }
        let all = holders(of: address)
        let last = inForce(all, at: seen.last)?.value
        let ends = [inForce(all, at: seen.first)].compactMap { $0 }
        let others = Set(
            (ends + all.filter { $0.first <= seen.last && $0.last >= seen.first }).map(\.value)
        ).subtracting([last].compactMap { $0 }).sorted()
        guard !others.isEmpty else { return found }
        let names = others.prefix(4).map(\.description).joined(separator: ", ")
        found.reasons.append(
            "\(address) was that of \(names)"
                + (others.count > 4 ? " and \(others.count - 4) more" : "")
                + " while this was seen: it may be several servers, of which the last one is meant")
        return found
    }

    /// The chain from whoever had an address while a row was seen.
    func attribution(of tenant: Tenant, _ seen: Period) -> Attribution {
        guard isShared(tenant.address) else {
            return attribution(of: tenant.address, at: seen.last, from: seen.first)
        }
        let holder = canonical(tenant, at: seen.first)
        let all = holders(of: tenant.address)
        // Of too many moves the later ones begin no stretch of their own.
        let own =
            inForce(all.filter { $0.value == holder.machine }, at: seen.last)
            ?? inForce(
                macBindings(of: tenant.address).filter { $0.value == holder.machine },
                at: seen.last)
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
