/// Runtimes and tokens: few, so they are made into values when they are asked for.
extension Catalog {
    /// Every runtime, sorted by id.
    package var runtimes: [KnownRuntime] {
        draft.runtimes.indices.compactMap(runtime).sorted { $0.id < $1.id }
    }

    /// The runtime with this id.
    package func runtime(id: String) -> KnownRuntime? { runtimes.first { $0.id == id } }

    private func runtime(_ number: Int) -> KnownRuntime? {
        let (entry, file) = draft.runtimes[number]
        guard let kind = entry.kind else { return nil }
        func text(_ place: CatalogText.Place) -> String { draft.text(place, of: file) }
        return KnownRuntime(
            id: text(entry.id), name: text(entry.name), vendor: text(entry.vendor), kind: kind,
            ports: entry.ports, paths: entry.paths.map(text), marks: entry.marks.map(text),
            model: entry.model.isEmpty ? nil : text(entry.model), source: text(entry.source),
            checked: entry.checked.isEmpty ? nil : text(entry.checked),
            origin: draft.origin(file, entry.line))
    }

    /// Every kind of token, sorted by id; also those that are switched off.
    package var tokens: [KnownToken] {
        draft.tokens.indices.map(token).sorted { $0.id < $1.id }
    }

    /// What kind of credential these bytes are, by their own letters; nil where no kind is known.
    ///
    /// The bytes are only looked at: neither they nor a part of them is kept. A kind is no proof
    /// that the token is a true one.
    package func token(_ bytes: Span<UInt8>) -> KnownToken? {
        tokenIndex.matches(bytes).first.map(token)
    }

    func token(_ number: Int) -> KnownToken {
        let (entry, file) = draft.tokens[number]
        func text(_ place: CatalogText.Place) -> String { draft.text(place, of: file) }
        return KnownToken(
            id: text(entry.id), name: text(entry.name), vendor: text(entry.vendor),
            shapes: entry.shapes.map { text($0.place) }, expiry: entry.expiry ?? .optional,
            reach: entry.reach ?? .ignore, source: text(entry.source),
            checked: entry.checked.isEmpty ? nil : text(entry.checked),
            origin: draft.origin(file, entry.line))
    }
}

extension CatalogDraft {
    /// The shapes of all tokens that are not switched off.
    func indexOfTokens() -> TokenIndex {
        var index = TokenIndex()
        for (number, token) in tokens.enumerated() where token.entry.reach != .ignore {
            for shape in token.entry.shapes {
                if let shape = TokenShape(texts[Int(token.file)][shape.place]) {
                    index.add(shape, token: number)
                }
            }
        }
        return index
    }
}
