import Support
import Testing

@testable import Wire

/// Protocols that begin without TLS, and change to it on the way.
@Suite struct UpgradeTests {
    struct Dialog: Sendable, CustomTestStringConvertible {
        var name: String
        var port: UInt16 = 8000
        var turns: [(Side, [UInt8])]
        var testDescription: String { name }

        init(_ name: String, port: UInt16 = 8000, _ turns: [(Side, String)]) {
            self.name = name
            self.port = port
            self.turns = turns.map { ($0.0, Array($0.1.utf8)) }
        }

        init(_ name: String, bytes turns: [(Side, [UInt8])]) {
            self.name = name
            self.turns = turns
        }
    }

    private static let ldapName = Array("1.3.6.1.4.1.1466.20037".utf8)
    static let dialogs = [
        Dialog(
            "smtp",
            [
                (.server, "220 mail.example ESMTP\r\n"), (.client, "EHLO a.example\r\n"),
                (.server, "250-mail.example\r\n250-SIZE 1000\r\n250 STARTTLS\r\n"),
                (.client, "STARTTLS\r\n"), (.server, "220 go on\r\n"),
            ]),
        Dialog(
            "imap",
            [
                (.server, "* OK ready\r\n"), (.client, "a1 CAPABILITY\r\n"),
                (.server, "* CAPABILITY IMAP4rev1 STARTTLS\r\na1 OK done\r\n"),
                (.client, "a2 STARTTLS\r\n"), (.server, "a2 OK begin\r\n"),
            ]),
        Dialog(
            "pop3",
            [
                (.server, "+OK ready\r\n"), (.client, "STLS\r\n"), (.server, "+OK begin\r\n"),
            ]),
        Dialog(
            "ftp", port: 21,
            [
                (.server, "220 ready\r\n"), (.client, "AUTH TLS\r\n"), (.server, "234 begin\r\n"),
            ]),
        Dialog(
            "ldap",
            bytes: [
                (.client, [0x30, 29, 2, 1, 1, 0x77, 24, 0x80, 22] + ldapName),
                (.server, [0x30, 12, 2, 1, 1, 0x78, 7, 10, 1, 0, 4, 0, 4, 0]),
            ]),
        Dialog(
            "postgresql",
            bytes: [
                (.client, [0, 0, 0, 8, 4, 0xd2, 0x16, 0x30]), (.server, Array("N".utf8)),
                (.client, [0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f]), (.server, Array("S".utf8)),
            ]),
        Dialog(
            "mysql",
            bytes: [
                (
                    .server,
                    [70, 0, 0, 0, 10] + Array("8.0.36".utf8) + [UInt8](repeating: 0, count: 63)
                ),
                (.client, [32, 0, 0, 1, 0x85, 0xae] + [UInt8](repeating: 0, count: 30)),
            ]),
    ]

    private func talk(_ dialog: Dialog, cut: (turn: Int, at: Int)? = nil) -> Conversation {
        var talk = Conversation()
        talk.serverPort = dialog.port
        let hello = HelloBytes.browser("up.example").records()
        let answer = HelloBytes().records(type: 2)
        for (turn, (side, bytes)) in (dialog.turns + [(.client, hello), (.server, answer)])
            .enumerated()
        {
            talk.say(side, bytes, cuts: cut?.turn == turn ? [cut?.at ?? 0] : [])
        }
        return talk
    }

    @Test(arguments: dialogs) func theHelloBehindItIsRead(_ dialog: Dialog) {
        let run = FlowRun(talk(dialog).frames)
        #expect(run.messages.count == 2)
        #expect(run.messages.first?.contains("up.example") == true)
        #expect(run.tally[.hole] == 0 && run.ends.first?.anomalies == 0)
        #expect(run.ends.first?.appProtocol == "tls")
        #expect(run.ends.first?.carrierProtocol == dialog.name)
    }

    @Test(arguments: dialogs) func aTurnCutAnywhereChangesNothing(_ dialog: Dialog) {
        let whole = FlowRun(talk(dialog).frames).messages
        for (turn, (_, bytes)) in dialog.turns.enumerated() {
            for cut in 1..<max(2, bytes.count) {
                #expect(
                    FlowRun(talk(dialog, cut: (turn, cut)).frames).messages == whole,
                    "turn \(turn) at \(cut)")
            }
        }
    }

    /// A client may send its hello with its request, where both were sent again as one segment.
    @Test(arguments: dialogs.prefix(4)) func requestAndHelloInOneSegment(_ dialog: Dialog) {
        var talk = Conversation()
        talk.serverPort = dialog.port
        for (side, bytes) in dialog.turns.dropLast(2) { talk.say(side, bytes) }
        let request = dialog.turns[dialog.turns.count - 2].1
        let consent = dialog.turns[dialog.turns.count - 1].1
        talk.say(.client, request + HelloBytes.browser("up.example").records())
        talk.say(.server, consent + HelloBytes().records(type: 2))
        #expect(FlowRun(talk.frames).messages.first?.contains("up.example") == true)
    }

    @Test func aLongTalkBeforeItIsFollowed() {
        var talk = Conversation()
        talk.say(.server, Array("220 mail.example\r\n".utf8))
        talk.say(.client, Array("EHLO a.example\r\n".utf8))
        for _ in 0..<40 {
            talk.say(.client, Array("NOOP\r\n".utf8))
            talk.say(.server, Array("250 OK\r\n".utf8))
        }
        talk.say(.client, Array("STARTTLS\r\n".utf8))
        talk.say(.server, Array("220 go on\r\n".utf8))
        talk.say(.client, HelloBytes.browser("late.example").records())
        #expect(FlowRun(talk.frames).messages.contains { $0.contains("late.example") })
    }

    /// What a mail's author writes into it is no handshake of the flow.
    @Test func aMailCannotFakeAHello() {
        var talk = Conversation()
        talk.say(.server, Array("220 mail.example\r\n".utf8))
        talk.say(.client, Array("EHLO a.example\r\n".utf8))
        talk.say(.server, Array("250 OK\r\n".utf8))
        talk.say(.client, Array("MAIL FROM:<a@a.example>\r\nDATA\r\n".utf8))
        talk.say(.server, Array("354 go on\r\n".utf8))
        talk.say(.client, HelloBytes.browser("fake.example").records())
        #expect(FlowRun(talk.frames).messages == [])
    }

    @Test func aLostConsentHidesNothing() {
        var talk = Conversation()
        talk.say(.server, Array("220 mail.example\r\n".utf8))
        talk.say(.client, Array("EHLO a.example\r\n".utf8))
        talk.say(.client, Array("STARTTLS\r\n".utf8))
        talk.lose(.server, 11)
        talk.say(.client, HelloBytes.browser("lost.example").records())
        talk.say(.server, HelloBytes().records(type: 2))
        #expect(FlowRun(talk.frames).messages.first?.contains("lost.example") == true)
    }

    /// Redis and NATS say `+OK` as well, and are no mail servers.
    @Test func anOKAloneIsNoMailServer() {
        var talk = Conversation()
        talk.say(.client, Array("*1\r\n$4\r\nPING\r\n".utf8))
        talk.say(.server, Array("+OK\r\n".utf8))
        #expect(FlowRun(talk.frames).ends.first?.appProtocol == nil)
    }
}
