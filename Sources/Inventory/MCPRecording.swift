import Catalog
import Codecs
import Wire

/// What MCP messages do beside naming things: lists and their versions, how calls end, and what
/// goes on beside them.
extension Recording {
    // MARK: - Lists

    /// Under which revision and credentials a client asks: a server may answer by either. A token
    /// counts by whom it names, if it says so, for it changes by the hour.
    mutating func view(_ message: RPCMessage, _ carrier: Carrier) -> String {
        let revision = carrier.request?.mcpVersion ?? message.protocolVersion ?? ""
        let auth = carrier.request?.authScheme ?? "none"
        var credential = carrier.request?.credential
        if let claims = carrier.request?.claims, let subject = claims.subject {
            credential = subject.mark ^ (claims.client?.mark ?? 0).byteSwapped
        }
        let mark = credential.map { ":" + credentials.text(of: $0) } ?? ""
        return "\(Recording.shortened(revision, to: 32)) \(auth)\(mark)"
    }

    /// What a client was told, and of a whole list what it was not.
    mutating func told(
        _ message: RPCMessage, by server: Endpoint, _ asked: Pairing.Request?,
        _ flow: FlowReference, _ event: Event
    ) {
        let client = asked?.client ?? self.client(of: flow)
        let view = asked?.view ?? " none"
        let (subject, clientText, viewText) = (
            text(of: server).subject, waiting.texts.number(of: client), text(view)
        )
        for item in message.items {
            let phrase = Phrase(
                .told, text(item.key), text(item.digest), text(item.kind.rawValue), viewText)
            let detail = waiting.texts.number(of: phrase) {
                Told(kind: item.kind.rawValue, name: item.key, digest: item.digest, view: view).text
            }
            fact(subject, .listedTo, clientText, event.time, detail: detail)
        }
        guard let asked, !message.isTruncated, !message.details.isListCut else { return }
        for kind in message.details.lists where Recording.lists(kind) == asked.method {
            page(message, kind, server, asked, event)
        }
    }

    private static func lists(_ kind: ListedItem.Kind) -> String {
        switch kind {
        case .tool: "tools/list"
        case .resource: "resources/list"
        case .template: "resources/templates/list"
        case .prompt: "prompts/list"
        }
    }

    /// One page of a list; the last makes it whole.
    private mutating func page(
        _ message: RPCMessage, _ kind: ListedItem.Kind, _ server: Endpoint,
        _ asked: Pairing.Request, _ event: Event
    ) {
        var chain = ListChains.Chain(start: event.time)
        if let cursor = asked.cursor {
            let key = ListChains.Key(
                server: server, client: asked.client, kind: kind, cursor: cursor)
            // A page whose beginning was not seen makes nothing whole.
            guard let begun = listChains.take(key) else { return }
            chain = begun
        }
        chain.add(message.items, of: kind)
        if let next = message.details.nextCursor {
            let key = ListChains.Key(server: server, client: asked.client, kind: kind, cursor: next)
            return listChains.keep(chain, for: key)
        }
        let names = Hash.hex(
            (0..<8).map { UInt8(truncatingIfNeeded: chain.names >> UInt64(56 - 8 * $0)) })
        let list = WholeList(
            kind: kind.rawValue, view: asked.view, names: "\(chain.count):\(names)")
        fact(
            text(of: server).subject, .wholeList, waiting.texts.number(of: asked.client),
            chain.start, detail: text(list.text))
    }

    // MARK: - Calls

    /// How a call ended.
    mutating func ended(_ message: RPCMessage, _ call: Pairing.Request, _ event: Event) {
        guard let tool = call.tool else { return }
        var outcomes = CallRow.Outcomes()
        let needsInput = message.resultType == "input_required"
        let isTask = message.details.task != nil && message.details.contentTypes.isEmpty
        if isTask, message.kind == .result, let task = message.details.task {
            tasks.open(.init(server: call.endpoint, task: task), call)
            return
        }
        let hasFailed =
            message.isError || message.details.taskFailed == true
            || message.kind == .error
        if message.kind == .error {
            outcomes.protocolErrors = 1
        } else if hasFailed {
            outcomes.toolErrors = 1
        }
        if needsInput { outcomes.inputRequired = 1 }
        outcomes.answered = needsInput ? 0 : 1
        let nanoseconds = max(0, event.time.nanoseconds(since: call.time))
        if !needsInput { (outcomes.nanoseconds, outcomes.longest) = (nanoseconds, nanoseconds) }
        outcomes.resultBytes = message.details.resultBytes ?? 0
        add(outcomes, to: call, tool, isError: hasFailed, event)
    }

    private mutating func add(
        _ outcomes: CallRow.Outcomes, to call: Pairing.Request, _ tool: String, isError: Bool,
        _ event: Event
    ) {
        waiting.addCall(
            CallRow(
                key: .init(endpoint: call.endpoint, client: call.client, tool: tool),
                errors: isError ? 1 : 0, outcomes: outcomes, seen: Period(event.time, count: 0)))
    }

    /// The answer about a task that a call became.
    mutating func endedTask(
        _ message: RPCMessage, _ asked: Pairing.Request, _ server: Endpoint, _ event: Event
    ) {
        guard let task = asked.task else { return }
        // The extension puts the result into the task; before, it was asked for by itself.
        let status = message.details.taskStatus
        let isOver =
            asked.method == "tasks/result" || message.details.taskFailed != nil
            || status == "failed" || status == "cancelled"
        guard isOver, let call = tasks.close(.init(server: server, task: task)) else { return }
        var result = message
        result.details.task = nil
        if status == "failed" { result.isError = true }
        if status == "cancelled", let tool = call.tool {
            var outcomes = CallRow.Outcomes()
            outcomes.cancelled = 1
            return add(outcomes, to: call, tool, isError: false, event)
        }
        ended(result, call, event)
    }

    /// `notifications/cancelled` takes a request back.
    private mutating func cancelled(
        _ id: String, _ carrier: Carrier, _ server: Endpoint, _ flow: FlowReference, _ event: Event
    ) {
        let session = carrier.request.map {
            Pairing.Scope.session(server, $0.mcpSession ?? $0.targetHash)
        }
        guard let call = pairing.answer(id, in: exchange(flow, carrier), session),
            let tool = call.tool
        else { return }
        var outcomes = CallRow.Outcomes()
        outcomes.cancelled = 1
        add(outcomes, to: call, tool, isError: false, event)
    }

    // MARK: - Beside calls

    /// What goes on between a client and a server that is no call, by a name of ours.
    mutating func note(
        _ message: RPCMessage, _ carrier: Carrier, _ server: Endpoint, _ flow: FlowReference,
        _ event: Event
    ) {
        if let id = message.details.cancelled, event.side == .client {
            cancelled(id, carrier, server, flow, event)
        }
        if message.method == "notifications/progress", event.side == .server,
            let call = pairing.call(in: exchange(flow, carrier)), let tool = call.tool
        {
            var outcomes = CallRow.Outcomes()
            outcomes.progress = 1
            add(outcomes, to: call, tool, isError: false, event)
        }
        let names = Recording.activities(message, event.side, carrier)
        guard !names.isEmpty else { return }
        let subject = text(of: server).subject
        let client = waiting.texts.number(of: self.client(of: flow))
        for name in names { fact(subject, .activity, client, event.time, detail: text(name)) }
    }

    private static func activities(
        _ message: RPCMessage, _ side: Side, _ carrier: Carrier
    ) -> [String] {
        let details = message.details
        if let method = message.method { return activity(method, message).map { [$0] } ?? [] }
        var names: [String] = details.inputMethods.compactMap { activity($0, nil) }
        if let action = details.action { names.append("elicitation \(action)") }
        if details.model != nil { names.append("sampling answered") }
        if details.roots != nil, side == .client { names.append("roots given") }
        if let status = details.taskStatus, details.task != nil, side == .server {
            names.append("task \(status)")
        }
        if message.serverInfo != nil, message.protocolVersion != nil, side == .server,
            carrier.response?.mcpSession != nil
        {
            names.append("session begun")
        }
        return names
    }

    private static func activity(_ method: String, _ message: RPCMessage?) -> String? {
        switch method {
        case "sampling/createMessage": "sampling"
        case "elicitation/create": "elicitation \(message?.details.elicitation ?? "asked")"
        case "roots/list": "roots"
        case "logging/setLevel": "log level set"
        case "notifications/message": "log message"
        case "notifications/progress": "progress"
        case "notifications/cancelled": "cancelled"
        case "notifications/tools/list_changed": "tools changed"
        case "notifications/prompts/list_changed": "prompts changed"
        case "notifications/resources/list_changed": "resources changed"
        case "notifications/roots/list_changed": "roots changed"
        case "notifications/resources/updated": "resource updated"
        case "notifications/elicitation/complete": "elicitation complete"
        case "notifications/tasks/status", "notifications/tasks":
            "task \(message?.details.taskStatus ?? "changed")"
        case "resources/subscribe", "subscriptions/listen": "subscription"
        case "resources/unsubscribe": "subscription ended"
        case "completion/complete": "completion"
        case "server/discover": "discovery"
        case "ping": "ping"
        default: nil
        }
    }

    // MARK: - Oddities

    /// A request that two readers may take for two things was sent, taken or refused.
    mutating func odd(
        _ oddities: RPCOddities, _ kind: FactRow.Kind, _ server: Endpoint, _ client: Tenant,
        _ event: Event
    ) {
        guard !oddities.isEmpty else { return }
        let subject = text(of: server).subject
        let clientText = waiting.texts.number(of: client)
        for (oddity, name) in RPCOddities.names where oddities.contains(oddity) {
            fact(subject, kind, clientText, event.time, detail: text(name))
            let detail =
                switch kind {
                case .oddityAccepted: "a request with \(name) by \(client) was acted on"
                case .oddityRefused: "a request with \(name) by \(client) was refused"
                default: "a request with \(name) by \(client)"
                }
            evidence(subject, .mcpMessage, kind == .oddity ? .strong : .proof, text(detail), event)
        }
    }
}
