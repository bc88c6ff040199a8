import Catalog
import Codecs
import Wire

/// Tasks and exchanges of Agent2Agent that are under way: bounded, and emptied by events.
struct A2ATracking {
    /// A task as it was last seen.
    struct Task {
        var state: String?
        /// The agent that does it.
        var agent: Endpoint
    }
    /// Tasks remembered at once, so that each counts once in every state: some 4 MB.
    static let taskLimit = 65_536
    /// Flows of which the last request is remembered.
    static let flowLimit = 65_536

    private var tasks = KeyedTable<UInt64, Task>()
    /// Of a flow, the ordinal of its last request of A2A.
    private var requests = KeyedTable<UInt64, Int>()
    /// Tasks and requests let go because a table was full.
    private(set) var dropped = 0

    func task(_ pseudonym: Pseudonym) -> Task? { tasks[pseudonym.value] }

    /// Takes what a message says of a task: whether it is a new one, and the state if that is new.
    mutating func note(
        _ pseudonym: Pseudonym, _ state: String?, at agent: Endpoint
    ) -> (isNew: Bool, state: String?) {
        guard let number = tasks.number(of: pseudonym.value) else {
            guard tasks.count < A2ATracking.taskLimit else {
                dropped += 1
                return (false, nil)
            }
            tasks.insert(pseudonym.value, Task(state: state, agent: agent))
            return (true, state)
        }
        guard let state, tasks.values[number].state != state else { return (false, nil) }
        tasks.values[number].state = state
        return (false, state)
    }

    mutating func wait(_ flow: UInt64, _ ordinal: Int) {
        if let number = requests.number(of: flow) {
            requests.values[number] = ordinal
        } else if requests.count < A2ATracking.flowLimit {
            requests.insert(flow, ordinal)
        } else {
            dropped += 1
        }
    }

    /// Whether the exchange began with a request of A2A.
    func isWaiting(_ flow: UInt64, _ ordinal: Int) -> Bool { requests[flow] == ordinal }

    mutating func forget(_ flow: UInt64) { requests.remove(flow) }
}

/// Agents that serve others, and who calls them: the part of the recorder that reads A2A.
extension Recording {
    mutating func record(_ message: A2AMessage, _ carrier: Carrier, _ event: Event) {
        guard let flow = event.flow else { return }
        if message.kind == .notification { return recordWebhook(message, flow, event) }
        guard let server = endpoint(carrier, flow) else { return }
        let request = carrier.request
        let subject = agentServer(
            server, "a2a", message.kind == .card ? nil : message.binding.rawValue, event)
        // The path of a call of gRPC is that of its method.
        if let request, message.kind != .card, message.binding != .gRPC {
            fact(subject, .path, request.a2aBase, event.time)
        }
        if let version = message.version { fact(subject, .protocolVersion, version, event.time) }
        switch message.kind {
        case .request:
            a2a.wait(flow.number, request?.ordinal ?? 0)
            begin(message, carrier, server, flow)
            // Calls of gRPC are counted by their heads: not all their messages can be read.
            guard message.binding != .gRPC else { break }
            asked(message, subject, server, request?.userAgent, event)
        case .result:
            join(message, carrier, flow)
            fact(subject, .answered, "result", event.time)
            let detail = text("an answer has the shape of A2A")
            evidence(subject, .a2aMessage, .strong, detail, event)
        case .error: fail(subject, message.errorCode.map { "\($0)" } ?? "error", event)
        case .card: if let card = message.card { record(card, of: server, subject, event) }
        case .notification: break
        }
        note(message, server, subject, event)
    }

    /// An endpoint where an agent serves; who says so must also see it answer.
    mutating func agentServer(
        _ server: Endpoint, _ language: String, _ binding: String?, _ event: Event
    ) -> Texts.Number {
        let endpointText = waiting.texts.number(of: server)
        let subject = waiting.texts.number(of: Phrase(.agentServerID, endpointText)) {
            EntityID.agentServer(server)
        }
        fact(subject, .agentServer, text(language), event.time, detail: endpointText)
        if let binding { fact(subject, .transport, binding, event.time) }
        return subject
    }

    private mutating func asked(
        _ message: A2AMessage, _ subject: Texts.Number, _ server: Endpoint, _ field: String?,
        _ event: Event
    ) {
        guard let flow = event.flow else { return }
        let host = self.client(of: flow)
        if let operation = message.operation {
            fact(subject, .operation, operation.rawValue, event.time)
        }
        let userAgent = Recording.shortened(field ?? "")
        let product = Catalog.product(ofUserAgent: userAgent)
        let named = product.flatMap { HTTPLibrary.isOne($0.name) ? nil : $0 }
        let program = named.map { "\($0.name)\u{1f}\($0.version ?? "")" } ?? "\u{1f}"
        fact(
            subject, .client, waiting.texts.number(of: host), event.time, detail: text(program))
        let what = message.operation?.rawValue ?? "request"
        let detail = text("\(what) in A2A by \(host)")
        evidence(subject, .a2aMessage, .strong, detail, event)
        guard let named else { return }
        let id = agent(host, named.name, named.version, kind: "a2a-client", event)
        fact(id, .userAgent, userAgent, event.time)
        fact(
            id, .agentCalled, waiting.texts.number(of: server), event.time, detail: text("a2a"))
        evidence(
            id, .userAgent, .strong, text("User-Agent \(userAgent) on an A2A \(what) to \(server)"),
            event)
    }

    /// An error that any server gives shows no agent, however often somebody asks for one.
    private mutating func fail(
        _ subject: Texts.Number, _ code: String, isOfMethod: Bool = true, _ event: Event
    ) {
        if isOfMethod { fact(subject, .answered, "error", event.time) }
        fact(subject, .failure, code, event.time)
    }

    private mutating func note(
        _ message: A2AMessage, _ server: Endpoint, _ subject: Texts.Number, _ event: Event
    ) {
        if let host = message.webhook { fact(subject, .webhook, host, event.time) }
        // A request may name a task that is none: only an answer says there is one.
        guard message.kind == .result, let task = message.task else { return }
        count(task, message.state?.rawValue, server, subject, event)
    }

    /// Each task counts once in each state.
    mutating func count(
        _ task: Pseudonym, _ state: String?, _ server: Endpoint, _ subject: Texts.Number,
        _ event: Event
    ) {
        let (isNew, state) = a2a.note(task, state, at: server)
        if isNew { fact(subject, .taskState, "seen", event.time) }
        if let state { fact(subject, .taskState, state, event.time) }
    }

    /// An agent tells a webhook: whose task it is says which agent, for it dials from any port.
    private mutating func recordWebhook(
        _ message: A2AMessage, _ flow: FlowReference, _ event: Event
    ) {
        guard let task = message.task, let known = a2a.task(task) else { return }
        let subject = agentServer(known.agent, "a2a", nil, event)
        fact(subject, .webhook, flow.server.description, event.time)
        let detail = text("\(flow.client.address) tells \(flow.server) of a task")
        evidence(subject, .a2aMessage, .strong, detail, event)
        count(task, message.state?.rawValue, known.agent, subject, event)
    }

    private mutating func record(
        _ card: AgentCard, of server: Endpoint, _ subject: Texts.Number, _ event: Event
    ) {
        let time = event.time
        fact(subject, .answered, "card", time)
        fact(subject, .name, card.name, time, detail: card.version ?? "")
        if let organization = card.organization {
            fact(subject, .provider, organization, time, detail: card.providerURL ?? "")
        }
        for skill in card.skills {
            fact(
                subject, .skill, skill.id, time,
                detail: "\(skill.name)\u{1f}\(skill.tags.joined(separator: "\u{1e}"))")
        }
        for way in card.interfaces {
            fact(
                subject, .interface, way.url, time,
                detail: "\(way.binding)\u{1f}\(way.version ?? "")")
            if let version = way.version { fact(subject, .protocolVersion, version, time) }
        }
        for scheme in card.schemes { fact(subject, .scheme, scheme, time) }
        for capability in card.capabilities { fact(subject, .capability, capability, time) }
        if card.isSigned { fact(subject, .cardFlag, "signed", time) }
        if card.isExtended { fact(subject, .cardFlag, "extended", time) }
        if let version = card.protocolVersion { fact(subject, .protocolVersion, version, time) }
        let detail = text("an agent card names \(card.name) \(card.version ?? "(no version)")")
        evidence(subject, .agentCard, .proof, detail, event)
        let host = machines.tenant(of: server.address, at: event.flow?.start ?? time)
        let id = agent(host, card.name, card.version, kind: "a2a-agent", event)
        fact(
            id, .agentServed, waiting.texts.number(of: server), time, detail: text("a2a"))
        evidence(id, .agentCard, .proof, detail, event)
    }

    // MARK: - Errors and gRPC

    /// An error of JSON-RPC that answers a request of A2A: its own words do not tell.
    mutating func recordA2AError(
        _ message: RPCMessage, _ carrier: Carrier, _ event: Event
    ) -> Bool {
        guard message.kind == .error, message.marks.isEmpty, let flow = event.flow,
            let request = carrier.request, a2a.isWaiting(flow.number, request.ordinal),
            let server = endpoint(carrier, flow)
        else { return false }
        let subject = agentServer(server, "a2a", "jsonrpc", event)
        let code = message.errorCode
        // What no JSON-RPC is, no request is or no method is (JSON-RPC 2.0 §5.1).
        let isOfMethod = ![-32700, -32600, -32601].contains(code)
        fail(subject, code.map { "\($0)" } ?? "error", isOfMethod: isOfMethod, event)
        return true
    }

    /// A call of gRPC: its path names the operation (A2A 1.0 §10).
    mutating func record(_ message: HTTP2Message, _ event: Event) {
        guard let flow = event.flow, let call = message.grpc else { return }
        if call.service == "dataplane.proto.v1.DataPlaneService" {
            let isOpening = call.method == "OpenChannel" && !message.isEnd
            return isOpening ? recordChannel(message, flow, event) : ()
        }
        guard let version = A2AService.version(ofService: call.service),
            let operation = A2AService.operation(ofMethod: call.method)
        else { return }
        let subject = agentServer(flow.server, "a2a", "grpc", event)
        if let status = message.grpcStatus {
            if status.isOK {
                fact(subject, .answered, "result", event.time)
            } else {
                fail(subject, status.name, isOfMethod: status.isOfMethod, event)
            }
        }
        if message.isEnd { return }
        fact(subject, .protocolVersion, version, event.time)
        var asking = A2AMessage(kind: .request, binding: .gRPC)
        asking.operation = operation
        asked(asking, subject, flow.server, message.userAgent, event)
    }
}

extension Recording {
    /// A channel of SLIM, on which agents' messages travel sealed: that it is there is all.
    private mutating func recordChannel(
        _ message: HTTP2Message, _ flow: FlowReference, _ event: Event
    ) {
        let subject = agentServer(flow.server, "slim", "grpc", event)
        fact(subject, .operation, "OpenChannel", event.time)
        let host = waiting.texts.number(of: client(of: flow))
        fact(subject, .client, host, event.time, detail: text("\u{1f}"))
        if message.status == 200 { fact(subject, .answered, "result", event.time) }
        let detail = text("a channel of SLIM from \(flow.client.address)")
        evidence(subject, .agentMessage, .strong, detail, event)
    }
}

/// Libraries that make requests for whatever program they are part of: their name is nobody's.
enum HTTPLibrary {
    private static let names: Set<String> = [
        "python-httpx", "python-requests", "python-urllib", "python-urllib3", "python", "aiohttp",
        "curl", "libcurl", "wget", "go-http-client", "axios", "node-fetch", "undici", "node",
        "okhttp", "java", "java-http-client", "apache-httpclient", "reqwest", "got", "ruby",
        "dart", "postmanruntime", "libwww-perl", "deno", "bun", "ktor-client", "restsharp",
        "grpc-python", "grpc-python-asyncio", "grpc-go", "grpc-node-js", "grpc-java-netty",
        "grpc-c++",
    ]

    static func isOne(_ name: String) -> Bool { names.contains(name.lowercased()) }
}
