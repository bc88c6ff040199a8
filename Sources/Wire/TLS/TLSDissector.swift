import Codecs

/// TLS over TCP: records → handshake messages → hellos and the server's certificate, then done.
package struct TLSDissector: Dissector {
    package static let name = "tls"
    package static let transport = Transport.tcp

    /// Handshake bytes of each side that are not yet a whole message.
    private var client: [UInt8] = []
    private var server: [UInt8] = []
    private var hasClientHello = false
    private var hasServerHello = false
    /// The client's hello names the server, so its certificate says nothing new but to events.
    private var isNamed = false
    private var readsAllCertificates = true
    /// The server's hello, held back until its certificate comes or cannot come any more.
    private var answer: ServerAnswer?
    private var earlyRecords: UInt8 = 0
    /// Records of early data that are passed over; where only the client is heard there is no end.
    private static let earlyRecordLimit: UInt8 = 64
    /// Of the first hello, to compare the second one's with.
    private var encryptedHello: EncryptedHello?

    package init() {}

    /// A handshake record that begins with a hello (RFC 8446 §5.1, §4).
    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        guard let first = opening.peek(0) else { return .maybe }
        guard first == RecordType.handshake else { return .no }
        guard let major = opening.peek(1) else { return .maybe }
        guard major == 3 else { return .no }
        guard let minor = opening.peek(2) else { return .maybe }
        guard minor <= 4 else { return .no }
        guard let high = opening.peek(3), let low = opening.peek(4), let type = opening.peek(5)
        else {
            return .maybe
        }
        let length = Int(high) << 8 | Int(low)
        guard length >= 1, length <= 18_432 else { return .no }
        switch type {
        case HandshakeType.clientHello: return .yes(.client)
        case HandshakeType.serverHello: return .yes(.server)
        default: return .no
        }
    }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        let type = try input.uint8()
        let version = try input.uint16()
        let length = Int(try input.uint16())
        guard type >= RecordType.changeCipherSpec, type <= RecordType.heartbeat, version >> 8 == 3,
            length <= 18_432
        else { throw .malformed(.badTLSRecord) }
        if answer?.isBehindGap == true { tellAnswer(nil, emit) }
        switch type {
        case RecordType.handshake:
            var body = try input.take(length)
            return try handshake(&body, from: side, emit: emit)
        case RecordType.applicationData
        where side == .client && hasClientHello && !hasServerHello
            && earlyRecords < TLSDissector.earlyRecordLimit:
            // Early data; the server may ask for a second hello behind it (RFC 8446 §4.2.10).
            earlyRecords += 1
            return .skip(length)
        case RecordType.applicationData:
            // No hello can follow on this side.
            setHandshake([], side)
            if side == .server { tellAnswer(nil, emit) }
            return .done
        case RecordType.changeCipherSpec where side == .server && answer != nil:
            // A resumed session: what follows is encrypted.
            tellAnswer(nil, emit)
            return .done
        default: return .skip(length)
        }
    }

    package mutating func use(_ memory: DefinitionMemory?) {
        readsAllCertificates = memory?.readsAllCertificates ?? true
    }

    package mutating func gap(from side: Side) {
        setHandshake([], side)
        if side == .server { answer?.isBehindGap = true }
    }

    package mutating func finish(emit: EmitMessage) { tellAnswer(nil, emit) }

    package func resumes(at opening: ByteReader, from side: Side, ports: Ports) -> Bool {
        TLSDissector.likelihood(of: opening, ports: ports) == .yes(side)
    }

    private mutating func setHandshake(_ bytes: [UInt8], _ side: Side) {
        if side == .client { client = bytes } else { server = bytes }
    }

    package var heldBytes: Int { client.count + server.count }

    private mutating func handshake(
        _ record: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        guard (side == .client ? client.count : server.count) == 0 else {
            var joined = side == .client ? client : server
            setHandshake([], side)
            joined += record.rest()
            // Many short records would else be looked through from the beginning with each.
            if isShort(joined, side) {
                setHandshake(joined, side)
                return .next
            }
            var whole = ByteReader(joined.span, isPart: true)
            return try messages(&whole, from: side, emit: emit)
        }
        return try messages(&record, from: side, emit: emit)
    }

    /// Whether of the message that begins so more has to come before it can be read.
    private func isShort(_ held: [UInt8], _ side: Side) -> Bool {
        guard held.count >= 4 else { return true }
        let length = Int(held[1]) << 16 | Int(held[2]) << 8 | Int(held[3])
        switch held[0] {
        case HandshakeType.certificate where side == .server && answer != nil:
            guard held.count >= 10 else { return false }
            let first = Int(held[7]) << 16 | Int(held[8]) << 8 | Int(held[9])
            return first <= length - 6 && first <= Limits.standard.certificateBytes
                && held.count < 10 + first
        case HandshakeType.helloRequest, HandshakeType.supplementalData:
            guard side == .server, answer != nil else { return false }
        case let type:
            guard side == .client || answer == nil, isExpected(type, from: side) else {
                return false
            }
        }
        return length <= Limits.standard.handshakeBytes && held.count < 4 + length
    }

    /// Reads whole handshake messages, and holds what is left of the last one.
    private mutating func messages(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        while input.remaining >= 4 {
            if side == .server, answer != nil {
                let found = try certificate(in: &input)
                if case .passed = found { continue }
                guard case .found(let certificate) = found else { break }
                tellAnswer(certificate, emit)
                return .done
            }
            var header = input
            let type = try header.uint8()
            let length = try header.uint24()
            guard isExpected(type, from: side), length <= Limits.standard.handshakeBytes else {
                // Anything else is encrypted, or of no interest: records of this side are skipped.
                return hasHello(of: side) ? .done : .next
            }
            guard header.remaining >= length else { break }
            try input.skip(4)
            var body = try input.take(length)
            try read(type, &body, from: side, emit: emit)
            if side == .server, hasServerHello, answer == nil { return .done }
        }
        if input.remaining > 0 { setHandshake(input.rest(), side) }
        return .next
    }

    private func isExpected(_ type: UInt8, from side: Side) -> Bool {
        type == (side == .client ? HandshakeType.clientHello : HandshakeType.serverHello)
    }

    private func hasHello(of side: Side) -> Bool {
        side == .client ? hasClientHello : hasServerHello
    }

    private mutating func read(
        _ type: UInt8, _ body: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) {
        if side == .client {
            var hello = try ClientHello(parsing: &body)
            if var hidden = hello.encryptedHello {
                if let encryptedHello {
                    hidden.judge(by: encryptedHello)
                    hello = hello.with(hidden)
                }
                encryptedHello = hidden
            }
            hasClientHello = true
            isNamed = hello.serverName != nil
            let isBroken = hello.isBroken
            emit(.clientHello(hello))
            if isBroken { throw .malformed(.shortInside) }
        } else {
            let hello = try ServerHello(parsing: &body)
            hasServerHello = !hello.isRetryRequest
            let isBroken = hello.isBroken
            if hello.showsCertificate, !isBroken, readsAllCertificates || !isNamed {
                answer = ServerAnswer(hello: .serverHello(hello))
            } else {
                emit(.serverHello(hello))
            }
            if isBroken { throw .malformed(.shortInside) }
        }
    }
}

// MARK: - Certificates

extension TLSDissector {
    private struct ServerAnswer {
        /// As a message, which is one reference.
        var hello: Message
        /// Bytes of the server were lost: its certificate may have been among them.
        var isBehindGap = false
    }

    private enum Found {
        /// Not the certificate, and it may still come.
        case passed
        /// It is not whole yet.
        case partial
        /// Nil when the handshake goes on without one, or it is none.
        case found([UInt8]?)
    }

    private mutating func tellAnswer(_ certificate: [UInt8]?, _ emit: EmitMessage) {
        guard case .serverHello(var hello)? = answer?.hello else { return }
        answer = nil
        hello.certificateBytes = certificate
        emit(.serverHello(hello))
    }

    /// Reads the server's own certificate as soon as it is whole, and not the chain behind it (RFC
    /// 5246 §7.4.2).
    ///
    ///     opaque ASN.1Cert<1..2^24-1>;
    ///     struct { ASN.1Cert certificate_list<0..2^24-1>; } Certificate;
    private func certificate(in input: inout ByteReader) throws(ParseFailure) -> Found {
        var message = input
        let type = try message.uint8()
        let length = try message.uint24()
        switch type {
        case HandshakeType.helloRequest, HandshakeType.supplementalData:
            guard length <= Limits.standard.handshakeBytes else { return .found(nil) }
            guard message.remaining >= length else { return .partial }
            try input.skip(4 + length)
            return .passed
        case HandshakeType.certificate:
            guard length > 6 else { return .found(nil) }
            guard message.remaining >= 6 else { return .partial }
            try message.skip(3)
            let bytes = try message.uint24()
            guard bytes <= length - 6, bytes <= Limits.standard.certificateBytes else {
                return .found(nil)
            }
            guard message.remaining >= bytes else { return .partial }
            var der = try message.take(bytes)
            return .found(der.rest())
        default: return .found(nil)
        }
    }
}
