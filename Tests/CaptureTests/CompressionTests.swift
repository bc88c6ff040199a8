import Foundation
import Support
import Testing
import Wire

@testable import Capture

@Suite struct CompressionTests {
    private let place: Place
    init() throws { place = try Place() }

    enum Kind: CaseIterable, Sendable {
        case gzip, zstd, lz4

        func stored(_ bytes: [UInt8]) -> [UInt8] {
            switch self {
            case .gzip: Stored.gzip(bytes)
            case .zstd: Stored.zstd(bytes)
            case .lz4: Stored.lz4(bytes)
            }
        }
    }

    private static let make = CaptureBytes()
    private static let frames = (0..<400 as Range<Int>).map { index in
        [UInt8](repeating: UInt8(index & 255), count: 30 + index)
    }
    private static let plain =
        make.pcapHeader()
        + frames.enumerated().flatMap { make.record(UInt32($0.offset), 0, $0.element) }

    @Test(arguments: Kind.allCases)
    func aCompressedCaptureIsReadAsThePlainOne(_ kind: Kind) throws {
        let reading = try place.read(kind.stored(Self.plain))
        #expect(reading.frames == Self.frames)
        #expect(reading.damage == nil)
    }

    /// Forty frames of sixty equal bytes, as the tools themselves compress them.
    @Test(arguments: [
        "H4sIAAAAAAACA6XMW1aBARhG4Z9QqUTnqEiqSTSconQQSic6"
            + "KzIKUzAFU2g+cqGbfbuftb71rfdm/w4H/XAQCf6NRkEQGv/j"
            + "yT6anHGCVkgoohUWSmhNCadoRYQztKJCGa2YcI7WtHCB1o"
            + "xwidascIVWXKigNSdcozUvVNFaEGpoJYQ6WovCDVpJ4Rat"
            + "lNBAa0m4Q2tZuEdrRXhAa1V4RGtNeEJrXWiitSG00NoUnt"
            + "FKCy9oZYRXtLaEN7S2hXe0doQPtLLCJ1o5oY3WrvCFVl74"
            + "RmtP6KBVELpo7Qs/aB0IPbQOhT9IiZ3J+AsAAA==",
        "KLUv/WT4Ck0FADQG1MOyoQIABAD//wAAAQAAAGQAPAAAZQFm"
            + "AmcDaARpBWoGawdsCG0JbgpvC3AMcQ1yDnMPdBB1EXYSdxN4"
            + "FHkVehZ7F3wYfRl+Gn8bgByBHYIegx+EIIUhhiKHI4gkiSWKJ"
            + "osnUqgQ8OyMASC+ZhKQEGAQ7C/4/+8HECAEAhIChQAMgQACAa"
            + "CAACBAEAgkBBQCGAICBAKAAgGAACEQ8I1nGEQwgJmYQAYsUnGm",
        "BCJNGGRAp4QBAACE1MOyoQIABAABAJP//wAAAQAAAGQQABM8BAAPAQApG2VMAB8BAQAoG2ZMAB8CAQAo"
            + "G2dMAB8DAQAoG2hMAB8EAQAoG2lMAB8FAQAoG2pMAB8GAQAoG2tMAB8HAQAoG2xMAB8IAQAoG21MAB8J"
            + "AQAoG25MAB8KAQAoG29MAB8LAQAoG3BMAB8MAQAoG3FMAB8NAQAoG3JMAB8OAQAoG3NMAB8PAQAoG3RM"
            + "AB8QAQAoG3VMAB8RAQAoG3ZMAB8SAQAoG3dMAB8TAQAoG3hMAB8UAQAoG3lMAB8VAQAoG3pMAB8WAQAo"
            + "G3tMAB8XAQAoG3xMAB8YAQAoG31MAB8ZAQAoG35MAB8aAQAoG39MAB8bAQAoG4BMAB8cAQAoG4FMAB8d"
            + "AQAoG4JMAB8eAQAoG4NMAB8fAQAoG4RMAB8gAQAoG4VMAB8hAQAoG4ZMAB8iAQAoG4dMAB8jAQAoG4hM"
            + "AB8kAQAoG4lMAB8lAQAoG4pMAB8mAQAoG4tMAB8nAQAjUCcnJycnAAAAAL3zfRY=",
    ])
    func whatTheToolsWriteIsRead(_ text: String) throws {
        let bytes = try #require(Data(base64Encoded: text))
        let reading = try place.read(Array(bytes))
        #expect(reading.frames.count == 40)
        #expect(reading.frames.last == [UInt8](repeating: 39, count: 60))
        #expect(reading.damage == nil)
    }

    @Test(arguments: Kind.allCases)
    func membersAndFramesMayFollowOneAnother(_ kind: Kind) throws {
        let halves = [Self.plain[..<5000], Self.plain[5000...]].map { kind.stored(Array($0)) }
        let reading = try place.read(halves.flatMap { $0 })
        #expect(reading.frames == Self.frames)
        #expect(reading.damage == nil)
    }

    @Test(arguments: Kind.allCases)
    func aCutStreamIsReadToItsLastWholePacket(_ kind: Kind) throws {
        let whole = kind.stored(Self.plain)
        for length in [whole.count - 1, whole.count - 5, whole.count / 2, 2500] {
            let reading = try place.read(Array(whole[..<length]))
            #expect(reading.frames == Array(Self.frames.prefix(reading.frames.count)))
            #expect(reading.frames.count > 20)
            #expect(reading.damage?.contains("ends early, after packet") == true)
        }
    }

    @Test(arguments: Kind.allCases)
    func aDamagedStreamIsReadToTheDamage(_ kind: Kind) throws {
        var bytes = kind.stored(Self.plain)
        // The header of what follows becomes one that no rule allows.
        bytes += [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]
        let reading = try place.read(bytes)
        #expect(reading.frames == Self.frames)
        #expect(reading.damage?.contains("data is damaged after packet 400") == true)
    }

    @Test func whatSwellsCostsNoMemory() throws {
        let bomb = Stored.zstdBomb(Self.make.pcapHeader(), blocks: 50_000)
        #expect(bomb.count < 1 << 18)
        var capture = try CaptureFile(path: try place.write("bomb", bomb))
        var batch = PacketBatch()
        for _ in 0..<8 {
            #expect(try capture.read(into: &batch))
            #expect(batch.bytes.count <= 512 << 10)
            #expect(batch.packets.count <= 32 << 10)
        }
    }

    @Test(arguments: Kind.allCases, 0..<60)
    func damageAnywhereIsHarmless(_ kind: Kind, _ seed: UInt64) throws {
        var chance = Chance(seed: seed)
        var bytes = kind.stored(Array(Self.plain.prefix(3000)))
        for _ in 0..<4 {
            let at = Int.random(in: 4..<bytes.count, using: &chance)
            bytes[at] = UInt8.random(in: 0...255, using: &chance)
        }
        if let reading = try? place.read(bytes) {
            #expect(reading.frames.count < 200, "seed \(seed)")
        }
    }

    @Test(arguments: Kind.allCases)
    func theDigestIsThatOfTheContent(_ kind: Kind) throws {
        let plain = try place.write("plain", Self.plain)
        let packed = try place.write("packed", kind.stored(Self.plain))
        #expect(try CaptureFile.digest(path: plain) == CaptureFile.digest(path: packed))
        var options = CaptureFile.Options()
        options.hashes = true
        var file = try CaptureFile(path: packed, options: options)
        var batch = PacketBatch()
        while try file.read(into: &batch) {}
        #expect(file.takeDigest() == (try CaptureFile.digest(path: plain)))
    }

    @Test(
        arguments: [
            ([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], "xz"), (Array("BZh91AY&SY".utf8), "bzip2"),
            ([0x1f, 0x8b, 8, 0, 0], "before the capture begins"),
        ] as [([UInt8], String)])
    func otherCompressionsAreNamed(_ bytes: [UInt8], _ word: String) throws {
        do throws(CaptureError) {
            let path = place.file("other")
            _ = FileManager.default.createFile(atPath: path, contents: Data(bytes))
            _ = try CaptureFile(path: path)
            Issue.record("it was accepted")
        } catch {
            #expect(error.message.contains(word))
            #expect(error.isUnreadable)
        }
    }
}
