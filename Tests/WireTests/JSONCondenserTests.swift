import Foundation
import Support
import Testing

@testable import Wire

/// What becomes of JSON texts that are too long to be kept.
@Suite struct JSONCondenserTests {
    private func condensed(_ text: [UInt8], pieces: [Int] = []) -> JSONCondenser {
        var condenser = JSONCondenser()
        var start = 0
        for end in pieces.filter({ $0 > 0 && $0 < text.count }).sorted() + [text.count] {
            condenser.feed(text.span.extracting(start..<max(start, end)))
            start = max(start, end)
        }
        return condenser
    }

    private func content(_ text: [UInt8], isWhole: Bool = true) -> Content? {
        var gathered = JSONText()
        gathered.append(text.span)
        return gathered.content(isWhole: isWhole, Carrier(kind: .lines), .server, nil)
    }

    private func message(_ text: String) -> RPCMessage? {
        var found: RPCMessage?
        content(Array(text.utf8))?.read { if case .rpc(let message, _) = $0 { found = message } }
        return found
    }

    private static func value(_ chance: inout Chance, depth: Int) -> String {
        switch Int.random(in: 0..<(depth < 4 ? 9 : 5), using: &chance) {
        case 0: return "\(Int.random(in: -1_000_000...1_000_000, using: &chance))"
        case 1: return ["true", "false", "null", "1.5e-7"].randomElement(using: &chance) ?? ""
        case 2, 3, 4:
            let parts = ["a", "\\\"", "\\\\", "ü", "\\u00fc", "€", "{", "]", ",", ":", " ", "\\n"]
            let count = Int.random(in: 0...300, using: &chance)
            let long = Int.random(in: 0..<12, using: &chance) == 0 ? 120 : 1
            return "\""
                + (0..<(count * long)).map { _ in parts.randomElement(using: &chance) ?? "" }
                .joined() + "\""
        case 5, 6:
            let count = Int.random(in: 0...14, using: &chance)
            return "["
                + (0..<count).map { _ in value(&chance, depth: depth + 1) }.joined(separator: ", ")
                + "]"
        default:
            let count = Int.random(in: 0...14, using: &chance)
            return "{"
                + (0..<count).map { "\"k\($0)\": " + value(&chance, depth: depth + 1) }
                .joined(separator: ",\n") + " }"
        }
    }

    private static func document(_ seed: UInt64) -> [UInt8] {
        var chance = Chance(seed: seed)
        let members = (0..<6).map { "\"m\($0)\":" + value(&chance, depth: 1) }
        return Array(("{" + members.joined(separator: ",") + ",\"id\":7}").utf8)
    }

    /// However it is cut into pieces, the same JSON comes out, with all its first members.
    @Test(arguments: 0..<16)
    func aDocumentStaysOneInAnyPieces(_ seed: UInt64) throws {
        let text = Self.document(seed)
        let whole = condensed(text)
        #expect(!whole.isBroken && whole.text.count <= 400 << 10, "seed \(seed)")
        let parsed = try JSONSerialization.jsonObject(with: Data(whole.text)) as? [String: Any]
        #expect(parsed?.count == 7 && parsed?["id"] as? Int == 7, "seed \(seed)")
        var chance = Chance(seed: seed)
        for _ in 0..<2 {
            let cuts = (0..<40).map { _ in Int.random(in: 0..<text.count, using: &chance) }
            #expect(condensed(text, pieces: cuts).text == whole.text, "seed \(seed)")
        }
        if whole.cuts.isEmpty { #expect(whole.text == text, "seed \(seed)") }
    }

    /// Byte by byte, where every escape and every character is cut.
    @Test func everyCutIsTheSame() {
        let strings = ["\\\"\\\\\\u12abü€😀", String(repeating: "ü\\n", count: 9_000)]
        let text = Array("{\"a\":[\"\(strings[0])\",-1.5e3,true],\"b\":\"\(strings[1])\"}".utf8)
        let whole = condensed(text)
        #expect(condensed(text, pieces: Array(1..<text.count)).text == whole.text)
        #expect(!whole.cuts.isEmpty && whole.text.count < 17 << 10)
        #expect((try? JSONSerialization.jsonObject(with: Data(whole.text))) != nil)
    }

    @Test(arguments: 0..<16)
    func brokenTextsDoNoHarm(_ seed: UInt64) {
        var chance = Chance(seed: seed)
        var text = Self.document(seed)
        for _ in 0..<6 {
            text[Int.random(in: 0..<text.count, using: &chance)] = .random(
                in: 0...255, using: &chance)
        }
        text.removeLast(Int.random(in: 0..<text.count, using: &chance))
        let cuts = (0..<9).map { _ in Int.random(in: 0...text.count, using: &chance) }
        #expect(condensed(text, pieces: cuts).text.count <= 401 << 10, "seed \(seed)")
    }

    @Test func depthIsBoundedAndWhatIsTooDeepIsLeftOut() throws {
        let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
        let long = String(repeating: "x", count: 70_000)
        let read = try #require(
            message(#"{"jsonrpc":"2.0","result":{"a":\#(deep),"b":"\#(long)"},"id":"x"}"#))
        #expect(read.id == "\"x" && read.isTruncated && read.bytes > 270_000)
    }

    @Test func aShortTextIsLeftAsItIs() throws {
        let text = Array(#" { "jsonrpc" : "2.0", "id" : 1 , "result" : { } } "#.utf8)
        let read = try #require(content(text))
        #expect(read.bytes == text && read.cuts.isEmpty && read.sentBytes == text.count)
        let limit = Array("[\"".utf8) + [UInt8](repeating: 97, count: (64 << 10) - 4)
        #expect(content(limit + Array("\"]".utf8))?.bytes == limit + Array("\"]".utf8))
        #expect(content(limit + Array("a\"]".utf8))?.cuts.isEmpty == false)
    }

    private static func tool(_ number: Int, _ text: String) -> String {
        #"{"name":"t\#(number)","description":"\#(text)","inputSchema":{"type":"object"}}"#
    }

    private func list(_ tools: [String]) -> String {
        #"{"result":{"tools":[\#(tools.joined(separator: ","))],"nextCursor":"c"},"jsonrpc":"2.0","id":3}"#
    }

    /// What is read whole has the digest that it has alone; what was cut has none.
    @Test func aDigestIsOfAWholeDefinition() throws {
        let tools = (0..<4_000).map { Self.tool($0, "It does what its number says: \($0).") }
        let read = try #require(message(list(tools)))
        #expect(read.hasNextCursor && read.isTruncated && read.marks.contains(.toolsResult))
        #expect((1_000..<4_000).contains(read.items.count))
        for item in read.items.dropLast() {
            let number = try #require(Int(item.key.dropFirst()))
            let alone = try #require(message(list([tools[number]]))?.items.first)
            #expect(item == alone)
        }
        let long = Self.tool(1, String(repeating: "long ", count: 20_000))
        let cut = try #require(message(list([tools[0], long, tools[2]])))
        #expect(cut.items.map(\.key) == ["t0", "t1", "t2"])
        #expect(cut.items.map { $0.digest.isEmpty } == [false, true, false])
        #expect(cut.items[1].text?.utf8.count == 4096)
    }

    @Test func aBatchKeepsItsMessages() {
        let long = String(repeating: "b", count: 50_000)
        let parts = (0..<8).map {
            #"{"jsonrpc":"2.0","result":{"content":[{"type":"text","text":"\#(long)"}]},"id":\#($0)}"#
        }
        var ids: [String?] = []
        content(Array("[\(parts.joined(separator: ","))]".utf8))?.read {
            if case .rpc(let message, _) = $0 { ids.append(message.id) }
        }
        #expect(ids == (0..<8).map { "#\($0)" })
    }

    /// Behind messages that fill all room, the tools that a model is offered are read.
    @Test func noMemberTakesAllTheRoom() throws {
        let long = String(repeating: "m", count: 9_000)
        let messages = (0..<200).map { _ in #"{"role":"user","content":"\#(long)"}"# }
        let text =
            #"{"messages":[\#(messages.joined(separator: ","))],"tools":[{"name":"add"}],"model":"m"}"#
        var request = HTTPRequest.Fields()
        (request.method, request.target) = ("POST", "/v1/chat/completions")
        var gathered = JSONText()
        let bytes = Array(text.utf8)
        gathered.append(bytes.span)
        let carrier = Carrier(kind: .httpBody, request: HTTPRequest(request))
        var found: ModelCall?
        gathered.content(isWhole: true, carrier, .client, nil)?.read {
            if case .modelCall(let call, _) = $0 { found = call }
        }
        #expect(found?.model == "m" && found?.toolNames == ["add"])
    }
}
