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
        /// Stand for the ids of these calls, at most 32.
        var askedIDs: [UInt64] = []
    }
    private struct ToolCall {
        var time: Timestamp
        var tool: String
        /// It was what a model had asked for, by its arguments.
        var isAsked = false
    }
    /// What a step was seen to be.
    struct Step {
        /// The tool that was called over MCP between the two calls.
        var tool: String?
        /// That call had the arguments that a model had asked for.
        var isAsked = false
        /// The second call brings back results of calls that the answer to the first asked for.
        var isReturned = false
        var results: Int
    }

    /// Clients of models, and hosts that call tools, remembered at once.
    private static let limit = 16_384
    /// Time between two calls of one loop, at most: tools may work for minutes.
    private static let patience: Int64 = 600_000_000_000

    private static let idLimit = 32

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
        let isReturned = call.callIDs.contains { before.askedIDs.contains($0) }
        guard before.offeredTools, call.toolResults > before.results || isReturned,
            (0...AgentLoops.patience).contains(gap)
        else { return nil }
        var step = Step(
            isReturned: isReturned, results: max(1, call.toolResults - before.results))
        if let called = calls[host], called.time >= before.last, called.time <= time,
            before.asked.isEmpty || before.asked.contains(called.tool)
        {
            step.tool = called.tool
            step.isAsked = called.isAsked
        }
        return step
    }

    /// What an answer asks for; a stream of them says it a part at a time.
    mutating func answered(
        _ call: ModelCall, _ host: IPAddress, _ userAgent: String, _ server: Endpoint
    ) {
        guard !call.toolsCalled.isEmpty || !call.callIDs.isEmpty,
            let number = clients.number(of: key(host, userAgent, server))
        else { return }
        if !call.toolsCalled.isEmpty {
            clients.values[number].asked = Array(call.toolsCalled.prefix(16))
        }
        let room = max(0, AgentLoops.idLimit - clients.values[number].askedIDs.count)
        clients.values[number].askedIDs += call.callIDs.prefix(room)
    }

    /// A tool was called over MCP, as a model had asked for or not.
    mutating func called(
        _ tool: String, by host: IPAddress, at time: Timestamp, isAsked: Bool
    ) {
        let call = ToolCall(time: time, tool: tool, isAsked: isAsked)
        if let number = calls.number(of: host) {
            calls.values[number] = call
        } else if calls.count < AgentLoops.limit {
            calls.insert(host, call)
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
        let equal = step.isAsked ? " with the arguments asked for" : ""
        let results =
            step.isReturned ? "results of the calls that its answer asked for" : "results of tools"
        let middle = step.tool.map { "tools/call of \($0) over MCP\(equal)" } ?? results
        evidence(
            id, .agentLoop, step.tool == nil && !step.isReturned ? .hint : .strong,
            text("a model call with tools\(place), then \(middle), then a model call"), event)
    }

    /// Tools called over MCP, for loops: which model's wish the call fulfils.
    mutating func noteToolCall(_ message: RPCMessage, _ event: Event) -> AskedTools.Wish? {
        guard message.method == "tools/call", event.side == .client, let tool = message.name,
            let flow = event.flow
        else { return nil }
        let host = flow.client.address
        let wish = message.argumentMark.flatMap {
            askedTools.wish(for: tool, $0, by: host, at: event.time)
        }
        loops.called(tool, by: host, at: event.time, isAsked: wish != nil)
        return wish
    }
}

/// Names of agents that have none of their own.
enum AgentName {
    static let unknown = "unknown-agent"
}
