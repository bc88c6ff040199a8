import Testing

@testable import Catalog
@testable import Inventory
@testable import Reports
@testable import Wire

extension Delegation {
    fileprivate static let model = "10.0.5.9:8000"

    /// A client asks a model, which wants a tool called.
    fileprivate mutating func ask(
        _ client: String, for tool: String, _ mark: ArgumentMark, trace: String? = nil
    ) throws {
        let asked = try post(
            client, Delegation.model, "/v1/chat/completions", trace: trace, userAgent: nil)
        chat(asked)
        answer(asked, wanting: tool, mark)
    }

    fileprivate mutating func chat(_ asked: Asked) {
        var call = ModelCall(
            api: .openAIChat, isAnswer: false, model: "llama", isStreaming: false,
            toolNames: ["get"])
        call.toolCount = 1
        scene.say(.modelCall(call, scene.carrier(asked.request)), asked.flow)
    }

    fileprivate mutating func answer(_ asked: Asked, wanting tool: String, _ mark: ArgumentMark) {
        var wish = ModelCall(
            api: .openAIChat, isAnswer: true, model: "llama", isStreaming: false, toolNames: [])
        wish.toolsCalled = [tool]
        wish.toolRequests = [.init(name: tool, mark: mark)]
        scene.say(
            .modelCall(wish, scene.carrier(asked.request, isAnswer: true)), asked.flow, .server)
        scene.respond(200, asked.flow, asked.request, contentType: "application/json")
    }

    fileprivate mutating func call(
        _ client: String, _ server: String, _ tool: String, _ mark: ArgumentMark?
    ) throws -> Asked {
        var asked = try post(client, server, "/mcp", userAgent: nil)
        asked.id = "#7"
        var message = RPCMessage(kind: .request)
        message.id = asked.id
        message.method = "tools/call"
        message.name = tool
        message.marks = .toolCall
        message.argumentMark = mark
        scene.say(.rpc(message, scene.carrier(asked.request)), asked.flow)
        return asked
    }
}

/// Equal arguments of what a model wants called, and of what is called.
@Suite struct ToolWishTests {
    private static let (user, agent, tool) = ("10.0.1.7", "10.0.5.2:9000", "10.0.5.3:3001")
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let mark = ArgumentMark(value: 77, content: 20)

    private func chains(_ delegation: Delegation, flushEvery: Int = .max) throws -> [Chain] {
        try inventory(of: delegation.scene.events, flushEvery: flushEvery).chains
    }

    /// An agent is asked, asks a model, calls a tool, and answers.
    private func worked(
        _ rounds: Int = 1, wanting wanted: String = "get", calling called: String = "get",
        _ mark: ArgumentMark = ToolWishTests.mark, with used: ArgumentMark? = ToolWishTests.mark,
        after seconds: Int = 0
    ) throws -> Delegation {
        var delegation = Delegation()
        for _ in 0..<rounds {
            let outer = try delegation.post(ToolWishTests.user, ToolWishTests.agent)
            try delegation.ask("10.0.5.2", for: wanted, mark)
            delegation.pass(seconds)
            let inner = try delegation.call("10.0.5.2", ToolWishTests.tool, called, used)
            delegation.answer(inner)
            delegation.answer(outer)
            delegation.pass(2000)
        }
        try ToolWishTests.goOn(&delegation)
        return delegation
    }

    /// Time goes on, which only what happens shows.
    private static func goOn(_ delegation: inout Delegation) throws {
        delegation.pass(2000)
        let other = try delegation.call("10.0.1.9", "10.0.5.77:3001", "other")
        delegation.answer(other)
    }

    @Test func equalArgumentsAndTimesAreEnoughOnce() throws {
        let found = try chains(worked())
        #expect(paths(found) == ["7>2>3 POST /run>get"])
        let hop = try #require(found.first?.hops.last)
        #expect(hop.witnesses == [.timing, .arguments] && hop.confidence == 0.75)
        #expect(hop.reasons.count == 2)
        let endpoint = try endpoint(Delegation.model)
        #expect(hop.models == [.init(endpoint: endpoint, name: "llama", count: 1)])
        #expect(try chains(worked(4)).first?.confidence == 0.9)
        #expect(try chains(worked(4), flushEvery: 1).first?.hops.last?.models.first?.count == 4)
    }

    @Test(arguments: [
        // Other arguments, none that could be read, and such as tell too little.
        ("get", "get", mark, ArgumentMark(value: 78, content: 20), 0),
        ("get", "get", mark, nil, 0),
        ("get", "get", ArgumentMark(value: 77, content: 3), ArgumentMark(value: 77, content: 3), 0),
        // Another tool, a name that only ends alike, and a call that comes much later.
        ("get", "put", mark, mark, 0), ("budget", "get", mark, mark, 0),
        ("get", "get", mark, mark, 31),
    ])
    func whatIsNotTheWishIsNoWitness(
        _ wanted: String, _ called: String, _ mark: ArgumentMark, _ used: ArgumentMark?,
        _ seconds: Int
    ) throws {
        let delegation = try worked(
            wanting: wanted, calling: called, mark, with: used, after: seconds)
        #expect(try chains(delegation).isEmpty)
    }

    @Test(arguments: [
        ("mcp__crm__get-order", "get-order"), ("update_sla_v2", "update.sla.v2"),
        ("crm_get", "get"), ("get", "get"),
    ])
    func aClientMayWriteNamesItsOwnWay(_ wanted: String, _ called: String) throws {
        #expect(try chains(worked(wanting: wanted, calling: called)).count == 1)
    }

    /// Asked before its host was: the wish is on behalf of something else.
    @Test func aModelThatWasAskedBeforeIsNoWitness() throws {
        var delegation = Delegation()
        let asked = try delegation.post(
            "10.0.5.2", Delegation.model, "/v1/chat/completions", userAgent: nil)
        delegation.chat(asked)
        let outer = try delegation.post(ToolWishTests.user, ToolWishTests.agent)
        delegation.answer(asked, wanting: "get", ToolWishTests.mark)
        let inner = try delegation.call(
            "10.0.5.2", ToolWishTests.tool, "get", ToolWishTests.mark)
        delegation.answer(inner)
        delegation.answer(outer)
        try ToolWishTests.goOn(&delegation)
        #expect(try chains(delegation).isEmpty)
    }

    /// A program that calls with these arguments anyway, calls with them also now.
    @Test func whatIsAlsoCalledUnaskedIsNoWish() throws {
        var delegation = Delegation()
        let own = try delegation.call("10.0.5.2", ToolWishTests.tool, "get", ToolWishTests.mark)
        delegation.answer(own)
        let outer = try delegation.post(ToolWishTests.user, ToolWishTests.agent)
        try delegation.ask("10.0.5.2", for: "get", ToolWishTests.mark)
        let inner = try delegation.call("10.0.5.2", ToolWishTests.tool, "get", ToolWishTests.mark)
        delegation.answer(inner)
        delegation.answer(outer)
        try ToolWishTests.goOn(&delegation)
        #expect(try chains(delegation).isEmpty)
    }

    /// Another host's model wants the same.
    @Test func wishesAreOfOneHost() throws {
        var delegation = Delegation()
        let outer = try delegation.post(ToolWishTests.user, ToolWishTests.agent)
        try delegation.ask("10.0.5.8", for: "get", ToolWishTests.mark)
        let inner = try delegation.call("10.0.5.2", ToolWishTests.tool, "get", ToolWishTests.mark)
        delegation.answer(inner)
        delegation.answer(outer)
        try ToolWishTests.goOn(&delegation)
        #expect(try chains(delegation).isEmpty)
    }

    /// The request to the model bears the trace id that the call itself does not.
    @Test func aTraceGoesThroughTheModel() throws {
        var delegation = Delegation()
        let outer = try delegation.post(
            ToolWishTests.user, ToolWishTests.agent, trace: ToolWishTests.trace)
        delegation.answer(outer, status: 202)
        try delegation.ask(
            "10.0.5.2", for: "get", ToolWishTests.mark, trace: ToolWishTests.trace)
        let inner = try delegation.call("10.0.5.2", ToolWishTests.tool, "get", ToolWishTests.mark)
        delegation.answer(inner)
        for flushEvery in [1, Int.max] {
            let found = try chains(delegation, flushEvery: flushEvery)
            #expect(paths(found) == ["7>2>3 POST /run>get"])
            #expect(found.first?.hops.last?.witnesses == [.trace, .arguments])
            #expect(found.first?.confidence == 0.9 && found.first?.traceID == ToolWishTests.trace)
        }
    }

    @Test func aChainShowsWhichModelAsked() throws {
        let snapshot = try inventory(of: worked().scene.events)
        let text = ChainText.render(snapshot.chains, hosts: snapshot.hosts)
        #expect(text.contains("by timing, arguments; sure 0.75"))
        #expect(
            text.contains(
                "asked for by model llama at 10.0.5.9:8000, with equal arguments, once"))
        #expect(text.contains("have the name and the arguments of a call that a model asked for"))
    }

    // MARK: - Loops

    @Test func aLoopSaysThatTheCallWasTheOneAskedFor() throws {
        var delegation = try worked()
        let asked = try delegation.post(
            "10.0.5.2", Delegation.model, "/v1/chat/completions", userAgent: nil)
        delegation.scene.clock -= 4000
        var call = ModelCall(
            api: .openAIChat, isAnswer: false, model: "llama", isStreaming: false,
            toolNames: ["get"])
        call.toolCount = 1
        call.toolResults = 1
        delegation.scene.say(
            .modelCall(call, delegation.scene.carrier(asked.request)), asked.flow)
        let agents = try inventory(of: delegation.scene.events).agents
        let details = agents.flatMap(\.evidence).map(\.detail)
        #expect(
            details.contains { $0.contains("tools/call of get over MCP with the arguments asked") },
            "\(details)")
    }

    /// Results that bear the ids of what the model asked for close the loop, whoever ran the tool.
    @Test func idsThatComeBackCloseALoop() throws {
        func strength(_ ids: [UInt64]) throws -> Strength? {
            var scene = Scene()
            let flow = try scene.flow("10.0.1.7:4000", Delegation.model)
            for step in 0..<2 {
                let request = scene.request(
                    step + 1, "POST", "/v1/chat/completions", userAgent: "planner/0.3")
                var call = ModelCall(
                    api: .openAIChat, isAnswer: false, model: "m", isStreaming: false,
                    toolNames: ["look"])
                call.toolCount = 1
                call.toolResults = step
                call.callIDs = step == 1 ? ids : []
                scene.say(.modelCall(call, scene.carrier(request)), flow)
                var answer = ModelCall(
                    api: .openAIChat, isAnswer: true, model: "m", isStreaming: false,
                    toolNames: [])
                answer.toolsCalled = ["look"]
                answer.callIDs = [5, 6]
                scene.say(.modelCall(answer, scene.carrier(request, isAnswer: true)), flow, .server)
            }
            let agents = try inventory(of: scene.events).agents
            return agents.flatMap(\.evidence).first { $0.clue == .agentLoop }?.strength
        }
        #expect(try strength([9, 6]) == .strong)
        #expect(try strength([9]) == .hint)
    }

    // MARK: - Bounds

    @Test func wishesAreBoundedAndTheOldestMakeRoom() throws {
        var tools = AskedTools()
        let (host, server) = (try address("10.0.1.7"), try endpoint(Delegation.model))
        for number in 0...AskedTools.capacity {
            tools.note(
                AskedTools.Wish(
                    tool: "get", model: "m", server: server, asked: nil, time: second(0),
                    trace: nil),
                ArgumentMark(value: UInt64(number), content: 20), by: host)
        }
        #expect(tools.dropped == 1)
        func isWished(_ number: UInt64) -> Bool {
            tools.wish(
                for: "get", ArgumentMark(value: number, content: 20), by: host, at: second(1))
                != nil
        }
        // Two tools with the same arguments.
        tools.note(
            AskedTools.Wish(
                tool: "put", model: "m", server: server, asked: nil, time: second(0), trace: nil),
            ArgumentMark(value: 1, content: 20), by: host)
        #expect(!isWished(0) && isWished(1) && isWished(UInt64(AskedTools.capacity)))
    }
}
