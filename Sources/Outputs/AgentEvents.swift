import Codecs
import Wire

/// What agents tell each other: names, ids as keyed hashes, and states; never content.
extension EVE {
    func write(_ message: A2AMessage, _ carrier: Carrier, _ event: Event, _ flow: FlowReference) {
        begin("a2a", event, flow, isTurned: event.side == .server)
        writer.key("a2a")
        writer.beginObject()
        writer.member("kind", message.kind.rawValue)
        writer.member("binding", message.binding.rawValue)
        writer.member("operation", ifPresent: message.operation?.rawValue)
        writer.member("version", ifPresent: message.version)
        writer.member("url", ifPresent: carrier.request?.a2aBase)
        writer.member("id", ifPresent: message.id.map { String($0.dropFirst()) })
        writer.member("task_hash", ifPresent: message.task?.text)
        writer.member("context_hash", ifPresent: message.context?.text)
        writer.member("message_hash", ifPresent: message.messageID?.text)
        if !message.references.isEmpty {
            writer.member("reference_task_hashes", message.references.map(\.text))
        }
        writer.member("state", ifPresent: message.state?.rawValue)
        if let code = message.errorCode { writer.member("error_code", code) }
        writer.member("webhook", ifPresent: message.webhook)
        if let card = message.card { write(card) }
        writer.member("user_agent", ifPresent: carrier.request?.userAgent)
        writer.endObject()
        end()
    }

    func write(_ message: RunMessage, _ carrier: Carrier, _ event: Event, _ flow: FlowReference) {
        begin("agent_run", event, flow, isTurned: event.side == .server)
        writer.key("agent_run")
        writer.beginObject()
        writer.member("protocol", message.language.rawValue)
        writer.member("kind", message.kind.rawValue)
        writer.member("what", message.what)
        writer.member("carrier", carrier.kind.rawValue)
        writer.member("version", ifPresent: message.version)
        if !message.agents.isEmpty { writer.member("agents", message.agents) }
        writer.member("state", ifPresent: message.state)
        writer.member("run_hash", ifPresent: message.run?.text)
        writer.member("session_hash", ifPresent: message.session?.text)
        writer.member("parent_run_hash", ifPresent: message.parent?.text)
        if !message.toolsOffered.isEmpty { writer.member("tools", message.toolsOffered) }
        if !message.toolsCalled.isEmpty { writer.member("tools_called", message.toolsCalled) }
        implementation("client", message.client)
        implementation("agent", message.agent)
        if !message.configuredMCP.isEmpty {
            writer.member(
                "mcp_servers",
                message.configuredMCP.map { server in
                    server.host.map { "\(server.name) at \($0)" } ?? server.name
                })
        }
        writer.member("user_agent", ifPresent: carrier.request?.userAgent)
        writer.endObject()
        end()
    }

    /// What an `llm` event has besides API, model and way.
    func write(details call: ModelCall) {
        if !call.toolNames.isEmpty { writer.member("tools", call.toolNames) }
        if call.toolCount > 0 { writer.member("tools_offered", call.toolCount) }
        if call.toolResults > 0 { writer.member("tool_results", call.toolResults) }
        if !call.toolsCalled.isEmpty { writer.member("tools_called", call.toolsCalled) }
        writer.member("outcome", ifPresent: call.outcome)
        if !call.usage.isEmpty {
            writer.key("tokens")
            writer.beginObject()
            if let count = call.usage.input { writer.member("input", count) }
            if let count = call.usage.output { writer.member("output", count) }
            if let count = call.usage.cached { writer.member("cached", count) }
            if let count = call.usage.reasoning { writer.member("reasoning", count) }
            writer.endObject()
        }
        writer.member("user_hash", ifPresent: call.endUser?.text)
        guard !call.remoteMCP.isEmpty else { return }
        writer.key("remote_mcp")
        writer.beginArray()
        for server in call.remoteMCP {
            writer.beginObject()
            writer.member("label", server.label)
            writer.member("host", ifPresent: server.host)
            writer.endObject()
        }
        writer.endArray()
    }

    private func write(_ card: AgentCard) {
        writer.key("card")
        writer.beginObject()
        writer.member("name", card.name)
        writer.member("version", ifPresent: card.version)
        writer.member("provider", ifPresent: card.organization)
        writer.member("skills", card.skills.map(\.id))
        writer.member("interfaces", card.interfaces.map { "\($0.binding) \($0.url)" })
        writer.member("security_schemes", card.schemes)
        writer.member("signed", card.isSigned)
        writer.endObject()
    }
}
