import Support
import Testing

@testable import Wire

/// The name beside encrypted_client_hello, and what can be known of it.
@Suite struct EncryptedHelloTests {
    private static func outer(key: Int = 32, payload: UInt8 = 1) -> [UInt8] {
        [0, 0, 1, 0, 1, 77] + Frame.octets(UInt64(key), 2) + [UInt8](repeating: 5, count: key)
            + Frame.octets(144, 2) + [UInt8](repeating: payload, count: 144)
    }

    private static func hello(_ name: String, _ body: [UInt8]) -> [UInt8] {
        var hello = HelloBytes.browser(name)
        hello.extensions.append((0xfe0d, body))
        return hello.records()
    }

    static let retry: [UInt8] = {
        var retry = HelloBytes()
        retry.extensions = [(43, [3, 4])]
        var message = retry.message(type: 2)
        message.replaceSubrange(
            6..<38,
            with: [
                0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11, 0xbe, 0x1d, 0x8c, 0x02, 0x1e, 0x65,
                0xb8, 0x91, 0xc2, 0xa2, 0x11, 0x16, 0x7a, 0xbb, 0x8c, 0x5e, 0x07, 0x9e, 0x09, 0xe2,
                0xc8, 0xa8, 0x33, 0x9c,
            ])
        return [22, 3, 3] + Frame.octets(UInt64(message.count), 2) + message
    }()

    /// Of each hello of one connection, with a retry between them.
    private func kinds(_ hellos: [[UInt8]]) -> [EncryptedHello.Kind?] {
        var talk = Conversation()
        for (number, hello) in hellos.enumerated() {
            if number > 0 { talk.say(.server, EncryptedHelloTests.retry) }
            talk.say(.client, hello)
        }
        return FlowRun(talk.frames).events.compactMap {
            if case .clientHello(let hello) = $0.message { hello.encryptedHello?.kind } else { nil }
        }
    }

    @Test func aHelloAloneDoesNotTell() {
        let body = EncryptedHelloTests.outer()
        #expect(kinds([EncryptedHelloTests.hello("a.example", body)]) == [.unknown])
    }

    @Test func aProvidersOuterNameTells() {
        let body = EncryptedHelloTests.outer()
        #expect(kinds([EncryptedHelloTests.hello("cloudflare-ech.com", body)]) == [.real])
    }

    @Test func theInnerHelloSaysSo() {
        #expect(kinds([EncryptedHelloTests.hello("a.example", [1])]) == [.inner])
    }

    /// RFC 9849 §6.2: grease is repeated as it was.
    @Test func aSecondHelloTellsGreaseFromTheRest() {
        let hello = EncryptedHelloTests.hello("a.example", EncryptedHelloTests.outer())
        #expect(kinds([hello, hello]) == [.unknown, .grease])
        let real = EncryptedHelloTests.hello(
            "a.example", EncryptedHelloTests.outer(key: 0, payload: 2))
        #expect(kinds([hello, real]) == [.unknown, .real])
        let other = EncryptedHelloTests.hello(
            "a.example", EncryptedHelloTests.outer(payload: 3))
        #expect(kinds([hello, other]) == [.unknown, .unknown])
    }

    @Test func anExtensionThatIsNoneLeavesTheHello() {
        let run = { (body: [UInt8]) in
            var talk = Conversation()
            talk.say(.client, EncryptedHelloTests.hello("a.example", body))
            return FlowRun(talk.frames)
        }
        for body in [[], [0, 1], [0, 0, 1, 0, 1, 7, 0xff, 0xff]] as [[UInt8]] {
            let found = run(body)
            #expect(found.messages.count == 1 && found.tally[.shortInside] == 1)
        }
    }
}
