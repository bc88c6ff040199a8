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
}
