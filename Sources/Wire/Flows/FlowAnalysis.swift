/// What is kept of a flow only while it is being dissected.
final class FlowAnalysis {
    /// A segment that came before its turn.
    struct Parked {
        var sequence: UInt32
        var bytes: [UInt8]
        /// Bytes of the segment by its header; more than `bytes` when the snap length cut it.
        var declared: Int
        var time: Timestamp
        var isLast: Bool
    }

    var dissector: (any Dissector)?
    /// One per direction of the flow's key.
    var forward = StreamBuffer()
    var backward = StreamBuffer()
    var parkedForward: [Parked] = []
    var parkedBackward: [Parked] = []

    func parked(_ direction: Int) -> [Parked] { direction == 0 ? parkedForward : parkedBackward }

    func setParked(_ direction: Int, _ value: [Parked]) {
        if direction == 0 { parkedForward = value } else { parkedBackward = value }
    }

    func isDone(_ direction: Int) -> Bool { direction == 0 ? forward.isDone : backward.isDone }

    var isDone: Bool { forward.isDone && backward.isDone }

    /// Bytes held in both directions, parked segments included.
    var heldBytes: Int {
        forward.heldBytes + backward.heldBytes
            + parkedForward.reduce(0) { $0 + $1.bytes.count }
            + parkedBackward.reduce(0) { $0 + $1.bytes.count }
    }

    func finishAll() {
        forward.isDone = true
        backward.isDone = true
    }

    func withBuffer<Result>(
        _ direction: Int,
        _ body: (inout StreamBuffer, inout (any Dissector)?) throws(ParseFailure) -> Result
    ) throws(ParseFailure) -> Result {
        direction == 0 ? try body(&forward, &dissector) : try body(&backward, &dissector)
    }
}
