import Support
import Testing

@testable import Wire

/// What is said behind an upgrade to WebSocket.
@Suite struct WebSocketTests {
    private static let request =
        "GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"

    private static func response(_ extensions: String = "") -> String {
        "HTTP/1.1 101 Switching\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n"
            + (extensions.isEmpty ? "" : "Sec-WebSocket-Extensions: \(extensions)\r\n") + "\r\n"
    }

    /// One frame; `first` is FIN, RSV and opcode.
    private static func frame(_ first: UInt8, _ payload: [UInt8], mask: [UInt8]? = nil) -> [UInt8] {
        let bit: UInt8 = mask == nil ? 0 : 0x80
        var bytes: [UInt8] = [first]
        switch payload.count {
        case ..<126: bytes.append(bit | UInt8(payload.count))
        case ..<65536: bytes += [bit | 126] + Frame.octets(UInt64(payload.count), 2)
        default: bytes += [bit | 127] + Frame.octets(UInt64(payload.count), 8)
        }
        guard let mask else { return bytes + payload }
        bytes += mask
        for at in payload.indices { bytes.append(payload[at] ^ mask[at % 4]) }
        return bytes
    }

    private static let mask: [UInt8] = [0x12, 0xf4, 0x56, 0x78]
    private static func call(_ id: Int) -> [UInt8] {
        Array(#"{"jsonrpc":"2.0","id":\#(id),"method":"tools/list"}"#.utf8)
    }
    private static func result(_ id: Int) -> [UInt8] {
        Array(#"{"jsonrpc":"2.0","id":\#(id),"result":{"isError":true}}"#.utf8)
    }

    private func talk(_ extensions: String = "") -> Conversation {
        var talk = Conversation()
        talk.say(.client, Array(Self.request.utf8))
        talk.say(.server, Array(Self.response(extensions).utf8))
        return talk
    }

    private func rpc(_ run: FlowRun) -> [(message: RPCMessage, carrier: Carrier)] {
        run.events.compactMap {
            if case .rpc(let message, let carrier) = $0.message { (message, carrier) } else { nil }
        }
    }

    private func ids(_ talk: Conversation) -> [String?] {
        rpc(FlowRun(talk.frames)).map(\.message.id)
    }

    @Test(arguments: [[], [1], [2, 3, 5, 7], Array(1..<90)])
    func messagesBearTheHeadsOfTheirUpgrade(_ cuts: [Int]) throws {
        var talk = talk()
        talk.say(.client, Self.frame(0x81, Self.call(1), mask: Self.mask), cuts: cuts)
        let fragments =
            Self.frame(0x02, Array(Self.result(1)[..<9])) + Self.frame(0x89, [1, 2])
            + Self.frame(0x00, []) + Self.frame(0x80, Array(Self.result(1)[9...]))
        talk.say(.server, fragments + Self.frame(0x81, Array("hello".utf8)), cuts: cuts)
        talk.say(
            .server, Self.frame(0x81, Self.result(2)) + Self.frame(0x88, [3, 232]), cuts: cuts)
        talk.close()
        let run = FlowRun(talk.frames)
        let found = rpc(run)
        #expect(found.map(\.message.id) == ["#1", "#1", "#2"])
        #expect(found.allSatisfy { $0.carrier.kind == .webSocket })
        #expect(found.allSatisfy { $0.carrier.request?.path == "/ws" })
        #expect(found.map { $0.carrier.response?.status } == [nil, 101, 101])
        #expect(run.ends[0].anomalies == 0 && run.ends[0].appProtocol == "http")
    }

    /// Two messages by zlib, of which the second refers to the first.
    private static let deflated = [
        "qlbKKs7PKypIVrJSMtIzUNJRykxRsjLUUcpNLcnIBzKVSvLzc4r1czKLS5RqAQA=",
        "qsaq2gi7ah2lgsSixNxiJatqpeTSouL8IpAupdpaAAA=",
    ].map(ContentCodingTests.base64)

    @Test(arguments: [[], [3], Array(1..<60)])
    func compressedMessagesReferToEachOther(_ cuts: [Int]) {
        var talk = talk("permessage-deflate; server_max_window_bits=12")
        for (place, text) in Self.deflated.enumerated() {
            // In two frames, of which only the first says that it is compressed.
            let half = text.count / 2 + place
            let frames =
                Self.frame(0x41, Array(text[..<half]), mask: Self.mask)
                + Self.frame(0x80, Array(text[half...]), mask: Self.mask)
            talk.say(.client, frames, cuts: cuts)
        }
        talk.close()
        let found = rpc(FlowRun(talk.frames))
        #expect(found.map(\.message.id) == ["#1", "#2"])
        #expect(found.last?.message.details.cursor != nil)
    }

    @Test func whatAMessageRefersToMayBeLost() {
        for isAnew in [false, true] {
            var talk = talk(
                "permessage-deflate" + (isAnew ? "; client_no_context_takeover" : ""))
            let first = Self.frame(0xc1, Self.deflated[0], mask: Self.mask)
            talk.say(.client, first)
            talk.lose(.client, first.count)
            talk.say(.client, first)
            talk.say(.client, Self.frame(0x81, Self.call(9), mask: Self.mask))
            talk.close()
            let run = FlowRun(talk.frames)
            #expect(rpc(run).map(\.message.id) == (isAnew ? ["#1", "#1", "#9"] : ["#1", "#9"]))
            #expect(run.tally[.webSocketMessage] == (isAnew ? 0 : 1))
        }
    }

    @Test func behindAHoleReadingGoesOnAtAFrame() {
        let long =
            Array(#"{"jsonrpc":"2.0","id":5,"result":{"text":""#.utf8)
            + [UInt8](repeating: 120, count: 3000) + Array(#""}}"#.utf8)
        var talk = talk()
        let frame = Self.frame(0x81, long)
        talk.say(.server, Array(frame[..<500]))
        // Within the payload, whose end is known.
        talk.lose(.server, 1000)
        talk.say(.server, Array(frame[1500...]) + Self.frame(0x81, Self.result(6)))
        // A frame's head is lost: its rest is no frame, and the next segment begins with one.
        talk.lose(.server, 300)
        talk.say(.server, Array(frame[700..<1400]))
        talk.say(.server, Self.frame(0x81, Self.result(7)) + Self.frame(0x8a, []))
        talk.close()
        let found = rpc(FlowRun(talk.frames)).map(\.message)
        #expect(found.map(\.id) == ["#5", "#6", "#7"])
        #expect(found.map(\.isTruncated) == [true, false, false])
    }

    /// A mirror of one direction, and one that shows the client's bytes first.
    @Test func theAnswerMayNotBeSeen() {
        var talk = Conversation()
        talk.say(.client, Array(Self.request.utf8))
        talk.say(.client, Self.frame(0x81, Self.call(1), mask: Self.mask))
        talk.say(.client, Self.frame(0xc1, Self.deflated[0], mask: Self.mask))
        talk.close()
        #expect(ids(talk) == ["#1", "#1"])
        var late = Conversation()
        late.say(.client, Array(Self.request.utf8))
        late.say(.client, Self.frame(0x81, Self.call(1), mask: Self.mask))
        late.say(.server, Array(Self.response().utf8) + Self.frame(0x81, Self.result(1)))
        late.close()
        #expect(ids(late) == ["#1", "#1"])
    }

    @Test(arguments: [
        // Reserved bits and opcodes, a control frame in parts or too long, a compressed
        // continuation, compression that nobody agreed to.
        [0xa1, 0], [0x83, 0], [0x09, 0], [0x89, 126, 0, 126], [0xc0, 0], [0xc1, 0],
    ])
    func framesThatMayNotBeAreRefused(_ bytes: [UInt8]) {
        var talk = talk()
        talk.say(.server, bytes + [UInt8](repeating: 0, count: 200))
        talk.close()
        #expect(FlowRun(talk.frames).tally[.badWebSocket] == 1)
    }

    /// The upgrade lies before the capture: a message in the clear shows what it is.
    @Test func aConnectionMayBeMetInItsMiddle() {
        var talk = Conversation(hasHandshake: false)
        talk.say(.server, Self.frame(0x89, []))
        talk.say(.server, Self.frame(0x81, Self.result(1)))
        talk.say(.client, Self.frame(0x81, Self.call(2), mask: Self.mask))
        talk.say(.client, Self.frame(0xc1, Self.deflated[1], mask: Self.mask))
        talk.close()
        let run = FlowRun(talk.frames)
        #expect(rpc(run).map(\.message.id) == ["#1", "#2"])
        #expect(run.ends[0].appProtocol == "websocket" && run.ends[0].anomalies == 0)
        #expect(run.tally[.webSocketMessage] == 1)
        var other = Conversation(hasHandshake: false)
        other.say(.server, Self.frame(0x81, Array(#"{"json":"2.0"}"#.utf8)))
        other.close()
        #expect(FlowRun(other.frames).ends[0].appProtocol == nil)
    }

    @Test(arguments: 0..<150)
    func mutatedFramesDoNoHarm(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        var talk = talk("permessage-deflate")
        var client = [UInt8](
            Self.deflated.map { Self.frame(0xc1, $0, mask: Self.mask) }.joined())
        client += Self.frame(0x81, Self.call(3), mask: Self.mask)
        for _ in 0..<3 {
            client[Int.random(in: 0..<client.count, using: &chance)] = .random(
                in: 0...255, using: &chance)
        }
        let cuts = (0..<5).map { _ in Int.random(in: 0..<client.count, using: &chance) }
        talk.say(.client, client, cuts: cuts)
        talk.close()
        #expect(rpc(FlowRun(talk.frames)).count <= 4, "seed \(seed)")
    }

    @Test func everyPrefixTellsNothingFalse() {
        let first = Self.frame(0x81, Self.result(1))
        var server = first + Self.frame(0x01, Array(Self.result(2)[..<5]))
        server += Self.frame(0x80, Array(Self.result(2)[5...]))
        for length in 0...server.count {
            var talk = talk()
            talk.say(.server, Array(server[..<length]))
            talk.close()
            let found = rpc(FlowRun(talk.frames)).map(\.message).filter { !$0.isTruncated }
            #expect(found.map(\.id) == Array(["#1", "#2"].prefix(found.count)))
            let expected = length == server.count ? 2 : length >= first.count ? 1 : 0
            #expect(found.count == expected)
        }
    }
}
