/// Finds the domain line that matches a name best, with one hash probe per label of the name.
///
/// Every line hangs under the hash of its fixed end: the whole text of an exact or suffix line, the
/// labels behind the last wildcard of a pattern. A name is hashed once, from its last byte to its
/// first, and looked up at each dot.
struct DomainIndex: Sendable {
    private struct Line: Sendable {
        var match: AppDomain.Match
        /// Where the fixed end stands in `ends`.
        var end: Range<Int>
        /// Its number among the patterns, or -1.
        var pattern: Int
        /// The next line with the same hash, or -1.
        var next: Int
    }
    /// Numbered in the order in which they were added.
    private var lines: [Line] = []
    private var patterns: [DomainPattern] = []
    /// The fixed ends of all lines, one after the other.
    private var ends: [UInt8] = []
    private var heads = HashIndex()

    /// Adds a line, with the hash of its whole text (`TextIndex`).
    mutating func add(_ text: ArraySlice<UInt8>, _ hash: UInt64, _ match: AppDomain.Match) {
        let pattern = match == .pattern ? DomainPattern(text) : nil
        let start = ends.count
        if let pattern { ends += pattern.fixedEnd } else { ends += text }
        let end = start..<ends.count
        let own = pattern == nil ? hash : TextIndex.hash(ends.span.extracting(end))
        if let pattern { patterns.append(pattern) }
        let next = heads.set(lines.count, under: own)
        lines.append(
            Line(
                match: match, end: end, pattern: pattern == nil ? -1 : patterns.count - 1,
                next: next))
    }

    /// The longest match, counted in labels; at the same length exact goes before suffix, suffix
    /// before pattern. `name` is what `HostName.length` found fit, in either case.
    func match(for name: Span<UInt8>, length: Int) -> Int? {
        var best = Best()
        var hash = TextIndex.seed
        for start in (0..<length).reversed() {
            hash = TextIndex.mix(hash, HostName.folded(name[start]))
            guard start == 0 || name[start - 1] == UInt8(ascii: ".") else { continue }
            var at = heads.line(under: hash)
            while at >= 0 {
                if ends(name, length, from: start, with: lines[at].end) {
                    consider(at, for: name, length, from: start, &best)
                }
                at = lines[at].next
            }
        }
        // A pattern spans the whole name, so only a suffix line with the name's own text comes
        // first.
        if best.suffixStart == 0 { return best.exact ?? best.suffix }
        return best.exact ?? best.pattern ?? best.suffix
    }

    /// Every line that matches, in the order in which they win.
    func all(for name: Span<UInt8>, length: Int) -> [Int] {
        let folded = (0..<length).map { HostName.folded(name[$0]) }
        var found: [(line: Int, rank: (start: Int, match: Int, open: Int))] = []
        var hash = TextIndex.seed
        for start in (0..<length).reversed() {
            hash = TextIndex.mix(hash, folded[start])
            guard start == 0 || folded[start - 1] == UInt8(ascii: ".") else { continue }
            var at = heads.line(under: hash)
            while at >= 0 {
                let line = lines[at]
                if ends(name, length, from: start, with: line.end) {
                    switch line.match {
                    case .exact: if start == 0 { found.append((at, (0, 0, 0))) }
                    case .suffix: found.append((at, (start, 1, 0)))
                    case .pattern:
                        let pattern = patterns[line.pattern]
                        if pattern.matches(folded) {
                            found.append((at, (0, 2, -pattern.fixedBytes)))
                        }
                    }
                }
                at = line.next
            }
        }
        return found.sorted { $0.rank == $1.rank ? $0.line < $1.line : $0.rank < $1.rank }
            .map(\.line)
    }

    /// The best line of each kind so far.
    private struct Best {
        var exact: Int?
        var suffix: Int?
        /// Where in the name the suffix begins.
        var suffixStart = Int.max
        var pattern: Int?
        /// Of two patterns the one that leaves less open goes first.
        var patternFixedBytes = -1
    }

    /// Takes a line, whose end is the name's from `start` on, if it matches and is better.
    private func consider(
        _ line: Int, for name: Span<UInt8>, _ length: Int, from start: Int, _ best: inout Best
    ) {
        switch lines[line].match {
        case .exact:
            if start == 0 { best.exact = line }
        case .suffix:
            best.suffix = line
            best.suffixStart = start
        case .pattern:
            let number = lines[line].pattern
            guard number >= 0, patterns[number].fixedBytes > best.patternFixedBytes,
                patterns[number].matches((0..<length).map { HostName.folded(name[$0]) })
            else { return }
            best.pattern = line
            best.patternFixedBytes = patterns[number].fixedBytes
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
