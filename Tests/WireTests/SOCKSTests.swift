import Support
import Testing

@testable import Wire

/// A proxy is asked for a name, and the flow then speaks what goes there.
@Suite struct SOCKSTests {
    private static let name = Array("API.OpenAI.com".utf8)
    private static let inner = HelloBytes.browser("inner.example").records()
    private static let request =
        [5, 1, 0, 3, UInt8(name.count)] + name + [UInt8(443 >> 8), UInt8(443 & 255)]
    private static let consent: [UInt8] = [5, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    static let plain: [(Side, [UInt8])] = [
        (.client, [5, 1, 0]), (.server, [5, 0]), (.client, request), (.server, consent),
        (.client, inner),
    ]
    static let withPassword: [(Side, [UInt8])] = [
        (.client, [5, 2, 0, 2]), (.server, [5, 2]),
        (.client, [1, 4] + Array("user".utf8) + [6] + Array("secret".utf8)), (.server, [1, 0]),
        (.client, request), (.server, consent), (.client, inner),
    ]
    static let version4a: [(Side, [UInt8])] = [
        (.client, [4, 1, 1, 0xbb, 0, 0, 0, 1] + Array("user\0".utf8) + name + [0]),
        (.server, [0, 0x5a, 0, 0, 0, 0, 0, 0]), (.client, inner),
    ]

    private func messages(
        _ turns: [(Side, [UInt8])], cut: (turn: Int, at: Int)? = nil
    ) -> [Message] {
        var talk = Conversation()
        for (turn, (side, bytes)) in turns.enumerated() {
            talk.say(side, bytes, cuts: cut?.turn == turn ? [cut?.at ?? 0] : [])
        }
        return FlowRun(talk.frames).events.map(\.message)
    }

    /// The name asked for, and the one inside.
    private func names(
        _ turns: [(Side, [UInt8])], cut: (turn: Int, at: Int)? = nil
    ) -> [String] {
        messages(turns, cut: cut).compactMap {
            switch $0 {
            case .socks(let request): "\(request.host):\(request.port)"
            case .clientHello(let hello): hello.serverName
            default: nil
            }
        }
    }

    @Test(arguments: [plain, withPassword, version4a])
    func bothNamesAreKept(_ turns: [(Side, [UInt8])]) {
        #expect(names(turns) == ["api.openai.com:443", "inner.example"])
    }

    @Test(arguments: [plain, withPassword, version4a])
    func aTurnCutAnywhereChangesNothing(_ turns: [(Side, [UInt8])]) {
        for (turn, (_, bytes)) in turns.enumerated() {
            for cut in stride(from: 1, to: bytes.count, by: bytes.count > 200 ? 61 : 1) {
                #expect(
                    names(turns, cut: (turn, cut)) == ["api.openai.com:443", "inner.example"],
                    "turn \(turn) at \(cut)")
            }
        }
    }

    @Test func whoAsksIsNotKept() {
        for message in messages(SOCKSTests.withPassword) {
            #expect(!"\(message)".contains("secret") && !"\(message)".contains("user"))
        }
    }

    @Test(
        arguments: [
            ([1, 192, 0, 2, 7], "192.0.2.7"),
            ([4, 0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 9], "2001:db8::9"),
        ] as [([UInt8], String)])
    func anAddressIsOne(_ address: [UInt8], _ text: String) {
        let found = messages([
            (.client, [5, 1, 0]), (.server, [5, 0]), (.client, [5, 1, 0] + address + [0, 80]),
        ])
        guard case .socks(let request) = found.first else {
            Issue.record("no request")
            return
        }
        #expect(request.host == text && request.isAddress && request.port == 80)
        #expect(request.command == .connect && request.version == 5)
    }

    @Test func aClientInAHurryIsRead() {
        let turns: [(Side, [UInt8])] = [
            (.client, [5, 1, 0] + SOCKSTests.request + SOCKSTests.inner),
            (.server, [5, 0] + SOCKSTests.consent),
        ]
        #expect(names(turns) == ["api.openai.com:443", "inner.example"])
    }

    @Test func halfAMirrorIsRead() {
        let turns: [(Side, [UInt8])] = [
            (.client, [5, 1, 0]), (.client, SOCKSTests.request), (.client, SOCKSTests.inner),
        ]
        #expect(names(turns) == ["api.openai.com:443", "inner.example"])
    }

    @Test func aRefusalEndsIt() {
        var turns = SOCKSTests.plain
        turns[3].1[1] = 5
        #expect(names(turns) == ["api.openai.com:443"])
    }

    @Test(
        arguments: [
            [5, 1, 0, 9, 1, 2, 3, 4, 0, 80], [5, 9, 0, 1, 1, 2, 3, 4, 0, 80],
        ] as [[UInt8]]) func aRequestThatIsNoneIsAnAnomaly(_ request: [UInt8])
    {
        var talk = Conversation()
        talk.say(.client, [5, 1, 0])
        talk.say(.server, [5, 0])
        talk.say(.client, request)
        let run = FlowRun(talk.frames)
        #expect(run.messages == [] && run.tally[.badSOCKS] == 1)
    }

    @Test func damagedTalksAreHarmless() {
        let seed: UInt64 = 5
        var chance = Chance(seed: seed)
        for round in 0..<2000 {
            var talk = Conversation()
            for (side, bytes) in SOCKSTests.withPassword.prefix(6) {
                var bytes = bytes
                let at = Int.random(in: 0..<bytes.count, using: &chance)
                if Int.random(in: 0..<3, using: &chance) == 0 {
                    bytes[at] = UInt8.random(in: 0...255, using: &chance)
                }
                talk.say(side, bytes, cuts: [at])
            }
            #expect(FlowRun(talk.frames).heldBytes == 0, "seed \(seed), round \(round)")
        }
    }
}
