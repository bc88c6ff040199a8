import Catalog
import Codecs
import Wire

/// Agents that somebody has run, in protocols other than A2A.
extension Recording {
    mutating func record(_ message: RunMessage, _ carrier: Carrier, _ event: Event) {
        guard let flow = event.flow, let server = endpoint(carrier, flow) else { return }
        let isBackwards =
            message.kind == .request && event.side == .server
            && message.what == "initialize"
        // Where the agent dials the editor, its own port says nothing.
        guard !isBackwards else { return }
        let subject = agentServer(
            server, message.language.rawValue, RunRecordingText.binding(carrier), event)
        if let version = message.version { fact(subject, .protocolVersion, version, event.time) }
        if let request = carrier.request { fact(subject, .path, request.path, event.time) }
        if event.side == .server {
            fact(subject, .answered, "result", event.time)
            let detail = text("an answer has the shape of \(message.language.rawValue)")
            evidence(subject, .agentMessage, .strong, detail, event)
            served(message, server, subject, event)
        } else {
            asked(message, carrier, server, subject, event)
        }
        if let run = message.run, event.side == .server {
            count(run, message.state, server, subject, event)
        }
        for tool in message.toolsCalled { fact(subject, .tool, tool, event.time) }
    }

    private mutating func served(
        _ message: RunMessage, _ server: Endpoint, _ subject: Texts.Number, _ event: Event
    ) {
        let language = message.language.rawValue
        var names = message.agents.map { ($0, String?.none) }
        if let agent = message.agent { names.append((agent.name, agent.version)) }
        // An id that a server gives its agents is no name.
        if message.language == .agentConnect { names = [] }
        for (name, version) in names {
            fact(subject, .name, name, event.time, detail: version ?? "")
            let role = message.language == .acp ? "acp-agent" : "agent-client-agent"
            let host = machines.tenant(of: server.address, at: event.flow?.start ?? event.time)
            let id = agent(host, name, version, kind: role, event)
            fact(
                id, .agentServed, waiting.texts.number(of: server), event.time,
                detail: text(language))
            evidence(
                id, .agentMessage, .strong, text("it answers at \(server) in \(language)"), event)
        }
    }

    private mutating func asked(
        _ message: RunMessage, _ carrier: Carrier, _ server: Endpoint, _ subject: Texts.Number,
        _ event: Event
    ) {
        guard let flow = event.flow else { return }
        let host = self.client(of: flow)
        let language = message.language.rawValue
        fact(subject, .operation, message.what, event.time)
        for tool in message.toolsOffered { fact(subject, .toolOffered, tool, event.time) }
        let userAgent = Recording.shortened(carrier.request?.userAgent ?? "")
        var named = Catalog.product(ofUserAgent: userAgent).flatMap {
            HTTPLibrary.isOne($0.name) ? nil : $0
        }
        if let client = message.client { named = (client.name, client.version) }
        let isTelling = message.kind == .request && message.what != "session/update"
        // An editor says its name once, and then goes on.
        if isTelling, message.language != .agentClient || message.client != nil {
            let program = named.map { "\($0.name)\u{1f}\($0.version ?? "")" } ?? "\u{1f}"
            fact(
                subject, .client, waiting.texts.number(of: host), event.time,
                detail: text(program))
        }
        if isTelling {
            let detail = text("\(message.what) in \(language) by \(host)")
            evidence(subject, .agentMessage, .strong, detail, event)
        }
        for server in message.configuredMCP {
            fact(subject, .remoteMCP, server.name, event.time, detail: server.host ?? "")
            let place = server.host.map { " at \($0)" } ?? ", a program of its host"
            let detail = text("an editor gives the agent MCP server \(server.name)\(place)")
            evidence(subject, .agentMessage, .strong, detail, event)
        }
        guard isTelling, let named else { return }
        let role = message.language == .agentClient ? "agent-client" : "agent-caller"
        let id = agent(host, named.name, named.version, kind: role, event)
        if !userAgent.isEmpty { fact(id, .userAgent, userAgent, event.time) }
        fact(
            id, .agentCalled, waiting.texts.number(of: server), event.time,
            detail: text(language))
        evidence(
            id, message.client == nil ? .userAgent : .agentMessage, .strong,
            text("\(named.name) asks for \(message.what) in \(language) at \(server)"), event)
    }
}

/// Words for how messages came.
private enum RunRecordingText {
    static func binding(_ carrier: Carrier) -> String {
        switch carrier.kind {
        case .httpBody, .serverSentEvent: "http+json"
        case .lines: "tcp"
        case .webSocket: "websocket"
        }
    }
}
