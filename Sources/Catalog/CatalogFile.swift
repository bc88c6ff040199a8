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
    private(set) var domains: [DomainEntry] = []
    private(set) var agents: [AgentEntry] = []
    private(set) var marks: [MarkEntry] = []
    private(set) var groups: [GroupEntry] = []

    /// The lines below now speak of the last app, or the last agent, or of nothing yet.
    private enum Subject { case none, app, agent }
    private var subject = Subject.none
    private var line = 0
    private let lines: CatalogText
    private var seen = Seen()

    /// What may be given once in a file.
    private struct Seen {
        var apps = TextIndex()
        var domains = TextIndex()
        var agents = TextIndex()
        var marks = TextIndex()
        var groups: [String: Int] = [:]
    }

    init(path: String, bytes: [UInt8]) throws(CatalogError) {
        self.path = path
        lines = CatalogText(bytes)
        var start = 0
        while start < lines.count {
            let end = lines.lineEnd(from: start)
            line += 1
            try read(lines.trimmed(start..<end))
            start = end + 1
        }
        try endMark()
    }

    // MARK: - Lines

    /// One line: a keyword and its value.
    private mutating func read(_ range: Range<Int>) throws(CatalogError) {
        guard !range.isEmpty, lines[range.lowerBound] != UInt8(ascii: "#") else { return }
        let word = lines.word(range)
        guard let keyword = lines.value(word, of: CatalogKeyword.known) else {
            throw error(
                "unknown word “\(shortened(word))”",
                "a line begins with one of \(CatalogKeyword.known.list), or with #")
        }
        let value = lines.trimmed(word.upperBound..<range.upperBound)
        guard !value.isEmpty else {
            throw error(
                "“\(keyword.rawValue)” has no value", "write one behind it or take the line out")
        }
        switch keyword {
        case .app: try beginApp(value)
        case .agent: try beginAgent(value)
        case .group: try addGroup(value)
        case .name, .vendor, .country, .category, .kind: try set(keyword, value)
        case .domain: try addDomain(value)
        case .userAgent: try addMark(.userAgent, value)
        case .mcpClient: try addMark(.mcpClient, value)
        case .source: try addSource(lines.text(value))
        case .checked: try setChecked(value)
        }
    }

    private func error(_ problem: String, at line: Int? = nil, _ remedy: String) -> CatalogError {
        CatalogError(file: path, line: line ?? self.line, problem, remedy: remedy)
    }

    private func shortened(_ range: Range<Int>) -> String {
        CatalogFile.shortened(lines.text(range))
    }

    private static func shortened(_ text: String) -> String {
        text.count > 80 ? "\(text.prefix(80))…" : text
    }

    // MARK: - Beginnings

    private mutating func beginApp(_ value: Range<Int>) throws(CatalogError) {
        try endMark()
        let id = lines.text(value)
        let hash = lines.hash(value)
        let first = seen.apps.first(hash) { apps[$0].id.text == id }
        try checkID(id, givenOn: first.map { apps[$0].id.line }, "app")
        seen.apps.add(hash)
        apps.append(AppEntry(id: Field(text: id, line: line), hash: hash))
        subject = .app
    }

    private mutating func beginAgent(_ value: Range<Int>) throws(CatalogError) {
        try endMark()
        let id = lines.text(value)
        let hash = lines.hash(value)
        let first = seen.agents.first(hash) { agents[$0].id.text == id }
        try checkID(id, givenOn: first.map { agents[$0].id.line }, "agent")
        seen.agents.add(hash)
        agents.append(AgentEntry(id: Field(text: id, line: line), hash: hash))
        subject = .agent
    }

    private func checkID(
        _ id: String, givenOn first: Int?, _ what: String
    ) throws(CatalogError) {
        guard CatalogFile.isWord(id) else {
            throw error(
                "“\(CatalogFile.shortened(id))” is no id",
                "use lower-case letters, digits and “-” only")
        }
        if let first {
            throw error(
                "\(what) “\(id)” was already given on line \(first)",
                "put both under one “\(what)” line, or choose another id")
        }
    }

    /// Lower-case letters, digits and `-`.
    private static func isWord(_ text: String) -> Bool {
        let bytes = text.utf8.span
        for index in bytes.indices {
            let byte = bytes[index]
            guard byte == 45 || 48...57 ~= byte || 97...122 ~= byte else { return false }
        }
        return !bytes.isEmpty
    }

    private mutating func addGroup(_ value: Range<Int>) throws(CatalogError) {
        let word = lines.word(value)
        let rest = lines.trimmed(word.upperBound..<value.upperBound)
        let (category, group) = (lines.text(word), lines.text(rest))
        guard CatalogFile.isWord(category), CatalogFile.isWord(group) else {
            throw error(
                "“group” takes a category and the word the inventory prints for it",
                "write, for example, “group chat-assistant chat”")
        }
        if let first = seen.groups[category] {
            throw error(
                "the group of “\(category)” was already given on line \(first)",
                "keep one of the two lines")
        }
        seen.groups[category] = line
        groups.append(GroupEntry(category: category, group: group))
    }

    // MARK: - Fields

    private mutating func set(
        _ keyword: CatalogKeyword, _ range: Range<Int>
    ) throws(CatalogError) {
        switch (subject, keyword) {
        case (.app, .name):
            guard apps[apps.count - 1].name == nil else { throw twice(keyword) }
            apps[apps.count - 1].name = lines.text(range)
        case (.app, .vendor):
            guard apps[apps.count - 1].vendor == nil else { throw twice(keyword) }
            apps[apps.count - 1].vendor = lines.text(range)
        case (.app, .country):
            guard range.count == 2, range.allSatisfy({ 65...90 ~= lines[$0] }) else {
                throw error(
                    "“\(shortened(range))” is no country",
                    "use two capital letters (ISO 3166-1)")
            }
            guard apps[apps.count - 1].country == nil else { throw twice(keyword) }
            apps[apps.count - 1].country = lines.text(range)
        case (.app, .category):
            guard apps[apps.count - 1].category == nil else { throw twice(keyword) }
            apps[apps.count - 1].category = Field(text: lines.text(range), line: line)
        case (.agent, .name):
            guard agents[agents.count - 1].name == nil else { throw twice(keyword) }
            agents[agents.count - 1].name = lines.text(range)
        case (.agent, .vendor):
            guard agents[agents.count - 1].vendor == nil else { throw twice(keyword) }
            agents[agents.count - 1].vendor = lines.text(range)
        case (.agent, .kind):
            let kind = try choice(range, KnownAgent.Kind.known, "kind of agent")
            guard agents[agents.count - 1].kind == nil else { throw twice(keyword) }
            agents[agents.count - 1].kind = kind
        case (.none, _):
            throw error(
                "“\(keyword.rawValue)” stands before any “app” or “agent”",
                "begin with a line such as “app openai-api”")
        default:
            throw error(
                "an \(subject == .app ? "app" : "agent") has no “\(keyword.rawValue)”",
                subject == .app
                    ? "an app has name, vendor, country, category and domain lines"
                    : "an agent has name, vendor, kind, user-agent and mcp-client lines")
        }
    }

    private func twice(_ keyword: CatalogKeyword) -> CatalogError {
        error("“\(keyword.rawValue)” is given twice", "keep one of the two lines")
    }

    private func choice<Value>(
        _ range: Range<Int>, _ known: Vocabulary<Value>, _ what: String
    ) throws(CatalogError) -> Value {
        if let value = lines.value(range, of: known) { return value }
        throw error(
            "“\(shortened(range))” is no \(what)", "use one of \(known.list)")
    }

    /// The last domain, if it belongs to the last app.
    private var domainOfApp: Int? {
        guard let last = domains.indices.last, domains[last].app == apps.count - 1 else {
            return nil
        }
        return last
    }

    /// The last mark, if it belongs to the last agent.
    private var markOfAgent: Int? {
        guard let last = marks.indices.last, marks[last].agent == agents.count - 1 else {
            return nil
        }
        return last
    }

    /// A source belongs to the domain or mark above it, or else to the app.
    private mutating func addSource(_ value: String) throws(CatalogError) {
        func joined(_ old: String) -> String { old.isEmpty ? value : "\(old) ; \(value)" }
        if subject == .app, let app = apps.indices.last {
            if let domain = domainOfApp {
                domains[domain].domain.source = joined(domains[domain].domain.source)
            } else {
                apps[app].source = joined(apps[app].source ?? "")
            }
        } else if subject == .agent, let mark = markOfAgent {
            marks[mark].mark.source = joined(marks[mark].mark.source)
        } else {
            throw error(
                "“source” has nothing above it that it could belong to",
                "put it below an app, a domain, a user-agent or an mcp-client line")
        }
    }

    /// Year and month: `2026-11`.
    private func isMonth(_ range: Range<Int>) -> Bool {
        guard range.count == 7 else { return false }
        var digits = 0
        for index in range {
            let byte = lines[index]
            if index == range.lowerBound + 4 {
                guard byte == UInt8(ascii: "-") else { return false }
            } else {
                guard 48...57 ~= byte else { return false }
                digits = digits * 10 + Int(byte - 48)
            }
        }
        return 1...12 ~= digits % 100
    }

    private mutating func setChecked(_ range: Range<Int>) throws(CatalogError) {
        let value = lines.text(range)
        guard isMonth(range) else {
            throw error(
                "“\(CatalogFile.shortened(value))” is no month", "write it as in “checked 2026-11”")
        }
        if subject == .app, let app = apps.indices.last {
            if let domain = domainOfApp {
                guard domains[domain].domain.checked == nil else { throw twice(.checked) }
                domains[domain].domain.checked = value
            } else {
                guard apps[app].checked == nil else { throw twice(.checked) }
                apps[app].checked = value
            }
        } else if subject == .agent, let agent = agents.indices.last {
            guard agents[agent].checked == nil else { throw twice(.checked) }
            agents[agent].checked = value
        } else {
            throw error(
                "“checked” stands before any “app” or “agent”",
                "put it below the line whose date it is")
        }
    }

    // MARK: - Domains and marks

    private mutating func addDomain(_ range: Range<Int>) throws(CatalogError) {
        guard subject == .app else {
            throw error("“domain” stands outside an app", "put it below an “app” line")
        }
        try endMark()
        let name = lines.word(range)
        let way = lines.word(name.upperBound..<range.upperBound)
        let use = lines.word(way.upperBound..<range.upperBound)
        let weight = lines.word(use.upperBound..<range.upperBound)
        let rest = lines.trimmed(weight.upperBound..<range.upperBound)
        guard !weight.isEmpty, rest.isEmpty || lines.text(rest) == "shared" else {
            throw error(
                "a domain takes a name, how it matches, its role and its strength",
                "write, for example, “domain api.example.com exact api strong”; “shared” may follow"
            )
        }
        let match = try choice(way, AppDomain.Match.known, "way to match a domain")
        try checkName(name, match)
        let domain = AppDomain(
            text: lines.text(name), match: match,
            role: try choice(use, AppDomain.Role.known, "role of a domain"),
            strength: try choice(weight, AppDomain.Strength.known, "strength of a domain"),
            isShared: !rest.isEmpty, source: "", checked: nil)
        let hash = lines.hash(name)
        if let first = seen.domains.first(hash, where: { domains[$0].domain.isSame(as: domain) }) {
            throw error(
                "“\(domain.entry)” was already given on line \(domains[first].line)",
                "keep one of the two lines")
        }
        seen.domains.add(hash)
        domains.append(DomainEntry(domain: domain, hash: hash, line: line, app: apps.count - 1))
    }

    private func checkName(
        _ range: Range<Int>, _ match: AppDomain.Match
    ) throws(CatalogError) {
        if match == .pattern {
            guard let pattern = DomainPattern(lines.text(range)), HostName.isOne(pattern.sample)
            else {
                throw error(
                    "“\(shortened(range))” is no pattern",
                    "write it as in “api.{region}.example.com”, in lower case, "
                        + "with the last label fixed and no two wildcards side by side")
            }
            return
        }
        // No wildcard is in the name of a host, so most need only one look.
        if lines.isHostName(range) { return }
        guard !range.contains(where: { [42, 123, 125].contains(lines[$0]) }) else {
            throw error(
                "“\(shortened(range))” has a wildcard but matches as \(match.rawValue)",
                "write “pattern” behind it, or name the domain without the wildcard")
        }
        throw error(
            "“\(shortened(range))” is no domain",
            "write a name such as “api.example.com”, in lower case, without scheme, port or path")
    }

    private mutating func addMark(
        _ signal: AgentMark.Signal, _ range: Range<Int>
    ) throws(CatalogError) {
        guard subject == .agent else {
            throw error(
                "“\(signal.rawValue)” stands outside an agent", "put it below an “agent” line")
        }
        try endMark()
        let way = lines.word(range)
        let match = try choice(way, AgentMark.Match.known, "way to match")
        let rest = lines.trimmed(way.upperBound..<range.upperBound)
        guard !rest.isEmpty, rest.count <= UserAgent.longest else {
            throw error(
                "there is nothing, or too much, to look for",
                "write at most \(UserAgent.longest) bytes behind “\(match.rawValue)”")
        }
        let mark = AgentMark(signal: signal, match: match, text: lines.text(rest), source: "")
        if match == .product, signal != .userAgent || UserAgent(mark.text).words != [0..<rest.count]
        {
            throw error(
                "“\(CatalogFile.shortened(mark.text))” cannot be a product",
                signal == .userAgent
                    ? "a product has no space, parenthesis, comma or semicolon; use prefix or contains"
                    : "an MCP client name is matched exact, prefix or contains")
        }
        let hash = lines.hash(rest)
        if let first = seen.marks.first(hash, where: { marks[$0].mark.key == mark.key }) {
            throw error(
                "this mark was already given on line \(marks[first].line)",
                "keep one of the two lines")
        }
        seen.marks.add(hash)
        marks.append(MarkEntry(mark: mark, hash: hash, line: line, agent: agents.count - 1))
    }

    /// The last domain or mark is complete: it must have a source, unless it only switches off.
    private func endMark() throws(CatalogError) {
        if subject == .app, let last = domainOfApp, domains[last].domain.source.isEmpty,
            domains[last].domain.strength != .ignore
        {
            throw error(
                "domain “\(domains[last].domain.text)” has no source", at: domains[last].line,
                "write below it “source …”: where it is known from")
        }
        if subject == .agent, let last = markOfAgent, marks[last].mark.source.isEmpty {
            throw error(
                "“\(CatalogFile.shortened(marks[last].mark.text))” has no source",
                at: marks[last].line,
                "write below it “source …”: where it is known from")
        }
    }
}
