package import Wire

/// One version of a tool, resource or prompt: what was said of it, when, and to whom.
package struct ItemVersion: Sendable {
    /// A client that was told this version.
    package struct Telling: Sendable {
        package var client: Tenant
        /// Protocol revision, empty where the request names none.
        package var revision: String
        /// Scheme of the credentials, or `none`.
        package var scheme: String
        /// Scheme and what stands for the credentials: shown nowhere.
        var credentials: String
        package var firstSeen: Timestamp
        package var lastSeen: Timestamp
        package var count: Int
    }
    package var digest: String
    /// Nil where the definition could not be hashed.
    package var hashes: DefinitionHashes?
    package var hints: [String: Bool]
    package var firstSeen: Timestamp
    package var lastSeen: Timestamp
    package var count: Int
    /// The first flow that listed it.
    package var flow: String
    /// What is other than in the version before; empty in the first.
    package var changes: [ItemChange] = []
    /// The description is other than in the version before in numbers and dates alone, and nothing
    /// else is.
    package var isRecount = false
    /// By client, revision and credentials.
    package var tellings: [Telling] = []

    /// In front of the digest of a version that an older Tyto wrote.
    static let oldMark = "old-"

    /// Whether the digest says what the definition said, and not how it was written.
    package var isComparable: Bool { !digest.hasPrefix(ItemVersion.oldMark) }
}

/// One difference between two versions.
package struct ItemChange: Sendable, Hashable {
    /// What the tool takes and gives; what a model reads of it; what it claims to do.
    package enum Part: String, Sendable { case shape, text, hints, bytes }
    package var part: Part
    /// `parameter "path" added`, `description`, `readOnlyHint false → true`.
    package var what: String
    /// A hint that claims less harm than before.
    package var isSafer = false
}

/// Why one client is told another thing than another at the same time.
package enum ItemDifference: String, Sendable {
    /// No reason is seen.
    case clients
    /// One client is told now this, now that: servers of two versions behind one address, maybe.
    case alternating
    /// Each was told under other credentials, whose view it may be.
    case credentials
    /// Each was told under another revision of the protocol, which has other fields.
    case revisions
}

/// All that was ever said of one tool, resource or prompt of a server.
package struct ItemHistory: Sendable {
    package var kind: ListedItem.Kind
    package var key: String
    /// By their first times; at most 32, the latest.
    package var versions: [ItemVersion]
    /// How many versions there are in all.
    package var count: Int
    /// Whether and why versions were told at overlapping times.
    package var difference: ItemDifference?
    package var lastListed: Timestamp
    /// When a whole list lacked it that was given later, to a client that had been told of it.
    package var removed: Timestamp?

    /// The description counts or dates something: it is other each time, in numbers alone. One or
    /// a few such changes make none: a number may be what a change is about.
    package var isVolatile = false

    /// Recounts within one day from which on an item is volatile.
    private static let recounts = 4
    private static let day: Int64 = 86_400_000_000_000

    /// Whether so many versions followed each other within a day.
    static func isVolatile(_ versions: [ItemVersion]) -> Bool {
        let times = versions.filter(\.isRecount).map(\.firstSeen)
        guard times.count >= recounts else { return false }
        return (recounts - 1..<times.count).contains {
            times[$0].nanoseconds(since: times[$0 - recounts + 1]) <= day
        }
    }

    /// Versions that took the place of an earlier one, with what they changed.
    package var replacements: [ItemVersion] {
        guard difference == nil || difference == .clients else { return [] }
        return versions.filter {
            !$0.changes.isEmpty && $0.isComparable && !(isVolatile && $0.isRecount)
        }
    }
}

extension ItemChange {
    /// Whether it is in a field that older revisions do not have: annotations came with 2025-03-26,
    /// titles and output schemas with 2025-06-18.
    var isOfRevision: Bool {
        part == .hints || part == .shape && what.hasPrefix("output schema")
            || part == .text
                && (what.hasPrefix("title") || what.hasPrefix("annotations/title")
                    || what.hasPrefix("outputSchema/"))
    }

    /// What makes `new` another version than `old`.
    static func between(_ old: ItemVersion, _ new: ItemVersion) -> [ItemChange] {
        guard old.isComparable, new.isComparable else { return [] }
        guard let before = old.hashes, let after = new.hashes else {
            return [ItemChange(part: .bytes, what: "a definition that has no canonical form")]
        }
        var changes: [ItemChange] = []
        if before.shape != after.shape { changes += shape(before.outline, after.outline) }
        if before.text != after.text { changes += text(before.outline, after.outline) }
        if before.hints != after.hints { changes += hints(old.hints, new.hints) }
        return Array(changes.prefix(64))
    }

    private static func shape(
        _ old: DefinitionOutline, _ new: DefinitionOutline
    ) -> [ItemChange] {
        var found: [String] = []
        for parameter in new.parameters {
            // At most 64, by name on both sides.
            guard let known = old.parameters.first(where: { $0.name == parameter.name }) else {
                found.append("parameter \(parameter.name) added")
                continue
            }
            if known.type != parameter.type {
                let (was, now) = (named(known.type), named(parameter.type))
                found.append("parameter \(parameter.name) retyped from \(was) to \(now)")
            } else if known.mark != parameter.mark {
                found.append("parameter \(parameter.name) allows other values")
            }
            if known.isRequired != parameter.isRequired {
                found.append(
                    "parameter \(parameter.name) now "
                        + (parameter.isRequired ? "required" : "optional"))
            }
        }
        for parameter in old.parameters
        where !new.parameters.contains(where: { $0.name == parameter.name }) {
            found.append("parameter \(parameter.name) removed")
        }
        if old.output != new.output {
            found.append(
                old.output.isEmpty
                    ? "output schema added"
                    : new.output.isEmpty ? "output schema removed" : "output schema")
        }
        if found.isEmpty || old.rest != new.rest { found.append("schema") }
        return found.map { ItemChange(part: .shape, what: $0) }
    }

    private static func named(_ type: String) -> String { type.isEmpty ? "no type" : type }

    private static func text(
        _ old: DefinitionOutline, _ new: DefinitionOutline
    ) -> [ItemChange] {
        var found: [(name: String, how: String)] = []
        for text in new.texts {
            guard let known = old.texts.first(where: { $0.pointer == text.pointer }) else {
                found.append((text.pointer, " added"))
                continue
            }
            if known.mark != text.mark { found.append((text.pointer, "")) }
        }
        for text in old.texts
        where !new.texts.contains(where: { $0.pointer == text.pointer }) {
            found.append((text.pointer, " removed"))
        }
        found.sort { $0.name < $1.name }
        let names = found.map { change in
            (change.name.hasPrefix("/") ? String(change.name.dropFirst()) : change.name)
                + change.how
        }
        return (names.isEmpty ? ["text"] : names).map { ItemChange(part: .text, what: $0) }
    }

    private static func hints(_ old: [String: Bool], _ new: [String: Bool]) -> [ItemChange] {
        let names = Set(old.keys).union(new.keys).sorted()
        let found = names.compactMap { name -> ItemChange? in
            let (was, now) = (old[name], new[name])
            guard was != now else { return nil }
            let words = { (value: Bool?) in value.map { "\($0)" } ?? "absent" }
            // Absent means the dangerous side (MCP schema, ToolAnnotations).
            let isDanger = name == "destructiveHint" || name == "openWorldHint"
            let isSafe = { (value: Bool?) in (value ?? isDanger) != isDanger }
            return ItemChange(
                part: .hints, what: "\(name) \(words(was)) → \(words(now))",
                isSafer: name != "idempotentHint" && !isSafe(was) && isSafe(now))
        }
        return found.isEmpty ? [ItemChange(part: .hints, what: "hints")] : found
    }
}
