/// What only all files together can show: which entries are whole.
extension CatalogDraft {
    /// The group of each app, or the first mistake.
    func groupsOfApps() throws(CatalogError) -> [String] {
        var found: [String] = []
        found.reserveCapacity(apps.count)
        for app in apps {
            let group = group(of: app.category)
            guard let group, !app.name.isEmpty, !app.vendor.isEmpty, !app.source.isEmpty else {
                throw mistakes().first ?? missing("category", of: app)
            }
            found.append(group)
        }
        return found
    }

    /// Every agent, sorted by id, or the first mistake.
    func finishedAgents() throws(CatalogError) -> [KnownAgent] {
        var marksOfAgents = [[AgentMark]](repeating: [], count: agents.count)
        for draft in marks { marksOfAgents[draft.agent].append(draft.mark) }
        var finished: [KnownAgent] = []
        finished.reserveCapacity(agents.count)
        for (number, draft) in agents.enumerated() {
            guard let kind = draft.kind, !draft.name.isEmpty, !draft.vendor.isEmpty else {
                throw mistakes().first ?? missing("kind", of: draft)
            }
            finished.append(
                KnownAgent(
                    id: text(draft.id), name: text(draft.name), vendor: text(draft.vendor),
                    kind: kind, checked: draft.checked.isEmpty ? nil : text(draft.checked),
                    marks: marksOfAgents[number].sorted { $0.isBefore($1) }))
        }
        return finished.sorted { $0.id < $1.id }
    }

    /// Every entry that is not whole, by file and line; a field whose line was wrong is not called
    /// missing as well.
    func mistakes() -> [CatalogError] {
        var found: [(file: Int32, error: CatalogError)] = []
        for app in apps {
            for (keyword, value) in [
                (CatalogKeyword.name, app.name), (.vendor, app.vendor), (.category, app.category),
                (.source, app.source),
            ] where value.isEmpty && !app.failed.contains(keyword) {
                found.append((app.id.file, missing(keyword.rawValue, of: app)))
            }
            if !app.category.isEmpty, group(of: app.category) == nil {
                found.append((app.category.file, unknownCategory(of: app)))
            }
        }
        for agent in agents {
            for (keyword, isGiven) in [
                (CatalogKeyword.name, !agent.name.isEmpty), (.vendor, !agent.vendor.isEmpty),
                (.kind, agent.kind != nil),
            ] where !isGiven && !agent.failed.contains(keyword) {
                found.append((agent.id.file, missing(keyword.rawValue, of: agent)))
            }
        }
        return found.sorted { ($0.file, $0.error.line) < ($1.file, $1.error.line) }.map(\.error)
    }

    private func unknownCategory(of app: AppDraft) -> CatalogError {
        let category = text(app.category)
        return CatalogError(
            file: paths[Int(app.category.file)], line: app.categoryLine,
            "there is no category “\(category)”",
            remedy: "use one of \(categories.joined(separator: ", ")); "
                + "a line “group \(category) other-ai” would add it")
    }

    private func missing(_ field: String, of app: AppDraft) -> CatalogError {
        missing(field, of: text(app.id), at: origin(app.id.file, app.line))
    }

    private func missing(_ field: String, of agent: AgentDraft) -> CatalogError {
        missing(field, of: text(agent.id), at: origin(agent.id.file, agent.line))
    }

    private func missing(
        _ field: String, of id: String, at place: CatalogOrigin
    ) -> CatalogError {
        CatalogError(
            file: place.file, line: place.line, "“\(id)” is new and has no “\(field)”",
            remedy: "write “\(field) …” below it, or correct the id if you meant a known one")
    }
}
