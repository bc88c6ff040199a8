import Support
import Testing

@testable import Wire

/// DNS over TCP, service records, and what hosts tell their neighbors.
@Suite struct NamesOnTheWireTests {
    private static func name(_ text: String) -> [UInt8] {
        text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }

    private static func header(_ flags: UInt16, _ counts: [UInt8]) -> [UInt8] {
        [0, 7] + Frame.octets(UInt64(flags), 2) + counts.flatMap { [0, $0] }
    }

    private static func query(_ text: String, _ type: UInt16 = 1) -> [UInt8] {
        header(0x0100, [1, 0, 0, 0]) + name(text) + Frame.octets(UInt64(type), 2) + [0, 1]
    }

    private static func record(_ text: String, _ type: UInt16, _ data: [UInt8]) -> [UInt8] {
        name(text) + Frame.octets(UInt64(type), 2) + [0, 1, 0, 0, 0, 60]
            + Frame.octets(UInt64(data.count), 2) + data
    }

    private static func framed(_ message: [UInt8]) -> [UInt8] {
        Frame.octets(UInt64(message.count), 2) + message
    }

    private func names(_ run: FlowRun) -> [String] {
        run.events.compactMap {
            if case .dns(let message) = $0.message { message.questions.first?.name } else { nil }
        }
    }

    // MARK: - TCP

    @Test(arguments: 1..<70)
    func messagesOfAStreamAreReadHoweverItIsCut(_ cut: Int) {
        var talk = Conversation()
        talk.serverPort = 53
        talk.say(
            .client, Self.framed(Self.query("a.example")) + Self.framed(Self.query("b.example")),
            cuts: [cut])
        talk.say(.server, Self.framed(Self.header(0x8180, [1, 0, 0, 0]) + [1, 97, 0, 0, 1, 0, 1]))
        talk.close()
        let run = FlowRun(talk.frames)
        #expect(names(run) == ["a.example", "b.example", "a"])
        #expect(run.ends[0].appProtocol == "dns" && run.ends[0].anomalies == 0)
    }

    @Test func behindAHoleTheNextMessageIsFound() {
        var talk = Conversation()
        talk.serverPort = 53
        talk.say(.client, Self.framed(Self.query("a.example")))
        talk.say(.client, Array(Self.framed(Self.query("b.example")).prefix(12)))
        talk.lose(.client, 200)
        talk.say(.client, Self.framed(Self.query("c.example")))
        talk.close()
        #expect(names(FlowRun(talk.frames)) == ["a.example", "c.example"])
    }

    @Test(arguments: [[0, 5, 1, 2, 3, 4, 5], [0, 200] + Array("hello, world, text".utf8)])
    func otherBytesOnThePortAreNoDNS(_ bytes: [UInt8]) {
        var talk = Conversation()
        talk.serverPort = 53
        talk.say(.client, bytes)
        talk.close()
        #expect(FlowRun(talk.frames).ends[0].appProtocol == nil)
    }

    @Test func anUnknownOperationMustAskOneQuestion() {
        let query = Self.query("a.example")
        var (odd, full) = (query, query)
        odd[2] = 0x78
        full[2] = 0x78
        full[7] = 1
        let frames = [odd, full].enumerated().map { index, bytes in
            Frame.ethernet().ipv4(
                "10.0.0.1", "10.0.0.2", next: 17, Frame.udp(5000 + UInt16(index), 53, bytes)
            ).bytes
        }
        #expect(names(FlowRun(frames)) == ["a.example"])
    }

    // MARK: - Records

    @Test func serviceRecordsAreRead() throws {
        let parameters: [UInt8] =
            [0, 1, 0, 6, 2, 104, 50, 2, 104, 51, 0, 3, 0, 2, 1, 187]
            + [0, 4, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8, 0, 5, 0, 3, 9, 9, 9]
            + [0, 6, 0, 16] + [0x20, 1, 0xd, 0xb8] + [UInt8](repeating: 0, count: 11) + [1]
        let data = [0, 1] + Self.name("svc.example") + parameters
        let bytes =
            Self.header(0x8180, [1, 1, 0, 0]) + Self.name("a") + [0, 65, 0, 1]
            + Self.record("a", 65, data)
        let answer = try #require(try DNSMessage(parsing: bytes).answers.first)
        guard case .service(let service) = answer.value else {
            Issue.record("no service")
            return
        }
        #expect(
            service.description
                == "1 svc.example alpn=h2,h3 ipv4hint=1.2.3.4,5.6.7.8 ech ipv6hint=2001:db8::1")
        // A record that is longer than itself says nothing, and the question stands.
        for count in 0..<data.count {
            var cut = bytes
            cut.removeLast(data.count - count)
            cut[27] = UInt8(count)
            let found = try DNSMessage(parsing: cut)
            #expect(found.questions.count == 1 && found.answers.count <= 1)
        }
    }

    @Test func aliasesAreFollowedInTheirOrder() throws {
        let chain = [("a", "b"), ("x", "y"), ("B", "c")].flatMap {
            Self.record($0, 5, Self.name($1))
        }
        let message = try DNSMessage(
            parsing: Self.header(0x8180, [1, 3, 0, 0]) + Self.name("A") + [0, 1, 0, 1] + chain)
        #expect(message.aliases(of: "A") == ["b", "c"])
        #expect(message.aliases(of: "x") == ["y"])
        #expect(message.aliases(of: "c").isEmpty)
    }

    // MARK: - Neighbors

    private func local(_ port: UInt16, _ bytes: [UInt8]) -> [LocalNames] {
        let frame = Frame.ethernet().ipv4(
            "10.0.0.1", "10.0.0.2", next: 17, Frame.udp(port, port, bytes)
        ).bytes
        return FlowRun([frame]).events.compactMap {
            if case .localNames(let names) = $0.message { names } else { nil }
        }
    }

    @Test func eachPortHasItsOwnNames() throws {
        let answer =
            Self.header(0x8400, [0, 1, 0, 1]) + Self.record("_a._tcp.local", 12, [1, 98, 0])
            + Self.record("pc.local", 1, [10, 0, 0, 1])
        let found = try #require(local(5353, answer).first)
        #expect(found.way == .mdns && found.message.answers.map(\.name).last == "pc.local")
        #expect(local(5355, Self.query("pc")).map(\.way) == [.llmnr])
        #expect(local(5354, answer).isEmpty && local(53, answer).isEmpty)
        #expect(local(5353, Array("HTTP/1.1 200 OK\r\n\r\n".utf8)).isEmpty)
    }

    @Test func namesOfNetBIOSAreDecoded() throws {
        let encoded = "EBEDEDEPFFEOFEFDCACACACACACACAAA"
        let registration =
            Self.header(0x2910, [1, 0, 0, 1]) + Self.name(encoded) + [0, 32, 0, 1, 0xc0, 12]
            + [0, 32, 0, 1, 0, 0, 0, 9, 0, 6, 0, 0, 10, 0, 0, 1]
        let message = try #require(local(137, registration).first?.message)
        #expect(message.questions.map(\.name) == ["ACCOUNTS<00>"])
        #expect(message.answers.map(\.value) == [.address(try #require(IPAddress("10.0.0.1")))])
        var group = registration
        group[group.count - 6] = 0x80
        #expect(local(137, group).first?.message.answers.map(\.value) == [.other])
        for name in ["EBED", "aaaa", "EBEDEDEPFFEOFEFDCACACACACACACAA!", ""] {
            #expect(NBNSDissector.decoded(name) == name)
        }
    }
}
