/// The apps and agents Tyto knows, and how to tell them by names on the wire.
package struct Catalog: Sendable {
    /// Sorted by id.
    package let agents: [KnownAgent]
    let draft: CatalogDraft
    let entries: [Entry]
    private let lines: [Line]
    let domains: DomainIndex
    let endpoints: EndpointIndex
    let marks: AgentIndex
    let tokenIndex: TokenIndex
    let deviceIndex: DeviceIndex

    /// Of an app what every sighting of it says; the rest is read from the files when it is asked
    /// for.
    struct Entry: Sendable {
        var id: String
        var name: String
        var group: String
    }
    /// Of a domain what every sighting of it says.
    private struct Line: Sendable {
        var app: Int
        var role: AppDomain.Role
        var strength: AppDomain.Strength
        var isShared: Bool
        /// Text and match: `api.openai.com exact`.
        var entry: String
        var source: String
    }

    init(_ draft: CatalogDraft) throws(CatalogError) {
        let groups = try draft.groupsOfApps()
        self.draft = draft
        agents = try draft.finishedAgents()
        marks = AgentIndex(agents)
        entries = draft.apps.indices.map { app in
            Entry(
                id: draft.text(draft.apps[app].id), name: draft.text(draft.apps[app].name),
                group: groups[app])
        }
        var domains = DomainIndex()
        var lines: [Line] = []
        lines.reserveCapacity(draft.domains.count)
        var entry: [UInt8] = []
        for domain in draft.domains {
            let text = draft.texts[Int(domain.text.file)][domain.text.place]
            domains.add(text, domain.hash, domain.match)
            entry.removeAll(keepingCapacity: true)
            entry += text
            entry.append(UInt8(ascii: " "))
            entry += domain.match.rawValue.utf8
            lines.append(
                Line(
                    app: domain.app, role: domain.role, strength: domain.strength,
                    isShared: domain.isShared, entry: String(decoding: entry, as: UTF8.self),
                    source: draft.text(domain.source)))
        }
        self.domains = domains
        self.lines = lines
        endpoints = EndpointIndex(draft)
        tokenIndex = draft.indexOfTokens()
        deviceIndex = draft.indexOfDevices()
    }

    // MARK: - Loading

    /// Reads the `*.catalog` files of `directory`, then those that `additional` names, which are
    /// files or directories of files; a later one adds to the earlier ones and overrides them.
    package static func load(
        directory: String, additional: [String]
    ) throws(CatalogError) -> Catalog {
        try load(files: [directory] + additional)
    }

    private static func load(files paths: [String]) throws(CatalogError) -> Catalog {
        var draft = CatalogDraft()
        for path in paths {
            for file in try CatalogFiles.list(path) { draft.add(try CatalogFiles.read(file)) }
        }
        return try Catalog(draft)
    }

    /// The catalog that came with this program, and the user's own files on top.
    package static func loadShipped(additional: [String]) throws(CatalogError) -> Catalog {
        try load(files: try shippedFiles() + additional)
    }

    /// What there is to read without files of anybody's own: one directory.
    package static func shippedFiles() throws(CatalogError) -> [String] {
        if let directory = shippedDirectory() { return [directory] }
        throw CatalogError(
            file: CatalogFiles.shippedPlaces().joined(separator: ", "),
            "the catalog of AI apps is in none of these directories",
            remedy: "install it with the program or name its directory")
    }

    /// The administrator's own folder, as what `additional` may name; nothing where it is not there
    /// or holds no catalog file, which is no mistake: nobody need have one.
    package static func ownFolder(_ path: String) -> [String] {
        CatalogFiles.hasFiles(path) ? [path] : []
    }

    /// Where the shipped data files lie: beside the program or in `/usr/share/tyto/catalog`; nil if
    /// in neither place.
    package static func shippedDirectory() -> String? {
        CatalogFiles.shippedPlaces().first(where: CatalogFiles.isDirectory)
    }

    // MARK: - Looking up

    /// Every app with all that is known of it, sorted by id.
    package var apps: [App] {
        var domains = [[AppDomain]](repeating: [], count: entries.count)
        for domain in draft.domains { domains[domain.app].append(whole(domain)) }
        var endpoints = [[AppEndpoint]](repeating: [], count: entries.count)
        for endpoint in draft.endpoints { endpoints[endpoint.app].append(whole(endpoint)) }
        return entries.indices.map { app in
            whole(app, domains[app].sorted { $0.isBefore($1) }, endpoints[app])
        }.sorted { $0.id < $1.id }
    }

    /// The app with this id.
    package func app(id: String) -> App? {
        place(ofApp: id).map { app in
            whole(
                app,
                draft.domains.filter { $0.app == app }.map(whole).sorted { $0.isBefore($1) },
                draft.endpoints.filter { $0.app == app }.map(whole))
        }
    }

    /// Who makes the app with this id, and where.
    package func maker(ofApp id: String) -> (vendor: String, country: String?)? {
        place(ofApp: id).map { app in
            let (vendor, country) = (draft.apps[app].vendor, draft.apps[app].country)
            return (draft.text(vendor), country.isEmpty ? nil : draft.text(country))
        }
    }

    private func place(ofApp id: String) -> Int? {
        draft.appsByID.first(TextIndex.hash(id.utf8.span)) { entries[$0].id == id }
    }

    private func whole(
        _ app: Int, _ domains: [AppDomain], _ endpoints: [AppEndpoint]
    ) -> App {
        let draft = self.draft.apps[app]
        return App(
            id: entries[app].id, name: entries[app].name, vendor: self.draft.text(draft.vendor),
            country: draft.country.isEmpty ? nil : self.draft.text(draft.country),
            category: self.draft.text(draft.category), group: entries[app].group,
            source: self.draft.text(draft.source),
            checked: draft.checked.isEmpty ? nil : self.draft.text(draft.checked), domains: domains,
            endpoints: endpoints.sorted { ($0.host, $0.path) < ($1.host, $1.path) })
    }

    private func whole(_ domain: CatalogDraft.DomainDraft) -> AppDomain {
        AppDomain(
            text: draft.text(domain.text), match: domain.match, role: domain.role,
            strength: domain.strength, isShared: domain.isShared,
            source: draft.text(domain.source),
            checked: domain.checked.isEmpty ? nil : draft.text(domain.checked))
    }

    private func whole(_ endpoint: CatalogDraft.EndpointDraft) -> AppEndpoint {
        let file = endpoint.host.file
        return AppEndpoint(
            host: draft.text(endpoint.host), match: endpoint.match,
            path: draft.text(endpoint.path, of: file), role: endpoint.role,
            strength: endpoint.strength, source: draft.text(endpoint.source, of: file),
            checked: endpoint.checked.isEmpty ? nil : draft.text(endpoint.checked, of: file))
    }

    /// The agent with this id.
    package func agent(id: String) -> KnownAgent? {
        var (low, high) = (0, agents.count)
        while low < high {
            let middle = (low + high) / 2
            if agents[middle].id < id { low = middle + 1 } else { high = middle }
        }
        return low < agents.count && agents[low].id == id ? agents[low] : nil
    }

    /// Whether a line of the catalog matches the name, whatever it says of it.
    package func hasApp(forName name: String) -> Bool {
        let bytes = name.utf8.span
        guard let length = HostName.length(of: bytes) else { return false }
        return domains.match(for: bytes, length: length) != nil
    }

    /// The app that a host name belongs to, seen as `clue` says; nil for names of no app, for
    /// addresses and for hosts that serve too much else to tell anything.
    package func app(forName name: String, clue: Clue) -> AppSighting? {
        let bytes = name.utf8.span
        guard let length = HostName.length(of: bytes),
            let place = domains.match(for: bytes, length: length)
        else { return nil }
        let line = lines[place]
        guard
            let strength = Catalog.strength(
                of: line.strength, line.role, isShared: line.isShared, clue: clue)
        else { return nil }
        let app = entries[line.app]
        return AppSighting(
            app: app.id, name: app.name, category: line.role == .mcp ? "mcp" : app.group,
            domain: HostName.text(name, length: length), role: line.role.rawValue, clue: clue,
            strength: strength, matched: line.entry, source: line.source)
    }

    /// Whether a line of the catalog names a path of this host.
    package func hasEndpoint(atHost name: String) -> Bool {
        let bytes = name.utf8.span
        guard let length = HostName.length(of: bytes) else { return false }
        return endpoints.hasHost(bytes, length: length)
    }

    /// The app that a path of a host belongs to, where both were seen; nil for paths of no app, and
    /// for hosts of which the catalog knows no path. `path` is without its query.
    ///
    /// The sighting's domain is the host as seen, and the path as the catalog has it: what else
    /// stands in a path may be somebody's.
    package func app(forHost name: String, path: String) -> AppSighting? {
        let bytes = name.utf8.span
        guard let length = HostName.length(of: bytes),
            let place = endpoints.match(for: bytes, length: length, path: path)
        else { return nil }
        let line = draft.endpoints[place]
        let strength = Catalog.strength(
            of: line.strength, line.role, isShared: false, clue: .httpPath)
        guard let strength else { return nil }
        let (app, file) = (entries[line.app], line.host.file)
        let shown = draft.text(line.path, of: file)
        return AppSighting(
            app: app.id, name: app.name, category: line.role == .mcp ? "mcp" : app.group,
            domain: HostName.text(name, length: length) + shown, role: line.role.rawValue,
            clue: .httpPath, strength: strength,
            matched: "\(draft.text(line.host))\(shown) \(line.match.rawValue)",
            source: draft.text(line.source, of: file))
    }

    /// As the two above, for the domain of a sighting: a name, or a name and a path.
    package func app(forDomain domain: String, clue: Clue) -> AppSighting? {
        guard clue == .httpPath else { return app(forName: domain, clue: clue) }
        let host = domain.utf8.prefix { $0 != UInt8(ascii: "/") }
        return app(
            forHost: String(Substring(host)), path: String(domain.dropFirst(host.count)))
    }

    /// What a domain and the way it was seen say together; nil for nothing.
    static func strength(
        of domain: AppDomain.Strength, _ role: AppDomain.Role, isShared: Bool, clue: Clue
    ) -> Strength? {
        switch domain {
        case .ignore: return nil
        // Everyone meets such a host, whether or not they use the app.
        case .weak where isShared: return nil
        case .weak: return .hint
        case .strong where !role.isUse: return .hint
        case .strong: break
        }
        switch clue {
        // A name that may be an outer one is as good here: browsers put ECH's grease beside the
        // true name, and what real ECH hides behind is a provider's own name, which no app has.
        case .tlsSNI, .tlsOuterSNI, .quicSNI, .quicOuterSNI, .httpConnect, .socksRequest,
            .httpHost, .httpPath:
            return .strong
        // The address was met, but another name may share both it and the domain's host.
        case .dnsAnswer, .tlsCertificate: return isShared ? .hint : .strong
        default: return .hint
        }
    }

    /// The agent, model SDK or client a User-Agent names; nil for browsers and plain HTTP
    /// libraries.
    package func agent(forUserAgent userAgent: String) -> AgentSighting? {
        let field = UserAgent(userAgent)
        guard let hit = marks.match(field) else { return nil }
        let agent = agents[hit.agent]
        var product = (name: agent.name, version: String?.none)
        if let word = hit.word, word < field.words.count { product = field.product(at: word) }
        return AgentSighting(
            name: product.name, version: product.version, userAgent: userAgent,
            signature: agent.id)
    }

    /// The agent that calls itself `name` in the clientInfo of an MCP initialize.
    package func agent(forMCPClient name: String) -> KnownAgent? {
        marks.match(client: name).map { agents[$0] }
    }

    /// What sends hellos with this fingerprint; an agent only where no stack is known to.
    package func fingerprint(_ kind: Fingerprint.Kind, _ value: String) -> Fingerprint? {
        draft.fingerprints.first(kind, value, in: draft.texts)
    }

    /// Every fingerprint of the files, also those that are switched off.
    package var fingerprints: [Fingerprint] { draft.fingerprints.all(in: draft.texts) }

    /// The product a User-Agent begins with, whether the catalog knows it or not: `aider` and
    /// `0.86.2` of `aider/0.86.2`. Nil for browsers, which all begin with Mozilla, and where there
    /// is none.
    package static func product(
        ofUserAgent userAgent: String
    ) -> (name: String, version: String?)? {
        let field = UserAgent(userAgent)
        guard !field.words.isEmpty else { return nil }
        let product = field.product(at: 0)
        return product.name.hasPrefix("Mozilla") ? nil : product
    }
}
