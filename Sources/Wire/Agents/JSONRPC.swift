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
                    let part = try input.raw()
                    let start = input.offset - part.count
                    guard let message = envelope(part, from: start, content) else { return false }
                    give(message, part, content, emit)
                    count += 1
                }
                return count > 0
            }
        } catch {
            return false
        }
        guard var message = envelope(content.bytes.span, from: 0, content) else { return false }
        message.bytes = content.sentBytes
        // What was left out is mostly a result's content.
        if let read = message.details.resultBytes {
            message.details.resultBytes = read + max(0, content.sentBytes - content.bytes.count)
        }
        give(consume message, content.bytes.span, content, emit)
        return true
    }

    /// What bears no mark of MCP may be of another protocol on JSON-RPC.
    private static func give(
        _ message: consuming RPCMessage, _ bytes: borrowing Span<UInt8>, _ content: Content,
        _ emit: EmitMessage
    ) {
        if message.marks.isEmpty,
            Dissectors.readDialect(bytes, message, content, emit: emit)
        {
            return
        }
        emit(.rpc(consume message, content.carrier))
    }

    /// One message, which begins `start` bytes behind the content's first; nil when it is no
    /// JSON-RPC 2.0.
    private static func envelope(
        _ bytes: Span<UInt8>, from start: Int, _ content: Content
    ) -> RPCMessage? {
        var input = JSONReader(bytes)
        var draft = EnvelopeDraft(memory: content.memory, cuts: content.cuts.from(start))
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
        let isCut = draft.cuts.touch(0...bytes.count)
        guard var message = draft.message(carriedBy: content.carrier, from: content.side) else {
            return nil
        }
        message.bytes = bytes.count
        if isCut { message.isTruncated = true }
        return message
    }
}

/// What has been read of an envelope so far.
struct EnvelopeDraft {
    /// Of the worker whose flow this is.
    let memory: DefinitionMemory?
    /// Where something was left out.
    var cuts = JSONCuts()
    var isVersion2 = false
    var isTruncated = false
    var hasResult = false
    var hasError = false
    var message = RPCMessage(kind: .request)
    var shape = MCPShape()

    mutating func read(_ input: inout JSONReader) throws(ParseFailure) {
        /// Members read so far, by their bits.
        var seen: UInt32 = 0
        try input.enterObject()
        while let key = try input.nextKey() {
            guard let member = EnvelopeMember(key) else {
                // What another reader takes for the member is read where the member is missing.
                guard let variant = EnvelopeMember(anyCase: key) else {
                    try input.skipValue()
                    continue
                }
                message.details.oddities.insert(.keyCase)
                if seen & variant.bit == 0 {
                    try read(variant, &input)
                } else {
                    try input.skipValue()
                }
                continue
            }
            if key.isEscaped { message.details.oddities.insert(.escapedName) }
            if seen & member.bit != 0 { message.details.oddities.insert(.doubledKey) }
            seen |= member.bit
            try read(member, &input)
        }
    }

    private mutating func read(
        _ member: EnvelopeMember, _ input: inout JSONReader
    ) throws(ParseFailure) {
        switch member {
        case .version: isVersion2 = try input.stringIfPresent(limit: 8) == "2.0"
        case .id: try readID(&input)
        case .method:
            input.hasReadEscape = false
            message.method = try input.stringIfPresent(limit: 128)
            if input.hasReadEscape { message.details.oddities.insert(.escapedName) }
        case .params: try readParams(&input)
        case .result:
            hasResult = true
            let start = input.offset
            try readResult(&input)
            message.details.resultBytes = input.offset - start
        case .error:
            hasError = true
            try readError(&input)
        }
    }

    /// The message, once its members are known; nil when they do not make one.
    /// It leaves the draft, which is of no use then.
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
        settleDetails(from: side)
        if carrier.response == nil, let request = carrier.request {
            let odd = RPCOddities(message, shape, request)
            message.details.oddities.formUnion(odd)
        }
        message.marks = shape.marks(of: message, carriedBy: carrier)
        // Some write the version last; cut off, only a proof tells what it was.
        guard isVersion2 || (isTruncated && !message.marks.isDisjoint(with: .proofs)) else {
            return nil
        }
        // Moved out: a copy would retain all that it holds.
        var made = RPCMessage(kind: message.kind)
        swap(&made, &message)
        return made
    }

    private mutating func readID(_ input: inout JSONReader) throws(ParseFailure) {
        if let id = try Self.typedID(&input) { message.id = id }
    }

    /// An id with its type in front; nil for null and anything else.
    static func typedID(_ input: inout JSONReader) throws(ParseFailure) -> String? {
        switch try input.kind() {
        case .string: return "\"" + (try input.string(limit: 128))
        case .number: return try input.numberText().map { "#" + $0 }
        default:
            try input.skipValue()
            return nil
        }
    }

    private mutating func readError(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersObject() else { return }
        while let key = try input.nextKey() {
            switch key {
            case "code": message.errorCode = try input.numberText().flatMap { Int($0) }
            case "data": try readErrorData(&input)
            default: try input.skipValue()
            }
        }
    }

    /// The versions that a server offers where it refuses one (MCP 2026-07-28 §Error Codes).
    private mutating func readErrorData(_ input: inout JSONReader) throws(ParseFailure) {
        guard try input.entersObject() else { return }
        while let key = try input.nextKey() {
            if "supported" ~= key {
                message.supportedVersions = try input.strings(limit: 32, bytes: 32)
            } else {
                try input.skipValue()
            }
        }
    }

    /// Lets go of what belongs to another kind of message, now that the method is known.
    private mutating func settleDetails(from side: Side) {
        let method = message.method
        if method == "elicitation/create" {
            message.details.elicitation = message.details.elicitation ?? "form"
        } else {
            message.details.elicitation = nil
            message.details.elicitationHost = nil
        }
        if method != "logging/setLevel", method != "notifications/message" {
            message.details.level = nil
        }
        if method != "tools/call" { message.argumentMark = nil }
        if method != "notifications/cancelled" { message.details.cancelled = nil }
        if side == .server || method != nil {
            message.details.model = nil
            message.details.action = nil
        }
    }

    /// An `Implementation`; nil without a name.
    static func implementation(
        _ input: inout JSONReader
    ) throws(ParseFailure) -> Implementation? {
        guard try input.entersObject() else { return nil }
        var name: String?
        var version: String?
        var title: String?
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
