/// Finds the domain line that matches a name best, with one hash probe per label of the name.
///
/// Every line hangs under the hash of its fixed end: the whole text of an exact or suffix line, the
/// labels behind the last wildcard of a pattern. A name is hashed once, from its last byte to its
/// first, and looked up at each dot.
struct DomainIndex: Sendable {
    /// Where a line's app and domain stand in the catalog.
    struct Place: Sendable, Equatable {
        var app: Int
        var domain: Int
    }
    private struct Line: Sendable {
        var place: Place
        var match: AppDomain.Match
        /// Where the fixed end stands in `ends`.
        var end: Range<Int>
        /// Nil but for a pattern.
        var pattern: DomainPattern?
        /// The next line with the same hash, or -1.
        var next: Int
    }
    private var lines: [Line] = []
    /// The fixed ends of all lines, one after the other.
    private var ends: [UInt8] = []
    private var heads = HashIndex()

    mutating func add(_ domain: AppDomain, at place: Place) {
        let pattern = domain.match == .pattern ? DomainPattern(domain.text) : nil
        let start = ends.count
        if let pattern { ends += pattern.fixedEnd } else { ends += domain.text.utf8 }
        let end = start..<ends.count
        let hash = TextIndex.hash(ends.span.extracting(end))
        let next = heads.set(lines.count, under: hash)
        lines.append(
            Line(place: place, match: domain.match, end: end, pattern: pattern, next: next))
    }

    /// The longest match, counted in labels; at the same length exact goes before suffix, suffix
    /// before pattern. `name` is what `HostName.length` found fit, in either case.
    func match(for name: Span<UInt8>, length: Int) -> Place? {
        var best = Best()
        var hash = TextIndex.seed
        for start in (0..<length).reversed() {
            hash = TextIndex.mix(hash, HostName.folded(name[start]))
            guard start == 0 || name[start - 1] == UInt8(ascii: ".") else { continue }
            var at = heads.line(under: hash)
            while at >= 0 {
                if ends(name, length, from: start, with: lines[at].end) {
                    consider(lines[at], for: name, length, from: start, &best)
                }
                at = lines[at].next
            }
        }
        // A pattern spans the whole name, so only a suffix line with the name's own text comes
        // first.
        if best.suffixStart == 0 { return best.exact ?? best.suffix }
        return best.exact ?? best.pattern ?? best.suffix
    }

    /// The best line of each kind so far.
    private struct Best {
        var exact: Place?
        var suffix: Place?
        /// Where in the name the suffix begins.
        var suffixStart = Int.max
        var pattern: Place?
        /// Of two patterns the one that leaves less open goes first.
        var patternFixedBytes = -1
    }

    /// Takes `line`, whose end is the name's from `start` on, if it matches and is better.
    private func consider(
        _ line: Line, for name: Span<UInt8>, _ length: Int, from start: Int, _ best: inout Best
    ) {
        switch line.match {
        case .exact:
            if start == 0 { best.exact = line.place }
        case .suffix:
            best.suffix = line.place
            best.suffixStart = start
        case .pattern:
            guard let pattern = line.pattern, pattern.fixedBytes > best.patternFixedBytes,
                pattern.matches((0..<length).map { HostName.folded(name[$0]) })
            else { return }
            best.pattern = line.place
            best.patternFixedBytes = pattern.fixedBytes
        }
    }

    private func ends(
        _ name: Span<UInt8>, _ length: Int, from start: Int, with end: Range<Int>
    ) -> Bool {
        guard length - start == end.count else { return false }
        for index in 0..<end.count
        where HostName.folded(name[start + index]) != ends[end.lowerBound + index] {
            return false
        }
        return true
    }
}
