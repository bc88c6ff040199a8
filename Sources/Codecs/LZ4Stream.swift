import CLz4

/// lz4 frames one after another, through liblz4.
@safe struct LZ4Stream: ~Copyable {
    private let context: OpaquePointer

    init() {
        var made: OpaquePointer?
        let status = unsafe LZ4F_createDecompressionContext(&made, UInt32(LZ4F_VERSION))
        guard LZ4F_isError(status) == 0, let made = unsafe made else {
            preconditionFailure("liblz4 could not start: out of memory?")
        }
        unsafe context = made
    }

    /// Takes the input block by block, as liblz4 asks for it: after an error it does not say what
    /// it had put out before.
    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) -> DecompressionStep {
        var step = DecompressionStep(
            consumed: 0, produced: 0, isBetweenFrames: false, isCorrupt: false)
        // With no input it says how much it would like.
        var (taken, put) = (0, 0)
        var hint = unsafe LZ4F_decompress(
            context, output.baseAddress, &put, input.baseAddress, &taken, nil)
        while true {
            guard LZ4F_isError(hint) == 0 else {
                step.isCorrupt = true
                return step
            }
            taken = min(input.count - step.consumed, max(1, hint))
            put = output.count - step.produced
            hint = unsafe LZ4F_decompress(
                context, output.baseAddress.map { unsafe $0 + step.produced }, &put,
                input.baseAddress.map { unsafe $0 + step.consumed }, &taken, nil)
            guard LZ4F_isError(hint) == 0 else { continue }
            step.consumed += taken
            step.produced += put
            if hint == 0, taken + put > 0 {
                step.isBetweenFrames = true
                return step
            }
            if step.produced == output.count || taken + put == 0 { return step }
        }
    }

    deinit { _ = unsafe LZ4F_freeDecompressionContext(context) }
}
