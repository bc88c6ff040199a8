import Codecs
import Foundation
import Support
import Testing
import Wire

/// A delegation as bytes, through the whole line: agents that ask each other in one conversation,
/// under tokens that were exchanged; and a server that tells clients to work otherwise than before.
@Suite struct ChainLineTests {
    /// One request and its answer on a connection of its own.
    private struct Talk {
        var client: String
        var server: String
        var port: UInt16
        var number: UInt16
        var request: [UInt8]
        var answer: [UInt8]
        var frames: (begin: [[UInt8]], end: [[UInt8]]) {
            let (up, down) = (UInt32(request.count) + 101, UInt32(answer.count) + 501)
            return (
                [
                    frame(.client, 100, [.syn]), frame(.server, 500, [.syn, .ack]),
                    frame(.client, 101, [.ack]), frame(.client, 101, [.ack, .psh], request),
                ],
                [
                    frame(.server, 501, [.ack, .psh], answer), frame(.client, up, [.fin, .ack]),
                    frame(.server, down, [.fin, .ack]),
                ]
            )
        }

        /// Each machine has its own.
        private static func mac(of address: String) -> UInt64 {
            address.split(separator: ".").reduce(2) { $0 << 8 | (UInt64($1) ?? 0) } << 8 | 1
        }

        private func frame(
            _ side: Side, _ seq: UInt32, _ flags: TCPFlags, _ payload: [UInt8] = []
        ) -> [UInt8] {
            let isClient = side == .client
            let (a, b) = isClient ? (client, server) : (server, client)
            let (from, to) = isClient ? (4000 + number, port) : (port, 4000 + number)
            return Frame.ethernet(from: Talk.mac(of: a), to: Talk.mac(of: b)).ipv4(
                a, b, next: 6, Frame.tcp(from, to, seq: seq, flags: flags, payload)
            ).bytes
        }
    }

    private static func token(_ claims: String) -> String {
        [#"{"alg":"RS256","typ":"at+jwt"}"#, claims, "a seal that nobody checks"].map { part in
            Base64.encode(Array(part.utf8)).replacing("=", with: "").replacing("+", with: "-")
                .replacing("/", with: "_")
        }.joined(separator: ".")
    }

    private static func post(_ path: String, _ token: String?, _ body: String) -> [UInt8] {
        let bearer = token.map { "Authorization: Bearer \($0)\r\n" } ?? ""
        let revision = path == "/mcp" ? "MCP-Protocol-Version: 2025-06-18\r\n" : ""
        return Array(
            ("POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                + "Accept: application/json, text/event-stream\r\n"
                + "\(revision)\(bearer)"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8)
    }

    private static func answer(_ body: String) -> [UInt8] {
        Array(
            ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8)
    }

    private static let subject = "alice.berg@corp.example"
    private static let context = "5f0c6a52-ctx-7781-alpha"

    private static func message(_ context: String) -> String {
        #"{"jsonrpc":"2.0","id":1,"method":"message/send","params":{"message":{"kind":"message","messageId":"m","contextId":"\#(context)","role":"user","parts":[{"kind":"text","text":"do it"}]}}}"#
    }
    private static let reply =
        #"{"jsonrpc":"2.0","id":1,"result":{"kind":"message","messageId":"r","role":"agent","parts":[{"kind":"text","text":"done"}]}}"#

    private static func claims(_ more: String) -> String {
        #"{"iss":"https://as.example","sub":"\#(subject)"\#(more)}"#
    }

    /// A person asks an agent, that another in the same conversation, that a tool.
    private static func delegation() -> [Talk] {
        let acts = [
            "", #","act":{"sub":"planner"}"#,
            #","act":{"sub":"broker","act":{"sub":"planner"}}"#,
        ].map { token(claims($0)) }
        let call =
            #"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"pay","arguments":{"sum":1}}}"#
        let result = #"{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"ok"}]}}"#
        return [
            Talk(
                client: "10.0.1.7", server: "10.0.5.2", port: 9000, number: 1,
                request: post("/", acts[0], message(context)), answer: answer(reply)),
            Talk(
                client: "10.0.5.2", server: "10.0.5.3", port: 9000, number: 2,
                request: post("/", acts[1], message(context)), answer: answer(reply)),
            Talk(
                client: "10.0.5.3", server: "10.0.5.4", port: 3001, number: 3,
                request: post("/mcp", acts[2], call), answer: answer(result)),
        ]
    }

    private static func meeting(_ number: UInt16, _ instructions: String, _ version: String) -> Talk
    {
        let ask =
            #"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"broker","version":"1"}}}"#
        let result =
            #"{"jsonrpc":"2.0","id":0,"result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"bank","version":"\#(version)"},"instructions":"\#(instructions)"}}"#
        return Talk(
            client: "10.0.5.3", server: "10.0.5.4", port: 3001, number: number,
            request: post("/mcp", nil, ask), answer: answer(result))
    }

    private func replay(_ frames: [[UInt8]], _ folder: TemporaryFolder) throws -> String {
        let capture = try folder.write("capture.pcap", bytes: PcapCut.file(of: frames))
        let db = folder.file("tyto.db")
        let out = try Program.run(
            "replay", capture, "--db", db, "--events", folder.file("events"))
        #expect(out.status == 0, "\(out.err)")
        return db
    }

    @Test func conversationsAndTokensMakeAChain() throws {
        let folder = try TemporaryFolder()
        let talks = Self.delegation()
        let frames =
            talks.flatMap { $0.frames.begin } + talks.reversed().flatMap { $0.frames.end }
        let db = try replay(frames, folder)
        let text = try Program.run("chains", "--db", db).out
        #expect(text.contains("a2a SendMessage, once → 10.0.5.2:9000"), "\(text)")
        #expect(text.contains("by context, token; sure 0.95"), "\(text)")
        #expect(text.contains("mcp pay, once → 10.0.5.4:3001"), "\(text)")
        #expect(text.contains("by token; sure 0.90"), "\(text)")
        #expect(text.contains("in the name of subject-1 of https://as.example (what tokens claim"))
        // Neither who it is nor the token is in anything that was written.
        let whole = try outputs(folder, db) + Data(text.utf8)
        #expect(whole.count > 10_000)
        for secret in [Self.subject, Self.context, String(Self.token(Self.claims("")).prefix(40))] {
            #expect(whole.range(of: Data(secret.utf8)) == nil, "\(secret)")
        }
    }

    private static let trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    private static let values = ["Bahnhofstrasse 12, Zug", "customer-4711-private"]

    private static func events(_ events: [String]) -> [UInt8] {
        let body = events.map { "data: \($0)\n\n" }.joined()
        return Array(
            ("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8)
    }

    /// A person asks an agent, that a model, whose answer streams a call; that is then made.
    private static func wish() -> [Talk] {
        let traced = { (path: String, body: String) -> [UInt8] in
            Array(
                ("POST \(path) HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
                    + "User-Agent: desk/2.1\r\n"
                    + "traceparent: 00-\(trace)-00f067aa0ba902b7-01\r\n"
                    + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8)
        }
        let ask =
            #"{"model":"llama-3","stream":true,"messages":[{"role":"user","content":"do it"}],"tools":[{"type":"function","function":{"name":"ship"}}]}"#
        let piece = { (text: String) in
            #"{"object":"chat.completion.chunk","model":"llama-3","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,\#(text)}]}}]}"#
        }
        let stream = events([
            piece(#""id":"call_12345678","function":{"name":"ship","arguments":""}"#),
            piece(#""function":{"arguments":"{\"to\": \"Bahnhofstr"}"#),
            piece(#""function":{"arguments":"asse 12, Zug\", \"for\""}"#),
            piece(#""function":{"arguments":": \"customer-4711-private\"}"}"#),
        ])
        let call =
            #"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"ship","arguments":{"for":"\#(values[1])","to":"\#(values[0])"}}}"#
        let result = #"{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":"ok"}]}}"#
        return [
            Talk(
                client: "10.0.1.7", server: "10.0.5.2", port: 9000, number: 1,
                request: traced("/run", #"{"task":"x"}"#), answer: answer(#"{"state":"done"}"#)),
            Talk(
                client: "10.0.5.2", server: "10.0.5.9", port: 8000, number: 2,
                request: traced("/v1/chat/completions", ask), answer: stream),
            Talk(
                client: "10.0.5.2", server: "10.0.5.4", port: 3001, number: 3,
                request: post("/mcp", nil, call), answer: answer(result)),
        ]
    }

    /// The call bears no trace id; that it is what the model wanted, its arguments say.
    @Test func equalArgumentsMakeAChainAndAreNowhereWritten() throws {
        let folder = try TemporaryFolder()
        let talks = Self.wish()
        let frames =
            talks[0].frames.begin + talks[1].frames.begin + talks[1].frames.end
            + talks[2].frames.begin + talks[2].frames.end + talks[0].frames.end
        let db = try replay(frames, folder)
        let text = try Program.run("chains", "--db", db).out
        #expect(text.contains("mcp ship, once → 10.0.5.4:3001"), "\(text)")
        #expect(text.contains("by trace, arguments; sure 0.90"), "\(text)")
        #expect(
            text.contains(
                "asked for by model llama-3 at 10.0.5.9:8000, with equal arguments, once"),
            "\(text)")
        let document = try Program.run("chains", "--db", db, "--format", "json").out
        #expect(document.contains("asked_by_models") && document.contains("\"arguments\""))
        let list = try Program.run("inventory", "mcp", "--db", db, "--format", "csv").out
        let id = try #require(list.split(separator: "\r\n").last?.split(separator: ",").first)
        let page = try Program.run("show", String(id), "--db", db).out
        #expect(page.contains("by trace, arguments; sure 0.90"), "\(page)")
        let whole = try outputs(folder, db) + Data((text + document + page).utf8)
        for value in Self.values + ["Bahnhofstr", "call_12345678"] {
            #expect(whole.range(of: Data(value.utf8)) == nil, "\(value)")
        }
        let reports = try FileManager.default.subpathsOfDirectory(atPath: folder.file("report"))
        let pages = reports.filter { $0.hasSuffix(".html") }.compactMap {
            FileManager.default.contents(atPath: folder.file("report/\($0)"))
        }
        #expect(pages.contains { $0.range(of: Data("with equal arguments".utf8)) != nil })
    }

    /// All that was written, the capture left out.
    private func outputs(_ folder: TemporaryFolder, _ db: String) throws -> Data {
        var whole = Data()
        _ = try Program.run("report", "--db", db, "--out", folder.file("report"))
        for file in FileManager.default.enumerator(atPath: folder.path)?.allObjects ?? [] {
            guard let name = file as? String, name != "capture.pcap" else { continue }
            whole += (try? Data(contentsOf: URL(fileURLWithPath: folder.file(name)))) ?? Data()
        }
        return whole
    }

    @Test func otherInstructionsAreShown() throws {
        let folder = try TemporaryFolder()
        let talks = [
            Self.meeting(1, "ask first", "1"), Self.meeting(2, "ask first", "1"),
            Self.meeting(3, "never ask", "2"),
        ]
        let db = try replay(talks.flatMap { $0.frames.begin + $0.frames.end }, folder)
        let list = try Program.run("inventory", "mcp", "--db", db, "--format", "csv").out
        let id = try #require(list.split(separator: "\r\n").last?.split(separator: ",").first)
        let text = try Program.run("show", String(id), "--db", db).out
        #expect(text.contains("instructions: other text than before (hash "), "\(text)")
        #expect(text.contains("server version 2)"), "\(text)")
        #expect(!text.contains("never ask"))
        let document = try Program.run("inventory", "mcp", "--db", db, "--format", "json").out
        #expect(document.split(separator: "\"hash\"").count == 3)
    }
}
