import Codecs
import Support
import Testing

@testable import Wire

/// QUIC as the RFCs have it: packets, keys, frames, and the hello that comes of them.
@Suite struct QUICTests {
    private static func bytes(_ hex: String) -> [UInt8] {
        let digits = hex.utf8.map { $0 < 58 ? $0 - 48 : $0 - 87 }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    /// The frames of RFC 9001 §A.2, which RFC 9369 §A.2 has too.
    static let sample =
        bytes(
            "060040f1010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c"
                + "00000413011302010000c000000010000e00000b6578616d706c652e636f6dff01000100000a0008"
                + "0006001d0017001800100007000504616c706e000500050100000000003300260024001d00209370"
                + "b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748002b0003020304000d00"
                + "10000e0403050306030203080408050806002d00020101001c00024001003900320408ffffffffff"
                + "ffffff05048000ffff07048000ffff0801100104800075300901100f088394c8f03e515708060480"
                + "00ffff") + [UInt8](repeating: 0, count: 917)

    @Test(
        arguments: [
            (
                1, QUICBytes.versionOne,
                "c000000001088394c8f03e5157080000449e7b9aec34d1b1c98dd7689fb8ec11d242b123dc9bd8ba"
                    + "b936b47d92ec356c0bab7df5976d27cd449f63300099f399",
                "e221af44860018ab0856972e194cd934", "1"
            ),
            (
                0x6b33_43cf, QUICBytes.versionTwo,
                "d76b3343cf088394c8f03e5157080000449ea0c95e82ffe67b6abcdb4298b485dd04de806071bf03",
                "a18b2faa745b6fe189cf772a9f84cbfc", "2"
            ),
        ] as [(UInt32, [UInt8], String, String, String)])
    func theSampleOfTheRFCIsRead(
        _ version: UInt32, _ salt: [UInt8], _ head: String, _ tag: String, _ text: String
    ) throws {
        var maker = QUICBytes()
        maker.version = version
        maker.salt = salt
        let packet = maker.initial(Self.sample, number: 2)
        #expect(packet.count == 1200)
        #expect(Hash.hex(packet).hasPrefix(head) && Hash.hex(packet).hasSuffix(tag))
        let run = QUICTalk([packet]).run
        let found = try #require(run.hellos.first)
        #expect(run.hellos.count == 1 && run.ends.first?.appProtocol == "quic")
        #expect(found.version.text == text && found.serverName == "example.com")
        #expect(found.userAgent == nil)
        let hello = try #require(found.hello)
        #expect(hello.alpn == ["alpn"] && hello.supportedVersions == [0x0304])
        #expect(hello.ja3Text == "771,4865-4866,0-65281-10-16-5-51-43-13-45-28-57,29-23-24,")
        #expect(hello.ja4.hasPrefix("q13d0211an_"))
        #expect(run.heldBytes == 0)
    }

    @Test(arguments: 0..<60)
    func theKeyedHashIsHMAC(_ count: Int) {
        let key = (0..<max(1, count)).map { UInt8($0 * 7 & 255) }
        let message = (0..<min(count, 55)).map { UInt8($0 ^ 0x6b) }
        let code = KeyedSHA256(key: key.span).code(of: KeyedSHA256.Message(message.span)).bytes
        #expect(code.indices.map { code[$0] } == QUICBytes.hmac(key, message))
    }

    /// RFC 9000 §A.3, and both ends of the number space.
    @Test(
        arguments: [
            (0x9b32, 2, 0xa82f_30ea, 0xa82f_9b32), (0, 1, -1, 0), (200, 1, -1, 200),
            (0, 1, 255, 256), (255, 1, 256, 255), (0x1234_5678, 4, -1, 0x1234_5678),
            (7, 1, 0x1_0000_0005, 0x1_0000_0007),
        ] as [(Int, Int, Int, Int)])
    func packetNumbersAreMadeWhole(
        _ truncated: Int, _ bytes: Int, _ largest: Int, _ expected: Int
    ) {
        #expect(InitialKeys.number(truncated, bytes: bytes, after: largest) == expected)
    }

    // MARK: - Pieces

    private static let message = HelloBytes.browser("pieces.example").message()

    @Test func aHelloCutAnywhereIsReadInAnyOrder() {
        for cut in stride(from: 1, to: Self.message.count, by: 97) {
            let first = QUICBytes.crypto(Array(Self.message[..<cut]), at: 0)
            let second = QUICBytes.crypto(Array(Self.message[cut...]), at: cut)
            #expect(QUICTalk([QUICBytes().initial(first + second)]).run.names == ["pieces.example"])
            #expect(QUICTalk([QUICBytes().initial(second + first)]).run.names == ["pieces.example"])
            let apart = [
                QUICBytes().initial(first), QUICBytes().initial(second + [0, 0, 1], number: 1),
            ]
            for packets in [apart, apart.reversed()] {
                #expect(QUICTalk(packets).run.names == ["pieces.example"])
                #expect(QUICTalk([packets.flatMap { $0 }]).run.names == ["pieces.example"])
            }
        }
    }

    /// Many small pieces, some twice and some over each other, with what else may stand between.
    @Test(arguments: 0..<80)
    func scatteredPiecesComeToTheSame(_ seed: UInt64) throws {
        var chance = Chance(seed: seed)
        var pieces: [[UInt8]] = []
        var start = 0
        while start < Self.message.count {
            let end = min(start + Int.random(in: 1...200, using: &chance), Self.message.count)
            let from = max(0, start - Int.random(in: 0...30, using: &chance))
            pieces.append(QUICBytes.crypto(Array(Self.message[from..<end]), at: from))
            start = end
        }
        pieces += pieces.shuffled(using: &chance).prefix(3)
        pieces.shuffle(using: &chance)
        var packets: [[UInt8]] = []
        while !pieces.isEmpty {
            var frames: [UInt8] = []
            for piece in pieces.prefix(Int.random(in: 1...6, using: &chance)) {
                frames += piece + (fillers.randomElement(using: &chance) ?? [])
                pieces.removeFirst()
            }
            packets.append(
                QUICBytes().initial(
                    frames + [0, 0, 0], number: UInt64(packets.count), numberBytes: 2))
        }
        let run = QUICTalk(packets).run
        let whole = QUICTalk([QUICBytes().initial(QUICBytes.crypto(Self.message, at: 0))]).run
        #expect(run.hellos == whole.hellos && whole.names == ["pieces.example"], "seed \(seed)")
        #expect(run.heldBytes == 0)
    }

    /// PADDING, PING, ACK and ACK with ECN counts.
    private let fillers: [[UInt8]] = [
        [], [0, 0], [1], [2, 5, 0, 1, 2, 0, 1], [3, 5, 0, 0, 2, 1, 0, 0x41, 1],
    ]

    @Test func onlyTheFirstCopyOfAByteCounts() {
        let other = HelloBytes.browser("others.example").message()
        let frames =
            QUICBytes.crypto(Array(Self.message[..<100]), at: 0)
            + QUICBytes.crypto(Array(other[..<120]), at: 0)
            + QUICBytes.crypto(Array(Self.message[100...]), at: 100)
        #expect(QUICTalk([QUICBytes().initial(frames)]).run.names.count == 1)
        let first = QUICBytes.crypto(Self.message, at: 0)
        let second = QUICBytes.crypto(other, at: 0)
        #expect(QUICTalk([QUICBytes().initial(first + second)]).run.names == ["pieces.example"])
    }

    // MARK: - Connections

    private func hello(_ name: String) -> [UInt8] {
        QUICBytes.crypto(HelloBytes.browser(name).message(), at: 0)
    }

    @Test func earlyDataAndHandshakeStandBesideTheHello() {
        let maker = QUICBytes()
        let initial = maker.initial(hello("a.example"))
        let early = maker.other(type: 1)
        #expect(QUICTalk([early, early, initial]).run.names == ["a.example"])
        #expect(QUICTalk([early + initial + maker.other(type: 2)]).run.names == ["a.example"])
        #expect(QUICTalk([initial + early, early, early]).run.names == ["a.example"])
        // What follows a packet may be anything.
        #expect(QUICTalk([initial + [0, 0, 0]]).run.names == ["a.example"])
        #expect(QUICTalk([initial + [0xff, 1, 2]]).run.names == ["a.example"])
        // Early data alone says no more than the version.
        let alone = QUICTalk([early, early]).run
        #expect(alone.names == ["-"] && alone.hellos.first?.version.text == "1")
    }

    @Test func aRetryChangesTheKeysAndTellsTheHelloOnce() {
        var talk = QUICTalk()
        var maker = QUICBytes()
        let message = HelloBytes.browser("retry.example").message()
        for isWhole in [true, false] {
            talk = QUICTalk()
            maker = QUICBytes()
            let part = isWhole ? message : Array(message[..<300])
            talk.say(.client, maker.initial(QUICBytes.crypto(part, at: 0)))
            talk.say(.server, maker.retry(to: [9, 8, 7, 6, 5]))
            maker.destination = [9, 8, 7, 6, 5]
            maker.token = [UInt8](repeating: 4, count: 80)
            talk.say(.client, maker.initial(QUICBytes.crypto(message, at: 0), number: 1))
            talk.say(.server, maker.other(type: 2))
            talk.say(.client, maker.initial(QUICBytes.crypto(message, at: 0), number: 2))
            #expect(talk.run.names == ["retry.example"])
        }
    }

    @Test func theKeysStayWhenTheServerChoosesAnotherID() {
        let message = HelloBytes.browser("moved.example").message()
        var talk = QUICTalk()
        var maker = QUICBytes()
        talk.say(.client, maker.initial(QUICBytes.crypto(Array(message[..<700]), at: 0)))
        talk.say(.server, maker.other(type: 2))
        maker.keyID = maker.destination
        maker.destination = [1, 2, 3]
        let rest = QUICBytes.crypto(Array(message[700...]), at: 700)
        talk.say(.client, maker.initial(rest, number: 1))
        #expect(talk.run.names == ["moved.example"])
    }

    @Test func anotherVersionIsAnotherHello() {
        var talk = QUICTalk()
        var maker = QUICBytes()
        maker.version = 0xff00_001d
        maker.salt = QUICBytes.draft29
        talk.say(.client, maker.initial(hello("old.example")))
        talk.say(.server, QUICBytes.negotiation([0x1a2a_3a4a, 1]))
        talk.say(.client, QUICBytes().initial(hello("new.example")))
        talk.say(.server, QUICBytes().other(type: 2))
        talk.say(.client, QUICBytes().initial(hello("never.example")))
        let run = talk.run
        #expect(run.names == ["old.example", "new.example"])
        #expect(run.hellos.map(\.version.text) == ["draft-29", "1"])
    }

    @Test func aVersionThatOnlyForcesTheListYieldsToAnother() {
        var talk = QUICTalk()
        var maker = QUICBytes()
        maker.version = 0x5a6a_7a8a
        talk.say(.client, maker.initial(hello("a.example")))
        #expect(talk.run.hellos.map(\.version.text) == ["5a6a7a8a"] && talk.run.names == ["-"])
        talk.say(.server, QUICBytes.negotiation([1]))
        talk.say(.client, QUICBytes().initial(hello("a.example")))
        #expect(talk.run.hellos.map(\.version.text) == ["1"])
    }

    @Test func aHelloIsToldOnceHoweverOftenItComes() {
        var talk = QUICTalk()
        for number in 0..<20 {
            talk.say(.client, QUICBytes().initial(hello("a.example"), number: UInt64(number)))
        }
        #expect(talk.run.names == ["a.example"])
        talk.say(.server, QUICBytes().other(type: 2))
        talk.say(.client, QUICBytes().initial(hello("b.example")))
        #expect(talk.run.names == ["a.example"])
    }

    /// Both ports are high, and the server's packet was captured first; or the client's port is
    /// low: only the keys tell who is who.
    @Test(arguments: [(UInt16(500), UInt16(4433), false), (50_000, 4433, true)])
    func theClientIsWhoseKeysFit(_ client: UInt16, _ server: UInt16, _ isServerFirst: Bool) throws {
        var talk = QUICTalk(clientPort: client, serverPort: server)
        var answer = QUICBytes()
        answer.keyID = answer.destination
        answer.destination = [1, 1, 1, 1, 1, 1, 1, 1, 1]
        if isServerFirst { talk.say(.server, answer.other(type: 2)) }
        talk.say(.client, QUICBytes().initial(hello("turned.example")))
        talk.say(.server, answer.other(type: 2))
        let run = talk.run
        #expect(run.names == ["turned.example"])
        let event = try #require(run.events.first)
        #expect(event.side == .client && event.flow?.client.port == client)
        #expect(event.flow?.server.port == server)
    }

    @Test func chromiumsUserAgentIsRead() throws {
        let agent = Array("Chrome/92.0 Linux".utf8)
        for isWide in [false, true] {
            var bytes = HelloBytes.browser("ua.example")
            let parameter =
                isWide
                ? [0, UInt8(agent.count + 8), 0, 1, 0, 0, 0x31, 0x29, 0, UInt8(agent.count)]
                : [1, 0, 0x71, 0x29, UInt8(agent.count)]
            bytes.extensions.append((isWide ? 0xffa5 : 57, parameter + agent))
            let frames = QUICBytes.crypto(bytes.message(), at: 0)
            var maker = QUICBytes()
            if isWide {
                maker.version = 0xff00_0016
                maker.salt = [
                    0x7f, 0xbc, 0xdb, 0x0e, 0x7c, 0x66, 0xbb, 0xe9, 0x19, 0x3a, 0x96, 0xcd, 0x21,
                    0x51, 0x9e, 0xbd, 0x7a, 0x02, 0x64, 0x4a,
                ]
            }
            let hellos = QUICTalk([maker.initial(frames)]).run.hellos
            #expect(hellos.map(\.userAgent) == ["Chrome/92.0 Linux"])
        }
    }

    /// RFC 9000 §18: numbers in their order, a reserved one, a flag, versions (RFC 9368), and one
    /// sent twice, of which the first stands.
    @Test func transportParametersAreRead() throws {
        var bytes = HelloBytes.browser("tp.example")
        bytes.extensions.append(
            (
                57,
                [0x04, 4, 0x80, 0x10, 0, 0] + [0x01, 2, 0x47, 0xd0] + [0x40, 0x3a, 1, 9]
                    + [0x0c, 0] + [0x0f, 3, 1, 2, 3] + [0x04, 1, 7]
                    + [0x11, 12, 0, 0, 0, 1, 0x6b, 0x33, 0x43, 0xcf, 0, 0, 0, 1]
            ))
        let frames = QUICBytes.crypto(bytes.message(), at: 0)
        let found = QUICTalk([QUICBytes().initial(frames)]).run.hellos.first?.parameters
        let parameters = try #require(found)
        #expect(parameters.order == [4, 1, 27, 12, 15, 4, 17])
        #expect(
            parameters.values == [
                .init(parameter: .initialMaxData, number: 1 << 20),
                .init(parameter: .maxIdleTimeout, number: 2000),
                .init(parameter: .disableActiveMigration, number: nil),
            ])
        #expect(parameters.connectionIDLength == 3)
        #expect(parameters.availableVersions.map(\.text) == ["2", "1"])
        #expect(parameters.isBroken)
    }

    /// Parameters that do not fit say so, and hide neither the name nor what stood before.
    @Test(
        arguments: [
            [0x01, 4, 0x80], [0x01, 0], [0x01, 2, 5, 5], [0x0c, 1, 0], [0x11, 3, 0, 0, 1], [0xc1],
        ] as [[UInt8]])
    func brokenTransportParametersHideNothing(_ tail: [UInt8]) throws {
        var bytes = HelloBytes.browser("broken.example")
        bytes.extensions.append((57, [0x0e, 1, 8] + tail))
        let frames = QUICBytes.crypto(bytes.message(), at: 0)
        let run = QUICTalk([QUICBytes().initial(frames)]).run
        let parameters = try #require(run.hellos.first?.parameters)
        #expect(run.names == ["broken.example"] && parameters.isBroken)
        #expect(
            parameters.values.first == .init(parameter: .activeConnectionIDLimit, number: 8))
    }
}
