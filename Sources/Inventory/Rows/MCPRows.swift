import Codecs
import GRDB
import Wire

/// One version of a tool, resource or prompt that a server listed.
struct ListedItemRow: Row, Equatable {
    struct Key: TableKey {
        var endpoint: Endpoint
        var kind: ListedItem.Kind
        var name: String
        var digest: String

        func hash(_ secret: KeyedHash) -> UInt64 {
            secret.of(endpoint.hash(secret) ^ secret.of(digest), secret.of(name))
        }
    }
    var item: ListedItem
    var endpoint: Endpoint
    /// The first flow that listed it.
    var flow: String
    var seen: Period

    var key: Key {
        Key(endpoint: endpoint, kind: item.kind, name: item.key, digest: item.digest)
    }

    mutating func merge(_ other: ListedItemRow) {
        if (other.seen.first, other.flow) < (seen.first, flow) { flow = other.flow }
        seen.merge(other.seen)
    }

    static let upsert = """
        INSERT INTO listed_item VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET
        flow = CASE WHEN (excluded.first_seen, excluded.flow) < (first_seen, flow)
            THEN excluded.flow ELSE flow END,
        count = count + excluded.count, \(Period.times)
        """

    var arguments: StatementArguments {
        let hints = item.hints.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        return [
            endpoint.description, item.kind.rawValue, item.key, item.digest, item.label, item.text,
            hints.joined(separator: ","), seen.count, seen.first.nanoseconds, seen.last.nanoseconds,
            item.hashes?.shape ?? "", item.hashes?.text ?? "", item.hashes?.hints ?? "",
            item.hashes.map { StoredOutline.text($0.outline) } ?? "", flow,
        ]
    }
}

/// Calls of one tool by one client.
struct CallRow: Row, Equatable {
    struct Key: TableKey {
        var endpoint: Endpoint
        var client: Tenant
        var tool: String

        func hash(_ secret: KeyedHash) -> UInt64 {
            secret.of(endpoint.hash(secret) ^ client.hash(secret), secret.of(tool))
        }
    }
    /// How calls ended.
    struct Outcomes: Equatable {
        /// Of calls that were answered: the tool said that it failed, or the protocol did.
        var toolErrors = 0
        var protocolErrors = 0
        /// Answers that ask the client for more (MCP 2026-07-28 §MRTR).
        var inputRequired = 0
        var cancelled = 0
        /// Calls that were answered, in whatever way.
        var answered = 0
        /// Packet time from request to answer, of all answered calls, and the longest.
        var nanoseconds: Int64 = 0
        var longest: Int64 = 0
        var resultBytes = 0
        var progress = 0

        mutating func merge(_ other: Outcomes) {
            toolErrors += other.toolErrors
            protocolErrors += other.protocolErrors
            inputRequired += other.inputRequired
            cancelled += other.cancelled
            answered += other.answered
            nanoseconds = nanoseconds.saturated(adding: other.nanoseconds)
            longest = max(longest, other.longest)
            resultBytes += other.resultBytes
            progress += other.progress
        }
    }
    var key: Key
    var errors: Int
    var outcomes = Outcomes()
    /// `count` counts calls.
    var seen: Period

    mutating func merge(_ other: CallRow) {
        errors += other.errors
        outcomes.merge(other.outcomes)
        seen.merge(other.seen)
    }

    static let upsert = """
        INSERT INTO mcp_call VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET
        count = count + excluded.count, errors = errors + excluded.errors,
        tool_errors = tool_errors + excluded.tool_errors,
        protocol_errors = protocol_errors + excluded.protocol_errors,
        input_required = input_required + excluded.input_required,
        cancelled = cancelled + excluded.cancelled, answered = answered + excluded.answered,
        nanoseconds = nanoseconds + excluded.nanoseconds,
        longest = max(longest, excluded.longest),
        result_bytes = result_bytes + excluded.result_bytes,
        progress = progress + excluded.progress, \(Period.times)
        """

    var arguments: StatementArguments {
        [
            key.endpoint.description, key.client.description, key.tool, seen.count, errors,
            seen.first.nanoseconds, seen.last.nanoseconds, outcomes.toolErrors,
            outcomes.protocolErrors, outcomes.inputRequired, outcomes.cancelled, outcomes.answered,
            outcomes.nanoseconds, outcomes.longest, outcomes.resultBytes, outcomes.progress,
        ]
    }
}

extension Int64 {
    /// The sum, or the greatest number where it is beyond.
    fileprivate func saturated(adding other: Int64) -> Int64 {
        let (sum, isBeyond) = addingReportingOverflow(other)
        return isBeyond ? .max : sum
    }
}

/// A definition's outline as a column holds it: lines of fields, in which no control stands.
enum StoredOutline {
    static func text(_ outline: DefinitionOutline) -> String {
        var lines = ["o\t\(outline.output)\t\(outline.rest)"]
        lines += outline.parameters.map {
            "p\t\($0.name)\t\($0.type)\t\($0.isRequired ? 1 : 0)\t\($0.mark)"
        }
        lines += outline.texts.map { "t\t\($0.pointer)\t\($0.mark)" }
        return lines.joined(separator: "\n")
    }

    static func outline(_ text: String) -> DefinitionOutline {
        var outline = DefinitionOutline()
        for line in text.split(separator: "\n") {
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
                .map(String.init)
            switch (fields[0], fields.count) {
            case ("o", 3): (outline.output, outline.rest) = (fields[1], fields[2])
            case ("p", 5):
                outline.parameters.append(
                    .init(
                        name: fields[1], type: fields[2], isRequired: fields[3] == "1",
                        mark: fields[4]))
            case ("t", 3): outline.texts.append(.init(pointer: fields[1], mark: fields[2]))
            default: break
            }
        }
        return outline
    }
}

/// What a client was told of an item: the detail of a `listed_to`.
struct Told {
    var kind: String
    var name: String
    var digest: String
    /// Revision and credentials under which it was told (see `Recording.view`).
    var view: String

    var text: String { "\(kind)\u{1f}\(digest)\u{1f}\(view)\u{1f}\(name)" }

    init(kind: String, name: String, digest: String, view: String) {
        (self.kind, self.name, self.digest, self.view) = (kind, name, digest, view)
    }

    init?(_ text: String) {
        let bytes = text.utf8.span
        let first = Told.end(of: 0, in: bytes)
        let second = Told.end(of: first + 1, in: bytes)
        let third = Told.end(of: second + 1, in: bytes)
        // The name may hold a separator itself, for it is the server's word.
        guard third < bytes.count else { return nil }
        self.init(
            kind: String(copying: bytes.extracting(0..<first)),
            name: String(copying: bytes.extracting((third + 1)...)),
            digest: String(copying: bytes.extracting((first + 1)..<second)),
            view: String(copying: bytes.extracting((second + 1)..<third)))
    }

    private static func end(of start: Int, in bytes: Span<UInt8>) -> Int {
        guard start < bytes.count else { return bytes.count }
        return bytes.position(of: 0x1f, in: start..<bytes.count) ?? bytes.count
    }
}

/// A list that was given whole, in one page or in all of its pages: the detail of a `whole_list`.
struct WholeList {
    var kind: String
    var view: String
    /// Stands for the names in it.
    var names: String

    var text: String { "\(kind)\u{1f}\(view)\u{1f}\(names)" }

    init(kind: String, view: String, names: String) {
        (self.kind, self.view, self.names) = (kind, view, names)
    }

    init?(_ text: String) {
        guard let (kind, rest) = CanonicalNames.parted(text),
            let (view, names) = CanonicalNames.parted(rest)
        else { return nil }
        self.init(kind: kind, view: view, names: names)
    }
}
