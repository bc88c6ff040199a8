import Wire

/// Addresses behind which several machines stand at once: a translator's, a proxy's.
extension Identity {
    /// What machines say in their own name when they log on or announce themselves: no machine has
    /// three of these at once.
    private static let ownNames: Set = ["ntlm", "kerberos", "nbns"]
    private static let fewest = 3
    /// Names are at one time when so little lies between them.
    private static let nearby: Int64 = 3_600_000_000_000

    /// The names of at least three machines that spoke from one address within an hour, in order;
    /// none where it is one host's. Renaming a machine takes longer, or leaves two.
    func machinesBehind(_ address: IPAddress) -> [NameBinding] {
        guard bindings.hasNamedAddresses, let station = bindings.station(at: address) else {
            return []
        }
        let names = bindings.stations[station].names.filter {
            Identity.ownNames.contains($0.source)
        }
        guard names.count >= Identity.fewest, !bindings.stations[station].isShared else {
            return []
        }
        var best: [NameBinding] = []
        for start in names {
            var found: [String: NameBinding] = [:]
            for name in names
            where name.last >= start.first
                && name.first.nanoseconds(since: start.first) <= Identity.nearby
            {
                let short = Identity.label(name.value).lowercased().prefix(15)
                if found[String(short)] == nil { found[String(short)] = name }
            }
            if found.count > best.count {
                best = found.values.sorted { ($0.value, $0.source) < ($1.value, $1.source) }
            }
        }
        return best.count >= Identity.fewest ? best : []
    }

    /// TTLs under which packets of an address were sent on by the very machine that has it: so
    /// somebody stands behind it, a network, a guest or a container.
    ///
    /// Not where that is a router, or nothing says whose the address is: there somebody else may
    /// have sent them on.
    func routesBehind(_ address: IPAddress) -> [NameBinding] {
        guard let station = bindings.station(at: address) else { return [] }
        let routes = bindings.stations[station].routes
        guard !routes.isEmpty, bindings.stations[station].isPlaced,
            !bindings.stations[station].isRouter
        else { return [] }
        let own = Set(bindings.stations[station].bindings.map(\.value.description))
        return routes.filter { route in
            own.contains(String(route.value.prefix { $0 != " " }))
        }
    }

    /// Why packets were sent on under these TTLs: systems that begin with two different ones.
    private func kindsBehind(_ address: IPAddress) -> [String] {
        let lives = routesBehind(address).compactMap { $0.value.split(separator: " ").last }
        guard Set(lives.compactMap(Routes.beginning)).count > 1 else { return [] }
        return lives.map(String.init)
    }

    /// Why an address is no one host's, in a sentence; nil where it is.
    func sharing(_ addresses: [IPAddress]) -> String? {
        for address in addresses {
            let kinds = kindsBehind(address)
            if !kinds.isEmpty {
                return
                    "systems of different kinds stand behind \(address), which sends their packets "
                    + "on with TTLs \(kinds.joined(separator: ", "))"
            }
            let names = machinesBehind(address)
            guard !names.isEmpty else { continue }
            let shown = names.prefix(6).map { "\($0.value) (\(Identity.text($0.source)))" }
            return "\(names.count) machines speak from \(address) at one time: "
                + shown.joined(separator: ", ")
                + (names.count > 6 ? " and \(names.count - 6) more" : "")
        }
        return nil
    }
}
