/// How content is coded on the wire (RFC 9110 §8.4.1, RFC 7932, RFC 9659, RFC 7692).
package enum ContentCoding: Sendable {
    case gzip, zlib, deflate, brotli, zstd
}

/// Undoes one coding of content, step by step into the caller's buffer.
package final class ContentDecoder {
    /// The largest window of zstd that content may ask for: 8 MiB (RFC 9659 §3).
    private static let zstdWindowBits: Int32 = 23

    // One of these three.
    private let deflate: GzipStream?
    private let zstd: ZstdStream?
    private let brotli: BrotliStream?

    package init(_ coding: ContentCoding) {
        switch coding {
        case .gzip: deflate = GzipStream(.gzip)
        case .zlib: deflate = GzipStream(.zlib)
        case .deflate: deflate = GzipStream(.none)
        case .brotli, .zstd: deflate = nil
        }
        zstd =
            coding == .zstd ? ZstdStream(windowBits: ContentDecoder.zstdWindowBits) : nil
        brotli = coding == .brotli ? BrotliStream() : nil
    }

    /// Bytes that the library holds for it.
    package var heldBytes: Int {
        zstd?.allocated() ?? brotli?.allocated() ?? GzipStream.heldBytes
    }

    /// Begins a stream of deflate anew, with nothing that it could refer to.
    package func reset() { deflate?.reset() }

    /// Decodes from `input` into `output`, as much as one of them allows.
    package func step(_ input: Span<UInt8>, into output: inout [UInt8]) -> DecompressionStep {
        unsafe input.withUnsafeBytes { source in
            unsafe output.withUnsafeMutableBytes { target in
                unsafe deflate?.step(source, target) ?? zstd?.step(source, target)
                    ?? brotli?.step(source, target)
                    ?? DecompressionStep(
                        consumed: 0, produced: 0, isBetweenFrames: false, isCorrupt: true)
            }
        }
    }
}
