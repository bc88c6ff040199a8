/// Which members an object has at its top, as far as any reader of content asks: one look decides
/// whose it may be, and only that reader reads it.
struct Outline: Sendable {
    /// Members that some protocol is told by.
    struct Members: OptionSet, Sendable {
        let rawValue: UInt64
        init(rawValue: UInt64) { self.rawValue = rawValue }
        init(_ bit: Int) { rawValue = 1 << UInt64(bit) }

        // Agent2Agent.
        static let message = Members(0)
        static let task = Members(1)
        static let statusUpdate = Members(2)
        static let artifactUpdate = Members(3)
        static let status = Members(4)
        static let id = Members(5)
        static let skills = Members(6)
        static let capabilities = Members(7)
        static let version = Members(8)
        static let name = Members(9)
        static let method = Members(10)
        static let tasks = Members(11)
        // Runs of agents.
        static let agentName = Members(12)
        static let agents = Members(13)
        static let runID = Members(14)
        static let threadID = Members(15)
        static let forwardedProps = Members(16)
        static let agentID = Members(17)
        static let input = Members(18)
        // Models.
        static let model = Members(19)
        static let messages = Members(20)
        static let contents = Members(21)
        static let prompt = Members(22)
        static let choices = Members(23)
        static let candidates = Members(24)
        static let usage = Members(25)
        static let content = Members(26)
        static let data = Members(27)
        static let models = Members(28)
        static let embedding = Members(29)
        static let output = Members(30)
        static let done = Members(31)
        static let inputs = Members(32)
        static let generatedText = Members(33)
        static let timings = Members(34)
        static let requests = Members(35)
        static let text = Members(36)
        static let inferenceConfig = Members(37)
        static let modelID = Members(38)
        static let result = Members(39)
        static let params = Members(40)
        static let token = Members(41)
        static let event = Members(42)
        static let usageMetadata = Members(43)
        static let defaultSettings = Members(44)
        static let generation = Members(45)
        static let slots = Members(46)
        static let modelInfo = Members(47)
        static let createdAt = Members(48)
    }

    private(set) var members: Members = []
    /// `type`, where it is a short text; of many streams it says what an event is.
    private(set) var type: String?
    /// `object`, the same.
    private(set) var object: String?
    /// The content is a list: of its first object all this is said.
    private(set) var isList = false

    /// Nil for what is no JSON object, nor a list of them.
    init?(of bytes: Span<UInt8>, isTruncated: Bool) {
        var input = JSONReader(bytes)
        do throws(ParseFailure) {
            if try input.kind() == .array {
                isList = true
                try input.enterArray()
                guard try input.nextElement(), try input.kind() == .object else { return nil }
            }
            try read(&input)
        } catch .needMore {
            if !isTruncated { return nil }
        } catch {
            return nil
        }
    }

    func has(_ wanted: Members) -> Bool { members.isSuperset(of: wanted) }

    private mutating func read(_ input: inout JSONReader) throws(ParseFailure) {
        try input.enterObject()
        while let key = try input.nextKey() {
            switch key {
            case "type": type = try input.stringIfPresent(limit: 48)
            case "object": object = try input.stringIfPresent(limit: 48)
            case "done":
                if try input.kind() == .bool { members.insert(.done) }
                try input.skipValue()
            default:
                if let member = Outline.member(key) { members.insert(member) }
                try input.skipValue()
            }
        }
    }

    private static func member(_ key: borrowing JSONKey) -> Members? {
        switch key {
        case "message": .message
        case "task": .task
        case "statusUpdate": .statusUpdate
        case "artifactUpdate": .artifactUpdate
        case "status": .status
        case "id": .id
        case "skills": .skills
        case "capabilities": .capabilities
        case "version": .version
        case "name": .name
        case "method": .method
        case "tasks": .tasks
        case "agent_name": .agentName
        case "agents": .agents
        case "run_id", "runId": .runID
        case "threadId", "thread_id": .threadID
        case "forwardedProps": .forwardedProps
        case "agent_id": .agentID
        default: modelMember(key)
        }
    }

    private static func modelMember(_ key: borrowing JSONKey) -> Members? {
        switch key {
        case "input": .input
        case "model": .model
        case "messages": .messages
        case "contents": .contents
        case "prompt": .prompt
        case "choices": .choices
        case "candidates": .candidates
        case "usage": .usage
        case "content": .content
        case "data": .data
        case "models": .models
        case "embedding", "embeddings": .embedding
        case "output": .output
        case "created_at": .createdAt
        case "inputs": .inputs
        case "generated_text": .generatedText
        case "timings": .timings
        case "requests": .requests
        case "text": .text
        case "inferenceConfig": .inferenceConfig
        case "model_id", "model_path": .modelID
        case "result": .result
        case "params": .params
        case "token": .token
        case "event_type": .event
        case "usageMetadata": .usageMetadata
        case "default_generation_settings": .defaultSettings
        case "generation_id": .generation
        case "id_task": .slots
        case "model_info", "model_dtype", "model_device_type": .modelInfo
        default: nil
        }
    }
}
