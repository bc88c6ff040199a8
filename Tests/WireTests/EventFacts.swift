import Codecs

@testable import Wire

/// What a message claims, one claim each: a part of a connection may claim less than the whole, and
/// nothing else.
enum EventFacts {
    static func of(_ side: Side, _ message: Message) -> [String] {
        let who = side == .client ? "C" : "S"
        return claims(message).map { "\(who) \($0)" }
    }

    private static func claims(_ message: Message) -> [String] {
        switch message {
        case .rpc(let message, _): rpc(message)
        case .a2a(let message, _): a2a(message)
        case .agentRun(let message, _): run(message)
        case .modelCall(let call, _): model(call)
        case .runtime(let mark, _): ["runtime \(mark.runtime) \(mark.mark)"]
        case .authorization(let step, _): authorization(step)
        case .sseEndpoint(let endpoint, _): ["endpoint \(endpoint.path)"]
        // A line without a version may have been cut anywhere, and is told as one of HTTP/0.9.
        case .httpRequest(let request):
            request.version.isEmpty ? [] : ["request \(request.method) \(request.target)"]
        case .httpResponse(let response): ["response \(response.status)"]
        default: []
        }
    }

    /// Cut off and without a mark of its own, a message is JSON-RPC and no more.
    private static func rpc(_ message: RPCMessage) -> [String] {
        guard !message.isTruncated || !message.marks.isEmpty else { return [] }
        let what = message.method ?? message.kind.rawValue
        var found = ["rpc \(what)"]
        let add = { (name: String, value: String?) in
            if let value { found.append("rpc \(what) \(name) \(value)") }
        }
        add("id", message.id)
        add("name", message.name)
        add("version", message.protocolVersion)
        add("client", message.clientInfo?.name)
        add("client version", message.clientInfo?.version)
        add("server", message.serverInfo?.name)
        add("server version", message.serverInfo?.version)
        add("type", message.resultType)
        add("code", message.errorCode.map { "\($0)" })
        add("trace", message.traceID)
        add("error", message.isError ? "" : nil)
        for version in message.supportedVersions { add("supports", version) }
        for name in message.argumentNames { add("argument", name) }
        for (mark, name) in MCPMarks.names where message.marks.contains(mark) { add("mark", name) }
        for item in message.items { add(item.kind.rawValue, item.key) }
        for item in message.items where !item.digest.isEmpty { add("digest", item.digest) }
        for (oddity, name) in RPCOddities.names where message.details.oddities.contains(oddity) {
            add("oddity", name)
        }
        let details = message.details
        for name in details.capabilities { add("capability", name) }
        for type in details.contentTypes { add("content", type) }
        for method in details.inputMethods { add("input", method) }
        add("task", details.taskStatus)
        add("elicitation", details.elicitation)
        add("action", details.action)
        add("model", details.model)
        add("level", details.level)
        add("instructions", details.instructions)
        return found
    }

    private static func a2a(_ message: A2AMessage) -> [String] {
        let what = "a2a \(message.kind.rawValue) \(message.binding.rawValue)"
        var found = [what]
        let add = { (name: String, value: String?) in
            if let value { found.append("\(what) \(name) \(value)") }
        }
        add("operation", message.operation?.rawValue)
        add("version", message.version)
        add("task", message.task.map { "\($0.value)" })
        add("context", message.context.map { "\($0.value)" })
        add("message", message.messageID.map { "\($0.value)" })
        add("state", message.state?.rawValue)
        add("code", message.errorCode.map { "\($0)" })
        add("webhook", message.webhook)
        for task in message.references { add("reference", "\(task.value)") }
        guard let card = message.card else { return found }
        add("card", card.name)
        add("card version", card.version)
        add("protocol", card.protocolVersion)
        add("organization", card.organization)
        for skill in card.skills { add("skill", "\(skill.id) \(skill.name) \(skill.tags)") }
        for way in card.interfaces { add("way", "\(way.url) \(way.binding) \(way.version ?? "")") }
        for scheme in card.schemes { add("scheme", scheme) }
        for capability in card.capabilities { add("capability", capability) }
        return found
    }

    private static func run(_ message: RunMessage) -> [String] {
        let what = "run \(message.language.rawValue) \(message.kind.rawValue) \(message.what)"
        var found = [what]
        let add = { (name: String, value: String?) in
            if let value { found.append("\(what) \(name) \(value)") }
        }
        for agent in message.agents { add("agent", agent) }
        for tool in message.toolsOffered { add("offers", tool) }
        for tool in message.toolsCalled { add("calls", tool) }
        add("state", message.state)
        add("client", message.client?.name)
        add("program", message.agent?.name)
        add("version", message.version)
        for server in message.configuredMCP { add("server", server.name) }
        return found
    }

    private static func model(_ call: ModelCall) -> [String] {
        let what = "model \(call.api.rawValue) \(call.isAnswer ? "answer" : "request")"
        var found = [what]
        let add = { (name: String, value: String?) in
            if let value { found.append("\(what) \(name) \(value)") }
        }
        add("model", call.model)
        add("outcome", call.outcome)
        add("input", call.usage.input.map { "\($0)" })
        add("output", call.usage.output.map { "\($0)" })
        add("cached", call.usage.cached.map { "\($0)" })
        for tool in call.toolNames { add("offers", tool) }
        for tool in call.toolsCalled { add("calls", tool) }
        for server in call.remoteMCP { add("server", server.label) }
        return found
    }

    private static func authorization(_ step: AuthorizationMessage) -> [String] {
        let what = "oauth \(step.kind.rawValue)"
        var found = [what]
        let add = { (name: String, value: String?) in
            if let value { found.append("\(what) \(name) \(value)") }
        }
        add("resource", step.resource)
        add("issuer", step.issuer)
        add("metadata", step.metadata)
        add("grant", step.grant)
        add("client", step.client)
        add("name", step.clientName)
        add("error", step.error)
        for server in step.servers { add("server", server) }
        for scope in step.scopes { add("scope", scope) }
        for host in step.redirectHosts { add("redirect", host) }
        return found
    }
}
