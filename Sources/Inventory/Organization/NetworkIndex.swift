import Wire

/// Networks, so that the longest prefix around an address is a search: nested ones are laid out
/// side by side, as ranges that each belong to the narrowest.
struct NetworkIndex {
    /// Where each range begins, and the network it belongs to; -1 for none.
    private var starts: [IPAddress] = []
    private var entries: [Int32] = []

    init(_ networks: [Network]) {
        let order = networks.indices.sorted {
            (networks[$0].base, networks[$0].prefixBits, $0)
                < (networks[$1].base, networks[$1].prefixBits, $1)
        }
        // The networks that hold the next one, widest first.
        var open: [Int] = []
        for place in order {
            while let last = open.last, networks[last].last < networks[place].base {
                close(&open, networks)
            }
            // Of two of the same name the first counts.
            if let last = open.last, networks[last] == networks[place] { continue }
            begin(networks[place].base, Int32(truncatingIfNeeded: place))
            open.append(place)
        }
        while !open.isEmpty { close(&open, networks) }
    }

    /// Ends the narrowest open network: what follows belongs to the one around it.
    private mutating func close(_ open: inout [Int], _ networks: [Network]) {
        guard let last = open.popLast(), let next = networks[last].last.successor else { return }
        begin(next, open.last.map { Int32(truncatingIfNeeded: $0) } ?? -1)
    }

    private mutating func begin(_ start: IPAddress, _ entry: Int32) {
        if starts.last == start {
            entries[entries.count - 1] = entry
        } else {
            starts.append(start)
            entries.append(entry)
        }
    }

    var isEmpty: Bool { starts.isEmpty }

    /// The place, in the list this was made of, of the narrowest network that holds an address.
    func place(of address: IPAddress) -> Int? {
        let after = BindingIndex.place(in: starts.count) { starts[$0] <= address }
        guard after > 0, entries[after - 1] >= 0 else { return nil }
        return Int(entries[after - 1])
    }
}

extension Network {
    /// The highest address in it.
    fileprivate var last: IPAddress {
        let bits = prefixBits
        let high: UInt64 = bits >= 64 ? 0 : bits == 0 ? .max : .max >> UInt64(bits)
        let low: UInt64 = bits >= 128 ? 0 : bits <= 64 ? .max : .max >> UInt64(bits - 64)
        return IPAddress(high: base.high | high, low: base.low | low)
    }
}

extension IPAddress {
    /// The next address; nil behind the last one.
    fileprivate var successor: IPAddress? {
        let (next, overflows) = low.addingReportingOverflow(1)
        guard overflows else { return IPAddress(high: high, low: next) }
        return high == .max ? nil : IPAddress(high: high + 1, low: next)
    }
}
