import Testing

@testable import Catalog
@testable import Inventory
@testable import Wire

struct ModelTests {
    private let path = "/v1/chat/completions"

    @Test func answeredRequestsMakeAnEndpointAModelAndAnAgent() throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.9:8000")
        for ordinal in 1...3 {
            let request = scene.request(ordinal, "POST", path, userAgent: "OpenAI/Python 3.54.0")
            scene.chat(flow, request, model: "qwen3", isStreaming: ordinal == 2)
        }
        try scene.end(flow)
        let snapshot = try inventory(of: scene.events)
        let served = try #require(snapshot.modelEndpoints.first)
        #expect(served.endpoint == (try endpoint("10.0.5.9:8000")) && served.path == path)
        #expect(served.api == "openai-chat" && served.models == ["qwen3"])
        #expect(served.requests == 3 && served.streaming == 1)
        #expect(served.clients.map(\.requests) == [3])
        #expect(snapshot.models.map(\.requests) == [3])
        let agent = try #require(snapshot.agents.first)
        #expect(agent.name == "OpenAI/Python" && agent.version == "3.54.0")
        #expect(agent.kind == .sdk && agent.roles == ["llm-client"] && agent.models == ["qwen3"])
        #expect(agent.modelEndpoints == ["10.0.5.9:8000\(path)"])
    }

    @Test(arguments: [nil, 404]) func aRequestWithoutSuccessMakesNoEndpoint(_ status: Int?) throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.9:8000")
        scene.chat(flow, scene.request(1, "POST", path), model: "qwen3", status: status)
        try scene.end(flow)
        #expect(try inventory(of: scene.events).modelEndpoints.isEmpty)
    }

    @Test func aOneSidedCaptureShowsTheEndpointByItsRequests() throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.9:8000")
        scene.chat(flow, scene.request(1, "POST", path), model: "qwen3", status: nil)
        try scene.end(flow, down: 0)
        #expect(try inventory(of: scene.events).modelEndpoints.map(\.requests) == [1])
    }

    /// A list of models is asked for without a body: without its answer it counts only where models
    /// are served by something surer.
    @Test(arguments: [
        (true, "/api/tags", ["/api/chat", "/api/tags"]), (false, "/api/tags", []),
        (true, "/v1/models", ["/api/chat", "/v1/models"]), (true, "/models", ["/api/chat"]),
    ])
    func anUnansweredListCountsWhereModelsAreServed(
        _ hasCall: Bool, _ path: String, _ paths: [String]
    ) throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.9:11434")
        if hasCall {
            let request = scene.request(1, "POST", "/api/chat", userAgent: "ollama-python/0.6.3")
            scene.chat(flow, request, model: "phi4", status: nil)
        }
        let list = scene.request(2, "GET", path, userAgent: "ollama-python/0.6.3")
        scene.say(.httpRequest(list), flow)
        scene.say(.httpUnanswered(list), flow)
        try scene.end(flow, down: 0)
        let found = try inventory(of: scene.events).modelEndpoints
        #expect(found.map(\.path) == paths)
        #expect(found.last?.requests == (paths.isEmpty ? nil : 1))
    }

    @Test func aBrowserIsNoAgent() throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.9:8000")
        let request = scene.request(1, "POST", path, userAgent: "Mozilla/5.0 (X11) Firefox/140.0")
        scene.chat(flow, request, model: "qwen3")
        #expect(try inventory(of: scene.events).agents.isEmpty)
    }

    @Test func aProxysEchoCountsNoRequest() throws {
        var scene = Scene()
        let legs = [
            ("10.0.1.7:4000", "10.0.9.8:3128", "http://10.0.5.9:8000\(path)"),
            ("10.0.9.8:5000", "10.0.5.9:8000", path),
        ]
        for (client, server, target) in legs {
            let flow = try scene.flow(client, server)
            let request = scene.request(
                1, "POST", path, userAgent: "aider/0.86", target: target, host: "10.0.5.9:8000")
            scene.chat(flow, request, model: "qwen3")
            try scene.end(flow)
        }
        let snapshot = try inventory(of: scene.events)
        #expect(snapshot.modelEndpoints.map(\.requests) == [1])
        #expect(snapshot.models.map(\.hosts) == [[try address("10.0.1.7")]])
        #expect(snapshot.agents.map(\.host) == [try address("10.0.1.7")])
    }

    @Test func aKnownUserAgentOnAnyRequestIsAnAgent() throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.9.8:3128")
        for text in ["coder/2.1 (linux)", "curl/8.5"] {
            let request = scene.request(
                1, "CONNECT", userAgent: text, target: "api.alpha.ai:443", accept: nil)
            scene.say(.httpRequest(request), flow)
        }
        let agents = try inventory(of: scene.events).agents
        #expect(agents.map(\.name) == ["coder"] && agents.map(\.kind) == [.commandLine])
        #expect(agents.map(\.roles) == [["http-client"]])
        #expect(agents.first?.version == "2.1")
    }

    @Test func anMCPClientsUserAgentIsNoSecondAgent() throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.2:3001")
        let request = scene.request(1, userAgent: "coder/2.1")
        scene.say(.httpRequest(request), flow)
        scene.ask("initialize", "#0", flow, request, client: "coder-mcp")
        scene.answer("#0", flow, request, server: "tickets")
        #expect(try inventory(of: scene.events).agents.map(\.name) == ["coder-mcp"])
    }

    /// A proxy is told a name: whose address that is nobody says, so there is no endpoint to list;
    /// who called is known, and that something is missing is counted.
    @Test(arguments: ["planner/0.3", nil]) func aModelBehindAProxyIsNotPassedOverInSilence(
        _ userAgent: String?
    ) throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.9.8:3128")
        let request = scene.request(
            1, "POST", path, userAgent: userAgent, target: "http://brain.example:8000\(path)",
            host: "brain.example:8000")
        scene.chat(flow, request, model: "qwen3")
        try scene.end(flow)
        let store = try Inventory(path: nil, create: true)
        let recorder = try store.makeRecorder(catalog: testCatalog(), isWhole: true)
        for event in scene.events { recorder.record(event) }
        #expect(recorder.dropped == ["recorder.proxiedModels": 1])
        let snapshot = try inventory(of: scene.events)
        #expect(snapshot.modelEndpoints.isEmpty)
        #expect(snapshot.agents.map(\.name) == (userAgent == nil ? [] : ["planner"]))
        #expect(
            snapshot.agents.flatMap(\.modelEndpoints)
                == (userAgent == nil ? [] : ["brain.example:8000\(path)"]))
    }

    /// An address the catalog knows nothing of: unreviewed, with what was seen, and no app.
    @Test func aModelServerNobodyKnowsIsUnreviewed() throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "198.51.100.77:80")
        scene.chat(
            flow, scene.request(1, "POST", path, host: "brain.example"), model: "secret-7b")
        try scene.end(flow)
        let snapshot = try inventory(of: scene.events)
        let served = try #require(snapshot.modelEndpoints.first)
        let place = try endpoint("198.51.100.77:80")
        #expect(served.status == .unreviewed && served.endpoint == place)
        #expect(served.evidence.map(\.clue) == [.modelRequest])
        #expect(served.evidence.allSatisfy { $0.detail.contains("has the shape of openai-chat") })
        #expect(snapshot.apps.isEmpty)
    }
}
