/// The names of an app: hosts, and paths of hosts that serve other things too.
extension CatalogFile {
    /// What a line such as `source` belongs to: the last domain or endpoint, if it is of the app of
    /// which the lines speak, or the app itself.
    private enum AppLine { case app, domain, endpoint }
    private var lastOfApp: AppLine {
        let app = apps.count - 1
        let domain = domains.last.flatMap { $0.app == app ? $0.line : nil } ?? 0
        let endpoint = endpoints.last.flatMap { $0.app == app ? $0.line : nil } ?? 0
        if domain == 0, endpoint == 0 { return .app }
        return domain > endpoint ? .domain : .endpoint
    }

    mutating func addSourceOfApp(_ value: Place) throws(CatalogError) {
        switch lastOfApp {
        case .app:
            apps[apps.count - 1].source = text.joined(apps[apps.count - 1].source, and: value)
        case .domain:
            let last = domains.count - 1
            domains[last].source = text.joined(domains[last].source, and: value)
        case .endpoint:
            let last = endpoints.count - 1
            endpoints[last].source = text.joined(endpoints[last].source, and: value)
        }
    }

    mutating func setCheckedOfApp(_ value: Place) throws(CatalogError) {
        switch lastOfApp {
        case .app:
            apps[apps.count - 1].checked = try place(apps[apps.count - 1].checked, .checked, value)
        case .domain:
            let last = domains.count - 1
            domains[last].checked = try place(domains[last].checked, .checked, value)
        case .endpoint:
            let last = endpoints.count - 1
            endpoints[last].checked = try place(endpoints[last].checked, .checked, value)
        }
    }

    /// The last domain, endpoint or mark is complete: it must have a source, unless it only
    /// switches off.
    func endMark() throws(CatalogError) {
        let (what, line): (String, Int)
        if subject == .agent {
            guard markOfAgent != nil, let last = marks.last, last.source.isEmpty else { return }
            (what, line) = ("“\(shown(last.text))”", last.line)
        } else {
            switch lastOfApp {
            case .app: return
            case .domain:
                let last = domains[domains.count - 1]
                guard last.source.isEmpty, last.strength != .ignore else { return }
                (what, line) = ("domain “\(text.text(last.text))”", last.line)
            case .endpoint:
                let last = endpoints[endpoints.count - 1]
                guard last.source.isEmpty, last.strength != .ignore else { return }
                (what, line) = (
                    "endpoint “\(text.text(last.host))\(text.text(last.path))”", last.line
                )
            }
        }
        throw error(
            "\(what) has no source", at: line, "write below it “source …”: where it is known from")
    }

    mutating func addDomain(_ value: Place) throws(CatalogError) {
        guard subject == .app else {
            throw error("“domain” stands outside an app", "put it below an “app” line")
        }
        let name = text.word(value)
        let way = text.word(name.upperBound..<value.upperBound)
        let use = text.word(way.upperBound..<value.upperBound)
        let weight = text.word(use.upperBound..<value.upperBound)
        let rest = text.trimmed(weight.upperBound..<value.upperBound)
        guard !weight.isEmpty, rest.isEmpty || text.holds("shared", at: rest) else {
            throw error(
                "a domain takes a name, how it matches, its role and its strength",
                "write, for example, “domain api.example.com exact api strong”; “shared” may follow"
            )
        }
        let match = try choice(way, AppDomain.Match.known, "way to match a domain")
        try checkName(name, match)
        let hash = text.hash(name)
        let domain = DomainEntry(
            text: name, match: match,
            role: try choice(use, AppDomain.Role.known, "role of a domain"),
            strength: try choice(weight, AppDomain.Strength.known, "strength of a domain"),
            isShared: !rest.isEmpty, hash: hash, line: line, app: apps.count - 1)
        let first = seen.domains.first(hash) {
            domains[$0].match == match && text.isSame(name, as: text, domains[$0].text)
        }
        if let first {
            throw error(
                "“\(text.text(name)) \(match.rawValue)” was already given on line "
                    + "\(domains[first].line)",
                "keep one of the two lines")
        }
        seen.domains.add(hash)
        domains.append(domain)
    }

    private func checkName(
        _ name: Place, _ match: AppDomain.Match
    ) throws(CatalogError) {
        if match == .pattern {
            guard let pattern = DomainPattern(text[name]), HostName.isOne(pattern.sample) else {
                throw error(
                    "“\(shown(name))” is no pattern",
                    "write it as in “api.{region}.example.com”, in lower case, "
                        + "with the last label fixed and no two wildcards side by side")
            }
            return
        }
        // No wildcard is in the name of a host, so most need only one look.
        if text.isHostName(name) { return }
        guard !name.contains(where: { [42, 123, 125].contains(text[$0]) }) else {
            throw error(
                "“\(shown(name))” has a wildcard but matches as \(match.rawValue)",
                "write “pattern” behind it, or name the domain without the wildcard")
        }
        throw error(
            "“\(shown(name))” is no domain",
            "write a name such as “api.example.com”, in lower case, without scheme, port or path")
    }

    /// A line such as `endpoint api.example.com exact /mcp mcp strong`.
    mutating func addEndpoint(_ value: Place) throws(CatalogError) {
        guard subject == .app else {
            throw error("“endpoint” stands outside an app", "put it below an “app” line")
        }
        let host = text.word(value)
        let way = text.word(host.upperBound..<value.upperBound)
        let path = text.word(way.upperBound..<value.upperBound)
        let use = text.word(path.upperBound..<value.upperBound)
        let weight = text.word(use.upperBound..<value.upperBound)
        guard !weight.isEmpty, text.trimmed(weight.upperBound..<value.upperBound).isEmpty else {
            throw error(
                "an endpoint takes a host, how it matches, a path, its role and its strength",
                "write, for example, “endpoint api.example.com exact /mcp mcp strong”")
        }
        let match = try choice(way, AppDomain.Match.known, "way to match a host")
        try checkName(host, match)
        guard PathPrefix.isOne(text[path]) else {
            throw error(
                "“\(shown(path))” is no path below the root",
                "write it as in “/mcp” or “/v1/{tenant}/mcp”, without a slash at its end and "
                    + "without query")
        }
        let hash = text.hash(host) ^ text.hash(path)
        let endpoint = EndpointEntry(
            host: host, match: match, path: path,
            role: try choice(use, AppDomain.Role.known, "role of an endpoint"),
            strength: try choice(weight, AppDomain.Strength.known, "strength of an endpoint"),
            hash: hash, line: line, app: apps.count - 1)
        let first = seen.endpoints.first(hash) {
            endpoints[$0].match == match && text.isSame(host, as: text, endpoints[$0].host)
                && text.isSame(path, as: text, endpoints[$0].path)
        }
        if let first {
            throw error(
                "this endpoint was already given on line \(endpoints[first].line)",
                "keep one of the two lines")
        }
        seen.endpoints.add(hash)
        endpoints.append(endpoint)
    }
}
