/// The fingerprints of all files, by value; most are never asked for, so only their places are
/// kept.
struct FingerprintIndex: Sendable {
    struct Line {
        var file: Int32
        var entry: CatalogFile.FingerprintEntry
    }
    private(set) var lines: [Line] = []
    /// Lines in whose place a later file put others.
    private(set) var replaced: [CatalogDraft.Replaced<Line>] = []
    private var byValue = TextIndex()

    /// Takes a line of file `file` of `texts`, in place of one of an earlier file for the same
    /// value and scope. A stack takes no agent's place, nor an agent a stack's.
    mutating func add(
        _ entry: CatalogFile.FingerprintEntry, _ file: Int32, of texts: [CatalogText]
    ) {
        let text = texts[Int(file)]
        let known = byValue.first(entry.hash) {
            let other = lines[$0]
            return other.entry.kind == entry.kind && other.entry.scope == entry.scope
                && text.isSame(entry.value, as: texts[Int(other.file)], other.entry.value)
        }
        if let known {
            replaced.append(CatalogDraft.Replaced(former: lines[known], by: known))
            lines[known] = Line(file: file, entry: entry)
        } else {
            byValue.add(entry.hash)
            lines.append(Line(file: file, entry: entry))
        }
    }

    /// The stack that sends hellos with this fingerprint or, where none is known, the agent.
    func first(_ kind: Fingerprint.Kind, _ value: String, in texts: [CatalogText]) -> Fingerprint? {
        for scope in [Fingerprint.Scope.stack, .agent] {
            let found = byValue.first(TextIndex.hash(value.utf8.span)) {
                let entry = lines[$0].entry
                return entry.kind == kind && entry.scope == scope && entry.confidence != .ignore
                    && texts[Int(lines[$0].file)].holds(value, at: entry.value)
            }
            if let found { return whole(lines[found], in: texts) }
        }
        return nil
    }

    /// All of them, in the order of their first lines.
    func all(in texts: [CatalogText]) -> [Fingerprint] { lines.map { whole($0, in: texts) } }

    func whole(_ line: Line, in texts: [CatalogText]) -> Fingerprint {
        let (text, entry) = (texts[Int(line.file)], line.entry)
        return Fingerprint(
            kind: entry.kind, value: text.text(entry.value), scope: entry.scope,
            confidence: entry.confidence, name: text.text(entry.name),
            version: entry.version.isEmpty ? nil : text.text(entry.version),
            measured: entry.measured.isEmpty ? nil : text.text(entry.measured),
            checked: entry.checked.isEmpty ? nil : text.text(entry.checked),
            source: text.text(entry.source))
    }
}
