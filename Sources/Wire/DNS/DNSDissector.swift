/// DNS over UDP (RFC 1035 §4.2.1).
package struct DNSDissector: Dissector {
    package static let name = "dns"
    package static let transport = Transport.udp

    package init() {}

    /// Port 53, and a header that a query or response can have: DNS has no mark of its own.
    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        guard ports.either(53), let flags = opening.peek(2), opening.remaining >= 12,
            flags >> 3 & 15 <= 5
        else { return .no }
        return flags & 0x80 == 0 ? .yes(.client) : .yes(.server)
    }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        emit(.dns(try DNSMessage(parsing: input.restSpan())))
        return .next
    }
}

extension DNSMessage {
    init(parsing bytes: [UInt8]) throws(ParseFailure) { try self.init(parsing: bytes.span) }

    /// Reads a whole message (RFC 1035 §4.1). Records beyond the limit are passed over; a message
    /// cut short within its answers keeps what stood before.
    init(parsing bytes: Span<UInt8>) throws(ParseFailure) {
        var input = ByteReader(bytes, isPart: true)
        var names = DNSNames(bytes)
        id = try input.uint16()
        let flags = try input.uint16()
        isResponse = flags & 0x8000 != 0
        responseCode = UInt8(flags & 15)
        questions = []
        answers = []
        let questionCount = Int(try input.uint16())
        let answerCount = Int(try input.uint16())
        try input.skip(4)
        for _ in 0..<min(questionCount, Limits.standard.dnsRecords) {
            let name = try names.read(&input)
            let type = try input.uint16()
            try input.skip(2)
            // Nearly always the only one.
            if questions.isEmpty {
                questions = [Question(name: name, type: type)]
            } else {
                questions.append(Question(name: name, type: type))
            }
        }
        // An answer takes at least twelve bytes.
        let room = min(answerCount, Limits.standard.dnsRecords, input.remaining / 12)
        if room > 0 { answers.reserveCapacity(room) }
        do throws(ParseFailure) {
            for _ in 0..<min(answerCount, Limits.standard.dnsRecords) {
                answers.append(try DNSMessage.answer(&input, in: bytes, &names))
            }
        } catch {
            // A truncated or odd answer section: the question stands.
            return
        }
    }

    private static func answer(
        _ input: inout ByteReader, in bytes: Span<UInt8>, _ names: inout DNSNames
    ) throws(ParseFailure) -> Answer {
        let name = try names.read(&input)
        let type = try input.uint16()
        try input.skip(2)
        let seconds = try input.uint32()
        let length = Int(try input.uint16())
        let start = input.offset
        var body = try input.take(length)
        let value: Answer.Value
        switch (type, length) {
        case (1, 4): value = .address(IPAddress(v4: try body.uint32()))
        case (28, 16):
            value = .address(IPAddress(high: try body.uint64(), low: try body.uint64()))
        case (5, _), (12, _):
            var inner = ByteReader(bytes, isPart: true)
            try inner.skip(start)
            value = .name(try names.read(&inner))
        default: value = .other
        }
        return Answer(name: name, type: type, timeToLive: seconds, value: value)
    }
}
