import Foundation
import Support
import Testing
import Wire

@testable import Capture

/// Capture files made from parts, in either byte order.
struct CaptureBytes {
    var isBig = false

    func u16(_ value: UInt16) -> [UInt8] { ordered(Frame.octets(UInt64(value), 2)) }
    func u32(_ value: UInt32) -> [UInt8] { ordered(Frame.octets(UInt64(value), 4)) }
    func u64(_ value: UInt64) -> [UInt8] { ordered(Frame.octets(value, 8)) }
    private func ordered(_ big: [UInt8]) -> [UInt8] { isBig ? big : big.reversed() }

    // MARK: - pcap

    func pcapHeader(magic: UInt32 = 0xa1b2_c3d4, link: UInt32 = 1) -> [UInt8] {
        u32(magic) + u16(2) + u16(4) + u32(0) + u32(0) + u32(65_535) + u32(link)
    }

    func record(_ seconds: UInt32, _ fraction: UInt32, _ frame: [UInt8], more: [UInt8] = [])
        -> [UInt8]
    {
        u32(seconds) + u32(fraction) + u32(UInt32(frame.count)) + u32(UInt32(frame.count)) + more
            + frame
    }

    /// A microsecond pcap of one-byte frames at these seconds.
    func pcap(_ packets: [(second: UInt32, byte: UInt8)]) -> [UInt8] {
        pcapHeader() + packets.flatMap { record($0.second, 0, [$0.byte]) }
    }

    // MARK: - pcapng

    func block(_ type: UInt32, _ body: [UInt8]) -> [UInt8] {
        let padded = padded(body)
        let length = u32(UInt32(padded.count + 12))
        return u32(type) + length + padded + length
    }

    private func padded(_ body: [UInt8]) -> [UInt8] {
        body + [UInt8](repeating: 0, count: (4 - body.count % 4) % 4)
    }

    func section() -> [UInt8] {
        block(0x0a0d_0d0a, u32(0x1a2b_3c4d) + u16(1) + u16(0) + u64(.max))
    }

    func option(_ code: UInt16, _ value: [UInt8]) -> [UInt8] {
        u16(code) + u16(UInt16(value.count)) + padded(value)
    }

    func interface(link: UInt16, snap: UInt32 = 0, _ options: [UInt8] = []) -> [UInt8] {
        block(1, u16(link) + u16(0) + u32(snap) + options + u32(0))
    }

    func enhanced(_ id: UInt32, _ ticks: UInt64, _ frame: [UInt8], options: [UInt8] = [])
        -> [UInt8]
    {
        block(
            6,
            u32(id) + u32(UInt32(ticks >> 32)) + u32(UInt32(truncatingIfNeeded: ticks))
                + u32(UInt32(frame.count)) + u32(UInt32(frame.count)) + padded(frame) + options)
    }

    func obsolete(_ id: UInt16, _ ticks: UInt64, _ frame: [UInt8]) -> [UInt8] {
        block(
            2,
            u16(id) + u16(0) + u32(UInt32(ticks >> 32)) + u32(UInt32(truncatingIfNeeded: ticks))
                + u32(UInt32(frame.count)) + u32(UInt32(frame.count)) + frame)
    }

    func simple(wire: UInt32, _ frame: [UInt8]) -> [UInt8] { block(3, u32(wire) + frame) }

    func secrets(_ bytes: [UInt8]) -> [UInt8] {
        block(10, u32(0x544c_534b) + u32(UInt32(bytes.count)) + bytes)
    }

    func names(_ address: [UInt8], _ names: [String]) -> [UInt8] {
        let value = address + names.flatMap { Array($0.utf8) + [0] }
        let type: UInt16 = address.count == 4 ? 1 : 2
        return block(4, u16(type) + u16(UInt16(value.count)) + padded(value) + u32(0))
    }
}

/// Compressed streams whose content is stored as it is, and one that swells.
enum Stored {
    static func gzip(_ bytes: [UInt8]) -> [UInt8] {
        let little = CaptureBytes()
        var out: [UInt8] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]
        for (index, part) in parts(bytes, 60_000).enumerated() {
            let isLast: UInt8 = (index + 1) * 60_000 >= bytes.count ? 1 : 0
            out += [isLast] + little.u16(UInt16(part.count)) + little.u16(~UInt16(part.count))
            out += part
        }
        return out + little.u32(crc32(bytes)) + little.u32(UInt32(bytes.count))
    }

    static func zstd(_ bytes: [UInt8]) -> [UInt8] {
        zstdHeader
            + parts(bytes, 1000).flatMap { zstdBlock(type: 0, $0.count, false) + $0 }
            + zstdBlock(type: 0, 0, true)
    }

    /// `bytes`, and then 128 KiB of zeros again and again.
    static func zstdBomb(_ bytes: [UInt8], blocks: Int) -> [UInt8] {
        zstdHeader + zstdBlock(type: 0, bytes.count, false) + bytes
            + (0..<blocks).flatMap { zstdBlock(type: 1, 128 << 10, $0 == blocks - 1) + [0] }
    }

    static func lz4(_ bytes: [UInt8]) -> [UInt8] {
        let little = CaptureBytes()
        return [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82]
            + parts(bytes, 1000).flatMap { little.u32(UInt32($0.count) | 1 << 31) + $0 }
            + little.u32(0)
    }

    private static let zstdHeader: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0, 0x38]

    private static func zstdBlock(type: UInt32, _ count: Int, _ isLast: Bool) -> [UInt8] {
        Array(CaptureBytes().u32(UInt32(count) << 3 | type << 1 | (isLast ? 1 : 0)).prefix(3))
    }

    private static func parts(_ bytes: [UInt8], _ size: Int) -> [[UInt8]] {
        stride(from: 0, to: bytes.count, by: size).map {
            Array(bytes[$0..<min($0 + size, bytes.count)])
        }
    }

    private static func crc32(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(UInt32.max) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in
                value >> 1 ^ (value & 1 == 1 ? 0xedb8_8320 : 0)
            }
        }
    }
}

/// A folder that goes when nobody holds it any more, and what is read of the files in it.
final class Place {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "tyto-place-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    @discardableResult
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    func append(_ name: String, _ bytes: [UInt8]) throws {
        let handle = try #require(FileHandle(forWritingAtPath: file(name)))
        defer { try? handle.close() }
        try handle.seekToEnd()
        try handle.write(contentsOf: bytes)
    }

    struct Reading {
        var packets: [PacketBatch.Packet] = []
        var frames: [[UInt8]] = []
        var blocks = CaptureBlocks()
        var damage: String?

        mutating func add(_ batch: PacketBatch) {
            packets += batch.packets
            frames += batch.packets.map {
                Array(batch.bytes[$0.offset..<($0.offset + $0.capturedBytes)])
            }
        }
        var nanoseconds: [Int64] { packets.map(\.time.nanoseconds) }
    }

    /// Everything that a capture of these bytes holds.
    func read(_ bytes: [UInt8]) throws -> Reading {
        var capture = try CaptureFile(path: try write("capture", bytes))
        var batch = PacketBatch()
        var reading = Reading()
        while try capture.read(into: &batch) { reading.add(batch) }
        reading.blocks = capture.blocks
        reading.damage = capture.damage
        return reading
    }
}
