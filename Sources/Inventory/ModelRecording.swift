import Catalog
import Wire

/// Models, and programs that name themselves: the part of the recorder that reads requests.
extension Recording {
    mutating func record(_ call: ModelCall, _ carrier: Carrier, _ event: Event) {
        guard let flow = event.flow, let request = carrier.request else { return }
        leaveOut(request, flow)
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
        guard let userAgent = request.userAgent.map({ Recording.shortened($0) }),
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
    static func does(_ field: String, hold word: String) -> Bool {
        let (bytes, part) = (field.utf8.span, word.utf8.span)
        guard bytes.count >= part.count else { return false }
        return (0...bytes.count - part.count).contains { start in
            part.indices.allSatisfy { bytes[start + $0] == part[$0] }
        }
    }

    /// At most so many characters: 256 of a User-Agent.
    static func shortened(_ text: String, to limit: Int = 256) -> String {
        // No text has more characters than bytes, and bytes are counted already.
        text.utf8.count <= limit ? text : String(text.prefix(limit))
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
        end(response, flow, at: event.time)
        let scope = Pairing.Scope.exchange(flow.number, request.ordinal)
        if (300..<400).contains(response.status) {
            for call in pairing.takeBack(scope) where call.isCounted {
                if let exchange = call.exchange { exchanges.remove(exchange) }
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
