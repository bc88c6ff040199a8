import Catalog
import Codecs
import Wire

/// Model call, tool call, model call: the loop that makes an agent of a program that uses a model.
///
/// One call proves nothing, nor does one that offers tools. A step of the loop is two calls of one
/// client to one model: the first offers tools, and the second brings back more than the first did
/// of what tools gave. Bounded; a client that is forgotten begins anew.
struct AgentLoops {
    private struct Client {
        var last: Timestamp
        var offeredTools: Bool
        var results: Int
        /// What the last answer asked for, at most 16.
        var asked: [String] = []
    }
    private struct ToolCall {
        var time: Timestamp
        var tool: String
    }
    /// What a step was seen to be.
    struct Step {
        /// The tool that was called over MCP between the two calls.
        var tool: String?
        var results: Int
    }

    /// Clients of models, and hosts that call tools, remembered at once.
    private static let limit = 16_384
    /// Time between two calls of one loop, at most: tools may work for minutes.
    private static let patience: Int64 = 600_000_000_000

    private var clients = KeyedTable<UInt64, Client>()
    private var calls = KeyedTable<IPAddress, ToolCall>()
    /// Clients not taken in because a table was full.
    private(set) var dropped = 0
    private let secret = KeyedHash()

    private func key(_ host: IPAddress, _ userAgent: String, _ server: Endpoint?) -> UInt64 {
        let text = secret.of(userAgent) ^ secret.of(host.description)
        return server.map { text &* 31 ^ secret.of($0.description) } ?? text
    }

    /// A call to a model; the step of a loop that it completes, if it does.
    mutating func asked(
        _ call: ModelCall, _ host: IPAddress, _ userAgent: String, _ server: Endpoint?,
        at time: Timestamp
    ) -> Step? {
        let key = key(host, userAgent, server)
        guard let number = clients.number(of: key) else {
            guard call.toolCount > 0 else { return nil }
            guard clients.count < AgentLoops.limit else {
                dropped += 1
                return nil
            }
            clients.insert(
                key, Client(last: time, offeredTools: true, results: call.toolResults))
            return nil
        }
        let before = clients.values[number]
        clients.values[number] = Client(
            last: time, offeredTools: call.toolCount > 0, results: call.toolResults)
        let gap = time.nanoseconds(since: before.last)
        guard before.offeredTools, call.toolResults > before.results,
            (0...AgentLoops.patience).contains(gap)
        else { return nil }
        var step = Step(results: call.toolResults - before.results)
        if let called = calls[host], called.time >= before.last, called.time <= time,
            before.asked.isEmpty || before.asked.contains(called.tool)
        {
            step.tool = called.tool
        }
        return step
    }

    mutating func answered(
        _ tools: [String], _ host: IPAddress, _ userAgent: String, _ server: Endpoint
    ) {
        guard !tools.isEmpty, let number = clients.number(of: key(host, userAgent, server)) else {
            return
        }
        clients.values[number].asked = Array(tools.prefix(16))
    }

    /// A tool was called over MCP.
    mutating func called(_ tool: String, by host: IPAddress, at time: Timestamp) {
        if let number = calls.number(of: host) {
            calls.values[number] = ToolCall(time: time, tool: tool)
        } else if calls.count < AgentLoops.limit {
            calls.insert(host, ToolCall(time: time, tool: tool))
        } else {
            dropped += 1
        }
    }
}

extension Recording {
    /// Whether the call closes a step of a loop; then its program is an agent, whoever it is.
    mutating func noteLoop(
        _ call: ModelCall, _ agentID: Texts.Number?, _ userAgent: String, _ server: Endpoint?,
        _ event: Event
    ) {
        guard let flow = event.flow else { return }
        let host = flow.client.address
        guard let step = loops.asked(call, host, userAgent, server, at: event.time) else { return }
        let id =
            agentID ?? agent(client(of: flow), AgentName.unknown, nil, kind: "agent-loop", event)
        if agentID != nil { fact(id, .behavior, "loop", event.time) }
        if let model = call.model { fact(id, .model, model, event.time) }
        let place = server.map { " to \($0)" } ?? ""
        let middle = step.tool.map { "tools/call of \($0) over MCP" } ?? "results of tools"
        evidence(
            id, .agentLoop, step.tool == nil ? .hint : .strong,
            text("a model call with tools\(place), then \(middle), then a model call"), event)
    }

    /// Tools called over MCP, for loops.
    mutating func noteToolCall(_ message: RPCMessage, _ event: Event) {
        guard message.method == "tools/call", event.side == .client, let tool = message.name,
            let flow = event.flow
        else { return }
        loops.called(tool, by: flow.client.address, at: event.time)
    }
}

/// Names of agents that have none of their own.
enum AgentName {
    static let unknown = "unknown-agent"
}
