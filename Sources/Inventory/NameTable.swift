import Codecs
import Wire

/// What each client was told of an address: passive DNS, bounded in time and size.
struct NameTable {
    private enum Asker: Equatable, Sendable {
        case address(IPAddress)
        case machine(MACAddress)
    }
    private struct Key: TableKey {
        var asker: Asker
        var address: IPAddress

        func hash(_ secret: KeyedHash) -> UInt64 {
            let asked = secret.of(address)
            switch asker {
            case .address(let client): return secret.of(client, asked)
            case .machine(let mac): return secret.of(mac.value, asked)
            }
        }
    }
    private struct Entry: Sendable {
        var name: String
        var told: Timestamp
        var expires: Timestamp

        func holds(at time: Timestamp) -> Bool { told <= time && time <= expires }
    }
    /// What was told of one pair. Hardly any hears more than one name, so that needs no array.
    private struct Entries: Sendable {
        var newest: Entry
        /// Oldest first.
        var older: [Entry] = []

        mutating func learn(_ entry: Entry) {
            if newest.holds(at: entry.told), newest.name == entry.name {
                // Told again while it held: one telling that holds longer.
                newest.expires = max(newest.expires, entry.expires)
                return
            }
            if older.count == NameTable.entriesPerPair - 1 { older.removeFirst() }
            older.append(newest)
            newest = entry
        }
    }

    /// Answers outlive their time to live in clients' caches; browsers keep names for minutes.
    private static let leastLife: Int64 = 600_000_000_000
    private static let entriesPerPair = 4

    private var recent = RecentTable<Key, Entries>(capacity: 200_000)
    private var entries: KeyedTable<Key, Entries> { recent.entries }
    /// Pairs forgotten because the table was full.
    var dropped: Int { recent.dropped }

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
        recent.put(key, Entries(newest: entry)) { $0.learn(entry) }
    }

    /// The name `client`, or another address of its machine, last heard for `address` before
    /// `time`, while it may still be in use.
    func name(
        of address: IPAddress, for client: IPAddress, machine: MACAddress?, at time: Timestamp
    ) -> String? {
        name(Key(asker: .address(client), address: address), time)
            ?? machine.flatMap { name(Key(asker: .machine($0), address: address), time) }
    }

    /// Whether `client` or its machine was ever told that `name` is at `address`.
    func knows(
        _ name: String, of address: IPAddress, for client: IPAddress, _ machine: MACAddress?
    ) -> Bool {
        knows(name, Key(asker: .address(client), address: address))
            || machine.map { knows(name, Key(asker: .machine($0), address: address)) } ?? false
    }

    private func knows(_ name: String, _ key: Key) -> Bool {
        guard let known = entries.number(of: key) else { return false }
        return entries.values[known].newest.name == name
            || entries.values[known].older.contains { $0.name == name }
    }

    private func name(_ key: Key, _ time: Timestamp) -> String? {
        guard let known = entries.number(of: key) else { return nil }
        if entries.values[known].newest.holds(at: time) { return entries.values[known].newest.name }
        return entries.values[known].older.last { $0.holds(at: time) }?.name
    }

    /// What clients may still use at `time`, of names that `isWanted`.
    func lookups(validAt time: Timestamp, where isWanted: (String) -> Bool) -> [Continuation.Lookup]
    {
        var found: [Continuation.Lookup] = []
        for (key, list) in zip(entries.keys, entries.values) {
            guard case .address(let client) = key.asker else { continue }
            if list.older.isEmpty {
                let entry = list.newest
                guard entry.expires >= time, isWanted(entry.name) else { continue }
                found.append(
                    .init(
                        client: client, address: key.address, name: entry.name, told: entry.told,
                        expires: entry.expires))
                continue
            }
            // Of a name that was told more than once, the last telling holds longest.
            var names: [String] = []
            for entry in [list.newest] + list.older.reversed()
            where entry.expires >= time && !names.contains(entry.name) {
                names.append(entry.name)
                guard isWanted(entry.name) else { continue }
                found.append(
                    .init(
                        client: client, address: key.address, name: entry.name, told: entry.told,
                        expires: entry.expires))
            }
        }
        return found
    }
}

/// Names of which a client was told that their services take encrypted hellos, bounded in time and
/// size.
struct HiddenNames {
    private struct Key: TableKey {
        var client: IPAddress
        var name: String

        func hash(_ secret: KeyedHash) -> UInt64 { secret.of(client, secret.of(name)) }
    }

    /// Browsers keep a service's record about as long as its addresses.
    private static let life: Int64 = 3_600_000_000_000

    private var told = RecentTable<Key, Timestamp>(capacity: 65_536)

    /// Names forgotten because there were too many.
    var dropped: Int { told.dropped }

    mutating func learn(_ name: String, by client: IPAddress, at time: Timestamp) {
        told.put(Key(client: client, name: name), time)
    }

    func holds(_ name: String, by client: IPAddress, at time: Timestamp) -> Bool {
        guard let told = told[Key(client: client, name: name)] else { return false }
        return (0...HiddenNames.life).contains(time.nanoseconds(since: told))
    }
}
