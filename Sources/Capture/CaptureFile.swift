import Codecs
package import Wire

/// A capture file, pcap or pcapng, compressed or not, read in large blocks straight into the batch:
/// no packet is copied.
package struct CaptureFile: PacketSource, ~Copyable {
    /// Bytes read at once: inside a core's L2 cache, so that the headers are warm when they are
    /// read.
    private static let blockBytes = 256 << 10
    /// The largest record that is believed; a length beyond it means a damaged file.
    static let recordBytes = 16 << 20
    /// Bytes of any format's file header.
    private static let headBytes = max(PcapNGFormat.headerBytes, PcapFormat.longestHeader)

    /// How a capture is opened.
    package struct Options: Sendable {
        /// Bytes of it that were read already: standard input cannot be read twice.
        package var head: [UInt8] = []
        /// Its end is only the end so far.
        package var isFollowed = false
        /// A digest of its bytes is kept while they are read.
        package var hashes = false
        /// Its place among the files that are read.
        package var file: UInt32 = 0

        package init() {}
    }

    enum Format {
        /// Too few bytes have come to tell.
        case unknown
        case pcap(PcapFormat)
        case pcapng(PcapNGFormat)
    }

    private var stream: CaptureStream
    private var format = Format.unknown
    /// The beginning of a record whose rest was not read yet.
    private var carry: [UInt8] = []
    private let isFollowed: Bool
    private var hasEnded = false
    package let file: UInt32
    /// Number of the next packet: the ordinal in the run, which other files may have part in.
    package var nextNumber: UInt64
    /// A followed file had no more when it was last read.
    package private(set) var isAtEnd = false
    /// Set when the file ends within a record or is damaged: one sentence for the user.
    package private(set) var damage: String?

    /// Opens `path`, `-` for standard input, and reads its file header, if it can be had at once;
    /// `firstNumber` is the ordinal of its first packet.
    package init(
        path: String, firstNumber: UInt64 = 1, options: Options = Options()
    ) throws(CaptureError) {
        var stream = try CaptureStream(path: path, head: options.head, hashes: options.hashes)
        var head: [UInt8] = []
        var format = Format.unknown
        if !options.isFollowed, !stream.isPipe {
            format = try CaptureFile.begin(&stream, &head, isFollowed: false) ?? .unknown
        }
        self.stream = stream
        self.format = format
        carry = head
        isFollowed = options.isFollowed
        file = options.file
        nextNumber = firstNumber
    }

    /// As it is said to the user.
    package var name: String { stream.name }
    /// Bytes of the whole file; 0 when unknown.
    package func size() -> Int { stream.size() }
    /// Bytes of the file that were read.
    package var bytesRead: Int { stream.position }
    var identity: FileBytes.Identity { stream.identity }

    /// What a pcapng file holds beside packets, as far as it was read.
    package var blocks: CaptureBlocks {
        if case .pcapng(let pcapng) = format { return pcapng.blocks }
        return CaptureBlocks()
    }

    /// SHA-256 of the bytes read, before any compression; nil when it was not asked for.
    package mutating func takeDigest() -> String? { stream.takeDigest() }

    package mutating func read(into batch: inout PacketBatch) throws(CaptureError) -> Bool {
        batch.packets.removeAll(keepingCapacity: true)
        batch.idleTime = nil
        isAtEnd = false
        while !hasEnded {
            if case .unknown = format {
                let found = try CaptureFile.begin(&stream, &carry, isFollowed: isFollowed)
                guard let found else {
                    isAtEnd = true
                    return true
                }
                format = found
            }
            guard try fill(&batch) else { return true }
            if !batch.packets.isEmpty { return true }
        }
        return false
    }

    /// Reads one block behind the carried bytes, and indexes the whole records in it; false when
    /// there was nothing to read, but may be later.
    private mutating func fill(_ batch: inout PacketBatch) throws(CaptureError) -> Bool {
        // A record larger than the block doubles it until it fits.
        let wanted = max(CaptureFile.blockBytes, 2 * carry.count)
        if batch.bytes.count != wanted {
            batch.bytes = [UInt8](repeating: 0, count: wanted)
        }
        batch.bytes.replaceSubrange(0..<carry.count, with: carry)
        guard let count = try stream.read(into: &batch.bytes, from: carry.count) else {
            return false
        }
        guard count > 0 else {
            isAtEnd = true
            if !isFollowed { finish() }
            return !isFollowed
        }
        let end = carry.count + count
        // Apart, so that the bytes may be read while packets are added.
        var packets: [PacketBatch.Packet] = []
        swap(&packets, &batch.packets)
        let used = index(batch.bytes.span.extracting(0..<end), into: &packets)
        swap(&packets, &batch.packets)
        if damage != nil { hasEnded = true }
        carry = Array(copying: batch.bytes.span.extracting(used..<end))
        return true
    }

    private mutating func index(
        _ bytes: Span<UInt8>, into packets: inout [PacketBatch.Packet]
    ) -> Int {
        switch format {
        case .unknown: return 0
        case .pcap(let pcap):
            return pcap.index(
                bytes, into: &packets, file: file, nextNumber: &nextNumber, damage: &damage)
        case .pcapng(var pcapng):
            format = .unknown
            let used = pcapng.index(
                bytes, into: &packets, file: file, nextNumber: &nextNumber, damage: &damage)
            format = .pcapng(pcapng)
            return used
        }
    }

    /// Nothing more will come: says what is missing.
    package mutating func finish() {
        guard !hasEnded else { return }
        hasEnded = true
        let place = "after packet \(nextNumber - 1)"
        if let compression = stream.compression?.rawValue, !stream.endsWhole {
            damage =
                stream.isCorrupt
                ? "its \(compression) data is damaged \(place)"
                : "its \(compression) data ends early, \(place)"
        } else if !carry.isEmpty {
            damage = "ends within a record, \(carry.count) bytes \(place)"
        }
    }

    // MARK: - Which format it is

    /// Reads the file header as far as it is there; nil when more of it has yet to come. A file
    /// that ends before is an error, unless it is followed.
    static func begin(
        _ stream: inout CaptureStream, _ carry: inout [UInt8], isFollowed: Bool
    ) throws(CaptureError) -> Format? {
        while carry.count < CaptureFile.headBytes {
            var more = [UInt8](repeating: 0, count: CaptureFile.headBytes - carry.count)
            guard let count = try stream.read(into: &more, from: 0) else { return nil }
            if count == 0 {
                if isFollowed, !stream.isCorrupt { return nil }
                break
            }
            carry += more.prefix(count)
        }
        if let found = try PcapFormat(carry, name: stream.name) {
            carry.removeFirst(found.fileHeader)
            return .pcap(found)
        }
        guard PcapNGFormat.begins(carry) else { throw unknownFormat(stream, carry) }
        guard carry.count >= PcapNGFormat.headerBytes else {
            throw CaptureError("\(stream.name): ends within its file header; capture it again")
        }
        return .pcapng(PcapNGFormat())
    }

    private static func unknownFormat(
        _ stream: borrowing CaptureStream, _ carry: [UInt8]
    ) -> CaptureError {
        let name = stream.name
        let head = carry.isEmpty ? stream.undecided : carry
        if let compression = stream.compression?.rawValue, carry.count < CaptureFile.headBytes {
            let reason = stream.isCorrupt ? "is damaged" : "ends"
            return CaptureError(
                "\(name): its \(compression) data \(reason) before the capture begins; "
                    + "compress or copy it again", isUnreadable: true)
        }
        guard !head.isEmpty else {
            return CaptureError(
                "\(name): the \(name == "standard input" ? "input" : "file") is empty; name a pcap or pcapng "
                    + "capture", isUnreadable: true)
        }
        let others: [([UInt8], String)] = [
            ([0xfd, 0x37, 0x7a, 0x58], "xz"), ([0x42, 0x5a, 0x68], "bzip2"),
            ([0x02, 0x21, 0x4c, 0x18], "legacy lz4"),
        ]
        for (magic, tool) in others where head.starts(with: magic) {
            return CaptureError(
                "\(name): is compressed with \(tool), which is not read; decompress it, or "
                    + "compress it with gzip, zstd or lz4", isUnreadable: true)
        }
        return CaptureError(
            "\(name): not a pcap or pcapng capture (it begins with \(Hash.hex(Array(head.prefix(4))))"
                + "); name a capture file", isUnreadable: true)
    }
}
