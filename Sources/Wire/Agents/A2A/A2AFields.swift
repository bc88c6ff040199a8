import Codecs

/// The members of a request's `params`, of a `result`, or of a bare object, as far as A2A has them.
///
/// The object inside of a wrapper (`task`, `message`, `statusUpdate`, `artifactUpdate`) is read
/// into the same fields: no two of its names mean different things.
struct A2AFields {
    /// The member that 1.0 wraps an answer in.
    enum Wrapper { case task, message, statusUpdate, artifactUpdate }

    var wrapper: Wrapper?
    var kind: String?
    var id: String?
    var taskID: String?
    var contextID: String?
    var messageID: String?
    var role: String?
    var state: String?
    var references: [String] = []
    var url: String?
    var pushURL: String?
    /// `parts`, or the `content` of 0.3's HTTP binding: a list.
    var hasParts = false
    var hasArtifact = false
    var hasTasks = false
    var card = AgentCardDraft()

    mutating func read(_ input: inout JSONReader, depth: Int = 0) throws(ParseFailure) {
        guard try input.kind() == .object, depth < 3 else { return try input.skipValue() }
        try input.enterObject()
        while let key = try input.nextKey() { try read(key, &input, depth) }
    }

    /// One member, whose name was just read.
    mutating func read(
        _ key: borrowing JSONKey, _ input: inout JSONReader, _ depth: Int = 0
    ) throws(ParseFailure) {
        switch key {
        case "id": id = try input.stringIfPresent(limit: 256)
        case "kind": kind = try input.stringIfPresent(limit: 32)
        case "taskId": taskID = try input.stringIfPresent(limit: 256)
        case "contextId", "sessionId": contextID = try input.stringIfPresent(limit: 256)
        case "messageId": messageID = try input.stringIfPresent(limit: 256)
        case "role": role = try input.stringIfPresent(limit: 32)
        case "url": url = try input.stringIfPresent(limit: 1024)
        case "referenceTaskIds": references = try input.strings(limit: 16, bytes: 256)
        case "parts", "content": try note(\.hasParts, .array, &input)
        case "artifact": try note(\.hasArtifact, .object, &input)
        case "tasks": try note(\.hasTasks, .array, &input)
        case "status": try readStatus(&input)
        case "message": try wrap(.message, &input, depth)
        case "task": try wrap(.task, &input, depth)
        case "statusUpdate": try wrap(.statusUpdate, &input, depth)
        case "artifactUpdate": try wrap(.artifactUpdate, &input, depth)
        case "configuration", "pushNotificationConfig", "pushNotification", "config",
            "taskPushNotificationConfig":
            try readPush(&input, 0)
        default: if try !card.read(key, &input) { try input.skipValue() }
        }
    }

    private mutating func note(
        _ field: WritableKeyPath<A2AFields, Bool>, _ kind: JSONReader.Kind,
        _ input: inout JSONReader
    ) throws(ParseFailure) {
        self[keyPath: field] = try input.kind() == kind
        try input.skipValue()
    }

    private mutating func wrap(
        _ found: Wrapper, _ input: inout JSONReader, _ depth: Int
    ) throws(ParseFailure) {
        if try input.kind() == .object, wrapper == nil { wrapper = found }
        try read(&input, depth: depth + 1)
    }

    /// `state`; the message beside it says it again in words.
    private mutating func readStatus(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersObject() else { return }
        while let key = try input.nextKey() {
            if "state" ~= key {
                state = try input.stringIfPresent(limit: 48)
            } else {
                try input.skipValue()
            }
        }
    }

    /// Where the client wants to be told, wherever the version puts it.
    private mutating func readPush(
        _ input: inout JSONReader, _ depth: Int
    ) throws(ParseFailure) {
        guard try input.kind() == .object, depth < 3 else { return try input.skipValue() }
        try input.enterObject()
        while let key = try input.nextKey() {
            switch key {
            case "url": pushURL = try input.stringIfPresent(limit: 1024)
            case "taskId": taskID = try input.stringIfPresent(limit: 256)
            case "pushNotificationConfig", "taskPushNotificationConfig", "config":
                try readPush(&input, depth + 1)
            default: try input.skipValue()
            }
        }
    }

    // MARK: - What they make

    var taskState: A2AState? { state.flatMap { A2AState(wire: $0) } }
    /// 1.0 and the HTTP binding of 0.3 write states and roles in capitals.
    private var isProtobuf: Bool {
        state?.hasPrefix(A2AState.prefix) == true || role?.hasPrefix("ROLE_") == true
    }
    private var isRole: Bool {
        role == "user" || role == "agent" || role == "ROLE_USER" || role == "ROLE_AGENT"
    }

    /// A message that an agent would send: an id of its own, parts, and a role.
    var isMessage: Bool { messageID?.isEmpty == false && hasParts && isRole }
    /// A task of 0.2 and later.
    private var isTask: Bool {
        id?.isEmpty == false && taskState != nil && (kind == "task" || isProtobuf)
    }
    private var isUpdate: Bool {
        taskID?.isEmpty == false && (taskState != nil || hasArtifact)
    }

    /// Whether the object is an answer of A2A by its own shape alone.
    var isAnswer: Bool {
        switch wrapper {
        case .task: return id?.isEmpty == false && taskState != nil && isProtobuf
        case .message:
            // The message inside of a status is another thing, and stands not here.
            return kind != "task" ? isMessage && (isProtobuf || kind == "message") : isTask
        case .statusUpdate, .artifactUpdate: return isUpdate
        case nil: break
        }
        switch kind {
        case "task": return isTask
        case "message": return isMessage
        case "status-update": return isUpdate && taskState != nil
        case "artifact-update": return isUpdate && hasArtifact
        default: return isTask
        }
    }

    /// A task or an event of one as 0.1 has it, which says little of what it is.
    var isOldAnswer: Bool { id?.isEmpty == false && (taskState != nil || hasArtifact) }

    /// Fills in what a message says of tasks.
    func describe(_ message: inout A2AMessage) {
        let task = taskID ?? (wrapper == .message && kind != "task" ? nil : id)
        message.task = Self.pseudonym(task.map(Self.withoutResource))
        message.context = Self.pseudonym(contextID)
        message.messageID = Self.pseudonym(messageID)
        message.references = references.compactMap { Self.pseudonym($0) }
        message.bonds = ([task.map(Self.withoutResource), contextID, messageID] + references)
            .compactMap { id in
                id.flatMap { $0.utf8.count >= Self.leastBond ? Self.pseudonym($0) : nil }
            }
        message.state = taskState
        message.webhook = PlainURL.host(pushURL)
    }

    /// Shorter ids are numbers and words that others use too.
    private static let leastBond = 16

    private static func pseudonym(_ text: String?) -> Pseudonym? {
        guard let text, !text.isEmpty else { return nil }
        return Pseudonym(of: text)
    }

    /// 0.3 names a task `tasks/ID` where its gRPC does.
    private static func withoutResource(_ id: String) -> String {
        id.hasPrefix("tasks/") ? String(id.dropFirst(6).prefix { $0 != "/" }) : id
    }
}
