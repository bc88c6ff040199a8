import Support
import Testing

@testable import Wire

/// How connections begin, end and begin again: Docs/Reassembly.md, "Beginnings" and "Ends".
@Suite struct ReassemblyEndTests {
    private static func get(_ path: String) -> [UInt8] {
        Array("GET \(path) HTTP/1.1\r\nHost: a.example\r\n\r\n".utf8)
    }
    private static let answer = Array("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".utf8)

    private func hasPath(_ run: FlowRun, _ path: String) -> Bool {
        run.messages.contains { $0.contains("\"\(path)\"") }
    }

    // MARK: - Beginnings

    @Test func dataOnASYNIsTheStreamsBeginning() throws {
        let bytes = Self.get("/fast-open")
        var trace = Trace(hasHandshake: false)
        trace.send(.client, -1, Array(bytes[..<30]), flags: [.syn])
        trace.send(.server, -1, Self.answer, flags: [.syn, .ack], ack: 0)
        // The server took none of it, so it comes again (RFC 7413 §4.2.2).
        trace.send(.client, 0, bytes, ack: Self.answer.count)
        let run = trace.run()
        #expect(hasPath(run, "/fast-open"))
        let end = try #require(run.ends.first)
        #expect(end.client.payloadBytes == UInt64(bytes.count))
        #expect(end.server.payloadBytes == UInt64(Self.answer.count))
        #expect(end.isWhole)
    }

    @Test func aSimultaneousOpenIsOneFlow() throws {
        var trace = Trace(hasHandshake: false)
        trace.send(.client, -1, flags: [.syn])
        trace.send(.server, -1, flags: [.syn])
        trace.send(.client, -1, flags: [.syn, .ack], ack: 0)
        trace.send(.server, -1, flags: [.syn, .ack], ack: 0)
        trace.send(.client, 0, Self.get("/both"))
        trace.send(.server, 0, Self.answer)
        let run = trace.run()
        #expect(run.ends.count == 1)
        #expect(run.messages.contains { $0.hasPrefix("server httpResponse") })
        #expect(run.ends.first?.client.missingBytes == 0)
    }

    /// The server acknowledges first and sends its own SYN apart from it; the client answers that
    /// with a SYN-ACK, so that direction of the handshake means nothing.
    @Test func aSplitHandshakeIsOneFlowWithItsClient() throws {
        var trace = Trace(hasHandshake: false)
        trace.send(.client, -1, flags: [.syn])
        trace.send(.server, 50_000, flags: [.ack], ack: 0)
        trace.send(.server, -1, flags: [.syn])
        trace.send(.client, -1, flags: [.syn, .ack], ack: 0)
        trace.send(.server, 0, ack: 0)
        trace.send(.client, 0, Self.get("/split"))
        trace.send(.server, 0, Self.answer, ack: Self.get("/split").count)
        let run = trace.run()
        #expect(run.ends.count == 1)
        #expect(run.messages.contains { $0.hasPrefix("server httpResponse") })
        #expect(run.events.first?.flow?.server.port == 8000)
        #expect(run.ends.first?.server.missingBytes == 0)
    }

    /// The server forgot the connection; it answers the client's data with a RST.
    @Test func aHalfOpenConnectionEndsWithItsRST() throws {
        var trace = Trace()
        trace.send(.client, 0, Self.get("/half-open"))
        trace.send(.server, 0, flags: [.rst])
        #expect(try #require(trace.run().ends.first).reason == .reset)
    }

    @Test func aRefusedSYNEndsWithItsRST() throws {
        var trace = Trace(hasHandshake: false)
        trace.send(.client, -1, flags: [.syn])
        // Sequence number 0, for there is no connection (RFC 9293 §3.10.7.1).
        trace.send(
            .server, -Int(Trace.serverISN) - 1, flags: [.rst, .ack], ack: 0)
        #expect(try #require(trace.run().ends.first).reason == .reset)
    }

    @Test func aRSTThatAcknowledgesAnotherSYNRefusesNothing() throws {
        var trace = Trace(hasHandshake: false)
        trace.send(.client, -1, flags: [.syn])
        trace.send(.server, 0, flags: [.rst, .ack], ack: 9_000_000)
        #expect(try #require(trace.run().ends.first).reason == .ended)
    }

    @Test(arguments: [Side.client, .server])
    func oneDirectionAloneIsRead(_ side: Side) throws {
        var trace = Trace(hasHandshake: false)
        trace.send(side, -1, flags: side == .client ? [.syn] : [.syn, .ack])
        let bytes = side == .client ? Self.get("/alone") : Self.answer
        trace.send(side, 20, Array(bytes[20...]))
        trace.send(side, 0, Array(bytes[..<20]))
        trace.send(side, bytes.count, bytes)
        let run = trace.run()
        let read = run.messages.filter { !$0.contains("httpUnanswered") }
        #expect(read.count == 2)
        #expect(read.allSatisfy { $0.hasPrefix("\(side) ") })
    }

    // MARK: - Ends

    @Test func aFINBeforeTheDataItFollowsEndsTheStreamWhenTheDataIsIn() throws {
        let head = Array("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n".utf8)
        let body = Array(#"{"jsonrpc":"2.0","id":1,"result":{}}"#.utf8)
        var trace = Trace()
        trace.send(.client, 0, Self.get("/fin"))
        trace.send(.client, Self.get("/fin").count, flags: [.fin, .ack])
        trace.send(.server, 0, head)
        trace.send(.server, head.count + body.count, flags: [.fin, .ack])
        trace.send(.server, head.count, body)
        let run = trace.run()
        #expect(run.messages.contains { $0.contains("rpc") && $0.contains("isTruncated: false") })
        #expect(try #require(run.ends.first).reason == .closed)
        // What is told belongs to the packet that completed it, not to the end of the capture.
        #expect(run.events.contains { $0.packet == 8 && "\($0.message)".contains("rpc") })
    }

    /// The same for a stream that nobody reads any more, which takes the short way.
    @Test func aFINBeforeUnreadDataClosesTheFlow() throws {
        var trace = Trace()
        for at in 0..<30 {
            trace.send(.client, at * 10, [UInt8](repeating: 1, count: 10))
            trace.send(.server, at * 10, [UInt8](repeating: 1, count: 10))
        }
        trace.send(.client, 310, flags: [.fin, .ack])
        trace.send(.client, 300, [UInt8](repeating: 1, count: 10))
        trace.send(.server, 300, flags: [.fin, .ack])
        let end = try #require(trace.run().ends.first)
        #expect(end.reason == .closed)
        #expect(end.client.payloadBytes == 310 && end.client.missingBytes == 0)
    }

    @Test func whatIsMissingBeforeAFINIsCounted() throws {
        var trace = Trace()
        trace.send(.client, 0, Self.get("/tail"))
        trace.send(.client, Self.get("/tail").count + 70, flags: [.fin, .ack])
        trace.send(.server, 0, flags: [.fin, .ack])
        let end = try #require(trace.run().ends.first)
        #expect(end.client.missingBytes == 70)
        #expect(end.reason == .closed)
    }

    @Test func dataBelowARSTIsReadWhenItComesLate() throws {
        let bytes = Self.get("/late")
        var trace = Trace()
        trace.send(.client, bytes.count, [1], flags: [.rst])
        trace.send(.client, 0, bytes)
        let run = trace.run()
        #expect(hasPath(run, "/late"))
        #expect(try #require(run.ends.first).reason == .reset)
        #expect(run.tally[Anomaly.dataBehindEnd] == 0)
    }

    /// The text that a RST may carry is not the stream's (RFC 9293 §3.5.3).
    @Test func whatARSTCarriesIsNoData() throws {
        var trace = Trace()
        trace.send(.client, 0, Self.get("/text"), flags: [.rst, .ack])
        let run = trace.run()
        #expect(run.messages == [])
        #expect(try #require(run.ends.first).client.payloadBytes == 0)
    }

    @Test(arguments: [200_000, -200_000, 1 << 30])
    func aRSTOutOfTheWindowKillsNoFlow(_ away: Int) throws {
        var trace = Trace()
        trace.send(.client, 0, Self.get("/one"))
        trace.send(.client, away, flags: [.rst])
        // Longer than a closed flow lingers.
        trace.send(.client, Self.get("/one").count, Self.get("/two"), after: 20_000)
        let run = trace.run()
        #expect(hasPath(run, "/two"))
        #expect(run.ends.count == 1)
        #expect(try #require(run.ends.first).reason == .ended)
    }

    @Test(arguments: [TCPFlags.rst, TCPFlags.fin])
    func aSideThatGoesOnBehindItsEndDidNotSendIt(_ flag: TCPFlags) throws {
        let count = Self.get("/one").count
        var trace = Trace()
        trace.send(.client, 0, Self.get("/one"))
        trace.send(.client, count, flags: [flag, .ack])
        trace.send(.client, count, Self.get("/two"))
        trace.send(.client, count * 2, Self.get("/six"), after: 20_000)
        let run = trace.run()
        #expect(hasPath(run, "/two") && hasPath(run, "/six"))
        #expect(run.ends.count == 1)
        #expect(run.tally[Anomaly.dataBehindEnd] == 1)
        #expect(try #require(run.ends.first).reason == .ended)
    }

    /// The same for a stream that nobody reads any more, which takes the short way.
    @Test(arguments: [TCPFlags.rst, TCPFlags.fin])
    func anUnreadSideThatGoesOnBehindItsEndIsOpenAgain(_ flag: TCPFlags) throws {
        var trace = Trace()
        for at in 0..<30 {
            trace.send(.client, at * 10, [UInt8](repeating: 1, count: 10))
            trace.send(.server, at * 10, [UInt8](repeating: 1, count: 10))
        }
        trace.send(.client, 300, flags: [flag, .ack])
        trace.send(.client, 300, [UInt8](repeating: 1, count: 10))
        let run = trace.run()
        #expect(run.tally[Anomaly.dataBehindEnd] == 1)
        #expect(try #require(run.ends.first).reason == .ended)
    }

    // MARK: - The same ports again

    /// `flags` are the ends that were seen of the first connection.
    @Test(arguments: [[TCPFlags.fin, .ack], [.rst]])
    func portsUsedAgainWithinTheLingerAreANewFlow(_ flags: [TCPFlags]) throws {
        let flags = flags.reduce(into: TCPFlags()) { $0.formUnion($1) }
        let count = Self.get("/one").count
        var trace = Trace()
        trace.send(.client, 0, Self.get("/one"))
        trace.send(.client, count, flags: flags)
        if flags.contains(.fin) { trace.send(.server, 0, flags: flags) }
        trace.offset = 40_000
        trace.handshake()
        trace.send(.client, 0, Self.get("/two"))
        let run = trace.run()
        #expect(run.ends.count == 2)
        #expect(hasPath(run, "/two"))
        #expect(run.ends.allSatisfy { $0.client.missingBytes == 0 && $0.isWhole })
        // The SYN is the new flow's first packet.
        #expect(run.ends.last?.client.packets == 3)
    }

    /// No FIN and no RST was seen: the SYN alone is not believed, the SYN-ACK that answers it is.
    @Test func portsUsedAgainWithoutAnEndAreANewFlow() throws {
        var trace = Trace()
        trace.send(.client, 0, Self.get("/one"))
        trace.offset = 40_000
        trace.handshake()
        trace.send(.client, 0, Self.get("/two"))
        let run = trace.run()
        #expect(run.ends.count == 2)
        #expect(hasPath(run, "/two"))
        #expect(run.ends.allSatisfy { $0.client.missingBytes == 0 && $0.server.missingBytes == 0 })
    }

    @Test func aSYNACKThatAnswersNothingEndsNoFlow() throws {
        var trace = Trace()
        trace.send(.client, 0, Self.get("/one"))
        trace.offset = 40_000
        trace.send(.server, -1, flags: [.syn, .ack], ack: 0)
        trace.send(.client, -1, flags: [.syn])
        trace.send(.server, -1, flags: [.syn, .ack], ack: 77)
        trace.offset = 0
        trace.send(.client, Self.get("/one").count, Self.get("/two"))
        let run = trace.run()
        #expect(run.ends.count == 1)
        #expect(hasPath(run, "/two"))
    }

    /// A SYN inside an open connection's window, with data that would be taken for the stream's.
    @Test func dataOnAStraySYNIsNotTheStreams() throws {
        var trace = Trace()
        trace.send(.client, 0, Self.get("/one"))
        let count = Self.get("/one").count
        trace.send(.client, count - 1, Self.get("/bad"), flags: [.syn])
        trace.send(.client, count, Self.get("/two"))
        let run = trace.run()
        #expect(hasPath(run, "/two") && !hasPath(run, "/bad"))
        #expect(run.ends.count == 1)
    }
}
