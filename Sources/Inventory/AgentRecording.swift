import Catalog
import Wire

/// Agents, MCP servers and models: the part of the recorder that reads what programs say to each
/// other.
extension Recording {
    /// The server a message is for: the flow's, or the one an absolute target names to a proxy.
    ///
    /// Nil when a proxy is told a name: whose address that is cannot be seen here.
    private func endpoint(_ carrier: Carrier, _ flow: FlowReference) -> Endpoint? {
        guard let request = carrier.request, request.isAbsolute, let host = request.host else {
            return flow.server
        }
        let isBracketed = host.hasPrefix("[")
        let name =
            isBracketed
            ? String(host.dropFirst().prefix { $0 != "]" }) : String(host.prefix { $0 != ":" })
        guard let address = IPAddress(name) else { return nil }
        let port =
            isBracketed
            ? host.split(separator: "]").last.flatMap { UInt16($0.dropFirst()) }
            : host.split(separator: ":").dropFirst().first.flatMap { UInt16($0) }
        return Endpoint(address, port ?? (request.target.hasPrefix("https") ? 443 : 80))
    }

    /// The request went to a proxy, which will say the same again in its own name.
    private mutating func relayed(
        _ carrier: Carrier, _ flow: FlowReference, _ what: Relays.What, _ event: Event
    ) {
        guard let request = carrier.request, request.isAbsolute else { return }
        relayed(request, flow, what, event)
    }

    private mutating func relayed(
        _ request: HTTPRequest, _ flow: FlowReference, _ what: Relays.What, _ event: Event
    ) {
        fact(
            text(Relays.subject), .relayed, flow.server.address.description, event.time,
            detail: what.text)
    }

    private func exchange(_ flow: FlowReference, _ carrier: Carrier) -> Pairing.Scope {
        carrier.request.map { .exchange(flow.number, $0.ordinal) } ?? .flow(flow.number)
    }

    // MARK: - MCP

    mutating func record(_ endpoint: SSEEndpoint, _ carrier: Carrier, _ event: Event) {
        guard let flow = event.flow, let server = self.endpoint(carrier, flow) else { return }
        pairing.open(
            streamOf: flow.number, carrier.request?.ordinal ?? 0, session: endpoint.session)
        let (subject, detail) = (text(of: server).subject, text(of: server).endpoint)
        let name = MCPMarks.names.first { $0.mark == .endpointEvent }?.name ?? ""
        fact(subject, .mark, text(name), event.time, detail: detail)
        fact(subject, .transport, "http+sse", event.time)
        fact(subject, .path, carrier.request?.path ?? "", event.time, detail: "http+sse")
        evidence(
            subject, .mcpMessage, .strong, text("an event stream begins with `endpoint`"), event)
    }

    mutating func record(_ message: RPCMessage, _ carrier: Carrier, _ event: Event) {
        guard let flow = event.flow else { return }
        let client = flow.client.address
        let server = endpoint(carrier, flow)
        if event.side == .client, let info = message.clientInfo {
            relayed(carrier, flow, .agent(info.name), event)
            record(info, of: client, server, carrier, event)
        }
        guard let server else { return }
        let names = text(of: server)
        for index in Recording.marks.indices
        where Recording.marks[index].mark.rawValue & message.marks.rawValue != 0 {
            let mark = Recording.marks[index]
            fact(names.subject, .mark, text(mark.name), event.time, detail: names.endpoint)
            evidence(names.subject, .mcpMessage, mark.strength, text(mark.detail), event)
        }
        switch (event.side, message.kind) {
        case (.client, .request), (.client, .notification):
            asked(message, carrier, names.subject, event)
            wait(message, carrier, server, flow, event)
        case (.server, .result), (.server, .error): answered(message, carrier, server, flow, event)
        default: break
        }
    }

    /// What each mark of MCP makes of a server.
    private static let marks = MCPMarks.names.map { mark, name in
        (
            mark: mark, name: name, detail: "mark \(name)",
            strength: mark.isSubset(of: .proofs) ? Strength.proof : .strong
        )
    }

    private mutating func record(
        _ info: Implementation, of client: IPAddress, _ server: Endpoint?, _ carrier: Carrier,
        _ event: Event
    ) {
        let id = agent(client, info.name, info.version, kind: "mcp-client", event)
        if let field = carrier.request?.userAgent {
            fact(id, .userAgent, Recording.shortened(field), event.time)
        }
        guard let server else { return }
        let names = text(of: server)
        let none = text("")
        let (name, version) = (text(info.name), info.version.map { text($0) } ?? .max)
        let program = waiting.texts.number(of: Phrase(.pair, name, version)) {
            "\(info.name)\u{1f}\(info.version ?? "")"
        }
        fact(
            names.subject, .client, waiting.texts.number(of: client), event.time, detail: program)
        fact(id, .mcpServer, names.endpoint, event.time, detail: none)
        let phrase = Phrase(.clientProgram, name, version, names.endpoint)
        let detail = waiting.texts.number(of: phrase) {
            "clientInfo names \(info.name) \(info.version ?? "(no version)") to \(server)"
        }
        evidence(id, .mcpClientInfo, .strong, detail, event)
    }

    /// A program on a host, and its id.
    private mutating func agent(
        _ host: IPAddress, _ name: String, _ version: String?, kind: String, _ event: Event
    ) -> Texts.Number {
        let (hostText, nameText) = (waiting.texts.number(of: host), text(name))
        let subject = waiting.texts.number(of: Phrase(.agentID, hostText, nameText)) {
            EntityID.agent(host, name)
        }
        let program = waiting.texts.number(of: Phrase(.pair, hostText, nameText)) {
            "\(host)\u{1f}\(name)"
        }
        fact(subject, .kind, text(kind), event.time, detail: program)
        if let version, !version.isEmpty { fact(subject, .version, version, event.time) }
        return subject
    }

    /// What a request claims of the server, for captures that hold no answers.
    private mutating func asked(
        _ message: RPCMessage, _ carrier: Carrier, _ subject: Texts.Number, _ event: Event
    ) {
        let transport: String
        switch carrier.kind {
        case .lines: transport = "tcp"
        case .webSocket: transport = "websocket"
        case .httpBody, .serverSentEvent:
            let accepts = carrier.request?.accept ?? ""
            transport =
                Recording.does(accepts, hold: "text/event-stream") ? "streamable-http" : "http+sse"
        }
        fact(subject, .askedTransport, transport, event.time)
        if let method = message.method { fact(subject, .askedMethod, method, event.time) }
        fact(subject, .askedAuth, carrier.request?.authScheme ?? "none", event.time)
        if let path = carrier.request?.path { fact(subject, .askedPath, path, event.time) }
        // What `initialize` asks for is a wish; a header comes after the server has chosen.
        let isWish = message.method == "initialize"
        if let version = carrier.request?.mcpVersion ?? message.protocolVersion {
            fact(
                subject, .askedVersion, String(version.prefix(32)), event.time,
                detail: isWish ? "wish" : "")
        }
    }

    /// A request of MCP waits for its answer: only that shows a server.
    private mutating func wait(
        _ message: RPCMessage, _ carrier: Carrier, _ server: Endpoint, _ flow: FlowReference,
        _ event: Event
    ) {
        guard let id = message.id, !message.marks.isEmpty else { return }
        let tool = message.method == "tools/call" ? message.name : nil
        // One that answers an `input_required` is the same call (MCP 2026-07-28 §MRTR).
        let isCounted = tool != nil && !message.hasInputResponses
        if let tool {
            let key = CallRow.Key(endpoint: server, client: flow.client.address, tool: tool)
            relayed(carrier, flow, .call(server, tool), event)
            let client = flow.client.address
            let phrase = Phrase(.toolCall, text(tool), waiting.texts.number(of: client))
            let detail = waiting.texts.number(of: phrase) { "tools/call of \(tool) by \(client)" }
            evidence(text(of: server).subject, .mcpMessage, .strong, detail, event)
            waiting.addCall(
                CallRow(key: key, errors: 0, seen: Period(event.time, count: isCounted ? 1 : 0)))
        }
        let session = carrier.request.map {
            Pairing.Scope.session(server, $0.mcpSession ?? $0.targetHash)
        }
        pairing.wait(
            for: Pairing.Request(
                endpoint: server, client: flow.client.address, tool: tool,
                refusal: named(message, text(of: server).subject, event), isCounted: isCounted),
            id, in: exchange(flow, carrier), session)
    }

    /// Notes a resource or prompt that a request names, for captures that do not hold the list.
    private mutating func named(
        _ message: RPCMessage, _ subject: Texts.Number, _ event: Event
    ) -> Pairing.Refusal? {
        guard let name = message.name else { return nil }
        switch message.method {
        case "resources/read":
            fact(subject, .readResource, name, event.time)
            return Pairing.Refusal(kind: .refusedResource, name: name)
        case "prompts/get":
            fact(subject, .gotPrompt, name, event.time)
            return Pairing.Refusal(kind: .refusedPrompt, name: name)
        default: return nil
        }
    }

    private mutating func answered(
        _ message: RPCMessage, _ carrier: Carrier, _ server: Endpoint, _ flow: FlowReference,
        _ event: Event
    ) {
        let subject = text(of: server).subject
        let session = pairing.session(of: flow.number, carrier.request?.ordinal ?? 0)
        let scope = (session ?? carrier.request?.mcpSession).map {
            Pairing.Scope.session(server, $0)
        }
        let asked = message.id.flatMap { pairing.answer($0, in: exchange(flow, carrier), scope) }
        if let asked, let tool = asked.tool, message.isError || message.kind == .error {
            waiting.addCall(
                CallRow(
                    key: .init(endpoint: asked.endpoint, client: asked.client, tool: tool),
                    errors: 1, seen: Period(event.time, count: 0)))
        }
        if let refusal = asked?.refusal, message.isError || message.kind == .error {
            fact(subject, refusal.kind, refusal.name, event.time)
        }
        // Any JSON-RPC server gives results: only one that answers a request of MCP, or that is
        // MCP's by its own shape, shows that MCP is spoken here. So a scanner's probe makes no
        // server.
        guard asked != nil || !message.marks.isEmpty || session != nil else { return }
        if let code = message.errorCode, AgentCodes.ofMCP.contains(code) {
            fact(subject, .answered, "error \(code)", event.time)
        }
        guard message.kind == .result else { return }
        fact(subject, .answered, "result", event.time)
        serverFacts(message, carrier, subject, isEventSession: session != nil, event)
        list(message.items, server, subject, event)
    }

    private mutating func list(
        _ items: [ListedItem], _ server: Endpoint, _ subject: Texts.Number, _ event: Event
    ) {
        guard !items.isEmpty else { return }
        for kind in [ListedItem.Kind.tool, .resource, .template, .prompt] {
            var list: Texts.Number?
            for item in items where item.kind == kind {
                list = waiting.texts.number(ofList: list, and: text(item.key))
            }
            guard let list else { continue }
            let detail = waiting.texts.number(of: Phrase(.list, list, text(kind.rawValue))) {
                let names = items.filter { $0.kind == kind }.map(\.key)
                return "a result lists \(kind.rawValue) "
                    + names.joined(separator: ", ").prefix(400)
            }
            evidence(subject, .mcpMessage, .strong, detail, event)
        }
        for item in items { waiting.addItem(item, of: server, at: event.time) }
    }

    private mutating func serverFacts(
        _ message: RPCMessage, _ carrier: Carrier, _ subject: Texts.Number, isEventSession: Bool,
        _ event: Event
    ) {
        if let info = message.serverInfo {
            fact(subject, .name, info.name, event.time, detail: info.version ?? "")
            let phrase = Phrase(
                .serverProgram, text(info.name), info.version.map { text($0) } ?? .max)
            let detail = waiting.texts.number(of: phrase) {
                "serverInfo names \(info.name) \(info.version ?? "(no version)")"
            }
            evidence(subject, .mcpServerInfo, .proof, detail, event)
        }
        let isChoice = message.serverInfo != nil && message.protocolVersion != nil
        if let version = isChoice ? message.protocolVersion : carrier.request?.mcpVersion {
            let short = String(version.prefix(32))
            fact(subject, .protocolVersion, short, event.time)
            let detail = waiting.texts.number(of: Phrase(.resultVersion, text(short))) {
                "a result was given under \(short)"
            }
            evidence(subject, .mcpMessage, .strong, detail, event)
        }
        switch carrier.kind {
        case .lines: fact(subject, .transport, "tcp", event.time)
        case .webSocket:
            fact(subject, .transport, "websocket", event.time)
            fact(subject, .auth, carrier.request?.authScheme ?? "none", event.time)
            guard let path = carrier.request?.path else { return }
            fact(subject, .path, path, event.time, detail: "websocket")
        case .httpBody, .serverSentEvent:
            guard let request = carrier.request else { return }
            let scheme = request.authScheme
            fact(subject, .auth, scheme ?? "none", event.time)
            let detail = waiting.texts.number(
                of: Phrase(.answered, scheme.map { text($0) } ?? .max)
            ) {
                "a request \(scheme.map { "with \($0)" } ?? "without") credentials was answered"
            }
            evidence(subject, .mcpMessage, .strong, detail, event)
            if isEventSession { return }
            fact(subject, .transport, "streamable-http", event.time)
            fact(subject, .path, request.path, event.time, detail: "streamable-http")
        }
    }

    // MARK: - Models

    mutating func record(_ call: ModelCall, _ carrier: Carrier, _ event: Event) {
        guard let flow = event.flow, let request = carrier.request else { return }
        let server = endpoint(carrier, flow)
        let agentText = Recording.shortened(request.userAgent ?? "")
        if let product = Catalog.product(ofUserAgent: agentText) {
            relayed(carrier, flow, .agent(product.name), event)
            record(product, agentText, call, of: flow.client.address, server, request.path, event)
        }
        guard let server else { return }
        let key = ModelUseRow.Key(
            endpoint: server, path: request.path, api: call.api, client: flow.client.address,
            userAgent: agentText, model: call.model ?? "")
        relayed(carrier, flow, .model(key), event)
        waiting.addModelUse(
            ModelUseRow(
                key: key, streaming: call.isStreaming ? 1 : 0, answered: call.isAnswer ? 1 : 0,
                seen: Period(event.time)))
        if !call.isAnswer { pairing.wait(for: key, flow.number, request.ordinal) }
        let (api, serverText) = (text(call.api.rawValue), waiting.texts.number(of: server))
        let path = text(request.path)
        let subject = waiting.texts.number(of: Phrase(.modelEndpointID, serverText, path)) {
            EntityID.modelEndpoint(server, request.path)
        }
        let shape = Phrase(
            .modelShape, text(request.method), path, api, call.model.map { text($0) } ?? .max)
        let detail = waiting.texts.number(of: shape) {
            "\(request.method) \(request.path) has the shape of \(call.api.rawValue)"
                + (call.model.map { ", model \($0)" } ?? "")
        }
        evidence(subject, call.isAnswer ? .modelAnswer : .modelRequest, .strong, detail, event)
        if let model = call.model {
            let id = waiting.texts.number(of: Phrase(.modelID, text(model))) {
                EntityID.model(model)
            }
            let detail = waiting.texts.number(of: Phrase(.modelName, api, serverText)) {
                "\(call.api.rawValue) request to \(server) names it"
            }
            evidence(id, .modelRequest, .strong, detail, event)
        }
    }

    private mutating func record(
        _ product: (name: String, version: String?), _ userAgent: String, _ call: ModelCall,
        of client: IPAddress, _ server: Endpoint?, _ path: String, _ event: Event
    ) {
        let id = agent(client, product.name, product.version, kind: "llm-client", event)
        fact(id, .userAgent, userAgent, event.time)
        if let model = call.model { fact(id, .model, model, event.time) }
        if let server { fact(id, .modelEndpoint, "\(server)\(path)", event.time) }
        let phrase = Phrase(
            .modelAgent, text(userAgent), text(call.api.rawValue),
            server.map { waiting.texts.number(of: $0) } ?? .max)
        let detail = waiting.texts.number(of: phrase) {
            "User-Agent \(userAgent) on a \(call.api.rawValue) request"
                + (server.map { " to \($0)" } ?? " through a proxy")
        }
        evidence(id, .userAgent, .strong, detail, event)
    }

    /// A program that a request's User-Agent names, where the catalog knows it for an agent.
    ///
    /// Libraries, scanners and an AI service's own fetchers are left out: they are nobody's agent
    /// here.
    mutating func recordAgent(of request: HTTPRequest, _ flow: FlowReference, _ event: Event) {
        guard let userAgent = request.userAgent.map(Recording.shortened),
            let sighting = sighting(ofUserAgent: userAgent)
        else { return }
        let host = flow.client.address
        if request.isAbsolute { relayed(request, flow, .agent(sighting.name), event) }
        let id = agent(host, sighting.name, sighting.version, kind: "http-client", event)
        fact(id, .userAgent, userAgent, event.time)
        let phrase = Phrase(
            .requestAgent, text(userAgent), text(request.method),
            request.host.map { text($0) } ?? waiting.texts.number(of: flow.server))
        let detail = waiting.texts.number(of: phrase) {
            "User-Agent \(userAgent) on \(request.method) to \(request.host ?? "\(flow.server)")"
        }
        evidence(id, .userAgent, .strong, detail, event)
    }

    /// Whether a field holds a word of ASCII, in this case: over bytes, for `contains` is slow.
    private static func does(_ field: String, hold word: String) -> Bool {
        let (bytes, part) = (field.utf8.span, word.utf8.span)
        guard bytes.count >= part.count else { return false }
        return (0...bytes.count - part.count).contains { start in
            part.indices.allSatisfy { bytes[start + $0] == part[$0] }
        }
    }

    /// At most 256 characters of a User-Agent.
    private static func shortened(_ text: String) -> String {
        // No text has more characters than bytes, and bytes are counted already.
        text.utf8.count <= 256 ? text : String(text.prefix(256))
    }

    private mutating func sighting(ofUserAgent text: String) -> AgentSighting? {
        if let known = agents[text] { return known }
        let kinds: Set<KnownAgent.Kind> = [.commandLine, .editor, .browser, .framework]
        var found = catalog.agent(forUserAgent: text)
        let kind = found?.signature.flatMap { catalog.agent(id: $0)?.kind }
        if kind.map(kinds.contains) != true { found = nil }
        // What was forgotten is only looked up again.
        if agents.count >= Recording.agentLimit { agents.removeAll(keepingCapacity: true) }
        agents[text] = .some(found)
        return found
    }

    /// The status of an answer: a redirected call is sent again, a model's 2xx proves it serves.
    mutating func record(_ response: HTTPResponse, _ event: Event) {
        guard let flow = event.flow, let request = response.request else { return }
        let scope = Pairing.Scope.exchange(flow.number, request.ordinal)
        if (300..<400).contains(response.status) {
            for call in pairing.takeBack(scope) where call.isCounted {
                waiting.addCall(
                    CallRow(
                        key: .init(
                            endpoint: call.endpoint, client: call.client, tool: call.tool ?? ""),
                        errors: 0, seen: Period(event.time, count: -1)))
            }
        }
        if let key = pairing.model(of: flow.number, request.ordinal),
            (200..<300).contains(response.status)
        {
            waiting.addModelUse(
                ModelUseRow(
                    key: key, streaming: 0, answered: 1, seen: Period(event.time, count: 0)))
        }
        if response.hasResourceMetadata, response.status == 401, request.method == "POST",
            let accepts = request.accept, Recording.does(accepts, hold: "text/event-stream"),
            Recording.does(accepts, hold: "application/json")
        {
            let names = text(of: flow.server)
            fact(
                names.subject, .mark, text("protected-resource"), event.time,
                detail: names.endpoint)
        }
    }
}

/// Error codes that only MCP gives (MCP 2026-07-28 §Error Codes).
enum AgentCodes {
    /// HeaderMismatch, MissingRequiredClientCapability, UnsupportedProtocolVersion.
    static let ofMCP: ClosedRange<Int> = -32022 ... -32020
}
