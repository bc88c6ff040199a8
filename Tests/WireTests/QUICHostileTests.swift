import Support
import Testing

@testable import Wire

/// QUIC that is damaged, that lies, or that is none.
@Suite struct QUICHostileTests {
    private static let message = HelloBytes.browser("true.example").message()
    private static let packet = QUICBytes().initial(QUICBytes.crypto(message, at: 0))

    @Test func noDamagedPacketIsBelieved() {
        for at in Self.packet.indices {
            var damaged = Self.packet
            damaged[at] ^= 0x10
            #expect(QUICTalk([damaged]).run.hellos.allSatisfy { $0.hello == nil }, "byte \(at)")
        }
    }

    @Test func noPrefixOfAPacketIsBelieved() {
        for count in 0..<Self.packet.count {
            let run = QUICTalk([Array(Self.packet[..<count])]).run
            #expect(run.hellos.allSatisfy { $0.hello == nil }, "\(count) bytes")
        }
    }

    @Test func whatIsLostOnTheWayIsNotMissedForEver() {
        var damaged = Self.packet
        damaged[700] ^= 1
        #expect(QUICTalk([damaged, Self.packet]).run.names == ["true.example"])
    }

    @Test(arguments: 0..<300)
    func mutatedFramesAreHarmless(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        var frames = [2, 1, 0, 0, 1, 0] + QUICBytes.crypto(Array(Self.message[..<400]), at: 0)
        frames += [1, 0, 0] + QUICBytes.crypto(Array(Self.message[400...]), at: 400)
        for _ in 0..<Int.random(in: 1...8, using: &chance) {
            let at = Int.random(in: frames.indices, using: &chance)
            frames[at] =
                [0, 1, 2, 6, 0x1c, 0x3f, 0x40, 0x80, 0xc0, 0xff]
                .randomElement(using: &chance) ?? 0
        }
        let run = QUICTalk([QUICBytes().initial(frames), Self.packet]).run
        #expect(run.hellos.count <= 1 && run.heldBytes == 0, "seed \(seed)")
    }

    @Test(arguments: 0..<300)
    func mutatedDatagramsAreHarmless(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        var talk = QUICTalk()
        for _ in 0..<6 {
            var bytes =
                [Self.packet, Self.google(43), QUICBytes().other(type: 2)]
                .randomElement(using: &chance) ?? []
            for _ in 0..<Int.random(in: 0...4, using: &chance) {
                bytes[Int.random(in: 0..<min(60, bytes.count), using: &chance)] =
                    UInt8.random(in: .min ... .max, using: &chance)
            }
            let side: Side = Bool.random(using: &chance) ? .client : .server
            talk.say(side, Array(bytes.prefix(Int.random(in: 0...1300, using: &chance))))
        }
        let run = talk.run
        #expect(run.heldBytes == 0 && run.tally.packets == talk.frames.count, "seed \(seed)")
    }

    // MARK: - Bounds

    @Test func aHandshakeInMorePiecesThanTheLimitIsRefused() {
        let limit = Limits.standard.handshakePieces
        let pieces = { (count: Int) in
            (0..<count).flatMap { QUICBytes.crypto([1], at: 1 + 2 * $0) }
        }
        let fits = QUICTalk([QUICBytes().initial(pieces(limit))]).run
        #expect(fits.tally[.badQUIC] == 0)
        let many = QUICTalk([QUICBytes().initial(pieces(limit + 1))]).run
        #expect(many.tally[.badQUIC] == 1 && many.ends.first?.broken.contains(.badQUIC) == true)
    }

    @Test func aHandshakeBeyondTheLimitIsRefused() {
        let limit = Limits.standard.handshakeBytes
        for (offset, isRefused) in [(limit - 1, false), (limit, true), (0x3fff_ffff, true)] {
            let run = QUICTalk([QUICBytes().initial(QUICBytes.crypto([1], at: offset))]).run
            #expect((run.tally[.badQUIC] == 1) == isRefused, "\(offset)")
        }
    }

    @Test func theHandshakesMemoryIsCounted() {
        var limits = Limits()
        limits.undissectedBytes = 40_000
        let far = QUICBytes().initial(QUICBytes.crypto([1], at: 50_000))
        let run = FlowRun(QUICTalk([far]).frames, limits: limits)
        #expect(run.tally[.streamEvicted] == 1 && run.tally[.streamMemory] == 1)
    }

    /// Half a hello holds its ciphers too.
    @Test func theKeysMemoryIsCounted() {
        var limits = Limits()
        limits.undissectedBytes = 3000
        let half = QUICBytes().initial(QUICBytes.crypto(Array(Self.message[..<100]), at: 0))
        let run = FlowRun(QUICTalk([half]).frames, limits: limits)
        #expect(run.tally[.streamEvicted] == 1 && run.heldBytes == 0)
        limits.undissectedBytes = 4000
        #expect(FlowRun(QUICTalk([half]).frames, limits: limits).tally[.streamEvicted] == 0)
    }

    /// The snap length cut the packet, or its length lies: the version stands before that.
    @Test func whatIsCutBehindItsIDsStillHasAVersion() {
        let run = QUICTalk([Array(Self.packet[..<60])]).run
        #expect(run.hellos.map(\.version.text) == ["1"] && run.names == ["-"])
        #expect(run.tally[.badQUIC] == 0 && run.tally[.shortInside] == 1)
    }

    @Test func aFlowWithoutAHelloIsGivenUp() {
        let early = QUICBytes().other(type: 1)
        let limit = Limits.standard.openingDatagrams
        var datagrams = [[UInt8]](repeating: early, count: limit - 1)
        #expect(QUICTalk(datagrams + [Self.packet]).run.names == ["true.example"])
        datagrams.append(early)
        #expect(QUICTalk(datagrams + [Self.packet, Self.packet]).run.names == ["-"])
    }

    /// Each datagram of another connection that no key opens: keys are made for some, not for all.
    @Test func keysAreMadeForOnlySoMany() {
        let limit = Limits.standard.initialKeys
        for (count, names) in [(limit - 1, ["true.example"]), (limit, ["-"])] {
            var datagrams: [[UInt8]] = []
            for number in 0..<count {
                var damaged = Self.packet
                damaged[6] = UInt8(number)
                datagrams.append(damaged)
            }
            #expect(QUICTalk(datagrams + [Self.packet]).run.names == names)
        }
    }

    @Test func aHandshakeThatBeginsWithNoHelloIsRefused() {
        var bytes = Self.message
        bytes[0] = 2
        let run = QUICTalk([QUICBytes().initial(QUICBytes.crypto(bytes, at: 0)), Self.packet]).run
        #expect(run.hellos.isEmpty && run.tally[.badHandshake] == 1)
    }

    // MARK: - Recognition

    /// The first bytes of other protocols over UDP.
    @Test(
        arguments: [
            [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4],  // RTP
            [0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            [0xc6, 0x10, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0x32, 0],  // DNS on another port
            [0xc0, 0, 0, 0, 1], [0xc0, 0, 0, 0, 1, 21] + [UInt8](repeating: 0, count: 60),
            [0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x51, 0x30, 0x39, 0x39, 1], [0x16, 0xfe, 0xfd, 0, 0],
            [0xd1, 0, 0, 0, 1, 4, 1, 2, 3], [UInt8](repeating: 0xaa, count: 1200),
            [0xca, 0x1a, 0x2a, 0x3a, 0x4a, 8] + [UInt8](repeating: 0, count: 100),
        ] as [[UInt8]])
    func whatIsNoQUICIsNotCalledSo(_ datagram: [UInt8]) {
        let run = QUICTalk([datagram, datagram]).run
        #expect(run.hellos.isEmpty && run.ends.first?.appProtocol == nil)
    }

    // MARK: - Google's own

    /// A client's packet: header, hash, frames.
    private static func google(
        _ version: Int,
        _ message: [UInt8] = googleHello([("SNI\0", "G.example"), ("UAID", "Chrome")]),
        before: [UInt8] = [], offset: Int? = nil
    ) -> [UInt8] {
        let name: [UInt8] = [0x51, 0x30, UInt8(48 + version / 10), UInt8(48 + version % 10)]
        let id: [UInt8] = [1, 2, 3, 4, 5, 6, 7, 8]
        let number = { (value: Int, bytes: Int) in
            let high = Frame.octets(UInt64(value), bytes)
            return version < 39 ? high.reversed() : high
        }
        var packet: [UInt8]
        if version < 44 {
            packet = [0x09] + id + name + [1]
        } else {
            packet = [0xc3] + name + [0x50] + id + [0, 0, 0, 1]
        }
        packet += [UInt8](repeating: 0xaa, count: 12) + (version <= 33 ? [0] : []) + before
        packet += [offset == nil ? 0xa0 : 0xa4, 1] + (offset.map { number($0, 2) } ?? [])
        return packet + number(message.count, 2) + message + [0, 0, 0]
    }

    @Test(arguments: [24, 25, 30, 33, 34, 35, 37, 38, 39, 43, 46])
    func googlesOwnHelloIsRead(_ version: Int) {
        let run = QUICTalk([Self.google(version)]).run
        #expect(run.names == ["g.example"] && run.hellos.first?.userAgent == "Chrome")
        #expect(run.hellos.first?.version.text == "Q0\(version)" && run.hellos.first?.hello == nil)
    }

    @Test(arguments: [25, 37, 43])
    func framesBeforeGooglesHelloArePassedOver(_ version: Int) {
        let acknowledgment: [UInt8] =
            version < 34
            ? [0x60, 7, 9, 0, 0, 1, 5, 1, 2, 3, 4, 1, 1, 1, 0]
            : [0x60, 9, 0, 0, 1, 3, 1, 1, 1, 5, 1, 2, 3, 4]
        let stopWaiting: [UInt8] = version < 34 ? [6, 1, 1] : [6, 1]
        let run = QUICTalk([Self.google(version, before: acknowledgment + stopWaiting + [7])]).run
        #expect(run.names == ["g.example"])
    }

    @Test func googlesHelloMayComeInPieces() {
        let whole = googleHello([("SNI\0", "far.example")], padding: 900)
        let parts = [
            Self.google(43, Array(whole[..<500])),
            Self.google(43, Array(whole[500...]), offset: 500),
        ]
        #expect(QUICTalk(parts).run.names == ["far.example"])
        #expect(QUICTalk(parts.reversed()).run.names == ["far.example"])
        #expect(QUICTalk([parts[0]]).run.names == ["-"])
    }

    /// The capture began behind the client's first hello, which the server refused.
    @Test func googlesSecondHelloIsReadWithoutTheFirst() {
        let second = googleHello([("SNI\0", "second.example")], padding: 700)
        #expect(QUICTalk([Self.google(46, second, offset: 1024)]).run.names == ["second.example"])
        let parts = [
            Self.google(43, Array(second[..<500]), offset: 1024),
            Self.google(43, Array(second[500...]), offset: 1524),
        ]
        #expect(QUICTalk(parts).run.names == ["second.example"])
    }

    @Test func aVersionMarkAloneIsAVersion() {
        let run = QUICTalk([[0x09, 1, 2, 3, 4, 5, 6, 7, 8, 0x51, 0x30, 0x32, 0x34]]).run
        #expect(run.hellos.map(\.version.text) == ["Q024"] && run.names == ["-"])
    }

    @Test(
        arguments: [
            googleHello([]).dropLast(3), Array("REJ\0".utf8) + [1, 0, 0, 0, 0, 0, 0, 0],
            Array("CHLO".utf8) + [0xff, 0xff, 0, 0], Array("CHLO".utf8) + [0, 0, 0, 0],
            Array("CHLO".utf8) + [
                2, 0, 0, 0, 83, 78, 73, 0, 9, 0, 0, 0, 80, 65, 68, 0, 1, 0, 0, 0,
            ],
        ] as [[UInt8]])
    func whatIsNoHelloOfGooglesIsNotBelieved(_ message: [UInt8]) {
        let run = QUICTalk([Self.google(43, message + [1, 1, 1, 1])]).run
        #expect(run.hellos.allSatisfy { $0.serverName == nil })
    }
}
