import Wire

/// What each client was told of an address: passive DNS, bounded in time and size.
struct NameTable {
    private enum Asker: Hashable {
        case address(IPAddress)
        case machine(MACAddress)
    }
    private struct Key: Hashable {
        var asker: Asker
        var address: IPAddress
    }
    private struct Entry {
        var name: String
        var told: Timestamp
        var expires: Timestamp
    }
    /// What was told of one pair. Hardly any hears more than one name, so that needs no array.
    private struct Entries {
        var newest: Entry
        /// Oldest first.
        var older: [Entry] = []

        mutating func learn(_ entry: Entry) {
            let isRepeated = { (known: Entry) in
                known.name == entry.name && known.told == entry.told
            }
            if !isRepeated(newest) { older.append(newest) }
            if !older.isEmpty {
                older.removeAll(where: isRepeated)
                if older.count == NameTable.entriesPerPair { older.removeFirst() }
            }
            newest = entry
        }
    }

    /// Answers outlive their time to live in clients' caches; browsers keep names for minutes.
    private static let leastLife: Int64 = 600_000_000_000
    /// Pairs of client and address that are remembered.
    private static let capacity = 200_000
    private static let entriesPerPair = 4

    private var entries: [Key: Entries] = [:]
    private var order: [Key] = []
    private var oldest = 0
    /// Pairs forgotten because the table was full.
    private(set) var dropped = 0

    /// `client`, on `machine` if that is known, was told that `name` is at `address`.
    mutating func learn(
        _ client: IPAddress, machine: MACAddress?, _ address: IPAddress, _ name: String,
        at time: Timestamp, seconds: UInt32
    ) {
        let life = max(NameTable.leastLife, Int64(seconds) * 1_000_000_000)
        learn(
            client, machine: machine, address, name, at: time,
            expires: time.advanced(byNanoseconds: life))
    }

    mutating func learn(
        _ client: IPAddress, machine: MACAddress?, _ address: IPAddress, _ name: String,
        at time: Timestamp, expires: Timestamp
    ) {
        let entry = Entry(name: name, told: time, expires: expires)
        learn(Key(asker: .address(client), address: address), entry)
        if let machine { learn(Key(asker: .machine(machine), address: address), entry) }
    }

    private mutating func learn(_ key: Key, _ entry: Entry) {
        guard let place = entries.index(forKey: key) else {
            makeRoom()
            order.append(key)
            entries[key] = Entries(newest: entry)
            return
        }
        entries.values[place].learn(entry)
    }

    /// The name `client`, or another address of its machine, last heard for `address` before
    /// `time`, while it may still be in use.
    func name(
        of address: IPAddress, for client: IPAddress, machine: MACAddress?, at time: Timestamp
    ) -> String? {
        name(Key(asker: .address(client), address: address), time)
            ?? machine.flatMap { name(Key(asker: .machine($0), address: address), time) }
    }

    private func name(_ key: Key, _ time: Timestamp) -> String? {
        guard let known = entries[key] else { return nil }
        let holds = { (entry: Entry) in entry.told <= time && time <= entry.expires }
        return holds(known.newest) ? known.newest.name : known.older.last(where: holds)?.name
    }

    /// What clients may still use at `time`, of names that `isWanted`.
    func lookups(validAt time: Timestamp, where isWanted: (String) -> Bool) -> [Continuation.Lookup]
    {
        var found: [Continuation.Lookup] = []
        for (key, list) in entries {
            guard case .address(let client) = key.asker else { continue }
            // Of a name that was told more than once, the last telling holds longest.
            var names: Set<String> = []
            for entry in [list.newest] + list.older.reversed()
            where names.insert(entry.name).inserted && entry.expires >= time
                && isWanted(entry.name)
            {
                found.append(
                    .init(
                        client: client, address: key.address, name: entry.name, told: entry.told,
                        expires: entry.expires))
            }
        }
        return found
    }

    private mutating func makeRoom() {
        guard entries.count >= NameTable.capacity else { return }
        entries[order[oldest]] = nil
        oldest += 1
        dropped += 1
        if oldest > NameTable.capacity {
            order.removeFirst(oldest)
            oldest = 0
        }
    }
}
