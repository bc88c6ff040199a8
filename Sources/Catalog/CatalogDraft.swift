/// What the files read so far come to: later ones add to earlier ones and override them.
struct CatalogDraft {
    /// A merged app, and where to point if something is missing.
    private struct AppDraft {
        var entry: CatalogFile.AppEntry
        var file: String
        var categoryFile: String
    }
    private struct AgentDraft {
        var entry: CatalogFile.AgentEntry
        var file: String
    }
    /// A mark, and the agent that was given it last.
    private struct MarkDraft {
        var mark: AgentMark
        var agent: Int
    }
    /// A domain, and the app that was given it last.
    private struct DomainDraft {
        var domain: AppDomain
        var app: Int
    }
    private var apps: [AppDraft] = []
    private var appsByID = TextIndex()
    private var domains: [DomainDraft] = []
    private var domainsByText = TextIndex()
    private var agents: [AgentDraft] = []
    private var agentsByID = TextIndex()
    private var marks: [MarkDraft] = []
    private var marksByText = TextIndex()
    private var groups: [String: String] = [:]

    mutating func add(_ file: CatalogFile) {
        for entry in file.groups { groups[entry.category] = entry.group }
        // Where each app of the file stands among all.
        let apps = file.apps.map { add($0, from: file.path) }
        for entry in file.domains { add(entry, to: apps[entry.app]) }
        let agents = file.agents.map { add($0, from: file.path) }
        for entry in file.marks { add(entry, to: agents[entry.agent]) }
    }

    private mutating func add(_ entry: CatalogFile.AppEntry, from file: String) -> Int {
        let known = appsByID.first(entry.hash) { apps[$0].entry.id.text == entry.id.text }
        guard let known else {
            appsByID.add(entry.hash)
            apps.append(AppDraft(entry: entry, file: file, categoryFile: file))
            return apps.count - 1
        }
        if let name = entry.name { apps[known].entry.name = name }
        if let vendor = entry.vendor { apps[known].entry.vendor = vendor }
        if let country = entry.country { apps[known].entry.country = country }
        if let source = entry.source { apps[known].entry.source = source }
        if let checked = entry.checked { apps[known].entry.checked = checked }
        if let category = entry.category {
            apps[known].entry.category = category
            apps[known].categoryFile = file
        }
        return known
    }

    private mutating func add(_ entry: CatalogFile.DomainEntry, to app: Int) {
        let draft = DomainDraft(domain: entry.domain, app: app)
        let known = domainsByText.first(entry.hash) { domains[$0].domain.isSame(as: entry.domain) }
        if let known {
            domains[known] = draft
        } else {
            domainsByText.add(entry.hash)
            domains.append(draft)
        }
    }

    private mutating func add(_ entry: CatalogFile.AgentEntry, from file: String) -> Int {
        let known = agentsByID.first(entry.hash) { agents[$0].entry.id.text == entry.id.text }
        guard let known else {
            agentsByID.add(entry.hash)
            agents.append(AgentDraft(entry: entry, file: file))
            return agents.count - 1
        }
        if let name = entry.name { agents[known].entry.name = name }
        if let vendor = entry.vendor { agents[known].entry.vendor = vendor }
        if let kind = entry.kind { agents[known].entry.kind = kind }
        if let checked = entry.checked { agents[known].entry.checked = checked }
        return known
    }

    private mutating func add(_ entry: CatalogFile.MarkEntry, to agent: Int) {
        let draft = MarkDraft(mark: entry.mark, agent: agent)
        let known = marksByText.first(entry.hash) { marks[$0].mark.key == entry.mark.key }
        if let known {
            marks[known] = draft
        } else {
            marksByText.add(entry.hash)
            marks.append(draft)
        }
    }

    // MARK: - What it comes to

    /// Every app, sorted by id.
    func finishedApps() throws(CatalogError) -> [App] {
        // Places of domains, so that a domain, which is three texts, is copied once.
        var places = [[Int32]](repeating: [], count: apps.count)
        for place in domains.indices {
            places[domains[place].app].append(Int32(truncatingIfNeeded: place))
        }
        let order = apps.indices.map { (id: apps[$0].entry.id.text, app: $0) }
            .sorted { $0.id < $1.id }
        var finished: [App] = []
        finished.reserveCapacity(apps.count)
        for (id, app) in order {
            let entry = apps[app].entry
            let place = (file: apps[app].file, line: entry.id.line)
            let category = try CatalogDraft.required(entry.category, "category", of: id, at: place)
            guard let group = groups[category.text] else {
                throw CatalogError(
                    file: apps[app].categoryFile, line: category.line,
                    "there is no category “\(category.text)”",
                    remedy: "use one of \(groups.keys.sorted().joined(separator: ", ")); "
                        + "a line “group \(category.text) other-ai” would add it")
            }
            if places[app].count > 1 {
                places[app].sort { domains[Int($0)].domain.isBefore(domains[Int($1)].domain) }
            }
            finished.append(
                App(
                    id: id, name: try CatalogDraft.required(entry.name, "name", of: id, at: place),
                    vendor: try CatalogDraft.required(entry.vendor, "vendor", of: id, at: place),
                    country: entry.country, category: category.text, group: group,
                    source: try CatalogDraft.required(entry.source, "source", of: id, at: place),
                    checked: entry.checked, domains: places[app].map { domains[Int($0)].domain }))
        }
        return finished
    }

    /// Every agent, sorted by id.
    func finishedAgents() throws(CatalogError) -> [KnownAgent] {
        var marksOfAgents = [[AgentMark]](repeating: [], count: agents.count)
        for draft in marks { marksOfAgents[draft.agent].append(draft.mark) }
        let order = agents.indices.map { (id: agents[$0].entry.id.text, agent: $0) }
            .sorted { $0.id < $1.id }
        var finished: [KnownAgent] = []
        finished.reserveCapacity(agents.count)
        for (id, agent) in order {
            let entry = agents[agent].entry
            let place = (file: agents[agent].file, line: entry.id.line)
            finished.append(
                KnownAgent(
                    id: id, name: try CatalogDraft.required(entry.name, "name", of: id, at: place),
                    vendor: try CatalogDraft.required(entry.vendor, "vendor", of: id, at: place),
                    kind: try CatalogDraft.required(entry.kind, "kind", of: id, at: place),
                    checked: entry.checked,
                    marks: marksOfAgents[agent].sorted { $0.key < $1.key }))
        }
        return finished
    }

    private static func required<Value>(
        _ value: Value?, _ field: String, of id: String, at place: (file: String, line: Int)
    ) throws(CatalogError) -> Value {
        if let value { return value }
        throw CatalogError(
            file: place.file, line: place.line, "“\(id)” is new and has no “\(field)”",
            remedy: "write “\(field) …” below it, or correct the id if you meant a known one")
    }
}
