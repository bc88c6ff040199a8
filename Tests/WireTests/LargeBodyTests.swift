import Support
import Testing

@testable import Wire

/// Bodies, events, messages and lines of any size, in little memory.
@Suite struct LargeBodyTests {
    /// What a flow may hold while a body of any size passes.
    private static let limit = 2 << 20
    private static let bytes = 200_000_000

    private static let start = Array(
        #"{"jsonrpc":"2.0","result":{"content":[{"type":"text","text":""#.utf8)
    private static let end = Array(#""}],"isError":true,"_meta":{}},"id":7}"#.utf8)

    enum Way: String, CaseIterable {
        case length, chunks, events, webSocket, lines
    }

    private static let request = """
        POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
        Content-Length: 77\r\n\r\n
        """
    private static let call =
        #"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"dump","a":0}}"#

    private static func size(_ total: Int) -> String { String(total, radix: 16) + "\r\n" }

    private func begin(_ way: Way, _ total: Int) throws -> StreamDrive {
        let kind = way == .lines ? Dissectors.Kind.named("jsonrpc") : .http
        var drive = StreamDrive(try #require(kind))
        let ok = "HTTP/1.1 200 OK\r\nContent-Type: "
        switch way {
        case .lines: try drive.say(.client, Self.call + "\n")
        case .webSocket:
            try drive.say(.client, "GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n")
            try drive.say(.server, "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\n\r\n")
            let call = Array(Self.call.utf8)
            try drive.say(.client, [0x81, 0x80 | UInt8(call.count), 0, 0, 0, 0] + call)
            try drive.say(.server, [0x81, 127] + Frame.octets(UInt64(total), 8))
        default: try drive.say(.client, Self.request + Self.call)
        }
        switch way {
        case .length:
            try drive.say(.server, ok + "application/json\r\nContent-Length: \(total)\r\n\r\n")
        case .chunks:
            try drive.say(.server, ok + "application/json\r\nTransfer-Encoding: chunked\r\n\r\n")
            try drive.say(.server, Self.size(total))
        case .events:
            try drive.say(.server, ok + "text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
            try drive.say(.server, Self.size(total + 26) + "event: message\r\ndata: ")
        case .lines, .webSocket: break
        }
        return drive
    }

    private func end(_ way: Way, _ drive: inout StreamDrive) throws {
        switch way {
        case .chunks: try drive.say(.server, "\r\n0\r\n\r\n")
        case .events: try drive.say(.server, "\r\n\r\n\r\n0\r\n\r\n")
        case .lines: try drive.say(.server, "\n")
        case .length, .webSocket: break
        }
    }

    @Test(arguments: Way.allCases)
    func aResultOf200MegabytesPassesInLittleMemory(_ way: Way) throws {
        let filling = Self.bytes - Self.start.count - Self.end.count
        var drive = try begin(way, Self.bytes)
        try drive.say(.server, Self.start)
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: 60_000)
        var left = filling
        while left > 0 {
            try drive.say(.server, left < piece.count ? Array(piece[..<left]) : piece)
            left -= piece.count
        }
        try drive.say(.server, Self.end)
        try end(way, &drive)
        #expect(drive.peakBytes < Self.limit)
        #expect(drive.rpc.map(\.message.id) == ["#7", "#7"])
        let result = try #require(drive.rpc.last?.message)
        #expect(result.kind == .result && result.isError && result.isTruncated)
        #expect(result.bytes == Self.bytes)
        #expect(result.marks.contains(.toolResult))
    }

    /// Many small parts instead of one string: the deep ones are left out, the rest is read.
    @Test(arguments: Way.allCases)
    func aResultOfManyPartsPassesInLittleMemory(_ way: Way) throws {
        let part = Array(#"{"type":"text","text":"a \"b\" ü"},"#.utf8)
        let start = Array(#"{"jsonrpc":"2.0","result":{"content":["#.utf8)
        let end = Array(#"{"type":"text","text":""}],"structuredContent":{}},"id":7}"#.utf8)
        let piece = [UInt8]((0..<1_000).map { _ in part }.joined())
        let total = start.count + 100 * piece.count + end.count
        var drive = try begin(way, total)
        try drive.say(.server, start)
        for _ in 0..<100 { try drive.say(.server, piece) }
        try drive.say(.server, end)
        try self.end(way, &drive)
        #expect(drive.peakBytes < Self.limit)
        let result = try #require(drive.rpc.last?.message)
        #expect(result.id == "#7" && result.isTruncated && result.bytes >= total)
        #expect(result.marks.contains(.toolResult))
    }

    /// A stream of events may never end.
    @Test func aHundredThousandEventsPassInLittleMemory() throws {
        var drive = try begin(.events, 1 << 30)
        try drive.say(.server, "x\r\n\r\n")
        let note =
            #"{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1}}"#
        let event = Array("id: 1\r\nevent: message\r\ndata: \(note)\r\n\r\n: ping\r\n\r\n".utf8)
        let piece = [UInt8]((0..<100).map { _ in event }.joined())
        for _ in 0..<1_000 { try drive.say(.server, piece) }
        #expect(drive.peakBytes < 16 << 10)
        #expect(drive.rpc.count == 100_001)
        #expect(drive.rpc.last?.carrier.request?.path == "/mcp")
    }
}
