/// Hosts and URLs explained.
extension Catalog {
    func explanation(ofHost text: String) -> CatalogExplanation {
        let bytes = text.utf8.span
        guard let length = HostName.length(of: bytes) else {
            return CatalogExplanation(
                .host, text, "This is no host name: addresses and other bytes match nothing.", [])
        }
        let places = domains.all(for: bytes, length: length)
        var lines = replacedLines(of: places)
        guard let first = places.first else {
            var answer = "No line of the catalog matches this name."
            if endpoints.hasHost(bytes, length: length) {
                answer += " Paths of it are known: give the URL with its path."
            }
            return CatalogExplanation(.host, text, answer, lines)
        }
        let winner = draft.domains[first]
        lines =
            places.map {
                explained(
                    draft.domains[$0], wins: $0 == first,
                    $0 == first ? "the longest that matches" : lost(draft.domains[$0], to: winner))
            } + lines
        let app = entries[winner.app]
        var answer =
            winner.strength == .ignore
            ? "Switched off: what this line wins is reported as nothing."
            : "\(app.name) (\(app.id)), category \(winner.role == .mcp ? "mcp" : app.group)."
        if endpoints.hasHost(bytes, length: length) {
            answer += " Paths of this host are other apps': give the URL with its path."
        }
        var explanation = CatalogExplanation(.host, text, answer, lines)
        explanation.contacts = Catalog.contacts(with: winner)
        return explanation
    }

    /// Lines of former files in whose place these stand.
    private func replacedLines(of places: [Int]) -> [CatalogExplanation.Line] {
        draft.replacedDomains.filter { places.contains($0.by) }.map {
            let now = draft.domains[$0.by]
            return explained(
                $0.former, wins: false,
                "replaced by \(draft.origin(now.text.file, now.line)), which was read later")
        }
    }

    private func lost(
        _ line: CatalogDraft.DomainDraft, to winner: CatalogDraft.DomainDraft
    ) -> String {
        let (own, best) = (draft.text(line.text), draft.text(winner.text))
        let labels = own.split(separator: ".").count
        if line.match == .pattern, winner.match == .pattern {
            return "leaves more open than “\(best)”"
        }
        if line.match != .suffix || own == best {
            return "\(line.match.rawValue) goes behind \(winner.match.rawValue) at the same length"
        }
        return "shorter: \(labels) label\(labels == 1 ? "" : "s") of the name"
    }

    func explained(
        _ line: CatalogDraft.DomainDraft, wins: Bool, _ reason: String
    ) -> CatalogExplanation.Line {
        let app = entries[line.app]
        let words =
            ["domain", draft.text(line.text), line.match.rawValue, line.role.rawValue]
            + [line.strength.rawValue] + (line.isShared ? ["shared"] : [])
        return CatalogExplanation.Line(
            text: words.joined(separator: " "), entry: "\(app.name) (\(app.id))",
            origin: draft.origin(line.text.file, line.line), source: draft.text(line.source),
            checked: date(line.checked, of: line.app), wins: wins, reason: reason)
    }

    func explained(
        _ line: CatalogDraft.EndpointDraft, wins: Bool, _ reason: String
    ) -> CatalogExplanation.Line {
        let (app, file) = (entries[line.app], line.host.file)
        let words = [
            "endpoint", draft.text(line.host), line.match.rawValue, draft.text(line.path, of: file),
            line.role.rawValue, line.strength.rawValue,
        ]
        return CatalogExplanation.Line(
            text: words.joined(separator: " "), entry: "\(app.name) (\(app.id))",
            origin: draft.origin(file, line.line), source: draft.text(line.source, of: file),
            checked: date(CatalogDraft.Value(file: file, place: line.checked), of: line.app),
            wins: wins, reason: reason)
    }

    /// The month of a line, or else of its app.
    func date(_ own: CatalogDraft.Value, of app: Int) -> String? {
        let value = own.isEmpty ? draft.apps[app].checked : own
        return value.isEmpty ? nil : draft.text(value)
    }

    // MARK: - How much a contact says

    private static func contacts(
        with line: CatalogDraft.DomainDraft
    ) -> [CatalogExplanation.Contact] {
        let ways: [(seen: String, clue: Clue)] = [
            ("name in a TLS or QUIC hello, CONNECT, SOCKS or Host", .tlsSNI),
            ("address met after its DNS answer, or certificate", .dnsAnswer),
            ("DNS question only", .dnsQuery),
        ]
        return ways.map { way in
            let strength = strength(
                of: line.strength, line.role, isShared: line.isShared, clue: way.clue)
            return CatalogExplanation.Contact(seen: way.seen, says: strength?.name ?? "nothing")
        }
    }

    // MARK: - URLs

    func explanation(ofURL text: String) -> CatalogExplanation {
        guard let (host, path) = Catalog.url(text) else {
            return CatalogExplanation(.url, text, "This is no URL with a host.", [])
        }
        let bytes = host.utf8.span
        let places = HostName.length(of: bytes).map {
            endpoints.matches(for: bytes, length: $0, path: path)
        }
        var explanation = explanation(ofHost: host)
        explanation.subject = .url
        // A query may hold what is nobody's to print.
        explanation.text = host + path
        if let first = places?.first {
            let winner = draft.endpoints[first]
            let endpointLines = (places ?? []).map {
                explained(
                    draft.endpoints[$0], wins: $0 == first,
                    $0 == first ? "host and path match" : "its host or path is shorter")
            }
            let replaced = draft.replacedEndpoints.filter { places?.contains($0.by) == true }.map {
                let now = draft.endpoints[$0.by]
                let place = draft.origin(now.host.file, now.line)
                return explained(
                    $0.former, wins: false, "replaced by \(place), which was read later")
            }
            let hostLines = explanation.lines.map {
                var line = $0
                if line.wins { line.reason = "of the host alone: a path that matches goes first" }
                line.wins = false
                return line
            }
            let app = entries[winner.app]
            explanation.lines = endpointLines + replaced + hostLines
            explanation.answer =
                winner.strength == .ignore
                ? "Switched off: what this line wins is reported as nothing."
                : "\(app.name) (\(app.id)), category \(winner.role == .mcp ? "mcp" : app.group)."
            let strength = Catalog.strength(
                of: winner.strength, winner.role, isShared: false, clue: .httpPath)
            explanation.contacts.insert(
                CatalogExplanation.Contact(
                    seen: "host and path of a plaintext request",
                    says: strength?.name ?? "nothing"), at: 0)
            let isHostKnown = explanation.contacts.count > 1
            explanation.notes.append(
                "TLS and QUIC show no path: there only the host "
                    + (isHostKnown ? "counts, as its own line says" : "is seen, which says nothing")
            )
        }
        explanation.notes += hints(host: host, path: path, text)
        return explanation
    }

    /// Programs that listen on such a port or answer on such a path: pointers, no claims.
    private func hints(host: String, path: String, _ url: String) -> [String] {
        let port = Catalog.port(of: url)
        return runtimes.compactMap { runtime in
            var signs: [String] = []
            if let port, runtime.ports.contains(port) { signs.append("port") }
            if runtime.answers(on: path) { signs.append("path") }
            guard signs.count == 2 || (signs.count == 1 && port == nil) else { return nil }
            return "\(runtime.name) (\(runtime.id)) has this \(signs.joined(separator: " and ")) "
                + "unless told otherwise (\(runtime.origin)): that names nothing, only its marks do"
        }
    }

    private static func port(of url: String) -> Int? {
        let rest = url.firstRange(of: "://").map { url[$0.upperBound...] } ?? url[...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let colon = authority.lastIndex(of: ":") else { return nil }
        return Int(authority[authority.index(after: colon)...])
    }
}
