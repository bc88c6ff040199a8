/// DHCPv6 (RFC 8415): ports 546 and 547.
package struct DHCPv6Dissector: Dissector {
    package static let name = "dhcpv6"
    package static let transport = Transport.udp
    /// Relays that a message comes through (§7.6: HOP_COUNT_LIMIT is 8).
    private static let relayLimit = 8

    package init() {}

    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        guard ports.either(546) || ports.either(547), opening.remaining >= 4,
            let type = opening.peek(0)
        else { return .no }
        switch type {
        case 1, 3, 4, 5, 6, 8, 9, 11, 12: return .yes(.client)
        case 2, 7, 10, 13: return .yes(.server)
        default: return .no
        }
    }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        var body = try input.take(input.remaining)
        for _ in 0...DHCPv6Dissector.relayLimit {
            guard let type = body.peek(), type == 12 || type == 13 else { break }
            try body.skip(2 + 16 + 16)
            var inner: Int?
            // Option 9 holds what is relayed (§21.10).
            while body.remaining >= 4, inner == nil {
                let (code, length) = (try body.uint16(), Int(try body.uint16()))
                if code == 9 { inner = length } else { try body.skip(length) }
            }
            guard let inner else { return .next }
            body = try body.take(inner)
        }
        guard let type = body.peek(), type != 12, type != 13 else {
            throw .malformed(.badDHCP)
        }
        emit(.dhcpv6(try DHCPv6Message(parsing: &body)))
        return .next
    }
}

extension DHCPv6Message {
    /// Names longer than DNS's are none.
    private static let nameBytes = 255

    init(parsing body: inout ByteReader) throws(ParseFailure) {
        type = try body.uint8()
        try body.skip(3)
        while !body.isAtEnd {
            let code = try body.uint16()
            let length = Int(try body.uint16())
            var option = try body.take(length)
            switch code {
            case 1: clientMAC = try DHCPv6Message.hardware(&option)
            case 3: try read(association: &option)
            case 16 where option.remaining > 6:
                try option.skip(6)
                let text = option.text(DHCPv6Message.nameBytes)
                if text.utf8.allSatisfy({ (32...126).contains($0) }) { vendorClass = text }
            case 39 where option.remaining > 1:
                try option.skip(1)
                hostname = try DHCPv6Message.labels(&option)
            default: break
            }
        }
    }

    /// DUID-LLT and DUID-LL over Ethernet.
    private static func hardware(_ option: inout ByteReader) throws(ParseFailure) -> MACAddress? {
        guard option.remaining >= 10 else { return nil }
        let kind = try option.uint16()
        guard kind == 1 || kind == 3, try option.uint16() == 1 else { return nil }
        if kind == 1 { try option.skip(4) }
        guard option.remaining == 6 else { return nil }
        return MACAddress(try option.uint48())
    }

    private mutating func read(
        association option: inout ByteReader
    ) throws(ParseFailure) {
        try option.skip(12)
        while !option.isAtEnd {
            let code = try option.uint16()
            let length = Int(try option.uint16())
            var inner = try option.take(length)
            guard code == 5, inner.remaining >= 24, addresses.count < 16 else { continue }
            let high = try inner.uint64()
            let low = try inner.uint64()
            try inner.skip(4)
            if try inner.uint32() > 0 { addresses.append(IPAddress(high: high, low: low)) }
        }
    }

    /// A name in the form of DNS, without compression (RFC 4704 §4.2).
    private static func labels(_ option: inout ByteReader) throws(ParseFailure) -> String? {
        guard option.remaining <= nameBytes else { return nil }
        var parts: [String] = []
        while !option.isAtEnd {
            let length = Int(try option.uint8())
            if length == 0 { break }
            guard length < 64 else { return nil }
            var label = try option.take(length)
            let text = label.text(63)
            guard text.utf8.allSatisfy({ (33...126).contains($0) && $0 != 46 }) else { return nil }
            parts.append(text)
        }
        return parts.isEmpty ? nil : parts.joined(separator: ".")
    }
}
