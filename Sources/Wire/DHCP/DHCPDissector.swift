/// DHCPv4 (RFC 2131): ports 67 and 68 and the magic cookie.
package struct DHCPDissector: Dissector {
    package static let name = "dhcp"
    package static let transport = Transport.udp

    package init() {}

    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        guard ports.either(67), let operation = opening.peek(0), opening.peek(236) == 0x63,
            opening.peek(237) == 0x82, opening.peek(238) == 0x53, opening.peek(239) == 0x63
        else { return .no }
        switch operation {
        case 1: return .yes(.client)
        case 2: return .yes(.server)
        default: return .no
        }
    }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        emit(.dhcp(try DHCPMessage(parsing: &input)))
        return .next
    }
}

extension DHCPMessage {
    /// Reads the fixed part and the options (RFC 2131 §2, RFC 2132).
    init(parsing input: inout ByteReader) throws(ParseFailure) {
        type = 0
        routers = []
        try input.skip(1)
        let hardware = try input.uint16()
        try input.skip(9)
        clientAddress = DHCPMessage.address(try input.uint32())
        yourAddress = DHCPMessage.address(try input.uint32())
        try input.skip(8)
        clientMAC = MACAddress(try input.uint48())
        if hardware != 0x0106 { clientMAC = .zero }
        try input.skip(10 + 64 + 128)
        guard try input.uint32() == 0x6382_5363 else { throw .malformed(.badDHCP) }
        while !input.isAtEnd {
            let code = try input.uint8()
            if code == 0 { continue }
            if code == 255 { break }
            let length = Int(try input.uint8())
            guard length <= input.remaining else { throw .malformed(.badDHCP) }
            var body = try input.take(length)
            try read(option: code, &body)
        }
    }

    private static func address(_ value: UInt32) -> IPAddress? {
        value == 0 ? nil : IPAddress(v4: value)
    }

    private mutating func read(
        option: UInt8, _ body: inout ByteReader
    ) throws(ParseFailure) {
        switch (option, body.remaining) {
        case (3, 4...):
            while body.remaining >= 4 { routers.append(IPAddress(v4: try body.uint32())) }
        case (12, 1...): hostname = DHCPMessage.text(body.rest())
        case (50, 4): requestedAddress = DHCPMessage.address(try body.uint32())
        case (51, 4): leaseSeconds = try body.uint32()
        case (53, 1): type = try body.uint8()
        case (55, 1...): parameters = body.rest()
        case (60, 1...): vendorClass = DHCPMessage.text(body.rest())
        case (81, 4...):
            // Client FQDN (RFC 4702 §2): the flag E tells the wire format of DNS.
            let isEncoded = try body.uint8() & 4 != 0
            try body.skip(2)
            let name = body.rest()
            if hostname == nil {
                hostname = isEncoded ? DHCPMessage.labels(name) : DHCPMessage.text(name)
            }
        default: break
        }
    }

    /// Printable ASCII up to 255 bytes; anything else makes no name.
    private static func text(_ bytes: [UInt8]) -> String? {
        let trimmed = bytes.prefix { $0 != 0 }.prefix(255)
        guard !trimmed.isEmpty, trimmed.allSatisfy({ (32...126).contains($0) }) else { return nil }
        return String(decoding: trimmed, as: UTF8.self)
    }

    private static func labels(_ bytes: [UInt8]) -> String? {
        var parts: [String] = []
        var rest = bytes[...]
        while let count = rest.first, count > 0, count < 64, rest.count > Int(count) {
            guard let part = text(Array(rest.dropFirst().prefix(Int(count)))) else { return nil }
            parts.append(part)
            rest = rest.dropFirst(1 + Int(count))
        }
        return parts.isEmpty ? nil : parts.joined(separator: ".")
    }
}
