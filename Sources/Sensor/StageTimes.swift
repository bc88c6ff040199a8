/// CPU time by stage, in seconds.
///
/// With one worker the stages take turns for every packet, so one batch in a few is measured packet
/// by packet, and the whole is reckoned from those. With more workers each stage has its thread,
/// and that thread's own time is taken.
package struct StageTimes: Sendable {
    /// Bytes from the file or the interface, and where each packet lies in them.
    package var read = 0.0
    /// Headers.
    package var decode = 0.0
    /// Flow table, reassembly and dissection.
    package var flows = 0.0
    /// Catalog, inventory and event output.
    package var record = 0.0

    package init() {}

    package var total: Double { read + decode + flows + record }

    mutating func add(_ other: StageTimes) {
        read += other.read
        decode += other.decode
        flows += other.flows
        record += other.record
    }

    mutating func scale(by factor: Double) {
        decode *= factor
        flows *= factor
        record *= factor
    }
}

/// Measures one stage after another on one thread.
struct StageWatch {
    /// One batch in so many is measured packet by packet.
    static let sampling = 16

    /// Seconds between two readings that measure nothing.
    private let overhead: Double
    private var mark = 0.0

    init() {
        var least = Double.infinity
        for _ in 0..<64 {
            let start = ProcessUsage.monotonicSeconds()
            least = min(least, ProcessUsage.monotonicSeconds() - start)
        }
        overhead = least
    }

    mutating func start() { mark = ProcessUsage.monotonicSeconds() }

    /// Seconds since the last reading, and begins anew.
    mutating func lap() -> Double {
        let reading = ProcessUsage.monotonicSeconds()
        defer { mark = reading }
        return max(0, reading - mark - overhead)
    }
}
