import Foundation
import Support
import Testing
import Wire

@testable import Capture

@Suite struct SeriesTests {
    private let place: Place
    private let make = CaptureBytes()
    init() throws { place = try Place() }

    private func input(_ name: String, _ packets: [(second: UInt32, byte: UInt8)]) throws
        -> CaptureInput
    {
        let path = try place.write(name, make.pcap(packets))
        return CaptureInput(path: path, first: try CaptureFile.firstTime(path: path))
    }

    private func read(_ groups: [[CaptureInput]]) throws -> (Place.Reading, [CaptureReport]) {
        var groups = groups
        var number: UInt32 = 0
        for group in groups.indices {
            for position in groups[group].indices {
                groups[group][position].options.file = number
                number += 1
            }
        }
        var series = CaptureSeries(groups)
        var batch = PacketBatch()
        var reading = Place.Reading()
        while try series.read(into: &batch) { reading.add(batch) }
        return (reading, series.takeReports())
    }

    @Test func capturesThatOverlapAreMergedByTime() throws {
        let group = [
            try input("a", [(1, 1), (4, 4), (6, 6), (6, 66)]),
            try input("b", [(2, 2), (3, 3), (6, 7), (9, 9)]), try input("c", [(8, 8), (10, 10)]),
        ]
        let (reading, reports) = try read([group])
        #expect(reading.frames.map { $0[0] } == [1, 2, 3, 4, 6, 66, 7, 8, 9, 10])
        #expect(reading.packets.map(\.number) == Array(1...10))
        #expect(reading.packets.map(\.file) == [0, 1, 1, 0, 0, 0, 1, 2, 1, 2])
        #expect(reports.map(\.file).sorted() == [0, 1, 2])
    }

    @Test func capturesNamedOneByOneStayInTheirOrder() throws {
        let (late, early) = (try input("late", [(5, 5), (6, 6)]), try input("early", [(1, 1)]))
        let (reading, _) = try read([[late], [early]])
        #expect(reading.frames.map { $0[0] } == [5, 6, 1])
        #expect(reading.packets.map(\.number) == [1, 2, 3])
    }

    /// Any way to deal a capture out to files, its packets come back in order.
    @Test(arguments: 0..<20)
    func aCaptureDealtOutToFilesIsPutTogether(_ seed: UInt64) throws {
        var chance = Chance(seed: seed)
        let all = (0..<2000 as Range<UInt32>).map { ($0, UInt8(truncatingIfNeeded: $0)) }
        var parts = [[(second: UInt32, byte: UInt8)]](repeating: [], count: 5)
        for packet in all { parts[Int.random(in: 0..<5, using: &chance)].append(packet) }
        let inputs = try parts.enumerated().map { try input("p\($0.offset)", $0.element) }
            .sorted { ($0.first ?? .zero) < ($1.first ?? .zero) }
        let (reading, _) = try read([inputs])
        #expect(reading.nanoseconds == all.map { Int64($0.0) * 1_000_000_000 }, "seed \(seed)")
        #expect(reading.frames.map { $0[0] } == all.map(\.1), "seed \(seed)")
    }

    @Test func moreCapturesThanMayBeOpenAreFineWhenTheyDoNotOverlap() throws {
        let inputs = try (0..<200 as Range<UInt32>).map { try input("f\($0)", [($0, 1)]) }
        #expect(try read([inputs]).0.frames.count == 200)
    }

    @Test func tooManyThatOverlapAreAnError() throws {
        let inputs = try (0...CaptureSeries.openLimit).map { index in
            try input("f\(index)", [(UInt32(index), 1), (10_000, 2)])
        }
        #expect(throws: CaptureError.self) { try read([inputs]) }
    }

    @Test func aFolderListsItsFilesAndNamesWhatItPassesOver() throws {
        try place.write("b[1].pcap", [])
        try place.write("a.pcap", [])
        try place.write(".hidden", [])
        try FileManager.default.createDirectory(
            atPath: place.file("sub"), withIntermediateDirectories: true)
        let listed = CapturePlace(place.path).list()
        #expect(listed.files == [place.file("a.pcap"), place.file("b[1].pcap")])
        #expect(listed.passedOver == [place.file("sub/"), place.file(".hidden")])
        #expect(CapturePlace(place.file("a*")).list().files == [place.file("a.pcap")])
        // A name that exists is a name, whatever it looks like.
        #expect(
            CapturePlace(place.file("b[1].pcap")) == .file(place.file("b[1].pcap")))
        #expect(CapturePlace("-") == .standardInput)
    }
}
