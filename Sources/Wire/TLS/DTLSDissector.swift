import Codecs

/// DTLS (RFC 6347, RFC 9147): the two hellos, and the server's certificate up to DTLS 1.2, then
/// done.
package struct DTLSDissector: Dissector {
    package static let name = "dtls"
    package static let transport = Transport.udp

    /// The handshake message of one side that is being put together.
    private struct Partial {
        var sequence: UInt16 = 0
        var type: UInt8 = 0
        var length = 0
        /// Offset and bytes, in order of arrival.
        var fragments: [(offset: Int, bytes: [UInt8])] = []
        /// Bytes that `fragments` hold.
        var held = 0
    }

    /// Fragments of a message that are kept: a hello is in three, a certificate in ten.
    private static let fragmentLimit = 64

    private var partial = (client: Partial(), server: Partial())
    /// What the last hello said, as one number: it may be long, and the flow may last.
    private var hello: Int?
    /// The server's hello, held back until its certificate comes or cannot come any more.
    private var answer: Message?

    package init() {}

    /// A record of epoch 0 that begins a hello, or the server's request to prove an address.
    ///
    ///     type(1) version(2) epoch(2) sequence_number(6) length(2)
    ///     msg_type(1) length(3) message_seq(2) fragment_offset(3) fragment_length(3)
    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        guard opening.peek(0) == RecordType.handshake, opening.peek(3) == 0, opening.peek(4) == 0,
            let type = opening.peek(13), opening.remaining >= 25
        else { return .no }
        switch (opening.peek(1), opening.peek(2)) {
        case (0xfe, 0xff), (0xfe, 0xfd), (1, 0): break
        default: return .no
        }
        switch type {
        case HandshakeType.clientHello: return .yes(.client)
        case HandshakeType.serverHello, HandshakeType.helloVerifyRequest: return .yes(.server)
        default: return .no
        }
    }

    package var heldBytes: Int { partial.client.held + partial.server.held }

    package mutating func finish(emit: EmitMessage) { tellAnswer(nil, emit) }

    /// All records of a datagram. What else shares the flow, as STUN and SRTP do, is passed over.
    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        while input.remaining > 13 {
            let type = try input.uint8()
            // The short header of encrypted records (RFC 9147 §4).
            if type & 0xe0 == 0x20 { return .done }
            guard RecordType.changeCipherSpec...25 ~= type, try input.uint16() >> 8 != 3 else {
                return .next
            }
            let epoch = try input.uint16()
            try input.skip(6)
            let length = Int(try input.uint16())
            guard epoch == 0, type != RecordType.applicationData else {
                // From here on all is encrypted.
                if side == .server { tellAnswer(nil, emit) }
                return .done
            }
            var record = try input.take(length)
            guard type == RecordType.handshake else { continue }
            while record.remaining >= 12 {
                if try fragment(&record, from: side, emit: emit) { return .done }
            }
        }
        return .next
    }

    /// Takes one fragment; true when this side has said all that is read of it.
    private mutating func fragment(
        _ record: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Bool {
        let type = try record.uint8()
        let length = try record.uint24()
        let sequence = try record.uint16()
        let offset = try record.uint24()
        let count = try record.uint24()
        var bytes = try record.take(count)
        guard isRead(type, from: side) else {
            // Of the server's messages behind its hello only the certificate is read.
            guard side == .server, answer != nil, type != HandshakeType.helloRequest,
                type != HandshakeType.supplementalData
            else { return false }
            tellAnswer(nil, emit)
            return true
        }
        guard length <= Limits.standard.handshakeBytes, offset + count <= length else {
            throw .malformed(.badHandshake)
        }
        if count == length { return try read(type, &bytes, from: side, emit: emit) }
        var partial = take(side)
        if partial.sequence != sequence || partial.type != type || partial.length != length {
            partial = Partial(sequence: sequence, type: type, length: length)
        }
        let isNew =
            count > 0 && partial.fragments.count < DTLSDissector.fragmentLimit
            && !partial.fragments.contains { $0.offset == offset && $0.bytes.count >= count }
        if isNew {
            partial.fragments.append((offset, bytes.rest()))
            partial.held += count
        }
        // Without a new one there is nothing to join that was not looked at before.
        guard isNew, let whole = DTLSDissector.joined(partial) else {
            put(partial, side)
            return false
        }
        var message = ByteReader(whole.span, isPart: true)
        return try read(type, &message, from: side, emit: emit)
    }

    private func isRead(_ type: UInt8, from side: Side) -> Bool {
        side == .client
            ? type == HandshakeType.clientHello
            : answer == nil
                ? type == HandshakeType.serverHello : type == HandshakeType.certificate
    }

    private mutating func take(_ side: Side) -> Partial {
        let taken = side == .client ? partial.client : partial.server
        put(Partial(), side)
        return taken
    }

    private mutating func put(_ value: Partial, _ side: Side) {
        if side == .client { partial.client = value } else { partial.server = value }
    }

    /// The message, when its fragments leave nothing out.
    private static func joined(_ partial: Partial) -> [UInt8]? {
        guard partial.held >= partial.length else { return nil }
        var whole: [UInt8] = []
        whole.reserveCapacity(partial.length)
        for piece in partial.fragments.sorted(by: { $0.offset < $1.offset }) {
            guard piece.offset <= whole.count else { return nil }
            whole += piece.bytes.dropFirst(whole.count - piece.offset)
        }
        return whole.count == partial.length ? whole : nil
    }

    private mutating func read(
        _ type: UInt8, _ body: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Bool {
        switch type {
        case HandshakeType.clientHello:
            let found = try ClientHello(parsing: &body, transport: .dtls)
            // It comes again with the server's cookie, and whenever its answer is late.
            guard found.hashValue != hello else { return false }
            hello = found.hashValue
            emit(.dtlsClientHello(found))
        case HandshakeType.serverHello:
            let found = try ServerHello(parsing: &body, isDatagram: true)
            if found.showsCertificate {
                answer = .dtlsServerHello(found)
            } else {
                emit(.dtlsServerHello(found))
                return !found.isRetryRequest
            }
        default:
            tellAnswer(try DTLSDissector.certificate(&body), emit)
            return true
        }
        return false
    }

    private mutating func tellAnswer(_ certificate: [UInt8]?, _ emit: EmitMessage) {
        guard case .dtlsServerHello(var hello)? = answer else { return }
        answer = nil
        hello.certificateBytes = certificate
        emit(.dtlsServerHello(hello))
    }

    /// The first of the list (RFC 5246 §7.4.2).
    private static func certificate(
        _ body: inout ByteReader
    ) throws(ParseFailure) -> [UInt8]? {
        guard body.remaining > 6 else { return nil }
        try body.skip(3)
        let bytes = try body.uint24()
        guard bytes <= Limits.standard.certificateBytes else { return nil }
        var der = try body.take(bytes)
        return der.rest()
    }
}
