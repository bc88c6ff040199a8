import Codecs

/// Runs of agents over plain HTTP: ACP, AG-UI and Agent Connect, by the shape of bodies and events.
enum RunReader: ContentReader {
    static func read(_ content: Content, _ outline: Outline, emit: EmitMessage) -> Bool {
        guard !outline.isList, let request = content.carrier.request else { return false }
        let isAnswer = content.carrier.response != nil
        guard let language = language(outline, request, isAnswer) else { return false }
        var fields = RunFields()
        var input = JSONReader(content.bytes.span)
        do throws(ParseFailure) {
            try fields.read(&input)
        } catch .needMore {
            guard content.isTruncated else { return false }
        } catch {
            return false
        }
        let message: RunMessage?
        switch language {
        case .acp: message = acp(fields, outline, request, isAnswer)
        case .agUI: message = agUI(fields, outline, isAnswer)
        case .agentConnect: message = agentConnect(fields, request, isAnswer)
        case .agentClient: message = nil
        }
        guard let message else {
            // An event of a stream that is known, with nothing in it but content.
            return language == .agUI && isAnswer
        }
        emit(.agentRun(message, content.carrier))
        return true
    }

    private static func language(
        _ outline: Outline, _ request: HTTPRequest, _ isAnswer: Bool
    ) -> RunMessage.Language? {
        if !isAnswer {
            guard request.method == "POST" else { return nil }
            if outline.has([.agentName, .input]) { return .acp }
            if outline.has([.threadID, .runID, .messages, .forwardedProps]) { return .agUI }
            return outline.has([.agentID, .input]) && isRuns(request.path) ? .agentConnect : nil
        }
        if let type = outline.type {
            if AGUIEvent.isOne(type) { return .agUI }
            return type.hasPrefix("run.") && isRuns(request.path) ? .acp : nil
        }
        if outline.has([.runID, .agentName, .status]) { return .acp }
        if outline.has(.agents), request.method == "GET", request.path.hasSuffix("/agents") {
            return .acp
        }
        return outline.has([.runID, .agentID, .status]) && isRuns(request.path)
            ? .agentConnect : nil
    }

    private static func isRuns(_ path: String) -> Bool {
        path.split(separator: "/").contains("runs")
    }

    // MARK: - ACP

    private static let states: Set<String> = [
        "created", "in-progress", "awaiting", "cancelling", "cancelled", "completed", "failed",
    ]

    private static func acp(
        _ fields: RunFields, _ outline: Outline, _ request: HTTPRequest, _ isAnswer: Bool
    ) -> RunMessage? {
        if !isAnswer {
            guard fields.hasTypedParts, let agent = fields.agentName, !agent.isEmpty,
                isRuns(request.path)
            else { return nil }
            var message = RunMessage(language: .acp, kind: .request, what: "run")
            message.agents = [agent]
            fields.describe(&message)
            return message
        }
        if outline.has(.agents) {
            guard fields.hasContentTypes, !fields.agents.isEmpty else { return nil }
            var message = RunMessage(language: .acp, kind: .listing, what: "agents")
            message.agents = fields.agents
            return message
        }
        guard let agent = fields.agentName, !agent.isEmpty, fields.runID?.isEmpty == false,
            let state = fields.status, states.contains(state)
        else { return nil }
        var message = RunMessage(
            language: .acp, kind: outline.type == nil ? .result : .event,
            what: outline.type ?? "run")
        message.agents = [agent]
        message.state = state
        fields.describe(&message)
        return message
    }

    // MARK: - AG-UI

    private static func agUI(
        _ fields: RunFields, _ outline: Outline, _ isAnswer: Bool
    ) -> RunMessage? {
        guard isAnswer else {
            guard fields.runID?.isEmpty == false, fields.threadID?.isEmpty == false,
                fields.hasMessages
            else { return nil }
            var message = RunMessage(language: .agUI, kind: .request, what: "run")
            fields.describe(&message)
            message.toolsOffered = fields.tools
            return message
        }
        guard let type = outline.type, AGUIEvent.isTold(type) else { return nil }
        var message = RunMessage(language: .agUI, kind: .event, what: type)
        fields.describe(&message)
        if let tool = fields.toolCallName { message.toolsCalled = [tool] }
        switch type {
        case "RUN_STARTED": message.state = "started"
        case "RUN_FINISHED": message.state = "finished"
        case "RUN_ERROR": message.state = "failed"
        default: break
        }
        return message
    }

    // MARK: - Agent Connect

    private static func agentConnect(
        _ fields: RunFields, _ request: HTTPRequest, _ isAnswer: Bool
    ) -> RunMessage? {
        guard let agent = fields.agentID, !agent.isEmpty else { return nil }
        if isAnswer, fields.runID == nil || fields.status == nil { return nil }
        var message = RunMessage(
            language: .agentConnect, kind: isAnswer ? .result : .request, what: "run")
        message.agents = [agent]
        message.state = isAnswer ? fields.status : nil
        fields.describe(&message)
        return message
    }
}

/// Types of AG-UI's events: upper case, with underscores.
enum AGUIEvent {
    static func isOne(_ type: String) -> Bool {
        switch type {
        case "RUN_STARTED", "RUN_FINISHED", "RUN_ERROR", "STEP_STARTED", "STEP_FINISHED",
            "TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END",
            "TEXT_MESSAGE_CHUNK", "TOOL_CALL_START", "TOOL_CALL_ARGS", "TOOL_CALL_END",
            "TOOL_CALL_CHUNK", "TOOL_CALL_RESULT", "STATE_SNAPSHOT", "STATE_DELTA",
            "MESSAGES_SNAPSHOT", "ACTIVITY_SNAPSHOT", "ACTIVITY_DELTA":
            true
        default: false
        }
    }

    /// Whether an event says more than content.
    static func isTold(_ type: String) -> Bool {
        switch type {
        case "RUN_STARTED", "RUN_FINISHED", "RUN_ERROR", "TOOL_CALL_START": true
        default: false
        }
    }
}

/// Members of the bodies and events of runs.
private struct RunFields {
    var agentName: String?
    var agentID: String?
    var runID: String?
    var threadID: String?
    var sessionID: String?
    var parentID: String?
    var status: String?
    var toolCallName: String?
    var hasMessages = false
    /// `input[].parts[].content_type` of ACP.
    var hasTypedParts = false
    /// `agents[].input_content_types` of ACP.
    var hasContentTypes = false
    var agents: [String] = []
    var tools: [String] = []

    mutating func read(_ input: inout JSONReader, depth: Int = 0) throws(ParseFailure) {
        guard try input.kind() == .object, depth < 2 else { return try input.skipValue() }
        try input.enterObject()
        while let key = try input.nextKey() {
            switch key {
            case "agent_name": agentName = try input.stringIfPresent(limit: 128)
            case "agent_id": agentID = try input.stringIfPresent(limit: 128)
            case "run_id", "runId": runID = try input.stringIfPresent(limit: 128)
            case "thread_id", "threadId": threadID = try input.stringIfPresent(limit: 128)
            case "session_id": sessionID = try input.stringIfPresent(limit: 128)
            case "parentRunId": parentID = try input.stringIfPresent(limit: 128)
            case "status": status = try input.stringIfPresent(limit: 32)
            case "toolCallName": toolCallName = try input.stringIfPresent(limit: 128)
            case "messages":
                hasMessages = try input.kind() == .array
                try input.skipValue()
            case "run": try read(&input, depth: depth + 1)
            case "input": try readInput(&input)
            case "agents": try readNames(&input, isAgents: true)
            case "tools": try readNames(&input, isAgents: false)
            default: try input.skipValue()
            }
        }
    }

    private mutating func readInput(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersArray() else { return }
        while try input.nextObject() {
            while let key = try input.nextKey() {
                if "parts" ~= key { try readParts(&input) } else { try input.skipValue() }
            }
        }
    }

    private mutating func readParts(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersArray() else { return }
        while try input.nextObject() {
            while let key = try input.nextKey() {
                if "content_type" ~= key { hasTypedParts = true }
                try input.skipValue()
            }
        }
    }

    private mutating func readNames(
        _ input: inout JSONReader, isAgents: Bool
    ) throws(ParseFailure) {
        guard try input.entersArray() else { return }
        while try input.nextObject() {
            while let key = try input.nextKey() {
                switch key {
                case "name":
                    guard let name = try input.stringIfPresent(limit: 128) else { break }
                    if isAgents {
                        if agents.count < 64 { agents.append(name) }
                    } else if tools.count < 128 {
                        tools.append(name)
                    }
                case "input_content_types":
                    hasContentTypes = true
                    try input.skipValue()
                default: try input.skipValue()
                }
            }
        }
    }

    func describe(_ message: inout RunMessage) {
        message.run = runID.map { Pseudonym(of: $0) }
        message.session = (sessionID ?? threadID).map { Pseudonym(of: $0) }
        message.parent = parentID.map { Pseudonym(of: $0) }
    }
}
