package import Wire

/// A whole beginning of a flow, as its protocol has it: what a fuzzer damages.
package struct HelloSeed: Sendable {
    package enum Carrier: Sendable {
        /// Turns are cut into segments.
        case stream
        /// Each turn is a datagram.
        case datagrams
        /// Each turn of the client is the frames of a QUIC Initial packet of this version.
        case initials(version: UInt32, salt: [UInt8])
    }
    package var name: String
    package var carrier: Carrier
    package var port: UInt16
    package var turns: [(side: Side, bytes: [UInt8])]

    init(
        _ name: String, _ carrier: Carrier = .stream, port: UInt16 = 8000,
        _ turns: [(side: Side, bytes: [UInt8])]
    ) {
        self.name = name
        self.carrier = carrier
        self.port = port
        self.turns = turns
    }

    package static let all = tls + datagrams + quic + upgrades + proxies + others + names

    /// The seed as frames, nothing of it damaged: a mutation begins at what is read in full.
    package var frames: [[UInt8]] {
        var talk = Conversation()
        talk.serverPort = port
        guard case .stream = carrier else {
            return turns.enumerated().map { number, turn in
                let isClient = turn.side == .client
                let (a, b) = isClient ? ("10.0.0.1", "10.0.0.2") : ("10.0.0.2", "10.0.0.1")
                var frame = Frame.ethernet().ipv4(
                    a, b, next: 17,
                    Frame.udp(
                        isClient ? 40_000 : port, isClient ? port : 40_000,
                        datagram(turn.side, turn.bytes, number: UInt64(number)))
                ).bytes
                frame[19] = UInt8(number + 1)
                return frame
            }
        }
        for turn in turns { talk.say(turn.side, turn.bytes) }
        talk.close()
        return talk.frames
    }

    /// A turn as it goes on the wire.
    package func datagram(_ side: Side, _ bytes: [UInt8], number: UInt64) -> [UInt8] {
        guard case .initials(let version, let salt) = carrier, side == .client else { return bytes }
        var packet = QUICBytes()
        packet.version = version
        packet.salt = salt
        // Short of that there is nothing to take a sample of.
        let padding = [UInt8](repeating: 0, count: max(0, 4 - bytes.count))
        return packet.initial(bytes + padding, number: number)
    }
}

// MARK: - TLS

extension HelloSeed {
    private static func text(_ string: String) -> [UInt8] { Array(string.utf8) }
    private static func sized(_ bytes: [UInt8], _ count: Int) -> [UInt8] {
        Frame.octets(UInt64(bytes.count), count) + bytes
    }

    /// All the extensions that are read, and a small key share, so that damage meets them.
    private static let hello: HelloBytes = {
        var hello = HelloBytes()
        hello.ciphers = [0x2a2a, 0x1301, 0x1302, 0x1303, 0xc02b]
        hello.extensions.append((0x3a3a, []))
        hello.serverName("api.openai.com")
        hello.list(10, [0x4a4a, 0x11ec, 0x001d])
        hello.extensions.append((11, [1, 0]))
        hello.alpn([text("h2"), text("http/1.1"), text("x")])
        hello.list(13, [0x0403, 0x0804])
        hello.supportedVersions([0x5a5a, 0x0304, 0x0303])
        // A hello that is hidden: outer, suite, number, key, payload (RFC 9849 §5).
        hello.extensions.append(
            (
                0xfe0d,
                [0, 0, 1, 0, 1, 7] + sized([UInt8](repeating: 8, count: 32), 2)
                    + sized([UInt8](repeating: 6, count: 144), 2)
            ))
        hello.extensions.append((51, [UInt8](repeating: 9, count: 40)))
        return hello
    }()
    private static let answer: HelloBytes = {
        var answer = HelloBytes()
        answer.alpn([text("h2")])
        answer.extensions.append((43, [3, 4]))
        return answer
    }()
    private static let retry: [UInt8] = {
        var message = answer.message(type: 2)
        // What makes a hello a request for another (RFC 8446 §4.1.3).
        let random: [UInt8] = [
            0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65,
            0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2,
            0xc8, 0xa8, 0x33, 0x9c,
        ]
        message.replaceSubrange(6..<38, with: random)
        return [22, 3, 3] + sized(message, 2)
    }()
    private static let certificate: [UInt8] = {
        let list = [CertificateBytes.gitHub, CertificateBytes.selfIssued].flatMap { sized($0, 3) }
        return [11] + sized(sized(list, 3), 3)
    }()
    private static let old: [UInt8] = {
        let flight = HelloBytes().message(type: 2) + certificate + [14, 0, 0, 0]
        return stride(from: 0, to: flight.count, by: 300).flatMap { start in
            [22, 3, 3] + sized(Array(flight[start..<min(start + 300, flight.count)]), 2)
        }
    }()
    private static let sealed = [23, 3, 3, 0, 40] + [UInt8](repeating: 0x5a, count: 40)

    private static let tls = [
        HelloSeed(
            "tls 1.3", port: 443,
            [
                (.client, hello.records()), (.server, answer.records(type: 2) + sealed),
                (.client, [20, 3, 3, 0, 1, 1] + sealed), (.server, sealed),
            ]),
        HelloSeed(
            "tls retry", port: 443,
            [
                (.client, hello.records(recordBytes: 100)), (.server, retry + [20, 3, 3, 0, 1, 1]),
                (.client, hello.records()), (.server, answer.records(type: 2) + sealed),
            ]),
        HelloSeed(
            "tls 1.2", port: 8443,
            [
                (.client, HelloBytes().records()), (.server, [21, 3, 3, 0, 2, 1, 0] + old),
                (.client, sealed),
            ]),
    ]

    private static func fragments(
        _ type: UInt8, _ body: [UInt8], _ sequence: UInt64, bytes: Int
    ) -> [[UInt8]] {
        stride(from: 0, to: max(1, body.count), by: bytes).map { start in
            let part = Array(body[start..<min(start + bytes, body.count)])
            let fragment =
                [type] + Frame.octets(UInt64(body.count), 3) + Frame.octets(sequence, 2)
                + Frame.octets(UInt64(start), 3) + sized(part, 3)
            return [22, 0xfe, 0xfd, 0, 0] + Frame.octets(sequence, 6) + sized(fragment, 2)
        }
    }

    private static let datagrams: [HelloSeed] = {
        var hello = HelloSeed.hello
        hello.version = 0xfefd
        let whole = hello.message().dropFirst(4)
        let body = Array(whole.prefix(35)) + [2, 7, 7] + whole.dropFirst(35)
        hello.extensions = []
        let answer = Array(hello.message(type: 2).dropFirst(4))
        let chain = Array(certificate.dropFirst(4))
        return [
            HelloSeed(
                "dtls", .datagrams, port: 4433,
                fragments(1, body, 0, bytes: 2000).map { (.client, $0) }
                    + [(.server, fragments(3, [0xfe, 0xfd, 2, 7, 7], 0, bytes: 99)[0])]
                    + fragments(1, body, 1, bytes: 120).map { (.client, $0) }
                    + [(.server, fragments(2, answer, 1, bytes: 999)[0])]
                    + fragments(11, chain, 2, bytes: 400).map { (.server, $0) })
        ]
    }()

    // MARK: - QUIC

    private static let quic: [HelloSeed] = {
        var hello = HelloSeed.hello
        hello.extensions.append(
            (57, [1, 2, 0x67, 0x10, 0x31, 0x29, 4] + text("quic") + [4, 1, 0]))
        let message = hello.message()
        let half = message.count / 2
        let first = QUICBytes.crypto(Array(message[..<half]), at: 0)
        let second = QUICBytes.crypto(Array(message[half...]), at: half)
        let turns: [(side: Side, bytes: [UInt8])] = [
            (.client, [2, 1, 0, 1, 0, 0, 1] + second + [0, 0, 1]), (.client, [1, 0] + first),
            (.server, QUICBytes().retry(to: [9, 9, 9, 9])),
            (.server, QUICBytes.negotiation([1, 0x0a0a_0a0a])),
            (.client, [3, 1, 0, 1, 0, 1, 1, 1] + first + second),
        ]
        let google: [UInt8] =
            text("CHLO") + [3, 0, 0, 0] + text("PAD\0") + [4, 0, 0, 0] + text("SNI\0")
            + [13, 0, 0, 0] + text("UAID") + [19, 0, 0, 0] + text("----g.exampleChrome")
        let id: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
        let hash = [UInt8](repeating: 0xaa, count: 12)
        let stream = [0xa0, 1] + sized(google, 2)
        return [
            HelloSeed("quic", .initials(version: 1, salt: QUICBytes.versionOne), port: 443, turns),
            HelloSeed(
                "quic 2", .initials(version: 0x6b33_43cf, salt: QUICBytes.versionTwo), port: 443,
                turns),
            HelloSeed(
                "quic 29", .initials(version: 0xff00_001d, salt: QUICBytes.draft29), port: 443,
                turns),
            HelloSeed(
                "Q043", .datagrams, port: 443,
                [
                    (
                        .client,
                        [0x09] + id + text("Q043") + [1] + hash + [0x60, 1, 0, 0, 1, 0] + stream
                    )
                ]
            ),
            HelloSeed(
                "Q046", .datagrams, port: 443,
                [(.client, [0xc3] + text("Q046") + [0x50] + id + [0, 0, 0, 1] + hash + stream)]),
        ]
    }()
}

// MARK: - What may stand before TLS

extension HelloSeed {
    private static let agreed: [(side: Side, bytes: [UInt8])] = [
        (.client, hello.records()), (.server, old),
    ]

    private static func lines(
        _ name: String, port: UInt16, _ turns: [(Side, String)]
    ) -> HelloSeed {
        HelloSeed(name, port: port, turns.map { ($0.0, text($0.1)) } + agreed)
    }

    private static let upgrades = [
        lines(
            "smtp", port: 25,
            [
                (.server, "220 mail.example ESMTP\r\n"), (.client, "EHLO a.example\r\n"),
                (.server, "250-mail.example\r\n250 STARTTLS\r\n"), (.client, "STARTTLS\r\n"),
                (.server, "220 go on\r\n"),
            ]),
        lines(
            "imap", port: 143,
            [
                (.server, "* OK ready\r\n"), (.client, "a1 CAPABILITY\r\n"),
                (.server, "* CAPABILITY STARTTLS\r\na1 OK done\r\n"), (.client, "a2 STARTTLS\r\n"),
                (.server, "a2 OK begin\r\n"),
            ]),
        lines(
            "pop3", port: 110,
            [(.server, "+OK ready\r\n"), (.client, "STLS\r\n"), (.server, "+OK begin\r\n")]),
        lines(
            "ftp", port: 21,
            [(.server, "220 ready\r\n"), (.client, "AUTH TLS\r\n"), (.server, "234 begin\r\n")]),
        lines(
            "connect", port: 3128,
            [
                (.client, "CONNECT api.openai.com:443 HTTP/1.1\r\nHost: api.openai.com\r\n\r\n"),
                (.server, "HTTP/1.1 200 OK\r\n\r\n"),
            ]),
        HelloSeed(
            "ldap", port: 389,
            [
                (
                    .client,
                    [0x30, 29, 2, 1, 1, 0x77, 24, 0x80, 22] + text("1.3.6.1.4.1.1466.20037")
                ), (.server, [0x30, 12, 2, 1, 1, 0x78, 7, 10, 1, 0, 4, 0, 4, 0]),
            ] + agreed),
        HelloSeed(
            "postgresql", port: 5432,
            [
                (.client, [0, 0, 0, 8, 4, 0xd2, 0x16, 0x30]), (.server, text("N")),
                (.client, [0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]), (.server, text("S")),
            ] + agreed),
        HelloSeed(
            "mysql", port: 3306,
            [
                (.server, [70, 0, 0, 0, 10] + text("8.0.36") + [UInt8](repeating: 0, count: 63)),
                (.client, [32, 0, 0, 1, 0x85, 0xae] + [UInt8](repeating: 0, count: 30)),
            ] + agreed),
    ]

    private static let proxies = [
        HelloSeed(
            "socks 5", port: 1080,
            [
                (.client, [5, 2, 0, 2]), (.server, [5, 2]),
                (.client, [1, 4] + text("user") + [6] + text("secret")), (.server, [1, 0]),
                (.client, [5, 1, 0, 3, 14] + text("api.openai.com") + [1, 0xbb]),
                (.server, [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]),
            ] + agreed),
        HelloSeed(
            "socks 4a", port: 1080,
            [
                (.client, [4, 1, 1, 0xbb, 0, 0, 0, 1] + text("user\0a.example\0")),
                (.server, [0, 0x5a, 0, 0, 0, 0, 0, 0]),
            ] + agreed),
    ]
}

// MARK: - Others

extension HelloSeed {
    private static let keyExchange: [UInt8] = {
        let lists = [
            "curve25519-sha256", "ssh-ed25519", "aes", "aes", "mac", "mac", "none", "none",
        ]
        let payload =
            [20] + [UInt8](repeating: 9, count: 16)
            + (lists + ["", ""]).flatMap { sized(text($0), 4) } + [0, 0, 0, 0, 0]
        return Frame.octets(UInt64(payload.count + 5), 4) + [4] + payload + [0, 0, 0, 0]
    }()

    private static func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt8, _ body: [UInt8])
        -> [UInt8]
    { Frame.octets(UInt64(body.count), 3) + [type, flags, 0, 0, 0, stream] + body }

    private static let others: [HelloSeed] = {
        // RFC 7541 §C.4.1, §C.4.3, and fields as they are, of which one goes into the table.
        let one: [UInt8] = [
            0x82, 0x86, 0x84, 0x41, 0x8c, 0xf1, 0xe3, 0xc2, 0xe5, 0xf2, 0x3a, 0x6b, 0xa0, 0xab,
            0x90, 0xf4, 0xff,
        ]
        let three: [UInt8] =
            [
                0x82, 0x87, 0x85, 0xbe, 0x40, 0x88, 0x25, 0xa8, 0x49, 0xe9, 0x5b, 0xa9, 0x7d, 0x7f,
                0x89, 0x25, 0xa8, 0x49, 0xe9, 0x5b, 0xb8, 0xe8, 0xb4, 0xbf, 0x3f, 0xe1, 0x1f, 0x44,
                5,
            ] + text("/x/yz") + [0x10, 1, 97, 1, 98]
        let preface = text("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        let settings = frame(4, 0, 0, [0, 1, 0, 0, 16, 0])
        var asks: [UInt8] = preface + settings + frame(1, 5, 1, one)
        asks += frame(1, 0, 3, Array(three[..<9])) + frame(9, 4, 3, Array(three[9...]))
        asks += frame(0, 1, 3, [1, 2, 3])
        let promise: [UInt8] = [1, 0, 0, 0, 2] + one + [0]
        var answers: [UInt8] = settings + frame(4, 1, 0, []) + frame(1, 4, 1, [0x88])
        answers += frame(5, 12, 1, promise) + frame(1, 5, 3, [0x8d])
        let upgrade = text(
            "GET /a HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade, HTTP2-Settings\r\n"
                + "Upgrade: h2c\r\nHTTP2-Settings: AAE\r\n\r\n")
        let switching = text(
            "HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
        let late: [UInt8] = switching + settings + frame(1, 4, 1, [0x88])
        let (client, server) = (Side.client, Side.server)
        return [
            HelloSeed(
                "ssh", port: 22,
                [
                    (server, text("hello\r\nSSH-1.99-dropbear\n") + keyExchange),
                    (client, text("SSH-2.0-OpenSSH_9.2p1 x\r\n") + keyExchange),
                ]),
            HelloSeed("http2", port: 8000, [(client, asks), (server, answers)]),
            HelloSeed(
                "h2c", port: 8000,
                [(client, upgrade), (server, late), (client, preface + settings)]),
        ]
    }()

    private static let names: [HelloSeed] = {
        let name: [UInt8] = [3] + text("api") + [6] + text("openai") + [3] + text("com") + [0]
        let question = name + [0, 1, 0, 1]
        let query = [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0] + question
        let record = { (type: UInt8, data: [UInt8]) in
            [0xc0, 12, 0, type, 0, 1, 0, 0, 0, 60] + sized(data, 2)
        }
        let binding: [UInt8] =
            [0, 1, 0, 0, 1, 0, 3, 2] + text("h2") + [0, 4, 0, 4, 1, 2, 3, 4, 0, 5, 0, 2, 1, 1]
        let answer =
            [0, 7, 0x81, 0x80, 0, 1, 0, 4, 0, 0, 0, 0] + question
            + record(5, [1, 97, 0xc0, 16]) + record(1, [10, 0, 0, 2]) + record(65, binding)
            + record(12, [4] + text("host") + [0xc0, 16])
        let netBIOS: [UInt8] =
            [0, 7, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0, 32]
            + text("EKEBFEFFCACACACACACACACACACACAAA") + [0, 0, 32, 0, 1, 0, 0, 0, 60, 0, 6, 0, 0]
            + [10, 0, 0, 2]
        let turns: [(side: Side, bytes: [UInt8])] = [(.client, query), (.server, answer)]
        return [
            HelloSeed("dns", .datagrams, port: 53, turns),
            HelloSeed(
                "dns stream", port: 53,
                [(.client, sized(query, 2)), (.server, sized(answer, 2) + sized(answer, 2))]),
            HelloSeed("mdns", .datagrams, port: 5353, turns),
            HelloSeed("llmnr", .datagrams, port: 5355, turns),
            HelloSeed("nbns", .datagrams, port: 137, [(.client, netBIOS), (.server, netBIOS)]),
        ]
    }()
}
