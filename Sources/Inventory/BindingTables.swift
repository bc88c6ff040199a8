import Wire

/// What a `BindingIndex` looks up: numbers of rows, by address and by machine, each in order.
///
/// There may be millions of rows, and they are held by whoever asks: nothing of them is copied
/// here but what they are found by.
struct BindingTables: Sendable {
    /// An address that anything was said of. Where its rows end in `told`, by sort; they begin
    /// where those of the station before end.
    struct Station: BitwiseCopyable {
        /// Any row of the address, which has it.
        var row: UInt32
        /// Machines that DHCP, ARP or neighbor discovery placed there.
        var macs: UInt32 = 0
        /// Those of other lists, and of identifiers that may be another interface's.
        var listed: UInt32 = 0
        /// What its packets came with.
        var frames: UInt32 = 0
        var names: UInt32 = 0
        /// TTLs of packets that were sent on.
        var routes: UInt32 = 0
        var users: UInt32 = 0
        var flags: StationFlags = []
    }
    struct StationFlags: OptionSet, BitwiseCopyable {
        let rawValue: UInt8
        /// DHCP, ARP or neighbor discovery placed it somewhere.
        static let placed = StationFlags(rawValue: 1)
        /// A DHCP server names it as a router, or what it is bound to fronts many.
        static let router = StationFlags(rawValue: 2)
        /// Machines had it one after the other.
        static let shared = StationFlags(rawValue: 4)
        /// It was placed at several machines.
        static let contested = StationFlags(rawValue: 8)
    }
    /// A MAC address that any address was bound to, or that was given a name. Where its rows end in
    /// `saidOfMachines`, and its stations in `members` and `placed`.
    struct Machine: BitwiseCopyable {
        var mac: MACAddress
        var names: UInt32 = 0
        var users: UInt32 = 0
        var vlans: UInt32 = 0
        var devices: UInt32 = 0
        var members: UInt32 = 0
        var placed: UInt32 = 0
        /// Fronts many addresses.
        var isRouter = false
        var hasPlacedV4 = false
    }

    let rows: [BindingRow]
    /// By address.
    private(set) var stations: [Station] = []
    /// By MAC address.
    private(set) var machines: [Machine] = []
    /// Numbers of rows, by station and by machine.
    private(set) var told: [UInt32] = []
    private(set) var saidOfMachines: [UInt32] = []
    /// Stations that are bound to each machine, and those that were placed there, by address.
    private(set) var members: [UInt32] = []
    private(set) var placed: [UInt32] = []
    private(set) var resolvers: [IPAddress] = []
    private(set) var hasNamedAddresses = false
    private(set) var hasShared = false
    private(set) var hasUsers = false
    private let secret = TableSecret.ofThisRun
    private var stationPlaces = PlaceIndex(0)
    private var machinePlaces = PlaceIndex(0)

    init(_ rows: [BindingRow], _ organization: OrganizationIndex) {
        self.rows = rows
        makeMachines(makeStations(), organization)
        settle()
    }

    func address(of station: Int) -> IPAddress {
        guard case .address(let address) = rows[Int(stations[station].row)].key.subject else {
            return .zero
        }
        return address
    }

    func station(at address: IPAddress) -> Int? {
        stationPlaces.place(secret.of(address)) { self.address(of: $0) == address }
    }

    func machine(with mac: MACAddress) -> Int? {
        machinePlaces.place(secret.of(mac.value, 0)) { machines[$0].mac == mac }
    }

    // MARK: - Stations

    /// A station and the machine it was seen at.
    private struct Pair: BitwiseCopyable {
        var mac: UInt64
        var station: UInt32
        var isPlaced: Bool
        var isTold = false
    }
    /// An address, and the number of a row that says something of it.
    private struct Said: BitwiseCopyable {
        var address: IPAddress
        var row: UInt32
    }
    /// What is said of one address, by sort.
    private struct Sorts {
        var macs: [UInt32] = []
        var listed: [UInt32] = []
        var frames: [UInt32] = []
        var names: [UInt32] = []
        var routes: [UInt32] = []
        var users: [UInt32] = []

        mutating func clear() {
            macs.removeAll(keepingCapacity: true)
            listed.removeAll(keepingCapacity: true)
            frames.removeAll(keepingCapacity: true)
            names.removeAll(keepingCapacity: true)
            routes.removeAll(keepingCapacity: true)
            users.removeAll(keepingCapacity: true)
        }
    }

    /// What rows say of addresses, in their order.
    private func saidOfAddresses() -> [Said] {
        var said: [Said] = []
        var count = 0
        for row in rows { if case .address = row.key.subject { count += 1 } }
        said.reserveCapacity(count)
        for number in rows.indices {
            guard case .address(let address) = rows[number].key.subject else { continue }
            said.append(Said(address: address, row: UInt32(truncatingIfNeeded: number)))
        }
        said.sort {
            $0.address.high == $1.address.high
                ? $0.address.low < $1.address.low : $0.address.high < $1.address.high
        }
        return said
    }

    /// Makes the stations; every pair of station and machine.
    private mutating func makeStations() -> [Pair] {
        let said = saidOfAddresses()
        var (count, last) = (0, IPAddress?.none)
        for one in said where one.address != last { (count, last) = (count + 1, one.address) }
        stations.reserveCapacity(count)
        told.reserveCapacity(said.count)
        var pairs: [Pair] = []
        pairs.reserveCapacity(said.count)
        var sorts = Sorts()
        var start = 0
        while start < said.count {
            var end = start + 1
            while end < said.count, said[end].address == said[start].address { end += 1 }
            var station = Station(row: said[start].row)
            for one in said[start..<end] { take(one, &station, &sorts, &pairs) }
            add(station, &sorts)
            start = end
        }
        stationPlaces = PlaceIndex(stations.count)
        for place in stations.indices {
            stationPlaces.insert(place, secret.of(address(of: place)))
        }
        return pairs
    }

    private mutating func take(
        _ one: Said, _ station: inout Station, _ sorts: inout Sorts, _ pairs: inout [Pair]
    ) {
        let key = rows[Int(one.row)].key
        let number = UInt32(truncatingIfNeeded: stations.count)
        switch (key.kind, key.value) {
        case (.mac, .mac(let mac)) where Identity.isTold(key.source):
            sorts.listed.append(one.row)
            pairs.append(Pair(mac: mac.value, station: number, isPlaced: false, isTold: true))
        case (.mac, .mac(let mac)):
            station.flags.insert(.placed)
            if key.since > .zero {
                station.flags.insert(.shared)
                hasShared = true
            }
            sorts.macs.append(one.row)
            pairs.append(Pair(mac: mac.value, station: number, isPlaced: true))
        case (.linkLayer, .mac(let mac)):
            sorts.frames.append(one.row)
            pairs.append(Pair(mac: mac.value, station: number, isPlaced: false))
        case (.hostname, .text):
            sorts.names.append(one.row)
            hasNamedAddresses = true
        case (.route, .text): sorts.routes.append(one.row)
        case (.user, .text):
            sorts.users.append(one.row)
            hasUsers = true
        case (.resolver, _): resolvers.append(one.address)
        case (.router, _): station.flags.insert(.router)
        default: break
        }
    }

    private mutating func add(_ station: Station, _ sorts: inout Sorts) {
        var station = station
        if let first = sorts.macs.first,
            sorts.macs.contains(where: { mac(of: $0) != mac(of: first) })
        {
            station.flags.insert(.contested)
        }
        append(&sorts.macs)
        station.macs = UInt32(truncatingIfNeeded: told.count)
        append(&sorts.listed)
        station.listed = UInt32(truncatingIfNeeded: told.count)
        append(&sorts.frames)
        station.frames = UInt32(truncatingIfNeeded: told.count)
        append(&sorts.names)
        station.names = UInt32(truncatingIfNeeded: told.count)
        append(&sorts.routes)
        station.routes = UInt32(truncatingIfNeeded: told.count)
        append(&sorts.users)
        station.users = UInt32(truncatingIfNeeded: told.count)
        stations.append(station)
        sorts.clear()
    }

    private mutating func append(_ numbers: inout [UInt32]) {
        guard let first = numbers.first else { return }
        guard numbers.count > 1 else { return told.append(first) }
        numbers.sort { isBefore($0, $1) }
        told += numbers
    }

    /// By first time, value and source.
    private func isBefore(_ left: UInt32, _ right: UInt32) -> Bool {
        let (one, other) = (rows[Int(left)], rows[Int(right)])
        guard one.seen.first == other.seen.first else { return one.seen.first < other.seen.first }
        switch (one.key.value, other.key.value) {
        case (.mac(let one), .mac(let other)) where one != other: return one < other
        case (.text(let one), .text(let other)) where one != other: return one < other
        default: break
        }
        return (one.key.source, one.key.since) < (other.key.source, other.key.since)
    }

    /// The MAC address that a row gives.
    func mac(of row: UInt32) -> MACAddress {
        guard case .mac(let mac) = rows[Int(row)].key.value else { return .zero }
        return mac
    }

    // MARK: - Machines

    /// Makes the machines of the pairs, and of those that something was said of only.
    private mutating func makeMachines(
        _ pairs: consuming [Pair], _ organization: OrganizationIndex
    ) {
        pairs.sort { $0.mac == $1.mac ? $0.station < $1.station : $0.mac < $1.mac }
        let said = numbersOfMachines()
        var (start, next) = (0, 0)
        while start < pairs.count || next < said.count {
            let mac = min(
                start < pairs.count ? pairs[start].mac : .max,
                next < said.count ? subject(of: said[next]).value : .max)
            var machine = Machine(mac: MACAddress(mac))
            var framed: [IPAddress] = []
            var last: UInt32?
            while start < pairs.count, pairs[start].mac == mac {
                let station = pairs[start].station
                if pairs[start].isPlaced {
                    let address = address(of: Int(station))
                    if last != station { placed.append(station) }
                    last = station
                    machine.hasPlacedV4 = machine.hasPlacedV4 || address.isV4
                } else if !pairs[start].isTold {
                    let address = address(of: Int(station))
                    if framed.last != address { framed.append(address) }
                }
                start += 1
            }
            machine.placed = UInt32(truncatingIfNeeded: placed.count)
            machine.isRouter = BindingTables.isRouter(framed, organization)
            var end = next
            while end < said.count, subject(of: said[end]).value == mac { end += 1 }
            add(said[next..<end], to: &machine)
            next = end
            machines.append(machine)
        }
        machinePlaces = PlaceIndex(machines.count)
        for place in machines.indices {
            machinePlaces.insert(place, secret.of(machines[place].mac.value, 0))
        }
    }

    /// Rows that say something of a machine, by its MAC address.
    private func numbersOfMachines() -> [UInt32] {
        var said: [(mac: UInt64, row: UInt32)] = []
        for number in rows.indices {
            guard case .mac(let mac) = rows[number].key.subject else { continue }
            switch rows[number].key.kind {
            case .hostname, .user, .vlan, .device:
                said.append((mac.value, UInt32(truncatingIfNeeded: number)))
            default: break
            }
        }
        said.sort { $0.mac < $1.mac }
        return said.map(\.row)
    }

    private func subject(of row: UInt32) -> MACAddress {
        guard case .mac(let mac) = rows[Int(row)].key.subject else { return .zero }
        return mac
    }

    private mutating func add(_ said: ArraySlice<UInt32>, to machine: inout Machine) {
        guard !said.isEmpty else {
            let end = UInt32(truncatingIfNeeded: saidOfMachines.count)
            (machine.names, machine.users, machine.vlans, machine.devices) = (end, end, end, end)
            return
        }
        for kind in [BindingRow.Kind.hostname, .user, .vlan, .device] {
            var numbers = said.filter { number in
                guard rows[Int(number)].key.kind == kind, case .text = rows[Int(number)].key.value
                else { return false }
                return true
            }
            if numbers.count > 1 { numbers.sort { isBefore($0, $1) } }
            if kind == .user, !numbers.isEmpty { hasUsers = true }
            saidOfMachines += numbers
            let end = UInt32(truncatingIfNeeded: saidOfMachines.count)
            switch kind {
            case .hostname: machine.names = end
            case .user: machine.users = end
            case .vlan: machine.vlans = end
            default: machine.devices = end
            }
        }
    }

    /// A MAC address that packets of foreign or of many addresses come with is a router's.
    private static func isRouter(_ fronted: [IPAddress], _ organization: OrganizationIndex) -> Bool
    {
        let routable = fronted.filter { !$0.isLinkLocal }
        if routable.contains(where: { !organization.owns($0) }) { return true }
        // Addresses of more networks than one machine has.
        guard routable.count > 1 else { return false }
        let v4 = routable.filter(\.isV4)
        if v4.count > 4 { return true }
        let networks = Set(routable.map { organization.network(of: $0)?.network.description ?? "" })
        let v4Networks = Set(
            v4.map { organization.network(of: $0)?.network.description ?? "\($0)" })
        return v4Networks.count > 1 || networks.count > 3
    }

    /// Every pair of machine and station; some twice.
    private func ownedStations() -> [(machine: UInt32, station: UInt32)] {
        var owned: [(machine: UInt32, station: UInt32)] = []
        owned.reserveCapacity(stations.count)
        for station in stations.indices {
            forEachMAC(of: station) { mac, _ in
                guard let machine = machine(with: mac) else { return }
                owned.append(
                    (UInt32(truncatingIfNeeded: machine), UInt32(truncatingIfNeeded: station)))
            }
        }
        return owned
    }

    /// With all machines known: which are routers by a DHCP server's word, and which stations are
    /// whose.
    private mutating func settle() {
        for station in stations.indices where stations[station].flags.contains(.router) {
            for row in numbers(.macs, of: station) {
                if let machine = machine(with: mac(of: row)) { machines[machine].isRouter = true }
            }
        }
        for station in stations.indices {
            let own = numbers(.macs, of: station)
            if own.contains(where: { isRouter(mac(of: $0)) }) {
                stations[station].flags.insert(.router)
            }
        }
        var owned = ownedStations()
        // By machine; within, by station.
        owned.sort { $0.machine == $1.machine ? $0.station < $1.station : $0.machine < $1.machine }
        members.reserveCapacity(owned.count)
        var next = 0
        for machine in machines.indices {
            var last: UInt32?
            while next < owned.count, owned[next].machine == machine {
                if owned[next].station != last { members.append(owned[next].station) }
                last = owned[next].station
                next += 1
            }
            machines[machine].members = UInt32(truncatingIfNeeded: members.count)
        }
    }
}
