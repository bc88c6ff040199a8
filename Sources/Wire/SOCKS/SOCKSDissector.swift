import Codecs

/// SOCKS4, SOCKS4a and SOCKS5 (RFC 1928) up to the proxy's consent; what follows is another
/// protocol.
package struct SOCKSDissector: Dissector {
    package static let name = "socks"
    package static let transport = Transport.tcp

    private enum Method {
        static let none: UInt8 = 0
        static let password: UInt8 = 2
    }

    /// What each side says next.
    private enum Stage {
        case greeting, authentication, request, over
    }

    private var client = Stage.greeting
    private var server = Stage.greeting
    private var request: SOCKSRequest?
    /// The proxy was heard: then its consent comes before anything else of the client.
    private var hasAnswered = false

    package init() {}

    /// Methods of a greeting that a client can offer: more is no SOCKS (RFC 1928 §3).
    private static let methodLimit: UInt8 = 10

    /// A greeting that is all the client says: `05 01 00`; or a whole request of version 4.
    package static func likelihood(of opening: ByteReader, ports: Ports) -> Likelihood {
        switch (opening.peek(0), opening.peek(1)) {
        case (nil, _): return .maybe
        case (5, nil), (4, nil): return .maybe
        case (5, .some(let count)):
            guard 1...methodLimit ~= count else { return .no }
            let end = 2 + Int(count)
            if opening.remaining < end { return .maybe }
            // Known methods, and the private ones (RFC 1928 §3).
            let areMethods = (2..<end).allSatisfy {
                let method = opening.peek($0) ?? 0xff
                return method < 10 || 0x80...0xfe ~= method
            }
            // A client in a hurry sends its request along.
            let isEnd = opening.remaining == end || opening.peek(end) == 5
            return areMethods && isEnd ? .yes(.client) : .no
        case (4, .some(1...2)):
            guard opening.remaining >= 4 else { return .maybe }
            guard (opening.peek(2), opening.peek(3)) != (0, 0) else { return .no }
            return textOfVersion4(opening)
        default: return .no
        }
    }

    /// Behind the address a user's name that ends in a zero, which may stand alone.
    private static func textOfVersion4(_ opening: ByteReader) -> Likelihood {
        for at in 8..<256 {
            guard let byte = opening.peek(at) else { return .maybe }
            if byte == 0 { return .yes(.client) }
            guard 32..<127 ~= byte else { return .no }
        }
        return .no
    }

    package mutating func dissect(
        _ input: inout ByteReader, from side: Side, emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        side == .client ? try read(client: &input, emit) : try read(server: &input)
    }

    // MARK: - Client

    private mutating func read(
        client input: inout ByteReader, _ emit: EmitMessage
    ) throws(ParseFailure) -> Step {
        switch client {
        case .greeting:
            if input.peek() == 4 {
                tell(try SOCKSDissector.requestOfVersion4(&input), emit)
                return .next
            }
            try input.skip(1)
            try input.skip(Int(try input.uint8()))
            client = .request
        case .authentication, .request:
            switch input.peek() {
            // User and password (RFC 1929 §2), which nobody keeps.
            case 1 where client == .authentication || !hasAnswered:
                var message = input
                try message.skip(1)
                try message.skip(Int(try message.uint8()))
                try message.skip(Int(try message.uint8()))
                try input.skip(message.offset - input.offset)
                client = .request
            case 5: tell(try SOCKSDissector.requestOfVersion5(&input), emit)
            default: return .done
            }
        case .over:
            // Where only the client is heard, nobody will say that the proxy agreed.
            guard hasAnswered else { return .recognizeAnew }
            throw .needMore(1)
        }
        return .next
    }

    private mutating func tell(_ found: SOCKSRequest?, _ emit: EmitMessage) {
        client = .over
        request = found
        if let found {
            if found.version == 4 { server = .request }
            emit(.socks(found))
        }
    }

    ///     version(1) command(1) port(2) address(4) user… 0 [name… 0]
    private static func requestOfVersion4(
        _ input: inout ByteReader
    ) throws(ParseFailure) -> SOCKSRequest? {
        try input.skip(1)
        let command = SOCKSRequest.Command(rawValue: try input.uint8())
        let port = try input.uint16()
        let address = try input.uint32()
        try skipText(&input)
        // 0.0.0.x says that a name follows (SOCKS4a).
        var name: String?
        if address < 256, address > 0 {
            guard let end = input.distance(to: 0, within: 256) else {
                throw input.remaining < 256 ? .needMore(1) : .malformed(.badSOCKS)
            }
            var text = try input.take(end)
            name = String(hostName: text.restSpan())
            try input.skip(1)
        }
        guard let command else { throw .malformed(.badSOCKS) }
        return SOCKSRequest(
            version: 4, command: command, host: name ?? IPAddress(v4: address).description,
            isAddress: name == nil, port: port)
    }

    private static func skipText(_ input: inout ByteReader) throws(ParseFailure) {
        guard let end = input.distance(to: 0, within: 512) else {
            throw input.remaining < 512 ? .needMore(1) : .malformed(.badSOCKS)
        }
        try input.skip(end + 1)
    }

    ///     version(1) command(1) reserved(1) type(1) address… port(2)
    private static func requestOfVersion5(
        _ input: inout ByteReader
    ) throws(ParseFailure) -> SOCKSRequest? {
        try input.skip(1)
        let command = SOCKSRequest.Command(rawValue: try input.uint8())
        try input.skip(1)
        let (host, isAddress) = try destination(&input)
        let port = try input.uint16()
        guard let command else { throw .malformed(.badSOCKS) }
        return SOCKSRequest(
            version: 5, command: command, host: host, isAddress: isAddress, port: port)
    }

    private static func destination(
        _ input: inout ByteReader
    ) throws(ParseFailure) -> (host: String, isAddress: Bool) {
        switch try input.uint8() {
        case 1: return (IPAddress(v4: try input.uint32()).description, true)
        case 4:
            let (high, low) = (try input.uint64(), try input.uint64())
            return (IPAddress(high: high, low: low).description, true)
        case 3:
            let length = Int(try input.uint8())
            // Not a part of something that measured itself: it may still be on its way.
            guard input.remaining >= length else { throw .needMore(length - input.remaining) }
            var name = try input.take(length)
            let text = String(hostName: name.restSpan())
            return (text, IPAddress(text) != nil)
        default: throw .malformed(.badSOCKS)
        }
    }

    // MARK: - Server

    private mutating func read(server input: inout ByteReader) throws(ParseFailure) -> Step {
        switch server {
        case .greeting:
            try input.skip(1)
            switch try input.uint8() {
            case Method.none: server = .request
            case Method.password:
                server = .authentication
                if client == .request { client = .authentication }
            default: return .done
            }
        case .authentication:
            try input.skip(2)
            server = .request
        case .request where request?.version == 4:
            try input.skip(1)
            let isGranted = try input.uint8() == 0x5a
            try input.skip(6)
            return consent(isGranted)
        case .request:
            guard try input.uint8() == 5 else { return .done }
            let isGranted = try input.uint8() == 0
            try input.skip(1)
            _ = try SOCKSDissector.destination(&input)
            try input.skip(2)
            return consent(isGranted)
        case .over: return .done
        }
        hasAnswered = true
        return .next
    }

    private mutating func consent(_ isGranted: Bool) -> Step {
        hasAnswered = true
        // A BIND is answered twice: when the proxy listens, and when somebody came.
        if isGranted, request?.command == .bind {
            request?.command = .connect
            return .next
        }
        server = .over
        return isGranted && request?.command != .associate ? .recognizeAnew : .done
    }
}
