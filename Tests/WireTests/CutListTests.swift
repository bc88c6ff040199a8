import Support
import Testing

@testable import Wire

/// Lists whose end was not captured: what they named they named.
@Suite struct CutListTests {
    private static let list =
        #"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"add","inputSchema":{"type":"object"},"#
        + #""description":"Adds."},{"name":"drop","description":"Drops.","inputSchema":{"type":"#
        + #""object","properties":{"a":{"type":"string"}}}}]}}"#

    private func messages(_ text: String) -> [RPCMessage] {
        var found: [RPCMessage] = []
        Content(
            bytes: Array(text.utf8), isTruncated: true, carrier: Carrier(kind: .httpBody),
            side: .server, memory: nil, sentBytes: text.utf8.count
        ).read { if case .rpc(let message, _) = $0 { found.append(message) } }
        return found
    }

    /// Cut anywhere, an item is itself or a part without a version, and never another.
    @Test func aCutItemHasItsNameAndNoVersion() throws {
        let whole = try #require(messages(Self.list).first)
        #expect(whole.items.map(\.key) == ["add", "drop"])
        var seen: Set<[String]> = []
        for count in 0..<Self.list.utf8.count {
            for message in messages(String(Self.list.prefix(count))) {
                #expect(message.isTruncated && message.items.count <= 2)
                for (item, known) in zip(message.items, whole.items) {
                    #expect(item.key == known.key)
                    #expect(item.digest == known.digest || item.digest.isEmpty, "\(count)")
                    #expect((item.hashes == nil) == item.digest.isEmpty)
                }
                seen.insert(message.items.map(\.key))
            }
        }
        #expect(seen == [[], ["add"], ["add", "drop"]])
        let cut = try #require(Self.list.firstRange(of: "\"properties\""))
        let part = try #require(messages(String(Self.list[..<cut.lowerBound])).first)
        #expect(part.items.map(\.digest.isEmpty) == [false, true])
        #expect(part.items.last?.text == "Drops." && part.details.isListCut)
    }

    private func events(_ pieces: [String?]) -> [(name: String, text: String, isCut: Bool)] {
        var stream = ServerSentEvents()
        var found: [(name: String, text: String, isCut: Bool)] = []
        func take(_ event: ServerSentEvents.Event) {
            found.append((event.name, String(decoding: event.data, as: UTF8.self), event.isCut))
        }
        for piece in pieces {
            if let piece { stream.feed(Array(piece.utf8).span, emit: take) } else { stream.gap() }
        }
        stream.takeLost(take)
        return found
    }

    /// An event at which bytes were lost is given as far as it came, and the next is its own.
    @Test func anEventBeforeAHoleIsGivenAsFarAsItCame() {
        let found = events(["event: message\ndata: {\"a\":", nil, "1}\n\ndata: b\n\n"])
        #expect(found.map(\.name) == ["message", ""])
        #expect(found.map(\.text) == ["{\"a\":", "b"])
        #expect(found.map(\.isCut) == [true, false])
        #expect(events(["data: x\n\n", nil]).map(\.isCut) == [false])
        #expect(events(["data: x", nil, nil]).map(\.text) == ["x"])
        #expect(events(["event: m\nid: 7\n", nil, "\n\n"]).isEmpty)
    }

    /// Of a part of an address nobody knows where it leads.
    @Test func aCutAddressLeadsNowhere() {
        var talk = Conversation()
        talk.say(.client, Array("GET /sse HTTP/1.1\r\nHost: h\r\n\r\n".utf8))
        talk.say(
            .server,
            Array(
                ("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
                    + "event: endpoint\ndata: /messages?s=12").utf8))
        talk.lose(.server, 40)
        talk.say(.server, Array("\n\nevent: message\ndata: {}\n\n".utf8))
        talk.close()
        let found = FlowRun(talk.frames).events.contains {
            if case .sseEndpoint = $0.message { true } else { false }
        }
        #expect(!found)
    }
}
