package import Wire

/// What somebody decided on the status of an app, agent, server or tool: where it holds, why, who
/// answers for that, and until when.
package struct Verdict: Sendable, Equatable {
    package enum Subject: Sendable, Hashable {
        /// An id of the catalog.
        case app(String)
        /// A domain, and all below it.
        case domain(String)
        case agent(NamePattern)
        case mcpServer(Endpoint)
        /// Tools of a name, of one server or of any.
        case tool(NamePattern, server: Endpoint?)
        case modelServer(Endpoint)
    }
    /// Of servers and tools: where they stand. Of apps and agents: where they are used.
    package enum Scope: Sendable, Hashable {
        case everywhere
        case team(String)
        case mac(MACAddress)
        case address(IPAddress)
        case hostname(String)
    }
    package var subject: Subject
    package var scope: Scope
    package var status: Status
    package var reason: String?
    /// Who answers for the decision.
    package var owner: String?
    /// It holds for what is seen before.
    package var until: Timestamp?
    package var place: Organization.Place

    package init(
        subject: Subject, scope: Scope, status: Status, reason: String? = nil,
        owner: String? = nil, until: Timestamp? = nil, place: Organization.Place
    ) {
        self.subject = subject
        self.scope = scope
        self.status = status
        self.reason = reason
        self.owner = owner
        self.until = until
        self.place = place
    }
}

extension Verdict.Subject: CustomStringConvertible {
    package var description: String {
        switch self {
        case .app(let id): "app \(id)"
        case .domain(let domain): "domain \(domain)"
        case .agent(let pattern): "agent \(pattern)"
        case .mcpServer(let endpoint): "MCP server \(endpoint)"
        case .tool(let pattern, server: nil): "tool \(pattern)"
        case .tool(let pattern, server: let endpoint?): "tool \(pattern) of \(endpoint)"
        case .modelServer(let endpoint): "LLM endpoint \(endpoint)"
        }
    }

    /// How closely it names its subject, greatest first.
    fileprivate var closeness: Int {
        switch self {
        case .app: 1
        case .domain(let domain): 2 + domain.utf8.count
        case .agent(let pattern): (pattern.isExact ? 1 << 20 : 0) + pattern.literals
        case .mcpServer, .modelServer: 1
        case .tool(let pattern, let server):
            (server == nil ? 0 : 1 << 21) + (pattern.isExact ? 1 << 20 : 0) + pattern.literals
        }
    }
}

extension Verdict.Scope: CustomStringConvertible {
    package var description: String {
        switch self {
        case .everywhere: "everywhere"
        case .team(let team): "team \(team)"
        case .mac(let mac): "host \(mac)"
        case .address(let address): "host \(address)"
        case .hostname(let name): "host \(name)"
        }
    }

    fileprivate var width: Int {
        switch self {
        case .mac, .address, .hostname: 0
        case .team: 1
        case .everywhere: 2
        }
    }
}

/// All verdicts, by what they are about.
struct VerdictIndex {
    /// Where something stands or is used.
    struct Spot {
        var addresses: [IPAddress]
        var attribution: Attribution
        /// When it was last seen.
        var time: Timestamp
    }

    /// What verdicts come to.
    struct Ruling {
        /// Nil where all that spoke of it have run out.
        var status: Status?
        var reason: String

        /// What stands without verdicts, unless they say otherwise.
        func over(_ other: (Status, String)) -> (Status, String) {
            guard let status else { return (other.0, "\(other.1); \(reason)") }
            return (status, reason)
        }
    }

    private var exact: [Verdict.Subject: [Int]] = [:]
    /// Of agents and tools.
    private var patterns: [Int] = []
    private let verdicts: [Verdict]

    /// `canonical` gives the endpoint by which a machine's other addresses are called.
    init(_ verdicts: [Verdict], canonical: (Endpoint) -> Endpoint) {
        let verdicts = verdicts.map { verdict in
            var verdict = verdict
            switch verdict.subject {
            case .mcpServer(let endpoint): verdict.subject = .mcpServer(canonical(endpoint))
            case .modelServer(let endpoint): verdict.subject = .modelServer(canonical(endpoint))
            case .tool(let pattern, server: let server?):
                verdict.subject = .tool(pattern, server: canonical(server))
            default: break
            }
            return verdict
        }
        self.verdicts = verdicts
        for (place, verdict) in verdicts.enumerated() {
            switch verdict.subject {
            case .agent(let pattern) where !pattern.isExact: patterns.append(place)
            case .tool(let pattern, server: _) where !pattern.isExact: patterns.append(place)
            default: exact[verdict.subject, default: []].append(place)
            }
        }
    }

    var isEmpty: Bool { verdicts.isEmpty }

    func ofApp(_ app: String, _ domain: String, _ spot: Spot) -> Ruling? {
        guard !isEmpty else { return nil }
        var found = exact[.app(app)] ?? []
        var rest = domain[...]
        while true {
            found += exact[.domain(String(rest))] ?? []
            guard let dot = rest.firstIndex(of: ".") else { break }
            rest = rest[rest.index(after: dot)...]
        }
        return decided(found, spot)
    }

    func ofAgent(_ name: String, _ spot: Spot) -> Ruling? {
        guard !isEmpty else { return nil }
        let named = NamePattern(name).flatMap { exact[.agent($0)] } ?? []
        return decided(
            named
                + patterns.filter {
                    if case .agent(let pattern) = verdicts[$0].subject {
                        return pattern.matches(name)
                    }
                    return false
                }, spot)
    }

    func ofMCPServer(_ endpoint: Endpoint, _ spot: Spot) -> Ruling? {
        isEmpty ? nil : decided(exact[.mcpServer(endpoint)] ?? [], spot)
    }

    func ofModelServer(_ endpoint: Endpoint, _ spot: Spot) -> Ruling? {
        isEmpty ? nil : decided(exact[.modelServer(endpoint)] ?? [], spot)
    }

    func ofTool(_ name: String, of endpoint: Endpoint, _ spot: Spot) -> Ruling? {
        guard !isEmpty else { return nil }
        var found: [Int] = []
        if let pattern = NamePattern(name) {
            found += exact[.tool(pattern, server: nil)] ?? []
            found += exact[.tool(pattern, server: endpoint)] ?? []
        }
        found += patterns.filter {
            guard case .tool(let pattern, let server) = verdicts[$0].subject,
                server == nil || server == endpoint
            else { return false }
            return pattern.matches(name)
        }
        return decided(found, spot)
    }

    /// The narrower scope goes first, then the closer name, then what was said last. What has run
    /// out decides nothing, and is mentioned.
    private func decided(_ places: [Int], _ spot: Spot) -> Ruling? {
        let holding = places.filter { holds(verdicts[$0].scope, spot) }
        guard !holding.isEmpty else { return nil }
        let order = holding.sorted { left, right in
            let (one, other) = (verdicts[left], verdicts[right])
            if one.scope.width != other.scope.width { return one.scope.width < other.scope.width }
            if one.subject.closeness != other.subject.closeness {
                return one.subject.closeness > other.subject.closeness
            }
            return left > right
        }
        var ended: [String] = []
        for place in order {
            let verdict = verdicts[place]
            if let until = verdict.until, spot.time >= until {
                ended.append(
                    "\(verdict.status.rawValue) until \(VerdictIndex.day(until)) only "
                        + "(\(verdict.place))")
                continue
            }
            return Ruling(
                status: verdict.status,
                reason: ([VerdictIndex.sentence(verdict)] + ended).joined(separator: "; "))
        }
        return Ruling(status: nil, reason: ended.joined(separator: "; "))
    }

    private func holds(_ scope: Verdict.Scope, _ spot: Spot) -> Bool {
        switch scope {
        case .everywhere: true
        case .team(let team): spot.attribution.team == team
        case .mac(let mac): spot.attribution.mac == mac
        case .address(let address): spot.addresses.contains(address)
        case .hostname(let name):
            spot.attribution.hostname.map { Identity.isSameName($0, name) } ?? false
        }
    }

    private static func sentence(_ verdict: Verdict) -> String {
        var text = "\(verdict.subject) is \(verdict.status.rawValue) \(scope(verdict.scope))"
        if let until = verdict.until { text += " until \(day(until))" }
        text += " (\(verdict.place))"
        if let owner = verdict.owner { text += ", by \(owner)" }
        if let reason = verdict.reason { text += ": \(reason)" }
        return text
    }

    private static func scope(_ scope: Verdict.Scope) -> String {
        scope == .everywhere ? "everywhere" : "for \(scope)"
    }

    /// A day, where the time is one's beginning: what was written.
    static func day(_ time: Timestamp) -> String {
        let text = time.rfc3339
        return text.hasSuffix("T00:00:00.000000Z") || text.hasSuffix("T00:00:00Z")
            ? String(text.prefix(10)) : text
    }
}
