import Codecs
import Wire

extension SnapshotReader {
    /// Versions shown of one item: the latest.
    private static let shownVersions = 32
    /// Versions that are looked at for having been told by turns.
    private static let comparedVersions = 64
    /// Tellings shown of one version.
    private static let shownTellings = 64

    private struct ItemName: Hashable {
        var kind: String
        var key: String
    }

    /// A `listed_to` with its detail read.
    private struct Row {
        var telling: ItemVersion.Telling
        var view: String
        var digest: String
    }

    /// Every item a server ever listed, by kind and key, with all its versions; only those of
    /// several versions where rules alone ask.
    func histories(_ items: [ListedItemRow], _ facts: Facts) -> [ItemHistory] {
        var groups = Dictionary(grouping: items) {
            ItemName(kind: $0.item.kind.rawValue, key: $0.item.key)
        }
        if depth == .brief { groups = groups.filter { $0.value.count > 1 } }
        guard !groups.isEmpty else { return [] }
        var rows: [ItemName: [Row]] = [:]
        for fact in facts[.listedTo] {
            // Most items have one version, of which rules ask nothing.
            guard let told = Told(fact.key.detail) else { continue }
            let name = ItemName(kind: told.kind, key: told.name)
            guard groups[name] != nil, let client = Tenant(stored: fact.key.value) else {
                continue
            }
            let (revision, credentials) = SnapshotReader.parts(ofView: told.view)
            let telling = ItemVersion.Telling(
                client: client, revision: revision,
                scheme: SnapshotReader.scheme(of: credentials), credentials: credentials,
                firstSeen: fact.seen.first, lastSeen: fact.seen.last, count: fact.seen.count)
            rows[name, default: []].append(
                Row(telling: telling, view: told.view, digest: told.digest))
        }
        let lists = wholeLists(facts)
        return groups.map { name, items in
            history(items, rows[name] ?? [], lists[name.kind] ?? [])
        }.sorted {
            $0.kind == $1.kind ? $0.key < $1.key : $0.kind.rawValue < $1.kind.rawValue
        }
    }

    private static func parts(ofView view: String) -> (revision: String, credentials: String) {
        let bytes = view.utf8.span
        guard let blank = bytes.position(of: 32, in: 0..<bytes.count) else { return ("", "none") }
        return (
            String(copying: bytes.extracting(0..<blank)),
            String(copying: bytes.extracting((blank + 1)...))
        )
    }

    private static func scheme(of credentials: String) -> String {
        let bytes = credentials.utf8.span
        guard let end = bytes.position(of: UInt8(ascii: ":"), in: 0..<bytes.count) else {
            return credentials
        }
        return String(copying: bytes.extracting(0..<end))
    }

    /// A list that a client was given whole, when and under which view.
    private struct WholeListRow {
        var client: Tenant
        var view: String
        var seen: Period
    }

    private func wholeLists(_ facts: Facts) -> [String: [WholeListRow]] {
        var found: [String: [WholeListRow]] = [:]
        for fact in facts[.wholeList] {
            guard let list = WholeList(fact.key.detail),
                let client = Tenant(stored: fact.key.value)
            else { continue }
            found[list.kind, default: []].append(
                WholeListRow(client: client, view: list.view, seen: fact.seen))
        }
        return found
    }

    private func history(
        _ items: [ListedItemRow], _ rows: [Row], _ lists: [WholeListRow]
    ) -> ItemHistory {
        let order = items.indices.sorted {
            (items[$0].seen.first, items[$0].seen.last, items[$0].item.digest)
                < (items[$1].seen.first, items[$1].seen.last, items[$1].item.digest)
        }
        // Sought in few rows, where to group them would copy each.
        let grouped = rows.count > 64 ? Dictionary(grouping: rows, by: \.digest) : nil
        var versions: [ItemVersion] = []
        var lastText: String?
        for place in order {
            var version = ItemVersion(items[place])
            let told =
                grouped.map { $0[version.digest] ?? [] }
                ?? rows.filter { $0.digest == version.digest }
            version.tellings = told.map(\.telling).sorted {
                ($0.firstSeen, $0.client, $0.revision, $0.scheme, $0.lastSeen, $0.count)
                    < ($1.firstSeen, $1.client, $1.revision, $1.scheme, $1.lastSeen, $1.count)
            }
            if let last = versions.last { version.changes = ItemChange.between(last, version) }
            let text = items[place].item.text
            version.isRecount =
                version.changes == [ItemChange(part: .text, what: "description")]
                && VolatileText.isSame(lastText, text)
            lastText = text
            versions.append(version)
        }
        let lastListed = versions.map(\.lastSeen).max() ?? .zero
        let difference = SnapshotReader.difference(versions)
        let removed = SnapshotReader.removed(rows, lists, lastListed)
        let count = versions.count
        let isVolatile = ItemHistory.isVolatile(versions)
        versions.removeFirst(max(0, count - SnapshotReader.shownVersions))
        for place in versions.indices {
            let tellings = versions[place].tellings.prefix(SnapshotReader.shownTellings)
            versions[place].tellings = Array(tellings)
        }
        return ItemHistory(
            kind: items[0].item.kind, key: items[0].item.key, versions: versions, count: count,
            difference: difference, lastListed: lastListed, removed: removed,
            isVolatile: isVolatile)
    }

    /// When a client that had been told of an item was given a whole list without it; nil where the
    /// item was listed to anybody since.
    private static func removed(
        _ rows: [Row], _ lists: [WholeListRow], _ lastListed: Timestamp
    ) -> Timestamp? {
        var first: Timestamp?
        for list in lists where list.seen.last > lastListed {
            let isTold = rows.contains {
                $0.telling.client == list.client && $0.view == list.view
            }
            guard isTold else { continue }
            // Lists with these names were given between; only the last is surely later.
            let time = list.seen.first > lastListed ? list.seen.first : list.seen.last
            first = min(first ?? time, time)
        }
        return first
    }

    /// Whether two versions were told by turns, and what may explain it.
    private static func difference(_ versions: [ItemVersion]) -> ItemDifference? {
        // Each is compared with each: who makes versions up is not followed for ever.
        let known = versions.indices.suffix(comparedVersions).filter { versions[$0].isComparable }
        let lastTold = known.map { place in
            versions[place].tellings.reduce(Timestamp.zero) { max($0, $1.lastSeen) }
        }
        var found: ItemDifference?
        for (at, older) in known.enumerated() {
            let revision = versions[older].tellings.first?.revision
            for newer in known.dropFirst(at + 1) {
                // Nearly all versions follow each other, told under one revision.
                if lastTold[at] <= versions[newer].firstSeen,
                    revision == versions[newer].tellings.first?.revision
                {
                    continue
                }
                guard let reason = difference(versions[older], versions[newer]) else { continue }
                found = found.map { worse($0, reason) } ?? reason
            }
        }
        return found
    }

    private static func worse(_ one: ItemDifference, _ other: ItemDifference) -> ItemDifference {
        let order: [ItemDifference] = [.clients, .alternating, .credentials, .revisions]
        return order.first { $0 == one || $0 == other } ?? one
    }

    private static func difference(
        _ older: ItemVersion, _ newer: ItemVersion
    ) -> ItemDifference? {
        // Places, for a telling is six words with texts, and most versions have a few tellings.
        let old = older.tellings.indices.filter { older.tellings[$0].lastSeen > newer.firstSeen }
        let new = newer.tellings.indices.filter { newer.tellings[$0].firstSeen < older.lastSeen }
        let isByTurns = !old.isEmpty && !new.isEmpty
        let all = isByTurns ? old : Array(older.tellings.indices)
        let others = isByTurns ? new : Array(newer.tellings.indices)
        if let first = all.first, let other = others.first,
            older.tellings[first].revision != newer.tellings[other].revision,
            isDisjoint(older, all, newer, others, by: \.revision),
            ItemChange.between(older, newer).allSatisfy(\.isOfRevision)
        {
            return .revisions
        }
        guard isByTurns else { return nil }
        if isDisjoint(older, old, newer, new, by: \.credentials) { return .credentials }
        return isDisjoint(older, old, newer, new, by: \.client) ? .clients : .alternating
    }

    /// Whether no telling at these places of one version has a value of those of the other.
    private static func isDisjoint<Value: Hashable>(
        _ older: ItemVersion, _ old: [Int], _ newer: ItemVersion, _ new: [Int],
        by value: (ItemVersion.Telling) -> Value
    ) -> Bool {
        if old.count * new.count <= 64 {
            return !old.contains { place in
                let sought = value(older.tellings[place])
                return new.contains { value(newer.tellings[$0]) == sought }
            }
        }
        let known = Set(old.map { value(older.tellings[$0]) })
        return !new.contains { known.contains(value(newer.tellings[$0])) }
    }

    // MARK: - Instructions

    /// Each text that a server told clients to work by, the latest 32.
    static func instructions(_ facts: Facts) -> [InstructionsVersion] {
        var found: [String: InstructionsVersion] = [:]
        for fact in facts[.instructions] {
            let hash = fact.key.value
            found[hash, default: InstructionsVersion(hash: hash)].merge(fact)
        }
        return found.values.sorted {
            ($0.firstSeen, $0.lastSeen, $0.hash) < ($1.firstSeen, $1.lastSeen, $1.hash)
        }.suffix(shownVersions)
    }

    // MARK: - Beside calls

    /// What goes on beside calls, by name and client.
    func activities(_ facts: Facts) -> [MCPServer.Activity] {
        facts[.activity].compactMap { fact in
            Tenant(stored: fact.key.value).map {
                MCPServer.Activity(
                    name: fact.key.detail, client: $0, count: fact.seen.count,
                    firstSeen: fact.seen.first, lastSeen: fact.seen.last)
            }
        }.sorted { ($0.name, $0.client) < ($1.name, $1.client) }
    }

    /// Requests that two readers may take for two things, by what is odd and who sent them.
    func oddities(_ facts: Facts) -> [MCPServer.Oddity] {
        let accepted = SnapshotReader.countsByClient(facts[.oddityAccepted])
        let refused = SnapshotReader.countsByClient(facts[.oddityRefused])
        return facts[.oddity].compactMap { fact in
            guard let client = Tenant(stored: fact.key.value) else { return nil }
            let key = [fact.key.value, fact.key.detail]
            return MCPServer.Oddity(
                name: fact.key.detail, client: client, count: fact.seen.count,
                accepted: accepted[key] ?? 0, refused: refused[key] ?? 0,
                firstSeen: fact.seen.first, lastSeen: fact.seen.last)
        }.sorted { ($0.name, $0.client) < ($1.name, $1.client) }
    }

    /// Who grants access to a server, to what and for whom; at most 64 of a sort.
    func authorization(
        _ facts: Facts
    ) -> [(what: AuthorizationFact, value: String, count: Int)] {
        let rows = facts[.authorization]
        return AuthorizationFact.allCases.flatMap { what in
            rows.filter { $0.key.detail == what.rawValue }.prefix(64).map {
                (what, $0.key.value, $0.seen.count)
            }
        }
    }

    private static func countsByClient(_ rows: ArraySlice<FactRow>) -> [[String]: Int] {
        Dictionary(
            rows.map { ([$0.key.value, $0.key.detail], $0.seen.count) }, uniquingKeysWith: +)
    }
}

extension ItemVersion {
    init(_ row: ListedItemRow) {
        self.init(
            digest: row.item.digest, hashes: row.item.hashes, hints: row.item.hints,
            firstSeen: row.seen.first, lastSeen: row.seen.last, count: row.seen.count,
            flow: row.flow)
    }
}

extension MCPServer.Call {
    init(_ row: CallRow) {
        let outcomes = row.outcomes
        self.init(
            client: row.key.client, tool: row.key.tool, count: row.seen.count, errors: row.errors,
            toolErrors: outcomes.toolErrors, protocolErrors: outcomes.protocolErrors,
            inputRequired: outcomes.inputRequired, cancelled: outcomes.cancelled,
            unanswered: max(0, row.seen.count - outcomes.answered - outcomes.cancelled),
            meanLatency: outcomes.answered > 0
                ? outcomes.nanoseconds / Int64(outcomes.answered) : nil,
            longestLatency: outcomes.answered > 0 ? outcomes.longest : nil,
            resultBytes: outcomes.resultBytes, progress: outcomes.progress)
    }
}
