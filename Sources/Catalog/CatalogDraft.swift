/// What the files read so far come to: later ones add to earlier ones and override them.
struct CatalogDraft {
    /// A value and the file it stands in; empty where none was given.
    struct Value {
        var file: Int32 = 0
        var place: CatalogText.Place = 0..<0

        var isEmpty: Bool { place.isEmpty }
    }
    /// An app as all files together describe it.
    struct AppDraft {
        /// In the first file that names the app.
        var id: Value
        var line: Int
        var name: Value
        var vendor: Value
        var country: Value
        var category: Value
        var categoryLine: Int
        var source: Value
        var checked: Value
        /// Required fields whose lines were wrong.
        var failed: [CatalogKeyword]
    }
    /// A domain, and the app that was given it last.
    struct DomainDraft {
        var text: Value
        var match: AppDomain.Match
        var role: AppDomain.Role
        var strength: AppDomain.Strength
        var isShared: Bool
        var source: Value
        var checked: Value
        var hash: UInt64
        var line: Int
        var app: Int
    }
    /// A host with a path, and the app that was given it last.
    struct EndpointDraft {
        var host: Value
        var match: AppDomain.Match
        var path: CatalogText.Place
        var role: AppDomain.Role
        var strength: AppDomain.Strength
        var source: CatalogText.Place
        var checked: CatalogText.Place
        var line: Int
        var app: Int
    }
    /// An agent as all files together describe it.
    struct AgentDraft {
        var id: Value
        var line: Int
        var name: Value
        var vendor: Value
        var kind: KnownAgent.Kind?
        var checked: Value
        /// Required fields whose lines were wrong.
        var failed: [CatalogKeyword]
    }
    /// A mark, and the agent that was given it last.
    struct MarkDraft {
        var mark: AgentMark
        var agent: Int
        var file: Int32
        var line: Int
    }
    /// A line in whose place a later file put another.
    struct Replaced<Line: Sendable>: Sendable {
        var former: Line
        /// The number of the one that stands there now.
        var by: Int
    }

    private(set) var texts: [CatalogText] = []
    private(set) var paths: [String] = []
    private(set) var apps: [AppDraft] = []
    private(set) var appsByID = TextIndex()
    private(set) var domains: [DomainDraft] = []
    private var domainsByText = TextIndex()
    private(set) var replacedDomains: [Replaced<DomainDraft>] = []
    private(set) var endpoints: [EndpointDraft] = []
    private var endpointsByText = TextIndex()
    private(set) var replacedEndpoints: [Replaced<EndpointDraft>] = []
    private(set) var agents: [AgentDraft] = []
    private var agentsByID = TextIndex()
    private(set) var marks: [MarkDraft] = []
    private var marksByText = TextIndex()
    private(set) var replacedMarks: [Replaced<MarkDraft>] = []
    private var groups: [(category: String, group: String)] = []
    private var groupsByCategory = TextIndex()
    private(set) var fingerprints = FingerprintIndex()
    private(set) var runtimes: [(entry: CatalogFile.RuntimeEntry, file: Int32)] = []
    private var runtimesByID = TextIndex()
    private(set) var tokens: [(entry: CatalogFile.TokenEntry, file: Int32)] = []
    private var tokensByID = TextIndex()
    private(set) var devices: [(entry: CatalogFile.DeviceEntry, file: Int32)] = []
    private var devicesByID = TextIndex()

    // MARK: - Adding files

    mutating func add(_ file: CatalogFile) {
        let number = Int32(truncatingIfNeeded: texts.count)
        texts.append(file.text)
        paths.append(file.path)
        for entry in file.groups { add(entry, file.text) }
        // Where each app and agent of the file stands among all.
        let apps = file.apps.map { add($0, number, file.failed[$0.line]) }
        for entry in file.domains { add(entry, number, to: apps[entry.app]) }
        for entry in file.endpoints { add(entry, number, to: apps[entry.app]) }
        for entry in file.fingerprints { fingerprints.add(entry, number, of: texts) }
        let agents = file.agents.map { add($0, number, file.failed[$0.line]) }
        for entry in file.marks { add(entry, number, to: agents[entry.agent]) }
        for entry in file.runtimes { add(entry, number) }
        for entry in file.tokens { add(entry, number) }
        for entry in file.devices { add(entry, number) }
    }

    func text(_ value: Value) -> String { texts[Int(value.file)].text(value.place) }

    func text(_ place: CatalogText.Place, of file: Int32) -> String {
        texts[Int(file)].text(place)
    }

    func origin(_ file: Int32, _ line: Int) -> CatalogOrigin {
        CatalogOrigin(file: paths[Int(file)], line: line)
    }

    private func isSame(_ value: Value, as other: Value) -> Bool {
        texts[Int(value.file)].isSame(value.place, as: texts[Int(other.file)], other.place)
    }

    private mutating func add(_ entry: CatalogFile.GroupEntry, _ text: CatalogText) {
        let (category, group) = (text.text(entry.category), text.text(entry.group))
        let hash = text.hash(entry.category)
        if let known = groupsByCategory.first(hash, where: { groups[$0].category == category }) {
            groups[known].group = group
        } else {
            groupsByCategory.add(hash)
            groups.append((category, group))
        }
    }

    /// Takes the place of a value where it is given.
    private static func give(_ value: inout Value, _ place: CatalogText.Place, _ file: Int32) {
        if !place.isEmpty { value = Value(file: file, place: place) }
    }

    private mutating func add(
        _ entry: CatalogFile.AppEntry, _ file: Int32, _ failed: [CatalogKeyword]?
    ) -> Int {
        let id = Value(file: file, place: entry.id)
        var number = appsByID.first(entry.hash) { isSame(id, as: apps[$0].id) } ?? -1
        if number < 0 {
            appsByID.add(entry.hash)
            number = apps.count
            let none = Value()
            apps.append(
                AppDraft(
                    id: id, line: entry.line, name: none, vendor: none, country: none,
                    category: none, categoryLine: 0, source: none, checked: none, failed: []))
        }
        if let failed { apps[number].failed += failed }
        CatalogDraft.give(&apps[number].name, entry.name, file)
        CatalogDraft.give(&apps[number].vendor, entry.vendor, file)
        CatalogDraft.give(&apps[number].country, entry.country, file)
        CatalogDraft.give(&apps[number].category, entry.category, file)
        if !entry.category.isEmpty { apps[number].categoryLine = entry.categoryLine }
        CatalogDraft.give(&apps[number].source, entry.source, file)
        CatalogDraft.give(&apps[number].checked, entry.checked, file)
        return number
    }

    private mutating func add(_ entry: CatalogFile.DomainEntry, _ file: Int32, to app: Int) {
        let draft = DomainDraft(
            text: Value(file: file, place: entry.text), match: entry.match, role: entry.role,
            strength: entry.strength, isShared: entry.isShared,
            source: Value(file: file, place: entry.source),
            checked: Value(file: file, place: entry.checked), hash: entry.hash,
            line: entry.line, app: app)
        let known = domainsByText.first(entry.hash) {
            domains[$0].match == draft.match && isSame(draft.text, as: domains[$0].text)
        }
        if let known {
            replacedDomains.append(Replaced(former: domains[known], by: known))
            domains[known] = draft
        } else {
            domainsByText.add(entry.hash)
            domains.append(draft)
        }
    }

    private mutating func add(
        _ entry: CatalogFile.EndpointEntry, _ file: Int32, to app: Int
    ) {
        let draft = EndpointDraft(
            host: Value(file: file, place: entry.host), match: entry.match, path: entry.path,
            role: entry.role, strength: entry.strength, source: entry.source,
            checked: entry.checked, line: entry.line, app: app)
        let known = endpointsByText.first(entry.hash) {
            let other = endpoints[$0]
            return other.match == draft.match && isSame(draft.host, as: other.host)
                && texts[Int(file)].isSame(
                    draft.path, as: texts[Int(other.host.file)], other.path)
        }
        if let known {
            replacedEndpoints.append(Replaced(former: endpoints[known], by: known))
            endpoints[known] = draft
        } else {
            endpointsByText.add(entry.hash)
            endpoints.append(draft)
        }
    }

    private mutating func add(
        _ entry: CatalogFile.AgentEntry, _ file: Int32, _ failed: [CatalogKeyword]?
    ) -> Int {
        let id = Value(file: file, place: entry.id)
        var number = agentsByID.first(entry.hash) { isSame(id, as: agents[$0].id) } ?? -1
        if number < 0 {
            agentsByID.add(entry.hash)
            number = agents.count
            let none = Value()
            agents.append(
                AgentDraft(
                    id: id, line: entry.line, name: none, vendor: none, kind: nil, checked: none,
                    failed: []))
        }
        if let failed { agents[number].failed += failed }
        CatalogDraft.give(&agents[number].name, entry.name, file)
        CatalogDraft.give(&agents[number].vendor, entry.vendor, file)
        if let kind = entry.kind { agents[number].kind = kind }
        CatalogDraft.give(&agents[number].checked, entry.checked, file)
        return number
    }

    private mutating func add(_ entry: CatalogFile.MarkEntry, _ file: Int32, to agent: Int) {
        let text = texts[Int(file)]
        let draft = MarkDraft(
            mark: AgentMark(
                signal: entry.signal, match: entry.match, text: text.text(entry.text),
                source: text.text(entry.source)),
            agent: agent, file: file, line: entry.line)
        let known = marksByText.first(entry.hash) { marks[$0].mark.isSame(as: draft.mark) }
        if let known {
            replacedMarks.append(Replaced(former: marks[known], by: known))
            marks[known] = draft
        } else {
            marksByText.add(entry.hash)
            marks.append(draft)
        }
    }

    private mutating func add(_ entry: CatalogFile.RuntimeEntry, _ file: Int32) {
        let known = runtimesByID.first(entry.hash) {
            let other = runtimes[$0]
            return texts[Int(file)].isSame(entry.id, as: texts[Int(other.file)], other.entry.id)
        }
        if let known {
            runtimes[known] = (entry, file)
        } else {
            runtimesByID.add(entry.hash)
            runtimes.append((entry, file))
        }
    }

    private mutating func add(_ entry: CatalogFile.TokenEntry, _ file: Int32) {
        let known = tokensByID.first(entry.hash) {
            let other = tokens[$0]
            return texts[Int(file)].isSame(entry.id, as: texts[Int(other.file)], other.entry.id)
        }
        if let known {
            tokens[known] = (entry, file)
        } else {
            tokensByID.add(entry.hash)
            tokens.append((entry, file))
        }
    }

    private mutating func add(_ entry: CatalogFile.DeviceEntry, _ file: Int32) {
        let known = devicesByID.first(entry.hash) {
            let other = devices[$0]
            return texts[Int(file)].isSame(entry.id, as: texts[Int(other.file)], other.entry.id)
        }
        if let known {
            devices[known] = (entry, file)
        } else {
            devicesByID.add(entry.hash)
            devices.append((entry, file))
        }
    }

    /// The group of a category; nil where there is no such category.
    func group(of category: Value) -> String? {
        guard !category.isEmpty else { return nil }
        let text = texts[Int(category.file)]
        return groupsByCategory.first(text.hash(category.place)) {
            text.holds(groups[$0].category, at: category.place)
        }.map { groups[$0].group }
    }

    /// Every category there is, sorted.
    var categories: [String] { groups.map(\.category).sorted() }
}
