/// One catalog file, read line by line; what only all files together can show is checked by
/// `CatalogDraft`.
///
///     app      openai-api
///     name     OpenAI API
///     vendor   OpenAI
///     country  US
///     category llm-api
///     source   github:…
///     checked  2026-11
///     domain   api.openai.com  exact  api  strong
///     source   github:… ; …
struct CatalogFile {
    /// As it is named in errors.
    let path: String
    private(set) var apps: [AppEntry] = []
    private(set) var agents: [AgentEntry] = []
    private(set) var groups: [GroupEntry] = []

    /// The lines below now speak of the last app, or the last agent, or of nothing yet.
    private enum Subject { case none, app, agent }
    private var subject = Subject.none
    private var line = 0
    private var seen = Seen()

    /// What may be given once in a file.
    private struct Seen {
        var apps: [String: Int] = [:]
        var agents: [String: Int] = [:]
        var domains: [AppDomain.Key: Int] = [:]
        var marks: [AgentMark.Key: Int] = [:]
        var groups: [String: Int] = [:]
    }

    init(path: String, bytes: [UInt8]) throws(CatalogError) {
        self.path = path
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            line += 1
            try read(CatalogFile.trimmed(bytes[start..<end]))
            start = end + 1
        }
        try endMark()
    }

    // MARK: - Lines

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var rest = line.drop(while: isBlank)
        while let last = rest.last, isBlank(last) { rest.removeLast() }
        return rest
    }

    /// One line: a keyword and its value.
    private mutating func read(_ text: ArraySlice<UInt8>) throws(CatalogError) {
        guard let first = text.first, first != UInt8(ascii: "#") else { return }
        let end = text.firstIndex(where: CatalogFile.isBlank) ?? text.endIndex
        let keyword = String(decoding: text[..<end], as: UTF8.self)
        let bytes = CatalogFile.trimmed(text[end...])
        guard !bytes.isEmpty else {
            if CatalogFile.keywords.contains(keyword) {
                throw error("“\(keyword)” has no value", "write one behind it or take the line out")
            }
            throw unknown(keyword)
        }
        let value = String(decoding: bytes, as: UTF8.self)
        switch keyword {
        case "app": try beginApp(value)
        case "agent": try beginAgent(value)
        case "group": try addGroup(bytes)
        case "name", "vendor", "country", "category", "kind": try set(keyword, value)
        case "domain": try addDomain(bytes)
        case "user-agent": try addMark(.userAgent, bytes)
        case "mcp-client": try addMark(.mcpClient, bytes)
        case "source": try addSource(value)
        case "checked": try setChecked(value)
        default: throw unknown(keyword)
        }
    }

    private static let keywords = [
        "app", "agent", "group", "name", "vendor", "country", "category", "kind", "domain",
        "user-agent", "mcp-client", "source", "checked",
    ]

    private func unknown(_ keyword: String) -> CatalogError {
        error(
            "unknown word “\(CatalogFile.shortened(keyword))”",
            "a line begins with one of \(CatalogFile.keywords.joined(separator: ", ")), or with #")
    }

    private func error(_ problem: String, at line: Int? = nil, _ remedy: String) -> CatalogError {
        CatalogError(file: path, line: line ?? self.line, problem, remedy: remedy)
    }

    private static func shortened(_ text: String) -> String {
        text.count > 80 ? "\(text.prefix(80))…" : text
    }

    private static func words(_ bytes: ArraySlice<UInt8>) -> [String] {
        bytes.split(whereSeparator: isBlank).map { String(decoding: $0, as: UTF8.self) }
    }

    // MARK: - Beginnings

    private mutating func beginApp(_ id: String) throws(CatalogError) {
        try endMark()
        try checkID(id, in: seen.apps, "app")
        seen.apps[id] = line
        apps.append(AppEntry(id: Field(text: id, line: line)))
        subject = .app
    }

    private mutating func beginAgent(_ id: String) throws(CatalogError) {
        try endMark()
        try checkID(id, in: seen.agents, "agent")
        seen.agents[id] = line
        agents.append(AgentEntry(id: Field(text: id, line: line)))
        subject = .agent
    }

    private func checkID(
        _ id: String, in known: [String: Int], _ what: String
    ) throws(CatalogError) {
        guard CatalogFile.isWord(id) else {
            throw error(
                "“\(CatalogFile.shortened(id))” is no id",
                "use lower-case letters, digits and “-” only")
        }
        if let first = known[id] {
            throw error(
                "\(what) “\(id)” was already given on line \(first)",
                "put both under one “\(what)” line, or choose another id")
        }
    }

    /// Lower-case letters, digits and `-`.
    private static func isWord(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 == 45 || 48...57 ~= $0 || 97...122 ~= $0 }
    }

    private mutating func addGroup(_ bytes: ArraySlice<UInt8>) throws(CatalogError) {
        let words = CatalogFile.words(bytes)
        guard words.count == 2, words.allSatisfy(CatalogFile.isWord) else {
            throw error(
                "“group” takes a category and the word the inventory prints for it",
                "write, for example, “group chat-assistant chat”")
        }
        if let first = seen.groups[words[0]] {
            throw error(
                "the group of “\(words[0])” was already given on line \(first)",
                "keep one of the two lines")
        }
        seen.groups[words[0]] = line
        groups.append(GroupEntry(category: words[0], group: words[1]))
    }

    // MARK: - Fields

    private mutating func set(_ keyword: String, _ value: String) throws(CatalogError) {
        switch (subject, keyword) {
        case (.app, "name"):
            guard apps[apps.count - 1].name == nil else { throw twice(keyword) }
            apps[apps.count - 1].name = value
        case (.app, "vendor"):
            guard apps[apps.count - 1].vendor == nil else { throw twice(keyword) }
            apps[apps.count - 1].vendor = value
        case (.app, "country"):
            guard value.utf8.count == 2, value.utf8.allSatisfy({ 65...90 ~= $0 }) else {
                throw error(
                    "“\(CatalogFile.shortened(value))” is no country",
                    "use two capital letters (ISO 3166-1)")
            }
            guard apps[apps.count - 1].country == nil else { throw twice(keyword) }
            apps[apps.count - 1].country = value
        case (.app, "category"):
            guard apps[apps.count - 1].category == nil else { throw twice(keyword) }
            apps[apps.count - 1].category = Field(text: value, line: line)
        case (.agent, "name"):
            guard agents[agents.count - 1].name == nil else { throw twice(keyword) }
            agents[agents.count - 1].name = value
        case (.agent, "vendor"):
            guard agents[agents.count - 1].vendor == nil else { throw twice(keyword) }
            agents[agents.count - 1].vendor = value
        case (.agent, "kind"):
            let kind = try choice(value, KnownAgent.Kind.self, "kind of agent")
            guard agents[agents.count - 1].kind == nil else { throw twice(keyword) }
            agents[agents.count - 1].kind = kind
        case (.none, _):
            throw error(
                "“\(keyword)” stands before any “app” or “agent”",
                "begin with a line such as “app openai-api”")
        default:
            throw error(
                "an \(subject == .app ? "app" : "agent") has no “\(keyword)”",
                subject == .app
                    ? "an app has name, vendor, country, category and domain lines"
                    : "an agent has name, vendor, kind, user-agent and mcp-client lines")
        }
    }

    private func twice(_ keyword: String) -> CatalogError {
        error("“\(keyword)” is given twice", "keep one of the two lines")
    }

    private func choice<Value: RawRepresentable<String> & CaseIterable>(
        _ text: String, _ type: Value.Type, _ what: String
    ) throws(CatalogError) -> Value {
        if let value = Value(rawValue: text) { return value }
        throw error(
            "“\(CatalogFile.shortened(text))” is no \(what)",
            "use one of \(Value.allCases.map(\.rawValue).joined(separator: ", "))")
    }

    /// A source belongs to the domain or mark above it, or else to the app.
    private mutating func addSource(_ value: String) throws(CatalogError) {
        func joined(_ old: String) -> String { old.isEmpty ? value : "\(old) ; \(value)" }
        if subject == .app, let app = apps.indices.last {
            if let domain = apps[app].domains.indices.last {
                let old = apps[app].domains[domain].domain.source
                apps[app].domains[domain].domain.source = joined(old)
            } else {
                apps[app].source = joined(apps[app].source ?? "")
            }
        } else if subject == .agent, let agent = agents.indices.last,
            let mark = agents[agent].marks.indices.last
        {
            agents[agent].marks[mark].mark.source = joined(agents[agent].marks[mark].mark.source)
        } else {
            throw error(
                "“source” has nothing above it that it could belong to",
                "put it below an app, a domain, a user-agent or an mcp-client line")
        }
    }

    private mutating func setChecked(_ value: String) throws(CatalogError) {
        let bytes = Array(value.utf8)
        let month = bytes.count == 7 ? (Int(String(value.suffix(2))) ?? 0) : 0
        guard 1...12 ~= month, bytes[4] == 45, bytes[..<4].allSatisfy({ 48...57 ~= $0 }),
            bytes[5] >= 48, bytes[5] <= 57
        else {
            throw error(
                "“\(CatalogFile.shortened(value))” is no month", "write it as in “checked 2026-11”")
        }
        if subject == .app, let app = apps.indices.last {
            if let domain = apps[app].domains.indices.last {
                guard apps[app].domains[domain].domain.checked == nil else {
                    throw twice("checked")
                }
                apps[app].domains[domain].domain.checked = value
            } else {
                guard apps[app].checked == nil else { throw twice("checked") }
                apps[app].checked = value
            }
        } else if subject == .agent, let agent = agents.indices.last {
            guard agents[agent].checked == nil else { throw twice("checked") }
            agents[agent].checked = value
        } else {
            throw error(
                "“checked” stands before any “app” or “agent”",
                "put it below the line whose date it is")
        }
    }

    // MARK: - Domains and marks

    private mutating func addDomain(_ bytes: ArraySlice<UInt8>) throws(CatalogError) {
        guard subject == .app, let app = apps.indices.last else {
            throw error("“domain” stands outside an app", "put it below an “app” line")
        }
        try endMark()
        let words = CatalogFile.words(bytes)
        guard words.count == 4 || words.count == 5 && words[4] == "shared" else {
            throw error(
                "a domain takes a name, how it matches, its role and its strength",
                "write, for example, “domain api.example.com exact api strong”; “shared” may follow"
            )
        }
        let match = try choice(words[1], AppDomain.Match.self, "way to match a domain")
        try checkName(words[0], match)
        let domain = AppDomain(
            text: words[0], match: match,
            role: try choice(words[2], AppDomain.Role.self, "role of a domain"),
            strength: try choice(words[3], AppDomain.Strength.self, "strength of a domain"),
            isShared: words.count == 5, source: "", checked: nil)
        if let first = seen.domains[domain.key] {
            throw error(
                "“\(domain.entry)” was already given on line \(first)", "keep one of the two lines")
        }
        seen.domains[domain.key] = line
        apps[app].domains.append((domain, line))
    }

    private func checkName(_ text: String, _ match: AppDomain.Match) throws(CatalogError) {
        let hasWildcard = text.utf8.contains { $0 == 42 || $0 == 123 || $0 == 125 }
        if match == .pattern {
            guard let pattern = DomainPattern(text),
                HostName.isOne(pattern.sample)
            else {
                throw error(
                    "“\(CatalogFile.shortened(text))” is no pattern",
                    "write it as in “api.{region}.example.com”, in lower case, "
                        + "with the last label fixed and no two wildcards side by side")
            }
            return
        }
        guard !hasWildcard else {
            throw error(
                "“\(CatalogFile.shortened(text))” has a wildcard but matches as \(match.rawValue)",
                "write “pattern” behind it, or name the domain without the wildcard")
        }
        guard HostName.isOne(text), text.utf8.contains(46) else {
            throw error(
                "“\(CatalogFile.shortened(text))” is no domain",
                "write a name such as “api.example.com”, in lower case, without scheme, port or path"
            )
        }
    }

    private mutating func addMark(
        _ signal: AgentMark.Signal, _ bytes: ArraySlice<UInt8>
    ) throws(CatalogError) {
        guard subject == .agent, let agent = agents.indices.last else {
            throw error(
                "“\(signal.rawValue)” stands outside an agent", "put it below an “agent” line")
        }
        try endMark()
        let end = bytes.firstIndex(where: CatalogFile.isBlank) ?? bytes.endIndex
        let match = try choice(
            String(decoding: bytes[..<end], as: UTF8.self), AgentMark.Match.self, "way to match")
        let text = CatalogFile.trimmed(bytes[end...])
        guard !text.isEmpty, text.count <= UserAgent.longest else {
            throw error(
                "there is nothing, or too much, to look for",
                "write at most \(UserAgent.longest) bytes behind “\(match.rawValue)”")
        }
        let mark = AgentMark(
            signal: signal, match: match, text: String(decoding: text, as: UTF8.self), source: "")
        if match == .product, signal != .userAgent || UserAgent(mark.text).words != [0..<text.count]
        {
            throw error(
                "“\(CatalogFile.shortened(mark.text))” cannot be a product",
                signal == .userAgent
                    ? "a product has no space, parenthesis, comma or semicolon; use prefix or contains"
                    : "an MCP client name is matched exact, prefix or contains")
        }
        if let first = seen.marks[mark.key] {
            throw error("this mark was already given on line \(first)", "keep one of the two lines")
        }
        seen.marks[mark.key] = line
        agents[agent].marks.append((mark, line))
    }

    /// The last domain or mark is complete: it must have a source, unless it only switches off.
    private func endMark() throws(CatalogError) {
        if subject == .app, let last = apps.last?.domains.last, last.domain.source.isEmpty,
            last.domain.strength != .ignore
        {
            throw error(
                "domain “\(last.domain.text)” has no source", at: last.line,
                "write below it “source …”: where it is known from")
        }
        if subject == .agent, let last = agents.last?.marks.last, last.mark.source.isEmpty {
            throw error(
                "“\(CatalogFile.shortened(last.mark.text))” has no source", at: last.line,
                "write below it “source …”: where it is known from")
        }
    }
}
