/// One line of what `tyto catalog list` prints: an entry, or one of the names it is known by.
package struct CatalogLine: Sendable, Hashable {
    package enum Kind: String, Sendable, CaseIterable {
        case app, domain, endpoint, agent, crawler, runtime, token, device, fingerprint
    }
    package var kind: Kind
    /// Of the entry; of a fingerprint its value.
    package var id: String
    package var name: String
    package var vendor: String
    /// The vendor's, ISO 3166-1 alpha-2; empty where it is not known.
    package var country = ""
    /// The category of an app, the kind of an agent or runtime, what a token opens, the scope of a
    /// fingerprint.
    package var category: String
    /// What it is known by: a domain, a host with its path, marks, shapes.
    package var value: String
    package var match = ""
    package var role = ""
    /// Of a domain or endpoint its strength, of a fingerprint its confidence.
    package var strength = ""
    package var isShared = false
    package var source: String
    package var checked: String
    package var origin: CatalogOrigin

    func isBefore(_ other: CatalogLine) -> Bool {
        (id, value, match) < (other.id, other.value, other.match)
    }
}

extension Catalog {
    /// Every line of a kind, sorted by id and value.
    package func lines(_ kind: CatalogLine.Kind) -> [CatalogLine] {
        let found: [CatalogLine] =
            switch kind {
            case .app: appLines()
            case .domain: draft.domains.map(line)
            case .endpoint: draft.endpoints.map(line)
            case .agent: agentLines { $0 != .crawler }
            case .crawler: agentLines { $0 == .crawler }
            case .runtime: runtimes.map(Catalog.line)
            case .token: tokens.map(Catalog.line)
            case .device: devices.map(Catalog.line)
            case .fingerprint: draft.fingerprints.lines.map(line)
            }
        return found.sorted { $0.isBefore($1) }
    }

    private func appLines() -> [CatalogLine] {
        var domains = [Int](repeating: 0, count: entries.count)
        var endpoints = domains
        for domain in draft.domains { domains[domain.app] += 1 }
        for endpoint in draft.endpoints { endpoints[endpoint.app] += 1 }
        return entries.indices.map { app in
            let parts = [(domains[app], "domain"), (endpoints[app], "endpoint")]
            var line = line(ofApp: app)
            line.value = parts.filter { $0.0 > 0 }.map {
                "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")"
            }.joined(separator: ", ")
            return line
        }
    }

    private func line(ofApp number: Int) -> CatalogLine {
        let app = draft.apps[number]
        return CatalogLine(
            kind: .app, id: entries[number].id, name: entries[number].name,
            vendor: draft.text(app.vendor), country: draft.text(app.country),
            category: draft.text(app.category), value: "", source: draft.text(app.source),
            checked: draft.text(app.checked), origin: draft.origin(app.id.file, app.line))
    }

    private func line(_ domain: CatalogDraft.DomainDraft) -> CatalogLine {
        var line = line(ofApp: domain.app)
        line.kind = .domain
        line.value = draft.text(domain.text)
        line.match = domain.match.rawValue
        line.role = domain.role.rawValue
        line.strength = domain.strength.rawValue
        line.isShared = domain.isShared
        line.source = draft.text(domain.source)
        line.checked = date(domain.checked, of: domain.app) ?? ""
        line.origin = draft.origin(domain.text.file, domain.line)
        return line
    }

    private func line(_ endpoint: CatalogDraft.EndpointDraft) -> CatalogLine {
        var line = line(ofApp: endpoint.app)
        let file = endpoint.host.file
        line.kind = .endpoint
        line.value = draft.text(endpoint.host) + draft.text(endpoint.path, of: file)
        line.match = endpoint.match.rawValue
        line.role = endpoint.role.rawValue
        line.strength = endpoint.strength.rawValue
        line.isShared = true
        line.source = draft.text(endpoint.source, of: file)
        let own = CatalogDraft.Value(file: file, place: endpoint.checked)
        line.checked = date(own, of: endpoint.app) ?? ""
        line.origin = draft.origin(file, endpoint.line)
        return line
    }

    private func agentLines(_ isWanted: (KnownAgent.Kind) -> Bool) -> [CatalogLine] {
        draft.agents.compactMap { agent in
            guard let known = self.agent(id: draft.text(agent.id)), isWanted(known.kind) else {
                return nil
            }
            // Each source once, in the order of the marks.
            let sources = known.marks.reduce(into: [String]()) {
                if !$0.contains($1.source) { $0.append($1.source) }
            }
            return CatalogLine(
                kind: known.kind == .crawler ? .crawler : .agent, id: known.id, name: known.name,
                vendor: known.vendor, category: known.kind.rawValue,
                value: known.marks.map { "\($0.signal.rawValue) \($0.match.rawValue) \($0.text)" }
                    .joined(separator: "; "), source: sources.joined(separator: " ; "),
                checked: known.checked ?? "", origin: draft.origin(agent.id.file, agent.line))
        }
    }

    private static func line(_ runtime: KnownRuntime) -> CatalogLine {
        let parts = runtime.ports.map { "port \($0)" } + runtime.paths + runtime.marks
        return CatalogLine(
            kind: .runtime, id: runtime.id, name: runtime.name, vendor: runtime.vendor,
            category: runtime.kind.rawValue, value: parts.joined(separator: "; "),
            source: runtime.source, checked: runtime.checked ?? "", origin: runtime.origin)
    }

    private static func line(_ token: KnownToken) -> CatalogLine {
        CatalogLine(
            kind: .token, id: token.id, name: token.name, vendor: token.vendor,
            category: token.reach.rawValue, value: token.shapes.joined(separator: " "),
            source: token.source, checked: token.checked ?? "", origin: token.origin)
    }

    private static func line(_ device: KnownDevice) -> CatalogLine {
        let parts =
            device.classes.map { "dhcp-class \($0.match.rawValue) \($0.text)" }
            + device.options.map { "dhcp-options \($0)" }
        return CatalogLine(
            kind: .device, id: device.id, name: device.name, vendor: device.vendor,
            category: device.kind.rawValue, value: parts.joined(separator: "; "),
            source: device.source, checked: device.checked ?? "", origin: device.origin)
    }

    private func line(_ line: FingerprintIndex.Line) -> CatalogLine {
        let known = draft.fingerprints.whole(line, in: draft.texts)
        return CatalogLine(
            kind: .fingerprint, id: known.value, name: known.name, vendor: "",
            category: known.scope.rawValue, value: known.version ?? "",
            match: known.kind.rawValue, strength: known.confidence.rawValue, source: known.source,
            checked: known.measured ?? known.checked ?? "",
            origin: draft.origin(line.file, line.entry.line))
    }

    // MARK: - Entries by id

    /// Everything that an id or a name of the catalog stands for.
    func explanation(ofEntry text: String) -> CatalogExplanation {
        let name = text.lowercased()
        let found = [CatalogLine.Kind.app, .agent, .crawler, .runtime, .token, .device]
            .flatMap(lines)
            .filter { $0.id == name || $0.name.lowercased() == name }
        let apps = Set(found.filter { $0.kind == .app }.map(\.id))
        let own = [CatalogLine.Kind.domain, .endpoint].flatMap(lines).filter {
            apps.contains($0.id)
        }
        let answer = found.map {
            "\($0.name) (\($0.id)) of \($0.vendor)\($0.country.isEmpty ? "" : ", \($0.country)"): "
                + "\($0.kind.rawValue), \($0.category)."
        }.joined(separator: " ")
        return CatalogExplanation(
            .entry, text, found.isEmpty ? "No entry has this id or name." : answer,
            (found.filter { $0.kind != .app } + own).map(Catalog.explained))
    }

    private static func explained(_ line: CatalogLine) -> CatalogExplanation.Line {
        let words = [
            line.kind.rawValue, line.value, line.match, line.role, line.strength,
        ].filter { !$0.isEmpty }
        return CatalogExplanation.Line(
            text: words.joined(separator: " "), entry: "\(line.name) (\(line.id))",
            origin: line.origin, source: line.source,
            checked: line.checked.isEmpty ? nil : line.checked, wins: false, reason: "")
    }
}
