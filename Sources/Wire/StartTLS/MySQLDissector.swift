/// MySQL's and MariaDB's handshake up to the client's SSLRequest.
package struct MySQLDissector: Dissector {
    package static let name = "mysql"
    package static let transport = Transport.tcp

    package init() {}

    /// The server's greeting, protocol version 10: `4a 00 00 00 0a`, and a version in digits.
    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        guard let length = opening.peek(0) else { return .maybe }
        guard (40...250).contains(length) else { return .no }
        for (at, expected) in [0, 0, 0, 10].enumerated() {
            guard let byte = opening.peek(at + 1) else { return .maybe }
            guard byte == expected else { return .no }
        }
        guard let digit = opening.peek(5), let next = opening.peek(6) else { return .maybe }
        return (48...57).contains(digit) && (next == 46 || (48...57).contains(next))
            ? .yes(.server) : .no
    }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        if try Upgrade.begins(at: input, from: side) { return .recognizeAnew }
        let (low, middle, high) = (try input.uint8(), try input.uint8(), try input.uint8())
        let number = try input.uint8()
        let length = Int(high) << 16 | Int(middle) << 8 | Int(low)
        if side == .server { return number == 0 ? .skip(length) : .done }
        // Nothing but capabilities, and no user's name: the rest comes encrypted.
        return number == 1 && length == 32 ? .skip(length) : .done
    }
}
