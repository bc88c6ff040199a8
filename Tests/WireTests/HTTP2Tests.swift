import Support
import Testing

@testable import Wire

/// HTTP/2 in the clear, and the compression of its fields.
@Suite struct HTTP2Tests {
    private static let preface = Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8)
    private static let settings = frame(4, 0, 0, [])

    private static func frame(
        _ type: UInt8, _ flags: UInt8, _ stream: UInt8, _ body: [UInt8]
    ) -> [UInt8] {
        Frame.octets(UInt64(body.count), 3) + [type, flags, 0, 0, 0, stream] + body
    }

    private static func bytes(_ hex: String) -> [UInt8] {
        var found: [UInt8] = []
        var high: UInt8?
        for digit in hex.compactMap(\.hexDigitValue) {
            if let first = high {
                found.append(first << 4 | UInt8(digit))
                high = nil
            } else {
                high = UInt8(digit)
            }
        }
        return found
    }

    /// RFC 7541 §C.4: three requests of one connection.
    private static let requests = [
        "828684418cf1e3c2e5f23a6ba0ab90f4ff", "828684be5886a8eb10649cbf",
        "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf",
    ]
    /// RFC 7541 §C.6: three answers under a table of 256 bytes.
    private static let answers = [
        "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
        "4883640effc1c0bf",
        "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
    ]

    private func messages(_ run: FlowRun) -> [HTTP2Message] {
        run.events.compactMap {
            if case .http2(let message) = $0.message { message } else { nil }
        }
    }

    private func run(_ client: [UInt8], _ server: [UInt8] = [], cuts: [Int] = []) -> FlowRun {
        var talk = Conversation()
        talk.say(.client, client, cuts: cuts)
        if !server.isEmpty { talk.say(.server, server, cuts: cuts) }
        talk.close()
        return FlowRun(talk.frames)
    }

    @Test(arguments: [[], [1], [24], [30, 40], [33, 34, 35], Array(1..<120)])
    func requestsAndAnswersMeetByTheirStream(_ cuts: [Int]) {
        var client = Self.preface + Self.settings
        var server = Self.settings + Self.frame(4, 1, 0, [])
        // The client lets the server's table have 256 bytes.
        client += Self.frame(4, 0, 0, [0, 1, 0, 0, 1, 0])
        for (index, request) in Self.requests.enumerated() {
            client += Self.frame(1, 5, UInt8(index * 2 + 1), Self.bytes(request))
        }
        for (index, answer) in Self.answers.enumerated() {
            server += Self.frame(1, 4, UInt8(index * 2 + 1), Self.bytes(answer))
            server += Self.frame(0, 1, UInt8(index * 2 + 1), [1, 2, 3])
        }
        let run = run(client, server, cuts: cuts)
        let found = messages(run)
        #expect(found.map(\.method) == ["GET", "GET", "GET"])
        #expect(found.map(\.path) == ["/", "/", "/index.html"])
        #expect(found.map(\.authority) == Array(repeating: "www.example.com", count: 3))
        #expect(found.map(\.status) == [302, 307, 200])
        #expect(run.ends[0].appProtocol == "http2" && run.ends[0].anomalies == 0)
    }

    @Test func aBlockMayGoOnInOtherFrames() {
        let block = Self.bytes(Self.requests[0])
        let padded = [2, 0, 0, 0, 0, 9] + Array(block.prefix(4)) + [0, 0]
        let client =
            Self.preface + Self.settings + Self.frame(1, 0x28, 1, padded)
            + Self.frame(9, 0, 1, Array(block[4..<5])) + Self.frame(9, 4, 1, Array(block[5...]))
        #expect(messages(run(client)).map(\.authority) == ["www.example.com"])
        // Another frame between is an error of the connection (RFC 9113 §6.10).
        let broken =
            Self.preface + Self.settings + Self.frame(1, 0, 1, Array(block.prefix(4)))
            + Self.frame(1, 4, 3, block)
        #expect(messages(run(broken)).isEmpty)
    }

    @Test func aUserBeforeAnAuthorityIsNotKept() {
        let block = [0x82, 0x84, 0x01, 14] + Array("me:secret@a.bc".utf8)
        let client = Self.preface + Self.settings + Self.frame(1, 5, 1, block)
        #expect(messages(run(client)).map(\.authority) == ["a.bc"])
    }

    @Test func callsOfGRPCAreNamed() {
        let call = HTTP2Message(
            stream: 1, method: "POST", path: "/a.v1.B/C", contentType: "application/grpc+proto")
        #expect(call.grpc?.service == "a.v1.B" && call.grpc?.method == "C")
        for path in ["/a", "/a/b/c", "a/b", "//b", "/a/"] {
            var other = call
            other.path = path
            #expect(other.grpc == nil)
        }
    }

    /// After a hole nobody knows the table: what it would say is left out, and the rest is read.
    @Test func behindAHoleOnlyTheTableIsUnknown() {
        var talk = Conversation()
        talk.say(.client, Self.preface + Self.settings)
        talk.say(.client, Self.frame(1, 5, 1, Self.bytes(Self.requests[0])))
        talk.lose(.client, 40)
        // No boundary here; then one in the middle of a segment, whose second head names a field of
        // before the hole, and its third one that came behind it.
        talk.say(.client, [UInt8](repeating: 7, count: 60))
        talk.say(
            .client,
            [UInt8](repeating: 0x41, count: 30) + Self.frame(1, 5, 5, Self.bytes("828684bf"))
                + Self.frame(1, 5, 7, Self.bytes(Self.requests[0]))
                + Self.frame(1, 5, 9, Self.bytes("828684be")))
        talk.close()
        let found = messages(FlowRun(talk.frames))
        #expect(found.map(\.stream) == [1, 5, 7, 9])
        #expect(found.map(\.path) == ["/", "/", "/", "/"])
        let host = "www.example.com"
        #expect(found.map(\.authority) == [host, nil, host, host])
    }

    @Test func aServerThatWasNotSeenFromItsBeginningIsNotRead() {
        let answer = Self.frame(1, 4, 1, Self.bytes("88"))
        let request =
            Self.preface + Self.settings + Self.frame(1, 5, 1, Self.bytes(Self.requests[0]))
        #expect(messages(run(request, answer)).map(\.status) == [nil])
        #expect(messages(run(request, Self.settings + answer)).map(\.status) == [200])
    }

    @Test(arguments: [
        // Index 0, an index beyond the table, a table larger than allowed, endless numbers.
        "80", "c6", "3fe27f", "ffffffffffffff",
        // A string beyond its block; the end's code within one; padding of zeros, and of a byte.
        "0005abc", "0084ffffffff", "008118", "0082ffff",
    ])
    func brokenBlocksAreRefused(_ block: String) {
        var fields = HPACK()
        let bytes = Self.bytes(block)
        var input = ByteReader(bytes.span, isPart: true)
        #expect(throws: ParseFailure.self) { try fields.read(&input) { _ in } }
    }

    /// Every byte's code, by the code's own reader.
    @Test func theCodeIsThatOfTheSpecification() throws {
        let known: [(String, String)] = [
            ("f1e3c2e5f23a6ba0ab90f4ff", "www.example.com"), ("a8eb10649cbf", "no-cache"),
            ("ffc7", "\u{0}"), ("6402", "302"),
            ("d07abe941054d444a8200595040b8166e082a62d1bff", "Mon, 21 Oct 2013 20:13:21 GMT"),
        ]
        for (code, text) in known {
            let bytes = Self.bytes(code)
            var input = ByteReader(bytes.span)
            #expect(try Huffman.decode(&input, bytes.count) == Array(text.utf8))
        }
    }

    @Test(arguments: 0..<200)
    func mutatedConnectionsDoNoHarm(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        var client = Self.preface + Self.settings
        for (index, request) in Self.requests.enumerated() {
            client += Self.frame(1, 5, UInt8(index * 2 + 1), Self.bytes(request))
        }
        for _ in 0..<4 {
            client[Int.random(in: 24..<client.count, using: &chance)] = .random(
                in: 0...255, using: &chance)
        }
        #expect(messages(run(client)).count <= 4, "seed \(seed)")
    }

    /// A table that is emptied and filled again stays within its bound.
    @Test func theTableIsBounded() throws {
        var fields = HPACK()
        fields.allow(1 << 30)
        let entry: [UInt8] = [0x40, 1, 97, 1, 98]
        let block = [UInt8](
            ([[0x3f, 0xe1, 0xff, 0x03]] + Array(repeating: entry, count: 9000)).joined())
        var input = ByteReader(block.span, isPart: true)
        try fields.read(&input) { _ in }
        // 65,536 bytes are 1,927 entries of 34.
        for (index, isThere) in [(62, true), (61 + 1927, true), (62 + 1927, false)] {
            let bytes = Self.indexed(index)
            var input = ByteReader(bytes.span, isPart: true)
            let isRead = (try? fields.read(&input) { _ in }) != nil
            #expect(isRead == isThere)
        }
    }

    /// A request whose path takes `bytes`, and so many more that name it by one byte.
    private static func repeated(path bytes: Int, times: Int) -> [UInt8] {
        let length = bytes - 127
        var block: [UInt8] = [0x3f, 0xe1, 0xff, 0x03, 0x82, 0x44, 0x7f]
        block += [UInt8(length & 127) | 0x80, UInt8(length >> 7)]
        block += [UInt8](repeating: 47, count: bytes)
        var client = preface + settings + frame(1, 5, 1, block)
        for number in 0..<times {
            client += frame(1, 5, UInt8(truncatingIfNeeded: 3 + 2 * number), [0x82, 0xbe])
        }
        return client
    }

    /// The server lets the client's table be large.
    private static let largeTable = frame(4, 0, 0, [0, 1, 0, 1, 0, 0])

    /// A few bytes that stand for many are not kept many times.
    @Test func requestsThatWaitAreBoundedByWhatTheySay() {
        var talk = Conversation()
        talk.say(.server, Self.largeTable)
        talk.say(.client, Self.repeated(path: 8000, times: 100))
        #expect(messages(FlowRun(talk.frames)).count == 101)
        var limits = Limits()
        limits.undissectedBytes = 30_000
        #expect(FlowRun(talk.frames, limits: limits).tally[.streamEvicted] > 0)
        limits.undissectedBytes = 200_000
        #expect(FlowRun(talk.frames, limits: limits).tally[.streamEvicted] == 0)
    }

    private static func indexed(_ index: Int) -> [UInt8] {
        guard index >= 127 else { return [0x80 | UInt8(index)] }
        var (bytes, rest) = ([0xff] as [UInt8], index - 127)
        while rest >= 128 {
            bytes.append(UInt8(rest & 127) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
