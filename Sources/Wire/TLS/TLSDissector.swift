/// TLS over TCP: records → handshake messages → hellos, then done.
package struct TLSDissector: Dissector {
    package static let name = "tls"
    package static let transport = Transport.tcp

    /// Handshake bytes of each side that are not yet a whole message.
    private var client: [UInt8] = []
    private var server: [UInt8] = []
    private var hasClientHello = false
    private var hasServerHello = false

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
        switch type {
        case RecordType.handshake:
            var body = try input.take(length)
            return try handshake(&body, from: side, emit: emit)
        case RecordType.applicationData:
            // No hello can follow on this side.
            setHandshake([], side)
            return .done
        default: return .skip(length)
        }
    }

    package mutating func gap(from side: Side) { setHandshake([], side) }

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
            var whole = ByteReader(joined.span, isPart: true)
            return try messages(&whole, from: side, emit: emit)
        }
        return try messages(&record, from: side, emit: emit)
    }

    /// Reads whole handshake messages, and holds what is left of the last one.
    private mutating func messages(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        while input.remaining >= 4 {
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
            if side == .server, hasServerHello { return .done }
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
