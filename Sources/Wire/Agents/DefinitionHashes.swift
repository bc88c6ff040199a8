import Codecs

/// What a definition of a tool, resource or prompt says, as three hashes (`tyto-tool-1`): they
/// tell apart what it takes and gives, what a model reads of it, and what it claims to do.
///
/// Docs/MCP.md has the recipe. No Unicode normalization: it would hide a hidden text.
package struct DefinitionHashes: Sendable, Hashable {
    /// 64 hex digits each.
    package var shape: String
    package var text: String
    package var hints: String
    package var outline: DefinitionOutline

    package init(shape: String, text: String, hints: String, outline: DefinitionOutline) {
        self.shape = shape
        self.text = text
        self.hints = hints
        self.outline = outline
    }

    /// Nil where the definition is refused (see `CanonicalJSON`).
    init?(_ kind: ListedItem.Kind, _ definition: Span<UInt8>) {
        guard let item = CanonicalJSON(definition), case .object = item else { return nil }
        self.init(kind, item)
    }

    init(_ kind: ListedItem.Kind, _ item: CanonicalJSON) {
        var parts = DefinitionParts()
        switch kind {
        case .tool: parts.readTool(item)
        case .prompt: parts.readPrompt(item)
        case .resource, .template: parts.readResource(item)
        }
        parts.texts.sort { CanonicalJSON.precedes($0.pointer, $1.pointer) }
        shape = DefinitionHashes.hash(.object(parts.shape))
        text = DefinitionHashes.hash(
            .array(parts.texts.map { .array([.string($0.pointer), $0.value]) }))
        hints = DefinitionHashes.hash(.object(parts.hints))
        outline = parts.outline()
    }

    private static func hash(_ value: CanonicalJSON) -> String {
        var bytes = Array("tyto-tool-1\n".utf8)
        value.write(to: &bytes)
        return Hash.sha256Hex(bytes)
    }
}

/// What two versions of a definition are compared by, where their hashes differ: names, types and
/// places, and no text of it.
package struct DefinitionOutline: Sendable, Hashable {
    package struct Parameter: Sendable, Hashable {
        package var name: String
        /// `string`, `integer|null`; empty where the schema says none.
        package var type: String
        package var isRequired: Bool
        /// Stands for all that its schema says but text.
        package var mark: String

        package init(name: String, type: String, isRequired: Bool, mark: String) {
            self.name = name
            self.type = type
            self.isRequired = isRequired
            self.mark = mark
        }
    }
    /// A text of the definition, by its JSON Pointer (RFC 6901).
    package struct Text: Sendable, Hashable {
        package var pointer: String
        /// Stands for the text.
        package var mark: String

        package init(pointer: String, mark: String) {
            self.pointer = pointer
            self.mark = mark
        }
    }
    /// By name; at most 64.
    package var parameters: [Parameter] = []
    /// By pointer; at most 64.
    package var texts: [Text] = []
    /// Stands for the schema of what it gives; empty where it has none.
    package var output = ""
    /// Stands for the rest of its shape.
    package var rest = ""

    package init() {}
}

/// The parts of a definition on their way to hashes.
private struct DefinitionParts {
    typealias Member = CanonicalJSON.Member

    private static let outlined = 64
    private static let nameBytes = 128

    var shape: [Member] = []
    var texts: [(pointer: [UInt8], value: CanonicalJSON)] = []
    var hints: [Member] = []

    mutating func readTool(_ item: CanonicalJSON) {
        guard case .object(let members) = item else { return }
        for member in members {
            let name = member.name.span
            if name.equals("name") {
                shape.append(member)
            } else if name.equals("inputSchema") || name.equals("outputSchema") {
                let schema = self.schema(member.value, at: [47] + member.name)
                shape.append(.init(name: member.name, value: schema))
            } else if name.equals("title") || name.equals("description") {
                texts.append(([47] + member.name, member.value))
            } else if name.equals("annotations") {
                readAnnotations(member.value)
            }
        }
    }

    private mutating func readAnnotations(_ annotations: CanonicalJSON) {
        guard case .object(let members) = annotations else { return }
        for member in members {
            if DefinitionParts.isHint(member.name) {
                hints.append(member)
            } else if member.name.span.equals("title") {
                texts.append((Array("/annotations/title".utf8), member.value))
            }
        }
    }

    private static func isHint(_ name: [UInt8]) -> Bool {
        let name = name.span
        return name.equals("readOnlyHint") || name.equals("destructiveHint")
            || name.equals("idempotentHint") || name.equals("openWorldHint")
    }

    /// A resource's size and times change with its content, and are left out.
    mutating func readResource(_ item: CanonicalJSON) {
        readPlain(item, shaping: ["uri", "uriTemplate", "name", "mimeType"])
    }

    mutating func readPrompt(_ item: CanonicalJSON) {
        readPlain(item, shaping: ["name"])
        guard case .array(let arguments)? = item["arguments"] else { return }
        let shapes = arguments.enumerated().map { place, argument -> CanonicalJSON in
            var parts = DefinitionParts()
            parts.readPlain(argument, shaping: ["name", "required"])
            let pointer = Array("/arguments/\(place)".utf8)
            texts += parts.texts.map { (pointer + $0.pointer, $0.value) }
            return .object(parts.shape)
        }
        shape.insert(.init(name: Array("arguments".utf8), value: .array(shapes)), at: 0)
    }

    private mutating func readPlain(_ item: CanonicalJSON, shaping names: [StaticString]) {
        guard case .object(let members) = item else { return }
        for member in members {
            if names.contains(where: { member.name.span.equals($0) }) {
                shape.append(member)
            } else if member.name.span.equals("title") || member.name.span.equals("description") {
                texts.append(([47] + member.name, member.value))
            }
        }
    }

    // MARK: - Schemas

    /// The schema without what only people and models read of it, which goes to the texts.
    private mutating func schema(_ value: CanonicalJSON, at pointer: [UInt8]) -> CanonicalJSON {
        switch value {
        case .array(let elements):
            return .array(
                elements.enumerated().map { schema($1, at: pointer + Array("/\($0)".utf8)) })
        case .object(let members):
            var kept: [Member] = []
            for member in members {
                let below = pointer + [47] + DefinitionParts.escaped(member.name)
                switch SchemaWord(member.name) {
                case .text: texts.append((below, member.value))
                case .names: kept.append(.init(name: member.name, value: names(member, below)))
                case .set:
                    guard case .array(let elements) = member.value else { fallthrough }
                    let sorted = CanonicalJSON.sorted(elements)
                    kept.append(.init(name: member.name, value: .array(sorted)))
                case .data: kept.append(member)
                case .schema:
                    let value = schema(member.value, at: below)
                    kept.append(.init(name: member.name, value: value))
                }
            }
            return .object(kept)
        default: return value
        }
    }

    /// An object whose members are named by its author: `title` is a parameter there.
    private mutating func names(_ member: Member, _ pointer: [UInt8]) -> CanonicalJSON {
        guard case .object(let named) = member.value else {
            return schema(member.value, at: pointer)
        }
        return .object(
            named.map {
                let below = pointer + [47] + DefinitionParts.escaped($0.name)
                return .init(name: $0.name, value: schema($0.value, at: below))
            })
    }

    /// RFC 6901 §3.
    private static func escaped(_ name: [UInt8]) -> [UInt8] {
        guard name.contains(where: { $0 == 126 || $0 == 47 }) else { return name }
        return name.flatMap { $0 == 126 ? [126, 48] : $0 == 47 ? [126, 49] : [$0] }
    }

    // MARK: - Outline

    func outline() -> DefinitionOutline {
        var outline = DefinitionOutline()
        outline.texts = texts.prefix(DefinitionParts.outlined).map {
            .init(
                pointer: DefinitionParts.plain($0.pointer), mark: DefinitionParts.mark($0.value))
        }
        let root = CanonicalJSON.object(shape)
        outline.output = root["outputSchema"].map(DefinitionParts.mark) ?? ""
        var rest = shape.filter {
            !$0.name.span.equals("inputSchema") && !$0.name.span.equals("outputSchema")
                && !$0.name.span.equals("arguments")
        }
        if case .array(let arguments)? = root["arguments"] {
            outline.parameters = arguments.prefix(DefinitionParts.outlined).map {
                var isRequired = false
                if case .bool(let value)? = $0["required"] { isRequired = value }
                return .init(
                    name: DefinitionParts.name($0["name"]), type: "", isRequired: isRequired,
                    mark: "")
            }
        }
        if let input = root["inputSchema"], case .object(let members) = input {
            outline.parameters = DefinitionParts.parameters(input)
            rest += members.filter {
                !$0.name.span.equals("properties") && !$0.name.span.equals("required")
            }
        }
        outline.rest = DefinitionParts.mark(.object(rest))
        return outline
    }

    private static func parameters(_ input: CanonicalJSON) -> [DefinitionOutline.Parameter] {
        guard case .object(let properties)? = input["properties"] else { return [] }
        var required: Set<[UInt8]> = []
        if case .array(let names)? = input["required"] {
            for case .string(let name) in names { required.insert(name) }
        }
        return properties.prefix(outlined).map {
            .init(
                name: plain($0.name), type: type($0.value),
                isRequired: required.contains($0.name), mark: mark($0.value))
        }
    }

    private static func type(_ schema: CanonicalJSON) -> String {
        switch schema["type"] {
        case .string(let type): plain(type)
        case .array(let types): types.map { name($0) }.joined(separator: "|")
        default: ""
        }
    }

    private static func name(_ value: CanonicalJSON?) -> String {
        guard case .string(let bytes)? = value else { return "" }
        return plain(bytes)
    }

    /// Bounded, and without controls: it stands between separators where it is kept.
    private static func plain(_ bytes: [UInt8]) -> String {
        String(
            decoding: bytes.prefix(nameBytes).map { $0 < 32 || $0 == 127 ? 63 : $0 },
            as: UTF8.self)
    }

    /// Eight hex digits: enough to see that something changed, where a hash has proved it.
    private static func mark(_ value: CanonicalJSON) -> String {
        let hash = SessionKey.of(value.bytes().span)
        return Hash.hex((0..<4).map { UInt8(truncatingIfNeeded: hash >> UInt64(56 - 8 * $0)) })
    }
}

/// What a member of a JSON Schema holds.
private enum SchemaWord {
    /// Prose, or an example.
    case text
    /// Schemas by names of the author's.
    case names
    /// An array without order.
    case set
    /// Values of the author's.
    case data
    /// Anything else: a schema, several, or a plain value.
    case schema

    init(_ name: [UInt8]) {
        if SchemaWord.texts.contains(where: { name.span.equals($0) }) {
            self = .text
        } else if SchemaWord.named.contains(where: { name.span.equals($0) }) {
            self = .names
        } else if SchemaWord.sets.contains(where: { name.span.equals($0) }) {
            self = .set
        } else {
            self = name.span.equals("const") ? .data : .schema
        }
    }

    private static let texts: [StaticString] = [
        "title", "description", "examples", "default", "$comment",
    ]
    private static let named: [StaticString] = [
        "properties", "$defs", "definitions", "patternProperties",
    ]
    private static let sets: [StaticString] = ["required", "enum", "type"]
}
