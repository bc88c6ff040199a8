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
    var text: CatalogText
    private(set) var apps: [AppEntry] = []
    private(set) var domains: [DomainEntry] = []
    private(set) var agents: [AgentEntry] = []
    private(set) var marks: [MarkEntry] = []
    var fingerprints: [FingerprintEntry] = []
    private(set) var groups: [GroupEntry] = []

    /// The lines below now speak of the last app, agent or fingerprint, or of nothing yet.
    enum Subject { case none, app, agent, fingerprint }
    var subject = Subject.none
    private(set) var line = 0
    var seen = Seen()

    /// What may be given once in a file.
    struct Seen {
        var apps = TextIndex()
        var domains = TextIndex()
        var agents = TextIndex()
        var marks = TextIndex()
        var fingerprints = TextIndex()
    }

    init(path: String, bytes: [UInt8]) throws(CatalogError) {
        self.path = path
        text = CatalogText(bytes)
        let count = bytes.count
        var start = 0
        while start < count {
            let end = text.lineEnd(from: start)
            line += 1
            try read(start..<end)
            start = end + 1
        }
        try endMark()
    }

    // MARK: - Lines

    /// One line: a keyword and its value.
    private mutating func read(_ place: Place) throws(CatalogError) {
        let word = text.word(place)
        guard !word.isEmpty, text[word.lowerBound] != UInt8(ascii: "#") else { return }
        guard let keyword = text.value(word, of: CatalogKeyword.known) else {
            throw error(
                "unknown word “\(shown(word))”",
                "a line begins with one of \(CatalogKeyword.known.list), or with #")
        }
        let value = text.trimmed(word.upperBound..<place.upperBound)
        guard !value.isEmpty else {
            throw error(
                "“\(keyword.rawValue)” has no value", "write one behind it or take the line out")
        }
        switch keyword {
        case .app: try beginApp(value)
        case .agent: try beginAgent(value)
        case .fingerprint: try beginFingerprint(value)
        case .group: try addGroup(value)
        case .name, .vendor, .country, .category, .kind, .version: try set(keyword, value)
        case .domain: try addDomain(value)
        case .userAgent: try addMark(.userAgent, value)
        case .mcpClient: try addMark(.mcpClient, value)
        case .source: try addSource(value)
        case .checked: try setChecked(value)
        case .measured: try setMeasured(value)
        }
    }

    func error(_ problem: String, at line: Int? = nil, _ remedy: String) -> CatalogError {
        CatalogError(file: path, line: line ?? self.line, problem, remedy: remedy)
    }

    /// A value as an error shows it.
    func shown(_ place: Place) -> String {
        let value = text.text(place)
        return value.count > 80 ? "\(value.prefix(80))…" : value
    }

    // MARK: - Beginnings

    private mutating func beginApp(_ id: Place) throws(CatalogError) {
        try endMark()
        let hash = text.hash(id)
        let first = seen.apps.first(hash) { text.isSame(id, as: text, apps[$0].id) }
        try checkID(id, givenOn: first.map { apps[$0].line }, "app")
        seen.apps.add(hash)
        apps.append(AppEntry(id: id, hash: hash, line: line))
        subject = .app
    }

    private mutating func beginAgent(_ id: Place) throws(CatalogError) {
        try endMark()
        let hash = text.hash(id)
        let first = seen.agents.first(hash) { text.isSame(id, as: text, agents[$0].id) }
        try checkID(id, givenOn: first.map { agents[$0].line }, "agent")
        seen.agents.add(hash)
        agents.append(AgentEntry(id: id, hash: hash, line: line))
        subject = .agent
    }

    private func checkID(
        _ id: Place, givenOn first: Int?, _ what: String
    ) throws(CatalogError) {
        guard text.isWord(id) else {
            throw error("“\(shown(id))” is no id", "use lower-case letters, digits and “-” only")
        }
        if let first {
            throw error(
                "\(what) “\(text.text(id))” was already given on line \(first)",
                "put both under one “\(what)” line, or choose another id")
        }
    }

    private mutating func addGroup(_ value: Place) throws(CatalogError) {
        let category = text.word(value)
        let group = text.trimmed(category.upperBound..<value.upperBound)
        guard text.isWord(category), text.isWord(group) else {
            throw error(
                "“group” takes a category and the word the inventory prints for it",
                "write, for example, “group chat-assistant chat”")
        }
        if let first = groups.first(where: { text.isSame(category, as: text, $0.category) }) {
            throw error(
                "the group of “\(text.text(category))” was already given on line \(first.line)",
                "keep one of the two lines")
        }
        groups.append(GroupEntry(category: category, group: group, line: line))
    }

    // MARK: - Fields

    private mutating func set(
        _ keyword: CatalogKeyword, _ value: Place
    ) throws(CatalogError) {
        let (app, agent) = (apps.count - 1, agents.count - 1)
        switch (subject, keyword) {
        case (.app, .name): apps[app].name = try place(apps[app].name, keyword, value)
        case (.app, .vendor): apps[app].vendor = try place(apps[app].vendor, keyword, value)
        case (.app, .country):
            guard text.isCountry(value) else {
                throw error(
                    "“\(shown(value))” is no country", "use two capital letters (ISO 3166-1)")
            }
            apps[app].country = try place(apps[app].country, keyword, value)
        case (.app, .category):
            apps[app].category = try place(apps[app].category, keyword, value)
            apps[app].categoryLine = line
        case (.agent, .name): agents[agent].name = try place(agents[agent].name, keyword, value)
        case (.agent, .vendor):
            agents[agent].vendor = try place(agents[agent].vendor, keyword, value)
        case (.agent, .kind):
            let kind = try choice(value, KnownAgent.Kind.known, "kind of agent")
            guard agents[agent].kind == nil else { throw twice(keyword) }
            agents[agent].kind = kind
        case (.fingerprint, .name):
            let last = fingerprints.count - 1
            fingerprints[last].name = try place(fingerprints[last].name, keyword, value)
        case (.fingerprint, .version):
            let last = fingerprints.count - 1
            fingerprints[last].version = try place(fingerprints[last].version, keyword, value)
        case (.none, _):
            throw error(
                "“\(keyword.rawValue)” stands before any “app”, “agent” or “fingerprint”",
                "begin with a line such as “app openai-api”")
        default:
            throw error("\(subject.fields.of) has no “\(keyword.rawValue)”", subject.fields.list)
        }
    }

    /// Where a value of the last app, agent or domain stands: given once.
    func place(
        _ known: Place, _ keyword: CatalogKeyword, _ value: Place
    ) throws(CatalogError) -> Place {
        guard known.isEmpty else { throw twice(keyword) }
        return value
    }

    private func twice(_ keyword: CatalogKeyword) -> CatalogError {
        error("“\(keyword.rawValue)” is given twice", "keep one of the two lines")
    }

    func choice<Value>(
        _ place: Place, _ known: Vocabulary<Value>, _ what: String
    ) throws(CatalogError) -> Value {
        if let value = text.value(place, of: known) { return value }
        throw error("“\(shown(place))” is no \(what)", "use one of \(known.list)")
    }

    /// The last domain, if it belongs to the last app, of which the lines speak.
    private var domainOfApp: Int? {
        guard subject == .app, let last = domains.indices.last, domains[last].app == apps.count - 1
        else { return nil }
        return last
    }

    /// The last mark, if it belongs to the last agent, of which the lines speak.
    private var markOfAgent: Int? {
        guard subject == .agent, let last = marks.indices.last,
            marks[last].agent == agents.count - 1
        else { return nil }
        return last
    }

    /// A source belongs to the domain or mark above it, or else to the app.
    private mutating func addSource(_ value: Place) throws(CatalogError) {
        if let domain = domainOfApp {
            domains[domain].source = text.joined(domains[domain].source, and: value)
        } else if subject == .app, let app = apps.indices.last {
            apps[app].source = text.joined(apps[app].source, and: value)
        } else if subject == .fingerprint, let last = fingerprints.indices.last {
            fingerprints[last].source = text.joined(fingerprints[last].source, and: value)
        } else if let mark = markOfAgent {
            marks[mark].source = text.joined(marks[mark].source, and: value)
        } else {
            throw error(
                "“source” has nothing above it that it could belong to",
                "put it below an app, domain, user-agent, mcp-client or fingerprint line")
        }
    }

    private mutating func setChecked(_ value: Place) throws(CatalogError) {
        guard text.isMonth(value) else {
            throw error("“\(shown(value))” is no month", "write it as in “checked 2026-11”")
        }
        if let domain = domainOfApp {
            domains[domain].checked = try place(domains[domain].checked, .checked, value)
        } else if subject == .app {
            apps[apps.count - 1].checked = try place(apps[apps.count - 1].checked, .checked, value)
        } else if subject == .agent {
            agents[agents.count - 1].checked = try place(
                agents[agents.count - 1].checked, .checked, value)
        } else if subject == .fingerprint, let last = fingerprints.indices.last {
            fingerprints[last].checked = try place(fingerprints[last].checked, .checked, value)
        } else {
            throw error(
                "“checked” stands before any “app”, “agent” or “fingerprint”",
                "put it below the line whose date it is")
        }
    }

    // MARK: - Domains and marks

    private mutating func addDomain(_ value: Place) throws(CatalogError) {
        guard subject == .app else {
            throw error("“domain” stands outside an app", "put it below an “app” line")
        }
        try endMark()
        let name = text.word(value)
        let way = text.word(name.upperBound..<value.upperBound)
        let use = text.word(way.upperBound..<value.upperBound)
        let weight = text.word(use.upperBound..<value.upperBound)
        let rest = text.trimmed(weight.upperBound..<value.upperBound)
        guard !weight.isEmpty, rest.isEmpty || text.holds("shared", at: rest) else {
            throw error(
                "a domain takes a name, how it matches, its role and its strength",
                "write, for example, “domain api.example.com exact api strong”; “shared” may follow"
            )
        }
        let match = try choice(way, AppDomain.Match.known, "way to match a domain")
        try checkName(name, match)
        let hash = text.hash(name)
        let domain = DomainEntry(
            text: name, match: match,
            role: try choice(use, AppDomain.Role.known, "role of a domain"),
            strength: try choice(weight, AppDomain.Strength.known, "strength of a domain"),
            isShared: !rest.isEmpty, hash: hash, line: line, app: apps.count - 1)
        let first = seen.domains.first(hash) {
            domains[$0].match == match && text.isSame(name, as: text, domains[$0].text)
        }
        if let first {
            throw error(
                "“\(text.text(name)) \(match.rawValue)” was already given on line "
                    + "\(domains[first].line)",
                "keep one of the two lines")
        }
        seen.domains.add(hash)
        domains.append(domain)
    }

    private func checkName(
        _ name: Place, _ match: AppDomain.Match
    ) throws(CatalogError) {
        if match == .pattern {
            guard let pattern = DomainPattern(text[name]), HostName.isOne(pattern.sample) else {
                throw error(
                    "“\(shown(name))” is no pattern",
                    "write it as in “api.{region}.example.com”, in lower case, "
                        + "with the last label fixed and no two wildcards side by side")
            }
            return
        }
        // No wildcard is in the name of a host, so most need only one look.
        if text.isHostName(name) { return }
        guard !name.contains(where: { [42, 123, 125].contains(text[$0]) }) else {
            throw error(
                "“\(shown(name))” has a wildcard but matches as \(match.rawValue)",
                "write “pattern” behind it, or name the domain without the wildcard")
        }
        throw error(
            "“\(shown(name))” is no domain",
            "write a name such as “api.example.com”, in lower case, without scheme, port or path")
    }

    private mutating func addMark(
        _ signal: AgentMark.Signal, _ value: Place
    ) throws(CatalogError) {
        guard subject == .agent else {
            throw error(
                "“\(signal.rawValue)” stands outside an agent", "put it below an “agent” line")
        }
        try endMark()
        let way = text.word(value)
        let match = try choice(way, AgentMark.Match.known, "way to match")
        let mark = text.trimmed(way.upperBound..<value.upperBound)
        guard !mark.isEmpty, mark.count <= UserAgent.longest else {
            throw error(
                "there is nothing, or too much, to look for",
                "write at most \(UserAgent.longest) bytes behind “\(match.rawValue)”")
        }
        if match == .product,
            signal != .userAgent || UserAgent(text.text(mark)).words != [0..<mark.count]
        {
            throw error(
                "“\(shown(mark))” cannot be a product",
                signal == .userAgent
                    ? "a product has no space, parenthesis, comma or semicolon; use prefix or contains"
                    : "an MCP client name is matched exact, prefix or contains")
        }
        let hash = text.hash(mark)
        let first = seen.marks.first(hash) {
            marks[$0].signal == signal && marks[$0].match == match
                && text.isSame(mark, as: text, marks[$0].text)
        }
        if let first {
            throw error(
                "this mark was already given on line \(marks[first].line)",
                "keep one of the two lines")
        }
        seen.marks.add(hash)
        marks.append(
            MarkEntry(
                signal: signal, match: match, text: mark, hash: hash, line: line,
                agent: agents.count - 1))
    }

    /// The last domain, mark or fingerprint is complete: it must have a source, unless it only
    /// switches off.
    func endMark() throws(CatalogError) {
        try endFingerprint()
        if let last = domainOfApp, domains[last].source.isEmpty, domains[last].strength != .ignore {
            throw error(
                "domain “\(text.text(domains[last].text))” has no source", at: domains[last].line,
                "write below it “source …”: where it is known from")
        }
        if let last = markOfAgent, marks[last].source.isEmpty {
            throw error(
                "“\(shown(marks[last].text))” has no source", at: marks[last].line,
                "write below it “source …”: where it is known from")
        }
    }
}
