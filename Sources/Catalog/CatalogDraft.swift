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
        var app: Int
    }
    private struct AgentDraft {
        var id: Value
        var line: Int
        var name: Value
        var vendor: Value
        var kind: KnownAgent.Kind?
        var checked: Value
    }
    /// A mark, and the agent that was given it last.
    private struct MarkDraft {
        var mark: AgentMark
        var agent: Int
    }

    private(set) var texts: [CatalogText] = []
    private var paths: [String] = []
    private(set) var apps: [AppDraft] = []
    private(set) var appsByID = TextIndex()
    private(set) var domains: [DomainDraft] = []
    private var domainsByText = TextIndex()
    private var agents: [AgentDraft] = []
    private var agentsByID = TextIndex()
    private var marks: [MarkDraft] = []
    private var marksByText = TextIndex()
    private var groups: [(category: String, group: String)] = []
    private var groupsByCategory = TextIndex()
    private(set) var fingerprints = FingerprintIndex()

    // MARK: - Adding files

    mutating func add(_ file: CatalogFile) {
        let number = Int32(truncatingIfNeeded: texts.count)
        texts.append(file.text)
        paths.append(file.path)
        for entry in file.groups { add(entry, file.text) }
        // Where each app and agent of the file stands among all.
        let apps = file.apps.map { add($0, number) }
        for entry in file.domains { add(entry, number, to: apps[entry.app]) }
        for entry in file.fingerprints { fingerprints.add(entry, number, of: texts) }
        let agents = file.agents.map { add($0, number) }
        for entry in file.marks { add(entry, file.text, to: agents[entry.agent]) }
    }

    func text(_ value: Value) -> String { texts[Int(value.file)].text(value.place) }

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

    private mutating func add(_ entry: CatalogFile.AppEntry, _ file: Int32) -> Int {
        let id = Value(file: file, place: entry.id)
        var number = appsByID.first(entry.hash) { isSame(id, as: apps[$0].id) } ?? -1
        if number < 0 {
            appsByID.add(entry.hash)
            number = apps.count
            let none = Value()
            apps.append(
                AppDraft(
                    id: id, line: entry.line, name: none, vendor: none, country: none,
                    category: none, categoryLine: 0, source: none, checked: none))
        }
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
            checked: Value(file: file, place: entry.checked), hash: entry.hash, app: app)
        let known = domainsByText.first(entry.hash) {
            domains[$0].match == draft.match && isSame(draft.text, as: domains[$0].text)
        }
        if let known {
            domains[known] = draft
        } else {
            domainsByText.add(entry.hash)
            domains.append(draft)
        }
    }

    private mutating func add(_ entry: CatalogFile.AgentEntry, _ file: Int32) -> Int {
        let id = Value(file: file, place: entry.id)
        var number = agentsByID.first(entry.hash) { isSame(id, as: agents[$0].id) } ?? -1
        if number < 0 {
            agentsByID.add(entry.hash)
            number = agents.count
            let none = Value()
            agents.append(
                AgentDraft(
                    id: id, line: entry.line, name: none, vendor: none, kind: nil, checked: none))
        }
        CatalogDraft.give(&agents[number].name, entry.name, file)
        CatalogDraft.give(&agents[number].vendor, entry.vendor, file)
        if let kind = entry.kind { agents[number].kind = kind }
        CatalogDraft.give(&agents[number].checked, entry.checked, file)
        return number
    }

    private mutating func add(_ entry: CatalogFile.MarkEntry, _ text: CatalogText, to agent: Int) {
        let mark = AgentMark(
            signal: entry.signal, match: entry.match, text: text.text(entry.text),
            source: text.text(entry.source))
        let known = marksByText.first(entry.hash) { marks[$0].mark.isSame(as: mark) }
        if let known {
            marks[known] = MarkDraft(mark: mark, agent: agent)
        } else {
            marksByText.add(entry.hash)
            marks.append(MarkDraft(mark: mark, agent: agent))
        }
    }

    // MARK: - What it comes to

    /// The group of each app, or the mistake in the app whose id comes first.
    func groupsOfApps() throws(CatalogError) -> [String] {
        var found: [String] = []
        found.reserveCapacity(apps.count)
        var mistaken: Int?
        for app in apps.indices {
            let group = group(of: apps[app].category)
            let isWhole =
                group != nil && !apps[app].name.isEmpty && !apps[app].vendor.isEmpty
                && !apps[app].source.isEmpty
            if !isWhole, mistaken.map({ text(apps[app].id) < text(apps[$0].id) }) ?? true {
                mistaken = app
            }
            found.append(group ?? "")
        }
        if let mistaken { throw mistake(in: apps[mistaken]) }
        return found
    }

    private func group(of category: Value) -> String? {
        guard !category.isEmpty else { return nil }
        let text = texts[Int(category.file)]
        return groupsByCategory.first(text.hash(category.place)) {
            text.holds(groups[$0].category, at: category.place)
        }.map { groups[$0].group }
    }

    private func mistake(in app: AppDraft) -> CatalogError {
        let place = (file: paths[Int(app.id.file)], line: app.line)
        if app.category.isEmpty {
            return CatalogDraft.missing("category", of: text(app.id), at: place)
        }
        let category = text(app.category)
        if group(of: app.category) == nil {
            return CatalogError(
                file: paths[Int(app.category.file)], line: app.categoryLine,
                "there is no category “\(category)”",
                remedy: "use one of \(groups.map(\.category).sorted().joined(separator: ", ")); "
                    + "a line “group \(category) other-ai” would add it")
        }
        let field = app.name.isEmpty ? "name" : app.vendor.isEmpty ? "vendor" : "source"
        return CatalogDraft.missing(field, of: text(app.id), at: place)
    }

    private static func missing(
        _ field: String, of id: String, at place: (file: String, line: Int)
    ) -> CatalogError {
        CatalogError(
            file: place.file, line: place.line, "“\(id)” is new and has no “\(field)”",
            remedy: "write “\(field) …” below it, or correct the id if you meant a known one")
    }

    /// Every agent, sorted by id.
    func finishedAgents() throws(CatalogError) -> [KnownAgent] {
        var marksOfAgents = [[AgentMark]](repeating: [], count: agents.count)
        for draft in marks { marksOfAgents[draft.agent].append(draft.mark) }
        let order = agents.indices.map { (id: text(agents[$0].id), agent: $0) }
            .sorted { $0.id < $1.id }
        var finished: [KnownAgent] = []
        finished.reserveCapacity(agents.count)
        for (id, agent) in order {
            let draft = agents[agent]
            let place = (file: paths[Int(draft.id.file)], line: draft.line)
            guard !draft.name.isEmpty else { throw CatalogDraft.missing("name", of: id, at: place) }
            guard !draft.vendor.isEmpty else {
                throw CatalogDraft.missing("vendor", of: id, at: place)
            }
            guard let kind = draft.kind else {
                throw CatalogDraft.missing("kind", of: id, at: place)
            }
            finished.append(
                KnownAgent(
                    id: id, name: text(draft.name), vendor: text(draft.vendor), kind: kind,
                    checked: draft.checked.isEmpty ? nil : text(draft.checked),
                    marks: marksOfAgents[agent].sorted { $0.isBefore($1) }))
        }
        return finished
    }
}
