import CZstd

/// zstd frames (RFC 8878) one after another, through libzstd.
@safe struct ZstdStream: ~Copyable {
    /// The largest window that is believed, 128 MiB: what `zstd --long` writes, and all the memory
    /// that a frame may ask for.
    static let windowBits: Int32 = 27

    private let stream: OpaquePointer

    init(windowBits: Int32 = ZstdStream.windowBits) {
        guard let made = unsafe ZSTD_createDStream() else {
            preconditionFailure("libzstd could not start: out of memory?")
        }
        unsafe stream = made
        _ = unsafe ZSTD_DCtx_setParameter(made, ZSTD_d_windowLogMax, windowBits)
    }

    /// Takes the input block by block, as libzstd asks for it: after an error it does not say what
    /// it had put out before.
    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) -> DecompressionStep {
        var source = unsafe ZSTD_inBuffer(src: input.baseAddress, size: 0, pos: 0)
        var target = unsafe ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        var step = DecompressionStep(
            consumed: 0, produced: 0, isBetweenFrames: false, isCorrupt: false)
        // With no input it says how much it would like.
        var hint = unsafe ZSTD_decompressStream(stream, &target, &source)
        while true {
            guard ZSTD_isError(hint) == 0 else {
                step.isCorrupt = true
                return step
            }
            let isStill = unsafe source.pos == step.consumed && target.pos == step.produced
            step.consumed = unsafe source.pos
            step.produced = unsafe target.pos
            if hint == 0, !isStill {
                step.isBetweenFrames = true
                return step
            }
            if step.produced == output.count { return step }
            if isStill, step.consumed == input.count { return step }
            unsafe source.size = min(input.count, step.consumed + max(1, hint))
            hint = unsafe ZSTD_decompressStream(stream, &target, &source)
        }
    }

    /// What libzstd has allocated.
    func allocated() -> Int { unsafe ZSTD_sizeof_DStream(stream) }

    deinit { _ = unsafe ZSTD_freeDStream(stream) }
}
