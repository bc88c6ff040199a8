import Wire

/// What it takes to know who is behind an address, with many bindings and networks.
package struct IdentityBench {
    private let identity: Identity
    private let addresses: Int

    /// Bindings made up: every second address's machine by DHCP, then the machine's name; networks
    /// of four sizes that hold each other, and an owner for every tenth machine.
    package init(bindings: Int, networks: Int) {
        addresses = max(1, bindings / 2)
        var rows = RowSet<BindingRow>()
        rows.reserve(bindings)
        for number in 0..<addresses {
            let mac = IdentityBench.mac(number)
            let seen = Period(Timestamp(nanoseconds: Int64(number)), count: 3)
            rows.add(
                BindingRow(
                    key: .init(
                        subject: .address(IdentityBench.address(number)), kind: .mac,
                        value: .mac(mac), source: "dhcp"), seen: seen))
            rows.add(
                BindingRow(
                    key: .init(
                        subject: .mac(mac), kind: .hostname, value: .text("host-\(number)"),
                        source: "dhcp"), seen: seen))
        }
        var organization = Organization()
        for number in 0..<networks {
            let bits = [20, 24, 26, 28][number % 4]
            let base = Network.masked(IdentityBench.address(number * 61), 96 + bits)
            guard let network = Network("\(base)/\(bits)") else { continue }
            organization.networks.append(
                .init(
                    network: network, team: "team\(number % 50)",
                    place: .init(file: "hosts.yaml", line: number + 1)))
        }
        for number in stride(from: 0, to: min(addresses, 100_000), by: 10) {
            organization.owners.append(
                .init(
                    key: .mac(IdentityBench.mac(number)), owner: "owner\(number)",
                    place: .init(file: "hosts.yaml", line: number + 1)))
        }
        identity = Identity(rows, OrganizationIndex(organization), givesReasons: false)
    }

    private static func address(_ number: Int) -> IPAddress {
        IPAddress(high: 0, low: 0xffff_0a00_0000 | UInt64(number & 0xff_ffff))
    }

    private static func mac(_ number: Int) -> MACAddress {
        MACAddress(0x0200_0000_0000 | UInt64(number))
    }

    /// Asks for machine, name, team and owner of `count` addresses in no order; how many had a
    /// name.
    package func ask(_ count: Int) -> Int {
        var found = 0
        var number = 1
        for _ in 0..<count {
            // A step that shares no factor with the count meets all of them.
            number = (number + 7_368_787) % addresses
            let who = identity.attribution(
                of: IdentityBench.address(number), at: Timestamp(nanoseconds: Int64(number)))
            if who.hostname != nil { found += 1 }
        }
        return found
    }
}
