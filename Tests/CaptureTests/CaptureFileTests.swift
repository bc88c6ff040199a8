import Foundation
import Support
import Testing
import Wire

@testable import Capture

@Suite struct CaptureFileTests {
    private static func octets(_ value: UInt32, _ isBig: Bool, _ count: Int = 4) -> [UInt8] {
        let bytes = Frame.octets(UInt64(value), count)
        return isBig ? bytes : bytes.reversed()
    }

    private static func pcap(isBig: Bool, isNano: Bool, _ frames: [[UInt8]]) -> [UInt8] {
        let o = { octets($0, isBig) }
        var out = o(isNano ? 0xa1b2_3c4d : 0xa1b2_c3d4) + octets(2, isBig, 2) + octets(4, isBig, 2)
        out += o(0) + o(0) + o(65_535) + o(1)
        for (index, frame) in frames.enumerated() {
            out += o(UInt32(100 + index)) + o(isNano ? 123_456_789 : 123_456)
            out += o(UInt32(frame.count)) + o(UInt32(frame.count + 10)) + frame
        }
        return out
    }

    private static func pcapng(isBig: Bool, _ frames: [[UInt8]]) -> [UInt8] {
        let o = { octets($0, isBig) }
        let block = { (type: UInt32, body: [UInt8]) in
            let padded = body + [UInt8](repeating: 0, count: (4 - body.count % 4) % 4)
            return o(type) + o(UInt32(padded.count + 12)) + padded + o(UInt32(padded.count + 12))
        }
        var out = block(
            0x0a0d_0d0a,
            o(0x1a2b_3c4d) + octets(1, isBig, 2) + octets(0, isBig, 2) + o(.max) + o(.max))
        // if_tsresol 9: nanoseconds; then a block nobody knows.
        out += block(
            1,
            octets(1, isBig, 2) + [0, 0] + o(0) + octets(9, isBig, 2) + octets(1, isBig, 2)
                + [9, 0, 0, 0] + o(0))
        out += block(0x0bad_cafe, [1, 2, 3, 4])
        for (index, frame) in frames.enumerated() {
            let ticks = UInt64(100 + index) * 1_000_000_000 + 123_456_789
            out += block(
                6,
                o(0) + o(UInt32(ticks >> 32)) + o(UInt32(truncatingIfNeeded: ticks))
                    + o(UInt32(frame.count)) + o(UInt32(frame.count + 10)) + frame)
        }
        return out
    }

    private func file(_ bytes: [UInt8]) throws -> String {
        let path = NSTemporaryDirectory() + "tyto-capture-\(UUID().uuidString)"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        return path
    }

    private func read(
        _ bytes: [UInt8]
    ) throws -> (packets: [(Int64, Int, Int, [UInt8])], damage: String?) {
        let path = try file(bytes)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var capture = try CaptureFile(path: path)
        var batch = PacketBatch()
        var found: [(Int64, Int, Int, [UInt8])] = []
        while try capture.read(into: &batch) {
            for packet in batch.packets {
                let end = packet.offset + packet.capturedBytes
                found.append(
                    (
                        packet.time.nanoseconds, packet.wireBytes, Int(packet.number),
                        Array(batch.bytes[packet.offset..<end])
                    ))
            }
        }
        return (found, capture.damage)
    }

    private static let frames = (0..<300).map {
        [UInt8](repeating: UInt8($0 & 255), count: 20 + $0 * 7)
    }

    @Test(arguments: [false, true], [false, true])
    func pcapIsReadInEitherByteOrderAndUnit(_ isBig: Bool, _ isNano: Bool) throws {
        let (packets, damage) = try read(Self.pcap(isBig: isBig, isNano: isNano, Self.frames))
        #expect(packets.map(\.3) == Self.frames)
        #expect(packets[0].0 == 100_000_000_000 + (isNano ? 123_456_789 : 123_456_000))
        #expect(packets[5].1 == Self.frames[5].count + 10)
        #expect(packets.last?.2 == 300)
        #expect(damage == nil)
    }

    @Test(arguments: [false, true])
    func pcapngIsReadInEitherByteOrder(_ isBig: Bool) throws {
        let (packets, damage) = try read(Self.pcapng(isBig: isBig, Self.frames))
        #expect(packets.map(\.3) == Self.frames)
        #expect(packets[1].0 == 101_123_456_789)
        #expect(damage == nil)
    }

    /// Every way to cut the file: the whole packets before the cut are read, and the cut is told.
    @Test func aCutFileIsReadToItsLastWholePacket() throws {
        let few = Array(Self.frames.prefix(3))
        for bytes in [Self.pcap(isBig: false, isNano: false, few), Self.pcapng(isBig: true, few)] {
            let whole = try read(bytes).packets.count
            for length in stride(from: 40, to: bytes.count, by: 1) {
                guard let cut = try? read(Array(bytes[..<length])) else { continue }
                #expect(cut.packets.count < whole || length == bytes.count)
                #expect(cut.packets.map(\.3) == Array(few.prefix(cut.packets.count)))
            }
        }
    }

    @Test func aLengthThatLiesEndsTheFile() throws {
        var bytes = Self.pcap(isBig: false, isNano: false, Array(Self.frames.prefix(3)))
        bytes.replaceSubrange(24 + 8..<24 + 12, with: [255, 255, 255, 127])
        let (packets, damage) = try read(bytes)
        #expect(packets.isEmpty)
        #expect(damage?.contains("damaged") == true)
    }

    /// Flipped bytes anywhere: no trap, and never a packet outside its batch.
    @Test(arguments: 0..<200)
    func damagedFilesAreHarmless(_ seed: UInt64) throws {
        var chance = Chance(seed: seed)
        let few = Array(Self.frames.prefix(6))
        var bytes =
            seed % 2 == 0
            ? Self.pcapng(isBig: false, few) : Self.pcap(isBig: true, isNano: false, few)
        for _ in 0..<6 {
            let at = Int.random(in: bytes.indices, using: &chance)
            bytes[at] = UInt8.random(in: 0...255, using: &chance)
        }
        _ = try? read(bytes)
    }

    @Test func contentIsToldByItsDigest() throws {
        let a = try file(Self.pcap(isBig: false, isNano: false, Self.frames))
        let b = try file(Self.pcap(isBig: false, isNano: false, Array(Self.frames.dropLast())))
        let c = a + "-renamed"
        try FileManager.default.copyItem(atPath: a, toPath: c)
        defer { for path in [a, b, c] { try? FileManager.default.removeItem(atPath: path) } }
        #expect(try CaptureFile.digest(path: a) == CaptureFile.digest(path: c))
        #expect(try CaptureFile.digest(path: a) != CaptureFile.digest(path: b))
    }

    @Test func aFilterKeepsWhatMatches() throws {
        var filter = try PacketFilter("udp port 53")
        var batch = PacketBatch()
        for (index, port) in [UInt16(53), 80, 53].enumerated() {
            let frame = Frame.ethernet().ipv4(
                "10.0.0.1", "10.0.0.2", next: 17, Frame.udp(4000, port, [0])
            ).bytes
            batch.append(
                frame, wireBytes: frame.count, time: .zero, link: .ethernet,
                number: UInt64(index + 1))
        }
        try filter.apply(to: &batch)
        #expect(batch.packets.map(\.number) == [1, 3])
    }

    @Test func aFilterThatIsNoneIsAUsageError() {
        do throws(CaptureError) {
            _ = try PacketFilter("tcp portt 1")
            Issue.record("it was accepted")
        } catch {
            #expect(error.isUsage)
            #expect(error.message.contains("tcp portt 1"))
        }
    }
}
