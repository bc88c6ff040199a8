import Codecs
package import Wire

/// A capture file, pcap or pcapng, read in large blocks straight into the batch: no packet is
/// copied.
package struct CaptureFile: PacketSource, ~Copyable {
    /// Bytes read at once: inside a core's L2 cache, so that the headers are warm when they are
    /// read.
    private static let blockBytes = 256 << 10
    /// The largest record that is believed; a length beyond it means a damaged file.
    static let recordBytes = 16 << 20

    private enum Format {
        case pcap(PcapFormat)
        case pcapng(PcapNGFormat)
    }

    package let path: String
    private let file: FileBytes
    private var format: Format
    /// The beginning of a record whose rest was not read yet.
    private var carry: [UInt8]
    private var hasEnded = false
    /// Packets read so far; numbers go on from `firstNumber`.
    private var nextNumber: UInt64
    /// Bytes of the file that were read as whole records.
    package private(set) var bytesRead = 0
    /// Set when the file ends within a record or is damaged: one sentence for the user.
    package private(set) var damage: String?

    /// Opens `path` and reads its file header; `firstNumber` is the ordinal of its first packet.
    package init(path: String, firstNumber: UInt64 = 1) throws(CaptureError) {
        let file = try FileBytes(path: path)
        var head = [UInt8](repeating: 0, count: 28)
        let count = try file.fill(&head, from: 0)
        head.removeLast(head.count - count)
        guard count > 0 else {
            throw CaptureError("\(path): the file is empty; name a pcap or pcapng capture")
        }
        if let found = try PcapFormat(head, path: path) {
            format = .pcap(found)
            carry = Array(head.dropFirst(24))
        } else if PcapNGFormat.begins(head) {
            guard head.count == 28 else {
                throw CaptureError("\(path): ends within its file header; capture it again")
            }
            format = .pcapng(PcapNGFormat())
            carry = head
        } else {
            throw CaptureError(
                "\(path): not a pcap or pcapng capture (it begins with "
                    + "\(Hash.hex(Array(head.prefix(4))))); name a capture file")
        }
        self.file = file
        self.path = path
        nextNumber = firstNumber
    }

    /// Bytes of the whole file; 0 when unknown.
    package func size() -> Int { file.size() }

    package mutating func read(into batch: inout PacketBatch) throws(CaptureError) -> Bool {
        batch.packets.removeAll(keepingCapacity: true)
        while !hasEnded {
            try fill(&batch)
            if !batch.packets.isEmpty { return true }
        }
        return false
    }

    /// Reads one block behind the carried bytes, and indexes the whole records in it.
    private mutating func fill(_ batch: inout PacketBatch) throws(CaptureError) {
        let wanted = max(CaptureFile.blockBytes, carry.count + CaptureFile.blockBytes / 2)
        if batch.bytes.count != wanted {
            batch.bytes = [UInt8](repeating: 0, count: wanted)
        }
        for (index, byte) in carry.enumerated() { batch.bytes[index] = byte }
        let count = try file.fill(&batch.bytes, from: carry.count)
        let end = carry.count + count
        let isLast = end < batch.bytes.count
        let used: Int
        switch format {
        case .pcap(let pcap):
            used = pcap.index(&batch, end: end, nextNumber: &nextNumber, damage: &damage)
        case .pcapng(var pcapng):
            used = pcapng.index(&batch, end: end, nextNumber: &nextNumber, damage: &damage)
            format = .pcapng(pcapng)
        }
        bytesRead += used
        if damage != nil {
            hasEnded = true
        } else if isLast {
            hasEnded = true
            if used < end {
                damage =
                    "ends within a record, \(end - used) bytes after packet \(nextNumber - 1)"
            }
        } else {
            carry = Array(batch.bytes[used..<end])
        }
    }

    /// SHA-256 of the file's bytes in hex: tells the same capture under another name.
    package static func digest(path: String) throws(CaptureError) -> String {
        let file = try FileBytes(path: path)
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var hash = RunningHash()
        while true {
            let count = try file.fill(&buffer, from: 0)
            hash.update(buffer[..<count])
            if count < buffer.count { return hash.finish() }
        }
    }
}

/// Integers of either byte order, read from checked bytes.
struct FieldOrder {
    var isBig: Bool

    func uint16(_ bytes: [UInt8], _ at: Int) -> UInt16 {
        let (a, b) = (UInt16(bytes[at]), UInt16(bytes[at + 1]))
        return isBig ? a << 8 | b : b << 8 | a
    }

    func uint32(_ bytes: [UInt8], _ at: Int) -> UInt32 {
        let (high, low) = (UInt32(uint16(bytes, at)), UInt32(uint16(bytes, at + 2)))
        return isBig ? high << 16 | low : low << 16 | high
    }
}
