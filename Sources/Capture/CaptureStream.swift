import Codecs

/// The bytes of a capture as they were before anybody compressed them.
struct CaptureStream: ~Copyable {
    /// Compressed bytes read at once.
    private static let inputBytes = 64 << 10

    /// Nil when all there is was given at the start.
    private var file: FileBytes?
    /// Bytes that were read already to see what they are, and not given on yet.
    private var head: [UInt8]
    private var isDecided = false
    private(set) var compression: Compression?
    private var decompressor: Decompressor?
    private var input: [UInt8] = []
    private var pending = 0..<0
    /// No member or frame is begun and not ended.
    private var isBetweenFrames = true
    /// The output was full after the last step: more may wait inside.
    private var holdsOutput = false
    /// Set when nothing more can be decompressed.
    private(set) var isCorrupt = false
    private var hash: RunningHash?

    /// Opens `path`; `head` are bytes of it that somebody has read already.
    init(path: String, head: [UInt8] = [], hashes: Bool = false) throws(CaptureError) {
        let opened = try FileBytes(path: path)
        (name, identity, isPipe) = (opened.name, opened.identity, opened.isPipe)
        file = .some(consume opened)
        self.head = head
        hash = hashes ? RunningHash() : nil
    }

    /// The first bytes of standard input, to see what they begin.
    init(head: [UInt8]) {
        (name, identity, isPipe) = ("standard input", FileBytes.Identity(), false)
        file = nil
        self.head = head
        hash = nil
    }

    let name: String
    let identity: FileBytes.Identity
    let isPipe: Bool
    /// Bytes taken from the file, compressed or not.
    var position: Int {
        switch file {
        case .some(let file): file.position
        case .none: 0
        }
    }
    borrowing func size() -> Int {
        switch file {
        case .some(let file): file.size()
        case .none: 0
        }
    }

    private static func readFile(
        _ file: inout FileBytes?, into buffer: inout [UInt8], from start: Int
    ) throws(CaptureError) -> Int? {
        guard file != nil else { return 0 }
        return try file?.read(into: &buffer, from: start)
    }

    /// The few bytes there are, when they are too few to tell what they are.
    var undecided: [UInt8] { head }

    /// Whether the compressed bytes end where a member or frame does.
    var endsWhole: Bool { isBetweenFrames && pending.isEmpty && !isCorrupt }

    /// Fills `buffer` from `start` on as far as bytes are there; returns how many, 0 at the end,
    /// and nil when nothing came through a pipe for a while.
    mutating func read(into buffer: inout [UInt8], from start: Int) throws(CaptureError) -> Int? {
        if !isDecided {
            let count = try decide()
            guard isDecided else { return count }
        }
        guard start < buffer.count else { return 0 }
        let count =
            compression == nil
            ? try readPlain(into: &buffer, from: start)
            : try decompress(into: &buffer, from: start)
        if hash != nil, let count, count > 0 { hash?.update(buffer[start..<start + count]) }
        return count
    }

    /// SHA-256 of all bytes given on so far; nil when it was not asked for, or taken before.
    mutating func takeDigest() -> String? {
        guard let running = hash.take() else { return nil }
        return running.finish()
    }

    /// Reads until the first bytes tell whether they are compressed.
    private mutating func decide() throws(CaptureError) -> Int? {
        while head.count < 4 {
            var more = [UInt8](repeating: 0, count: 4 - head.count)
            guard let count = try CaptureStream.readFile(&file, into: &more, from: 0) else {
                return nil
            }
            guard count > 0 else { return 0 }
            head += more.prefix(count)
        }
        isDecided = true
        compression = Compression(head)
        guard let compression else { return nil }
        decompressor = Decompressor(compression)
        input = [UInt8](repeating: 0, count: max(CaptureStream.inputBytes, head.count))
        input.replaceSubrange(0..<head.count, with: head)
        pending = 0..<head.count
        head = []
        return nil
    }

    private mutating func readPlain(
        into buffer: inout [UInt8], from start: Int
    ) throws(CaptureError) -> Int? {
        guard !head.isEmpty else {
            return try CaptureStream.readFile(&file, into: &buffer, from: start)
        }
        let count = min(head.count, buffer.count - start)
        buffer.replaceSubrange(start..<start + count, with: head[..<count])
        head.removeFirst(count)
        return count
    }

    private mutating func decompress(
        into buffer: inout [UInt8], from start: Int
    ) throws(CaptureError) -> Int? {
        var at = start
        while at < buffer.count, !isCorrupt {
            if pending.isEmpty, !holdsOutput {
                // What has come so far goes on at once, when more would have to be waited for.
                if at > start, isPipe { break }
                guard let count = try CaptureStream.readFile(&file, into: &input, from: 0) else {
                    return nil
                }
                if count == 0 { break }
                pending = 0..<count
            }
            guard let step = decompressor?.step(input, pending, into: &buffer, from: at) else {
                break
            }
            if step.consumed + step.produced > 0 { isBetweenFrames = step.isBetweenFrames }
            let isStuck = step.consumed + step.produced == 0 && !pending.isEmpty
            pending = pending.lowerBound + step.consumed..<pending.upperBound
            at += step.produced
            holdsOutput = at == buffer.count
            isCorrupt = step.isCorrupt || isStuck
        }
        return at - start
    }
}
