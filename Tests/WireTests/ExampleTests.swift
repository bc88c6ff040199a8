import Support
import Testing

@testable import Wire

/// Bytes recorded from real programs: each example gives the messages that it holds.
@Suite struct ExampleTests {
    private static func messages(_ run: FlowRun) -> [(text: String, message: RPCMessage)] {
        run.events.compactMap { event in
            guard case .rpc(let message, _) = event.message else { return nil }
            let id = message.id.map { " \($0)" } ?? ""
            let side = event.side == .client ? "C" : "S"
            return ("\(side) \(message.method ?? message.kind.rawValue)\(id)", message)
        }
    }

    /// Messages of JSON-RPC that other protocols than MCP take for their own.
    private static func taken(_ run: FlowRun) -> Int {
        run.events.count {
            switch $0.message {
            case .a2a, .agentRun: true
            default: false
            }
        }
    }

    @Test(
        .enabled(if: ExampleFile.isThere, "SKIPPED: ../shared is not here"),
        arguments: ExampleTable.rows)
    func everyExampleGivesWhatItHolds(_ row: ExampleTable.Row) throws {
        for size in [7, 1000] {
            var found: [String] = []
            var tools: Set<String> = []
            var taken = 0
            for connection in try ExampleFile.connections(row.name) {
                let run = ExampleFile.run(connection, size: size)
                for (text, message) in Self.messages(run) {
                    found.append(text)
                    let listed = message.items.filter { $0.kind == .tool }
                    tools.formUnion(listed.map(\.key))
                }
                #expect(run.ends.allSatisfy { $0.anomalies == 0 })
                taken += Self.taken(run)
            }
            if row.name.hasPrefix("mcp-") || row.name.hasPrefix("not-mcp-") {
                #expect(found.sorted().joined(separator: ", ") == row.messages && taken == 0)
            } else {
                // Of agents' own languages on JSON-RPC all that says something is theirs.
                let expected = row.messages.split(separator: ", ").map(String.init)
                #expect(found.allSatisfy { $0.contains("result") && expected.contains($0) })
                #expect(found.count + taken >= expected.count)
            }
            #expect(tools.sorted().joined(separator: ", ") == row.tools)
        }
    }
}
