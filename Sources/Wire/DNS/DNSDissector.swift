/// DNS over UDP (RFC 1035 §4.2.1).
package struct DNSDissector: Dissector {
    package static let name = "dns"
    package static let transport = Transport.udp

    package init() {}

    /// Port 53, and a header that a query or response can have: DNS has no mark of its own. One of
    /// an operation that nobody has registered must ask a single question and hold nothing else.
    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        guard ports.either(53), let flags = opening.peek(2),
            opening.remaining >= DNSMessage.headerBytes
        else { return .no }
        if flags >> 3 & 15 > 6 {
            guard opening.remaining > DNSMessage.headerBytes + 4,
                opening.from(4).starts(with: "\u{0}\u{1}\u{0}\u{0}\u{0}\u{0}")
            else { return .no }
        }
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
    /// Bytes of a header (RFC 1035 §4.1.1).
    static let headerBytes = 12

    init(parsing bytes: [UInt8]) throws(ParseFailure) { try self.init(parsing: bytes.span) }

    /// Reads a whole message (RFC 1035 §4.1). Records beyond the limit are passed over; a message
    /// cut short within its answers keeps what stood before.
    ///
    /// `isLocal` reads all sections, where mDNS and NetBIOS say their addresses, and NetBIOS's own
    /// records.
    init(parsing bytes: Span<UInt8>, isLocal: Bool = false) throws(ParseFailure) {
        var input = ByteReader(bytes, isPart: true)
        var names = DNSNames(bytes)
        id = try input.uint16()
        let flags = try input.uint16()
        isResponse = flags & 0x8000 != 0
        responseCode = UInt8(flags & 15)
        questions = []
        answers = []
        let questionCount = Int(try input.uint16())
        var answerCount = Int(try input.uint16())
        let (authorities, additions) = (Int(try input.uint16()), Int(try input.uint16()))
        if isLocal { answerCount += authorities + additions }
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
                answers.append(try DNSMessage.answer(&input, in: bytes, &names, isLocal: isLocal))
            }
        } catch {
            // A truncated or odd answer section: the question stands.
            return
        }
    }

    private static func answer(
        _ input: inout ByteReader, in bytes: Span<UInt8>, _ names: inout DNSNames, isLocal: Bool
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
        case (64, _), (65, _):
            value = .service(try ServiceBinding(&body, at: start, in: bytes, &names))
        // NB: flags, of which the first says that the name is a group's, and an address (RFC 1002
        // §4.2.1.3).
        case (32, 6...) where isLocal:
            let isGroup = try body.uint16() & 0x8000 != 0
            let address = IPAddress(v4: try body.uint32())
            value = isGroup ? .other : .address(address)
        default: value = .other
        }
        return Answer(name: name, type: type, timeToLive: seconds, value: value)
    }
}
