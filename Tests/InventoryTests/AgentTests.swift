import Codecs
import Testing

@testable import Catalog
@testable import Inventory
@testable import Wire

/// Agents by what they say and by what they do.
struct AgentTests {
    private let path = "/v1/chat/completions"

    private func call(tools: Int, results: Int = 0) -> ModelCall {
        var call = ModelCall(
            api: .openAIChat, isAnswer: false, model: "qwen3", isStreaming: false,
            toolNames: (0..<tools).map { "tool\($0)" })
        call.toolCount = tools
        call.toolResults = results
        return call
    }

    private func chat(
        _ scene: inout Scene, _ flow: FlowReference, _ calls: [ModelCall], userAgent: String?
    ) {
        for (place, call) in calls.enumerated() {
            let request = scene.request(place + 1, "POST", path, userAgent: userAgent)
            scene.say(.modelCall(call, scene.carrier(request)), flow)
            scene.respond(200, flow, request)
        }
    }

    @Test(arguments: [nil, "planner/0.3", "OpenAI/Python 3.54.0"] as [String?])
    func aLoopMakesAnAgent(_ userAgent: String?) throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.9:8000")
        chat(
            &scene, flow, [call(tools: 2), call(tools: 2, results: 1), call(tools: 2, results: 2)],
            userAgent: userAgent)
        try scene.end(flow)
        let agent = try #require(try inventory(of: scene.events).agents.first)
        #expect(agent.kind == .unknown && agent.roles.contains("agent-loop"))
        #expect(agent.models == ["qwen3"])
        let proof = try #require(agent.evidence.first { $0.clue == .agentLoop })
        #expect(proof.strength == .hint && proof.count == 2)
    }

    @Test func callsOfToolsOverMCPMakeALoopSurer() throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.9:8000")
        let tools = try scene.flow("10.0.1.7:4001", "10.0.5.2:3001")
        chat(&scene, flow, [call(tools: 2)], userAgent: "planner/0.3")
        scene.ask("tools/call", "#1", tools, scene.request(1), name: "tool1")
        let request = scene.request(2, "POST", path, userAgent: "planner/0.3")
        scene.say(.modelCall(call(tools: 2, results: 1), scene.carrier(request)), flow)
        let agent = try #require(try inventory(of: scene.events).agents.first)
        let proof = try #require(agent.evidence.first { $0.clue == .agentLoop })
        #expect(proof.strength == .strong && proof.detail.contains("tools/call of tool1"))
    }

    @Test(arguments: [[(0, 0), (0, 0)], [(2, 0), (2, 0)], [(2, 1)], [(2, 0)]])
    func modelUseAloneIsNoAgent(_ calls: [(Int, Int)]) throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.9:8000")
        chat(
            &scene, flow, calls.map { call(tools: $0.0, results: $0.1) }, userAgent: nil)
        #expect(try inventory(of: scene.events).agents.isEmpty)
    }

    @Test func tokensOfAStreamAreCountedOnce() throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.9:8000")
        let request = scene.request(1, "POST", path, userAgent: "planner/0.3")
        scene.say(.modelCall(call(tools: 1), scene.carrier(request)), flow)
        scene.respond(200, flow, request)
        for (input, output) in [(7, nil), (7, 3), (nil, 5)] as [(Int?, Int?)] {
            var answer = ModelCall(
                api: .openAIChat, isAnswer: true, model: "qwen3-32b", isStreaming: true,
                toolNames: [])
            answer.usage.input = input
            answer.usage.output = output
            answer.toolsCalled = output == 5 ? ["tool0"] : []
            scene.say(.modelCall(answer, scene.carrier(request, isAnswer: true)), flow, .server)
        }
        try scene.end(flow)
        let served = try #require(try inventory(of: scene.events).modelEndpoints.first)
        #expect(served.requests == 1 && served.answered == 1)
        #expect(served.tokens == .init(input: 7, output: 5, cached: 0, reasoning: 0))
        #expect(served.answeredModels == ["qwen3-32b"])
        #expect(served.toolsCalled.map(\.name) == ["tool0"] && served.requestsWithTools == 1)
    }

    @Test func anAgentThatServesIsItsCardItsTasksAndItsCallers() throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.9:9999")
        let get = scene.request(1, "GET", "/.well-known/agent-card.json", userAgent: "front/1.0")
        var card = A2AMessage(kind: .card, binding: .httpJSON)
        card.card = AgentCard(name: "planner")
        card.card?.version = "2.0"
        card.card?.skills = [.init(id: "plan", name: "Plan", tags: ["a"])]
        scene.say(.a2a(card, scene.carrier(get, isAnswer: true)), flow, .server)
        let post = scene.request(2, "POST", "/", userAgent: "front/1.0")
        var asked = A2AMessage(kind: .request, binding: .jsonRPC)
        asked.operation = .send
        scene.say(.a2a(asked, scene.carrier(post)), flow)
        for state in [A2AState.submitted, .working, .working, .completed] {
            var answer = A2AMessage(kind: .result, binding: .jsonRPC)
            answer.task = Pseudonym(of: "t")
            answer.state = state
            scene.say(.a2a(answer, scene.carrier(post, isAnswer: true)), flow, .server)
        }
        // What runs backwards is told by whose task it is.
        let hook = try scene.flow("10.0.5.9:5000", "10.0.1.7:8080")
        var told = A2AMessage(kind: .notification, binding: .httpJSON)
        told.task = Pseudonym(of: "t")
        scene.say(.a2a(told, scene.carrier(scene.request(1, "POST", "/hook"))), hook)
        let snapshot = try inventory(of: scene.events)
        let server = try #require(snapshot.agentServers.first)
        #expect(snapshot.agentServers.count == 1)
        #expect(server.endpoint == (try endpoint("10.0.5.9:9999")) && server.name == "planner")
        #expect(server.skills == [.init(id: "plan", name: "Plan", tags: ["a"])])
        #expect(server.tasks == 1)
        #expect(
            server.states.map { "\($0.name) \($0.count)" } == [
                "completed 1", "submitted 1", "working 1",
            ])
        #expect(server.clients.map(\.name) == ["front"] && server.clients.map(\.requests) == [1])
        #expect(server.webhooks == ["10.0.1.7:8080"])
        #expect(snapshot.agents.map(\.name) == ["front", "planner"])
        #expect(snapshot.agents.allSatisfy { $0.kind == .agent })
        #expect(snapshot.agents.map(\.agentsCalled) == [["10.0.5.9:9999"], []])
    }

    @Test func aRequestAloneMakesNoAgentThatServes() throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.9:9999")
        var asked = A2AMessage(kind: .request, binding: .jsonRPC)
        asked.operation = .send
        let request = scene.request(1, "POST", "/", userAgent: "python-httpx/0.28")
        scene.say(.a2a(asked, scene.carrier(request)), flow)
        try scene.end(flow)
        let snapshot = try inventory(of: scene.events)
        #expect(snapshot.agentServers.isEmpty && snapshot.agents.isEmpty)
    }

    /// An error of gRPC that only the called gives shows an agent; one that any server gives, or a
    /// gateway before it, shows none.
    @Test(arguments: [
        ("0", ["result"]), ("5", ["NOT_FOUND"]), ("12", []), ("14", []), ("16", []),
    ])
    func anErrorOfGRPCIsAnAgentsOrAnybodys(_ status: String, _ failures: [String]) throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.9:9999")
        var call = HTTP2Message(stream: 1)
        (call.method, call.path, call.status) = ("POST", "/a2a.v1.A2AService/GetTask", 200)
        (call.contentType, call.userAgent) = ("application/grpc", "front/1.0")
        scene.say(.http2(call), flow, .server)
        var end = HTTP2Message(stream: 1)
        (end.path, end.contentType) = (call.path, call.contentType)
        end.grpcStatus = GRPCStatus(status)
        scene.say(.http2(end), flow, .server)
        try scene.end(flow)
        let servers = try inventory(of: scene.events).agentServers
        #expect(servers.count == (failures.isEmpty ? 0 : 1))
        let told = servers.flatMap(\.failures).map(\.name)
        #expect(told == (failures == ["result"] ? [] : failures))
        #expect(servers.flatMap(\.clients).map(\.requests) == (failures.isEmpty ? [] : [1]))
    }

    /// That there is no such method says any server of JSON-RPC.
    @Test(arguments: [(-32601, 0), (-32001, 1)])
    func anErrorOfJSONRPCIsAnAgentsOrAnybodys(_ code: Int, _ count: Int) throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.9:9999")
        var asked = A2AMessage(kind: .request, binding: .jsonRPC)
        asked.operation = .send
        let request = scene.request(1, "POST", "/")
        scene.say(.a2a(asked, scene.carrier(request)), flow)
        scene.answer("#1", flow, request, code: code)
        try scene.end(flow)
        #expect(try inventory(of: scene.events).agentServers.count == count)
    }

    @Test func aProgramOnTwoHostsIsOneEntity() throws {
        var scene = Scene()
        for (place, host) in ["10.0.1.7", "10.0.1.8"].enumerated() {
            let flow = try scene.flow("\(host):4000", "10.0.5.9:8000")
            let request = scene.request(1, "POST", path, userAgent: "coder/2.\(place)")
            scene.chat(flow, request, model: "qwen3")
        }
        let entities = AgentEntity.of(try inventory(of: scene.events).agents)
        let entity = try #require(entities.first)
        #expect(entities.count == 1 && entity.kind == .commandLine)
        #expect(entity.instances.map(\.host) == ["10.0.1.7", "10.0.1.8"])
        #expect(entity.versions == ["2.0", "2.1"] && entity.models == ["qwen3"])
    }

    @Test func aServerOfModelsIsToldByItsMarks() throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.9:8000")
        let request = scene.request(1, "GET", "/props")
        for (name, isProof) in [("vllm", false), ("llama-cpp", true)] {
            let mark = RuntimeMark(runtime: name, mark: "a mark", isProof: isProof, model: "q")
            scene.say(.runtime(mark, scene.carrier(request, isAnswer: true)), flow, .server)
        }
        let found = try #require(try inventory(of: scene.events).modelRuntimes.first)
        #expect(found.runtime == "llama-cpp" && found.strength == .proof && found.models == ["q"])
    }
}
