package import Wire

/// The apps and agents Tyto knows, and how to tell them by names on the wire.
package struct Catalog: Sendable {
    /// Sorted by id.
    package let apps: [App]
    /// Sorted by id.
    package let agents: [KnownAgent]
    private let domains: DomainIndex
    private let marks: AgentIndex

    init(_ draft: CatalogDraft) throws(CatalogError) {
        apps = try draft.finishedApps()
        agents = try draft.finishedAgents()
        var domains = DomainIndex()
        for app in apps.indices {
            for domain in apps[app].domains.indices {
                domains.add(
                    apps[app].domains[domain], at: DomainIndex.Place(app: app, domain: domain))
            }
        }
        self.domains = domains
        marks = AgentIndex(agents)
    }

    // MARK: - Loading

    /// Reads the `*.catalog` files of `directory`, then those that `additional` names, which are
    /// files or directories of files; a later one adds to the earlier ones and overrides them.
    package static func load(
        directory: String, additional: [String]
    ) throws(CatalogError) -> Catalog {
        var draft = CatalogDraft()
        for path in [directory] + additional {
            for file in try CatalogFiles.list(path) { draft.add(try CatalogFiles.read(file)) }
        }
        return try Catalog(draft)
    }

    /// The catalog that came with this program, and the user's own files on top.
    package static func loadShipped(additional: [String]) throws(CatalogError) -> Catalog {
        guard let directory = shippedDirectory() else {
            throw CatalogError(
                file: CatalogFiles.shippedPlaces().joined(separator: ", "),
                "the catalog of AI apps is in none of these directories",
                remedy: "install it with the program or name its directory")
        }
        return try load(directory: directory, additional: additional)
    }

    /// Where the shipped data files lie: beside the program or in `/usr/share/tyto/catalog`; nil if
    /// in neither place.
    package static func shippedDirectory() -> String? {
        CatalogFiles.shippedPlaces().first(where: CatalogFiles.isDirectory)
    }

    // MARK: - Looking up

    /// The app with this id.
    package func app(id: String) -> App? {
        let place = Catalog.place(in: apps.count) { apps[$0].id < id }
        return place < apps.count && apps[place].id == id ? apps[place] : nil
    }

    /// The agent with this id.
    package func agent(id: String) -> KnownAgent? {
        let place = Catalog.place(in: agents.count) { agents[$0].id < id }
        return place < agents.count && agents[place].id == id ? agents[place] : nil
    }

    /// The first of `count` places, which are in order, that is not before what is looked for.
    private static func place(in count: Int, isBefore: (Int) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(middle) { low = middle + 1 } else { high = middle }
        }
        return low
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
        let app = apps[place.app]
        let domain = app.domains[place.domain]
        guard let strength = Catalog.strength(of: domain, clue: clue) else { return nil }
        return AppSighting(
            app: app.id, name: app.name, category: domain.role == .mcp ? "mcp" : app.group,
            domain: HostName.text(name, length: length), role: domain.role.rawValue, clue: clue,
            strength: strength, matched: domain.entry, source: domain.source)
    }

    /// What a domain and the way it was seen say together; nil for nothing.
    static func strength(of domain: AppDomain, clue: Clue) -> Strength? {
        switch domain.strength {
        case .ignore: return nil
        // Everyone meets such a host, whether or not they use the app.
        case .weak where domain.isShared: return nil
        case .weak: return .hint
        case .strong where !domain.role.isUse: return .hint
        case .strong: break
        }
        switch clue {
        // An outer name is as good here: browsers put ECH's grease beside the true name, and a name
        // that real ECH hides behind is a provider's own, which no app of the catalog has.
        case .tlsSNI, .tlsOuterSNI, .httpConnect, .httpHost: return .strong
        // The address was met, but another name may share both it and the domain's host.
        case .dnsAnswer: return domain.isShared ? .hint : .strong
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

    // MARK: - Events

    /// The name a ClientHello shows, and the clue it is.
    package static func name(in hello: ClientHello) -> (name: String, clue: Clue)? {
        hello.serverName.map { ($0, hello.hasEncryptedHello ? .tlsOuterSNI : .tlsSNI) }
    }

    /// The host a request is for, and the clue it is.
    package static func name(in request: HTTPRequest) -> (name: String, clue: Clue)? {
        let isConnect = request.method == "CONNECT"
        guard let authority = isConnect ? request.target : request.host else { return nil }
        let host = HostName.host(ofAuthority: authority)
        // Mostly it is the whole field, which is then no new string.
        let name = host.utf8.count == authority.utf8.count ? authority : String(host)
        return (name, isConnect ? .httpConnect : .httpHost)
    }
}
