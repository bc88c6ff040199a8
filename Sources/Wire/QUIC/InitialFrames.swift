/// The frames that an Initial packet may hold (RFC 9000 §17.2.2, §19), of which only the
/// handshake's bytes are of interest.
enum InitialFrames {
    /// RFC 9000 §19.
    private enum FrameType {
        static let padding: UInt8 = 0
        static let ping: UInt8 = 1
        static let acknowledgment: UInt8 = 2
        static let acknowledgmentWithECN: UInt8 = 3
        static let crypto: UInt8 = 6
        static let connectionClose: UInt8 = 0x1c
    }

    /// Reads a packet's frames, and adds the handshake's bytes to `stream`.
    static func read(
        _ input: inout ByteReader, into stream: inout CryptoStream
    ) throws(ParseFailure) {
        while !input.isAtEnd {
            switch try input.uint8() {
            case FrameType.padding: input.skipZeros()
            case FrameType.ping: break
            case FrameType.acknowledgment: try skipAcknowledgment(&input)
            case FrameType.acknowledgmentWithECN:
                try skipAcknowledgment(&input)
                for _ in 0..<3 { _ = try input.variable() }
            case FrameType.crypto:
                let offset = try input.variable()
                var bytes = try input.take(try input.variable())
                try stream.fill(&bytes, at: offset)
            case FrameType.connectionClose: return
            default: throw .malformed(.badQUIC)
            }
        }
    }

    /// RFC 9000 §19.3. A range takes at least two bytes, so the packet's end bounds them.
    private static func skipAcknowledgment(_ input: inout ByteReader) throws(ParseFailure) {
        _ = try input.variable()
        _ = try input.variable()
        let ranges = try input.variable()
        _ = try input.variable()
        guard ranges <= input.remaining / 2 else { throw .malformed(.badQUIC) }
        for _ in 0..<(2 * ranges) { _ = try input.variable() }
    }
}
