import Testing

@testable import Catalog
@testable import Inventory
@testable import Wire

/// Rows of every kind with few keys and many values, so that they meet.
private struct RowMaker {
    var random: SeededGenerator

    private mutating func number(_ limit: Int) -> Int {
        Int.random(in: 0..<limit, using: &random)
    }
    private mutating func word(_ words: String...) -> String {
        words[number(words.count)]
    }

    private mutating func period() -> Period {
        var period = Period(second(number(50)), count: number(4))
        period.merge(Period(second(number(50)), count: 0))
        return period
    }
    private mutating func endpoint() -> Endpoint {
        Endpoint(IPAddress(v4: 0x0a00_0001 + UInt32(number(2))), 80)
    }

    private mutating func tenant() -> Tenant {
        Tenant(endpoint().address, MACAddress(UInt64(number(2))))
    }

    mutating func address() -> AddressRow {
        AddressRow(
            key: tenant(), bytesSent: number(99),
            seen: period())
    }
    mutating func binding() -> BindingRow {
        BindingRow(
            key: .init(
                subject: .address(endpoint().address), kind: .mac,
                value: .mac(MACAddress(UInt64(1 + number(2)))),
                source: "arp", since: second(60 * number(2))), seen: period())
    }
    mutating func app() -> AppUseRow {
        AppUseRow(
            key: .init(client: tenant(), app: "x", domain: "x.ai", clue: .tlsSNI),
            strength: [.hint, .strong][number(2)], name: word("A", "B", "C"),
            category: word("chat", "code"), bytesUp: number(99), bytesDown: number(99),
            seen: period())
    }
    mutating func fact() -> FactRow {
        FactRow(
            key: .init(subject: "s", kind: .name, value: word("a", "b"), detail: word("", "1")),
            seen: period())
    }
    mutating func item() -> ListedItemRow {
        let version = word("1", "2")
        return ListedItemRow(
            item: ListedItem(
                kind: .tool, key: word("get", "put"), label: nil, text: version,
                hints: ["readOnlyHint": true], digest: version), endpoint: endpoint(),
            flow: word("f", "g"),
            seen: period())
    }
    mutating func call() -> CallRow {
        CallRow(
            key: .init(endpoint: endpoint(), client: tenant(), tool: word("get", "put")),
            errors: number(3),
            outcomes: .init(
                toolErrors: number(3), answered: number(3), nanoseconds: Int64(number(99)),
                longest: Int64(number(99)), resultBytes: number(99), progress: number(3)),
            seen: period())
    }
    mutating func model() -> ModelUseRow {
        ModelUseRow(
            key: .init(
                endpoint: endpoint(), path: "/v1", api: .openAIChat, client: tenant(),
                userAgent: word("a", "b"), model: "m"), streaming: number(3), answered: number(3),
            sums: .init(
                offering: number(3), returning: number(3), called: number(3), errors: number(3),
                input: number(9), output: number(9), cached: number(9), reasoning: number(9)),
            seen: period())
    }
    private mutating func operation() -> Operation {
        Operation(
            endpoint: endpoint(), kind: [.mcp, .a2a, .http][number(3)], what: word("get", "put"))
    }
    private mutating func exchangeKey() -> ExchangeRow.Key {
        .init(client: endpoint().address, operation: operation())
    }
    mutating func exchange() -> ExchangeRow {
        ExchangeRow(
            key: exchangeKey(), busy: Int64(number(999)), caller: word("", "a", "b", "é"),
            seen: period())
    }
    mutating func link() -> LinkRow {
        LinkRow(
            key: .init(
                outer: .init(
                    client: endpoint().address,
                    operation: Operation(endpoint: endpoint(), kind: .a2a, what: "ask")),
                inner: operation()), outers: number(3), traced: number(3),
            conversed: number(3), exchanged: number(3), shared: number(3),
            trace: word("", "0a", "0b"), seen: period())
    }
    mutating func evidence() -> EvidenceRow {
        EvidenceRow(
            key: .init(subject: word("s", "t"), clue: .tlsSNI, detail: word("a", "b")),
            strength: [.hint, .strong, .proof][number(3)], flow: word("f", "g", "h"), seen: period()
        )
    }
}

/// merge(a, merge(b, c)) == merge(merge(b, a), c), for rows made of one key.
private func expectMerges<Element: Row & Equatable>(_ rows: [Element]) {
    for start in stride(from: 0, to: rows.count - 2, by: 3) {
        let (a, b, c) = (rows[start], rows[start + 1], rows[start + 2])
        guard a.key == b.key, b.key == c.key else { continue }
        var inner = b
        inner.merge(c)
        var left = a
        left.merge(inner)
        var right = b
        right.merge(a)
        right.merge(c)
        #expect(left == right, "\(a) \(b) \(c)")
    }
}

/// The database merges as memory does: whole at once, or row by row in the opposite order.
private func expectUpserts<Element: Row>(_ rows: [Element], _ table: String) throws {
    let dumps = try [(rows.count, rows), (1, rows.reversed()), (7, rows)].map { part, order in
        try dump(of: table) { database in
            var set = RowSet<Element>()
            for row in order {
                set.add(row)
                if set.count >= part { try set.write(to: database) }
            }
            try set.write(to: database)
        }
    }
    #expect(!dumps[0].isEmpty && dumps[0] == dumps[1] && dumps[0] == dumps[2])
}

struct MergeTests {
    @Test(arguments: 1...4 as ClosedRange<UInt64>) func mergingIsAssociativeAndCommutative(
        seed: UInt64
    ) {
        var make = RowMaker(random: SeededGenerator(seed: seed))
        func rows<Element>(_ one: () -> Element) -> [Element] {
            (0..<600).map { _ in one() }
        }
        expectMerges(rows { make.address() }.sorted { $0.key < $1.key })
        expectMerges(rows { make.binding() }.sorted { "\($0.key)" < "\($1.key)" })
        expectMerges(rows { make.app() }.sorted { "\($0.key)" < "\($1.key)" })
        expectMerges(rows { make.fact() }.sorted { "\($0.key)" < "\($1.key)" })
        expectMerges(rows { make.item() }.sorted { "\($0.key)" < "\($1.key)" })
        expectMerges(rows { make.call() }.sorted { "\($0.key)" < "\($1.key)" })
        expectMerges(rows { make.model() }.sorted { "\($0.key)" < "\($1.key)" })
        expectMerges(rows { make.evidence() }.sorted { "\($0.key)" < "\($1.key)" })
        expectMerges(rows { make.exchange() }.sorted { "\($0.key)" < "\($1.key)" })
        expectMerges(rows { make.link() }.sorted { "\($0.key)" < "\($1.key)" })
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>) func theDatabaseMergesAsMemoryDoes(seed: UInt64)
        throws
    {
        var make = RowMaker(random: SeededGenerator(seed: seed))
        func rows<Element>(_ one: () -> Element) -> [Element] {
            (0..<60).map { _ in one() }
        }
        try expectUpserts(rows { make.address() }, "address")
        try expectUpserts(rows { make.binding() }, "binding")
        try expectUpserts(rows { make.app() }, "app_use")
        try expectUpserts(rows { make.fact() }, "fact")
        try expectUpserts(rows { make.item() }, "listed_item")
        try expectUpserts(rows { make.call() }, "mcp_call")
        try expectUpserts(rows { make.model() }, "model_use")
        try expectUpserts(rows { make.evidence() }, "evidence")
        try expectUpserts(rows { make.exchange() }, "exchange")
        try expectUpserts(rows { make.link() }, "link")
    }

    @Test(arguments: [1, 5, 1000]) func theBestEvidenceStaysWheneverItIsWritten(part: Int) throws {
        let rows = (0..<200).map { number in
            EvidenceRow(
                key: .init(subject: "s", clue: .mcpMessage, detail: "tool \(number)"),
                strength: number % 10 == 9 ? .proof : .strong, flow: "f",
                seen: Period(second(number)))
        }
        let kept = try dump(of: "evidence") { database in
            for start in stride(from: 0, to: rows.count, by: part) {
                var set = RowSet<EvidenceRow>()
                for row in rows[start..<min(start + part, rows.count)] { set.add(row) }
                try set.write(to: database)
                try EvidenceRow.trim(["s"], database)
            }
        }
        #expect(kept.count == EvidenceRow.limit)
        let proofs = stride(from: 9, to: 200, by: 10)
        #expect(proofs.allSatisfy { number in kept.contains { $0.contains("\"tool \(number)\"") } })
        #expect(kept.contains { $0.contains("\"tool 0\"") })
        #expect(!kept.contains { $0.contains("\"tool 100\"") })
    }
}
