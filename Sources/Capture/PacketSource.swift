package import Wire

/// Packets in, from anywhere.
package protocol PacketSource: ~Copyable {
    /// Fills `batch` with the next packets, whatever it held before; false once the capture has
    /// ended.
    ///
    /// A live source may give an empty batch when nothing came for a while.
    mutating func read(into batch: inout PacketBatch) throws(CaptureError) -> Bool
}

/// The world refused: one sentence that says what, where and how to mend it.
package struct CaptureError: Error, Sendable, CustomStringConvertible {
    package var message: String
    /// The request itself was wrong (a filter, an interface name), not the world.
    package var isUsage: Bool
    /// A file is there and can be read, and is no capture.
    package var isUnreadable: Bool

    package init(_ message: String, isUsage: Bool = false, isUnreadable: Bool = false) {
        self.message = message
        self.isUsage = isUsage
        self.isUnreadable = isUnreadable
    }

    package var description: String { message }
}
