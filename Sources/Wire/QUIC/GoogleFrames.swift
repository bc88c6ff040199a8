/// Google's QUIC before the IETF's: its headers and frames, of which only the handshake's bytes are
/// of interest ("QUIC Wire Layout Specification", Chromium). Packets of the handshake are in plain
/// text up to Q049, behind a hash of twelve bytes.
struct GoogleFrames {
    private static let hashBytes = 12
    /// Of the handshake.
    private static let cryptoStream = 1

    /// 24 for Q024.
    let version: Int
    /// Bytes of the packet number.
    let numberBytes: Int

    private enum FrameType {
        static let padding: UInt8 = 0
        static let reset: UInt8 = 1
        static let connectionClose: UInt8 = 2
        static let goAway: UInt8 = 3
        static let windowUpdate: UInt8 = 4
        static let blocked: UInt8 = 5
        static let stopWaiting: UInt8 = 6
        static let ping: UInt8 = 7
        /// From Q047 on.
        static let crypto: UInt8 = 8
        static let acknowledgment: UInt8 = 0x40
        static let stream: UInt8 = 0x80
    }

    /// The version in a client's public header (Q024 to Q043), which every packet has until the
    /// server answers; nil for any other datagram.
    ///
    ///     flags (8): 0x01 version, 0x08 connection id, 0x30 bytes of the packet number,
    ///     connection id (64), version (32), packet number (8, 16, 32 or 48)
    static func publicVersion(of datagram: ByteReader) -> QUICVersion? {
        guard let flags = datagram.peek(), flags & 0xcb == 0x09 else { return nil }
        var input = datagram
        do throws(ParseFailure) {
            try input.skip(9)
            let version = QUICVersion(try input.uint32())
            return version.layout == .googlePublic ? version : nil
        } catch { return nil }
    }

    /// Reads the header of a packet in plain text, up to its frames.
    init(
        parsing input: inout ByteReader, of version: QUICVersion
    ) throws(ParseFailure) {
        self.version = version.googleNumber ?? 0
        let first = try input.uint8()
        if version.layout == .googlePublic {
            try input.skip(8 + 4)
            numberBytes = GoogleFrames.width(first >> 4)
        } else {
            try input.skip(4)
            let lengths = try input.uint8()
            for length in [Int(lengths >> 4), Int(lengths & 15)] where length > 0 {
                try input.skip(length + 3)
            }
            numberBytes = self.version < 46 ? 4 : Int(first & 3) + 1
        }
        // Up to Q033 a byte of flags followed.
        try input.skip(numberBytes + GoogleFrames.hashBytes + (self.version <= 33 ? 1 : 0))
    }

    /// The frames of a packet that was opened (Q050, T050, T051).
    init(of version: QUICVersion) {
        self.version = version.googleNumber ?? 0
        numberBytes = 4
    }

    /// One, two, four or six bytes.
    private static func width(_ code: UInt8) -> Int { [1, 2, 4, 6][Int(code & 3)] }

    /// Reads a packet's frames, and adds the handshake's bytes to `stream`.
    func read(_ input: inout ByteReader, into stream: inout CryptoStream) throws(ParseFailure) {
        while !input.isAtEnd {
            let type = try input.uint8()
            if type & FrameType.stream != 0 {
                try readStream(type, &input, into: &stream)
                continue
            }
            if type & FrameType.acknowledgment != 0 {
                try skipAcknowledgment(type, &input)
                continue
            }
            switch type {
            case FrameType.padding: input.skipZeros()
            case FrameType.ping: break
            case FrameType.reset: try input.skip(4 + 8 + 4)
            case FrameType.windowUpdate: try input.skip(4 + 8)
            case FrameType.blocked: try input.skip(4)
            case FrameType.stopWaiting: try input.skip(numberBytes + (version < 34 ? 1 : 0))
            case FrameType.crypto where version >= 47:
                let offset = try input.variable()
                var bytes = try input.take(try input.variable())
                try stream.fill(&bytes, at: offset)
            case FrameType.connectionClose, FrameType.goAway: return
            default: throw .malformed(.badQUIC)
            }
        }
    }

    /// `1fdoooss`: the last, has a length, bytes of the offset, bytes of the stream's number.
    private func readStream(
        _ type: UInt8, _ input: inout ByteReader, into stream: inout CryptoStream
    ) throws(ParseFailure) {
        let hasLength = type & 0x20 != 0
        let offsetCode = Int(type >> 2 & 7)
        let id = try integer(&input, bytes: Int(type & 3) + 1)
        let offset = try integer(&input, bytes: offsetCode == 0 ? 0 : offsetCode + 1)
        let length = hasLength ? try integer(&input, bytes: 2) : input.remaining
        var bytes = try input.take(length)
        guard id == GoogleFrames.cryptoStream else { return }
        // A client that was refused says a second one behind its first.
        if bytes.starts(with: QUICHello.clientHello) { stream.begin(at: offset) }
        try stream.fill(&bytes, at: offset)
    }

    /// `01ntllmm`: has more than one block, truncated, bytes of the largest number, bytes of a
    /// block's length.
    private func skipAcknowledgment(
        _ type: UInt8, _ input: inout ByteReader
    ) throws(ParseFailure) {
        let hasBlocks = type & 0x20 != 0
        let (largest, block) = (GoogleFrames.width(type >> 2), GoogleFrames.width(type))
        if version < 34 {
            try input.skip(1 + largest + 2)
            try skipTimes(&input)
            guard hasBlocks else { return }
            try input.skip(Int(try input.uint8()) * (block + 1))
            try input.skip(Int(try input.uint8()) * largest)
        } else {
            try input.skip(largest + 2)
            let blocks = hasBlocks ? Int(try input.uint8()) : 0
            try input.skip(block + blocks * (1 + block))
            try skipTimes(&input)
        }
    }

    private func skipTimes(_ input: inout ByteReader) throws(ParseFailure) {
        let times = Int(try input.uint8())
        if times > 0 { try input.skip(1 + 4 + (times - 1) * 3) }
    }

    /// High byte first from Q039 on, before that low byte first. At most eight bytes.
    private func integer(_ input: inout ByteReader, bytes: Int) throws(ParseFailure) -> Int {
        var value: UInt64 = 0
        for at in 0..<bytes {
            let byte = UInt64(try input.uint8())
            value = version < 39 ? value | byte << UInt64(8 * at) : value << 8 | byte
        }
        return Int(clamping: value)
    }
}
