/// What the files read so far come to: later ones add to earlier ones and override them.
struct CatalogDraft {
    /// A merged app, and where to point if something is missing.
    private struct AppDraft {
        var entry: CatalogFile.AppEntry
        var file: String
        var categoryFile: String
        var domains: [AppDomain.Key: AppDomain] = [:]
    }
    private struct AgentDraft {
        var entry: CatalogFile.AgentEntry
        var file: String
        var marks: [AgentMark.Key: AgentMark] = [:]
    }
    private var apps: [String: AppDraft] = [:]
    private var agents: [String: AgentDraft] = [:]
    private var groups: [String: String] = [:]
    /// The app or agent that has each domain or mark: the one that was given it last.
    private var domainOwners: [AppDomain.Key: String] = [:]
    private var markOwners: [AgentMark.Key: String] = [:]

    mutating func add(_ file: CatalogFile) {
        for entry in file.groups { groups[entry.category] = entry.group }
        for entry in file.apps { add(entry, from: file.path) }
        for entry in file.agents { add(entry, from: file.path) }
    }

    private mutating func add(_ entry: CatalogFile.AppEntry, from file: String) {
        let id = entry.id.text
        var draft = apps[id] ?? AppDraft(entry: entry, file: file, categoryFile: file)
        draft.entry.name = entry.name ?? draft.entry.name
        draft.entry.vendor = entry.vendor ?? draft.entry.vendor
        draft.entry.country = entry.country ?? draft.entry.country
        draft.entry.source = entry.source ?? draft.entry.source
        draft.entry.checked = entry.checked ?? draft.entry.checked
        if let category = entry.category {
            draft.entry.category = category
            draft.categoryFile = file
        }
        for (domain, _) in entry.domains {
            if let owner = domainOwners.updateValue(id, forKey: domain.key), owner != id {
                apps[owner]?.domains[domain.key] = nil
            }
            draft.domains[domain.key] = domain
        }
        apps[id] = draft
    }

    private mutating func add(_ entry: CatalogFile.AgentEntry, from file: String) {
        let id = entry.id.text
        var draft = agents[id] ?? AgentDraft(entry: entry, file: file)
        draft.entry.name = entry.name ?? draft.entry.name
        draft.entry.vendor = entry.vendor ?? draft.entry.vendor
        draft.entry.kind = entry.kind ?? draft.entry.kind
        draft.entry.checked = entry.checked ?? draft.entry.checked
        for (mark, _) in entry.marks {
            if let owner = markOwners.updateValue(id, forKey: mark.key), owner != id {
                agents[owner]?.marks[mark.key] = nil
            }
            draft.marks[mark.key] = mark
        }
        agents[id] = draft
    }

    // MARK: - What it comes to

    /// Every app, sorted by id.
    func finishedApps() throws(CatalogError) -> [App] {
        var finished: [App] = []
        finished.reserveCapacity(apps.count)
        for (id, draft) in apps.sorted(by: { $0.key < $1.key }) {
            let entry = draft.entry
            let place = (file: draft.file, line: entry.id.line)
            let category = try CatalogDraft.required(entry.category, "category", of: id, at: place)
            guard let group = groups[category.text] else {
                throw CatalogError(
                    file: draft.categoryFile, line: category.line,
                    "there is no category “\(category.text)”",
                    remedy: "use one of \(groups.keys.sorted().joined(separator: ", ")); "
                        + "a line “group \(category.text) other-ai” would add it")
            }
            finished.append(
                App(
                    id: id, name: try CatalogDraft.required(entry.name, "name", of: id, at: place),
                    vendor: try CatalogDraft.required(entry.vendor, "vendor", of: id, at: place),
                    country: entry.country, category: category.text, group: group,
                    source: try CatalogDraft.required(entry.source, "source", of: id, at: place),
                    checked: entry.checked,
                    domains: draft.domains.sorted { $0.key < $1.key }.map(\.value)))
        }
        return finished
    }

    /// Every agent, sorted by id.
    func finishedAgents() throws(CatalogError) -> [KnownAgent] {
        var finished: [KnownAgent] = []
        finished.reserveCapacity(agents.count)
        for (id, draft) in agents.sorted(by: { $0.key < $1.key }) {
            let entry = draft.entry
            let place = (file: draft.file, line: entry.id.line)
            finished.append(
                KnownAgent(
                    id: id, name: try CatalogDraft.required(entry.name, "name", of: id, at: place),
                    vendor: try CatalogDraft.required(entry.vendor, "vendor", of: id, at: place),
                    kind: try CatalogDraft.required(entry.kind, "kind", of: id, at: place),
                    checked: entry.checked,
                    marks: draft.marks.sorted { $0.key < $1.key }.map(\.value)))
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
