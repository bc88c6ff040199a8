/// Programs, fingerprints, tokens and entries explained.
extension Catalog {
    func explanation(ofField text: String, _ signal: AgentMark.Signal) -> CatalogExplanation {
        let subject: CatalogExplanation.Subject = signal == .userAgent ? .userAgent : .mcpClient
        let found = marks(matching: text, signal)
        guard let first = found.first else {
            let what = signal == .userAgent ? "User-Agent" : "clientInfo name of MCP"
            return CatalogExplanation(
                subject, text, "As \(what): no line of the catalog matches.", [])
        }
        let lines = found.map { line in
            explained(
                line.draft, wins: line.number == first.number,
                line.number == first.number
                    ? "\(line.draft.mark.match.rawValue), the first that matches"
                    : lost(line.draft.mark, to: first.draft.mark))
        }
        let replaced = draft.replacedMarks.filter { mark in
            found.contains { $0.number == mark.by }
        }.map {
            let now = draft.marks[$0.by]
            let place = draft.origin(now.file, now.line)
            return explained($0.former, wins: false, "replaced by \(place), which was read later")
        }
        let agent = draft.agents[first.draft.agent]
        let what = signal == .userAgent ? "As User-Agent" : "As clientInfo name of MCP"
        var explanation = CatalogExplanation(
            subject, text,
            "\(what): \(draft.text(agent.name)) (\(draft.text(agent.id))), "
                + "\(agent.kind?.rawValue ?? "").", lines + replaced)
        explanation.contacts = [
            CatalogExplanation.Contact(
                seen: signal == .userAgent
                    ? "User-Agent of a plaintext request" : "clientInfo of a plaintext initialize",
                says: Catalog.words(agent.kind, signal))
        ]
        return explanation
    }

    /// What a program of this kind becomes when it names itself.
    private static func words(_ kind: KnownAgent.Kind?, _ signal: AgentMark.Signal) -> String {
        if signal == .mcpClient { return "strong: an agent of this name on the host" }
        switch kind {
        case .commandLine, .editor, .browser, .framework:
            return "strong: an agent of this name on the host"
        case .crawler:
            return "a crawler visited: no agent of ours, and no row"
        case .fetcher:
            return "somebody had an AI service fetch this: no agent of ours, and no row"
        case .sdk, .runtime, .scanner, .mcpClient, .mcpProxy, .mcpServer, nil:
            return "nothing alone; on a call of a model it names the program that called"
        }
    }

    private func explained(
        _ line: CatalogDraft.MarkDraft, wins: Bool, _ reason: String
    ) -> CatalogExplanation.Line {
        let agent = draft.agents[line.agent]
        return CatalogExplanation.Line(
            text: "\(line.mark.signal.rawValue) \(line.mark.match.rawValue) \(line.mark.text)",
            entry: "\(draft.text(agent.name)) (\(draft.text(agent.id)))",
            origin: draft.origin(line.file, line.line), source: line.mark.source,
            checked: agent.checked.isEmpty ? nil : draft.text(agent.checked), wins: wins,
            reason: reason)
    }

    private func lost(_ mark: AgentMark, to winner: AgentMark) -> String {
        if mark.match != winner.match {
            return "\(mark.match.rawValue) goes behind \(winner.match.rawValue)"
        }
        return mark.match == .product
            ? "a later product of the field, or a shorter one" : "shorter than the one that wins"
    }

    /// The marks found in a field, in the order in which they win (`AgentIndex`).
    private func marks(
        matching text: String, _ signal: AgentMark.Signal
    ) -> [(number: Int, draft: CatalogDraft.MarkDraft)] {
        let field = UserAgent(text)
        let bytes = field.bytes.map(HostName.folded)
        var found: [(number: Int, rank: (way: Int, place: Int, length: Int))] = []
        for (number, line) in draft.marks.enumerated() where line.mark.signal == signal {
            let mark = line.mark.text.utf8.map(HostName.folded)
            let rank: (way: Int, place: Int, length: Int)?
            switch line.mark.match {
            case .exact: rank = bytes == mark ? (0, 0, 0) : nil
            case .prefix: rank = bytes.starts(with: mark) ? (1, 0, -mark.count) : nil
            case .product:
                rank = field.words.firstIndex { AgentIndex.isProduct(mark, of: bytes[$0]) }
                    .map { (2, $0, -mark.count) }
            case .contains: rank = AgentIndex.contains(bytes, mark) ? (3, 0, -mark.count) : nil
            }
            if let rank { found.append((number, rank)) }
        }
        return found.sorted { $0.rank == $1.rank ? $0.number < $1.number : $0.rank < $1.rank }
            .map { ($0.number, draft.marks[$0.number]) }
    }

    // MARK: - Fingerprints

    func explanation(ofFingerprint text: String) -> CatalogExplanation {
        let hits = draft.fingerprints.lines.indices.filter { isFingerprint($0, text) }
        // A stack goes first, and what is switched off is none.
        let order = hits.sorted { rank(ofFingerprint: $0) < rank(ofFingerprint: $1) }
        let lines = order.map { number in
            let line = draft.fingerprints.lines[number]
            let isOff = line.entry.confidence == .ignore
            let wins = number == order.first && !isOff
            return explained(
                line, wins: wins,
                isOff
                    ? "switched off"
                    : wins ? "known to be sent by it" : "a stack that sends the same goes first")
        }
        let replaced = draft.fingerprints.replaced.filter { hits.contains($0.by) }.map {
            let now = draft.fingerprints.lines[$0.by]
            let place = draft.origin(now.file, now.entry.line)
            return explained($0.former, wins: false, "replaced by \(place), which was read later")
        }
        let known = Fingerprint.Kind.allCases.lazy.compactMap { self.fingerprint($0, text) }.first
        let label = text.utf8.count == 32 ? "JA3" : "JA4"
        var explanation = CatalogExplanation(
            .fingerprint, text, known?.sentence ?? "No line of the catalog has this \(label).",
            lines + replaced)
        if known != nil {
            explanation.contacts = [
                CatalogExplanation.Contact(
                    seen: "hello of a client whose app is known by name",
                    says: "hint, in `tyto show`: no row, no agent, no alert")
            ]
        }
        return explanation
    }

    private func isFingerprint(_ number: Int, _ text: String) -> Bool {
        let line = draft.fingerprints.lines[number]
        return draft.texts[Int(line.file)].holds(text, at: line.entry.value)
    }

    private func rank(ofFingerprint number: Int) -> Int {
        let entry = draft.fingerprints.lines[number].entry
        return (entry.confidence == .ignore ? 2 : 0) + (entry.scope == .stack ? 0 : 1)
    }

    private func explained(
        _ line: FingerprintIndex.Line, wins: Bool, _ reason: String
    ) -> CatalogExplanation.Line {
        let known = draft.fingerprints.whole(line, in: draft.texts)
        return CatalogExplanation.Line(
            text: "fingerprint \(known.value) \(known.kind.rawValue) \(known.scope.rawValue) "
                + known.confidence.rawValue,
            entry: known.name, origin: draft.origin(line.file, line.entry.line),
            source: known.source, checked: known.measured ?? known.checked, wins: wins,
            reason: reason)
    }

    // MARK: - Tokens

    func explanation(ofToken text: String) -> CatalogExplanation {
        let found = tokenIndex.matches(text.utf8.span).map(token)
        let lines = found.enumerated().map { number, token in
            CatalogExplanation.Line(
                text: "token \(token.id): " + token.shapes.joined(separator: " or "),
                entry: "\(token.name) of \(token.vendor)", origin: token.origin,
                source: token.source, checked: token.checked, wins: number == 0,
                reason: number == 0
                    ? "the shape with most fixed text that fits" : "its shape fixes less")
        }
        let bytes = text.utf8.count
        guard let token = found.first else {
            return CatalogExplanation(
                .token, "a word of \(bytes) bytes",
                "It may be a secret, so it is not shown; no line of the catalog has its shape.", [])
        }
        let prefix = TokenShape(Array(token.shapes[0].utf8)[...])?.prefix ?? []
        let shown = text.utf8.starts(with: prefix) ? String(decoding: prefix, as: UTF8.self) : ""
        var explanation = CatalogExplanation(
            .token, "\(shown)… (\(bytes) bytes)",
            "It has the shape of: \(token.name) of \(token.vendor) (\(token.id)).", lines)
        explanation.contacts = [
            CatalogExplanation.Contact(
                seen: "credential in plaintext",
                says: "opens \(token.reach == .ai ? "AI services" : "other services as well"), "
                    + "expires: \(token.expiry.rawValue)")
        ]
        explanation.notes = ["whether it is a true one, nobody asked"]
        return explanation
    }
}
