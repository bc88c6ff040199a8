/// Runtimes and tokens. Given again in a later file, one takes the place of the former whole.
extension CatalogFile {
    private static let portLimit = 16
    private static let lineLimit = 64

    /// A line such as `runtime ollama`.
    mutating func beginRuntime(_ id: Place) throws(CatalogError) {
        let hash = text.hash(id)
        let first = seen.runtimes.first(hash) { text.isSame(id, as: text, runtimes[$0].id) }
        try checkID(id, givenOn: first.map { runtimes[$0].line }, "runtime")
        seen.runtimes.add(hash)
        runtimes.append(RuntimeEntry(id: id, hash: hash, line: line))
        subject = .runtime
    }

    mutating func setRuntime(_ keyword: CatalogKeyword, _ value: Place) throws(CatalogError) {
        guard subject == .runtime, let last = runtimes.indices.last else {
            throw misplaced(keyword)
        }
        switch keyword {
        case .name: runtimes[last].name = try place(runtimes[last].name, keyword, value)
        case .vendor: runtimes[last].vendor = try place(runtimes[last].vendor, keyword, value)
        case .model: runtimes[last].model = try place(runtimes[last].model, keyword, value)
        case .kind:
            let kind = try choice(value, KnownRuntime.Kind.known, "kind of runtime")
            guard runtimes[last].kind == nil else { throw twice(keyword) }
            runtimes[last].kind = kind
        case .port:
            guard let port = text.number(value), 1...65535 ~= port else {
                throw error("“\(shown(value))” is no port", "write one from 1 to 65535")
            }
            try checkRoom(runtimes[last].ports.count, CatalogFile.portLimit, keyword)
            runtimes[last].ports.append(port)
        case .path:
            guard PathPrefix.isOne(text[value]) else {
                throw error(
                    "“\(shown(value))” is no path below the root",
                    "write it as in “/api/tags” or “/v1/agents/{id}”, without query")
            }
            try checkRoom(runtimes[last].paths.count, CatalogFile.lineLimit, keyword)
            runtimes[last].paths.append(value)
        case .mark:
            try checkRoom(runtimes[last].marks.count, CatalogFile.lineLimit, keyword)
            runtimes[last].marks.append(value)
        default: throw misplaced(keyword)
        }
    }

    func checkRoom(
        _ count: Int, _ limit: Int, _ keyword: CatalogKeyword
    ) throws(CatalogError) {
        guard count >= limit else { return }
        throw error(
            "there are more than \(limit) “\(keyword.rawValue)” lines", "keep those that tell most")
    }

    func endRuntime() throws(CatalogError) {
        guard let last = runtimes.last else { return }
        try checkFields(
            of: "runtime “\(text.text(last.id))”", last.line,
            [
                (.name, !last.name.isEmpty), (.vendor, !last.vendor.isEmpty),
                (.kind, last.kind != nil), (.source, !last.source.isEmpty),
            ])
    }

    // MARK: - Tokens

    /// A line such as `token openai-project-key`.
    mutating func beginToken(_ id: Place) throws(CatalogError) {
        let hash = text.hash(id)
        let first = seen.tokens.first(hash) { text.isSame(id, as: text, tokens[$0].id) }
        try checkID(id, givenOn: first.map { tokens[$0].line }, "token")
        seen.tokens.add(hash)
        tokens.append(TokenEntry(id: id, hash: hash, line: line))
        subject = .token
    }

    mutating func setToken(_ keyword: CatalogKeyword, _ value: Place) throws(CatalogError) {
        guard subject == .token, let last = tokens.indices.last else { throw misplaced(keyword) }
        switch keyword {
        case .name: tokens[last].name = try place(tokens[last].name, keyword, value)
        case .vendor: tokens[last].vendor = try place(tokens[last].vendor, keyword, value)
        case .shape:
            guard TokenShape(text[value]) != nil else {
                throw error(
                    "“\(shown(value))” is no shape of a token",
                    "write it as in “sk-ant-api03-[A-Za-z0-9_-]{93}AA”: fixed text, and classes in "
                        + "brackets with a count; 12 bytes at least, two of them fixed")
            }
            try checkRoom(tokens[last].shapes.count, CatalogFile.portLimit, keyword)
            tokens[last].shapes.append((value, line))
        case .expires:
            let expiry = try choice(value, KnownToken.Expiry.known, "way to expire")
            guard tokens[last].expiry == nil else { throw twice(keyword) }
            tokens[last].expiry = expiry
        case .opens:
            let reach = try choice(value, KnownToken.Reach.known, "reach of a token")
            guard tokens[last].reach == nil else { throw twice(keyword) }
            tokens[last].reach = reach
        default: throw misplaced(keyword)
        }
    }

    func endToken() throws(CatalogError) {
        guard let last = tokens.last, last.reach != .ignore else { return }
        try checkFields(
            of: "token “\(text.text(last.id))”", last.line,
            [
                (.name, !last.name.isEmpty), (.vendor, !last.vendor.isEmpty),
                (.shape, !last.shapes.isEmpty), (.expires, last.expiry != nil),
                (.opens, last.reach != nil), (.source, !last.source.isEmpty),
            ])
    }

    /// The first field that is missing; one whose line was wrong is not.
    func checkFields(
        of what: String, _ line: Int, _ fields: [(keyword: CatalogKeyword, isGiven: Bool)]
    ) throws(CatalogError) {
        let missing = fields.filter { !$0.isGiven && !hasFailed($0.keyword, of: line) }
            .map { "“\($0.keyword.rawValue)”" }
        guard !missing.isEmpty else { return }
        throw error(
            "\(what) has no \(missing.joined(separator: ", no "))", at: line,
            "write below it a line for each")
    }
}

extension CatalogText {
    /// At most nine decimal digits as a number.
    func number(_ place: Place) -> Int? {
        guard 1...9 ~= place.count else { return nil }
        var value = 0
        for index in place {
            guard 48...57 ~= self[index] else { return nil }
            value = value * 10 + Int(self[index] - 48)
        }
        return value
    }
}
