import Codecs
package import Wire

/// One capture that is to be read.
package struct CaptureInput: Sendable {
    package var path: String
    package var options: CaptureFile.Options
    /// Time of its first packet: where it stands among others that are merged with it.
    package var first: Timestamp?

    package init(
        path: String, options: CaptureFile.Options = CaptureFile.Options(),
        first: Timestamp? = nil
    ) {
        self.path = path
        self.options = options
        self.first = first
    }
}

/// What is known of a capture once it has been read.
package struct CaptureReport: Sendable {
    package var file: UInt32
    package var damage: String?
    package var blocks: CaptureBlocks
    /// SHA-256 of what was read of it, if that was asked for.
    package var digest: String?

    init(_ file: inout CaptureFile) {
        self.file = file.file
        damage = file.damage
        blocks = file.blocks
        digest = file.takeDigest()
    }
}

/// Captures read group after group; those of one group are merged by the time of their packets.
///
/// A capture that no other overlaps goes straight into the batch. Where several do, their packets
/// are copied into one batch in order; of two packets of one time that of the earlier file is
/// first.
package struct CaptureSeries: PacketSource, ~Copyable {
    /// Captures of one group that may be open at once.
    static let openLimit = 128
    /// Bytes that are merged into one batch.
    private static let mergedBytes = 256 << 10

    /// A capture being read, and what is held of it until its turn comes.
    private final class Source {
        var file: CaptureFile
        var held = PacketBatch()
        var position = 0

        init(_ input: CaptureInput) throws(CaptureError) {
            file = try CaptureFile(path: input.path, options: input.options)
        }

        var head: PacketBatch.Packet? {
            position < held.packets.count ? held.packets[position] : nil
        }

        /// Reads the next packets when all that were held are gone; false at the capture's end.
        func refill() throws(CaptureError) -> Bool {
            while position == held.packets.count {
                position = 0
                guard try file.read(into: &held) else { return false }
            }
            return true
        }
    }

    private var groups: ArraySlice<[CaptureInput]>
    /// What of the group was not opened yet, earliest first.
    private var pending: ArraySlice<CaptureInput> = []
    private var open: [Source] = []
    private var nextNumber: UInt64 = 1
    private var finishedBytes = 0
    private var reports: [CaptureReport] = []

    package init(_ groups: [[CaptureInput]]) { self.groups = groups[...] }

    /// Bytes read so far of all files.
    package var bytesRead: Int { open.reduce(finishedBytes) { $0 + $1.file.bytesRead } }

    /// What was learned of the captures that have ended since this was last asked.
    package mutating func takeReports() -> [CaptureReport] {
        defer { reports = [] }
        return reports
    }

    /// Ends before the captures do.
    package mutating func close() {
        for source in open { reports.append(CaptureReport(&source.file)) }
        open = []
    }

    package mutating func read(into batch: inout PacketBatch) throws(CaptureError) -> Bool {
        while true {
            if open.isEmpty {
                if pending.isEmpty {
                    guard let group = groups.popFirst() else { return false }
                    pending = group[...]
                    continue
                }
                try openNext()
            }
            if open.count == 1, pending.isEmpty, open[0].head == nil {
                if try readAlone(into: &batch) { return true }
            } else if try merge(into: &batch) {
                return true
            }
        }
    }

    private mutating func openNext() throws(CaptureError) {
        guard let next = pending.popFirst() else { return }
        guard open.count < CaptureSeries.openLimit else {
            throw CaptureError(
                "\(next.path): more than \(CaptureSeries.openLimit) captures overlap in time; "
                    + "join some first, as with mergecap")
        }
        open.append(try Source(next))
    }

    private mutating func end(_ position: Int) {
        let source = open.remove(at: position)
        finishedBytes += source.file.bytesRead
        reports.append(CaptureReport(&source.file))
    }

    /// Straight into the batch; false when the capture has ended.
    private mutating func readAlone(into batch: inout PacketBatch) throws(CaptureError) -> Bool {
        open[0].file.nextNumber = nextNumber
        guard try open[0].file.read(into: &batch) else {
            end(0)
            return false
        }
        nextNumber = open[0].file.nextNumber
        return true
    }

    /// The next packets of all open captures in order; false when some other must be opened first.
    private mutating func merge(into batch: inout PacketBatch) throws(CaptureError) -> Bool {
        for position in open.indices.reversed() where try !open[position].refill() {
            end(position)
        }
        guard let earliest = open.compactMap({ $0.head?.time }).min() else { return false }
        if let next = pending.first, (next.first ?? .zero) <= earliest {
            try openNext()
            return false
        }
        if open.count == 1, isUndisputed(open[0]) {
            swap(&batch, &open[0].held)
            open[0].held.packets.removeAll(keepingCapacity: true)
            for position in batch.packets.indices {
                batch.packets[position].number = nextNumber
                nextNumber += 1
            }
            return true
        }
        batch.removeAll()
        while batch.bytes.count < CaptureSeries.mergedBytes {
            let next = earliestSource()
            guard var packet = next.head else { break }
            if let other = pending.first?.first, other <= packet.time { break }
            let end = packet.offset + packet.capturedBytes
            let offset = batch.bytes.count
            let bytes = next.held.bytes
            batch.bytes.append(copying: bytes.span.extracting(packet.offset..<end))
            packet.offset = offset
            packet.number = nextNumber
            nextNumber += 1
            batch.packets.append(packet)
            next.position += 1
            if next.head == nil { break }
        }
        return true
    }

    /// Nothing that is still to be opened belongs before the end of what `source` holds.
    private func isUndisputed(_ source: Source) -> Bool {
        guard source.position == 0 else { return false }
        guard let other = pending.first?.first else { return true }
        return source.held.packets.allSatisfy { $0.time < other }
    }

    /// The one whose next packet comes first; of several, the first file.
    private func earliestSource() -> Source {
        var found = open[0]
        for source in open.dropFirst() {
            guard let head = source.head, let best = found.head else { continue }
            if (head.time, head.file) < (best.time, best.file) { found = source }
        }
        return found
    }
}
