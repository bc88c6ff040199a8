import Testing

@testable import Catalog
@testable import Inventory
@testable import Wire

/// Calls whose answers come on another stream than the one they were asked on.
struct ResumptionTests {
    private func resuming(_ ordinal: Int, behind event: UInt64) -> HTTPRequest {
        var fields = HTTPRequest.Fields()
        fields.ordinal = ordinal
        (fields.method, fields.target) = ("GET", "/mcp")
        fields.lastEventID = event
        return HTTPRequest(fields)
    }

    /// No session joins the two: only the event that the client has.
    private func errors(resumed behind: [UInt64]) throws -> [Int] {
        var scene = Scene()
        let first = try scene.flow("10.0.1.7:4000", "10.0.5.2:3001")
        let begin = scene.request(1)
        scene.ask("initialize", "#0", first, begin, client: "claude-code")
        scene.answer("#0", first, begin, server: "tickets-mcp")
        var stream = scene.request(2)
        scene.ask("tools/call", "#2", first, stream, name: "get")
        var flow = first
        for (number, event) in behind.enumerated() {
            for id in [UInt64(70 + 10 * number), UInt64(77 + 10 * number)] {
                scene.say(.eventID(id, scene.carrier(stream, isAnswer: true)), flow, .server)
            }
            flow = try scene.flow("10.0.1.7:\(4001 + number)", "10.0.5.2:3001")
            stream = resuming(1, behind: event)
            scene.say(.httpRequest(stream), flow)
        }
        scene.answer("#2", flow, stream, isError: true)
        try scene.end(first)
        let server = try #require(try inventory(of: scene.events).mcpServers.first)
        return server.calls.map(\.errors)
    }

    @Test func anAnswerOnAResumedStreamIsThatOfItsCall() throws {
        #expect(try errors(resumed: [77]) == [1])
        #expect(try errors(resumed: [77, 87]) == [1])
    }

    /// Whoever lost the last events names an earlier one; and no stream is seen to end here.
    @Test func anyEventOfTheStreamWillDo() throws {
        #expect(try errors(resumed: [70]) == [1])
        #expect(try errors(resumed: [70, 80]) == [1])
    }

    @Test func anotherEventIsAnotherStreams() throws {
        #expect(try errors(resumed: [76]) == [0])
        #expect(try errors(resumed: [77, 77]) == [1])
        #expect(try errors(resumed: [77, 79]) == [0])
    }

    @Test func streamsOfOtherServersAndClientsAreApart() throws {
        var known = Resumptions()
        let (server, client) = (try endpoint("10.0.5.2:3001"), try address("10.0.1.7"))
        known.note(5, on: .exchange(1, 1), of: server, client)
        known.resume(.exchange(2, 1), of: server, try address("10.0.1.8"), behind: 5)
        known.resume(.exchange(3, 1), of: try endpoint("10.0.5.2:3002"), client, behind: 5)
        known.resume(.exchange(4, 1), of: server, client, behind: 5)
        #expect(known.beginning(of: .exchange(2, 1)) == nil)
        #expect(known.beginning(of: .exchange(3, 1)) == nil)
        #expect(known.beginning(of: .exchange(4, 1)) == .exchange(1, 1))
    }
}
