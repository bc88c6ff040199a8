import Codecs

/// Integers of either byte order, read from checked bytes.
struct FieldOrder {
    var isBig: Bool

    func uint16(_ bytes: Span<UInt8>, _ at: Int) -> UInt16 {
        let value = bytes.littleUInt16(at: at)
        return isBig ? value.byteSwapped : value
    }

    func uint32(_ bytes: Span<UInt8>, _ at: Int) -> UInt32 {
        let value = bytes.littleUInt32(at: at)
        return isBig ? value.byteSwapped : value
    }

    func uint64(_ bytes: Span<UInt8>, _ at: Int) -> UInt64 {
        let (a, b) = (UInt64(uint32(bytes, at)), UInt64(uint32(bytes, at + 4)))
        return isBig ? a << 32 | b : b << 32 | a
    }
}
