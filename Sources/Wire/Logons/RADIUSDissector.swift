/// RADIUS and its accounting (RFC 2865, RFC 2866): who was let in where, by the word of the device
/// that asked.
package struct RADIUSDissector: Dissector {
    package static let name = "radius"
    package static let transport = Transport.udp
    private static let headBytes = 20

    /// Requests by their identifier, of which there are 256.
    private var asked: [UInt8: Session] = [:]

    package init() {}

    /// What a packet says of a session.
    private struct Session {
        var user: String?
        var address: IPAddress?
        var mac: MACAddress?
    }

    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        guard [1812, 1813, 1645, 1646].contains(where: { ports.either($0) }),
            opening.remaining >= headBytes, let code = opening.peek(0),
            let high = opening.peek(2), let low = opening.peek(3)
        else { return .no }
        let length = Int(high) << 8 | Int(low)
        guard length >= headBytes, length <= opening.remaining else { return .no }
        switch code {
        // Access-Request, Accounting-Request; and what answers them.
        case 1, 4: return .yes(.client)
        case 2, 3, 5, 11: return .yes(.server)
        default: return .no
        }
    }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        let code = try input.uint8()
        let identifier = try input.uint8()
        let length = Int(try input.uint16())
        try input.skip(16)
        guard length >= RADIUSDissector.headBytes else { throw .malformed(.badRADIUS) }
        var attributes = try input.take(length - RADIUSDissector.headBytes)
        switch (code, side) {
        case (1, .client): asked[identifier] = try RADIUSDissector.session(&attributes)
        case (4, .client):
            // Of sessions that were let in already; 2 ends one, and it held until then.
            if let logon = RADIUSDissector.logon(try RADIUSDissector.session(&attributes)) {
                emit(.logon(logon))
            }
        case (2, .server):
            guard var session = asked.removeValue(forKey: identifier) else { break }
            let told = try RADIUSDissector.session(&attributes)
            session.user = told.user ?? session.user
            session.address = told.address ?? session.address
            if let logon = RADIUSDissector.logon(session) { emit(.logon(logon)) }
        case (3, .server): asked[identifier] = nil
        default: break
        }
        return .next
    }

    private static func session(_ attributes: inout ByteReader) throws(ParseFailure) -> Session {
        var session = Session()
        while !attributes.isAtEnd {
            let type = try attributes.uint8()
            let length = Int(try attributes.uint8())
            guard length >= 2 else { throw .malformed(.badRADIUS) }
            var value = try attributes.take(length - 2)
            switch (type, value.remaining) {
            case (1, 1...): session.user = value.text(Logon.longest + 1)
            case (8, 4):
                // Two values ask the device to choose (RFC 2865 §5.8).
                let address = try value.uint32()
                if address != .max, address != .max - 1, address != 0 {
                    session.address = IPAddress(v4: address)
                }
            case (31, 12...): session.mac = MACAddress(station: value.text(32))
            default: break
            }
        }
        return session
    }

    /// Nobody where nothing tells whom it is about, or where a machine's own address is its name.
    private static func logon(_ session: Session) -> Logon? {
        guard session.address != nil || session.mac != nil, let user = session.user,
            MACAddress(station: user) == nil, var logon = Logon(.radius, user),
            // The name outside of a sealed one (RFC 7542 §2.4).
            logon.user.lowercased() != "anonymous"
        else { return nil }
        logon.address = session.address
        logon.mac = session.mac
        return logon
    }
}

extension MACAddress {
    /// A MAC address as devices write it, with or without marks between its twelve digits (RFC 3580
    /// §3.21); what follows behind it (a network's name) is left out.
    package init?(station text: String) {
        var value: UInt64 = 0
        var digits = 0
        for byte in text.utf8 {
            if digits == 12 { break }
            switch byte {
            case 48...57: value = value << 4 | UInt64(byte - 48)
            case 65...70, 97...102: value = value << 4 | UInt64((byte | 32) - 87)
            case 45, 46,
                58 where digits > 0:
                continue
            default: return nil
            }
            digits += 1
        }
        guard digits == 12 else { return nil }
        self.init(value)
    }
}
