import Codecs

/// What one direction of a flow holds while the flow is being dissected.
struct DissectedStream {
    var buffer = StreamBuffer()
    /// In order of arrival, so that the first copy of a byte wins.
    var parked: [ParkedSegment] = []
    var parkedBytes = 0
    /// The last segments that were delivered, to know a retransmission with other content.
    var delivered = DeliveredSegments()

    var heldBytes: Int { buffer.heldBytes + parkedBytes }

    /// Ready for another flow.
    mutating func clear() {
        buffer = StreamBuffer()
        parked = []
        parkedBytes = 0
        delivered.clear()
    }
}

/// A segment that came before its turn.
struct ParkedSegment {
    var sequence: UInt32
    var bytes: [UInt8]
    /// Bytes of the segment by its header; more than `bytes` when the snap length cut it.
    var declared: Int
    var time: Timestamp

    /// Whether a segment that begins `start` bytes behind this one's first has other bytes where
    /// both have some.
    func differs(from segment: Span<UInt8>, at start: Int) -> Bool {
        let (from, to) = (max(start, 0), min(start + segment.count, bytes.count))
        guard from < to else { return false }
        return Checksum.of(bytes.span.extracting(from..<to))
            != Checksum.of(segment.extracting((from - start)..<(to - start)))
    }
}
