import Support
import Testing
import Wire

@testable import Capture

@Suite struct FormatTests {
    private let place: Place
    init() throws { place = try Place() }

    // MARK: - pcap

    @Test(
        arguments: [
            (0xa1b2_c3d4, 1000), (0xa1b2_3c4d, 1), (0xa1b2_cd34, 1000), (0x1c00_01ab, 1000),
            (0x1c00_01ac, 1),
        ] as [(UInt32, Int64)], [false, true])
    func everyKindOfPcapIsRead(_ kind: (magic: UInt32, unit: Int64), _ isBig: Bool) throws {
        let make = CaptureBytes(isBig: isBig)
        var bytes = make.pcapHeader(magic: kind.magic)
        // IXIA's header has a length more, Kuznetsov's records eight bytes more.
        if kind.magic >> 24 == 0x1c { bytes += make.u32(1234) }
        let more: [UInt8] = kind.magic == 0xa1b2_cd34 ? [9, 9, 9, 9, 9, 9, 9, 9] : []
        for index in 0..<3 as Range<UInt8> {
            bytes += make.record(100, UInt32(index), [index, index], more: more)
        }
        let reading = try place.read(bytes)
        #expect(reading.frames == [[0, 0], [1, 1], [2, 2]])
        #expect(reading.nanoseconds == (0..<3).map { 100_000_000_000 + Int64($0) * kind.unit })
        #expect(reading.damage == nil)
    }

    @Test func theLengthOfTheCheckSequenceIsNoPartOfTheLinkType() throws {
        let make = CaptureBytes()
        let bytes = make.pcapHeader(link: 0x2400_0001) + make.record(1, 0, [1])
        #expect(try place.read(bytes).packets.first?.link == .ethernet)
    }

    // MARK: - pcapng

    @Test func everyInterfaceHasItsOwnLinkAndClock() throws {
        let make = CaptureBytes()
        let negative = make.u64(UInt64(bitPattern: -3600))
        let bytes =
            make.section() + make.interface(link: 1)
            + make.interface(link: 113, make.option(9, [9]))
            + make.interface(link: 101, make.option(9, [0x80 | 10]))
            + make.interface(link: 276, make.option(9, [3]) + make.option(14, negative))
            + make.interface(link: 1, make.option(9, [12]))
            + make.enhanced(0, 5_000_001, [0]) + make.enhanced(1, 5_000_000_001, [1])
            + make.enhanced(2, 5 << 10 | 512, [2]) + make.enhanced(3, 3_605_250, [3])
            + make.enhanced(4, 5_000_000_001_999, [4])
        let reading = try place.read(bytes)
        #expect(reading.packets.map(\.link.number) == [1, 113, 101, 276, 1])
        #expect(
            reading.nanoseconds
                == [
                    5_000_001_000, 5_000_000_001, 5_500_000_000, 5_250_000_000, 5_000_000_001,
                ])
        #expect(reading.frames == [[0], [1], [2], [3], [4]])
    }

    @Test(arguments: [0, 19, 28, 29, 127, 0x80, 0x80 | 63, 0x80 | 64, 0x80 | 127] as [UInt8])
    func everyResolutionHasATime(_ resolution: UInt8) throws {
        let make = CaptureBytes()
        let bytes =
            make.section()
            + make.interface(link: 1, make.option(9, [resolution]) + make.option(14, make.u64(7)))
            + make.enhanced(0, .max, [1]) + make.enhanced(0, 0, [2])
        let reading = try place.read(bytes)
        #expect(reading.packets.count == 2)
        #expect(reading.nanoseconds.last == 7_000_000_000)
        let exact: [UInt8: Int64] = [
            19: 1_844_674_407 + 7_000_000_000, 0x80 | 63: 1_999_999_999 + 7_000_000_000,
            0x80 | 64: 999_999_999 + 7_000_000_000, 0: .max, 29: 7_000_000_000,
        ]
        if let time = exact[resolution] { #expect(reading.nanoseconds.first == time) }
    }

    @Test func sectionsHaveTheirOwnByteOrderAndInterfaces() throws {
        let (little, big) = (CaptureBytes(), CaptureBytes(isBig: true))
        let bytes =
            little.section() + little.interface(link: 1) + little.enhanced(0, 1_000_000, [1])
            + big.section() + big.interface(link: 101) + big.enhanced(0, 2_000_000, [2])
            // The interfaces of the section before are gone.
            + little.section() + little.enhanced(0, 3_000_000, [3])
        let reading = try place.read(bytes)
        #expect(reading.frames == [[1], [2]])
        #expect(reading.packets.map(\.link) == [.ethernet, .raw])
        #expect(reading.blocks.counts.sections == 3)
        #expect(reading.blocks.counts.malformed == 1)
    }

    @Test func simpleAndObsoletePacketsAreRead() throws {
        let make = CaptureBytes()
        let bytes =
            make.section() + make.interface(link: 101, snap: 3) + make.obsolete(0, 9_000_000, [8])
            + make.simple(wire: 2, [1, 2]) + make.simple(wire: 100, [1, 2, 3, 4])
            + make.simple(wire: 3, [])
        let reading = try place.read(bytes)
        #expect(reading.frames == [[8], [1, 2], [1, 2, 3]])
        #expect(reading.packets.map(\.wireBytes) == [1, 2, 100])
        // They have no time of their own.
        #expect(Set(reading.nanoseconds) == [9_000_000_000])
        #expect(reading.blocks.counts.malformed == 1)
    }

    @Test func otherBlocksAreCountedAndStepOverNothing() throws {
        let make = CaptureBytes()
        let lost = { make.option(5, make.u64($0)) + make.option(7, make.u64(2)) }
        let bytes =
            make.section() + make.interface(link: 1)
            + make.names([10, 0, 0, 1], ["one.example", "two.example"])
            + make.names([UInt8](repeating: 0, count: 15) + [1], ["me"])
            + make.block(0xbad, make.u32(32_473) + [1, 2, 3])
            + make.block(0x4000_0bad, make.u32(32_473)) + make.block(77, [1])
            + make.block(5, make.u32(0) + make.u64(0) + lost(5) + make.u32(0))
            + make.block(5, make.u32(0) + make.u64(0) + lost(8) + make.u32(0))
            + make.enhanced(0, 1, [1], options: make.option(2, make.u32(1)))
        let blocks = try place.read(bytes).blocks
        #expect(
            blocks.names
                == [
                    ResolvedName(address: IPAddress(v4: 0x0a00_0001), name: "one.example"),
                    ResolvedName(address: IPAddress(v4: 0x0a00_0001), name: "two.example"),
                    ResolvedName(address: IPAddress(high: 0, low: 1), name: "me"),
                ])
        var expected = CaptureBlocks.Counts()
        (expected.sections, expected.interfaces, expected.names) = (1, 1, 3)
        (expected.custom, expected.unknown, expected.statistics) = (2, 1, 2)
        expected.lostPackets = 10
        #expect(blocks.counts == expected)
    }

    @Test func secretsAreKeptWithinBoundsAndNeverPrinted() throws {
        let make = CaptureBytes()
        let key = Array("CLIENT_RANDOM 00 11".utf8)
        let large = [UInt8](repeating: 65, count: 700 << 10)
        let bytes =
            make.section() + make.secrets(key) + make.secrets(large) + make.secrets(large)
            + make.block(10, make.u32(1) + make.u32(99))
        let blocks = try place.read(bytes).blocks
        #expect(blocks.secrets.map(\.bytes) == [key, large])
        #expect(blocks.secrets.first?.kind == 0x544c_534b)
        #expect(blocks.counts.secrets == 4)
        #expect(blocks.counts.leftOut == 1)
        #expect(blocks.counts.malformed == 1)
        var dumped = ""
        dump(blocks, to: &dumped)
        for text in ["\(blocks)", String(reflecting: blocks), dumped] {
            #expect(!text.contains("CLIENT_RANDOM") && !text.contains("67, 76, 73"))
            #expect(text.contains("secrets of 19 bytes"))
        }
    }

    @Test func namesAreKeptWithinBounds() throws {
        let make = CaptureBytes()
        let many = (0..<3000).map { "n\($0)" }
        let bytes =
            make.section() + make.names([1, 2, 3, 4], many) + make.names([1, 2, 3, 4], many)
            + make.names([1, 2, 3, 4], [String(repeating: "x", count: 256)])
        let blocks = try place.read(bytes).blocks
        #expect(blocks.names.count == 4096)
        #expect(blocks.counts.names == 6001)
        #expect(blocks.counts.leftOut == 6001 - 4096)
    }

    @Test func aRecordLargerThanABlockOfReadingIsRead() throws {
        let make = CaptureBytes()
        let frame = [UInt8](repeating: 7, count: 3 << 20)
        let bytes = make.pcapHeader() + make.record(1, 0, frame) + make.record(2, 0, [1])
        #expect(try place.read(bytes).frames == [frame, [1]])
    }

    // MARK: - Hostile bytes

    /// One file with every kind of block, in both byte orders.
    private static let everything: [UInt8] = [false, true].flatMap { isBig -> [UInt8] in
        let make = CaptureBytes(isBig: isBig)
        return make.section() + make.interface(link: 1, make.option(9, [9]))
            + make.interface(link: 101, snap: 4, make.option(14, make.u64(1)))
            + make.names([10, 0, 0, 1], ["a.example"]) + make.secrets([1, 2, 3])
            + make.block(0xbad, make.u32(1)) + make.enhanced(0, 1, [1, 2, 3])
            + make.obsolete(1, 2, [4]) + make.simple(wire: 4, [5, 6, 7, 8])
            + make.block(5, make.u32(0) + make.u64(0) + make.option(5, make.u64(1)) + make.u32(0))
    }

    @Test func everyPrefixGivesTheWholePacketsBeforeItsEnd() throws {
        let whole = try place.read(Self.everything).frames
        #expect(whole.count == 6)
        for length in 28..<Self.everything.count {
            let part = try place.read(Array(Self.everything[..<length])).frames
            #expect(part == Array(whole.prefix(part.count)), "length \(length)")
        }
    }

    @Test(arguments: 0..<300)
    func damagedBlocksAreHarmless(_ seed: UInt64) throws {
        var chance = Chance(seed: seed)
        var bytes = Self.everything
        for _ in 0..<4 {
            let at = Int.random(in: 28..<bytes.count, using: &chance)
            bytes[at] = UInt8.random(in: 0...255, using: &chance)
        }
        let reading = try place.read(bytes)
        #expect(reading.frames.count <= bytes.count / 16, "seed \(seed)")
    }
}
