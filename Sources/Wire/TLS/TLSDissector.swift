/// TLS over TCP: records → handshake messages → hellos, then done.
package struct TLSDissector: Dissector {
    package static let name = "tls"
    package static let transport = Transport.tcp

    /// Handshake bytes of one side that are not yet a whole message.
    private struct Half {
        var handshake: [UInt8] = []
        var isFinished = false
    }

    private var client = Half()
    private var server = Half()
    private var hasClientHello = false
    private var hasServerHello = false

    package init() {}

    /// A handshake record that begins with a hello (RFC 8446 §5.1, §4).
    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        let wanted: [ClosedRange<UInt8>] = [22...22, 3...3, 0...4]
        for (index, range) in wanted.enumerated() {
            guard let byte = opening.peek(index) else { return .maybe }
            guard range.contains(byte) else { return .no }
        }
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
        _ input: inout ByteReader, from side: Side, emit: (Message) -> Void
    ) throws(ParseFailure) -> Step {
        let type = try input.uint8()
        let version = try input.uint16()
        let length = Int(try input.uint16())
        guard type >= RecordType.changeCipherSpec, type <= RecordType.heartbeat, version >> 8 == 3,
            length <= 18_432
        else { throw .malformed(.badTLSRecord) }
        switch type {
        case RecordType.handshake:
            var body = try input.take(length)
            let fragment = body.rest()
            return try handshake(fragment, from: side, emit: emit)
        case RecordType.applicationData: return finished(side)
        default: return .skip(length)
        }
    }

    package mutating func gap(from side: Side) {
        setHalf(side, Half(handshake: [], isFinished: half(side).isFinished))
    }

    package func resumes(at opening: ByteReader, from side: Side, ports: Ports) -> Bool {
        TLSDissector.likelihood(of: opening, ports: ports) == .yes(side)
    }

    private func half(_ side: Side) -> Half { side == .client ? client : server }

    private mutating func setHalf(_ side: Side, _ half: Half) {
        if side == .client { client = half } else { server = half }
    }

    /// Application data: no hello can follow on this side.
    private mutating func finished(_ side: Side) -> Step {
        var half = half(side)
        half.isFinished = true
        half.handshake = []
        setHalf(side, half)
        return .done
    }

    private mutating func handshake(
        _ fragment: [UInt8], from side: Side, emit: (Message) -> Void
    ) throws(ParseFailure) -> Step {
        var half = half(side)
        half.handshake += fragment
        defer { setHalf(side, half) }
        while half.handshake.count >= 4 {
            let message = half.handshake
            let length = Int(message[1]) << 16 | Int(message[2]) << 8 | Int(message[3])
            guard isExpected(message[0], from: side), length <= Limits.standard.handshakeBytes
            else {
                // Anything else is encrypted, or of no interest: records of this side are skipped.
                half.handshake = []
                return hasHello(of: side) ? .done : .next
            }
            guard message.count >= 4 + length else { return .next }
            half.handshake.removeFirst(4 + length)
            var body = ByteReader(message.span.extracting(4..<(4 + length)), isPart: true)
            try read(message[0], &body, from: side, emit: emit)
            if side == .server, hasServerHello { return .done }
        }
        return .next
    }

    private func isExpected(_ type: UInt8, from side: Side) -> Bool {
        type == (side == .client ? HandshakeType.clientHello : HandshakeType.serverHello)
    }

    private func hasHello(of side: Side) -> Bool {
        side == .client ? hasClientHello : hasServerHello
    }

    private mutating func read(
        _ type: UInt8, _ body: inout ByteReader, from side: Side, emit: (Message) -> Void
    ) throws(ParseFailure) {
        if side == .client {
            let hello = try ClientHello(parsing: &body)
            hasClientHello = true
            emit(.clientHello(hello))
        } else {
            let hello = try ServerHello(parsing: &body)
            hasServerHello = !hello.isRetryRequest
            emit(.serverHello(hello))
        }
    }
}
