import Support
import Testing

@testable import Wire

@Suite struct TLSTests {
    private func hello(_ frames: [[UInt8]]) -> ClientHello? {
        for event in FlowRun(frames).events {
            if case .clientHello(let hello) = event.message { return hello }
        }
        return nil
    }

    private func talk(_ bytes: [UInt8], cuts: [Int] = []) -> [[UInt8]] {
        var talk = Conversation()
        talk.say(.client, bytes, cuts: cuts)
        return talk.frames
    }

    @Test func everyFieldOfAHelloIsRead() throws {
        let found = try #require(hello(talk(HelloBytes.browser("API.OpenAI.com").records())))
        #expect(found.serverName == "api.openai.com")
        #expect(found.alpn == ["h2", "http/1.1"])
        #expect(found.version == 0x0303)
        #expect(found.supportedVersions == [0x5a5a, 0x0304, 0x0303])
        #expect(found.ja3Text == "771,4865-4866-4867-49195,0-10-11-16-13-43-51,4588-29,0")
        #expect(found.encryptedHello == nil)
    }

    /// SHA-256 of the sorted lists, worked out from the definition with other tools.
    @Test func ja4FollowsItsDefinition() throws {
        let found = try #require(hello(talk(HelloBytes.browser("a.example").records())))
        let parts = found.ja4.split(separator: "_").map(String.init)
        #expect(parts[0] == "t13d0407h2")
        #expect(parts[1] == Self.digest("1301,1302,1303,c02b"))
        #expect(parts[2] == Self.digest("000a,000b,000d,002b,0033_0403,0804"))
    }

    @Test(
        arguments: [
            (Array("http/1.1".utf8), "h1"), (Array("h3-29".utf8), "h9"), ([0xba, 0xad], "bd"),
            (Array("x".utf8), "xx"),
        ] as [([UInt8], String)])
    func ja4TakesTheFirstAndLastByteOfTheALPN(_ name: [UInt8], _ expected: String) throws {
        var bytes = HelloBytes()
        bytes.alpn([name])
        let found = try #require(hello(talk(bytes.records())))
        #expect(found.ja4.split(separator: "_")[0].suffix(2) == expected)
    }

    @Test func ja4OfAHelloWithoutExtensions() throws {
        let found = try #require(hello(talk(HelloBytes().records())))
        #expect(found.ja4 == "t12i020000_" + Self.digest("1301,1302") + "_000000000000")
        #expect(found.ja3Text == "771,4865-4866,,,")
    }

    @Test func ja4WithoutSignatureAlgorithmsHasNoUnderscore() throws {
        var bytes = HelloBytes()
        bytes.extensions.append((23, []))
        let found = try #require(hello(talk(bytes.records())))
        #expect(found.ja4.hasSuffix(Self.digest("0017")))
    }

    @Test func ja4CountsStopAtNinetyNine() throws {
        var bytes = HelloBytes()
        bytes.ciphers = (0..<120).map { 0xc000 + UInt16($0) }
        let found = try #require(hello(talk(bytes.records())))
        #expect(found.ja4.hasPrefix("t12i9900"))
    }

    private static func digest(_ text: String) -> String {
        // A second way to the same figure: the reference vectors of FIPS 180-4 guard the hash.
        String(SHA256Reference.hex(Array(text.utf8)).prefix(12))
    }

    @Test func aHelloCutAnywhereGivesTheSameEvent() {
        let bytes = HelloBytes.browser("cut.example").records()
        let whole = FlowRun(talk(bytes)).messages
        #expect(whole.count == 1)
        for cut in 1..<bytes.count {
            #expect(FlowRun(talk(bytes, cuts: [cut])).messages == whole, "cut at \(cut)")
        }
        for cut in stride(from: 3, to: bytes.count, by: 97) {
            #expect(
                FlowRun(talk(bytes, cuts: [cut, cut + 50])).messages == whole, "cuts at \(cut)")
        }
    }

    @Test(arguments: [1, 2, 5, 64, 1000])
    func aHelloOverManyRecordsIsOne(_ recordBytes: Int) {
        let hello = HelloBytes.browser("records.example")
        #expect(
            FlowRun(talk(hello.records(recordBytes: recordBytes))).messages
                == FlowRun(talk(hello.records())).messages)
    }

    @Test func everyPrefixOfAHelloIsHarmless() {
        let bytes = HelloBytes.browser("prefix.example").records()
        for length in 0..<bytes.count {
            #expect(FlowRun(talk(Array(bytes[..<length]))).messages == [])
        }
    }

    @Test func aRetryRequestLetsTheSecondHelloBeRead() {
        var talk = Conversation()
        talk.say(.client, HelloBytes.browser("first.example").records())
        var retry = HelloBytes()
        retry.extensions = [(43, [3, 4])]
        var message = retry.message(type: 2)
        let random: [UInt8] = [
            0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65,
            0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2,
            0xc8, 0xa8, 0x33, 0x9c,
        ]
        message.replaceSubrange(6..<38, with: random)
        talk.say(.server, [22, 3, 3] + Frame.octets(UInt64(message.count), 2) + message)
        talk.say(.client, HelloBytes.browser("second.example").records())
        var answer = HelloBytes()
        answer.extensions = [(43, [3, 4])]
        talk.say(.server, answer.records(type: 2))
        let messages = FlowRun(talk.frames).messages
        #expect(messages.count == 4)
        #expect(messages[2].contains("second.example"))
        #expect(messages[3].contains("selectedVersion: 772"))
    }

    @Test func helloIsFoundAfterSTARTTLS() {
        var talk = Conversation()
        talk.say(.server, Array("220 mail.example ESMTP\r\n".utf8))
        talk.say(.client, Array("EHLO x\r\n".utf8))
        talk.say(.server, Array("250-STARTTLS\r\n".utf8))
        talk.say(.client, Array("STARTTLS\r\n".utf8))
        talk.say(.server, Array("220 go on\r\n".utf8))
        talk.say(.client, HelloBytes.browser("mail.example").records())
        #expect(FlowRun(talk.frames).messages.contains { $0.contains("mail.example") })
    }

    /// What a client sends before it is answered does not hide its second hello.
    @Test(arguments: [0, 1, 5]) func aSecondHelloBehindEarlyDataIsRead(_ records: Int) {
        let early: [UInt8] = [23, 3, 3, 0, 4, 1, 2, 3, 4]
        var talk = Conversation()
        talk.say(.client, HelloBytes.browser("first.example").records())
        for _ in 0..<records { talk.say(.client, early) }
        talk.say(.server, EncryptedHelloTests.retry)
        talk.say(.client, HelloBytes.browser("second.example").records())
        let messages = FlowRun(talk.frames).messages
        #expect(messages.count == 3 && messages.last?.contains("second.example") == true)
    }

    /// An extension that lies about its inside takes nothing else along.
    @Test func aBrokenExtensionLeavesTheRest() throws {
        var bytes = HelloBytes()
        bytes.serverName("kept.example")
        bytes.extensions.append((16, [0xb8, 0x89, 1, 2]))
        bytes.list(13, [0x0403])
        let run = FlowRun(talk(bytes.records()))
        let found = try #require(hello(talk(bytes.records())))
        #expect(found.serverName == "kept.example" && found.alpn == [])
        #expect(found.ja4.hasPrefix("t12d020300_") && found.ja3Text.hasSuffix(",0-16-13,,"))
        #expect(run.tally[.shortInside] == 1)
    }

    @Test func aServersBrokenListLeavesItsHello() throws {
        var message = HelloBytes().message(type: 2)
        message += [0, 1, 0]
        message[3] += 3
        var talk = Conversation()
        talk.say(.server, [22, 3, 3] + Frame.octets(UInt64(message.count), 2) + message)
        let run = FlowRun(talk.frames)
        guard case .serverHello(let found) = run.events.first?.message else {
            Issue.record("no hello")
            return
        }
        #expect(found.ja3sText == "771,4865," && found.selectedVersion == 0x0303)
        #expect(run.tally[.shortInside] == 1)
    }

    @Test func ja4TextHoldsWhatIsHashed() throws {
        let found = try #require(hello(talk(HelloBytes.browser("a.example").records())))
        #expect(
            found.ja4Text
                == "t13d0407h2_1301,1302,1303,c02b_000a,000b,000d,002b,0033_0403,0804")
    }

    @Test func aNameWithOddBytesCannotFakeAnother() throws {
        var bytes = HelloBytes()
        bytes.serverName("api.openai.com\n")
        let found = try #require(hello(talk(bytes.records())))
        #expect(found.serverName == "api.openai.com\\x0a")
    }
}
