import Wire

/// The bindings by address and by machine, each in order, so that a question is a search and no
/// hash.
///
/// A station is an address that anything was said of, a machine a MAC address that any was bound
/// to, or that was given a name.
struct BindingIndex {
    struct Station {
        let address: IPAddress
        /// The MAC addresses it had, by first time: those of DHCP, ARP or neighbor discovery, else
        /// those its packets came with, where they tell anything.
        var bindings: [Identity.MACBinding] = []
        /// Of these, those of the machines that had it, where others only claimed it.
        var holders: [Identity.MACBinding]?
        /// Those of other lists, and of identifiers that may be another interface's: they count
        /// where nothing else does.
        var told: [Identity.MACBinding] = []
        var names: [Identity.NameBinding] = []
        var users: [Identity.NameBinding] = []
        /// DHCP, ARP or neighbor discovery placed it somewhere.
        var isPlaced = false
        /// A DHCP server names it as one, or what it is bound to fronts many.
        var isRouter = false
        /// Machines had it one after the other.
        var isShared = false
    }
    struct Machine {
        let mac: MACAddress
        var names: [Identity.NameBinding] = []
        var users: [Identity.NameBinding] = []
        /// Decimal ids of the VLANs that its frames came in.
        var vlans: [Identity.NameBinding] = []
        /// The stations that are bound to it, by address.
        var stations: [Int] = []
        /// Fronts many addresses.
        var isRouter = false
        /// Stations that DHCP, ARP or neighbor discovery placed there, by address.
        fileprivate var placed: [Int] = []
        fileprivate var hasPlacedV4 = false
    }

    /// By address.
    private(set) var stations: [Station] = []
    /// By MAC address.
    private(set) var machines: [Machine] = []
    private let secret = TableSecret.ofThisRun
    private var stationPlaces = PlaceIndex(0)
    private var machinePlaces = PlaceIndex(0)
    private(set) var resolvers: [IPAddress] = []
    private(set) var hasNamedAddresses = false
    private(set) var hasShared = false
    private(set) var hasUsers = false

    /// A binding's address or MAC address, and the number of its row.
    private struct Subject<Key: BitwiseCopyable>: BitwiseCopyable {
        var key: Key
        var row: Int32
    }
    /// A station and the machine it was seen at.
    private struct Pair: BitwiseCopyable {
        var mac: UInt64
        var station: Int32
        var isPlaced: Bool
        var isTold = false
    }
    /// What packets came with, by station.
    private struct Frames {
        var bindings: [Identity.MACBinding] = []
        /// Where those of each station end.
        var ends: [Int] = []

        subscript(station: Int) -> ArraySlice<Identity.MACBinding> {
            bindings[(station > 0 ? ends[station - 1] : 0)..<ends[station]]
        }
    }

    init(_ rows: RowSet<BindingRow>, _ organization: OrganizationIndex) {
        let rows = Array(rows.rows.values)
        var addresses: [Subject<IPAddress>] = []
        var named: [Subject<MACAddress>] = []
        addresses.reserveCapacity(rows.count)
        for (index, row) in rows.enumerated() {
            let number = Int32(truncatingIfNeeded: index)
            switch row.key.subject {
            case .address(let address): addresses.append(Subject(key: address, row: number))
            case .mac(let mac):
                if row.key.kind == .hostname || row.key.kind == .user || row.key.kind == .vlan {
                    named.append(Subject(key: mac, row: number))
                }
            }
        }
        // Numbers are sorted, not rows, which are large.
        addresses.sort {
            $0.key.high == $1.key.high ? $0.key.low < $1.key.low : $0.key.high < $1.key.high
        }
        let (framed, pairs) = makeStations(addresses, rows)
        makeMachines(pairs, named.map(\.key), organization)
        indexPlaces()
        for name in named {
            let row = rows[Int(name.row)]
            guard let machine = machine(with: name.key), case .text(let text) = row.key.value
            else { continue }
            if row.key.kind == .user {
                machines[machine].users.append(BindingIndex.binding(text, row))
                hasUsers = true
            } else if row.key.kind == .vlan {
                machines[machine].vlans.append(BindingIndex.binding(text, row))
            } else {
                machines[machine].names.append(BindingIndex.binding(text, row))
            }
        }
        for machine in machines.indices {
            BindingIndex.sort(&machines[machine].names)
            BindingIndex.sort(&machines[machine].users)
            BindingIndex.sort(&machines[machine].vlans)
        }
        settle(framed)
    }

    private mutating func indexPlaces() {
        stationPlaces = PlaceIndex(stations.count)
        for place in stations.indices {
            stationPlaces.insert(place, secret.of(stations[place].address))
        }
        machinePlaces = PlaceIndex(machines.count)
        for place in machines.indices {
            machinePlaces.insert(place, secret.of(machines[place].mac.value, 0))
        }
    }

    private static func binding<Value>(
        _ value: Value, _ row: BindingRow
    ) -> Identity.Binding<Value> {
        Identity.Binding(
            value: value, source: row.key.source, first: row.seen.first, last: row.seen.last,
            count: row.seen.count, since: row.key.since)
    }

    /// By first time.
    private static func sort<Value: Comparable>(_ bindings: inout [Identity.Binding<Value>]) {
        guard bindings.count > 1 else { return }
        bindings.sort { ($0.first, $0.value, $0.source) < ($1.first, $1.value, $1.source) }
    }

    /// Makes the stations of sorted subjects: what their packets came with, and every pair of
    /// station and machine.
    private mutating func makeStations(
        _ subjects: [Subject<IPAddress>], _ rows: [BindingRow]
    ) -> (framed: Frames, pairs: [Pair]) {
        var framed = Frames()
        var pairs: [Pair] = []
        pairs.reserveCapacity(subjects.count)
        framed.bindings.reserveCapacity(subjects.count)
        for subject in subjects {
            if stations.last?.address != subject.key {
                stations.append(Station(address: subject.key))
                framed.ends.append(framed.bindings.count)
            }
            let last = stations.count - 1
            let number = Int32(truncatingIfNeeded: last)
            let row = rows[Int(subject.row)]
            switch (row.key.kind, row.key.value) {
            case (.mac, .mac(let mac)) where Identity.isTold(row.key.source):
                stations[last].told.append(BindingIndex.binding(mac, row))
                pairs.append(
                    Pair(mac: mac.value, station: number, isPlaced: false, isTold: true))
            case (.mac, .mac(let mac)):
                stations[last].isPlaced = true
                if row.key.since > .zero { (stations[last].isShared, hasShared) = (true, true) }
                stations[last].bindings.append(BindingIndex.binding(mac, row))
                pairs.append(Pair(mac: mac.value, station: number, isPlaced: true))
            case (.linkLayer, .mac(let mac)):
                framed.bindings.append(BindingIndex.binding(mac, row))
                framed.ends[last] = framed.bindings.count
                pairs.append(Pair(mac: mac.value, station: number, isPlaced: false))
            case (.hostname, .text(let name)):
                stations[last].names.append(BindingIndex.binding(name, row))
                hasNamedAddresses = true
            case (.user, .text(let name)):
                stations[last].users.append(BindingIndex.binding(name, row))
                hasUsers = true
            case (.resolver, _): resolvers.append(subject.key)
            case (.router, _): stations[last].isRouter = true
            default: break
            }
        }
        for station in stations.indices {
            BindingIndex.sort(&stations[station].bindings)
            BindingIndex.sort(&stations[station].told)
            BindingIndex.sort(&stations[station].names)
            BindingIndex.sort(&stations[station].users)
        }
        return (framed, pairs)
    }

    /// Makes the machines of the pairs, and of those that were given a name only.
    private mutating func makeMachines(
        _ pairs: [Pair], _ named: [MACAddress], _ organization: OrganizationIndex
    ) {
        let pairs = pairs.sorted {
            $0.mac == $1.mac ? $0.station < $1.station : $0.mac < $1.mac
        }
        var names = named.map(\.value).sorted()[...]
        var start = 0
        while start < pairs.count || !names.isEmpty {
            let mac = min(start < pairs.count ? pairs[start].mac : .max, names.first ?? .max)
            var machine = Machine(mac: MACAddress(mac))
            while names.first == mac { names.removeFirst() }
            var framed: [IPAddress] = []
            while start < pairs.count, pairs[start].mac == mac {
                let station = Int(pairs[start].station)
                let address = stations[station].address
                if pairs[start].isPlaced {
                    if machine.placed.last != station { machine.placed.append(station) }
                    machine.hasPlacedV4 = machine.hasPlacedV4 || address.isV4
                } else if !pairs[start].isTold, framed.last != address {
                    framed.append(address)
                }
                start += 1
            }
            machine.isRouter = BindingIndex.isRouter(framed, organization)
            machines.append(machine)
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

    /// With all machines known: which are routers by a DHCP server's word, and what the link
    /// layer's word is worth.
    private mutating func settle(_ framed: Frames) {
        for station in stations.indices where stations[station].isRouter {
            for binding in stations[station].bindings {
                if let machine = machine(with: binding.value) { machines[machine].isRouter = true }
            }
        }
        for station in stations.indices {
            if stations[station].bindings.isEmpty {
                stations[station].bindings = framed[station].filter {
                    isPlace($0.value, of: station)
                }
                BindingIndex.sort(&stations[station].bindings)
                if stations[station].bindings.isEmpty {
                    stations[station].bindings = stations[station].told.filter {
                        !isRouter($0.value)
                    }
                }
                if stations[station].bindings.isEmpty { place(byIdentifier: station, framed) }
            } else {
                if stations[station].bindings.contains(where: { isRouter($0.value) }) {
                    stations[station].isRouter = true
                }
                stations[station].holders = Identity.holders(stations[station].bindings)
            }
            for binding in stations[station].bindings {
                guard let machine = machine(with: binding.value),
                    machines[machine].stations.last != station
                else { continue }
                machines[machine].stations.append(station)
            }
        }
    }

    /// An address that a machine made of its own MAC address (RFC 4291 §2.5.1): a weak clue, so it
    /// joins a machine that something else shows, and makes none.
    private mutating func place(byIdentifier station: Int, _ framed: Frames) {
        let address = stations[station].address
        guard !address.isV4, let first = framed[station].first,
            let mac = MACAddress(interfaceOf: address), let machine = machine(with: mac),
            !machines[machine].isRouter
        else { return }
        stations[station].bindings = [
            .init(value: mac, source: "eui64", first: first.first, last: first.last, count: 1)
        ]
    }

    private func isRouter(_ mac: MACAddress) -> Bool {
        machine(with: mac).map { machines[$0].isRouter } ?? false
    }

    /// Whether a station may be at a MAC address that its packets came with: not where that is a
    /// router's, or where ARP or DHCP places another IPv4 address, for packets pass through it.
    private func isPlace(_ mac: MACAddress, of station: Int) -> Bool {
        guard let machine = machine(with: mac), !machines[machine].isRouter else { return false }
        guard machines[machine].hasPlacedV4, stations[station].address.isV4 else { return true }
        let placed = machines[machine].placed
        let place = BindingIndex.place(in: placed.count) { placed[$0] < station }
        return place < placed.count && placed[place] == station
    }

    // MARK: - Searching

    func station(at address: IPAddress) -> Int? {
        stationPlaces.place(secret.of(address)) { stations[$0].address == address }
    }

    func machine(with mac: MACAddress) -> Int? {
        machinePlaces.place(secret.of(mac.value, 0)) { machines[$0].mac == mac }
    }

    /// The first of `count` places, which are in order, that is not before what is looked for.
    static func place(in count: Int, isBefore: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(middle) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
