import Catalog
import Wire

/// Agents, MCP servers and models: the part of the recorder that reads what programs say to each
/// other.
extension Recording {
    /// The server a message is for: the flow's, or the one an absolute target names to a proxy.
    ///
    /// Nil when a proxy is told a name: whose address that is cannot be seen here.
    func endpoint(_ carrier: Carrier, _ flow: FlowReference) -> Endpoint? {
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
    mutating func relayed(
        _ carrier: Carrier, _ flow: FlowReference, _ what: Relays.What, _ event: Event
    ) {
        guard let request = carrier.request, request.isAbsolute else { return }
        relayed(request, flow, what, event)
    }

    mutating func relayed(
        _ request: HTTPRequest, _ flow: FlowReference, _ what: Relays.What, _ event: Event
    ) {
        fact(
            text(Relays.subject), .relayed, flow.server.address.description, event.time,
            detail: what.text)
    }

    func exchange(_ flow: FlowReference, _ carrier: Carrier) -> Pairing.Scope {
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

    /// `wish` is what the message fulfils, if a model asked for it.
    mutating func record(
        _ message: RPCMessage, _ carrier: Carrier, _ event: Event, _ wish: AskedTools.Wish?
    ) {
        guard let flow = event.flow else { return }
        let client = self.client(of: flow)
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
        note(message, carrier, server, flow, event)
        switch (event.side, message.kind) {
        case (.client, .request), (.client, .notification):
            asked(message, carrier, names.subject, event)
            let exchange = begin(message, carrier, server, flow, wish, at: event.time)
            wait(message, carrier, server, flow, exchange, event)
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
        _ info: Implementation, of client: Tenant, _ server: Endpoint?, _ carrier: Carrier,
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
        let program = program(info)
        fact(
            names.subject, .client, waiting.texts.number(of: client), event.time, detail: program)
        fact(id, .mcpServer, names.endpoint, event.time, detail: none)
        let phrase = Phrase(.clientProgram, name, version, names.endpoint)
        let detail = waiting.texts.number(of: phrase) {
            "clientInfo names \(info.name) \(info.version ?? "(no version)") to \(server)"
        }
        evidence(id, .mcpClientInfo, .strong, detail, event)
    }

    /// Requests of an exchange were refused by their status: who made them only tried.
    mutating func refuse(_ exchange: Pairing.Scope, _ status: Int, _ event: Event) {
        for request in pairing.requests(in: exchange) {
            guard let info = request.program else { continue }
            let names = text(of: request.endpoint)
            let client = request.client
            let (id, program) = (agentID(client, info.name), program(info))
            fact(
                names.subject, .refusedClient, waiting.texts.number(of: client), event.time,
                detail: program)
            fact(id, .refusedBy, names.endpoint, event.time, detail: text(""))
            let detail = text("\(info.name) on \(client.address) was refused with \(status)")
            evidence(names.subject, .mcpMessage, .strong, detail, event)
        }
    }

    /// Name and version as facts have them.
    private mutating func program(_ info: Implementation) -> Texts.Number {
        let (name, version) = (text(info.name), info.version.map { text($0) } ?? .max)
        return waiting.texts.number(of: Phrase(.pair, name, version)) {
            "\(info.name)\u{1f}\(info.version ?? "")"
        }
    }

    private mutating func agentID(_ host: Tenant, _ name: String) -> Texts.Number {
        let (hostText, nameText) = (waiting.texts.number(of: host), text(name))
        return waiting.texts.number(of: Phrase(.agentID, hostText, nameText)) {
            EntityID.agent(host, name)
        }
    }

    /// A program on a host, and its id.
    mutating func agent(
        _ host: Tenant, _ name: String, _ version: String?, kind: String, _ event: Event
    ) -> Texts.Number {
        let (hostText, nameText) = (waiting.texts.number(of: host), text(name))
        let subject = agentID(host, name)
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
                subject, .askedVersion, Recording.shortened(version, to: 32), event.time,
                detail: isWish ? "wish" : "")
        }
    }

    /// A request of MCP waits for its answer: only that shows a server.
    private mutating func wait(
        _ message: RPCMessage, _ carrier: Carrier, _ server: Endpoint, _ flow: FlowReference,
        _ exchange: Exchanges.Key?, _ event: Event
    ) {
        guard !message.marks.isEmpty else { return }
        let client = self.client(of: flow)
        odd(message.details.oddities, .oddity, server, client, event)
        guard let id = message.id else { return }
        let tool = message.method == "tools/call" ? message.name : nil
        // One that answers an `input_required` is the same call (MCP 2026-07-28 §MRTR).
        let isCounted = tool != nil && !message.hasInputResponses
        if let tool {
            let key = CallRow.Key(endpoint: server, client: client, tool: tool)
            relayed(carrier, flow, .call(server, tool), event)
            let phrase = Phrase(.toolCall, text(tool), waiting.texts.number(of: client))
            let detail = waiting.texts.number(of: phrase) { "tools/call of \(tool) by \(client)" }
            evidence(text(of: server).subject, .mcpMessage, .strong, detail, event)
            waiting.addCall(
                CallRow(key: key, errors: 0, seen: Period(event.time, count: isCounted ? 1 : 0)))
        }
        if let claims = carrier.request?.claims { record(claims, server, event) }
        let session = carrier.request.map {
            Pairing.Scope.session(server, $0.mcpSession ?? $0.targetHash)
        }
        let view = view(message, carrier)
        pairing.wait(
            for: Pairing.Request(
                endpoint: server, client: client, tool: tool,
                refusal: named(message, text(of: server).subject, event), isCounted: isCounted,
                method: message.method, time: event.time, cursor: message.details.cursor,
                view: view, oddities: message.details.oddities,
                task: message.details.task, program: message.clientInfo, exchange: exchange,
                posted: carrier.request.flatMap { $0.mcpSession == nil ? $0.targetHash : nil }),
            id, in: self.exchange(flow, carrier), session)
        // Who needs no more than the head to refuse may do so before the body is there.
        guard let request = carrier.request,
            let status = pairing.refusal(of: flow.number, request.ordinal)
        else { return }
        refuse(self.exchange(flow, carrier), status, event)
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
        let stream = exchange(flow, carrier)
        var asked = message.id.flatMap { pairing.answer($0, in: stream, scope) }
        if asked == nil, let id = message.id, let first = resumptions.beginning(of: stream) {
            asked = pairing.answer(id, in: first)
        }
        if asked == nil, let id = message.id, carrier.kind == .serverSentEvent,
            carrier.request == nil
        {
            asked = pairing.answer(
                stray: id, from: server, to: flow.client.address, flow.number, 0)
            // Nothing else answers a post on a stream of its own.
            if asked != nil { fact(subject, .transport, "http+sse", event.time) }
        }
        if asked == nil, let id = message.id,
            let cut = carried.take(flow, message: id, at: event.time)
        {
            end(cut, at: event.time)
        }
        if let asked {
            if let exchange = asked.exchange { end(exchange, at: event.time) }
            ended(message, asked, event)
            endedTask(message, asked, server, event)
            odd(
                asked.oddities, message.kind == .error ? .oddityRefused : .oddityAccepted, server,
                asked.client, event)
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
        told(message, by: server, asked, flow, event)
    }

    private mutating func list(
        _ items: [ListedItem], _ server: Endpoint, _ subject: Texts.Number, _ event: Event
    ) {
        guard !items.isEmpty else { return }
        for kind in [ListedItem.Kind.tool, .resource, .template, .prompt] {
            var list: Texts.Number?
            for place in items.indices where items[place].kind == kind {
                list = waiting.texts.number(ofList: list, and: text(items[place].key))
            }
            guard let list else { continue }
            let detail = waiting.texts.number(of: Phrase(.list, list, text(kind.rawValue))) {
                let names = items.filter { $0.kind == kind }.map(\.key)
                return "a result lists \(kind.rawValue) "
                    + names.joined(separator: ", ").prefix(400)
            }
            evidence(subject, .mcpMessage, .strong, detail, event)
        }
        for item in items { waiting.addItem(item, of: server, event) }
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
        if let instructions = message.details.instructions {
            fact(
                subject, .instructions, instructions, event.time,
                detail: message.serverInfo?.version ?? "")
        }
        let isChoice = message.serverInfo != nil && message.protocolVersion != nil
        if let version = isChoice ? message.protocolVersion : carrier.request?.mcpVersion {
            let short = Recording.shortened(version, to: 32)
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
}

/// Error codes that only MCP gives (MCP 2026-07-28 §Error Codes).
enum AgentCodes {
    /// HeaderMismatch, MissingRequiredClientCapability, UnsupportedProtocolVersion.
    static let ofMCP: ClosedRange<Int> = -32022 ... -32020
}
