package import Wire

/// What was replayed, or heard on an interface.
package struct CaptureRecord: Sendable {
    /// SHA-256 of the file in hex; empty for a live capture.
    package var digest: String
    package var name: String
    package var packets: Int
    package var bytes: Int
    package var first: Timestamp
    package var last: Timestamp
    /// Cause → packets or bytes not fully used.
    package var drops: [String: Int]

    package init(
        digest: String, name: String, packets: Int, bytes: Int, first: Timestamp,
        last: Timestamp, drops: [String: Int]
    ) {
        self.digest = digest
        self.name = name
        self.packets = packets
        self.bytes = bytes
        self.first = first
        self.last = last
        self.drops = drops
    }
}
