import Foundation
import Support
import Testing

@testable import Wire

/// Bytes recorded from real programs: each example gives the messages that it holds, and no part of
/// one gives any other.
@Suite struct ExampleTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("../shared/wire/examples").standardizedFileURL
    static let isThere = FileManager.default.fileExists(atPath: folder.path)

    private struct Block {
        var connection: Int
        var side: Side
        var bytes: [UInt8]
    }

    /// `@@ <seconds> conn=<n> C>S <ports> len=<N>`, a line, the bytes, and a line end.
    private static func blocks(_ name: String) throws -> [Block] {
        let file = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name + ".txt")))
        var found: [Block] = []
        var at = 0
        while at < file.count {
            let end = file[at...].firstIndex(of: 10) ?? file.count
            let words = String(decoding: file[at..<end], as: UTF8.self).split(separator: " ")
            at = end + 1
            guard words.first == "@@", let length = words.last?.split(separator: "="),
                length.first == "len", let count = Int(length[1])
            else { continue }
            found.append(
                Block(
                    connection: Int(words[2].dropFirst(5)) ?? 0,
                    side: words[3] == "C>S" ? .client : .server,
                    bytes: Array(file[at..<(at + count)])))
            at += count + 1
        }
        return found
    }

    /// The first `limit` bytes of one connection, in segments of `size` bytes at most.
    private static func run(_ blocks: [Block], limit: Int = .max, size: Int) -> FlowRun {
        var talk = Conversation()
        var left = limit
        for block in blocks where left > 0 {
            let bytes = Array(block.bytes.prefix(left))
            left -= bytes.count
            talk.say(
                block.side, bytes,
                cuts: Array(stride(from: size, to: max(size, bytes.count), by: size)))
        }
        talk.close()
        return FlowRun(talk.frames)
    }

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

    private static func connections(_ name: String) throws -> [[Block]] {
        let all = try blocks(name)
        return Set(all.map(\.connection)).sorted().map { number in
            all.filter { $0.connection == number }
        }
    }

    @Test(.enabled(if: isThere, "SKIPPED: ../shared is not here"), arguments: ExampleTable.rows)
    func everyExampleGivesWhatItHolds(_ row: ExampleTable.Row) throws {
        for size in [7, 1000] {
            var found: [String] = []
            var tools: Set<String> = []
            var taken = 0
            for connection in try Self.connections(row.name) {
                let run = Self.run(connection, size: size)
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

    /// A whole message of a part is one of the whole; one that was cut off says nothing else than
    /// that.
    @Test(.enabled(if: isThere, "SKIPPED: ../shared is not here"), arguments: ExampleTable.rows)
    func noPartOfAnExampleTellsAnythingElse(_ row: ExampleTable.Row) throws {
        var chance = Chance(seed: 11)
        for connection in try Self.connections(row.name) {
            let all = Self.messages(Self.run(connection, size: 1000))
            let known = Set(all.map(\.text))
            let methods = Set(all.map(\.message.method))
            let total = connection.reduce(0) { $0 + $1.bytes.count }
            for _ in 0..<8 {
                let limit = Int.random(in: 0...total, using: &chance)
                let part = Self.messages(Self.run(connection, limit: limit, size: 1000))
                // Cut off and without a mark of its own, a message is JSON-RPC and no more.
                let telling = part.filter { !$0.message.isTruncated || !$0.message.marks.isEmpty }
                #expect(telling.count <= all.count)
                for (text, message) in telling {
                    let isKnown =
                        message.isTruncated
                        ? methods.contains(message.method) : known.contains(text)
                    #expect(isKnown, "\(row.name), \(limit) bytes: \(text)")
                }
            }
        }
    }
}
