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
    /// Mistakes that are kept of one file: a file of another kind has one on each line.
    static let errorLimit = 200

    /// As it is named in errors.
    let path: String
    var text: CatalogText
    var apps: [AppEntry] = []
    var domains: [DomainEntry] = []
    var endpoints: [EndpointEntry] = []
    var agents: [AgentEntry] = []
    var marks: [MarkEntry] = []
    var fingerprints: [FingerprintEntry] = []
    var runtimes: [RuntimeEntry] = []
    var tokens: [TokenEntry] = []
    var devices: [DeviceEntry] = []
    private(set) var groups: [GroupEntry] = []
    /// What is wrong in it, by line.
    private(set) var errors: [CatalogError] = []
    /// Mistakes beyond the limit.
    private(set) var moreErrors = 0
    /// Fields whose line was wrong, by the line their entry begins on: they are not missing.
    private(set) var failed: [Int: [CatalogKeyword]] = [:]

    /// The lines below now speak of the last entry of this kind, or of nothing yet. Below an entry
    /// whose first line was wrong nothing can be said of them.
    enum Subject { case none, app, agent, fingerprint, runtime, token, device, unreadable }
    var subject = Subject.none
    /// The last domain, endpoint or mark could not be read, so what stands below it is nobody's.
    private var isMarkUnreadable = false
    private(set) var line = 0
    var seen = Seen()

    /// What may be given once in a file.
    struct Seen {
        var apps = TextIndex()
        var domains = TextIndex()
        var endpoints = TextIndex()
        var agents = TextIndex()
        var marks = TextIndex()
        var fingerprints = TextIndex()
        var runtimes = TextIndex()
        var tokens = TextIndex()
        var devices = TextIndex()
    }

    /// The file, or its first mistake.
    init(path: String, bytes: [UInt8]) throws(CatalogError) {
        self.init(path: path, text: bytes, mistakes: 1)
        if let first = errors.first { throw first }
    }

    /// What can be read of the file, and all that cannot.
    init(path: String, withMistakes bytes: [UInt8]) {
        self.init(path: path, text: bytes, mistakes: .max)
        errors.sort { $0.line < $1.line }
    }

    private init(path: String, text bytes: [UInt8], mistakes: Int) {
        self.path = path
        text = CatalogText(bytes)
        let count = bytes.count
        var start = 0
        while start < count, errors.count + moreErrors < mistakes {
            let end = text.lineEnd(from: start)
            line += 1
            read(start..<end)
            start = end + 1
        }
        if errors.count + moreErrors < mistakes { end() }
    }

    private mutating func note(_ error: CatalogError) {
        if errors.count < CatalogFile.errorLimit { errors.append(error) } else { moreErrors += 1 }
    }

    // MARK: - Lines

    /// One line: a keyword and its value.
    private mutating func read(_ place: Place) {
        let word = text.word(place)
        guard !word.isEmpty, text[word.lowerBound] != UInt8(ascii: "#") else { return }
        guard let keyword = text.value(word, of: CatalogKeyword.known) else {
            return note(
                error(
                    "unknown word “\(shown(word))”",
                    "a line begins with one of \(CatalogKeyword.known.list), or with #"))
        }
        let isBeginning = keyword.isBeginning
        if isBeginning || keyword.isMark { end() }
        do throws(CatalogError) {
            let value = text.trimmed(word.upperBound..<place.upperBound)
            guard !value.isEmpty else {
                throw error(
                    "“\(keyword.rawValue)” has no value",
                    "write one behind it or take the line out")
            }
            try read(keyword, value)
            if isBeginning || keyword.isMark { isMarkUnreadable = false }
        } catch {
            note(error)
            if isBeginning {
                subject = .unreadable
            } else if keyword.isMark {
                isMarkUnreadable = true
            } else if let entry = lineOfEntry {
                failed[entry, default: []].append(keyword)
            }
        }
    }

    private mutating func read(_ keyword: CatalogKeyword, _ value: Place) throws(CatalogError) {
        switch keyword {
        case .app: return try beginApp(value)
        case .agent: return try beginAgent(value)
        case .fingerprint: return try beginFingerprint(value)
        case .runtime: return try beginRuntime(value)
        case .token: return try beginToken(value)
        case .device: return try beginDevice(value)
        case .group: return try addGroup(value)
        default: if subject == .unreadable { return }
        }
        switch keyword {
        case .domain: try addDomain(value)
        case .endpoint: try addEndpoint(value)
        case .userAgent: try addMark(.userAgent, value)
        case .mcpClient: try addMark(.mcpClient, value)
        case .source: try addSource(value)
        case .checked: try setChecked(value)
        case .measured: try setMeasured(value)
        case .port, .path, .mark, .model: try setRuntime(keyword, value)
        case .shape, .expires, .opens: try setToken(keyword, value)
        case .dhcpClass, .dhcpOptions: try setDevice(keyword, value)
        default: try set(keyword, value)
        }
    }

    /// The line on which the entry that the lines speak of begins.
    private var lineOfEntry: Int? {
        switch subject {
        case .none, .unreadable: nil
        case .app: apps.last?.line
        case .agent: agents.last?.line
        case .fingerprint: fingerprints.last?.line
        case .runtime: runtimes.last?.line
        case .token: tokens.last?.line
        case .device: devices.last?.line
        }
    }

    /// What stands above is complete: only now can be told what is missing there.
    private mutating func end() {
        do throws(CatalogError) {
            switch subject {
            case .none, .unreadable: return
            case .app, .agent: if !isMarkUnreadable { try endMark() }
            case .fingerprint: try endFingerprint()
            case .runtime: try endRuntime()
            case .token: try endToken()
            case .device: try endDevice()
            }
        } catch { note(error) }
    }

    /// A field of this entry whose line was there, and wrong.
    func hasFailed(_ keyword: CatalogKeyword, of line: Int) -> Bool {
        !failed.isEmpty && failed[line]?.contains(keyword) == true
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
        let hash = text.hash(id)
        let first = seen.apps.first(hash) { text.isSame(id, as: text, apps[$0].id) }
        try checkID(id, givenOn: first.map { apps[$0].line }, "app")
        seen.apps.add(hash)
        apps.append(AppEntry(id: id, hash: hash, line: line))
        subject = .app
    }

    private mutating func beginAgent(_ id: Place) throws(CatalogError) {
        let hash = text.hash(id)
        let first = seen.agents.first(hash) { text.isSame(id, as: text, agents[$0].id) }
        try checkID(id, givenOn: first.map { agents[$0].line }, "agent")
        seen.agents.add(hash)
        agents.append(AgentEntry(id: id, hash: hash, line: line))
        subject = .agent
    }

    func checkID(
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
        case (.runtime, _): try setRuntime(keyword, value)
        case (.token, _): try setToken(keyword, value)
        case (.device, _): try setDevice(keyword, value)
        default: throw misplaced(keyword)
        }
    }

    /// A line that the entry above it does not have.
    func misplaced(_ keyword: CatalogKeyword) -> CatalogError {
        if subject == .none {
            return error(
                "“\(keyword.rawValue)” stands before any “app”, “agent”, “fingerprint”, “runtime”, "
                    + "“token” or “device”", "begin with a line such as “app openai-api”")
        }
        return error("\(subject.fields.of) has no “\(keyword.rawValue)”", subject.fields.list)
    }

    /// Where a value of the last app, agent or domain stands: given once.
    func place(
        _ known: Place, _ keyword: CatalogKeyword, _ value: Place
    ) throws(CatalogError) -> Place {
        guard known.isEmpty else { throw twice(keyword) }
        return value
    }

    func twice(_ keyword: CatalogKeyword) -> CatalogError {
        error("“\(keyword.rawValue)” is given twice", "keep one of the two lines")
    }

    func choice<Value>(
        _ place: Place, _ known: Vocabulary<Value>, _ what: String
    ) throws(CatalogError) -> Value {
        if let value = text.value(place, of: known) { return value }
        throw error("“\(shown(place))” is no \(what)", "use one of \(known.list)")
    }

    /// A source belongs to the domain, endpoint or mark above it, or else to the entry.
    private mutating func addSource(_ value: Place) throws(CatalogError) {
        guard !isMarkUnreadable else { return }
        switch subject {
        case .app: try addSourceOfApp(value)
        case .fingerprint:
            let last = fingerprints.count - 1
            fingerprints[last].source = text.joined(fingerprints[last].source, and: value)
        case .runtime:
            let last = runtimes.count - 1
            runtimes[last].source = text.joined(runtimes[last].source, and: value)
        case .token:
            let last = tokens.count - 1
            tokens[last].source = text.joined(tokens[last].source, and: value)
        case .device:
            let last = devices.count - 1
            devices[last].source = text.joined(devices[last].source, and: value)
        case .agent where markOfAgent != nil:
            let last = marks.count - 1
            marks[last].source = text.joined(marks[last].source, and: value)
        case .agent, .none, .unreadable:
            throw error(
                "“source” has nothing above it that it could belong to",
                "put it below a line such as app, domain, endpoint, user-agent or fingerprint")
        }
    }

    private mutating func setChecked(_ value: Place) throws(CatalogError) {
        guard text.isMonth(value) else {
            throw error("“\(shown(value))” is no month", "write it as in “checked 2026-11”")
        }
        guard !isMarkUnreadable else { return }
        switch subject {
        case .app: try setCheckedOfApp(value)
        case .agent:
            let last = agents.count - 1
            agents[last].checked = try place(agents[last].checked, .checked, value)
        case .fingerprint:
            let last = fingerprints.count - 1
            fingerprints[last].checked = try place(fingerprints[last].checked, .checked, value)
        case .runtime:
            let last = runtimes.count - 1
            runtimes[last].checked = try place(runtimes[last].checked, .checked, value)
        case .token:
            let last = tokens.count - 1
            tokens[last].checked = try place(tokens[last].checked, .checked, value)
        case .device:
            let last = devices.count - 1
            devices[last].checked = try place(devices[last].checked, .checked, value)
        case .none, .unreadable: throw misplaced(.checked)
        }
    }
}
