import Catalog
import Wire

/// Agents, MCP servers and models: the part of the recorder that reads what programs say to each
/// other.
extension Recorder {
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
    private func relayed(
        _ carrier: Carrier, _ flow: FlowReference, _ what: Relays.What, _ event: Event
    ) {
        guard let request = carrier.request, request.isAbsolute else { return }
        relayed(request, flow, what, event)
    }

    private func relayed(
        _ request: HTTPRequest, _ flow: FlowReference, _ what: Relays.What, _ event: Event
    ) {
        fact(
            Relays.subject, .relayed, flow.server.address.description, event.time,
            detail: what.text)
    }

    private func exchange(_ flow: FlowReference, _ carrier: Carrier) -> Pairing.Scope {
        carrier.request.map { .exchange(flow.number, $0.ordinal) } ?? .flow(flow.number)
    }

    // MARK: - MCP

    func record(_ endpoint: SSEEndpoint, _ carrier: Carrier, _ event: Event) {
        guard let flow = event.flow, let server = self.endpoint(carrier, flow) else { return }
        pairing.open(
            streamOf: flow.number, carrier.request?.ordinal ?? 0, session: endpoint.session)
        let (subject, text) = (self.text(of: server).subject, self.text(of: server).endpoint)
        let name = MCPMarks.names.first { $0.mark == .endpointEvent }?.name ?? ""
        fact(subject, .mark, name, event.time, detail: text)
        fact(subject, .transport, "http+sse", event.time)
        fact(subject, .path, carrier.request?.path ?? "", event.time, detail: "http+sse")
        evidence(subject, .mcpMessage, .strong, "an event stream begins with `endpoint`", event)
    }

    func record(_ message: RPCMessage, _ carrier: Carrier, _ event: Event) {
        guard let flow = event.flow else { return }
        let client = flow.client.address
        let server = endpoint(carrier, flow)
        if event.side == .client, let info = message.clientInfo {
            relayed(carrier, flow, .agent(info.name), event)
            record(info, of: client, server, carrier, event)
        }
        guard let server else { return }
        let text = text(of: server)
        for mark in Recorder.marks where message.marks.contains(mark.mark) {
            fact(text.subject, .mark, mark.name, event.time, detail: text.endpoint)
            evidence(text.subject, .mcpMessage, mark.strength, mark.detail, event)
        }
        switch (event.side, message.kind) {
        case (.client, .request), (.client, .notification):
            asked(message, carrier, text.subject, event)
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

    private func record(
        _ info: Implementation, of client: IPAddress, _ server: Endpoint?, _ carrier: Carrier,
        _ event: Event
    ) {
        let id = EntityID.agent(client, info.name)
        agent(client, info.name, info.version, kind: "mcp-client", event)
        if let text = carrier.request?.userAgent {
            fact(id, .userAgent, Recorder.shortened(text), event.time)
        }
        guard let server else { return }
        let text = text(of: server)
        fact(
            text.subject, .client, client.description, event.time,
            detail: "\(info.name)\u{1f}\(info.version ?? "")")
        fact(id, .mcpServer, text.endpoint, event.time)
        evidence(
            id, .mcpClientInfo, .strong,
            "clientInfo names \(info.name) \(info.version ?? "(no version)") to \(text.endpoint)",
            event)
    }

    private func agent(
        _ host: IPAddress, _ name: String, _ version: String?, kind: String, _ event: Event
    ) {
        let subject = EntityID.agent(host, name)
        fact(subject, .kind, kind, event.time, detail: "\(host)\u{1f}\(name)")
        if let version, !version.isEmpty { fact(subject, .version, version, event.time) }
    }

    /// What a request claims of the server, for captures that hold no answers.
    private func asked(
        _ message: RPCMessage, _ carrier: Carrier, _ subject: String, _ event: Event
    ) {
        let transport: String
        switch carrier.kind {
        case .lines: transport = "tcp"
        case .webSocket: transport = "websocket"
        case .httpBody, .serverSentEvent:
            let accepts = carrier.request?.accept ?? ""
            transport =
                Recorder.does(accepts, hold: "text/event-stream") ? "streamable-http" : "http+sse"
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
    private func wait(
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
            evidence(
                text(of: server).subject, .mcpMessage, .strong,
                "tools/call of \(tool) by \(flow.client.address)", event)
            rows.calls.add(
                CallRow(key: key, errors: 0, seen: Period(event.time, count: isCounted ? 1 : 0)))
        }
        var scopes = [exchange(flow, carrier)]
        if let request = carrier.request {
            scopes.append(.session(server, request.mcpSession ?? request.targetHash))
        }
        pairing.wait(
            for: Pairing.Request(
                endpoint: server, client: flow.client.address, tool: tool, isCounted: isCounted),
            id, in: scopes)
    }

    private func answered(
        _ message: RPCMessage, _ carrier: Carrier, _ server: Endpoint, _ flow: FlowReference,
        _ event: Event
    ) {
        let subject = text(of: server).subject
        let session = pairing.session(of: flow.number, carrier.request?.ordinal ?? 0)
        var scopes = [exchange(flow, carrier)]
        if let key = session ?? carrier.request?.mcpSession { scopes.append(.session(server, key)) }
        let asked = message.id.flatMap { pairing.answer($0, in: scopes) }
        if let asked, let tool = asked.tool, message.isError || message.kind == .error {
            rows.calls.add(
                CallRow(
                    key: .init(endpoint: asked.endpoint, client: asked.client, tool: tool),
                    errors: 1, seen: Period(event.time, count: 0)))
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

    private func list(
        _ items: [ListedItem], _ server: Endpoint, _ subject: String, _ event: Event
    ) {
        guard !items.isEmpty else { return }
        for kind in [ListedItem.Kind.tool, .resource, .template, .prompt] {
            let names = items.filter { $0.kind == kind }.map(\.key)
            guard !names.isEmpty else { continue }
            evidence(
                subject, .mcpMessage, .strong,
                "a result lists \(kind.rawValue) \(names.joined(separator: ", ").prefix(400))",
                event)
        }
        for item in items {
            rows.items.add(ListedItemRow(item: item, endpoint: server, seen: Period(event.time)))
        }
    }

    private func serverFacts(
        _ message: RPCMessage, _ carrier: Carrier, _ subject: String, isEventSession: Bool,
        _ event: Event
    ) {
        if let info = message.serverInfo {
            fact(
                subject, .name, info.name, event.time, detail: info.version ?? "")
            evidence(
                subject, .mcpServerInfo, .proof,
                "serverInfo names \(info.name) \(info.version ?? "(no version)")", event)
        }
        let isChoice = message.serverInfo != nil && message.protocolVersion != nil
        if let version = isChoice ? message.protocolVersion : carrier.request?.mcpVersion {
            fact(subject, .protocolVersion, String(version.prefix(32)), event.time)
            evidence(
                subject, .mcpMessage, .strong, "a result was given under \(version.prefix(32))",
                event)
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
            fact(subject, .auth, request.authScheme ?? "none", event.time)
            evidence(
                subject, .mcpMessage, .strong,
                "a request \(request.authScheme.map { "with \($0)" } ?? "without") credentials was"
                    + " answered", event)
            if isEventSession { return }
            fact(subject, .transport, "streamable-http", event.time)
            fact(subject, .path, request.path, event.time, detail: "streamable-http")
        }
    }

    // MARK: - Models

    func record(_ call: ModelCall, _ carrier: Carrier, _ event: Event) {
        guard let flow = event.flow, let request = carrier.request else { return }
        let server = endpoint(carrier, flow)
        let agentText = Recorder.shortened(request.userAgent ?? "")
        if let product = Catalog.product(ofUserAgent: agentText) {
            relayed(carrier, flow, .agent(product.name), event)
            record(product, agentText, call, of: flow.client.address, server, request.path, event)
        }
        guard let server else { return }
        let key = ModelUseRow.Key(
            endpoint: server, path: request.path, api: call.api, client: flow.client.address,
            userAgent: agentText, model: call.model ?? "")
        relayed(carrier, flow, .model(key), event)
        rows.models.add(
            ModelUseRow(
                key: key, streaming: call.isStreaming ? 1 : 0, answered: call.isAnswer ? 1 : 0,
                seen: Period(event.time)))
        if !call.isAnswer { pairing.wait(for: key, flow.number, request.ordinal) }
        let subject = EntityID.modelEndpoint(server, request.path)
        evidence(
            subject, call.isAnswer ? .modelAnswer : .modelRequest, .strong,
            "\(request.method) \(request.path) has the shape of \(call.api.rawValue)"
                + (call.model.map { ", model \($0)" } ?? ""), event)
        if let model = call.model {
            evidence(
                EntityID.model(model), .modelRequest, .strong,
                "\(call.api.rawValue) request to \(server) names it", event)
        }
    }

    private func record(
        _ product: (name: String, version: String?), _ userAgent: String, _ call: ModelCall,
        of client: IPAddress, _ server: Endpoint?, _ path: String, _ event: Event
    ) {
        agent(client, product.name, product.version, kind: "llm-client", event)
        let id = EntityID.agent(client, product.name)
        fact(id, .userAgent, userAgent, event.time)
        if let model = call.model { fact(id, .model, model, event.time) }
        if let server { fact(id, .modelEndpoint, "\(server)\(path)", event.time) }
        evidence(
            id, .userAgent, .strong,
            "User-Agent \(userAgent) on a \(call.api.rawValue) request"
                + (server.map { " to \($0)" } ?? " through a proxy"), event)
    }

    /// A program that a request's User-Agent names, where the catalog knows it for an agent.
    ///
    /// Libraries, scanners and an AI service's own fetchers are left out: they are nobody's agent
    /// here.
    func recordAgent(of request: HTTPRequest, _ flow: FlowReference, _ event: Event) {
        guard let text = request.userAgent.map(Recorder.shortened),
            let sighting = sighting(ofUserAgent: text)
        else { return }
        let host = flow.client.address
        if request.isAbsolute { relayed(request, flow, .agent(sighting.name), event) }
        agent(host, sighting.name, sighting.version, kind: "http-client", event)
        let id = EntityID.agent(host, sighting.name)
        fact(id, .userAgent, text, event.time)
        evidence(
            id, .userAgent, .strong,
            "User-Agent \(text) on \(request.method) to \(request.host ?? "\(flow.server)")", event)
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

    private func sighting(ofUserAgent text: String) -> AgentSighting? {
        if let known = agents[text] { return known }
        let kinds: Set<KnownAgent.Kind> = [.commandLine, .editor, .browser, .framework]
        var found = catalog.agent(forUserAgent: text)
        let kind = found?.signature.flatMap { catalog.agent(id: $0)?.kind }
        if kind.map(kinds.contains) != true { found = nil }
        // What was forgotten is only looked up again.
        if agents.count >= Recorder.agentLimit { agents.removeAll(keepingCapacity: true) }
        agents[text] = .some(found)
        return found
    }

    /// The status of an answer: a redirected call is sent again, a model's 2xx proves it serves.
    func record(_ response: HTTPResponse, _ event: Event) {
        guard let flow = event.flow, let request = response.request else { return }
        let scope = Pairing.Scope.exchange(flow.number, request.ordinal)
        if (300..<400).contains(response.status) {
            for call in pairing.takeBack(scope) where call.isCounted {
                rows.calls.add(
                    CallRow(
                        key: .init(
                            endpoint: call.endpoint, client: call.client, tool: call.tool ?? ""),
                        errors: 0, seen: Period(event.time, count: -1)))
            }
        }
        if let key = pairing.model(of: flow.number, request.ordinal),
            (200..<300).contains(response.status)
        {
            rows.models.add(
                ModelUseRow(
                    key: key, streaming: 0, answered: 1, seen: Period(event.time, count: 0)))
        }
        if response.hasResourceMetadata, response.status == 401, request.method == "POST",
            let accepts = request.accept, Recorder.does(accepts, hold: "text/event-stream"),
            Recorder.does(accepts, hold: "application/json")
        {
            let text = text(of: flow.server)
            fact(text.subject, .mark, "protected-resource", event.time, detail: text.endpoint)
        }
    }
}

/// Error codes that only MCP gives (MCP 2026-07-28 §Error Codes).
enum AgentCodes {
    /// HeaderMismatch, MissingRequiredClientCapability, UnsupportedProtocolVersion.
    static let ofMCP: ClosedRange<Int> = -32022 ... -32020
}
