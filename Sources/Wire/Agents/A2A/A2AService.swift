/// Agent2Agent on gRPC: what the path of a call says (A2A 1.0 §10, and the service of 0.3).
package enum A2AService {
    /// The version whose service it is; nil for any other service.
    package static func version(ofService name: String) -> String? {
        switch name {
        case "lf.a2a.v1.A2AService": "1.0"
        case "a2a.v1.A2AService": "0.3"
        default: nil
        }
    }

    /// What a method of either version asks for; nil for no method of A2A.
    package static func operation(ofMethod name: String) -> A2AMessage.Operation? {
        switch name {
        case "TaskSubscription": .subscribe
        case "GetAgentCard": .card
        default: A2AMessage.operation(ofMethod: name)
        }
    }
}

/// The messages of A2A on gRPC. The path has said what they are, and their shape must agree.
enum A2AServiceReader {
    /// Whether the call is one of A2A; its message goes to `emit` when it can be read.
    static func read(_ content: GRPCContent, emit: EmitMessage) -> Bool {
        guard let version = A2AService.version(ofService: content.call.service),
            let operation = A2AService.operation(ofMethod: content.call.method)
        else { return false }
        let isAnswer = content.side == .server
        var fields = A2AMessageFields(isOld: version == "0.3")
        var input = ProtobufReader(content.bytes.span, isTruncated: content.isTruncated)
        do throws(ParseFailure) {
            if isAnswer {
                try fields.readAnswer(to: operation, content.call.method, &input)
            } else {
                try fields.readRequest(operation, content.call.method, &input)
            }
        } catch {
            // Cut off: what was read stands if it is enough.
            guard content.isTruncated, case .needMore = error else { return true }
        }
        guard var message = isAnswer ? answer(fields, operation) : request(fields, operation)
        else { return true }
        message.operation = operation
        message.version = content.call.request.a2aVersion ?? version
        message.isTruncated = content.isTruncated
        emit(
            .a2a(
                message,
                Carrier(
                    kind: .httpBody, request: content.call.request, response: content.response)))
        return true
    }

    private static func request(
        _ found: A2AMessageFields, _ operation: A2AMessage.Operation
    ) -> A2AMessage? {
        guard A2AMethod(operation).fits(found.fields, hasVersion: true) else { return nil }
        var message = A2AMessage(kind: .request, binding: .gRPC)
        found.fields.describe(&message)
        return message
    }

    private static func answer(
        _ found: A2AMessageFields, _ operation: A2AMessage.Operation
    ) -> A2AMessage? {
        if operation == .card {
            guard let card = found.card.card else { return nil }
            var message = A2AMessage(kind: .card, binding: .gRPC)
            message.card = card
            return message
        }
        guard found.fields.isAnswer || (operation == .list && found.fields.hasTasks) else {
            return nil
        }
        var message = A2AMessage(kind: .result, binding: .gRPC)
        if found.fields.isAnswer { found.fields.describe(&message) }
        return message
    }
}

/// Fields of A2A's messages in Protocol Buffers, by their numbers in `a2a.proto`; they become those
/// that JSON has. What is not kept passes by unread.
struct A2AMessageFields {
    private(set) var fields = A2AFields()
    private(set) var card: AgentCardMessage
    /// As 0.3 has them: a task is named by its resource, `tasks/ID`.
    private let isOld: Bool

    init(isOld: Bool) {
        self.isOld = isOld
        card = AgentCardMessage(isOld: isOld)
    }

    private static let idBytes = 256
    private static let urlBytes = 1024
    /// By number (A2A 1.0 §4.1.3; 0.3 has the same).
    private static let states = [
        "UNSPECIFIED", "SUBMITTED", "WORKING", "COMPLETED", "FAILED", "CANCELED",
        "INPUT_REQUIRED", "REJECTED", "AUTH_REQUIRED",
    ]

    // MARK: - Requests

    mutating func readRequest(
        _ operation: A2AMessage.Operation, _ method: String, _ input: inout ProtobufReader
    ) throws(ParseFailure) {
        while let number = try input.nextField() {
            switch (operation, number) {
            case (.send, isOld ? 1 : 2), (.stream, isOld ? 1 : 2):
                try wrap(.message, &input) { (fields, part) throws(ParseFailure) in
                    try fields.readMessage(&part)
                }
            case (.send, isOld ? 2 : 3), (.stream, isOld ? 2 : 3): try readConfiguration(&input)
            case (.get, isOld ? 1 : 2), (.cancel, isOld ? 1 : 2), (.subscribe, isOld ? 1 : 2):
                fields.id = try input.textIfPresent(limit: Self.idBytes)
            case (.webhook, _): try readWebhook(number, method, &input)
            default: try input.skipValue()
            }
        }
    }

    /// Where the client wants to be told, in the configuration of what it sends.
    private mutating func readConfiguration(
        _ input: inout ProtobufReader
    ) throws(ParseFailure) {
        try within(&input) { (fields, part) throws(ParseFailure) in
            while let number = try part.nextField() {
                if number == 2 { try fields.readPush(&part) } else { try part.skipValue() }
            }
        }
    }

    /// A configuration of pushes by itself.
    private mutating func readPush(_ input: inout ProtobufReader) throws(ParseFailure) {
        let place = isOld ? 2 : 4
        try within(&input) { (fields, part) throws(ParseFailure) in
            while let number = try part.nextField() {
                if number == place {
                    fields.fields.pushURL = try part.textIfPresent(limit: Self.urlBytes)
                } else {
                    try part.skipValue()
                }
            }
        }
    }

    private mutating func readWebhook(
        _ number: Int, _ method: String, _ input: inout ProtobufReader
    ) throws(ParseFailure) {
        let isNew = method.hasPrefix("Create")
        switch (isOld, number) {
        // The name of a task, or of a configuration below it.
        case (true, 1): fields.taskID = try input.textIfPresent(limit: Self.idBytes)
        case (true, 3) where isNew:
            try within(&input) { (fields, part) throws(ParseFailure) in
                while let number = try part.nextField() {
                    if number == 2 { try fields.readPush(&part) } else { try part.skipValue() }
                }
            }
        case (false, 3) where isNew, (false, 2) where !isNew && !method.hasPrefix("List"),
            (false, 1) where method.hasPrefix("List"):
            fields.taskID = try input.textIfPresent(limit: Self.idBytes)
        case (false, 4) where isNew:
            fields.pushURL = try input.textIfPresent(limit: Self.urlBytes)
        default: try input.skipValue()
        }
    }

    // MARK: - Answers

    mutating func readAnswer(
        to operation: A2AMessage.Operation, _ method: String, _ input: inout ProtobufReader
    ) throws(ParseFailure) {
        switch operation {
        case .card: try card.read(&input)
        case .get, .cancel: try readTask(&input)
        case .webhook: break
        case .list:
            while let number = try input.nextField() {
                if number == 1, input.holdsBytes { fields.hasTasks = true }
                try input.skipValue()
            }
        case .send, .stream, .subscribe:
            while let number = try input.nextField() { try readPayload(number, &input) }
        }
    }

    /// The one member that an answer has (`SendMessageResponse`, `StreamResponse`).
    private mutating func readPayload(
        _ number: Int, _ input: inout ProtobufReader
    ) throws(ParseFailure) {
        switch number {
        case 1:
            try wrap(.task, &input) { (fields, part) throws(ParseFailure) in
                try fields.readTask(&part)
            }
        case 2:
            try wrap(.message, &input) { (fields, part) throws(ParseFailure) in
                try fields.readMessage(&part)
            }
        case 3:
            try wrap(.statusUpdate, &input) { (fields, part) throws(ParseFailure) in
                try fields.readUpdate(&part)
            }
        case 4:
            try wrap(.artifactUpdate, &input) { (fields, part) throws(ParseFailure) in
                try fields.readUpdate(&part)
            }
        default: try input.skipValue()
        }
    }

    // MARK: - What they are made of

    private mutating func readMessage(_ input: inout ProtobufReader) throws(ParseFailure) {
        while let number = try input.nextField() {
            switch number {
            case 1: fields.messageID = try input.textIfPresent(limit: Self.idBytes)
            case 2: fields.contextID = try input.textIfPresent(limit: Self.idBytes)
            case 3: fields.taskID = try input.textIfPresent(limit: Self.idBytes)
            case 4:
                switch try input.numberIfPresent() {
                case 1: fields.role = "ROLE_USER"
                case 2: fields.role = "ROLE_AGENT"
                default: break
                }
            case 5:
                if input.holdsBytes { fields.hasParts = true }
                try input.skipValue()
            case 8:
                let task = try input.textIfPresent(limit: Self.idBytes)
                if let task, fields.references.count < 16 { fields.references.append(task) }
            default: try input.skipValue()
            }
        }
    }

    private mutating func readTask(_ input: inout ProtobufReader) throws(ParseFailure) {
        while let number = try input.nextField() {
            switch number {
            case 1: fields.id = try input.textIfPresent(limit: Self.idBytes)
            case 2: fields.contextID = try input.textIfPresent(limit: Self.idBytes)
            case 3: try readStatus(&input)
            default: try input.skipValue()
            }
        }
    }

    private mutating func readUpdate(_ input: inout ProtobufReader) throws(ParseFailure) {
        while let number = try input.nextField() {
            switch number {
            case 1: fields.taskID = try input.textIfPresent(limit: Self.idBytes)
            case 2: fields.contextID = try input.textIfPresent(limit: Self.idBytes)
            case 3 where fields.wrapper == .statusUpdate: try readStatus(&input)
            case 3:
                fields.hasArtifact = input.holdsBytes
                try input.skipValue()
            default: try input.skipValue()
            }
        }
    }

    private mutating func readStatus(_ input: inout ProtobufReader) throws(ParseFailure) {
        try within(&input) { (fields, part) throws(ParseFailure) in
            while let number = try part.nextField() {
                guard number == 1, let state = try part.numberIfPresent() else {
                    if number != 1 { try part.skipValue() }
                    continue
                }
                guard state < UInt64(Self.states.count) else { continue }
                fields.fields.state = A2AState.prefix + Self.states[Int(state)]
            }
        }
    }

    // MARK: - Messages within

    private mutating func wrap(
        _ wrapper: A2AFields.Wrapper, _ input: inout ProtobufReader,
        _ read: (inout A2AMessageFields, inout ProtobufReader) throws(ParseFailure) -> Void
    ) throws(ParseFailure) {
        if input.holdsBytes { fields.wrapper = wrapper }
        try within(&input, read)
    }

    private mutating func within(
        _ input: inout ProtobufReader,
        _ read: (inout A2AMessageFields, inout ProtobufReader) throws(ParseFailure) -> Void
    ) throws(ParseFailure) {
        guard input.holdsBytes else { return try input.skipValue() }
        var part = try input.message()
        try read(&self, &part)
    }
}
