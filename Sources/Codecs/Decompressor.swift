/// A compression that captures come in, told by its first bytes.
package enum Compression: String, CaseIterable, Sendable {
    case gzip, zstd, lz4

    /// Nil when `head` begins none of them.
    package init?(_ head: [UInt8]) {
        guard head.count >= 4 else { return nil }
        let magic = head.span.littleUInt32(at: 0)
        switch magic {
        case _ where magic & 0xffffff == 0x088b1f: self = .gzip  // deflate is its one method
        case 0xfd2f_b528: self = .zstd
        case 0x184d_2204: self = .lz4
        case 0x184d_2a50...0x184d_2a5f:
            // A skippable frame of either; pzstd writes one before each frame.
            self = .zstd
        default: return nil
        }
    }
}

/// What one step of a decompression did.
package struct DecompressionStep: Sendable {
    /// Bytes taken from the input and put into the output.
    package var consumed: Int
    package var produced: Int
    /// A member or frame is whole, and no other has begun.
    package var isBetweenFrames: Bool
    /// The bytes break the format's rules; nothing after them can be read.
    package var isCorrupt: Bool
}

/// A stream of gzip members, zstd frames or lz4 frames, decompressed step by step into the caller's
/// buffer: what is still to come costs no memory.
package struct Decompressor: ~Copyable {
    // One of these three.
    let gzip: GzipStream?
    let zstd: ZstdStream?
    let lz4: LZ4Stream?

    package init(_ format: Compression) {
        gzip = format == .gzip ? GzipStream() : nil
        zstd = format == .zstd ? ZstdStream() : nil
        lz4 = format == .lz4 ? LZ4Stream() : nil
    }

    /// Decompresses from `input` into `output`, as much as one of them allows.
    package func step(
        _ input: [UInt8], _ available: Range<Int>, into output: inout [UInt8], from start: Int
    ) -> DecompressionStep {
        precondition(available.lowerBound >= 0 && available.upperBound <= input.count)
        precondition(start >= 0 && start <= output.count)
        return unsafe input.withUnsafeBytes { input in
            unsafe output.withUnsafeMutableBytes { output in
                let source = unsafe UnsafeRawBufferPointer(rebasing: input[available])
                let target = unsafe UnsafeMutableRawBufferPointer(rebasing: output[start...])
                return unsafe gzip?.step(source, target) ?? zstd?.step(source, target)
                    ?? lz4?.step(source, target)
                    ?? DecompressionStep(
                        consumed: 0, produced: 0, isBetweenFrames: false, isCorrupt: true)
            }
        }
    }
}
