package import Wire

/// What is asked of captures before they are read.
extension CaptureFile {
    /// Standard input's first bytes may have to be this many before a capture's header comes out of
    /// their compression; lz4 has the largest blocks.
    private static let headLimit = 8 << 20

    /// SHA-256 of the file's bytes in hex, before any compression: tells the same capture under
    /// another name, or compressed otherwise.
    package static func digest(path: String) throws(CaptureError) -> String {
        var stream = try CaptureStream(path: path, hashes: true)
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            guard let count = try stream.read(into: &buffer, from: 0) else { continue }
            if count == 0 { return stream.takeDigest() ?? "" }
        }
    }

    /// Time of the file's first packet; nil when it has none, or none yet.
    package static func firstTime(
        path: String, isFollowed: Bool = false
    ) throws(CaptureError) -> Timestamp? {
        var options = Options()
        options.isFollowed = isFollowed
        var file = try CaptureFile(path: path, options: options)
        var batch = PacketBatch()
        while try file.read(into: &batch) {
            if let first = batch.packets.first { return first.time }
            if file.isAtEnd { return nil }
        }
        return nil
    }

    /// Reads standard input as far as it takes to see that a capture begins there; `isStopped` is
    /// asked while nothing comes.
    package static func standardInputHead(
        until isStopped: () -> Bool
    ) throws(CaptureError) -> [UInt8] {
        var input = try FileBytes(path: "-")
        var head: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while head.count < headLimit, !isStopped() {
            guard let count = try input.read(into: &buffer, from: 0) else { continue }
            head += buffer.prefix(count)
            var stream = CaptureStream(head: head)
            var carry: [UInt8] = []
            if try begin(&stream, &carry, isFollowed: count > 0) != nil { break }
            if count == 0 { break }
        }
        return head
    }
}
