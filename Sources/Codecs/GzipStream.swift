import CZlib

/// gzip members (RFC 1952) one after another, through zlib; or what else is built on deflate.
@safe struct GzipStream: ~Copyable {
    /// What stands around the deflated bytes. 15 bits of window are the most that deflate has.
    enum Wrapper: Int32 {
        /// 16 more ask for gzip's header and trailer.
        case gzip = 31
        /// RFC 1950.
        case zlib = 15
        /// Nothing at all (RFC 1951).
        case none = -15
    }

    /// What zlib allocates: the window, and its state beside it.
    static let heldBytes = 42 << 10

    /// On the heap: zlib remembers where it lies.
    private let stream: UnsafeMutablePointer<z_stream>

    init(_ wrapper: Wrapper = .gzip) {
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let status = unsafe inflateInit2_(
            stream, wrapper.rawValue, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib could not start: out of memory?")
    }

    func step(
        _ input: UnsafeRawBufferPointer, _ output: UnsafeMutableRawBufferPointer
    ) -> DecompressionStep {
        let given = UInt32(clamping: input.count)
        let room = UInt32(clamping: output.count)
        // zlib does not write through next_in; its type only fails to say so.
        unsafe stream.pointee.next_in = UnsafeMutablePointer(
            mutating: input.assumingMemoryBound(to: UInt8.self).baseAddress)
        unsafe stream.pointee.avail_in = given
        unsafe stream.pointee.next_out =
            output.assumingMemoryBound(to: UInt8.self).baseAddress
        unsafe stream.pointee.avail_out = room
        let status = unsafe inflate(stream, Z_NO_FLUSH)
        var step = unsafe DecompressionStep(
            consumed: Int(given - stream.pointee.avail_in),
            produced: Int(room - stream.pointee.avail_out),
            isBetweenFrames: status == Z_STREAM_END, isCorrupt: false)
        switch status {
        case Z_STREAM_END: step.isCorrupt = unsafe inflateReset(stream) != Z_OK
        case Z_OK, Z_BUF_ERROR: break
        default: step.isCorrupt = true
        }
        return step
    }

    /// Begins anew, with an empty window.
    func reset() { _ = unsafe inflateReset(stream) }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }
}
