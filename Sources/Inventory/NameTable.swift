import Wire

/// What each client was told of an address: passive DNS, bounded in time and size.
struct NameTable {
    private struct Key: Hashable {
        var client: IPAddress
        var address: IPAddress
    }
    private struct Entry {
        var name: String
        var told: Timestamp
        var expires: Timestamp
    }

    /// Answers outlive their time to live in clients' caches; browsers keep names for minutes.
    private static let leastLife: Int64 = 600_000_000_000
    /// Pairs of client and address that are remembered.
    private static let capacity = 200_000
    private static let entriesPerPair = 4

    private var entries: [Key: [Entry]] = [:]
    private var order: [Key] = []
    private var oldest = 0
    /// Pairs forgotten because the table was full.
    private(set) var dropped = 0

    /// `client` was told that `name` is at `address`.
    mutating func learn(
        _ client: IPAddress, _ address: IPAddress, _ name: String, at time: Timestamp,
        seconds: UInt32
    ) {
        let key = Key(client: client, address: address)
        let life = max(NameTable.leastLife, Int64(seconds) * 1_000_000_000)
        let entry = Entry(name: name, told: time, expires: time.advanced(byNanoseconds: life))
        var known = entries[key] ?? []
        if known.isEmpty {
            makeRoom()
            order.append(key)
        }
        known.removeAll { $0.name == name && $0.told == time }
        known.append(entry)
        if known.count > NameTable.entriesPerPair { known.removeFirst() }
        entries[key] = known
    }

    /// The name `client` last heard for `address` before `time`, while it may still be in use.
    func name(of address: IPAddress, for client: IPAddress, at time: Timestamp) -> String? {
        entries[Key(client: client, address: address)]?.last {
            $0.told <= time && time <= $0.expires
        }?.name
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
