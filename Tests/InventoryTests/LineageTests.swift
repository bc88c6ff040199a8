import Codecs
import Testing

@testable import Inventory
@testable import Wire

/// Delegations that tokens and ids of A2A tell.
@Suite struct LineageTests {
    private static let (user, agent, tool) = ("10.0.1.7", "10.0.5.2:9000", "10.0.5.3:3001")
    private static let alice =
        #"{"iss":"https://as.example","sub":"alice@corp.example","azp":"front"}"#

    private func chains(_ delegation: Delegation) throws -> [Chain] {
        try inventory(of: delegation.scene.events).chains
    }

    /// Once: asked with one token, asks with another; both answered.
    private func nested(_ outer: String?, _ inner: String?) throws -> Delegation {
        var delegation = Delegation()
        let asked = try delegation.post(Self.user, Self.agent, claims: outer)
        let asking = try delegation.call("10.0.5.2", Self.tool, claims: inner)
        delegation.answer(asking)
        delegation.answer(asked)
        delegation.pass(500)
        return delegation
    }

    private static func claims(
        _ subject: String, issuer: String = "https://as.example", client: String? = nil,
        more: String = ""
    ) -> String {
        let client = client.map { #","client_id":"\#($0)""# } ?? ""
        return #"{"iss":"\#(issuer)","sub":"\#(subject)"\#(client)\#(more)}"#
    }

    // MARK: - Tokens

    @Test func anExchangedTokenNamesItsActorAndItsSubject() throws {
        let inner = Self.claims("alice@corp.example", more: #","act":{"sub":"planner"}"#)
        let found = try chains(nested(Self.alice, inner))
        #expect(paths(found) == ["7>2>3 POST /run>get"])
        #expect(found.first?.hops.last?.witnesses == [.token])
        #expect(found.first?.confidence == 0.9)
        #expect(found.first?.hops.last?.reasons.first?.contains("not verified") == true)
        let delegators = try #require(found.first?.delegators)
        #expect(delegators.map(\.issuer) == ["https://as.example"])
        #expect(delegators.map(\.label) == ["subject-1"])
        #expect(!"\(found)".contains("alice"))
    }

    @Test func actorsLieInEachOther() throws {
        var delegation = Delegation()
        let acts = [
            "", #","act":{"sub":"planner"}"#, #","act":{"sub":"store","act":{"sub":"planner"}}"#,
        ].map { Self.claims("alice@corp.example", more: $0) }
        let first = try delegation.post(Self.user, Self.agent, claims: acts[0])
        let second = try delegation.call("10.0.5.2", Self.tool, claims: acts[1])
        let third = try delegation.call("10.0.5.3", "10.0.5.4:3001", "put", claims: acts[2])
        for asked in [third, second, first] { delegation.answer(asked) }
        let found = try chains(delegation)
        #expect(paths(found) == ["7>2>3>4 POST /run>get>put"])
        #expect(found.first?.hops.map(\.witnesses) == [[], [.token], [.token]])
    }

    /// Another subject, another issuer, two actors at once, other actors below, none at all.
    @Test(arguments: [
        claims("bob@corp.example", more: #","act":{"sub":"planner"}"#),
        claims("alice@corp.example", issuer: "https://b.example", more: #","act":{"sub":"p"}"#),
        claims("alice@corp.example", more: #","act":{"sub":"p","act":{"sub":"q"}}"#),
        claims("alice@corp.example"),
    ])
    func anotherTokenIsNoWitness(_ inner: String) throws {
        #expect(try chains(nested(Self.alice, inner)).isEmpty)
        #expect(try chains(nested(nil, inner)).isEmpty)
    }

    /// The request that the token came with may be over, if the token named its actor.
    @Test(arguments: [
        (#","may_act":{"sub":"planner"}"#, true), (#","aud":"planner""#, true), ("", false),
    ])
    func whoIsNamedBeforeMayActLater(_ more: String, _ isFound: Bool) throws {
        var delegation = Delegation()
        let text = Self.claims("alice@corp.example", more: more)
        let asked = try delegation.post(Self.user, Self.agent, claims: text)
        delegation.answer(asked, status: 202)
        delegation.pass(5)
        let inner = Self.claims("alice@corp.example", more: #","act":{"sub":"planner"}"#)
        delegation.answer(try delegation.call("10.0.5.2", Self.tool, claims: inner))
        #expect(try paths(chains(delegation)) == (isFound ? ["7>2>3 POST /run>get"] : []))
    }

    /// Two requests of one person are being answered: either may have led to it.
    @Test func ofTwoThatMayBeItNoneIs() throws {
        for isExchanged in [true, false] {
            var delegation = Delegation()
            let outer = Self.alice
            let first = try delegation.post(Self.user, Self.agent, "/a", claims: outer)
            let second = try delegation.post(Self.user, Self.agent, "/b", claims: outer)
            let more = isExchanged ? #","act":{"sub":"planner"}"# : #","azp":"planner""#
            let inner = Self.claims("alice@corp.example", more: more)
            let asking = try delegation.call("10.0.5.2", Self.tool, claims: inner)
            for asked in [asking, second, first] { delegation.answer(asked) }
            delegation.pass(500)
            #expect(try chains(delegation).isEmpty)
        }
    }

    /// One subject under another client, within: an exchange that names no actor.
    @Test(arguments: [
        (claims("alice@corp.example", client: "front"), true),
        // One client is a token that a fleet may share; so is a program's own; and none tells less.
        (claims("alice@corp.example", client: "planner"), false),
        (claims("alice@corp.example"), false),
        (claims("bob@corp.example", client: "front"), false),
    ])
    func oneSubjectWithinIsAHint(_ outer: String, _ isFound: Bool) throws {
        let inner = Self.claims("alice@corp.example", client: "planner")
        let found = try chains(nested(outer, inner))
        #expect(paths(found) == (isFound ? ["7>2>3 POST /run>get"] : []))
        guard isFound else { return }
        #expect(found.first?.hops.last?.witnesses == [.subject] && found.first?.confidence == 0.8)
        // Not within, nor by a program for itself.
        var delegation = Delegation()
        let asked = try delegation.post(Self.user, Self.agent, claims: outer)
        delegation.answer(asked)
        delegation.answer(try delegation.call("10.0.5.2", Self.tool, claims: inner))
        #expect(try chains(delegation).isEmpty)
        let program = Self.claims("job", client: "job")
        #expect(try chains(nested(program, Self.claims("job", client: "b"))).isEmpty)
    }

    /// A trace id joins, and the token says in whose name; a program's own token names nobody.
    @Test func theHeadIsNamedWhateverJoins() throws {
        let trace = "0af7651916cd43dd8448eb211c80319c"
        for (claims, count) in [(Self.alice, 1), (Self.claims("job", client: "job"), 0)] {
            var delegation = Delegation()
            let asked = try delegation.post(Self.user, Self.agent, trace: trace, claims: claims)
            let asking = try delegation.call("10.0.5.2", Self.tool, trace: trace)
            delegation.answer(asking)
            delegation.answer(asked)
            let found = try chains(delegation)
            #expect(found.first?.hops.last?.witnesses == [.trace])
            #expect(found.first?.delegators.count == count)
        }
    }

    /// One person is one subject in all chains and every run; two are two.
    @Test func subjectsAreNumbered() throws {
        var delegation = Delegation()
        for (number, name) in ["a@x.example", "b@x.example", "a@x.example"].enumerated() {
            let asked = try delegation.post(
                Self.user, Self.agent, "/\(number)", claims: Self.claims(name))
            let inner = Self.claims(name, more: #","act":{"sub":"planner"}"#)
            delegation.answer(
                try delegation.call("10.0.5.2", Self.tool, "t\(number)", claims: inner))
            delegation.answer(asked)
            delegation.pass(5)
        }
        for _ in 0..<4 {
            let found = try chains(delegation)
            #expect(
                found.map { $0.delegators.map(\.label) } == [
                    ["subject-1"], ["subject-2"], ["subject-1"],
                ])
        }
    }

    // MARK: - A2A

    private static let context = "context-0123456789"

    @Test func oneContextIsEnough() throws {
        for (inner, isFound) in [(Self.context, true), ("context-9876543210", false)] {
            var delegation = Delegation()
            let asked = try delegation.send(Self.user, Self.agent, [Self.context])
            delegation.answer(asked)
            let asking = try delegation.send("10.0.5.2", "10.0.5.3:9000", [inner])
            delegation.answer(asking)
            let found = try chains(delegation)
            #expect(paths(found) == (isFound ? ["7>2>3 SendMessage>SendMessage"] : []))
            guard isFound else { continue }
            #expect(found.first?.hops.last?.witnesses == [.context])
            #expect(found.first?.confidence == 0.95)
        }
    }

    /// Another host that takes part in the conversation was not asked in this one.
    @Test func aContextOfOthersIsNoWitness() throws {
        var delegation = Delegation()
        let asked = try delegation.send(Self.user, "10.0.5.9:9000", [Self.context])
        let asking = try delegation.send("10.0.5.2", "10.0.5.3:9000", [Self.context])
        delegation.answer(asking)
        delegation.answer(asked)
        // Nor does what comes later lead to what was before.
        let early = try delegation.send("10.0.6.2", "10.0.6.3:9000", ["context-of-the-other"])
        let late = try delegation.send(Self.user, "10.0.6.2:9000", ["context-of-the-other"])
        delegation.answer(early)
        delegation.answer(late)
        #expect(try chains(delegation).isEmpty)
    }

    /// The server makes the task and names it in its answer, whole or as a stream.
    @Test func theTaskOfAnAnswerIsReferredTo() throws {
        let task = "task-0123456789ab"
        for isStream in [false, true] {
            var delegation = Delegation()
            let asked = try delegation.send(
                Self.user, Self.agent, [], operation: isStream ? .stream : .send)
            if isStream {
                delegation.scene.respond(
                    200, asked.flow, asked.request, contentType: "text/event-stream")
                var message = A2AMessage(kind: .result, binding: .jsonRPC)
                message.bonds = [Pseudonym(of: task)]
                delegation.scene.say(
                    .a2a(message, delegation.scene.carrier(asked.request, isAnswer: true)),
                    asked.flow, .server)
            } else {
                delegation.answer(asked, naming: [task])
            }
            let asking = try delegation.send("10.0.5.2", "10.0.5.3:9000", [task])
            delegation.answer(asking)
            let name = isStream ? "SendStreamingMessage" : "SendMessage"
            #expect(try paths(chains(delegation)) == ["7>2>3 \(name)>SendMessage"])
        }
    }

    /// A conversation of many messages is remembered by its latest, and bounded.
    @Test func longConversationsAreFollowed() throws {
        var delegation = Delegation()
        for _ in 0..<40 {
            let asked = try delegation.send(Self.user, Self.agent, [Self.context])
            let asking = try delegation.send("10.0.5.2", "10.0.5.3:9000", [Self.context])
            delegation.answer(asking)
            delegation.answer(asked)
            delegation.pass(60)
        }
        let found = try chains(delegation)
        #expect(paths(found) == ["7>2>3 SendMessage>SendMessage"])
        #expect(found.first?.hops.last?.count == 40)
    }

    @Test func bearersOfOneMarkAreBounded() throws {
        var bearers = Bearers()
        for number in 0..<100 {
            let open = Exchanges.Open(
                operation: Operation(
                    endpoint: try endpoint("10.0.5.2:\(number + 1)"), kind: .a2a, what: "x"),
                client: try address("10.0.1.7"), asker: .init(high: 0, low: 1),
                server: .init(high: 0, low: 2), start: second(0), trace: nil, caller: "")
            bearers.note(7, .init(flow: UInt64(number), ordinal: 1), open)
        }
        #expect(bearers[7].count == 16 && bearers.dropped == 84)
    }
}
