import Wire

/// The bindings by address and by machine, each in order, so that a question is a search and no
/// hash over texts.
///
/// A station is an address that anything was said of, a machine a MAC address that any was bound
/// to, or that was given a name.
struct BindingIndex: Sendable {
    /// One reference, for it is handed on with every question.
    fileprivate final class Box: Sendable {
        let tables: BindingTables
        init(_ tables: BindingTables) { self.tables = tables }
    }
    /// All of one sort, by number.
    struct Stations {
        fileprivate let box: Box
        var indices: Range<Int> { box.tables.stations.indices }
        subscript(_ number: Int) -> Station { Station(box: box, number: number) }
    }
    struct Machines {
        fileprivate let box: Box
        var indices: Range<Int> { box.tables.machines.indices }
        var count: Int { box.tables.machines.count }
        subscript(_ number: Int) -> Machine { Machine(box: box, number: number) }
    }
    struct Station {
        fileprivate let box: Box
        fileprivate let number: Int
    }
    struct Machine {
        fileprivate let box: Box
        fileprivate let number: Int
    }

    private let box: Box

    init(_ rows: RowSet<BindingRow>, _ organization: OrganizationIndex) {
        box = Box(BindingTables(rows.rows.values, organization))
    }

    var stations: Stations { Stations(box: box) }
    var machines: Machines { Machines(box: box) }
    var resolvers: [IPAddress] { box.tables.resolvers }
    var hasNamedAddresses: Bool { box.tables.hasNamedAddresses }
    var hasShared: Bool { box.tables.hasShared }
    var hasUsers: Bool { box.tables.hasUsers }

    func station(at address: IPAddress) -> Int? { box.tables.station(at: address) }

    func machine(with mac: MACAddress) -> Int? { box.tables.machine(with: mac) }

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

extension BindingIndex.Station {
    var address: IPAddress { box.tables.address(of: number) }

    /// The MAC addresses it had, by first time: those of DHCP, ARP or neighbor discovery; else
    /// those its packets came with, where they tell anything; else what lists say.
    var bindings: [Identity.MACBinding] {
        var found: [Identity.MACBinding] = []
        box.tables.forEachMAC(of: number) { mac, row in
            var binding = box.tables.binding(mac, row)
            // Told by the address itself, while such packets came.
            if box.tables.mac(of: row) != mac { (binding.source, binding.count) = ("eui64", 1) }
            found.append(binding)
        }
        return found
    }

    /// Of these, those of the machines that had it, where others only claimed it.
    var holders: [Identity.MACBinding]? {
        flags.contains(.contested) ? Identity.holders(bindings) : nil
    }

    /// Those of other lists, and of identifiers that may be another interface's: they count where
    /// nothing else does.
    var told: [Identity.MACBinding] {
        box.tables.numbers(.listed, of: number).map {
            box.tables.binding(box.tables.mac(of: $0), $0)
        }
    }

    var names: [Identity.NameBinding] { box.tables.texts(.names, of: number) }
    var users: [Identity.NameBinding] { box.tables.texts(.users, of: number) }
    /// MAC address and TTL of packets that were sent on by somebody.
    var routes: [Identity.NameBinding] { box.tables.texts(.routes, of: number) }

    private var flags: BindingTables.StationFlags { box.tables.stations[number].flags }
    var isPlaced: Bool { flags.contains(.placed) }
    var isRouter: Bool { flags.contains(.router) }
    var isShared: Bool { flags.contains(.shared) }
}

extension BindingIndex.Machine {
    private var machine: BindingTables.Machine { box.tables.machines[number] }
    private var before: BindingTables.Machine? {
        number > 0 ? box.tables.machines[number - 1] : nil
    }

    var mac: MACAddress { machine.mac }
    var isRouter: Bool { machine.isRouter }

    var names: [Identity.NameBinding] { texts(from: before?.devices ?? 0, to: machine.names) }
    var users: [Identity.NameBinding] { texts(from: machine.names, to: machine.users) }
    /// Decimal ids of the VLANs that its frames came in.
    var vlans: [Identity.NameBinding] { texts(from: machine.users, to: machine.vlans) }

    /// `DeviceWord`s.
    var devices: [Identity.NameBinding] { texts(from: machine.vlans, to: machine.devices) }

    private func texts(from start: UInt32, to end: UInt32) -> [Identity.NameBinding] {
        start == end
            ? [] : box.tables.saidOfMachines[Int(start)..<Int(end)].map { box.tables.text($0) }
    }

    /// The stations that are bound to it, by address.
    var stations: [Int] {
        box.tables.members[Int(before?.members ?? 0)..<Int(machine.members)].map { Int($0) }
    }
}

// MARK: - Searching

extension BindingTables {
    enum Sort { case macs, listed, frames, names, routes, users }

    /// Numbers of the rows of one sort that a station has.
    func numbers(_ sort: Sort, of number: Int) -> ArraySlice<UInt32> {
        let station = stations[number]
        let range =
            switch sort {
            case .macs: (number > 0 ? stations[number - 1].users : 0)..<station.macs
            case .listed: station.macs..<station.listed
            case .frames: station.listed..<station.frames
            case .names: station.frames..<station.names
            case .routes: station.names..<station.routes
            case .users: station.routes..<station.users
            }
        return told[Int(range.lowerBound)..<Int(range.upperBound)]
    }

    func binding<Value>(_ value: Value, _ number: UInt32) -> Identity.Binding<Value> {
        let row = rows[Int(number)]
        return Identity.Binding(
            value: value, source: row.key.source, first: row.seen.first, last: row.seen.last,
            count: row.seen.count, since: row.key.since)
    }

    func text(_ number: UInt32) -> Identity.NameBinding {
        guard case .text(let text) = rows[Int(number)].key.value else {
            return binding("", number)
        }
        return binding(text, number)
    }

    func texts(_ sort: Sort, of station: Int) -> [Identity.NameBinding] {
        let numbers = numbers(sort, of: station)
        return numbers.isEmpty ? [] : numbers.map(text)
    }

    /// The machines that a station is bound to, with the rows that say so: the surest sort that
    /// says anything.
    func forEachMAC(of station: Int, _ body: (MACAddress, UInt32) -> Void) {
        let own = numbers(.macs, of: station)
        for row in own { body(mac(of: row), row) }
        guard own.isEmpty else { return }
        let frames = numbers(.frames, of: station)
        var isFound = false
        for row in frames where isPlace(mac(of: row), of: station) {
            body(mac(of: row), row)
            isFound = true
        }
        guard !isFound else { return }
        for row in numbers(.listed, of: station) where !isRouter(mac(of: row)) {
            body(mac(of: row), row)
            isFound = true
        }
        guard !isFound, let row = frames.first else { return }
        byIdentifier(of: station).map { body($0, row) }
    }

    /// The machine whose MAC address an address was made of (RFC 4291 §2.5.1): a weak clue, so it
    /// joins a machine that something else shows, and makes none.
    private func byIdentifier(of station: Int) -> MACAddress? {
        guard let mac = MACAddress(interfaceOf: address(of: station)),
            let machine = machine(with: mac), !machines[machine].isRouter
        else { return nil }
        return mac
    }

    func isRouter(_ mac: MACAddress) -> Bool {
        machine(with: mac).map { machines[$0].isRouter } ?? false
    }

    /// Whether a station may be at a MAC address that its packets came with: not where that is a
    /// router's, or where ARP or DHCP places another IPv4 address, for packets pass through it.
    private func isPlace(_ mac: MACAddress, of station: Int) -> Bool {
        guard let machine = machine(with: mac), !machines[machine].isRouter else { return false }
        guard machines[machine].hasPlacedV4, address(of: station).isV4 else { return true }
        let start = machine > 0 ? Int(machines[machine - 1].placed) : 0
        let placed = placed[start..<Int(machines[machine].placed)]
        let place =
            start + BindingIndex.place(in: placed.count) { placed[start + $0] < station }
        return place < placed.endIndex && placed[place] == station
    }
}
