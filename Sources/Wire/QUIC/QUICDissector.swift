import Codecs

/// QUIC: a client's Initial packets → handshake bytes → its hello, then done (RFC 9000, RFC 9001,
/// RFC 9369, the drafts from 22 on, and Google's own before them).
package struct QUICDissector: Dissector {
    package static let name = "quic"
    package static let transport = Transport.udp

    /// What the last packets with a long header were.
    private var version: QUICVersion?
    private var keys: InitialKeys?
    /// The connection id that made `keys`.
    private var keyID: [UInt8] = []
    /// Keys made so far.
    private var keyTries = 0
    private var stream = CryptoStream()
    /// Datagrams that were looked at for a hello.
    private var datagrams = 0
    /// Nobody reads more: the hello was told, or will not come.
    private var isOver = false
    /// The server answered the hello.
    private var isAnswered = false
    /// Datagrams of the client since its hello.
    private var behind = 0
    private var hasNegotiated = false
    private var hasTold = false

    package init() {}

    package var heldBytes: Int { stream.bytes.count + (keys == nil ? 0 : InitialKeys.heldBytes) }

    // MARK: - Recognition

    /// A long header of a version that is read, or Google's public header.
    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        guard LongHeader.begins(opening) else {
            return GoogleFrames.publicVersion(of: opening) == nil ? .no : .yes(.client)
        }
        var input = opening
        do throws(ParseFailure) {
            try input.skip(1)
            let version = QUICVersion(try input.uint32())
            if version == .negotiation { return isNegotiation(opening) ? .yes(.server) : .no }
            switch version.layout {
            case .standard, .googleFrames: return try speaker(opening, version)
            case .googleLong:
                switch try input.uint8() {
                case 0x50: return .yes(.client)
                case 0x05: return .yes(.server)
                default: return .no
                }
            case .googlePublic, nil: return .no
            }
        } catch { return .no }
    }

    /// Who sends such a packet, of which the end may be missing. A client chooses an id of at least
    /// eight bytes for its server (RFC 9000 §7.2), and only a client has a token to show.
    private static func speaker(
        _ opening: ByteReader, _ version: QUICVersion
    ) throws(ParseFailure) -> Likelihood {
        var input = opening
        let first = try input.uint8()
        try input.skip(4)
        let destinationBytes = Int(try input.uint8())
        try input.skip(destinationBytes)
        let sourceBytes = Int(try input.uint8())
        try input.skip(sourceBytes)
        guard max(destinationBytes, sourceBytes) <= LongHeader.idLimit else { return .no }
        switch LongHeader.kind(first, version) {
        case .zeroRTT: return .yes(.client)
        case .retry: return .yes(.server)
        case .handshake: return .either
        case .initial where destinationBytes < 8: return .yes(.server)
        case .initial: return try input.variable() > 0 ? .yes(.client) : .either
        // Of a version that is none the rest has to fit: an Initial as clients pad them (§14.1).
        case .unknown, .negotiation:
            let isInitial = first & 0xf0 == 0xc0 && destinationBytes >= 8
            return isInitial && opening.remaining >= 1200 ? .yes(.client) : .no
        }
    }

    /// A list of versions, one of which is read (RFC 9000 §17.2.1). Zeros alone could be anything.
    private static func isNegotiation(_ opening: ByteReader) -> Bool {
        var input = opening
        do throws(ParseFailure) {
            try input.skip(5)
            try input.skip(Int(try input.uint8()))
            try input.skip(Int(try input.uint8()))
            guard input.remaining % 4 == 0, input.remaining <= 256 else { return false }
            while !input.isAtEnd {
                let version = QUICVersion(try input.uint32())
                if version.layout != nil, !version.isReserved { return true }
            }
        } catch {}
        return false
    }

    // MARK: - Datagrams

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        let datagram = input.restSpan()
        if isOver { return pass(datagram, from: side) }
        datagrams += 1
        if datagrams > Limits.standard.openingDatagrams {
            giveUp(emit: emit)
            return .done
        }
        let opening = ByteReader(datagram, isPart: true)
        let seen = GoogleFrames.publicVersion(of: opening) ?? longVersion(of: opening)
        // One that only forces a list counts as long as there is no other.
        if let seen, seen.layout != nil, version == nil || !seen.isReserved { version = seen }
        if let seen, seen.layout == .googlePublic || seen.layout == .googleLong {
            guard side == .client else { return .next }
            readPlain(datagram, seen)
        } else if try readSealed(datagram, from: side) {
            return .turned
        }
        if side == .client, let version { try tellHello(version, emit: emit) }
        return .next
    }

    /// What follows the hello: only whether the server wants another version matters, for then the
    /// client says another hello. The two sides are then done.
    private mutating func pass(_ datagram: Span<UInt8>, from side: Side) -> Step {
        let opening = ByteReader(datagram)
        if side == .server, !isAnswered, !hasNegotiated, LongHeader.begins(opening),
            longVersion(of: opening) == .negotiation
        {
            hasNegotiated = true
            isOver = false
            return .next
        }
        if side == .server { isAnswered = true }
        if isAnswered { return .done }
        behind += 1
        return behind < Limits.standard.unansweredDatagrams ? .next : .done
    }

    private func longVersion(of opening: ByteReader) -> QUICVersion? {
        guard LongHeader.begins(opening) else { return nil }
        var input = opening
        do throws(ParseFailure) {
            try input.skip(1)
            return QUICVersion(try input.uint32())
        } catch { return nil }
    }

    package mutating func gap(from side: Side) {
        guard side == .client else { return }
        stream = CryptoStream()
        keys = nil
        keyID = []
    }

    package mutating func finish(emit: EmitMessage) {
        if !isOver { giveUp(emit: emit) }
    }

    /// No hello came: what is known is the version.
    private mutating func giveUp(emit: EmitMessage) {
        stop()
        isAnswered = true
        if let version, !hasTold { emit(.quic(QUICHello(version: version))) }
    }

    private mutating func stop() {
        isOver = true
        keys = nil
        keyID = []
        stream = CryptoStream()
    }

    // MARK: - Packets

    /// Reads a packet that may be in plain text; behind the hello come sealed ones with the same
    /// header, so what fits no frame is nobody's fault.
    private mutating func readPlain(_ datagram: Span<UInt8>, _ version: QUICVersion) {
        var input = ByteReader(datagram, isPart: true)
        do throws(ParseFailure) {
            let frames = try GoogleFrames(parsing: &input, of: version)
            try frames.read(&input, into: &stream)
        } catch {}
    }

    /// Reads the Initial packets of a datagram. True when one that should be the server's is the
    /// client's: they are the other way round.
    private mutating func readSealed(
        _ datagram: Span<UInt8>, from side: Side
    ) throws(ParseFailure) -> Bool {
        var input = ByteReader(datagram, isPart: true)
        var isFirst = true
        while LongHeader.begins(input) {
            let packet: LongHeader
            do throws(ParseFailure) {
                packet = try LongHeader(parsing: &input)
            } catch {
                // Behind a whole packet anything may stand (RFC 9000 §12.2).
                guard isFirst else { return false }
                throw error
            }
            isFirst = false
            guard packet.kind == .initial, side == .client || keys == nil,
                let frames = open(packet, in: datagram)
            else { continue }
            if side == .server { return true }
            try read(frames.span, of: packet.version)
        }
        return false
    }

    private mutating func read(
        _ frames: Span<UInt8>, of version: QUICVersion
    ) throws(ParseFailure) {
        var input = ByteReader(frames, isPart: true)
        if version.layout == .googleFrames {
            try GoogleFrames(of: version).read(&input, into: &stream)
        } else {
            try InitialFrames.read(&input, into: &stream)
        }
    }

    /// Opens a packet with the keys at hand, which stay the same when the server chooses another
    /// connection id; or else with those its own id makes, as after a Retry.
    private mutating func open(_ packet: LongHeader, in datagram: Span<UInt8>) -> [UInt8]? {
        if let opened = keys?.open(packet, in: datagram) { return opened }
        let destination = datagram.extracting(packet.destination)
        guard !destination.isEmpty, keys == nil || !destination.equals(keyID.span) else {
            return nil
        }
        for secret in InitialSecret.candidates(of: packet.version) {
            guard keyTries < Limits.standard.initialKeys else { return nil }
            keyTries += 1
            let made = InitialKeys(secret, to: destination)
            guard let opened = made.open(packet, in: datagram) else { continue }
            stream = CryptoStream()
            keys = made
            keyID = [UInt8](copying: destination)
            return opened
        }
        return nil
    }

    // MARK: - Hello

    /// Tells of the hello once it is whole.
    private mutating func tellHello(
        _ version: QUICVersion, emit: EmitMessage
    ) throws(ParseFailure) {
        guard stream.count >= 4 else { return }
        // Moved out, so that a span of it may live beside changes of `self`.
        let held = stream
        var opening = ByteReader(held.bytes.span.extracting(0..<held.count), isPart: true)
        do throws(ParseFailure) {
            if version.hasGoogleHello {
                guard let bytes = try QUICHello.googleBytes(opening), bytes <= opening.remaining
                else { return }
                stop()
                hasTold = true
                let message = held.bytes.span.extracting(0..<bytes)
                return emit(.quic(try QUICHello(version, parsingGoogle: message)))
            }
            let type = try opening.uint8()
            let length = try opening.uint24()
            guard type == HandshakeType.clientHello, length <= Limits.standard.handshakeBytes else {
                throw .malformed(.badHandshake)
            }
            guard length <= opening.remaining else { return }
            stop()
            hasTold = true
            let body = held.bytes.span.extracting(4..<(4 + length))
            emit(.quic(try QUICHello(version, parsing: body)))
        } catch {
            // The same bytes would be no better next time.
            stop()
            isAnswered = true
            throw error
        }
    }
}
