import Codecs

/// Where the arguments of the calls that an answer asks for stand in its text.
struct AskedCalls {
    /// One call, or a piece of one.
    struct Part {
        /// Nil for what only goes on with a call.
        var name: String?
        /// The number of the call or of its block, by which its pieces are joined.
        var index: Int?
        /// Stands for the call's id.
        var id: UInt64?
        /// Arguments, or a piece of them.
        var value: Range<Int>?
    }

    private static let limit = 128

    private static let idLimit = 32

    private(set) var parts: [Part] = []

    /// Those of its calls, at most 32.
    var ids: [UInt64] {
        parts.isEmpty ? [] : Array(parts.lazy.compactMap(\.id).prefix(AskedCalls.idLimit))
    }

    /// Notes a part that stood at `place`; those behind `first` stood inside of it.
    mutating func note(_ part: Part, at place: ModelAnswerFields.Place, inside first: Int) {
        for at in first..<max(first, parts.count) {
            parts[at].index = parts[at].index ?? part.index
            parts[at].id = parts[at].id ?? part.id
        }
        guard part.value != nil || part.name != nil, parts.count < AskedCalls.limit else { return }
        // A name without arguments is a call where calls stand, and else anything.
        guard part.value != nil || place == .call || place == .block else { return }
        parts.append(part)
    }
}

extension AskedCalls.Part {
    /// Takes a member that tells of a call at `place`; false where it is none.
    mutating func read(
        _ key: borrowing JSONKey, _ input: inout JSONReader, _ place: ModelAnswerFields.Place
    ) throws(ParseFailure) -> Bool {
        guard place != .usage else { return false }
        switch key {
        case "index", "contentBlockIndex": index = try input.countIfPresent() ?? index
        case "arguments", "args", "input":
            guard place == .call || place == .block else { return false }
            value = try AskedCalls.Part.range(&input)
        case "partial_json":
            guard place == .turn else { return false }
            value = try AskedCalls.Part.range(&input)
        case "call_id", "toolUseId":
            guard place == .call || place == .block else { return false }
            id = try input.callID()
        case "id":
            guard place == .call || place == .block else { return false }
            // Of Responses the item has an id, too, which nobody brings back.
            let found = try input.callID()
            id = id ?? found
        default: return false
        }
        return true
    }

    private static func range(_ input: inout JSONReader) throws(ParseFailure) -> Range<Int> {
        let count = try input.raw().count
        return input.offset - count..<input.offset
    }
}

extension JSONReader {
    private static let idSecret = KeyedHash()
    /// Shorter ids are numbers that others have, too.
    private static let leastID = 8

    /// Stands for an id of a call, under a secret of this run; nil for what is no string of 8 bytes
    /// at least.
    mutating func callID() throws(ParseFailure) -> UInt64? {
        let isText = try kind() == .string
        let bytes = try raw()
        guard isText, bytes.count >= JSONReader.leastID + 2 else { return nil }
        return JSONReader.idSecret.of(bytes)
    }
}

/// The calls that one answer asks for: of a stream of events, while its pieces come.
///
/// A call is asked for when its arguments are whole, which their last bracket tells.
final class AskedCallMemory {
    private struct Begun {
        var index: Int
        var name: String
        var digest = JSONDigest()
    }

    /// Calls of one answer that are begun at once.
    private static let limit = 32

    private var begun: [Begun] = []

    /// Bytes of the stream were lost: what is begun cannot be gone on with.
    func forget() { begun = [] }

    /// What the parts of one event complete.
    func take(
        _ parts: [AskedCalls.Part], _ text: Span<UInt8>, _ cuts: JSONCuts
    ) -> [ModelCall.ToolRequest] {
        var requests: [ModelCall.ToolRequest] = []
        for part in parts {
            let number = part.index ?? 0
            if let name = part.name, !name.isEmpty {
                begun.removeAll { $0.index == number }
                if begun.count >= AskedCallMemory.limit { begun.removeFirst() }
                begun.append(Begun(index: number, name: name))
            }
            guard let place = begun.firstIndex(where: { $0.index == number }),
                let value = part.value
            else { continue }
            guard !cuts.touch(value.lowerBound...value.upperBound) else {
                begun.remove(at: place)
                continue
            }
            let bytes = text.extracting(value)
            guard bytes.count > 0, bytes[0] == 34 || bytes[0] == 123 else { continue }
            begun[place].digest.feed(bytes, unescaping: bytes[0] == 34)
            guard let mark = begun[place].digest.mark else { continue }
            if mark.isTelling {
                requests.append(.init(name: begun[place].name, mark: mark))
                begun.remove(at: place)
            } else {
                // `{}` stands at the beginning where pieces are to come.
                begun[place].digest = JSONDigest()
            }
        }
        return requests
    }
}
