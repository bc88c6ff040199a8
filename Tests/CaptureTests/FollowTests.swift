import Foundation
import Support
import Testing
import Wire

@testable import Capture

/// Files that grow, are cut, replaced and rotated between two looks: nothing waits here.
@Suite struct FollowTests {
    private let place: Place
    private let make = CaptureBytes()
    init() throws { place = try Place() }

    private func record(_ byte: UInt8) -> [UInt8] { make.record(UInt32(byte), 0, [byte]) }

    /// What has come since the last look.
    private func look(_ followed: inout FollowedCaptures) throws -> [UInt8] {
        var batch = PacketBatch()
        var found: [UInt8] = []
        while true {
            #expect(try followed.read(into: &batch))
            if batch.packets.isEmpty { return found }
            found += batch.packets.map { batch.bytes[$0.offset] }
        }
    }

    @Test func aGrowingFileIsReadByteByByte() throws {
        let bytes = make.pcap([(1, 1), (2, 2), (3, 3)])
        let path = try place.write("grow", [])
        var followed = FollowedCaptures(.file(path), hashes: true)
        var found: [UInt8] = []
        for byte in bytes {
            #expect(try look(&followed).isEmpty || !found.isEmpty || byte == 1)
            try place.append("grow", [byte])
            found += try look(&followed)
        }
        #expect(found == [1, 2, 3])
        followed.close()
        let reports = followed.takeReports()
        #expect(reports.count == 1 && reports[0].damage == nil)
        #expect(reports[0].digest == (try CaptureFile.digest(path: path)))
    }

    @Test func aGrowingCompressedFileIsRead() throws {
        let bytes = Stored.gzip(make.pcap([(1, 1), (2, 2)])) + Stored.gzip(record(3))
        let path = try place.write("grow", [])
        var followed = FollowedCaptures(.file(path), hashes: true)
        var found: [UInt8] = []
        for byte in bytes {
            try place.append("grow", [byte])
            found += try look(&followed)
        }
        #expect(found == [1, 2, 3])
    }

    @Test func aFileThatIsCutIsReadFromItsStart() throws {
        let path = try place.write("f", make.pcap([(1, 1), (2, 2)]))
        var followed = FollowedCaptures(.file(path), hashes: false)
        #expect(try look(&followed) == [1, 2])
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.truncate(atOffset: 0)
        #expect(try look(&followed) == [])
        try handle.write(contentsOf: make.pcap([(3, 3)]))
        #expect(try look(&followed) == [3])
        #expect(followed.takeNotes().map { $0.contains("was cut") } == [true])
        #expect(followed.paths == [path, path])
    }

    @Test func aFileThatIsReplacedIsReadAnew() throws {
        let path = try place.write("f", make.pcap([(1, 1)]))
        var followed = FollowedCaptures(.file(path), hashes: false)
        #expect(try look(&followed) == [1])
        try FileManager.default.moveItem(atPath: path, toPath: place.file("f.1"))
        #expect(try look(&followed) == [])
        // What was written before the name went elsewhere still counts.
        try place.append("f.1", record(2))
        #expect(try look(&followed) == [2])
        try place.write("f", make.pcap([(3, 3)]))
        #expect(try look(&followed) == [3])
        #expect(followed.takeNotes().map { $0.contains("was replaced") } == [true])
    }

    @Test func filesOfAFolderAreTakenUpInTheOrderOfTheirPackets() throws {
        try place.write("z", make.pcap([(1, 1)]))
        try place.write("a", make.pcap([(2, 2)]))
        var followed = FollowedCaptures(.folder(place.path), hashes: false)
        #expect(try look(&followed) == [1, 2])
        try place.append("a", record(3))
        #expect(try look(&followed) == [3])
        // A new file without a packet is no successor yet.
        try place.write("b", make.pcap([]))
        try place.append("a", record(4))
        #expect(try look(&followed) == [4])
        try place.append("a", record(5))
        try place.append("b", record(6))
        #expect(try look(&followed) == [5, 6])
        #expect(followed.paths.map { $0.suffix(1) } == ["z", "a", "b"])
        #expect(followed.takeReports().allSatisfy { $0.damage == nil })
    }

    @Test func aRotatedFileThatIsCompressedLaterIsNotReadTwice() throws {
        try place.write("a", make.pcap([(1, 1)]))
        var followed = FollowedCaptures(.folder(place.path), hashes: false)
        #expect(try look(&followed) == [1])
        try place.write("b", make.pcap([(2, 2)]))
        #expect(try look(&followed) == [2])
        try place.write("a.gz", Stored.gzip(make.pcap([(1, 1)])))
        try FileManager.default.removeItem(atPath: place.file("a"))
        #expect(try look(&followed) == [])
    }

    @Test func whatIsNoCaptureIsPassedOverOnce() throws {
        try place.write("notes", Array("these are only some notes, no capture".utf8))
        var followed = FollowedCaptures(.folder(place.path), hashes: false)
        #expect(try look(&followed) == [])
        #expect(try look(&followed) == [])
        #expect(followed.takeNotes().count == 1)
        try place.write("c", make.pcap([(1, 1)]))
        #expect(try look(&followed) == [1])
    }

    @Test func whatIsKnownIsPassedOverUntilItIsAnother() throws {
        let path = try place.write("a", make.pcap([(1, 1)]))
        var followed = FollowedCaptures(.folder(place.path), hashes: false, known: [path])
        #expect(try look(&followed) == [])
        try place.write("b", make.pcap([(2, 2)]))
        #expect(try look(&followed) == [2])
    }

    @Test func aDamagedFileIsLeft() throws {
        var bytes = make.pcap([(1, 1)]) + record(2)
        bytes.replaceSubrange(bytes.count - 9..<bytes.count - 5, with: [255, 255, 255, 127])
        let path = try place.write("f", bytes)
        var followed = FollowedCaptures(.file(path), hashes: false)
        #expect(try look(&followed) == [1])
        #expect(try look(&followed) == [])
        #expect(followed.takeReports().first?.damage?.contains("damaged") == true)
    }
}
