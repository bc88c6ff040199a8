import Codecs
import Support
import Testing

@testable import Wire

/// Bodies that are coded, and what they may come to.
@Suite struct ContentCodingTests {
    /// `plain` as it was coded by zlib, brotli and libzstd.
    private static let coded: [String: String] = [
        "gzip":
            "H4sIAAAAAAACA22MMQ7CMAxFrxJ5rhBiQcrGGRgRgxtbkKq1o9gVQlXvTloWBv74/tNbYDCVWhJEOB2O0EEmiOcOKts8OsQFXHU0iLcFBCduHhI1j9hSzcWzSmMXIgv+0iDz1HO1gEIBd/jkKeADs2xxKbNfU0O4p99lC2o/cPJ2l6qFq2e27f1VvllYO+j/0Lb7un4AMzUF/8wAAAA=",
        "deflate":
            "eNptjDEOwjAMRa8Sea4QYkHKxhkYEYMbW5CqtaPYFUJV705aFgb++P7TW2AwlVoSRDgdjtBBJojnDirbPDrEBVx1NIi3BQQnbh4SNY/YUs3Fs0pjFyIL/tIg89RztYBCAXf45CngA7NscSmzX1NDuKffZQtqP3Dydpeqhatntu39Vb5ZWDvo/9C2+7p+AN5oRMc=",
        "Deflate":
            "bYwxDsIwDEWvEnmuEGJBysYZGBGDG1uQqrWj2BVCVe9OWhYG/vj+01tgMJVaEkQ4HY7QQSaI5w4q2zw6xAVcdTSItwUEJ24eEjWP2FLNxbNKYxciC/7SIPPUc7WAQgF3+OQp4AOzbHEps19TQ7in32ULaj9w8naXqoWrZ7bt/VW+WVg76P/Qtvu6fgA=",
        "br":
            "G8sAIIzTFfOihHWP+J9b6pfHEIstmKavmBwiiPzWYenqq5MD5taBwrclWUhpHEgE6clClXx3JmGstNbnmSfWvsgVtgadFLJiL9FujERiEJOveL/7cpUj2UGqQhdR+DOl7PZPThSsSQ6DgoL0zXM4xLgf",
        "ZSTD":
            "KLUv/SDMRQQAoskcGHCtDgAcm+rGTiMhIk1k0FCwl0eXefVvQnMec07kav6RPjaTsJ+D7+py9YK46/tBuwrpvMau3tgmm5pWNnHbFGEjjdOSe2SKzMT1zTH5GFyx+erMe3032x4Z+sg4Jx/pJePEhleDntnVA0C4fj3YXFweBQYAOUk1PISMsnuhvW1C8PCaUQ==",
        "gzip, br":
            "i06AH4sIAAAAAAACA22MMQ7CMAxFrxJ5rhBiQcrGGRgRgxtbkKq1o9gVQlXvTloWBv74/tNbYDCVWhJEOB2O0EEmiOcOKts8OsQFXHU0iLcFBCduHhI1j9hSzcWzSmMXIgv+0iDz1HO1gEIBd/jkKeADs2xxKbNfU0O4p99lC2o/cPJ2l6qFq2e27f1VvllYO+j/0Lb7un4AMzUF/8wAAAAD",
        "x-gzip":
            "H4sIAAAAAAACA6tWyirOzysqSFayUjLSM1DSUcpMUbIy11EqSi0uzSlRsqpWKsnPzylWsoquVspLzE1VAgA6nXVvMgAAAB+LCAAAAAAAAgNtjDEOAjEMBL9iub4XpLs3UFM4sQU+6Zwo8emEUP6OgYaCLWd3NiEx44Iso3RtrtUw4co8wM8KduxZ+gAyBvrAu+xAN1ILSa0dfimBCNMT/dEk5Jo3KR5167VJd5Xxbn8n31ucC+Y/NHKd8wXrwSRQmgAAAA==",
    ]
    private static let plain =
        #"{"jsonrpc":"2.0","id":7,"result":{"tools":[{"name":"add","description":"Adds two numbers and adds them again","inputSchema":{"type":"object","properties":{"a":{"type":"number"},"b":{"type":"number"}}}}]}}"#

    static func base64(_ text: String) -> [UInt8] {
        let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var (bytes, bits, count): ([UInt8], UInt32, Int) = ([], 0, 0)
        for digit in text.utf8 {
            guard let value = digits.firstIndex(of: digit) else { break }
            bits = bits << 6 | UInt32(value)
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
            }
        }
        return bytes
    }

    private func answer(_ head: String, _ body: [UInt8], piece: Int = 7) throws -> StreamDrive {
        var drive = StreamDrive(.http)
        try drive.say(.client, "GET /mcp HTTP/1.1\r\n\r\n")
        let bytes = Array("HTTP/1.1 200 OK\r\n\(head)\r\n\r\n".utf8) + body
        for start in stride(from: 0, to: bytes.count, by: piece) {
            try drive.say(.server, Array(bytes[start..<min(start + piece, bytes.count)]))
        }
        drive.end()
        return drive
    }

    @Test(arguments: coded.keys.sorted(), [1, 13, 5_000])
    func everyCodingIsUndone(_ name: String, _ piece: Int) throws {
        let body = Self.base64(try #require(Self.coded[name]))
        let length = "Content-Length: \(body.count)"
        for head in [
            "Content-Encoding: \(name)\r\n\(length)", "Content-Encoding: \(name)",
            "Transfer-Encoding: \(name)",
        ] {
            let drive = try answer(head, body, piece: piece)
            let message = try #require(drive.rpc.first?.message)
            #expect(message.items.map(\.key) == ["add"] && !message.isTruncated)
            #expect(message.bytes == Self.plain.utf8.count)
        }
        var chunked: [UInt8] = []
        for start in stride(from: 0, to: body.count, by: 50) {
            let part = body[start..<min(start + 50, body.count)]
            chunked += Array((String(part.count, radix: 16) + "\r\n").utf8) + part + [13, 10]
        }
        chunked += Array("0\r\nX: y\r\n\r\n".utf8)
        let drive = try answer("Transfer-Encoding: \(name), chunked", chunked, piece: piece)
        #expect(drive.rpc.first?.message.items.map(\.key) == ["add"])
    }

    @Test func requestsAndEventsAreUndoneAsWell() throws {
        let call = Self.zstd(#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)
        var drive = StreamDrive(.http)
        try drive.say(
            .client,
            Array(
                "POST / HTTP/1.1\r\nContent-Encoding: zstd\r\nContent-Length: \(call.count)\r\n\r\n"
                    .utf8) + call)
        #expect(drive.rpc.map(\.message.method) == ["tools/list"])
        let events = Self.zstd("event: message\ndata: \(Self.plain)\n\ndata: {\n\n")
        try drive.say(
            .server,
            "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Encoding: zstd\r\n\r\n")
        for byte in events { try drive.say(.server, [byte]) }
        #expect(drive.rpc.count == 2 && drive.rpc.last?.carrier.kind == .serverSentEvent)
    }

    @Test(arguments: ["gzip", "zstd"])
    func aBodyThatIsNotCodedIsReadAsItIs(_ name: String) throws {
        let drive = try answer("Content-Encoding: \(name)", Array(Self.plain.utf8))
        #expect(drive.rpc.count == 1)
    }

    /// A prefix gives what it holds, and no more; bytes that are broken do no harm.
    @Test(arguments: coded.keys.sorted())
    func everyPrefixIsHarmless(_ name: String) throws {
        let body = Self.base64(try #require(Self.coded[name]))
        for length in 0..<body.count {
            let drive = try answer("Content-Encoding: \(name)", Array(body[..<length]), piece: 64)
            // Whole before its trailer is in, it is whole.
            #expect(
                drive.rpc.allSatisfy {
                    $0.message.isTruncated || $0.message.bytes == Self.plain.utf8.count
                })
        }
        var chance = Chance(seed: 5)
        for _ in 0..<60 {
            var broken = body
            broken[Int.random(in: 0..<body.count, using: &chance)] ^= .random(
                in: 1...255, using: &chance)
            #expect(try answer("Content-Encoding: \(name)", broken, piece: 64).rpc.count <= 1)
        }
    }

    /// A gap ends what can be decoded.
    @Test func behindAGapNothingIsDecoded() throws {
        let body = Self.base64(try #require(Self.coded["gzip"]))
        var talk = Conversation()
        talk.say(.client, Array("GET / HTTP/1.1\r\n\r\n".utf8))
        let head =
            "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: \(body.count)\r\n\r\n"
        talk.say(.server, Array(head.utf8) + body[..<40])
        talk.lose(.server, 20)
        talk.say(.server, Array(body[60...]))
        talk.say(.client, Array("GET /2 HTTP/1.1\r\n\r\n".utf8))
        talk.say(.server, Array("HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n".utf8))
        talk.close()
        let run = FlowRun(talk.frames)
        let statuses = run.events.compactMap {
            if case .httpResponse(let response) = $0.message { response.status } else { nil }
        }
        #expect(statuses == [200, 404])
        #expect(!run.events.contains { if case .rpc = $0.message { true } else { false } })
    }

    /// A frame of zstd of one block that is not compressed (RFC 8878 §3.1.1).
    static func zstd(_ text: String, filling: Int = 0, _ end: String = "") -> [UInt8] {
        func block(_ type: Int, _ size: Int, _ bytes: [UInt8], isLast: Bool) -> [UInt8] {
            let header = (isLast ? 1 : 0) | type << 1 | size << 3
            return [UInt8(header & 255), UInt8(header >> 8 & 255), UInt8(header >> 16)] + bytes
        }
        var frame: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0, 0x50]
        frame += block(0, text.utf8.count, Array(text.utf8), isLast: false)
        for _ in 0..<filling { frame += block(1, 128 << 10, [97], isLast: false) }
        return frame + block(0, end.utf8.count, Array(end.utf8), isLast: true)
    }

    /// What comes to far more than was sent is given up, and counted.
    @Test func aBombIsGivenUp() throws {
        let start = #"{"jsonrpc":"2.0","id":1,"result":{"isError":true,"text":""#
        let small = try answer(
            "Content-Encoding: zstd", Self.zstd(start, filling: 100, "\"}}"), piece: 1000)
        #expect(small.rpc.first?.message.bytes == start.utf8.count + 100 * 131_072 + 3)
        #expect(small.peakBytes < 2 << 20)
        #expect(small.losses[.expansion] == 0)
        let bomb = try answer(
            "Content-Encoding: zstd", Self.zstd(start, filling: 4_000, "\"}}"), piece: 1000)
        #expect(bomb.losses[.expansion] == 1 && bomb.peakBytes < 2 << 20)
        #expect(bomb.rpc.map(\.message.isTruncated) == [true])
    }

    @Test func anUnknownCodingPassesBy() throws {
        let drive = try answer("Content-Encoding: aes128gcm", Array(Self.plain.utf8))
        #expect(drive.rpc.isEmpty)
        let many = "Content-Encoding: gzip, gzip, gzip, gzip, gzip"
        #expect(try answer(many, Array(Self.plain.utf8)).rpc.isEmpty)
    }
}
