/// The names by which an agent calls itself.
extension CatalogFile {
    /// The last mark, if it belongs to the last agent, of which the lines speak.
    var markOfAgent: Int? {
        guard subject == .agent, let last = marks.indices.last,
            marks[last].agent == agents.count - 1
        else { return nil }
        return last
    }

    /// A line such as `user-agent product claude-cli`.
    mutating func addMark(
        _ signal: AgentMark.Signal, _ value: Place
    ) throws(CatalogError) {
        guard subject == .agent else {
            throw error(
                "“\(signal.rawValue)” stands outside an agent", "put it below an “agent” line")
        }
        let way = text.word(value)
        let match = try choice(way, AgentMark.Match.known, "way to match")
        let mark = text.trimmed(way.upperBound..<value.upperBound)
        guard !mark.isEmpty, mark.count <= UserAgent.longest else {
            throw error(
                "there is nothing, or too much, to look for",
                "write at most \(UserAgent.longest) bytes behind “\(match.rawValue)”")
        }
        if match == .product,
            signal != .userAgent || UserAgent(text.text(mark)).words != [0..<mark.count]
        {
            throw error(
                "“\(shown(mark))” cannot be a product",
                signal == .userAgent
                    ? "a product has no space, parenthesis, comma or semicolon; use prefix or contains"
                    : "an MCP client name is matched exact, prefix or contains")
        }
        let hash = text.hash(mark)
        let first = seen.marks.first(hash) {
            marks[$0].signal == signal && marks[$0].match == match
                && text.isSame(mark, as: text, marks[$0].text)
        }
        if let first {
            throw error(
                "this mark was already given on line \(marks[first].line)",
                "keep one of the two lines")
        }
        seen.marks.add(hash)
        marks.append(
            MarkEntry(
                signal: signal, match: match, text: mark, hash: hash, line: line,
                agent: agents.count - 1))
    }
}
