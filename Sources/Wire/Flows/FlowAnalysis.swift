import Codecs

/// What is kept of a flow only while it is being dissected.
final class FlowAnalysis {
    /// A segment that came before its turn.
    struct Parked {
        var sequence: UInt32
        var bytes: [UInt8]
        /// Bytes of the segment by its header; more than `bytes` when the snap length cut it.
        var declared: Int
        var time: Timestamp
    }

    /// What one direction holds.
    struct Stream {
        var buffer = StreamBuffer()
        /// In order of arrival, so that the first copy of a byte wins.
        var parked: [Parked] = []
        var parkedBytes = 0
        /// The last segments that were delivered, to know a retransmission with other content.
        var delivered = DeliveredSegments()

        var heldBytes: Int { buffer.heldBytes + parkedBytes }
    }

    /// All of it in one value, so that a segment costs one look at the reference.
    var dissection = Dissection()

    subscript(direction: Int) -> Stream {
        _read { yield dissection[direction] }
        _modify { yield &dissection[direction] }
    }
}

/// Where the last few delivered segments lay, and a checksum of each.
struct DeliveredSegments: BitwiseCopyable {
    private struct Segment: BitwiseCopyable {
        var sequence: UInt32 = 0
        var length: UInt32 = 0
        var checksum: UInt64 = 0
    }

    private var segments = InlineArray<4, Segment>(repeating: Segment())
    private var next = 0

    mutating func add(_ sequence: UInt32, _ bytes: Span<UInt8>) {
        segments[next] = Segment(
            sequence: sequence, length: UInt32(truncatingIfNeeded: bytes.count),
            checksum: Checksum.of(bytes))
        next = (next + 1) & 3
    }

    /// Whether a segment with the same place carried other bytes.
    func conflict(_ sequence: UInt32, _ bytes: Span<UInt8>) -> Bool {
        for index in 0..<4
        where segments[index].sequence == sequence && Int(segments[index].length) == bytes.count {
            return segments[index].checksum != Checksum.of(bytes)
        }
        return false
    }
}
