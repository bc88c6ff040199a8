import Codecs

/// The JSON-RPC 2.0 envelope (https://www.jsonrpc.org/specification), read once for every protocol
/// on it.
///
/// Members come in any order, so `params` and `result` are read by their shape, and what they mean
/// is decided when the whole envelope is known. Arguments and results pass by unread.
enum JSONRPC {
    /// Messages of one batch that are read (MCP 2025-03-26 §Batching).
    private static let batchLimit = 256

    static func read(_ content: Content, emit: EmitMessage) -> Bool {
        var input = JSONReader(content.bytes.span)
        do throws(ParseFailure) {
            if try input.kind() == .array {
                try input.enterArray()
                var count = 0
                while count < batchLimit, try input.nextElement() {
                    let bytes = try input.raw()
                    guard let message = envelope(bytes, content) else { return false }
                    give(message, bytes, content, emit)
                    count += 1
                }
                return count > 0
            }
        } catch {
            return false
        }
        guard let message = envelope(content.bytes.span, content) else { return false }
        give(message, content.bytes.span, content, emit)
        return true
    }

    /// What bears no mark of MCP may be of another protocol on JSON-RPC.
    private static func give(
        _ message: RPCMessage, _ bytes: borrowing Span<UInt8>, _ content: Content,
        _ emit: EmitMessage
    ) {
        if message.marks.isEmpty,
            Dissectors.readDialect(bytes, message, content, emit: emit)
        {
            return
        }
        emit(.rpc(message, content.carrier))
    }

    /// One message; nil when it is no JSON-RPC 2.0.
    private static func envelope(_ bytes: Span<UInt8>, _ content: Content) -> RPCMessage? {
        var input = JSONReader(bytes)
        var draft = EnvelopeDraft(memory: content.memory)
        do throws(ParseFailure) {
            guard try input.kind() == .object else { return nil }
            try draft.read(&input)
            guard input.isAtEnd() else { return nil }
        } catch .needMore {
            guard content.isTruncated else { return nil }
            draft.isTruncated = true
        } catch {
            return nil
        }
        return draft.message(carriedBy: content.carrier, from: content.side)
    }
}

/// What has been read of an envelope so far.
struct EnvelopeDraft {
    /// Of the worker whose flow this is.
    let memory: DefinitionMemory?
    var isVersion2 = false
    var isTruncated = false
    var hasResult = false
    var hasError = false
    var message = RPCMessage(kind: .request)
    var shape = MCPShape()

    mutating func read(_ input: inout JSONReader) throws(ParseFailure) {
        try input.enterObject()
        while let key = try input.nextKey() {
            switch key {
            case "jsonrpc": isVersion2 = try input.stringIfPresent(limit: 8) == "2.0"
            case "id": try readID(&input)
            case "method": message.method = try input.stringIfPresent(limit: 128)
            case "params": try readParams(&input)
            case "result":
                hasResult = true
                try readResult(&input)
            case "error":
                hasError = true
                try readError(&input)
            default: try input.skipValue()
            }
        }
    }

    /// The message, once its members are known; nil when they do not make one.
    mutating func message(carriedBy carrier: Carrier, from side: Side) -> RPCMessage? {
        message.isTruncated = isTruncated
        if message.method != nil {
            message.kind = message.id == nil ? .notification : .request
        } else if hasResult {
            message.kind = .result
        } else if hasError {
            message.kind = .error
        } else {
            return nil
        }
        message.marks = shape.marks(of: message, carriedBy: carrier)
        // Some write the version last; cut off, only a proof tells what it was.
        guard isVersion2 || (isTruncated && !message.marks.isDisjoint(with: .proofs)) else {
            return nil
        }
        return message
    }

    private mutating func readID(_ input: inout JSONReader) throws(ParseFailure) {
        switch try input.kind() {
        case .string: message.id = "\"" + (try input.string(limit: 128))
        case .number: message.id = try input.numberText().map { "#" + $0 }
        default: try input.skipValue()
        }
    }

    private mutating func readError(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.kind() == .object else { return try input.skipValue() }
        try input.enterObject()
        while let key = try input.nextKey() {
            if "code" ~= key {
                message.errorCode = try input.numberText().flatMap { Int($0) }
            } else {
                try input.skipValue()
            }
        }
    }

    /// An `Implementation`; nil without a name.
    static func implementation(
        _ input: inout JSONReader
    ) throws(ParseFailure) -> Implementation? {
        guard try input.kind() == .object else {
            try input.skipValue()
            return nil
        }
        var name: String?
        var version: String?
        var title: String?
        try input.enterObject()
        while let key = try input.nextKey() {
            switch key {
            case "name": name = try input.stringIfPresent(limit: 256)
            case "version": version = try input.stringIfPresent(limit: 128)
            case "title": title = try input.stringIfPresent(limit: 256)
            default: try input.skipValue()
            }
        }
        guard let name, !name.isEmpty else { return nil }
        return Implementation(name: name, version: version, title: title)
    }

    /// The 32 hex digits of a traceparent's trace id (W3C Trace Context §3.2); all zeros are none.
    static func traceID(_ value: String?) -> String? {
        guard let parts = value?.split(separator: "-"), parts.count >= 4, parts[1].utf8.count == 32,
            parts[1].allSatisfy(\.isHexDigit), parts[1].contains(where: { $0 != "0" })
        else { return nil }
        return parts[1].lowercased()
    }
}
