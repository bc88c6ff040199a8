import Support
import Testing

@testable import Wire

/// JSON-RPC in lines and bodies of HTTP begin alike where the beginning of the flow was not seen.
@Suite struct MidstreamLinesTests {
    private static let call =
        #"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"add","arguments":{}}}"#
    private static let result =
        #"{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"x"}],"isError":false}}"#
    private static let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    private static let post =
        "POST /mcp HTTP/1.1\r\nHost: h.example\r\nContent-Type: application/json\r\n"

    private func run(
        _ parts: [(Side, String)], cuts: [Int] = [], hasHandshake: Bool = false
    ) -> FlowRun {
        var talk = Conversation(hasHandshake: hasHandshake)
        for (side, text) in parts { talk.say(side, Array(text.utf8), cuts: cuts) }
        talk.close()
        return FlowRun(talk.frames)
    }

    private func carriers(_ run: FlowRun) -> [String] {
        run.events.compactMap {
            guard case .rpc(let message, let carrier) = $0.message else { return nil }
            let side = $0.side == .client ? "C" : "S"
            return "\(side) \(carrier.kind.rawValue) \(message.method ?? message.kind.rawValue)"
        }
    }

    /// The body of a request whose head lies before the capture, with or without an end of line,
    /// answered in HTTP: no line is told, and what follows is read as HTTP.
    @Test(arguments: ["", "\n", "\r\n"], [[], [1], [20, 60], Array(1..<90)])
    func aBodyIsNoLine(_ end: String, _ cuts: [Int]) {
        let answer = Self.head + "Content-Length: \(Self.result.utf8.count)\r\n\r\n" + Self.result
        let next = Self.post + "Content-Length: \(Self.call.utf8.count)\r\n\r\n" + Self.call
        let run = run(
            [(.client, Self.call + end), (.server, answer), (.client, next), (.server, answer)],
            cuts: cuts)
        #expect(carriers(run) == ["S http result", "C http tools/call", "S http result"])
        #expect(run.ends.map(\.appProtocol) == ["http"])
        #expect(run.ends.map(\.carrierProtocol) == [nil])
    }

    /// The same, where only one direction was captured, or nothing more than the body.
    @Test(arguments: ["", "\n"])
    func aBodyAloneTellsNothing(_ end: String) {
        let next = Self.post + "Content-Length: \(Self.call.utf8.count)\r\n\r\n" + Self.call
        let requests = run([(.client, Self.call + end), (.client, next), (.client, next)])
        #expect(carriers(requests) == ["C http tools/call", "C http tools/call"])
        #expect(requests.ends.map(\.appProtocol) == ["http"])
        #expect(carriers(run([(.client, Self.call + end)])) == [])
        // The head and the body in one segment, behind the body whose head is not there.
        let joined = run([(.client, Self.call + end + next)])
        #expect(!carriers(joined).contains { $0.contains("lines") })
    }

    /// Lines that a capture meets in the middle are lines as soon as there are two, of one side or
    /// of both; none is lost.
    @Test(arguments: [[], [1], [20, 60], Array(1..<90)])
    func linesAreLines(_ cuts: [Int]) {
        let call = Self.call + "\n"
        let result = Self.result + "\n"
        let both = run([(.client, call), (.server, result), (.client, call)], cuts: cuts)
        #expect(carriers(both) == ["C lines tools/call", "S lines result", "C lines tools/call"])
        let one = run([(.client, call), (.client, call)], cuts: cuts)
        #expect(carriers(one) == ["C lines tools/call", "C lines tools/call"])
        #expect(one.ends.map(\.appProtocol) == ["jsonrpc"])
    }

    /// At a flow's very beginning stands no body.
    @Test func theFirstLineOfAFlowIsOne() {
        let run = run([(.client, Self.call + "\n")], hasHandshake: true)
        #expect(carriers(run) == ["C lines tools/call"])
    }

    /// What a side had half said when the capture ended is that side's.
    @Test func whatIsCutOffIsTheSidesThatSaidIt() {
        var talk = Conversation()
        let body = #"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a","inputSchema":{}},{"#
        talk.say(.client, Array((Self.post + "Content-Length: 2\r\n\r\n{}").utf8))
        talk.say(.server, Array((Self.head + "Content-Length: 900\r\n\r\n" + body).utf8))
        #expect(carriers(FlowRun(talk.frames)) == ["S http result"])
    }
}
