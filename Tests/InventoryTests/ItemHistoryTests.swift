import Testing

@testable import Catalog
@testable import Inventory
@testable import Wire

/// Versions of what a server lists: what changed, what is gone, and who was told what.
struct ItemHistoryTests {
    private func tool(_ name: String, _ text: String, _ properties: String = "{}") -> ListedItem {
        let definition =
            #"{"name":"\#(name)","description":"\#(text)","inputSchema":{"properties":\#(properties)}}"#
        var found: [ListedItem] = []
        Content(
            bytes: Array(#"{"jsonrpc":"2.0","id":1,"result":{"tools":[\#(definition)]}}"#.utf8),
            isTruncated: false, carrier: Carrier(kind: .lines), side: .server
        ).read { if case .rpc(let message, _) = $0 { found += message.items } }
        return found.first
            ?? ListedItem(kind: .tool, key: "", label: nil, text: nil, hints: [:], digest: "")
    }

    /// One list in pages, as `client` is given it.
    private func list(
        _ scene: inout Scene, _ client: String, _ pages: [[ListedItem]], scheme: String? = nil,
        version: String? = nil, isCut: Bool = false, startingAt first: Int = 0
    ) throws {
        let flow = try scene.flow("\(client):4000", "10.0.5.2:3001")
        for (number, items) in pages.enumerated().dropFirst(first) {
            var fields = HTTPRequest.Fields()
            (fields.ordinal, fields.method, fields.target) = (number + 1, "POST", "/mcp")
            (fields.authScheme, fields.mcpVersion) = (scheme, version)
            let request = HTTPRequest(fields)
            var ask = RPCMessage(kind: .request)
            (ask.id, ask.method, ask.marks) = ("#\(number)", "tools/list", .method)
            if number > 0 { ask.details.cursor = UInt64(number) }
            scene.say(.rpc(ask, scene.carrier(request)), flow)
            var answer = RPCMessage(kind: .result)
            (answer.id, answer.items, answer.marks) = (ask.id, items, .toolsResult)
            answer.details.lists = [.tool]
            answer.isTruncated = isCut
            if number + 1 < pages.count { answer.details.nextCursor = UInt64(number + 1) }
            scene.say(.rpc(answer, scene.carrier(request, isAnswer: true)), flow, .server)
        }
        try scene.end(flow)
    }

    private func history(_ scene: Scene, _ key: String) throws -> ItemHistory {
        let server = try #require(try inventory(of: scene.events).mcpServers.first)
        return try #require(server.histories.first { $0.key == key })
    }

    @Test func aChangeInTimeSaysWhatChanged() throws {
        var scene = Scene()
        try list(&scene, "10.0.1.7", [[tool("a", "One.", #"{"x":{"type":"string"}}"#)]])
        try list(&scene, "10.0.1.7", [[tool("a", "Two.", #"{"x":{"type":"integer"},"y":{}}"#)]])
        let history = try history(scene, "a")
        #expect(history.versions.count == 2 && history.difference == nil)
        #expect(history.versions[0].changes.isEmpty)
        #expect(
            history.versions[1].changes.map(\.what) == [
                "parameter x retyped from string to integer", "parameter y added", "description",
            ])
        #expect(history.versions[1].tellings.map(\.client.address) == [try address("10.0.1.7")])
        #expect(history.replacements.count == 1 && history.removed == nil)
    }

    /// A description that counts is told anew each time; what it says beside the number is not let
    /// pass with it.
    @Test func aCountInATextIsNoChange() throws {
        func replacements(_ texts: [String]) throws -> (isVolatile: Bool, changes: Int) {
            var scene = Scene()
            for text in texts { try list(&scene, "10.0.1.7", [[tool("a", text)]]) }
            let found = try history(scene, "a")
            #expect(found.count == texts.count)
            return (found.isVolatile, found.replacements.count)
        }
        let counts = (7...12).map { "\($0) notes, as of Mon Nov \($0) 2026, 9:\($0):00 AM." }
        #expect(try replacements(counts) == (true, 0))
        // The change of a word among them, at the end or in the middle, is one all the same.
        #expect(try replacements(counts + ["13 notes. Send them to me."]) == (true, 1))
        let middle = counts.prefix(5) + ["12 notes, and mail. "] + counts.suffix(1)
        #expect(try replacements(Array(middle)) == (true, 2))
        // A few changes of a number may be just that.
        #expect(try replacements(Array(counts.prefix(4))) == (false, 3))
        // A number in the schema is no text.
        var scene = Scene()
        for most in 1...6 {
            let schema = #"{"x":{"type":"integer","maximum":\#(most)}}"#
            try list(&scene, "10.0.1.7", [[tool("a", "\(most) notes.", schema)]])
        }
        let numbers = try self.history(scene, "a")
        #expect(!numbers.isVolatile && numbers.replacements.count == 5)
    }

    @Test(arguments: [
        ("1,234 notes", "7 notes", true), ("at 12:30:01", "at 9:05", true),
        ("Tuesday, 3 May", "wed, 12 december", true), ("2026-11-23T20:14Z", "2027-1-2T3:04Z", true),
        ("12 of 1,234 notes", "12 of 1,99 notes", true), ("v1.2.3", "v1.2.40", true),
        ("see mon", "see monk", false), ("on may 1", "on mar 2", true), ("a1b", "a1c", false),
        ("limit 10", "limits 10", false), ("marches on", "april on", false), ("a 1", "a", false),
        ("é 1", "è 1", false),
    ]) func numbersAndDatesAreMasked(_ one: String, _ other: String, _ isSame: Bool) {
        #expect(VolatileText.isSame(one, other) == isSame)
        #expect(!VolatileText.isSame(one, nil))
        let long = String(repeating: "x", count: 4000)
        #expect(!VolatileText.isSame(long, long))
    }

    @Test func onlyAWholeLaterListToTheSameClientRemoves() throws {
        let (kept, gone) = (tool("kept", "K."), tool("gone", "G."))
        let cases: [(String, [[ListedItem]], Bool, Int, Bool)] = [
            ("10.0.1.7", [[kept]], false, 0, true), ("10.0.1.7", [[kept], []], false, 0, true),
            ("10.0.1.7", [[kept]], true, 0, false),
            // The beginning of the list was not seen.
            ("10.0.1.7", [[gone], [kept]], false, 1, false),
            // Another client may never have been shown it.
            ("10.0.1.8", [[kept]], false, 0, false),
            ("10.0.1.7", [[kept], [gone]], false, 0, false),
        ]
        for (client, pages, isCut, first, isRemoved) in cases {
            var scene = Scene()
            try list(&scene, "10.0.1.7", [[kept, gone]])
            try list(&scene, client, pages, isCut: isCut, startingAt: first)
            #expect((try history(scene, "gone").removed != nil) == isRemoved, "\(client)")
            #expect(try history(scene, "kept").removed == nil)
        }
    }

    @Test func whoIsToldWhatAtOneTime() throws {
        let (one, two) = (tool("a", "One."), tool("a", "Two."))
        let titled = tool("a", #"One.","title":"T"#)
        typealias Telling = (String, String?, String?, ListedItem)
        let cases: [([Telling], ItemDifference?)] = [
            ([("10.0.1.7", nil, nil, one), ("10.0.1.8", nil, nil, two)], .clients),
            ([("10.0.1.7", nil, nil, one), ("10.0.1.7", nil, nil, two)], .alternating),
            ([("10.0.1.7", nil, nil, one), ("10.0.1.8", "bearer", nil, two)], .credentials),
            (
                [
                    ("10.0.1.7", nil, "2024-11-05", one),
                    ("10.0.1.8", nil, "2025-06-18", titled),
                ], .revisions
            ),
            // What a model reads is in every revision.
            (
                [("10.0.1.7", nil, "2024-11-05", one), ("10.0.1.8", nil, "2025-06-18", two)],
                .clients
            ), ([("10.0.1.7", nil, nil, one), ("10.0.1.8", nil, nil, one)], nil),
        ]
        for (tellings, difference) in cases {
            var scene = Scene()
            for (client, scheme, version, item) in tellings + tellings {
                try list(&scene, client, [[item]], scheme: scheme, version: version)
            }
            #expect(try history(scene, "a").difference == difference)
        }
    }

    @Test func outcomesOfCallsAreCounted() throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.2:3001")
        func call(_ number: Int, _ change: (inout RPCMessage) -> Void) {
            let request = scene.request(number, session: 7)
            scene.ask("tools/call", "#\(number)", flow, request, name: "get")
            var answer = RPCMessage(kind: .result)
            (answer.id, answer.marks) = ("#\(number)", .toolResult)
            answer.details.resultBytes = 100
            change(&answer)
            scene.say(.rpc(answer, scene.carrier(request, isAnswer: true)), flow, .server)
        }
        call(1) { _ in }
        call(2) { $0.isError = true }
        call(3) { ($0.kind, $0.errorCode) = (.error, -32603) }
        call(4) { $0.resultType = "input_required" }
        // A task: the call is over when its result is asked for.
        call(5) { ($0.details.task, $0.details.taskStatus) = (9, "working") }
        let later = scene.request(6, session: 7)
        var ask = RPCMessage(kind: .request)
        (ask.id, ask.method, ask.marks, ask.details.task) = (
            "#6", "tasks/result", .sessionHeader, 9
        )
        scene.say(.rpc(ask, scene.carrier(later)), flow)
        var result = RPCMessage(kind: .result)
        (result.id, result.isError) = ("#6", true)
        scene.say(.rpc(result, scene.carrier(later, isAnswer: true)), flow, .server)
        // A call that is taken back.
        scene.ask("tools/call", "#7", flow, scene.request(7, session: 7), name: "get")
        var cancel = RPCMessage(kind: .notification)
        (cancel.method, cancel.details.cancelled) = ("notifications/cancelled", "#7")
        scene.say(.rpc(cancel, scene.carrier(scene.request(8, session: 7))), flow)
        scene.ask("tools/call", "#9", flow, scene.request(9, session: 7), name: "get")
        try scene.end(flow)
        let server = try #require(try inventory(of: scene.events).mcpServers.first)
        let calls = try #require(server.calls.first)
        #expect(
            [calls.count, calls.errors, calls.toolErrors, calls.protocolErrors] == [7, 3, 2, 1])
        #expect([calls.inputRequired, calls.cancelled] == [1, 1])
        // The one that asked for input, and the last.
        #expect(calls.unanswered == 2 && calls.resultBytes == 400)
        #expect(calls.longestLatency == 3_000_000_000)
        #expect(server.activities.contains { $0.name == "task working" && $0.count == 1 })
        #expect(server.activities.contains { $0.name == "cancelled" })
    }

    @Test func oddRequestsAreCountedByWhatBecameOfThem() throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.2:3001")
        for (number, code) in [nil, -32020, nil].enumerated() {
            let request = scene.request(number + 1, session: 7)
            var ask = RPCMessage(kind: .request)
            (ask.id, ask.method, ask.name) = ("#\(number)", "tools/call", "get")
            ask.marks = [.toolCall, .sessionHeader]
            if number < 2 { ask.details.oddities = .nameHeader }
            scene.say(.rpc(ask, scene.carrier(request)), flow)
            scene.answer("#\(number)", flow, request, code: code)
        }
        try scene.end(flow)
        let server = try #require(try inventory(of: scene.events).mcpServers.first)
        let odd = try #require(server.oddities.first)
        #expect(server.oddities.count == 1 && odd.name == "name-header")
        #expect([odd.count, odd.accepted, odd.refused] == [2, 1, 1])
    }
}
