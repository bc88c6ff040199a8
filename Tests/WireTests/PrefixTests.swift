import Support
import Testing

@testable import Wire

/// A connection that is cut off anywhere, on one side or on both, says less than the whole one and
/// nothing else.
@Suite struct PrefixTests {
    /// What a connection claims, and how many of its messages claim anything.
    private struct Claims {
        var facts: Set<String> = []
        var count = 0
        /// The bytes of each side behind which there was more.
        var places: [Set<Int>] = [[], []]

        mutating func note(_ side: Side, _ message: Message) {
            let found = EventFacts.of(side, message)
            facts.formUnion(found)
            count += found.isEmpty ? 0 : 1
        }

        /// What another claims that this one does not.
        func lacks(_ other: Claims) -> [String] { other.facts.subtracting(facts).sorted() }
    }

    private static func claims(_ run: FlowRun) -> Claims {
        var found = Claims()
        for event in run.events { found.note(event.side, event.message) }
        return found
    }

    /// In one pass: what was said before a byte stands, and a copy that ends there says the rest.
    @Test(
        .enabled(if: ExampleFile.isThere, "SKIPPED: ../shared is not here"),
        arguments: ExampleTable.rows)
    func noPrefixClaimsAnythingElse(_ row: ExampleTable.Row) throws {
        for connection in try ExampleFile.connections(row.name) {
            let whole = Self.claims(ExampleFile.run(connection))
            guard let first = connection.first, var drive = PrefixDrive(first.bytes),
                row.name != "mcp-2025-11-25-websocket"
            else {
                Self.expectEachPrefixAlone(connection, whole)
                continue
            }
            var said = Claims()
            var wrong: [String: [Int]] = [:]
            var at = [0, 0]
            for block in connection {
                let side = Int(block.side.rawValue)
                for byte in block.bytes {
                    at[side] += 1
                    let before = said.count
                    let isTaken = drive.take(byte, from: block.side) { said.note($0, $1) }
                    try #require(isTaken, "cut at \(at)")
                    if said.count != before { said.places[side].insert(at[side]) }
                    for isClosed in [false, true] {
                        var part = Claims()
                        part.count = said.count
                        drive.end(closed: isClosed) { part.note($0, $1) }
                        for fact in whole.lacks(part) { wrong[fact] = wrong[fact] ?? at }
                        if part.count > whole.count { wrong["too many"] = at }
                    }
                }
            }
            #expect(wrong == [:], "what else is claimed, and where the cut was first")
            #expect(whole.lacks(said) == [])
            Self.expectEachSideAlone(connection, whole, said.places)
        }
    }

    /// Of what no copy can be made, each prefix is its own capture.
    private static func expectEachPrefixAlone(
        _ connection: [ExampleFile.Block], _ whole: Claims
    ) {
        var wrong: [String: [Int]] = [:]
        var at = [0, 0]
        for block in connection {
            for _ in block.bytes {
                at[Int(block.side.rawValue)] += 1
                let run = ExampleFile.run(
                    connection, client: at[0], server: at[1], isClosed: at[0] % 2 == 0)
                for fact in whole.lacks(claims(run)) { wrong[fact] = wrong[fact] ?? at }
            }
        }
        #expect(wrong == [:])
    }

    /// One side is cut where it had just said something, a byte before and a byte behind, and in
    /// some places between; the other goes on to its end. Within a message the other side is read
    /// as it is at the message's beginning, so these stand for all places.
    private static func expectEachSideAlone(
        _ connection: [ExampleFile.Block], _ whole: Claims, _ places: [Set<Int>]
    ) {
        var chance = Chance(seed: 11)
        for side in [Side.client, .server] {
            let total = connection.filter { $0.side == side }.reduce(0) { $0 + $1.bytes.count }
            var cuts = places[Int(side.rawValue)].union([0, 1, total])
            cuts.formUnion(cuts.flatMap { [max(0, $0 - 1), $0 + 1] })
            for _ in 0..<8 { cuts.insert(Int.random(in: 0...total, using: &chance)) }
            for cut in cuts.sorted() {
                let run = ExampleFile.run(
                    connection, client: side == .client ? cut : .max,
                    server: side == .server ? cut : .max, isClosed: cut % 2 == 0)
                let extra = whole.lacks(claims(run))
                #expect(extra == [], "\(side) cut at \(cut)")
            }
        }
    }
}
