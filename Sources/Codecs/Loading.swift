/// Integers that lie in bytes: one check of the bounds and one load, where a byte at a time would
/// be several.
extension Span<UInt8> {
    /// The 16-bit integer at `offset`, low byte first.
    @inlinable package func littleUInt16(at offset: Int) -> UInt16 {
        precondition(offset >= 0 && offset <= count - 2)
        return unsafe UInt16(
            littleEndian: bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: offset, as: UInt16.self))
    }

    /// The 32-bit integer at `offset`, low byte first.
    @inlinable package func littleUInt32(at offset: Int) -> UInt32 {
        precondition(offset >= 0 && offset <= count - 4)
        return unsafe UInt32(
            littleEndian: bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: offset, as: UInt32.self))
    }

    /// The 16-bit integer at `offset`, high byte first: network byte order.
    @inlinable package func bigUInt16(at offset: Int) -> UInt16 {
        littleUInt16(at: offset).byteSwapped
    }

    /// The 32-bit integer at `offset`, high byte first: network byte order.
    @inlinable package func bigUInt32(at offset: Int) -> UInt32 {
        littleUInt32(at: offset).byteSwapped
    }

    /// The 64-bit integer at `offset`, high byte first: network byte order.
    @inlinable package func bigUInt64(at offset: Int) -> UInt64 {
        precondition(offset >= 0 && offset <= count - 8)
        return unsafe UInt64(
            bigEndian: bytes.unsafeLoadUnaligned(
                fromUncheckedByteOffset: offset, as: UInt64.self))
    }
}
