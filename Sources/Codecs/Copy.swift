/// Copies of borrowed bytes in one go: byte by byte they would cost more than the packet itself.
extension [UInt8] {
    /// Appends the bytes of `span`.
    package mutating func append(copying span: Span<UInt8>) {
        unsafe span.withUnsafeBufferPointer { bytes in unsafe append(contentsOf: bytes) }
    }

    /// The bytes of `span`.
    package init(copying span: Span<UInt8>) {
        self = unsafe span.withUnsafeBufferPointer { bytes in unsafe Array(bytes) }
    }
}
