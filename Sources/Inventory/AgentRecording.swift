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

    private func exchange(_ flow: FlowReference, _ carrier: Carrier) -> Pairing.Scope {
        carrier.request.map { .exchange(flow.number, $0.ordinal) } ?? .flow(flow.number)
    }

    // MARK: - MCP

    func record(_ endpoint: SSEEndpoint, _ carrier: Carrier, _ event: Event) {
        guard let flow = event.flow, let server = self.endpoint(carrier, flow) else { return }
        pairing.open(
            streamOf: flow.number, carrier.request?.ordinal ?? 0, session: endpoint.session)
        let subject = EntityID.mcp(server)
        let name = MCPMarks.names.first { $0.mark == .endpointEvent }?.name ?? ""
        fact(subject, .mark, name, event.time, detail: "\(server)")
        fact(subject, .transport, "http+sse", event.time)
        fact(subject, .path, carrier.request?.path ?? "", event.time)
        evidence(subject, .mcpMessage, .strong, "an event stream begins with `endpoint`", event)
    }

    func record(_ message: RPCMessage, _ carrier: Carrier, _ event: Event) {
        guard let flow = event.flow, let server = endpoint(carrier, flow) else { return }
        let subject = EntityID.mcp(server)
        for (mark, name) in MCPMarks.names where message.marks.contains(mark) {
            fact(subject, .mark, name, event.time, detail: "\(server)")
            evidence(
                subject, .mcpMessage, mark.isSubset(of: .proofs) ? .proof : .strong,
                "mark \(name)", event)
        }
        let client = flow.client.address
        if event.side == .client, let info = message.clientInfo {
            record(info, of: client, server, event)
        }
        switch (event.side, message.kind) {
        case (.client, .request), (.client, .notification):
            asked(message, carrier, subject, server, event)
            call(message, carrier, server, flow, event)
        case (.server, .result), (.server, .error): answered(message, carrier, server, flow, event)
        default: break
        }
    }

    private func record(
        _ info: Implementation, of client: IPAddress, _ server: Endpoint, _ event: Event
    ) {
        fact(
            EntityID.mcp(server), .client, client.description, event.time,
            detail: "\(info.name)\u{1f}\(info.version ?? "")")
        agent(client, info.name, info.version, kind: "mcp-client", event)
        fact(EntityID.agent(client, info.name), .mcpServer, "\(server)", event.time)
        evidence(
            EntityID.agent(client, info.name), .mcpClientInfo, .strong,
            "clientInfo names \(info.name) \(info.version ?? "(no version)") to \(server)", event)
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
        _ message: RPCMessage, _ carrier: Carrier, _ subject: String, _ server: Endpoint,
        _ event: Event
    ) {
        let transport: String
        switch carrier.kind {
        case .lines: transport = "tcp"
        case .webSocket: transport = "websocket"
        case .httpBody, .serverSentEvent:
            let accepts = carrier.request?.accept ?? ""
            transport = accepts.contains("text/event-stream") ? "streamable-http" : "http+sse"
        }
        fact(subject, .askedTransport, transport, event.time)
        if let method = message.method { fact(subject, .askedMethod, method, event.time) }
        fact(subject, .askedAuth, carrier.request?.authScheme ?? "none", event.time)
        if let path = carrier.request?.path { fact(subject, .askedPath, path, event.time) }
        if let version = carrier.request?.mcpVersion ?? message.protocolVersion {
            fact(subject, .askedVersion, String(version.prefix(32)), event.time)
        }
    }

    /// A tool call is counted when it is asked; one that answers an `input_required` is the same
    /// call.
    private func call(
        _ message: RPCMessage, _ carrier: Carrier, _ server: Endpoint, _ flow: FlowReference,
        _ event: Event
    ) {
        guard message.method == "tools/call", let tool = message.name, let id = message.id else {
            return
        }
        let key = CallRow.Key(endpoint: server, client: flow.client.address, tool: tool)
        evidence(
            EntityID.mcp(server), .mcpMessage, .strong,
            "tools/call of \(tool) by \(flow.client.address)", event)
        let isCounted = !message.hasInputResponses
        rows.calls.add(
            CallRow(key: key, errors: 0, seen: Period(event.time, count: isCounted ? 1 : 0)))
        var scopes = [exchange(flow, carrier)]
        if let request = carrier.request {
            scopes.append(.session(server, request.mcpSession ?? request.targetHash))
        }
        pairing.wait(
            for: Pairing.Call(
                endpoint: server, client: flow.client.address, tool: tool, isCounted: isCounted),
            id, in: scopes)
    }

    private func answered(
        _ message: RPCMessage, _ carrier: Carrier, _ server: Endpoint, _ flow: FlowReference,
        _ event: Event
    ) {
        let subject = EntityID.mcp(server)
        let stream = exchange(flow, carrier)
        let session = pairing.session(of: flow.number, carrier.request?.ordinal ?? 0)
        var scopes = [stream]
        if let session {
            scopes.append(.session(server, session))
        } else if let request = carrier.request, let key = request.mcpSession {
            scopes.append(.session(server, key))
        }
        if let id = message.id, let call = pairing.answer(id, in: scopes),
            message.isError || message.kind == .error
        {
            rows.calls.add(
                CallRow(
                    key: .init(endpoint: call.endpoint, client: call.client, tool: call.tool),
                    errors: 1, seen: Period(event.time, count: 0)))
        }
        guard message.kind == .result else { return }
        fact(subject, .answered, "result", event.time)
        serverFacts(message, carrier, subject, isEventSession: session != nil, event)
        for kind in [ListedItem.Kind.tool, .resource, .template, .prompt] {
            let names = message.items.filter { $0.kind == kind }.map(\.key)
            guard !names.isEmpty else { continue }
            evidence(
                subject, .mcpMessage, .strong,
                "a result lists \(kind.rawValue) \(names.joined(separator: ", ").prefix(400))",
                event)
        }
        for item in message.items {
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
        let isModern = carrier.request?.mcpMethod != nil
        let version =
            message.serverInfo != nil && message.protocolVersion != nil
            ? message.protocolVersion : isModern ? carrier.request?.mcpVersion : nil
        if let version {
            fact(subject, .protocolVersion, String(version.prefix(32)), event.time)
            evidence(
                subject, .mcpMessage, .strong, "a result was given under \(version.prefix(32))",
                event)
        }
        switch carrier.kind {
        case .lines: fact(subject, .transport, "tcp", event.time)
        case .webSocket: fact(subject, .transport, "websocket", event.time)
        case .httpBody, .serverSentEvent:
            guard let request = carrier.request else { return }
            fact(subject, .auth, request.authScheme ?? "none", event.time)
            evidence(
                subject, .mcpMessage, .strong,
                "a request \(request.authScheme.map { "with \($0)" } ?? "without") credentials was"
                    + " answered", event)
            if isEventSession { return }
            fact(subject, .transport, "streamable-http", event.time)
            fact(subject, .path, request.path, event.time)
        }
    }

    // MARK: - Models

    func record(_ call: ModelCall, _ carrier: Carrier, _ event: Event) {
        guard let flow = event.flow, let request = carrier.request,
            let server = endpoint(carrier, flow)
        else { return }
        let client = flow.client.address
        let agentText = request.userAgent ?? ""
        let key = ModelUseRow.Key(
            endpoint: server, path: request.path, api: call.api, client: client,
            userAgent: String(agentText.prefix(256)), model: call.model ?? "")
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
        guard let product = Catalog.product(ofUserAgent: agentText) else { return }
        agent(client, product.name, product.version, kind: "llm-client", event)
        let agentID = EntityID.agent(client, product.name)
        fact(agentID, .userAgent, key.userAgent, event.time)
        fact(agentID, .modelEndpoint, "\(server)\(request.path)", event.time)
        if let model = call.model { fact(agentID, .model, model, event.time) }
        evidence(
            agentID, .userAgent, .strong,
            "User-Agent \(key.userAgent) on a \(call.api.rawValue) request to \(server)", event)
    }

    /// The status of an answer: a redirected call is sent again, a model's 2xx proves it serves.
    func record(_ response: HTTPResponse, _ event: Event) {
        guard let flow = event.flow, let request = response.request else { return }
        let scope = Pairing.Scope.exchange(flow.number, request.ordinal)
        if (300..<400).contains(response.status) {
            for call in pairing.takeBack(scope) where call.isCounted {
                rows.calls.add(
                    CallRow(
                        key: .init(endpoint: call.endpoint, client: call.client, tool: call.tool),
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
            request.accept?.contains("text/event-stream") == true,
            request.accept?.contains("application/json") == true
        {
            let subject = EntityID.mcp(flow.server)
            fact(subject, .mark, "protected-resource", event.time, detail: "\(flow.server)")
        }
    }
}
