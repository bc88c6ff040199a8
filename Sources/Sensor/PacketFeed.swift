package import Capture
import Glibc
package import Wire

/// Where packets come from.
package enum FeedSource: Sendable {
    /// Captures, group after group; those of one group are merged by time. `pace` releases their
    /// packets at so many times the speed they were recorded at.
    case captures([[CaptureInput]], pace: Double?)
    /// Captures that are still being written, until they are stopped; those at `known` are passed
    /// over.
    case followed(CapturePlace, known: [String], pace: Double?)
    /// A network interface, until it is stopped.
    case interface(String)

    /// All of it is there already, and nobody waits for what is said of its first packets.
    var isWhole: Bool {
        guard case .captures(let groups, nil) = self else { return false }
        return !groups.joined().contains { $0.path == "-" }
    }

    /// Capture files, read in the order given.
    package static func files(_ paths: [String]) -> FeedSource {
        .captures(CaptureInput.numbered(paths.map { [CaptureInput(path: $0)] }), pace: nil)
    }
}

extension CaptureInput {
    /// Gives each capture its place among all of them.
    package static func numbered(_ groups: [[CaptureInput]]) -> [[CaptureInput]] {
        var next: UInt32 = 0
        return groups.map { group in
            group.map { input in
                var input = input
                input.options.file = next
                next += 1
                return input
            }
        }
    }
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
    /// What a pcapng file held beside packets.
    package var blocks = CaptureBlocks.Counts()
    /// SHA-256 of what was read, if that was asked for.
    package var digest: String?
    /// It was begun: a run that is stopped does not come to all its files.
    package internal(set) var isRead = false

    init(name: String) { self.name = name == "-" ? "standard input" : name }

    /// Packets from `first` to `last` were read.
    fileprivate mutating func note(_ first: Timestamp, _ last: Timestamp) {
        self.first = min(self.first ?? first, first)
        self.last = max(self.last ?? last, last)
    }
}

/// Packets of one source, filtered and counted. Lives on the thread that reads.
struct PacketFeed: ~Copyable {
    /// How long a file that has no more is left alone.
    private static let pollMicroseconds: UInt32 = 100_000

    // One of these three.
    private var series: CaptureSeries?
    private var followed: FollowedCaptures?
    private var live: LiveCapture?

    private var pacer: Pacer?
    private var filter: PacketFilter?
    private(set) var records: [FeedRecord] = []
    /// Bytes of the files read so far, for a progress bar.
    private(set) var bytesRead = 0
    /// What the user should know while a capture is followed.
    private var notes: [String] = []

    init(_ source: FeedSource, filter expression: String?) throws(CaptureError) {
        var program: PacketFilter?
        if case .interface = source {
            program = nil
        } else if let expression {
            program = try PacketFilter(expression)
        }
        switch source {
        case .captures(let groups, let pace):
            series = CaptureSeries(groups)
            followed = nil
            live = nil
            records = groups.flatMap { $0 }.map { FeedRecord(name: $0.path) }
            pacer = pace.map { Pacer(speed: $0) }
        case .followed(let place, let known, let pace):
            series = nil
            followed = FollowedCaptures(place, hashes: true, known: known)
            live = nil
            pacer = pace.map { Pacer(speed: $0) }
        case .interface(let name):
            series = nil
            followed = nil
            live = try LiveCapture(interface: name, filter: expression)
            records = [FeedRecord(name: name)]
            records[0].isRead = true
            pacer = nil
        }
        filter = program
    }

    /// The kernel's and the card's drops on a live interface.
    mutating func liveCounts() -> LiveCapture.Counts? { live?.counts() }

    /// Notes since this was last asked.
    mutating func takeNotes() -> [String] {
        defer { notes = [] }
        return notes
    }

    /// The next packets; false when the source has ended. A source that is waited for may give an
    /// empty batch.
    mutating func read(into batch: inout PacketBatch) throws(CaptureError) -> Bool {
        guard pacer != nil else { return try readNow(into: &batch) }
        if pacer?.isEmpty == true {
            var ahead = PacketBatch()
            guard try readNow(into: &ahead) else { return false }
            pacer?.hold(ahead)
        }
        pacer?.release(into: &batch)
        return true
    }

    private mutating func readNow(into batch: inout PacketBatch) throws(CaptureError) -> Bool {
        var isMore = false
        if live != nil {
            batch.removeAll()
            isMore = try live?.read(into: &batch) ?? false
        } else if series != nil {
            isMore = try series?.read(into: &batch) ?? false
            bytesRead = series?.bytesRead ?? bytesRead
            take(series?.takeReports() ?? [])
        } else {
            isMore = try followed?.read(into: &batch) ?? false
            bytesRead = followed?.bytesRead ?? bytesRead
            takeFollowed()
            if batch.packets.isEmpty { usleep(PacketFeed.pollMicroseconds) }
        }
        guard isMore else { return false }
        try filter?.apply(to: &batch)
        count(batch.packets)
        return true
    }

    /// Ends, also before the source does, and completes the records.
    mutating func close() {
        series?.close()
        take(series?.takeReports() ?? [])
        followed?.close()
        takeFollowed()
    }

    private mutating func takeFollowed() {
        let paths = followed?.paths ?? []
        guard live == nil, series == nil else { return }
        for path in paths.dropFirst(records.count) { records.append(FeedRecord(name: path)) }
        take(followed?.takeReports() ?? [])
        notes += followed?.takeNotes() ?? []
    }

    private mutating func take(_ reports: [CaptureReport]) {
        for report in reports {
            let position = Int(report.file)
            guard position < records.count else { continue }
            records[position].isRead = true
            records[position].damage = report.damage
            records[position].blocks = report.blocks.counts
            records[position].digest = report.digest
        }
    }

    /// Packets of one file come in runs, so a record is looked up once a run.
    private mutating func count(_ batch: [PacketBatch.Packet]) {
        let packets = batch.span
        var start = 0
        while start < packets.count {
            let file = packets[start].file
            var (first, last) = (packets[start].time.nanoseconds, packets[start].time.nanoseconds)
            var (bytes, at) = (0, start)
            while at < packets.count, packets[at].file == file {
                bytes += packets[at].wireBytes
                // Numbers and not times, for another module's operators are calls.
                let time = packets[at].time.nanoseconds
                if time < first { first = time }
                if last < time { last = time }
                at += 1
            }
            let position = min(Int(file), records.count - 1)
            records[position].wireBytes += bytes
            records[position].packets += at - start
            records[position].note(Timestamp(nanoseconds: first), Timestamp(nanoseconds: last))
            start = at
        }
    }
}
