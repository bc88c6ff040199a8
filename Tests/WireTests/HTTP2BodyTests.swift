import Support
import Testing

@testable import Wire

/// What the streams of HTTP/2 carry.
@Suite struct HTTP2BodyTests {
    static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8) + frame(4, 0, 0, [])
    static let settings = frame(4, 0, 0, [])

    static func frame(_ type: UInt8, _ flags: UInt8, _ stream: UInt32, _ body: [UInt8]) -> [UInt8] {
        var bytes = Frame.octets(UInt64(body.count), 3)
        bytes += [type, flags]
        bytes += Frame.octets(UInt64(stream), 4)
        return bytes + body
    }

    /// Fields as literals that are not added to the table.
    static func block(_ fields: [(String, String)]) -> [UInt8] {
        var bytes: [UInt8] = []
        for (name, value) in fields {
            bytes += [0, UInt8(name.utf8.count)]
            bytes += Array(name.utf8)
            bytes.append(UInt8(value.utf8.count))
            bytes += Array(value.utf8)
        }
        return bytes
    }

    static func head(
        _ stream: UInt32, isEnd: Bool = false, _ fields: [(String, String)]
    ) -> [UInt8] {
        frame(1, isEnd ? 5 : 4, stream, block(fields))
    }

    static func post(_ stream: UInt32, _ more: [(String, String)] = []) -> [UInt8] {
        head(
            stream,
            [
                (":method", "POST"), (":path", "/mcp"), (":authority", "h.example"),
                ("content-type", "application/json"),
            ] + more)
    }

    static func ok(_ stream: UInt32, _ type: String = "application/json") -> [UInt8] {
        head(stream, [(":status", "200"), ("content-type", type)])
    }

    private static func call(_ id: Int) -> [UInt8] {
        Array(#"{"jsonrpc":"2.0","id":\#(id),"method":"tools/list"}"#.utf8)
    }
    private static func result(_ id: Int) -> [UInt8] {
        Array(#"{"jsonrpc":"2.0","id":\#(id),"result":{"isError":true}}"#.utf8)
    }

    private func rpc(_ run: FlowRun) -> [(message: RPCMessage, carrier: Carrier)] {
        run.events.compactMap {
            if case .rpc(let message, let carrier) = $0.message { (message, carrier) } else { nil }
        }
    }

    private func run(
        _ client: [UInt8], _ server: [UInt8] = [], cuts: [Int] = [], port: UInt16 = 443
    ) -> FlowRun {
        var talk = Conversation()
        talk.serverPort = port
        talk.say(.client, client, cuts: cuts)
        if !server.isEmpty { talk.say(.server, server, cuts: cuts) }
        talk.close()
        return FlowRun(talk.frames)
    }

    /// Two streams at once, padded, in parts, an answer as an event stream with trailers; in the
    /// clear on the port of HTTPS, as behind what undoes TLS.
    @Test(arguments: [[], [1], [90, 91, 92], Array(1..<400)])
    func bodiesOfManyStreamsBearTheirHeads(_ cuts: [Int]) throws {
        let session = [("mcp-session-id", "s-1"), ("authorization", "Bearer secret")]
        var client = Self.preface + Self.post(1, session) + Self.post(3)
        client += Self.frame(0, 0, 3, Array(Self.call(3)[..<10]))
        client += Self.frame(0, 9, 1, [3] + Self.call(1) + [0, 0, 0])
        client += Self.frame(0, 1, 3, Array(Self.call(3)[10...]))
        var server = Self.settings + Self.ok(3, "text/event-stream") + Self.ok(1)
        let event = Array("data: ".utf8) + Self.result(3) + [10, 10]
        server += Self.frame(0, 0, 3, Array(event[..<20])) + Self.frame(0, 1, 1, Self.result(1))
        server += Self.frame(0, 0, 3, Array(event[20...])) + Self.frame(0, 0, 3, [])
        server += Self.head(3, isEnd: true, [("x-end", "1")])
        let run = run(client, server, cuts: cuts)
        let found = rpc(run)
        #expect(Set(found.map(\.message.id)) == ["#1", "#3"] && found.count == 4)
        #expect(found.allSatisfy { $0.carrier.request?.path == "/mcp" })
        let first = try #require(found.first { $0.message.id == "#1" }?.carrier.request)
        #expect(first.host == "h.example" && first.authScheme == "bearer")
        #expect(first.mcpSession == SessionKey.of("s-1") && first.version == "HTTP/2")
        let events = try #require(found.last { $0.message.id == "#3" }?.carrier)
        #expect(events.kind == .serverSentEvent && events.response?.status == 200)
        #expect(run.ends[0].anomalies == 0 && run.ends[0].appProtocol == "http2")
    }

    /// What was asked in HTTP/1 is answered in HTTP/2, on its first stream.
    @Test func anUpgradeIsAnsweredOnTheFirstStream() throws {
        var talk = Conversation()
        let call = Self.call(1)
        let head = "POST /up HTTP/1.1\r\nUpgrade: h2c\r\nContent-Length: \(call.count)\r\n\r\n"
        talk.say(.client, Array(head.utf8) + call)
        talk.say(
            .server,
            Array("HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\n\r\n".utf8)
                + Self.frame(4, 0, 0, [0, 3, 0, 0, 0, 9])
                + Self.ok(1) + Self.frame(0, 1, 1, Self.result(1)))
        talk.say(.client, Self.preface + Self.post(3) + Self.frame(0, 1, 3, Self.call(2)))
        talk.close()
        let run = FlowRun(talk.frames)
        let found = rpc(run)
        #expect(found.map(\.message.id) == ["#1", "#1", "#2"])
        #expect(found.map { $0.carrier.request?.path } == ["/up", "/up", "/mcp"])
        #expect(found.map { $0.carrier.request?.ordinal } == [1, 1, 2])
        #expect(run.ends[0].appProtocol == "http2" && run.ends[0].carrierProtocol == "http")
    }

    /// A hole within a body moves nothing; a hole over frames costs what lay in it.
    @Test func behindAHoleBodiesAreReadAgain() {
        var talk = Conversation()
        talk.say(.client, Self.preface + Self.post(1))
        let long = Self.frame(0, 1, 1, Self.call(1) + [UInt8](repeating: 32, count: 3000))
        talk.say(.client, Array(long[..<1000]))
        talk.lose(.client, 1000)
        talk.say(.client, Array(long[2000...]) + Self.post(3) + Self.frame(0, 1, 3, Self.call(3)))
        talk.lose(.client, 700)
        // The path stands in a table that was lost: what it was is not told.
        let unknown = Self.frame(
            1, 4, 7, [0x83, 0xc0] + Self.block([("content-type", "text/json")]))
        talk.say(.client, Array(long[500..<700]) + unknown + Self.frame(0, 1, 7, Self.call(7)))
        talk.say(.client, Self.post(9) + Self.frame(0, 1, 9, Self.call(9)))
        talk.close()
        let found = rpc(FlowRun(talk.frames))
        #expect(found.map(\.message.id) == ["#1", "#3", "#7", "#9"])
        #expect(found.map { $0.carrier.request?.path } == ["/mcp", "/mcp", nil, "/mcp"])
    }

    /// Streams and what they hold are bounded.
    @Test func manyStreamsAndLargeBodiesAreBounded() throws {
        var drive = StreamDrive(try #require(Dissectors.Kind.named("http2")))
        try drive.say(.client, Self.preface)
        var part = Array("{\"a\":\"".utf8)
        part += [UInt8](repeating: 97, count: 16_000)
        for stream in 0..<400 {
            let id = UInt32(stream * 2 + 1)
            try drive.say(.client, Self.post(id) + Self.frame(0, 0, id, part))
        }
        #expect(drive.peakBytes < 2 << 20)
        #expect(drive.losses[.http2Stream] > 144)
        // One that comes afterwards is read.
        try drive.say(.client, Self.frame(3, 0, 799, [0, 0, 0, 0]))
        for stream in 300..<390 {
            try drive.say(.client, Self.frame(3, 0, UInt32(stream * 2 + 1), [0, 0, 0, 0]))
        }
        try drive.say(.client, Self.post(901) + Self.frame(0, 1, 901, Self.call(5)))
        #expect(drive.rpc.last?.message.id == "#5")
    }

    @Test func aWebSocketMayRideInAStream() {
        let head = Self.head(
            1,
            [
                (":method", "CONNECT"), (":protocol", "websocket"), (":path", "/ws"),
                (":authority", "a"),
            ])
        let mask: [UInt8] = [1, 2, 3, 4]
        let call = Self.call(4).enumerated().map { $0.element ^ mask[$0.offset % 4] }
        var masked: [UInt8] = [0x81, 0x80 | UInt8(call.count)]
        masked += mask
        masked += call
        var talk = Conversation()
        talk.say(.client, Self.preface + head)
        talk.say(.server, Self.settings + Self.head(1, [(":status", "200")]))
        talk.say(.client, masked.flatMap { Self.frame(0, 0, 1, [$0]) })
        var answer: [UInt8] = [0x81, UInt8(Self.result(4).count)]
        answer += Self.result(4)
        talk.say(.server, Self.frame(0, 0, 1, answer))
        talk.close()
        let found = rpc(FlowRun(talk.frames))
        #expect(found.map(\.message.id) == ["#4", "#4"])
        #expect(
            found.allSatisfy { $0.carrier.kind == .webSocket && $0.carrier.request?.path == "/ws" })
    }

    @Test func messagesOfGRPCAreGatheredInBounds() throws {
        var request = HTTPRequest.Fields()
        request.target = "/lf.a2a.v1.A2AService/SendMessage"
        request.grpcEncoding = "gzip"
        let call = try #require(GRPCCall("application/grpc+proto", HTTPRequest(request)))
        #expect(call.service == "lf.a2a.v1.A2AService" && call.method == "SendMessage")
        #expect(GRPCCall("application/json", HTTPRequest(request)) == nil)
        let gzip = ContentCodingTests.base64("H4sIAAAAAAACAysuKcrMSwcAqbK+ngYAAAA=")
        var stream: [UInt8] = [0, 0, 0, 0, 3, 1, 2, 3, 0, 0, 0, 0, 0]
        stream += [1, 0, 0, 0, UInt8(gzip.count)] + gzip
        stream += [0, 0, 2, 0, 0] + [UInt8](repeating: 9, count: 2 << 16)
        for size in [1, 4, stream.count] {
            var messages = GRPCMessages(call)
            var found: [GRPCContent] = []
            for start in stride(from: 0, to: stream.count, by: size) {
                let piece = Array(stream[start..<min(start + size, stream.count)])
                messages.take(piece.span) { found.append($0) }
                #expect(messages.heldBytes <= (64 << 10) + 5)
            }
            #expect(found.map(\.bytes.count) == [3, 0, 6, 64 << 10])
            #expect(found.map(\.isTruncated) == [false, false, false, true])
            #expect(found[2].bytes == Array("string".utf8))
        }
    }

    @Test(arguments: 0..<120)
    func mutatedConnectionsDoNoHarm(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        var client = Self.preface + Self.post(1) + Self.frame(0, 1, 1, Self.call(1))
        client += Self.post(3) + Self.frame(0, 9, 3, [2] + Self.call(3) + [0, 0])
        for _ in 0..<4 {
            client[Int.random(in: 24..<client.count, using: &chance)] = .random(
                in: 0...255, using: &chance)
        }
        let cuts = (0..<6).map { _ in Int.random(in: 0..<client.count, using: &chance) }
        #expect(rpc(run(client, cuts: cuts)).count <= 2, "seed \(seed)")
    }

    @Test func everyPrefixTellsNothingFalse() {
        let client =
            Self.preface + Self.post(1) + Self.frame(0, 1, 1, Self.call(1)) + Self.post(3)
            + Self.frame(0, 1, 3, Self.call(3))
        let whole = rpc(run(client)).map(\.message.id)
        #expect(whole == ["#1", "#3"])
        for length in 24..<client.count {
            let part = rpc(run(Array(client[..<length]))).filter { !$0.message.isTruncated }
            #expect(part.map(\.message.id) == Array(whole.prefix(part.count)))
            #expect(part.count < 2)
        }
    }
}
