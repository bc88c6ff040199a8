import Codecs

/// Where the last few delivered segments lay, and what tells their bytes from others.
struct DeliveredSegments: BitwiseCopyable {
    private struct Segment: BitwiseCopyable {
        var sequence: UInt32 = 0
        var length: UInt32 = 0
        var checksum: UInt32 = 0
        /// The first bytes and the last, at most four; the last byte is the lowest of `closing`.
        var opening: UInt32 = 0
        var closing: UInt32 = 0
    }

    private var segments = InlineArray<4, Segment>(repeating: Segment())
    private var next: UInt8 = 0

    mutating func clear() {
        for index in 0..<4 { segments[index].length = 0 }
        next = 0
    }

    mutating func add(_ sequence: UInt32, _ bytes: Span<UInt8>) {
        segments[Int(next)] = Segment(
            sequence: sequence, length: UInt32(truncatingIfNeeded: bytes.count),
            checksum: Self.checksum(of: bytes), opening: bytes.number(at: 0),
            closing: bytes.number(at: max(0, bytes.count - 4)) >> Self.beyond(bytes.count))
        next = (next + 1) & 3
    }

    /// Whether a segment carries other bytes where one of these lay. Known are all bytes of one
    /// that it covers whole, and else the first four and the last four.
    func conflict(_ sequence: UInt32, _ bytes: Span<UInt8>) -> Bool {
        for index in 0..<4 where segments[index].length > 0 {
            let segment = segments[index]
            let start = Int(Int32(bitPattern: segment.sequence &- sequence))
            let end = start + Int(segment.length)
            if start >= 0, end <= bytes.count {
                if Self.checksum(of: bytes.extracting(start..<end)) != segment.checksum {
                    return true
                }
            } else if start >= 0, start < bytes.count {
                let differing = bytes.number(at: start) ^ segment.opening
                if differing >> Self.beyond(bytes.count - start) != 0 { return true }
            } else if start < 0, end > 0, end <= bytes.count {
                let shared = min(end, 4)
                let closing = bytes.number(at: end - shared) >> Self.beyond(shared)
                if closing != segment.closing & (.max >> Self.beyond(shared)) { return true }
            }
        }
        return false
    }

    private static func checksum(of bytes: Span<UInt8>) -> UInt32 {
        UInt32(truncatingIfNeeded: Checksum.of(bytes))
    }

    /// Bits of a number of four bytes that lie beyond its first `count` bytes.
    private static func beyond(_ count: Int) -> UInt32 { UInt32(8 * (4 - min(count, 4))) }
}

extension Span where Element == UInt8 {
    /// The four bytes at a place, or as many as there are with zeros behind; network byte order.
    fileprivate func number(at start: Int) -> UInt32 {
        if start + 4 <= count { return long(start) }
        var value: UInt32 = 0
        for place in start..<count {
            value |= UInt32(self[place]) << UInt32(24 - 8 * (place - start))
        }
        return value
    }
}
