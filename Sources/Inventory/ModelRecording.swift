import Catalog
import Codecs
import Wire

/// Models, and programs that name themselves: the part of the recorder that reads requests.
extension Recording {
    mutating func record(_ call: ModelCall, _ carrier: Carrier, _ event: Event) {
        guard let flow = event.flow, let request = carrier.request else { return }
        leaveOut(request, flow)
        let server = endpoint(carrier, flow)
        let agentText = Recording.shortened(request.userAgent ?? "")
        if call.isAnswer, request.method != "GET" {
            if let server { recordAnswer(call, server, agentText, request, event) }
            return
        }
        let product = Catalog.product(ofUserAgent: agentText)
        var id: Texts.Number?
        if let product {
            relayed(carrier, flow, .agent(product.name), event)
            let place = server.map(\.description) ?? request.host ?? ""
            id = record(
                product, agentText, call, of: client(of: flow), server, place + request.path,
                event)
        }
        if !call.isAnswer { noteLoop(call, id, agentText, server, event) }
        guard let server else {
            // A proxy was told a name: who calls is known, the endpoint's address is not.
            proxiedModels += 1
            return
        }
        let key = ModelUseRow.Key(
            endpoint: server, path: request.path, api: call.api, client: client(of: flow),
            userAgent: agentText, model: call.model ?? "")
        relayed(carrier, flow, .model(key), event)
        var row = ModelUseRow(
            key: key, streaming: call.isStreaming ? 1 : 0, answered: call.isAnswer ? 1 : 0,
            seen: Period(event.time))
        row.sums.offering = call.toolCount > 0 ? 1 : 0
        row.sums.returning = call.toolResults > 0 ? 1 : 0
        waiting.addModelUse(row)
        if !call.isAnswer {
            pairing.wait(for: key, flow.number, request.ordinal, since: event.time)
        }
        let subject = modelEndpoint(server, request.path)
        note(call, subject, event)
        let detail = shape(call, request)
        evidence(subject, call.isAnswer ? .modelAnswer : .modelRequest, .strong, detail, event)
        if let model = call.model { name(model, call, server, event) }
    }

    /// A request for a list of models has no body to be told by, and here nobody was seen to answer
    /// it: it counts where the same endpoint serves models by what it is asked besides.
    mutating func recordUnanswered(_ request: HTTPRequest, _ event: Event) {
        guard request.method == "GET", let flow = event.flow,
            let api = ModelCall.API(listPath: request.path),
            let server = endpoint(Carrier(kind: .httpBody, request: request), flow)
        else { return }
        let agentText = Recording.shortened(request.userAgent ?? "")
        let key = ModelUseRow.Key(
            endpoint: server, path: request.path, api: api, client: client(of: flow),
            userAgent: agentText, model: "")
        waiting.addModelUse(
            ModelUseRow(key: key, streaming: 0, answered: 0, seen: Period(event.time)))
        evidence(
            modelEndpoint(server, request.path), .modelRequest, .hint,
            text("GET \(request.path) without an answer, where models are served"), event)
    }

    private mutating func modelEndpoint(_ server: Endpoint, _ path: String) -> Texts.Number {
        waiting.texts.number(
            of: Phrase(.modelEndpointID, waiting.texts.number(of: server), text(path))
        ) {
            EntityID.modelEndpoint(server, path)
        }
    }

    private mutating func shape(_ call: ModelCall, _ request: HTTPRequest) -> Texts.Number {
        let phrase = Phrase(
            .modelShape, text(request.method), text(request.path), text(call.api.rawValue),
            call.model.map { text($0) } ?? .max)
        return waiting.texts.number(of: phrase) {
            "\(request.method) \(request.path) has the shape of \(call.api.rawValue)"
                + (call.model.map { ", model \($0)" } ?? "")
        }
    }

    private mutating func name(
        _ model: String, _ call: ModelCall, _ server: Endpoint, _ event: Event
    ) {
        let (api, serverText) = (text(call.api.rawValue), waiting.texts.number(of: server))
        let id = waiting.texts.number(of: Phrase(.modelID, text(model))) { EntityID.model(model) }
        let detail = waiting.texts.number(of: Phrase(.modelName, api, serverText)) {
            "\(call.api.rawValue) request to \(server) names it"
        }
        evidence(id, .modelRequest, .strong, detail, event)
    }

    /// Tools offered, the person it is for, and MCP servers that the model's side shall call.
    private mutating func note(_ call: ModelCall, _ subject: Texts.Number, _ event: Event) {
        for tool in call.toolNames { fact(subject, .toolOffered, tool, event.time) }
        if let user = call.endUser {
            fact(
                subject, .endUser, user.text, event.time, detail: Pseudonym.ofKey.text)
        }
        for server in call.remoteMCP {
            fact(subject, .remoteMCP, server.label, event.time, detail: server.host ?? "")
            let place = server.host.map { " at \($0)" } ?? ""
            let detail = text(
                "a request has the model's side call MCP server \(server.label)\(place)")
            evidence(subject, .modelRequest, .strong, detail, event)
        }
    }

    /// What an answer says of itself: once a whole one, several times a stream.
    private mutating func recordAnswer(
        _ call: ModelCall, _ server: Endpoint, _ userAgent: String, _ request: HTTPRequest,
        _ event: Event
    ) {
        guard let flow = event.flow else { return }
        if pairing.answer(ModelCall.Usage(), of: flow.number, request.ordinal) == nil {
            // The request's body could not be read; that there was one, its answer shows.
            let key = ModelUseRow.Key(
                endpoint: server, path: request.path, api: call.api, client: client(of: flow),
                userAgent: userAgent, model: "")
            pairing.wait(for: key, flow.number, request.ordinal)
            _ = pairing.status(of: flow.number, request.ordinal)
            waiting.addModelUse(
                ModelUseRow(
                    key: key, streaming: call.isStreaming ? 1 : 0, answered: 1,
                    seen: Period(event.time)))
        }
        guard let known = pairing.answer(call.usage, of: flow.number, request.ordinal) else {
            return
        }
        var row = ModelUseRow(
            key: known.key, streaming: 0, answered: 0, seen: Period(event.time, count: 0))
        row.sums.called = call.toolsCalled.count
        row.sums.input = known.added.input ?? 0
        row.sums.output = known.added.output ?? 0
        row.sums.cached = known.added.cached ?? 0
        row.sums.reasoning = known.added.reasoning ?? 0
        if row.sums != ModelUseRow.Sums() { waiting.addModelUse(row) }
        let subject = modelEndpoint(server, request.path)
        if let model = call.model { fact(subject, .answeredModel, model, event.time) }
        for tool in call.toolsCalled { fact(subject, .tool, tool, event.time) }
        evidence(
            subject, .modelAnswer, .strong,
            text("an answer has the shape of \(call.api.rawValue)"), event)
        loops.answered(call, flow.client.address, userAgent, server)
        for wanted in call.toolRequests {
            askedTools.note(
                AskedTools.Wish(
                    tool: wanted.name, model: known.key.model, server: server, asked: known.asked,
                    time: event.time, trace: request.traceID),
                wanted.mark, by: flow.client.address)
        }
        guard !call.toolsCalled.isEmpty, let product = Catalog.product(ofUserAgent: userAgent)
        else { return }
        let id = agent(
            client(of: flow), product.name, product.version, kind: "llm-client", event)
        for tool in call.toolsCalled { fact(id, .tool, tool, event.time) }
    }

    /// A program that serves models gave itself away.
    mutating func record(_ mark: RuntimeMark, _ carrier: Carrier, _ event: Event) {
        guard let flow = event.flow, let server = endpoint(carrier, flow) else { return }
        let endpointText = waiting.texts.number(of: server)
        let subject = waiting.texts.number(of: Phrase(.runtimeID, endpointText)) {
            EntityID.runtime(server)
        }
        fact(
            subject, .runtime, text(mark.runtime + (mark.isProof ? "" : "?")), event.time,
            detail: endpointText)
        if let model = mark.model {
            fact(subject, .model, Recording.shortened(model, to: 128), event.time)
        }
        evidence(
            subject, .runtimeMark, mark.isProof ? .proof : .hint,
            text("\(mark.mark): \(mark.runtime)"), event)
    }

    private mutating func record(
        _ product: (name: String, version: String?), _ userAgent: String, _ call: ModelCall,
        of client: Tenant, _ server: Endpoint?, _ place: String, _ event: Event
    ) -> Texts.Number {
        let id = agent(client, product.name, product.version, kind: "llm-client", event)
        fact(id, .userAgent, userAgent, event.time)
        if let model = call.model { fact(id, .model, model, event.time) }
        fact(id, .modelEndpoint, place, event.time)
        let phrase = Phrase(
            .modelAgent, text(userAgent), text(call.api.rawValue),
            server.map { waiting.texts.number(of: $0) } ?? .max)
        let detail = waiting.texts.number(of: phrase) {
            "User-Agent \(userAgent) on a \(call.api.rawValue) request"
                + (server.map { " to \($0)" } ?? " through a proxy")
        }
        evidence(id, .userAgent, .strong, detail, event)
        return id
    }

    /// A program that a request's User-Agent names, where the catalog knows it for an agent.
    ///
    /// Libraries, scanners and an AI service's own fetchers are left out: they are nobody's agent
    /// here.
    mutating func recordAgent(of request: HTTPRequest, _ flow: FlowReference, _ event: Event) {
        guard let userAgent = request.userAgent.map({ Recording.shortened($0) }),
            let sighting = sighting(ofUserAgent: userAgent)
        else { return }
        let host = self.client(of: flow)
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
        guard let flow = event.flow else { return }
        end(response, flow, at: event.time)
        guard let request = response.request else { return }
        if let logon = request.logon, response.status < 500, ![401, 407].contains(response.status) {
            record(logon, event)
        }
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
        if (400..<600).contains(response.status) {
            if pairing.requests(in: scope).isEmpty, request.method == "POST" {
                pairing.refuse(flow.number, request.ordinal, response.status)
            }
            refuse(scope, response.status, event)
        }
        if let key = pairing.status(of: flow.number, request.ordinal) {
            var row = ModelUseRow(
                key: key, streaming: 0, answered: 0, seen: Period(event.time, count: 0))
            if (200..<300).contains(response.status) {
                row.answered = 1
                waiting.addModelUse(row)
            } else if response.status >= 400 {
                row.sums.errors = 1
                waiting.addModelUse(row)
            }
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
