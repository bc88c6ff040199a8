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
        emit(.dns(try DNSMessage(parsing: input.rest())))
        return .next
    }
}

extension DNSMessage {
    /// Reads a whole message (RFC 1035 §4.1). Records beyond the limit are passed over; a message
    /// cut short within its answers keeps what stood before.
    init(parsing bytes: [UInt8]) throws(ParseFailure) {
        var input = ByteReader(bytes.span, isPart: true)
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
            let name = try DNSName.read(&input, in: bytes)
            let type = try input.uint16()
            try input.skip(2)
            questions.append(Question(name: name, type: type))
        }
        do throws(ParseFailure) {
            for _ in 0..<min(answerCount, Limits.standard.dnsRecords) {
                answers.append(try DNSMessage.answer(&input, in: bytes))
            }
        } catch {
            // A truncated or odd answer section: the question stands.
            return
        }
    }

    private static func answer(
        _ input: inout ByteReader, in bytes: [UInt8]
    ) throws(ParseFailure) -> Answer {
        let name = try DNSName.read(&input, in: bytes)
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
            var inner = ByteReader(bytes.span, isPart: true)
            try inner.skip(start)
            value = .name(try DNSName.read(&inner, in: bytes))
        default: value = .other
        }
        return Answer(name: name, type: type, timeToLive: seconds, value: value)
    }
}

/// Names with compression (RFC 1035 §3.1, §4.1.4).
enum DNSName {
    /// The name at the reader's position in `message`, which the reader reads from its start;
    /// pointers are followed a bounded number of times.
    static func read(
        _ input: inout ByteReader, in message: [UInt8]
    ) throws(ParseFailure) -> String {
        var text: [UInt8] = []
        text.reserveCapacity(64)
        var (at, hops, encodedBytes) = (input.offset, 0, 0)
        /// Bytes the name takes where it stands: up to its end or its first pointer.
        var taken: Int?
        while true {
            guard at < message.count else { throw .malformed(.badDNS) }
            let count = Int(message[at])
            if count == 0 {
                try input.skip(taken ?? at + 1 - input.offset)
                return String(decoding: text, as: UTF8.self)
            }
            if count >= 0xc0 {
                guard at + 1 < message.count else { throw .malformed(.badDNS) }
                taken = taken ?? at + 2 - input.offset
                at = (count & 0x3f) << 8 | Int(message[at + 1])
                hops += 1
                guard hops <= Limits.standard.dnsPointerHops else { throw .malformed(.badDNS) }
                continue
            }
            encodedBytes += count + 1
            guard count < 64, encodedBytes <= 255, at + 1 + count <= message.count else {
                throw .malformed(.badDNS)
            }
            if !text.isEmpty { text.append(UInt8(ascii: ".")) }
            for index in (at + 1)..<(at + 1 + count) { append(message[index], to: &text) }
            at += count + 1
        }
    }

    /// Bytes other than printable ASCII as `\DDD`, dots and backslashes escaped (RFC 4343 §2.1).
    private static func append(_ byte: UInt8, to text: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "\\"):
            text.append(UInt8(ascii: "\\"))
            text.append(byte)
        case 33...126: text.append(byte)
        default: text += Array("\\\(padded(Int(byte), 3))".utf8)
        }
    }
}
