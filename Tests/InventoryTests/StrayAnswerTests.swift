import Testing

@testable import Inventory
@testable import Wire

/// Streams of HTTP+SSE whose `endpoint` event lies before the capture.
struct StrayAnswerTests {
    /// An answer on a stream of which neither request nor head was seen.
    private func answer(
        _ id: String, _ stream: FlowReference, _ scene: inout Scene, isError: Bool = false
    ) {
        var message = RPCMessage(kind: .result)
        (message.id, message.isError) = (id, isError)
        message.marks = [.toolResult]
        scene.say(.rpc(message, Carrier(kind: .serverSentEvent)), stream, .server)
    }

    private func post(
        _ id: Int, _ flow: FlowReference, _ session: String, _ scene: inout Scene,
        tool: String = "sum"
    ) {
        let request = scene.request(id, "POST", "/messages?s=\(session)")
        scene.ask("tools/call", "#\(id)", flow, request, name: tool)
    }

    @Test func theStreamIsTheOneSessionsThatHasNone() throws {
        var scene = Scene()
        let stream = try scene.flow("10.0.1.7:4000", "10.0.5.2:8000")
        let posts = try scene.flow("10.0.1.7:4001", "10.0.5.2:8000")
        for id in 5...7 {
            post(id, posts, "1", &scene)
            answer("#\(id)", stream, &scene, isError: id == 7)
        }
        let server = try #require(try inventory(of: scene.events).mcpServers.first)
        #expect(server.calls.map { [$0.count, $0.errors, $0.unanswered] } == [[3, 1, 0]])
        #expect(server.transport == "http+sse")
    }

    /// Two sessions count their requests alike, so an answer may be either's until one is known.
    @Test func ofTwoSessionsUnderOneIDItIsNeithers() throws {
        var scene = Scene()
        let stream = try scene.flow("10.0.1.7:4000", "10.0.5.2:8000")
        let posts = try scene.flow("10.0.1.7:4001", "10.0.5.2:8000")
        let others = try scene.flow("10.0.1.7:4002", "10.0.5.2:8000")
        post(5, posts, "1", &scene, tool: "sum")
        post(5, others, "2", &scene, tool: "drop")
        answer("#5", stream, &scene, isError: true)
        let server = try #require(try inventory(of: scene.events).mcpServers.first)
        #expect(
            server.calls.map { [$0.count, $0.errors, $0.unanswered] } == [[1, 0, 1], [1, 0, 1]])
    }

    /// A stream once known keeps to its session where the other's requests come under its ids.
    @Test func aStreamKeepsToItsSession() throws {
        var scene = Scene()
        let stream = try scene.flow("10.0.1.7:4000", "10.0.5.2:8000")
        let posts = try scene.flow("10.0.1.7:4001", "10.0.5.2:8000")
        post(5, posts, "1", &scene, tool: "sum")
        answer("#5", stream, &scene)
        let others = try scene.flow("10.0.1.7:4002", "10.0.5.2:8000")
        post(6, others, "2", &scene, tool: "drop")
        post(6, posts, "1", &scene, tool: "sum")
        answer("#6", stream, &scene, isError: true)
        let server = try #require(try inventory(of: scene.events).mcpServers.first)
        let calls = server.calls.sorted { $0.tool < $1.tool }
        #expect(calls.map { [$0.count, $0.errors, $0.unanswered] } == [[1, 0, 1], [2, 1, 0]])
    }

    @Test func whatAnotherHostOrServerAskedForStaysUnanswered() throws {
        var scene = Scene()
        let stream = try scene.flow("10.0.1.7:4000", "10.0.5.2:8000")
        let others = [
            try scene.flow("10.0.1.8:4001", "10.0.5.2:8000"),
            try scene.flow("10.0.1.7:4001", "10.0.5.2:8001"),
        ]
        for posts in others { post(5, posts, "1", &scene) }
        answer("#5", stream, &scene)
        let calls = try inventory(of: scene.events).mcpServers.flatMap(\.calls)
        #expect(!calls.isEmpty && calls.allSatisfy { $0.unanswered == $0.count })
    }

    /// A session whose own stream is seen gets its answers there.
    @Test func aSessionWithAStreamTakesNoStrayAnswer() throws {
        var scene = Scene()
        let known = try scene.flow("10.0.1.7:4000", "10.0.5.2:8000")
        let get = scene.request(1, "GET", "/sse")
        scene.say(
            .sseEndpoint(
                SSEEndpoint(path: "/messages", session: SessionKey.of(uri: "/messages?s=1")),
                scene.carrier(get, isAnswer: true)), known, .server)
        let stray = try scene.flow("10.0.1.7:4002", "10.0.5.2:8000")
        let posts = try scene.flow("10.0.1.7:4001", "10.0.5.2:8000")
        post(5, posts, "1", &scene)
        answer("#5", stray, &scene, isError: true)
        scene.answer("#5", known, get)
        let server = try #require(try inventory(of: scene.events).mcpServers.first)
        #expect(server.calls.map { [$0.count, $0.errors, $0.unanswered] } == [[1, 0, 0]])
    }
}
