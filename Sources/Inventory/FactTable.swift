import Wire

/// What is known of one subject, by kind, value and detail.
struct Facts {
    static let none = Facts()

    private(set) var rows: [FactRow] = []
    /// Where the rows of each kind are, by the order of the rows: a subject has few kinds, and some
    /// have many rows.
    private var kinds: [(kind: FactRow.Kind, rows: Range<Int>)] = []

    fileprivate mutating func append(_ row: FactRow) { rows.append(row) }

    /// By kind, value and detail.
    fileprivate mutating func sort() {
        defer { index() }
        guard rows.count > 1 else { return }
        // Places are sorted, not rows, and compared where they stand: a row is four texts.
        let order = rows.indices.sorted { left, right in
            // `!=` of these would compare their names.
            guard rows[left].key.kind == rows[right].key.kind else {
                return rows[left].key.kind.rawValue < rows[right].key.kind.rawValue
            }
            return rows[left].key.value == rows[right].key.value
                ? rows[left].key.detail < rows[right].key.detail
                : rows[left].key.value < rows[right].key.value
        }
        rows = order.map { rows[$0] }
    }

    private mutating func index() {
        kinds = []
        var start = 0
        while start < rows.count {
            let kind = rows[start].key.kind
            var end = start + 1
            while end < rows.count, rows[end].key.kind == kind { end += 1 }
            kinds.append((kind, start..<end))
            start = end
        }
    }

    /// Those of a kind, by value and detail.
    subscript(kind: FactRow.Kind) -> ArraySlice<FactRow> {
        for found in kinds where found.kind == kind { return rows[found.rows] }
        return []
    }

    func has(_ kind: FactRow.Kind) -> Bool { kinds.contains { $0.kind == kind } }

    /// The values of a kind, in order, each once.
    func values(_ kind: FactRow.Kind) -> [String] {
        var found: [String] = []
        for row in self[kind] where found.last != row.key.value { found.append(row.key.value) }
        return found
    }

    /// The fact that was seen last; of equals, the most frequent, then the first by name.
    func latest(_ kind: FactRow.Kind) -> FactRow? { Facts.latest(of: self[kind]) }

    static func latest(of rows: some Collection<FactRow>) -> FactRow? {
        guard rows.count > 1 else { return rows.first }
        return rows.max {
            ($0.seen.last, $0.seen.count, $1.key.value, $1.key.detail)
                < ($1.seen.last, $1.seen.count, $0.key.value, $0.key.detail)
        }
    }

    /// The first and last time of anything known.
    var period: Period {
        guard var period = rows.first?.seen else { return Period(.zero, count: 0) }
        for row in rows.dropFirst() { period.merge(row.seen) }
        return period
    }
}

/// All facts, by subject.
struct FactTable {
    private(set) var subjects: [(id: String, facts: Facts)] = []
    private var places: [String: Int] = [:]

    /// Takes rows by the names of `names`; `keeps` says which kinds are wanted.
    init(_ set: RowSet<FactRow>, _ names: CanonicalNames, keeps: (FactRow.Kind) -> Bool) {
        if names.changesNothing {
            for row in set.rows.values where keeps(row.key.kind) { add(row) }
        } else {
            // What several addresses of one machine said is one fact.
            var joined = RowSet<FactRow>()
            for row in set.rows.values where keeps(row.key.kind) { joined.add(names.of(row)) }
            for row in joined.rows.values { add(row) }
        }
        for place in subjects.indices { subjects[place].facts.sort() }
    }

    private mutating func add(_ row: FactRow) {
        let next = subjects.count
        let place = places[row.key.subject, default: next]
        if place == next {
            places[row.key.subject] = next
            subjects.append((row.key.subject, Facts()))
        }
        subjects[place].facts.append(row)
    }

    /// Nothing where nothing is known.
    subscript(subject: String) -> Facts {
        places[subject].map { subjects[$0].facts } ?? .none
    }
}
