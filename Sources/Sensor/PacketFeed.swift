import Capture
package import Wire

/// Where packets come from.
package enum FeedSource: Sendable {
    /// Capture files, read in the order given.
    case files([String])
    /// A network interface, until it is stopped.
    case interface(String)
}

/// What was read of one file, or of one stretch of live capture.
package struct FeedRecord: Sendable {
    package var name: String
    package var packets = 0
    package var wireBytes = 0
    package var first: Timestamp?
    package var last: Timestamp?
    /// One sentence when the file ends within a record or is damaged.
    package var damage: String?
}

/// Packets of one source, filtered and counted. Lives on the thread that reads.
struct PacketFeed: ~Copyable {
    private var pending: [String]
    private var file: CaptureFile?
    private var live: LiveCapture?
    private var filter: PacketFilter?
    private(set) var records: [FeedRecord] = []
    private var nextNumber: UInt64 = 1
    private var finishedBytes = 0
    /// Bytes of the files read so far, for a progress bar.
    private(set) var bytesRead = 0

    init(_ source: FeedSource, filter expression: String?) throws(CaptureError) {
        switch source {
        case .files(let paths):
            pending = paths
            file = nil
            live = nil
            if let expression {
                filter = try PacketFilter(expression)
            } else {
                filter = nil
            }
        case .interface(let name):
            pending = []
            file = nil
            filter = nil
            live = try LiveCapture(interface: name, filter: expression)
            records = [FeedRecord(name: name)]
        }
    }

    /// The kernel's and the card's drops on a live interface.
    mutating func liveCounts() -> LiveCapture.Counts? { live?.counts() }

    /// The next packets; false when the source has ended. A live source may give an empty batch.
    mutating func read(into batch: inout PacketBatch) throws(CaptureError) -> Bool {
        if live != nil {
            batch.removeAll()
            guard try live?.read(into: &batch) == true else { return false }
            count(batch)
            return true
        }
        while true {
            if file == nil {
                guard !pending.isEmpty else { return false }
                let path = pending.removeFirst()
                file = try CaptureFile(path: path, firstNumber: nextNumber)
                records.append(FeedRecord(name: path))
            }
            let isMore = try file?.read(into: &batch) == true
            bytesRead = finishedBytes + (file?.bytesRead ?? 0)
            if isMore {
                nextNumber = (batch.packets.last?.number ?? nextNumber) + 1
                try filter?.apply(to: &batch)
                count(batch)
                return true
            }
            records[records.count - 1].damage = file?.damage
            finishedBytes = bytesRead
            file = nil
        }
    }

    private mutating func count(_ batch: PacketBatch) {
        var record = records[records.count - 1]
        for packet in batch.packets {
            record.wireBytes += packet.wireBytes
            record.first = record.first.map { min($0, packet.time) } ?? packet.time
            record.last = record.last.map { max($0, packet.time) } ?? packet.time
        }
        record.packets += batch.packets.count
        records[records.count - 1] = record
    }
}
