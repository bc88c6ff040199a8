import CBrotli
import CMalloc
import Glibc

/// One brotli stream (RFC 7932), through libbrotlidec.
@safe struct BrotliStream: ~Copyable {
    private let state: OpaquePointer
    /// Bytes that the library has allocated: a stream may ask for a window of 16 MiB.
    private let count: UnsafeMutablePointer<Int>

    init() {
        unsafe count = .allocate(capacity: 1)
        unsafe count.initialize(to: 0)
        let made = unsafe BrotliDecoderCreateInstance(
            { sum, size in
                guard let block = unsafe malloc(size) else { return nil }
                unsafe sum?.assumingMemoryBound(to: Int.self).pointee += malloc_usable_size(block)
                return unsafe block
            },
            { sum, block in
                guard let block = unsafe block else { return }
                unsafe sum?.assumingMemoryBound(to: Int.self).pointee -= malloc_usable_size(block)
                unsafe free(block)
            }, count)
        guard let made = unsafe made else {
            preconditionFailure("libbrotlidec could not start: out of memory?")
        }
        unsafe state = made
    }

    /// What the library has allocated.
    func allocated() -> Int { unsafe count.pointee }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) -> DecompressionStep {
        var given = input.count
        var room = output.count
        var next = unsafe input.assumingMemoryBound(to: UInt8.self).baseAddress
        var target = unsafe output.assumingMemoryBound(to: UInt8.self).baseAddress
        let result = unsafe BrotliDecoderDecompressStream(
            state, &given, &next, &room, &target, nil)
        return DecompressionStep(
            consumed: input.count - given, produced: output.count - room,
            isBetweenFrames: result == BROTLI_DECODER_RESULT_SUCCESS,
            isCorrupt: result == BROTLI_DECODER_RESULT_ERROR)
    }

    deinit {
        unsafe BrotliDecoderDestroyInstance(state)
        unsafe count.deallocate()
    }
}
