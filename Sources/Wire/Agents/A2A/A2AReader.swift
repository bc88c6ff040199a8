import Codecs

/// Agent2Agent in every binding that is JSON: on JSON-RPC, as plain HTTP, and agent cards (A2A
/// 0.1 to 1.0).
///
/// `tasks/get` and its like are MCP's words too: there the task stands in `params.taskId`, here in
/// `params.id`.
enum A2AReader: ContentReader {
    // MARK: - JSON-RPC

    /// A message of JSON-RPC that bears no mark of MCP.
    static func readRPC(
        _ bytes: borrowing Span<UInt8>, _ envelope: RPCMessage, _ content: Content,
        emit: EmitMessage
    ) -> Bool {
        switch envelope.kind {
        case .request, .notification:
            guard let method = envelope.method, let known = A2AMethod(method) else { return false }
            let fields = fields(bytes, of: "params", content.isTruncated)
            guard let fields,
                known.fits(fields, hasVersion: content.carrier.request?.a2aVersion != nil)
            else { return false }
            var message = A2AMessage(kind: .request, binding: .jsonRPC)
            message.operation = known.operation
            message.version = version(content) ?? known.version
            message.id = envelope.id
            message.isTruncated = envelope.isTruncated
            fields.describe(&message)
            if known.operation == .webhook, message.webhook == nil {
                message.webhook = PlainURL.host(fields.url)
            }
            emit(.a2a(message, content.carrier))
            return true
        case .result: return readResult(bytes, envelope, content, emit: emit)
        case .error:
            // The codes are others' too: only the header tells whose this one is.
            guard content.carrier.request?.a2aVersion != nil, let code = envelope.errorCode else {
                return false
            }
            var message = A2AMessage(kind: .error, binding: .jsonRPC)
            message.version = version(content)
            message.id = envelope.id
            message.errorCode = code
            emit(.a2a(message, content.carrier))
            return true
        }
    }

    private static func readResult(
        _ bytes: borrowing Span<UInt8>, _ envelope: RPCMessage, _ content: Content,
        emit: EmitMessage
    ) -> Bool {
        guard let fields = fields(bytes, of: "result", content.isTruncated) else { return false }
        let hasVersion = content.carrier.request?.a2aVersion != nil
        var message = A2AMessage(kind: .result, binding: .jsonRPC)
        if let card = fields.card.card(url: fields.url, isExtended: true) {
            guard hasVersion || !card.interfaces.isEmpty else { return false }
            message.kind = .card
            message.operation = .card
            message.card = card
        } else if fields.isAnswer || (hasVersion && fields.isOldAnswer) {
            fields.describe(&message)
        } else {
            return false
        }
        message.id = envelope.id
        message.version = version(content)
        message.isTruncated = envelope.isTruncated
        emit(.a2a(message, content.carrier))
        return true
    }

    /// The fields of one member of the envelope; nil where it has none.
    private static func fields(
        _ bytes: borrowing Span<UInt8>, of member: StaticString, _ isTruncated: Bool
    ) -> A2AFields? {
        var input = JSONReader(copy bytes)
        var fields = A2AFields()
        var isPresent = false
        do throws(ParseFailure) {
            try input.enterObject()
            while let key = try input.nextKey() {
                if member ~= key, try input.kind() == .object {
                    isPresent = true
                    try fields.read(&input)
                } else {
                    try input.skipValue()
                }
            }
        } catch .needMore {
            guard isTruncated else { return nil }
        } catch {
            return nil
        }
        return isPresent ? fields : nil
    }

    /// What the A2A-Version header says (A2A 1.0 §3.6.2).
    private static func version(_ content: Content) -> String? {
        content.carrier.request?.a2aVersion
    }

    // MARK: - HTTP

    private static let shapes: [Outline.Members] = [
        .message, .task, .statusUpdate, .artifactUpdate, [.id, .status], .tasks,
        [.name, .version, .skills, .capabilities],
    ]

    /// A body that is no JSON-RPC: the HTTP binding, a webhook's, or a card.
    static func read(_ content: Content, _ outline: Outline, emit: EmitMessage) -> Bool {
        guard !outline.isList, let request = content.carrier.request,
            shapes.contains(where: { outline.has($0) })
        else { return false }
        var input = JSONReader(content.bytes.span)
        var fields = A2AFields()
        do throws(ParseFailure) {
            try fields.read(&input)
        } catch .needMore {
            guard content.isTruncated else { return false }
        } catch {
            return false
        }
        let message =
            content.carrier.response == nil
            ? asked(fields, request) : answered(fields, request, content.carrier)
        guard var message else { return false }
        message.version = request.a2aVersion
        message.isTruncated = content.isTruncated
        emit(.a2a(message, content.carrier))
        return true
    }

    private static func asked(_ fields: A2AFields, _ request: HTTPRequest) -> A2AMessage? {
        guard request.method == "POST" else { return nil }
        let operation = A2APath.operation(request)
        let isSending = operation == .send || operation == .stream
        // 0.3 leaves parts out of nothing, and calls them content.
        if isSending, fields.wrapper == .message, fields.isMessage {
            var message = A2AMessage(kind: .request, binding: .httpJSON)
            message.operation = operation
            fields.describe(&message)
            return message
        }
        if operation == .webhook, fields.pushURL != nil || fields.url != nil {
            var message = A2AMessage(kind: .request, binding: .httpJSON)
            message.operation = .webhook
            fields.describe(&message)
            message.webhook = PlainURL.host(fields.pushURL ?? fields.url)
            return message
        }
        // A bare answer that is asked: an agent tells a webhook.
        guard operation == nil, fields.isAnswer, fields.wrapper != .message else { return nil }
        var message = A2AMessage(kind: .notification, binding: .httpJSON)
        fields.describe(&message)
        return message
    }

    private static func answered(
        _ fields: A2AFields, _ request: HTTPRequest, _ carrier: Carrier
    ) -> A2AMessage? {
        guard let status = carrier.response?.status, (200..<300).contains(status) else {
            return nil
        }
        if request.method == "GET",
            let card = fields.card.card(url: fields.url, isExtended: A2APath.isExtended(request)),
            A2APath.isCard(request) || !card.interfaces.isEmpty
        {
            var message = A2AMessage(kind: .card, binding: .httpJSON)
            message.operation = .card
            message.card = card
            return message
        }
        let operation = A2APath.operation(request)
        let isTyped =
            carrier.response?.contentType?.hasPrefix("application/a2a+json") == true
            || request.a2aVersion != nil
        guard operation != nil || isTyped else { return nil }
        guard fields.isAnswer || (operation == .list && fields.hasTasks) else { return nil }
        var message = A2AMessage(kind: .result, binding: .httpJSON)
        message.operation = operation
        if fields.isAnswer { fields.describe(&message) }
        return message
    }
}

/// A method of A2A on JSON-RPC or gRPC (A2A 1.0 §5.3, and what earlier versions called it).
struct A2AMethod {
    let operation: A2AMessage.Operation
    /// The version whose word it is; nil where two have it.
    let version: String?

    init?(_ name: String) {
        switch name {
        case "tasks/send": (operation, version) = (.send, "0.1")
        case "tasks/sendSubscribe": (operation, version) = (.stream, "0.1")
        case "tasks/pushNotification/set", "tasks/pushNotification/get":
            (operation, version) = (.webhook, "0.1")
        case "message/send": (operation, version) = (.send, nil)
        case "message/stream": (operation, version) = (.stream, nil)
        case "tasks/get": (operation, version) = (.get, nil)
        case "tasks/list": (operation, version) = (.list, nil)
        case "tasks/cancel": (operation, version) = (.cancel, nil)
        case "tasks/resubscribe": (operation, version) = (.subscribe, nil)
        case "tasks/pushNotificationConfig/set", "tasks/pushNotificationConfig/get",
            "tasks/pushNotificationConfig/list", "tasks/pushNotificationConfig/delete":
            (operation, version) = (.webhook, nil)
        case "agent/getAuthenticatedExtendedCard": (operation, version) = (.card, "0.3")
        case "SendMessage": (operation, version) = (.send, "1.0")
        case "SendStreamingMessage": (operation, version) = (.stream, "1.0")
        case "GetTask": (operation, version) = (.get, "1.0")
        case "ListTasks": (operation, version) = (.list, "1.0")
        case "CancelTask": (operation, version) = (.cancel, "1.0")
        case "SubscribeToTask": (operation, version) = (.subscribe, "1.0")
        case "CreateTaskPushNotificationConfig", "GetTaskPushNotificationConfig",
            "ListTaskPushNotificationConfigs", "ListTaskPushNotificationConfig",
            "DeleteTaskPushNotificationConfig":
            (operation, version) = (.webhook, "1.0")
        case "GetExtendedAgentCard": (operation, version) = (.card, "1.0")
        default: return nil
        }
    }

    /// The method of a service, where the service says which version's it is.
    init(_ operation: A2AMessage.Operation) {
        self.operation = operation
        version = nil
    }

    /// Whether `params` are what the method takes.
    func fits(_ fields: A2AFields, hasVersion: Bool) -> Bool {
        switch operation {
        case .send, .stream:
            version == "0.1"
                ? fields.id?.isEmpty == false && fields.wrapper == .message && fields.hasParts
                : fields.wrapper == .message && fields.messageID?.isEmpty == false
                    && fields.hasParts
        case .get, .cancel, .subscribe: fields.id?.isEmpty == false && fields.taskID == nil
        case .list: hasVersion
        case .webhook: fields.id != nil || fields.taskID != nil || fields.pushURL != nil
        case .card: true
        }
    }
}

extension HTTPRequest {
    /// The path without what A2A's HTTP binding adds to it, ids of tasks among it.
    package var a2aBase: String { A2APath.base(path) }
}

/// Paths of the HTTP binding, behind any base path and tenant (A2A 1.0 §11.3).
enum A2APath {
    static func isCard(_ request: HTTPRequest) -> Bool {
        let path = request.path
        return path.hasSuffix("/.well-known/agent-card.json")
            || path.hasSuffix("/.well-known/agent.json") || isExtended(request)
    }

    static func isExtended(_ request: HTTPRequest) -> Bool {
        let path = request.path
        return path.hasSuffix("/agent/authenticatedExtendedCard") || path.hasSuffix("/v1/card")
            || path.hasSuffix("/extendedAgentCard")
    }

    /// What stands before the operation: a task's id is nobody's business.
    static func base(_ path: String) -> String {
        let bytes = Array(path.utf8)
        for mark in ["/v1/message:", "/message:", "/v1/tasks", "/tasks"] {
            guard let at = place(of: Array(mark.utf8), in: bytes) else { continue }
            let base = String(decoding: bytes[..<at], as: UTF8.self)
            return base.isEmpty ? "/" : base
        }
        return path
    }

    private static func place(of mark: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= mark.count else { return nil }
        return (0...bytes.count - mark.count).first { bytes[$0...].starts(with: mark) }
    }

    static func operation(_ request: HTTPRequest) -> A2AMessage.Operation? {
        let path = request.path
        if path.hasSuffix("/message:send") { return .send }
        if path.hasSuffix("/message:stream") { return .stream }
        let parts = path.split(separator: "/", omittingEmptySubsequences: true).suffix(4)
        guard let place = parts.lastIndex(of: "tasks") else { return nil }
        let rest = parts[(place + 1)...]
        guard let id = rest.first else { return request.method == "GET" ? .list : nil }
        if rest.dropFirst().first == "pushNotificationConfigs" { return .webhook }
        guard rest.count == 1 else { return nil }
        if id.hasSuffix(":cancel") { return .cancel }
        if id.hasSuffix(":subscribe") { return .subscribe }
        return request.method == "GET" ? .get : nil
    }
}
