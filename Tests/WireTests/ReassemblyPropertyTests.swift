import Support
import Testing

@testable import Wire

/// However a network cuts, reorders and repeats segments, the same is read. A failure prints the
/// seed, and the seed brings it back.
@Suite struct ReassemblyPropertyTests {
    /// What two sides say in turn.
    private struct Script: Sendable {
        var name: String
        var turns: [(side: Side, bytes: [UInt8])]
    }

    private static func body(_ json: String, _ opening: String) -> [UInt8] {
        let head = "Host: 10.0.0.2\r\nContent-Type: application/json\r\n"
        return Array(
            "\(opening)\r\n\(head)Content-Length: \(json.utf8.count)\r\n\r\n\(json)".utf8)
    }

    private static let tls: Script = {
        var answer = HelloBytes()
        answer.ciphers = [0x1301]
        let sealed = [23, 3, 3, 4, 0] + [UInt8](repeating: 0x5a, count: 1024)
        return Script(
            name: "tls",
            turns: [
                (.client, HelloBytes.browser("split.example").records()),
                (.server, answer.records(type: 2) + sealed), (.client, sealed + sealed),
                (.server, sealed + sealed + sealed), (.client, sealed),
            ])
    }()

    private static let http: Script = {
        let call = #"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"add"}}"#
        let list = #"{"jsonrpc":"2.0","id":2,"method":"tools/list"}"#
        let tools = #"{"jsonrpc":"2.0","id":2,"result":{"tools":[{"name":"add"},{"name":"sub"}]}}"#
        return Script(
            name: "http",
            turns: [
                (.client, body(call, "POST /mcp HTTP/1.1")),
                (.server, body(#"{"jsonrpc":"2.0","id":1,"result":{}}"#, "HTTP/1.1 200 OK")),
                (.client, body(list, "POST /mcp HTTP/1.1")),
                (.server, body(tools, "HTTP/1.1 200 OK")),
            ])
    }()

    private static let events: Script = {
        var stream = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
        stream += "Transfer-Encoding: chunked\r\n\r\n"
        for id in 1...3 {
            let text = "event: message\ndata: {\"jsonrpc\":\"2.0\",\"id\":\(id),\"result\":{}}\n\n"
            stream += String(text.utf8.count, radix: 16) + "\r\n\(text)\r\n"
        }
        return Script(
            name: "events",
            turns: [
                (.client, body(#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#, "POST /s HTTP/1.1")),
                (.server, Array((stream + "0\r\n\r\n").utf8)),
                (.client, Array("GET /next HTTP/1.1\r\n\r\n".utf8)),
            ])
    }()

    private static let lines: Script = {
        let ask = (1...4).map { #"{"jsonrpc":"2.0","id":\#($0),"method":"tools/list"}"# + "\n" }
        let tell = (1...4).map { #"{"jsonrpc":"2.0","id":\#($0),"result":{"tools":[]}}"# + "\n" }
        return Script(
            name: "lines",
            turns: [
                (.client, Array(ask[..<2].joined().utf8)), (.server, Array(tell.joined().utf8)),
                (.client, Array(ask[2...].joined().utf8)),
            ])
    }()

    /// A DNS query for `a.example` (RFC 1035 §4.1), in a datagram: nothing may become of it.
    private static let query: [UInt8] = Frame.ethernet().ipv4(
        "10.0.0.1", "10.0.0.9", next: 17,
        Frame.udp(
            5353, 53,
            [0, 7, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 97, 7] + Array("example".utf8)
                + [0, 0, 1, 0, 1])
    ).bytes

    private static let scripts = [tls, http, events, lines]

    /// One segment of a script's streams, and where it is sent: larger is later.
    private struct Piece {
        var at: Int
        var bytes: [UInt8]
        var place: Int
        var isCopy = false
    }

    /// The script as it would go by undisturbed.
    private func plain(_ script: Script) -> Trace {
        var trace = Trace()
        var sent: [Side: Int] = [:]
        trace.add(Self.query)
        for turn in script.turns {
            trace.send(turn.side, sent[turn.side, default: 0], turn.bytes)
            sent[turn.side, default: 0] += turn.bytes.count
        }
        return trace
    }

    /// The script cut, reordered and repeated. A turn begins when the one before it is whole, as
    /// an answer does; what is sent again may come at any time after.
    private func disturbed(
        _ script: Script, cuts: [[Int]], _ chance: inout Chance
    ) -> Trace {
        var trace = Trace()
        trace.add(Self.query)
        var said: [Side: [UInt8]] = [:]
        for (turn, cuts) in zip(script.turns, cuts) {
            let start = said[turn.side, default: []].count
            said[turn.side, default: []] += turn.bytes
            var pieces: [Piece] = []
            let ends = cuts.filter { $0 > 0 && $0 < turn.bytes.count }.sorted() + [turn.bytes.count]
            var from = 0
            for end in ends where end > from {
                let place = pieces.count * 4 + Int.random(in: 0..<60, using: &chance)
                pieces.append(
                    Piece(at: start + from, bytes: Array(turn.bytes[from..<end]), place: place))
                from = end
            }
            for _ in 0..<Int.random(in: 0..<6, using: &chance) {
                let all = said[turn.side, default: []]
                let low = Int.random(in: max(0, start - 200)..<all.count, using: &chance)
                let high = Int.random(in: (low + 1)...min(all.count, low + 300), using: &chance)
                let place = Int.random(in: 0..<(pieces.count * 4 + 60), using: &chance)
                pieces.append(Piece(at: low, bytes: Array(all[low..<high]), place: place))
            }
            for piece in pieces.sorted(by: { ($0.place, $0.at) < ($1.place, $1.at) }) {
                trace.send(turn.side, piece.at, piece.bytes)
                if Int.random(in: 0..<5, using: &chance) == 0 {
                    trace.add(trace.frames[trace.frames.count - 1], after: 0)
                }
            }
        }
        return trace
    }

    private func expectSame(_ run: FlowRun, _ whole: FlowRun, _ note: String) {
        #expect(run.messages == whole.messages, "\(note)")
        #expect(run.ends.count == whole.ends.count, "\(note)")
        for (end, other) in zip(run.ends, whole.ends) {
            for (side, before) in [(end.client, other.client), (end.server, other.server)] {
                #expect(side.payloadBytes == before.payloadBytes, "\(note)")
                #expect(side.missingBytes == 0, "\(note)")
            }
        }
        #expect(run.tally[Anomaly.conflictingRetransmission] == 0, "\(note)")
        #expect(run.heldBytes == 0, "\(note)")
    }

    @Test(arguments: 0..<600)
    func cutsOrderAndRepetitionsChangeNothing(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        let script = Self.scripts[Int(seed) % Self.scripts.count]
        let whole = plain(script).run()
        #expect(whole.messages.count >= 3, "\(script.name)")
        let cuts = script.turns.map { turn in
            (0..<Int.random(in: 0..<20, using: &chance)).map { _ in
                Int.random(in: 0..<turn.bytes.count, using: &chance)
            }
        }
        let run = disturbed(script, cuts: cuts, &chance).run()
        expectSame(run, whole, "\(script.name), seed \(seed)")
    }

    /// Every turn in two segments, at every place, in order and turned round.
    @Test(arguments: scripts.indices)
    func aSplitAtAnyByteChangesNothing(_ position: Int) {
        let script = Self.scripts[position]
        let whole = plain(script).run()
        let longest = script.turns.map(\.bytes.count).max() ?? 0
        for cut in 1..<min(longest, 700) {
            var trace = Trace()
            trace.add(Self.query)
            var sent: [Side: Int] = [:]
            for (side, bytes) in script.turns {
                let start = sent[side, default: 0]
                sent[side] = start + bytes.count
                let middle = min(cut, bytes.count - 1)
                let parts = [(start, bytes[..<middle]), (start + middle, bytes[middle...])]
                for (at, part) in cut % 2 == 0 ? parts : parts.reversed() {
                    trace.send(side, at, Array(part))
                }
            }
            expectSame(trace.run(), whole, "\(script.name), cut at \(cut)")
        }
    }
}
