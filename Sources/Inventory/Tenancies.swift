import Wire

/// Which machine has an address, and since when, where machines have it one after the other.
///
/// A DHCP server's word moves an address at once. What ARP or neighbor discovery say is anyone's
/// word: it moves one only where no lease holds and the machine before has claimed nothing for a
/// while, so that two that claim one address do not take it from each other with every packet.
struct Tenancies {
    /// Addresses whose machine is remembered, and those that moved.
    private static let limit = 200_000
    private static let movedLimit = 65_536
    /// Stays remembered of an address: flows of the one before may end after it went.
    private static let stayLimit = 8
    /// Moves of one address that begin a stretch of their own in the rows.
    private static let moveLimit = 128
    /// How long nothing was claimed by a machine that another may follow unasked: hosts that are
    /// there ask for their gateway's address about once a minute.
    static let quiet: UInt64 = 120_000_000_000

    private struct Station {
        var machine: MACAddress
        /// When that machine last claimed the address.
        var claimed: Timestamp
        /// How long a lease holds; zero for none.
        var leased: Timestamp
    }
    private struct Stay {
        var machine: MACAddress
        var since: Timestamp
    }
    private struct Stays {
        var latest: [Stay]
        var moves: Int
        /// Earlier ones than these were forgotten.
        var isCut = false

        func stay(at time: Timestamp) -> Stay? {
            var found: Stay?
            for stay in latest where stay.since <= time {
                if found.map({ $0.since <= stay.since }) ?? true { found = stay }
            }
            return found ?? (isCut ? latest.first : nil)
        }
    }

    private var stations = KeyedTable<IPAddress, Station>()
    private var moved = KeyedTable<IPAddress, Stays>()
    /// Machines and moves that were not remembered.
    private(set) var dropped = 0

    /// The machine at an address, as far as the traffic has told by now.
    subscript(_ address: IPAddress) -> MACAddress? { stations[address]?.machine }

    /// What an earlier capture told; `since` is set where the address had moved.
    mutating func resume(
        _ address: IPAddress, at machine: MACAddress, claimed: Timestamp, since: Timestamp?
    ) {
        guard stations.count < Tenancies.limit else {
            dropped += 1
            return
        }
        stations.insert(address, Station(machine: machine, claimed: claimed, leased: .zero))
        guard let since, moved.count < Tenancies.movedLimit else { return }
        moved.insert(address, Stays(latest: [Stay(machine: machine, since: since)], moves: 1))
    }

    /// A DHCP server gave the address to a machine, for so long.
    mutating func lease(
        _ address: IPAddress, to machine: MACAddress, until end: Timestamp, at time: Timestamp
    ) {
        place(address, at: machine, time, isLease: true)
        guard let known = stations.number(of: address) else { return }
        // An answer that names no time, or a shorter one, takes nothing from a lease that runs.
        stations.values[known].leased = max(stations.values[known].leased, end)
    }

    /// A machine gave its lease back, or would not take it.
    mutating func release(_ address: IPAddress, by machine: MACAddress) {
        guard let known = stations.number(of: address),
            stations.values[known].machine == machine
        else { return }
        stations.values[known].leased = .zero
        stations.values[known].claimed = .zero
    }

    /// A machine says that the address is its own.
    mutating func claim(_ address: IPAddress, by machine: MACAddress, at time: Timestamp) {
        place(address, at: machine, time, isLease: false)
    }

    private mutating func place(
        _ address: IPAddress, at machine: MACAddress, _ time: Timestamp, isLease: Bool
    ) {
        guard let known = stations.number(of: address) else {
            guard stations.count < Tenancies.limit else {
                dropped += 1
                return
            }
            stations.insert(address, Station(machine: machine, claimed: time, leased: .zero))
            return
        }
        let station = stations.values[known]
        if station.machine == machine {
            stations.values[known].claimed = max(station.claimed, time)
            return
        }
        if !isLease {
            // Much earlier than the last claim it was read after a later capture.
            let gap = time.nanoseconds(since: station.claimed).magnitude
            guard time >= station.leased, gap >= Tenancies.quiet else { return }
        }
        stations.values[known] = Station(machine: machine, claimed: time, leased: .zero)
        move(address, to: machine, at: time)
    }

    private mutating func move(_ address: IPAddress, to machine: MACAddress, at time: Timestamp) {
        guard let known = moved.number(of: address) else {
            guard moved.count < Tenancies.movedLimit else {
                dropped += 1
                return
            }
            moved.insert(address, Stays(latest: [Stay(machine: machine, since: time)], moves: 1))
            return
        }
        var since = time
        if moved.values[known].moves >= Tenancies.moveLimit {
            since = moved.values[known].latest.last?.since ?? time
            dropped += 1
        }
        moved.values[known].moves += 1
        moved.values[known].latest.append(Stay(machine: machine, since: since))
        if moved.values[known].latest.count > Tenancies.stayLimit {
            moved.values[known].latest.removeFirst()
            moved.values[known].isCut = true
        }
    }

    /// Who had the address then. The first machine that was seen there is not named: what is
    /// recorded before any is known is most likely its own.
    func tenant(of address: IPAddress, at time: Timestamp) -> Tenant {
        guard moved.count > 0, let stays = moved[address] else { return Tenant(address) }
        return Tenant(address, stays.stay(at: time)?.machine ?? .zero)
    }

    /// When the address went to whoever had it then; zero where that was the first.
    func since(_ address: IPAddress, at time: Timestamp) -> Timestamp {
        guard moved.count > 0, let stays = moved[address] else { return .zero }
        return stays.stay(at: time)?.since ?? .zero
    }
}
