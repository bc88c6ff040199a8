/// Fragments of IP datagrams, kept until all of one are in (RFC 791 §3.2, RFC 8200 §4.5).
///
/// Of bytes that came twice the first copy counts. When two copies differ, somebody means one
/// reader to see other bytes than another: it is counted as an anomaly, and an IPv6 datagram is
/// given up, as every host must (RFC 5722). Bounded by datagrams, bytes and fragments of each, and
/// by packet time; what is let go is counted.
struct IPFragments: Sendable {
    struct Key: Hashable, Sendable {
        var source: IPAddress
        var destination: IPAddress
        var identification: UInt32
        /// The protocol for IPv4; 0 for IPv6, whose fragments may disagree about it.
        var next: UInt8
        var network: UInt64
    }

    enum Outcome {
        /// Kept, or counted in the tally as it stands there.
        case held
        case dropped(Drop)
        case malformed(Anomaly)
        /// The datagram's payload, and the protocol that its first fragment names.
        case whole([UInt8], next: UInt8)
    }

    /// Bytes of the datagram from `start`; pieces of one datagram do not overlap.
    fileprivate struct Piece: Sendable {
        var start: Int
        var bytes: [UInt8]
        var end: Int { start + bytes.count }
    }

    fileprivate struct Datagram: Sendable {
        var time: Timestamp
        var serial: UInt64
        /// In order of `start`.
        var pieces: [Piece] = []
        var heldBytes = 0
        /// Bytes of the whole, once its last fragment is in.
        var total: Int?
        var packets = 0
        var next: UInt8
    }

    private let limits: Limits
    private var datagrams: [Key: Datagram] = [:]
    /// In order of arrival; those whose serial is no longer theirs have gone.
    private var arrivals: [(key: Key, serial: UInt64)] = []
    private var oldest = 0
    private var nextSerial: UInt64 = 0
    private var heldBytes = 0

    init(limits: Limits = .standard) { self.limits = limits }

    /// Fragments that still wait for others.
    var heldPackets: Int { datagrams.values.reduce(0) { $0 + $1.packets } }

    /// Takes one whole fragment; `tally` counts earlier ones that are let go or are used now.
    mutating func add(
        _ fragment: IPHeader.Fragment, _ key: Key, next: UInt8, _ bytes: [UInt8],
        at time: Timestamp, _ tally: inout Tally
    ) -> Outcome {
        let end = fragment.offset + bytes.count
        // Only the last may have a length that is no multiple of eight, and nothing is longer than
        // its length field can say.
        guard !bytes.isEmpty, fragment.isLast || bytes.count % 8 == 0, end <= 0xffff else {
            return .malformed(.badFragment)
        }
        expire(before: time.advanced(byNanoseconds: -limits.fragmentPatience), &tally)
        makeRoom(for: bytes.count, isNew: datagrams[key] == nil, &tally)
        var datagram = datagrams.removeValue(forKey: key) ?? open(key, next, time)
        if fragment.offset == 0 { datagram.next = next }
        if fragment.isLast {
            if let total = datagram.total, total != end { return giveUp(datagram, &tally) }
            datagram.total = end
        }
        if let total = datagram.total, max(end, datagram.pieces.last?.end ?? 0) > total {
            return giveUp(datagram, &tally)
        }
        let before = datagram.heldBytes
        let isConflict = datagram.insert(Piece(start: fragment.offset, bytes: bytes))
        heldBytes += datagram.heldBytes - before
        if isConflict {
            tally.count(.conflictingFragment)
            if !key.source.isV4 { return giveUp(datagram, &tally, isCounted: true) }
        }
        guard datagram.pieces.count <= limits.fragmentsPerDatagram else {
            return giveUp(datagram, &tally, isCounted: true, as: .fragmentMemory)
        }
        if datagram.heldBytes == datagram.total {
            heldBytes -= datagram.heldBytes
            tally.countUsed(datagram.packets)
            return .whole(datagram.pieces.flatMap(\.bytes), next: datagram.next)
        }
        let isNew = datagram.heldBytes > before
        if isNew { datagram.packets += 1 }
        datagrams[key] = datagram
        return isNew ? .held : .dropped(.duplicate)
    }

    private mutating func open(_ key: Key, _ next: UInt8, _ time: Timestamp) -> Datagram {
        nextSerial += 1
        if arrivals.count > 4 * limits.fragmentedDatagrams {
            arrivals = arrivals[oldest...].filter { datagrams[$0.key]?.serial == $0.serial }
            oldest = 0
        }
        arrivals.append((key, nextSerial))
        return Datagram(time: time, serial: nextSerial, next: next)
    }

    /// Forgets a datagram that was taken out, whose fragments contradict each other.
    private mutating func giveUp(
        _ datagram: Datagram, _ tally: inout Tally, isCounted: Bool = false,
        as drop: Drop = .fragment
    ) -> Outcome {
        if !isCounted { tally.count(.conflictingFragment) }
        heldBytes -= datagram.heldBytes
        tally.count(drop, datagram.packets)
        return .dropped(drop)
    }

    // MARK: - Bounds

    private mutating func expire(before time: Timestamp, _ tally: inout Tally) {
        while let first = oldestDatagram(), first.time < time { dropOldest(.fragment, &tally) }
    }

    private mutating func makeRoom(for count: Int, isNew: Bool, _ tally: inout Tally) {
        while heldBytes + count > limits.fragmentBytes
            || isNew && datagrams.count >= limits.fragmentedDatagrams
        {
            guard oldestDatagram() != nil else { return }
            dropOldest(.fragmentMemory, &tally)
        }
    }

    /// The one that has waited longest; passes over arrivals that have gone.
    private mutating func oldestDatagram() -> Datagram? {
        while oldest < arrivals.count {
            if let found = datagrams[arrivals[oldest].key],
                found.serial == arrivals[oldest].serial
            {
                return found
            }
            oldest += 1
        }
        arrivals.removeAll(keepingCapacity: true)
        oldest = 0
        return nil
    }

    private mutating func dropOldest(_ drop: Drop, _ tally: inout Tally) {
        guard let gone = datagrams.removeValue(forKey: arrivals[oldest].key) else { return }
        heldBytes -= gone.heldBytes
        tally.count(drop, gone.packets)
        oldest += 1
    }
}

extension IPFragments.Datagram {
    /// Adds those bytes of `piece` that are new; true when others differ from the ones held, or
    /// overlap them in part.
    fileprivate mutating func insert(_ piece: IPFragments.Piece) -> Bool {
        var isConflict = false
        var merged: [IPFragments.Piece] = []
        var start = piece.start
        for held in pieces {
            if start < min(held.start, piece.end) {
                merged.append(piece.part(start, min(held.start, piece.end)))
            }
            let (from, to) = (max(held.start, piece.start), min(held.end, piece.end))
            if from < to, held.slice(from, to) != piece.slice(from, to) { isConflict = true }
            merged.append(held)
            start = max(start, held.end)
        }
        if start < piece.end { merged.append(piece.part(start, piece.end)) }
        pieces = merged
        heldBytes = merged.reduce(0) { $0 + $1.bytes.count }
        return isConflict
    }
}

extension IPFragments.Piece {
    fileprivate func slice(_ from: Int, _ to: Int) -> ArraySlice<UInt8> {
        bytes[(from - start)..<(to - start)]
    }

    fileprivate func part(_ from: Int, _ to: Int) -> IPFragments.Piece {
        IPFragments.Piece(start: from, bytes: Array(slice(from, to)))
    }
}
