/// The head of one frame (RFC 9113 §4.1).
///
///     +-----------------------------------------------+
///     |                 Length (24)                   |
///     +---------------+---------------+---------------+
///     |   Type (8)    |   Flags (8)   |
///     +-+-------------+---------------+-------------------------------+
///     |R|                 Stream Identifier (31)                      |
///     +=+=============================================================+
struct HTTP2Frame {
    static let headerBytes = 9

    enum Kind {
        static let data: UInt8 = 0
        static let headers: UInt8 = 1
        static let priority: UInt8 = 2
        static let reset: UInt8 = 3
        static let settings: UInt8 = 4
        static let pushPromise: UInt8 = 5
        static let ping: UInt8 = 6
        static let goAway: UInt8 = 7
        static let windowUpdate: UInt8 = 8
        static let continuation: UInt8 = 9
    }

    struct Flags: OptionSet {
        let rawValue: UInt8
        static let endStream = Flags(rawValue: 0x01)
        static let endHeaders = Flags(rawValue: 0x04)
        static let padded = Flags(rawValue: 0x08)
        static let priority = Flags(rawValue: 0x20)
    }

    var length: Int
    var kind: UInt8
    var flags: Flags
    var stream: UInt32
    private var isReserved: Bool

    init(_ input: inout ByteReader) throws(ParseFailure) {
        length = try input.uint24()
        kind = try input.uint8()
        flags = Flags(rawValue: try input.uint8())
        let word = try input.uint32()
        stream = word & 0x7fff_ffff
        isReserved = word != stream
    }

    // MARK: - Behind lost bytes

    /// Bytes of the longest frame that is believed where a boundary is looked for: nobody asks for
    /// larger ones than this.
    private static let longest = 256 << 10
    /// How far ahead of the streams that were seen a new one may be.
    private static let newStreams: UInt32 = 2000

    /// Whether a frame with this head may be sent on a stream up to about `latest`.
    private func isBelievable(latest: UInt32) -> Bool {
        guard !isReserved, length <= HTTP2Frame.longest, stream <= latest + HTTP2Frame.newStreams
        else { return false }
        let bits = flags.rawValue
        switch kind {
        case Kind.data: return stream != 0 && bits & ~0x09 == 0
        case Kind.headers: return stream != 0 && length > 0 && bits & ~0x2d == 0
        case Kind.priority: return stream != 0 && length == 5 && bits == 0
        case Kind.reset: return stream != 0 && length == 4 && bits == 0
        case Kind.settings:
            return stream == 0 && length % 6 == 0 && length <= 6 * 64 && bits & ~1 == 0
                && (bits == 0 || length == 0)
        case Kind.pushPromise: return stream != 0 && length > 4 && bits & ~0x0c == 0
        case Kind.ping: return stream == 0 && length == 8 && bits & ~1 == 0
        case Kind.goAway: return stream == 0 && length >= 8 && bits == 0
        case Kind.windowUpdate: return length == 4 && bits == 0
        case Kind.continuation: return stream != 0 && bits & ~4 == 0
        default: return false
        }
    }

    /// Where in a segment behind lost bytes the next frame begins: a run of frames up to the very
    /// end, or two at least of which the last goes on beyond it. Nil when there is none.
    static func boundary(in segment: ByteReader, latest: UInt32) -> Int? {
        for start in 0..<max(0, segment.remaining - headerBytes + 1) {
            var rest = segment.from(start)
            var frames = 0
            while true {
                guard rest.remaining >= headerBytes else {
                    if frames > (rest.isAtEnd ? 0 : 1) { return start }
                    break
                }
                guard let frame = next(&rest), frame.isBelievable(latest: latest) else { break }
                frames += 1
                guard frame.length <= rest.remaining else {
                    let isKnown = start == 0 && frame.stream != 0 && frame.stream <= latest
                    if frames > 1 || isKnown { return start }
                    break
                }
                _ = rest.moved(by: frame.length)
            }
        }
        return nil
    }

    private static func next(_ input: inout ByteReader) -> HTTP2Frame? {
        do throws(ParseFailure) {
            return try HTTP2Frame(&input)
        } catch {
            return nil
        }
    }
}
