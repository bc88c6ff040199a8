import Testing

@testable import Catalog
@testable import Inventory
@testable import Wire

struct MCPServerTests {
    /// Initialize, list and call over Streamable HTTP.
    private func session(_ scene: inout Scene, scheme: String? = nil) throws -> FlowReference {
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.2:3001")
        let first = scene.request(1, scheme: scheme, userAgent: "node")
        scene.ask("initialize", "#0", flow, first, client: "claude-code")
        scene.answer("#0", flow, first, server: "tickets-mcp")
        let second = scene.request(2, session: 7, scheme: scheme)
        scene.ask("tools/list", "#1", flow, second)
        scene.answer("#1", flow, second, tools: [("get", "Gets."), ("put", "Puts.")])
        let third = scene.request(3, session: 7, scheme: scheme)
        scene.ask("tools/call", "#2", flow, third, name: "get")
        scene.answer("#2", flow, third, isError: true)
        return flow
    }

    @Test func aSessionMakesAServerWithAllItsParts() throws {
        var scene = Scene()
        try scene.end(session(&scene, scheme: "bearer"))
        let snapshot = try inventory(of: scene.events)
        let server = try #require(snapshot.mcpServers.first)
        #expect(server.endpoint == (try endpoint("10.0.5.2:3001")) && server.path == "/mcp")
        #expect(server.name == "tickets-mcp" && server.version == "2.0")
        #expect(server.transport == "streamable-http" && server.auth == "bearer")
        #expect(server.protocolVersions == ["2025-06-18"])
        #expect(server.tools.map(\.key) == ["get", "put"])
        #expect(server.tools.first?.text == "Gets.")
        #expect(server.clients.map(\.name) == ["claude-code"])
        #expect(server.calls.map { [$0.count, $0.errors] } == [[1, 1]])
        #expect(server.evidence.contains { $0.detail == "serverInfo names tickets-mcp 2.0" })
        let agent = try #require(snapshot.agents.first)
        #expect(snapshot.agents.count == 1 && agent.kind == .mcpClient)
        #expect(agent.version == "1.0" && agent.mcpServers == [server.endpoint])
    }

    /// Where the list was not seen, what clients asked for by name stands in for it.
    @Test(arguments: [true, false]) func namesInRequestsStandInForAList(isListed: Bool) throws {
        var scene = Scene()
        let flow = try session(&scene)
        func ask(_ number: Int, _ method: String, _ name: String, isRefused: Bool = false) {
            let request = scene.request(number, session: 7)
            scene.ask(method, "#\(number)", flow, request, name: name)
            scene.answer("#\(number)", flow, request, code: isRefused ? -32602 : nil)
        }
        ask(4, "resources/read", "db://one")
        ask(5, "resources/read", "db://none", isRefused: true)
        ask(6, "prompts/get", "explain")
        ask(7, "prompts/get", "unknown", isRefused: true)
        if isListed {
            let request = scene.request(8, session: 7)
            scene.ask("resources/list", "#8", flow, request)
            scene.answer("#8", flow, request, resources: ["db://listed"])
        }
        try scene.end(flow)
        let server = try #require(try inventory(of: scene.events).mcpServers.first)
        #expect(server.resources.map(\.key) == [isListed ? "db://listed" : "db://one"])
        #expect(server.prompts.map(\.key) == ["explain"])
    }

    @Test func aProbeOfAnotherJSONRPCServerMakesNoServer() throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.2:8545")
        let probe = scene.request(1)
        scene.ask("initialize", "#0", flow, probe, client: "scanner")
        scene.answer("#0", flow, probe, code: -32601)
        scene.ask("eth_blockNumber", "#1", flow, scene.request(2, "POST", "/"))
        scene.answer("#1", flow, scene.request(2, "POST", "/"))
        try scene.end(flow)
        let snapshot = try inventory(of: scene.events)
        #expect(snapshot.mcpServers.isEmpty)
        // Who asks for MCP is an agent all the same, though no server of it.
        #expect(snapshot.agents.map(\.mcpServers) == [[]])
    }

    /// Who is refused by status is no client: an attempt, until it is let in.
    @Test(arguments: [401, 403, 404, 429, 500, 503]) func whoIsRefusedIsNoClient(_ status: Int)
        throws
    {
        var scene = Scene()
        try scene.end(session(&scene))
        let flow = try scene.flow("10.0.1.9:4000", "10.0.5.2:3001")
        for ordinal in 1...2 {
            let request = scene.request(ordinal, userAgent: "Cline/3.0")
            // The head is enough to refuse: the answer may come before the body.
            if ordinal == 2 { scene.respond(status, flow, request) }
            scene.ask("initialize", "#0", flow, request, client: "Cline")
            if ordinal == 1 { scene.respond(status, flow, request) }
        }
        try scene.end(flow)
        let snapshot = try inventory(of: scene.events)
        #expect(snapshot.agents.map(\.name) == ["claude-code"])
        let server = try #require(snapshot.mcpServers.first)
        #expect(server.clients.map(\.name) == ["claude-code"])
        #expect(server.refusedClients.map(\.client.name) == ["Cline"])
        #expect(server.refusedClients.map(\.count) == [2])
        #expect(server.evidence.contains { $0.detail.contains("was refused with \(status)") })
    }

    /// A client that is let in at last is one, whatever came before.
    @Test func whoIsLetInAfterwardsIsAClient() throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.9:4000", "10.0.5.2:3001")
        for (ordinal, status) in [(1, 401), (2, 200)] {
            let request = scene.request(ordinal, scheme: ordinal == 1 ? nil : "bearer")
            scene.ask("initialize", "#0", flow, request, client: "Cline")
            scene.respond(status, flow, request)
            if status == 200 { scene.answer("#0", flow, request, server: "tickets") }
        }
        try scene.end(flow)
        let snapshot = try inventory(of: scene.events)
        #expect(snapshot.agents.map(\.name) == ["Cline"])
        #expect(snapshot.agents.first?.mcpServers == [try endpoint("10.0.5.2:3001")])
        #expect(snapshot.mcpServers.first?.clients.map(\.name) == ["Cline"])
        #expect(snapshot.mcpServers.first?.refusedClients.map(\.count) == [1])
    }

    @Test func theClientInfoOfAnotherProtocolIsNoAgent() throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.2:2087")
        scene.ask("initialize", "#0", flow, client: "Visual Studio Code", marks: [])
        scene.answer("#0", flow)
        try scene.end(flow)
        let snapshot = try inventory(of: scene.events)
        #expect(snapshot.agents.isEmpty && snapshot.mcpServers.isEmpty)
    }

    @Test func answersOfHTTPWithSSEComeOnTheirStream() throws {
        var scene = Scene()
        let stream = try scene.flow("10.0.1.7:4000", "10.0.5.2:8000")
        let get = scene.request(1, "GET", "/sse")
        scene.say(
            .sseEndpoint(
                SSEEndpoint(path: "/messages", session: SessionKey.of(uri: "/messages?s=1")),
                scene.carrier(get, isAnswer: true)), stream, .server)
        let posts = try scene.flow("10.0.1.7:4001", "10.0.5.2:8000")
        for (ordinal, isError) in [(1, false), (2, true)] {
            let post = scene.request(ordinal, "POST", "/messages?s=1")
            scene.ask("tools/call", "#\(ordinal)", posts, post, name: "sum")
            scene.answer("#\(ordinal)", stream, get, isError: isError)
        }
        try scene.end(posts)
        try scene.end(stream)
        let server = try #require(try inventory(of: scene.events).mcpServers.first)
        #expect(server.transport == "http+sse" && server.path == "/sse")
        #expect(server.calls.map { [$0.count, $0.errors] } == [[2, 1]])
        #expect(server.tools.map(\.key) == ["sum"])
    }

    @Test func linesPairByTheirConnection() throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.2:9100")
        scene.ask("initialize", "#0", flow, client: "bot")
        scene.answer("#0", flow, server: "raw")
        scene.ask("tools/call", "#1", flow, name: "go")
        scene.answer("#1", flow, code: -32603)
        let server = try #require(try inventory(of: scene.events).mcpServers.first)
        #expect(server.transport == "tcp" && server.auth == "none")
        #expect(server.calls.map { [$0.count, $0.errors] } == [[1, 1]])
        // It failed, and was never listed: perhaps there is no such tool.
        #expect(server.tools.isEmpty)
    }

    @Test func aRedirectedCallAndOneAskedForInputCountOnce() throws {
        var scene = Scene()
        let flow = try session(&scene)
        let sent = scene.request(4, session: 7)
        scene.ask("tools/call", "#3", flow, sent, name: "put")
        scene.respond(307, flow, sent)
        let again = scene.request(5, "POST", "/mcp/", session: 7)
        scene.ask("tools/call", "#3", flow, again, name: "put")
        scene.answer("#3", flow, again)
        let given = scene.request(6, session: 7)
        scene.ask("tools/call", "#4", flow, given, name: "put", hasInputResponses: true)
        scene.answer("#4", flow, given)
        let server = try #require(try inventory(of: scene.events).mcpServers.first)
        #expect(server.calls.map(\.tool) == ["get", "put"])
        #expect(server.calls.map(\.count) == [1, 1] && server.calls.map(\.errors) == [1, 0])
    }

    @Test func theSameIdOfTwoClientsPairsWithItsOwnCall() throws {
        var scene = Scene()
        var flows: [FlowReference] = []
        for client in ["10.0.1.7:4000", "10.0.1.8:4000"] {
            let flow = try scene.flow(client, "10.0.5.2:3001")
            scene.ask("tools/call", "#1", flow, scene.request(1, session: nil), name: "get")
            flows.append(flow)
        }
        scene.answer("#1", flows[0], scene.request(1), isError: true, marks: .toolResult)
        scene.answer("#1", flows[1], scene.request(1), marks: .toolResult)
        let calls = try #require(try inventory(of: scene.events).mcpServers.first).calls
        #expect(calls.map(\.errors) == [1, 0])
    }

    @Test func oneSidedCapturesNeedASignThatTheServerAnswered() throws {
        var scene = Scene()
        let flow = try scene.flow("10.0.1.7:4000", "10.0.5.2:3001")
        scene.ask("initialize", "#0", flow, scene.request(1), client: "claude-code")
        scene.ask("tools/list", "#1", flow, scene.request(2))
        #expect(try inventory(of: scene.events).mcpServers.isEmpty)
        scene.ask("notifications/initialized", nil, flow, scene.request(3))
        try scene.end(flow, down: 0)
        let server = try #require(try inventory(of: scene.events).mcpServers.first)
        #expect(server.path == "/mcp" && server.transport == "streamable-http")
        // The server does send elsewhere, so its silence here is no fault of the mirror.
        try scene.end(scene.flow("10.0.1.7:4001", "10.0.5.2:22"))
        #expect(try inventory(of: scene.events).mcpServers.isEmpty)
    }

    @Test func theLatestTextOfAToolIsShownAndEarlierOnesKept() throws {
        var scene = Scene()
        let flow = try session(&scene)
        let list = scene.request(4, session: 7)
        scene.ask("tools/list", "#5", flow, list)
        scene.answer("#5", flow, list, tools: [("get", "Gets, and sends.")])
        let server = try #require(try inventory(of: scene.events).mcpServers.first)
        #expect(server.tools.map(\.text) == ["Gets, and sends.", "Puts."])
    }

    @Test func aProxysEchoIsNoAgentAndNoCall() throws {
        var scene = Scene()
        let toProxy = try scene.flow("10.0.1.7:4000", "10.0.9.8:3128")
        let onward = try scene.flow("10.0.9.8:5000", "10.0.5.2:3001")
        let target = "http://10.0.5.2:3001/mcp"
        for (flow, target) in [(toProxy, target), (onward, "/mcp")] {
            for (ordinal, method) in [(1, "initialize"), (2, "tools/call")] {
                let request = scene.request(ordinal, target: target, host: "10.0.5.2:3001")
                let name = method == "initialize" ? nil : "get"
                scene.ask(
                    method, "#\(ordinal)", flow, request, name: name,
                    client: name == nil ? "claude-code" : nil)
                scene.answer("#\(ordinal)", flow, request, server: name == nil ? "tickets" : nil)
            }
            try scene.end(flow)
        }
        let snapshot = try inventory(of: scene.events)
        let server = try #require(snapshot.mcpServers.first)
        #expect(snapshot.mcpServers.count == 1)
        #expect(snapshot.agents.map(\.host) == [try address("10.0.1.7")])
        #expect(server.clients.map(\.host.address) == [try address("10.0.1.7")])
        #expect(server.calls.map(\.client.address) == [try address("10.0.1.7")])
    }

    @Test func theEndpointListDecides() throws {
        var scene = Scene()
        try scene.end(session(&scene))
        var organization = Organization()
        organization.hasMCPPolicy = true
        let status = {
            try inventory(of: scene.events, organization: organization).mcpServers.map(\.status)
        }
        #expect(try status() == [.unsanctioned])
        organization.sanctionedMCPServers = [try endpoint("10.0.5.2:3001")]
        #expect(try status() == [.sanctioned])
        organization.hasMCPPolicy = false
        #expect(try status() == [.unreviewed])
    }
}
