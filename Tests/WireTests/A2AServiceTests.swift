import Codecs
import Support
import Testing

@testable import Wire

/// Agent2Agent on gRPC: its messages say what those in JSON say.
@Suite struct A2AServiceTests {
    // MARK: - Messages

    /// A field that is bytes, a text or a message.
    private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        var size = bytes.count
        var length: [UInt8] = []
        while size > 0x7f {
            length.append(UInt8(size & 0x7f) | 0x80)
            size >>= 7
        }
        let key =
            number < 16 ? [number << 3 | 2] : [number << 3 & 0x7f | 0x82, number >> 4]
        return key + length + [UInt8(size)] + bytes
    }
    private static func field(_ number: UInt8, _ text: String) -> [UInt8] {
        field(number, Array(text.utf8))
    }
    private static func number(_ number: UInt8, _ value: UInt8) -> [UInt8] { [number << 3, value] }

    private static func status(_ state: UInt8) -> [UInt8] {
        field(3, number(1, state) + field(2, field(1, "m-9") + field(5, field(1, "said"))))
    }
    private static let task = field(1, "t-1") + field(2, "c-1") + status(3)
    private static let message =
        field(1, "m-1") + field(2, "c-1") + number(4, 1) + field(5, field(1, "hello"))
        + field(8, "t-0")

    private static let service = ["1.0": "lf.a2a.v1.A2AService", "0.3": "a2a.v1.A2AService"]

    private static func read(
        _ bytes: [UInt8], _ method: String, _ side: Side, version: String = "1.0",
        isTruncated: Bool = false
    ) -> A2AMessage? {
        var fields = HTTPRequest.Fields()
        fields.method = "POST"
        fields.target = "/\(service[version] ?? version)/\(method)"
        let request = HTTPRequest(fields)
        guard let call = GRPCCall("application/grpc", request) else { return nil }
        var answer = HTTPResponse.Fields()
        answer.request = request
        var found: A2AMessage?
        Dissectors.read(
            GRPCContent(
                call: call, response: side == .server ? HTTPResponse(answer) : nil, bytes: bytes,
                isTruncated: isTruncated)
        ) { if case .a2a(let message, _) = $0 { found = message } }
        return found
    }

    @Test func aMessageIsRead() throws {
        let push = Self.field(2, Self.field(4, "https://hook.example/x?token=s"))
        let found = try #require(
            Self.read(
                Self.field(1, "tenant") + Self.field(2, Self.message) + Self.field(3, push),
                "SendMessage", .client))
        #expect(found.kind == .request && found.binding == .gRPC && found.operation == .send)
        #expect(found.version == "1.0" && found.messageID == Pseudonym(of: "m-1"))
        #expect(found.context == Pseudonym(of: "c-1") && found.task == nil && found.state == nil)
        #expect(found.references == [Pseudonym(of: "t-0")] && found.webhook == "hook.example")
        let old = try #require(
            Self.read(Self.field(1, Self.message), "SendStreamingMessage", .client, version: "0.3"))
        #expect(old.operation == .stream && old.version == "0.3" && old.messageID != nil)
        // Each in the other's service is no message.
        #expect(Self.read(Self.field(1, Self.message), "SendMessage", .client) == nil)
        #expect(
            Self.read(Self.field(2, Self.message), "SendMessage", .client, version: "0.3") == nil)
        // Without an id or a role it is none either, nor under another service's name.
        #expect(Self.read(Self.field(2, Self.field(1, "m-1")), "SendMessage", .client) == nil)
        #expect(
            Self.read(Self.field(2, Self.message), "SendMessage", .client, version: "x.Chat") == nil
        )
    }

    @Test func tasksAreRead() throws {
        let asked = try #require(
            Self.read(Self.field(1, "tasks/t-1"), "GetTask", .client, version: "0.3"))
        #expect(asked.task == Pseudonym(of: "t-1") && asked.operation == .get)
        let now = try #require(Self.read(Self.field(2, "t-1"), "CancelTask", .client))
        #expect(now.task == asked.task && now.operation == .cancel)
        for (bytes, method) in [
            (Self.task, "GetTask"), (Self.field(1, Self.task), "SendMessage"),
            (Self.field(3, Self.task), "SubscribeToTask"),
        ] {
            let told = try #require(Self.read(bytes, method, .server))
            #expect(told.kind == .result && told.task == asked.task && told.state == .completed)
            #expect(told.context == Pseudonym(of: "c-1") && told.messageID == nil)
        }
        let part = Self.field(1, "t-1") + Self.field(3, Self.field(1, "a-1"))
        let artifact = Self.read(Self.field(4, part), "TaskSubscription", .server, version: "0.3")
        #expect(artifact?.task == asked.task && artifact?.state == nil)
        #expect(artifact?.operation == .subscribe)
        let spoken = Self.read(Self.field(2, Self.message), "SendMessage", .server)
        #expect(spoken?.kind == .result && spoken?.messageID == Pseudonym(of: "m-1"))
        let list = Self.read(Self.field(1, Self.task), "ListTasks", .server)
        #expect(list?.kind == .result && list?.operation == .list && list?.task == nil)
        // A state that nobody knows is none, and what names no task is no task.
        #expect(
            Self.read(Self.field(1, "t") + Self.field(3, Self.number(1, 99)), "GetTask", .server)
                == nil)
        #expect(Self.read(Self.status(3), "GetTask", .server) == nil)
    }

    @Test func webhooksAreRead() {
        let method = "CreateTaskPushNotificationConfig"
        let new = Self.read(
            Self.field(3, "t-1") + Self.field(4, "http://h.example:81/a?b"), method, .client)
        #expect(new?.webhook == "h.example:81" && new?.task == Pseudonym(of: "t-1"))
        let config = Self.field(2, Self.field(2, "http://h.example/"))
        let old = Self.read(
            Self.field(1, "tasks/t-1") + Self.field(3, config), method, .client, version: "0.3")
        #expect(old?.webhook == "h.example" && old?.task == new?.task)
        #expect(old?.operation == .webhook)
    }

    private static let skill =
        field(12, field(1, "s-1") + field(2, "Says hi") + field(3, "how") + field(4, "hi"))

    @Test func cardsAreRead() throws {
        var bytes = Self.field(1, "Agent") + Self.field(2, "what it does") + Self.field(5, "1.2")
        bytes += Self.field(
            3,
            Self.field(1, "http://u:p@h.example/a?k=v") + Self.field(2, "JSONRPC")
                + Self.field(4, "1.0"))
        bytes += Self.field(4, Self.field(1, "https://p.example/") + Self.field(2, "Org"))
        bytes += Self.field(7, Self.number(1, 1) + Self.number(2, 0) + Self.number(4, 1))
        bytes += Self.field(8, Self.field(1, "key") + Self.field(2, Self.field(3, [])))
        bytes += Self.skill + Self.field(13, Self.field(1, "sealed"))
        let found = try #require(Self.read(bytes, "GetExtendedAgentCard", .server))
        let card = try #require(found.card)
        #expect(found.kind == .card && card.name == "Agent" && card.version == "1.2")
        #expect(card.organization == "Org" && card.providerURL == "https://p.example/")
        #expect(
            card.interfaces == [
                .init(url: "http://h.example/a", binding: "JSONRPC", version: "1.0")
            ])
        #expect(card.capabilities == ["extendedAgentCard", "streaming"])
        #expect(card.schemes == ["oauth2"] && card.isSigned && card.isExtended)
        #expect(card.skills == [.init(id: "s-1", name: "Says hi", tags: ["hi"])])
        var old = Self.field(1, "Agent") + Self.field(3, "h.example:81") + Self.field(5, "1")
        old += Self.field(14, "GRPC") + Self.field(16, "0.3.0") + Self.skill
        old += Self.field(15, Self.field(1, "http://h.example/j") + Self.field(2, "JSONRPC"))
        let older = try #require(Self.read(old, "GetAgentCard", .server, version: "0.3")?.card)
        #expect(older.interfaces.map(\.binding) == ["JSONRPC", "GRPC"])
        #expect(older.protocolVersion == "0.3.0" && !older.isSigned)
        #expect(Self.read(Self.field(1, "Agent"), "GetExtendedAgentCard", .server) == nil)
    }

    // MARK: - Hostile bytes

    /// A prefix says what the whole says or nothing; cut off where the limit is, it may say less.
    @Test func everyPrefixSaysNothingElse() {
        let whole = Self.field(2, Self.message) + Self.field(3, Self.number(4, 1))
        let all = Self.read(whole, "SendMessage", .client)
        for count in whole.indices {
            for isTruncated in [false, true] {
                let part = Self.read(
                    Array(whole[..<count]), "SendMessage", .client, isTruncated: isTruncated)
                guard let part else { continue }
                #expect(part.messageID == all?.messageID && part.isTruncated == isTruncated)
                #expect(part.references == [] || part.references == all?.references)
            }
        }
        let part = Self.read(Array(whole.dropLast(6)), "SendMessage", .client, isTruncated: true)
        #expect(part?.messageID == all?.messageID)
    }

    @Test(arguments: 0..<200)
    func mutatedMessagesDoNoHarm(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        var bytes = Self.field(1, Self.task) + Self.field(2, Self.message) + Self.skill
        for _ in 0..<6 {
            bytes[Int.random(in: bytes.indices, using: &chance)] = .random(
                in: 0...255, using: &chance)
        }
        for method in ["SendMessage", "GetTask", "ListTasks", "GetExtendedAgentCard"] {
            for side in [Side.client, .server] {
                let found = Self.read(bytes, method, side, isTruncated: seed % 2 == 0)
                #expect(found.map { $0.references.count <= 16 } ?? true, "seed \(seed)")
            }
        }
    }

    /// Lengths that lie, numbers without an end, groups, and text that is none.
    @Test(arguments: [
        [0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f], [0x08] + [UInt8](repeating: 0xff, count: 12),
        [0x0b, 0x0c], [0x0a, 2, 0xc3, 0x28], [0x00, 0x00], [0x0a], [0xff],
    ])
    func badMessagesSayNothing(_ bytes: [UInt8]) {
        #expect(Self.read(bytes + Self.task, "GetTask", .server) == nil)
    }

    // MARK: - On the wire

    private static func stream(_ message: [UInt8], flag: UInt8 = 0) -> [UInt8] {
        [flag, 0, 0, 0, UInt8(message.count)] + message
    }

    /// A call as a whole: frames, heads and messages, plain and compressed.
    @Test func callsAreReadFromTheWire() throws {
        // `task`, with gzip.
        let packed = ContentCodingTests.base64(
            "H4sIAAAAAAACA+NiLtE1FGJO1jWUEuRgFuLlYs7VtdRi42IpTsxMAQCyymtVHQAAAA==")
        let path = "/lf.a2a.v1.A2AService/GetTask"
        let head = { (stream: UInt32) in
            HTTP2BodyTests.head(
                stream,
                [
                    (":method", "POST"), (":path", path), (":authority", "h.example"),
                    ("content-type", "application/grpc"), ("a2a-version", "1.0"),
                ])
        }
        var client = HTTP2BodyTests.preface
        var server = HTTP2BodyTests.settings
        for (id, answer, coding) in [
            (UInt32(1), Self.stream(Self.task), "identity"),
            (3, Self.stream(packed, flag: 1), "gzip"),
            (5, Self.stream(packed, flag: 1), "unknown"),
        ] {
            client += head(id) + HTTP2BodyTests.frame(0, 1, id, Self.stream(Self.field(2, "t-1")))
            server += HTTP2BodyTests.head(
                id,
                [
                    (":status", "200"), ("content-type", "application/grpc"),
                    ("grpc-encoding", coding),
                ])
            server += HTTP2BodyTests.frame(0, 1, id, answer)
        }
        var talk = Conversation()
        talk.say(.client, client)
        talk.say(.server, server, cuts: Array(1..<server.count))
        talk.close()
        let run = FlowRun(talk.frames)
        let found = run.events.compactMap { event -> String? in
            guard case .a2a(let message, let carrier) = event.message else { return nil }
            let side = event.side == .client ? "C" : "S"
            let ordinal = carrier.request?.ordinal ?? 0
            return "\(side) \(ordinal) \(message.kind.rawValue) \(message.state?.rawValue ?? "")"
        }
        #expect(
            found == [
                "C 1 request ", "C 2 request ", "C 3 request ", "S 1 result completed",
                "S 2 result completed",
            ])
        #expect(run.ends[0].anomalies == 0)
    }

    /// An error stands in trailers, or in a head that is trailers too.
    @Test func howACallEndedIsTold() throws {
        let path = "/lf.a2a.v1.A2AService/GetTask"
        var client = HTTP2BodyTests.preface
        var server = HTTP2BodyTests.settings
        let head = [(":status", "200"), ("content-type", "application/grpc")]
        let ends: [(id: UInt32, status: String)] = [
            (1, "0"), (3, "5"), (5, "99"), (7, "x"), (9, "-1"),
        ]
        for (id, status) in ends {
            client += HTTP2BodyTests.head(
                id,
                [
                    (":method", "POST"), (":path", path), (":authority", "h.example"),
                    ("content-type", "application/grpc"),
                ])
            server += HTTP2BodyTests.head(id, head)
            server += HTTP2BodyTests.head(id, isEnd: true, [("grpc-status", status)])
        }
        client += HTTP2BodyTests.head(
            11,
            [(":method", "POST"), (":path", path), ("content-type", "application/grpc")])
        server += HTTP2BodyTests.head(11, isEnd: true, head + [("grpc-status", "12")])
        // Trailers of what is no gRPC say nothing.
        client += HTTP2BodyTests.post(13)
        server += HTTP2BodyTests.ok(13)
        server += HTTP2BodyTests.head(13, isEnd: true, [("grpc-status", "5")])
        var talk = Conversation()
        talk.say(.client, client)
        talk.say(.server, server, cuts: Array(1..<server.count))
        talk.close()
        let run = FlowRun(talk.frames)
        let found = run.events.compactMap { event -> String? in
            guard case .http2(let message) = event.message, let status = message.grpcStatus
            else { return nil }
            let method = message.grpc?.method ?? ""
            return "\(message.stream) \(method) \(status.name) \(message.isEnd)"
        }
        #expect(
            found == [
                "1 GetTask OK true", "3 GetTask NOT_FOUND true", "5 GetTask UNKNOWN true",
                "11 GetTask UNIMPLEMENTED false",
            ])
        #expect(run.ends[0].anomalies == 0)
    }

    /// What recorded agents tell each other on gRPC.
    @Test(
        .enabled(if: ExampleFile.isThere, "SKIPPED: ../shared is not here"),
        arguments: [
            (
                "a2a-0.3-grpc",
                [
                    "request send ", "result send completed", "request get ",
                    "result get completed", "request stream ", "result stream submitted",
                    "result stream working", "result stream ", "result stream completed",
                ]
            ),
            (
                "a2a-1.0-grpc",
                [
                    "request send ", "result send completed", "request get ",
                    "result get completed", "request stream ", "result stream submitted",
                    "result stream working", "result stream ", "result stream completed",
                ]
            ),
        ])
    func recordedCallsAreRead(_ name: String, _ expected: [String]) throws {
        var found: [A2AMessage] = []
        for connection in try ExampleFile.connections(name) {
            for event in ExampleFile.run(connection).events {
                if case .a2a(let message, _) = event.message, message.binding == .gRPC {
                    found.append(message)
                }
            }
        }
        #expect(
            found.map {
                "\($0.kind.rawValue) \($0.operation?.rawValue ?? "") \($0.state?.rawValue ?? "")"
            } == expected)
        #expect(found.allSatisfy { name.contains($0.version ?? "none") })
        // One task was sent and asked for, another was streamed.
        #expect(Set(found.compactMap(\.task)).count == 2)
    }
}
