import Codecs
import Foundation

@testable import Inventory
@testable import Wire

/// A host that is asked, asks another before it answers; the other may do the same.
struct Delegation {
    var scene = Scene()
    private var ports = 4000

    /// One that is being answered.
    struct Asked {
        var flow: FlowReference
        var request: HTTPRequest
        var id: String?
    }

    private mutating func flow(_ client: String, _ server: String) throws -> FlowReference {
        ports += 1
        return try scene.flow("\(client):\(ports)", server)
    }

    mutating func post(
        _ client: String, _ server: String, _ path: String = "/run", trace: String? = nil,
        userAgent: String? = "front/1.0", contentType: String? = "application/json",
        claims: String? = nil
    ) throws -> Asked {
        let flow = try flow(client, server)
        let request = scene.request(
            1, "POST", path, userAgent: userAgent, contentType: contentType, trace: trace,
            claims: claims.flatMap { Delegation.claims($0) })
        scene.say(.httpRequest(request), flow)
        return Asked(flow: flow, request: request)
    }

    mutating func call(
        _ client: String, _ server: String, _ tool: String = "get", trace: String? = nil,
        method: String = "tools/call", marks: MCPMarks? = nil, claims: String? = nil
    ) throws -> Asked {
        var asked = try post(
            client, server, "/mcp", trace: trace, userAgent: nil, claims: claims)
        asked.id = "#7"
        scene.ask(method, "#7", asked.flow, asked.request, name: tool, marks: marks)
        return asked
    }

    /// A message for an agent, with these ids of A2A.
    mutating func send(
        _ client: String, _ server: String, _ ids: [String] = [], claims: String? = nil,
        operation: A2AMessage.Operation = .send
    ) throws -> Asked {
        let asked = try post(client, server, "/", claims: claims)
        var message = A2AMessage(kind: .request, binding: .jsonRPC)
        message.operation = operation
        message.bonds = ids.map { Pseudonym(of: $0) }
        scene.say(.a2a(message, scene.carrier(asked.request)), asked.flow)
        return asked
    }

    mutating func answer(_ asked: Asked, status: Int = 200) {
        if asked.id != nil { scene.answer(asked.id, asked.flow, asked.request) }
        scene.respond(status, asked.flow, asked.request, contentType: "application/json")
    }

    /// The agent's answer names these ids, behind the head of the response.
    mutating func answer(_ asked: Asked, naming ids: [String]) {
        scene.respond(200, asked.flow, asked.request, contentType: "application/json")
        var message = A2AMessage(kind: .result, binding: .jsonRPC)
        message.bonds = ids.map { Pseudonym(of: $0) }
        scene.say(
            .a2a(message, scene.carrier(asked.request, isAnswer: true)), asked.flow, .server)
    }

    /// Who is called what at a server.
    mutating func meet(_ client: String, _ server: String, _ names: (String, String)) throws {
        let flow = try flow(client, server)
        let request = scene.request(1)
        scene.ask("initialize", "#1", flow, request, client: names.0)
        scene.answer("#1", flow, request, server: names.1)
    }

    mutating func pass(_ seconds: Int) { scene.clock += seconds }

    /// What a token with these claims says of itself.
    static func claims(_ text: String) -> TokenClaims? {
        let coded = [#"{"alg":"RS256"}"#, text].map { part in
            String(
                Base64.encode(Array(part.utf8)).filter { $0 != "=" }
                    .map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 })
        }
        return TokenClaims(Array((coded[0] + "." + coded[1] + ".c2ln").utf8).span)
    }
}

/// The last numbers of a chain's hosts, and what was asked for.
func paths(_ chains: [Chain]) -> [String] {
    chains.map { chain in
        chain.path.map { "\($0)".split(separator: ".").last.map(String.init) ?? "" }
            .joined(separator: ">") + " " + chain.hops.map(\.what).joined(separator: ">")
    }
}
