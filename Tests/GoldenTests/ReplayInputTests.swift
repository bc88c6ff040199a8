import Foundation
import Testing

/// The whole line, from every place that captures come from: the inventory is the same.
@Suite struct ReplayInputTests {
    private let office = Case(folder: "office/day")
    private let folder: TemporaryFolder
    init() throws { folder = try TemporaryFolder() }

    private func expected() throws -> String {
        try String(contentsOfFile: office.path("expected.json"), encoding: .utf8)
    }

    private func inventory(_ db: String) throws -> String {
        try Program.run("inventory", "--db", db, "--format", "json").out
    }

    /// The capture in pieces, as a folder of its own.
    private func pieces(_ cuts: [Int], names: [String]) throws -> String {
        let place = folder.file("pieces")
        try FileManager.default.createDirectory(
            atPath: place, withIntermediateDirectories: true)
        var from = 0
        for (cut, name) in zip(cuts + [Int.max], names) {
            let bytes = try PcapCut.cut(office.capture, from: from, to: cut)
            _ = try folder.write("pieces/" + name, bytes: bytes)
            from = cut
        }
        return place
    }

    @Test func compressedAndThroughStandardInput() throws {
        let plain = try #require(FileManager.default.contents(atPath: office.capture))
        let packed = try Program.gzip(office.capture, to: folder.file("office.bin"))
        for (index, input) in [office.capture, packed].enumerated() {
            let db = folder.file("\(index).db")
            let out = try Program.run(
                ["replay", "-", "--db", db] + office.configuration, input: input)
            #expect(out.status == 0, "\(out.err)")
            #expect(try inventory(db) == expected())
        }
        let db = folder.file("file.db")
        let out = try Program.run(["replay", packed, "--db", db] + office.configuration)
        #expect(out.status == 0, "\(out.err)")
        #expect(try inventory(db) == expected())
        #expect(plain.count > 100_000)
    }

    @Test func aKnownCaptureIsRefusedHoweverItComes() throws {
        let db = folder.file("tyto.db")
        #expect(try Program.run("replay", office.capture, "--db", db).status == 0)
        let before = try inventory(db)
        let packed = try Program.gzip(office.capture, to: folder.file("office.gz"))
        for (arguments, input) in [([packed], nil), (["-"], office.capture)]
            as [([String], String?)]
        {
            let out = try Program.run(["replay"] + arguments + ["--db", db], input: input)
            #expect(out.status == 1)
            #expect(out.err.contains("already, as capture.pcapng") && out.err.contains("--again"))
            #expect(out.err.split(separator: "\n").count == 1)
        }
        #expect(try inventory(db) == before)
    }

    /// The pieces' names tell nothing of their order, and beside them lies what is no capture.
    @Test(arguments: [false, true])
    func aFolderOrAPatternIsReadInTimeOrder(_ isPattern: Bool) throws {
        let place = try pieces([700, 3022], names: ["c.pcap", "a.pcap", "b.pcap"])
        _ = try folder.write("pieces/notes.txt", "no capture, only notes of somebody")
        let db = folder.file("tyto.db")
        let argument = isPattern ? place + "/[abc].p*" : place
        let out = try Program.run(["replay", argument, "--db", db] + office.configuration)
        #expect(out.status == 0, "\(out.err)")
        #expect(out.err.contains("passed over as no capture: notes.txt") == !isPattern)
        #expect(try inventory(db) == expected())
        // What is known is passed over, and nothing else being there is an error.
        let again = try Program.run("replay", argument, "--db", db)
        #expect(again.status == 1 && again.err.contains("already"))
    }

    @Test func aPlaceWithoutCapturesIsAnErrorAndMakesNoDatabase() throws {
        _ = try folder.write("notes.txt", "no capture, only notes of somebody")
        let db = folder.file("tyto.db")
        for argument in [folder.path, folder.path + "/*.pcap"] {
            let out = try Program.run("replay", argument, "--db", db)
            #expect(out.status == 1)
            #expect(out.err.contains("no capture is there"))
            #expect(out.err.split(separator: "\n").count == 1)
        }
        let empty = try Program.run(["replay", "-", "--db", db], input: "/dev/null")
        #expect(empty.status == 1 && empty.err.contains("standard input"))
        #expect(!FileManager.default.fileExists(atPath: db))
    }

    @Test(arguments: [
        ["replay", "--speed", "2", "x"], ["replay", "--pseudo-realtime", "--speed", "0", "x"],
        ["replay", "--follow", "x", "y"], ["replay", "--follow", "-"], ["replay", "-", "-"],
    ])
    func whatDoesNotGoTogetherIsAUsageError(_ arguments: [String]) throws {
        let out = try Program.run(arguments)
        #expect(out.status == 2)
        #expect(out.err.split(separator: "\n").count == 1)
    }

    @Test func thePaceChangesNothing() throws {
        let db = folder.file("tyto.db")
        let out = try Program.run(
            ["replay", office.capture, "--pseudo-realtime", "--speed", "1000", "--db", db]
                + office.configuration)
        #expect(out.status == 0, "\(out.err)")
        #expect(try inventory(db) == expected())
    }

    /// A file, and a folder, still being written: ended by a signal, everything is committed.
    @Test(arguments: [SIGINT, SIGTERM], [false, true])
    func aCaptureBeingWrittenIsFollowed(_ signal: Int32, _ isFolder: Bool) throws {
        let place = folder.file("live")
        try FileManager.default.createDirectory(
            atPath: place, withIntermediateDirectories: true)
        let parts = try [0, 1000, 3022].map {
            try PcapCut.cut(office.capture, from: $0, to: $0 == 3022 ? .max : $0 == 0 ? 1000 : 3022)
        }
        let first = try folder.write("live/one.pcap", bytes: Array(parts[0].prefix(10)))
        let db = folder.file("tyto.db")
        let running = try Program.start(
            ["replay", "--follow", isFolder ? place : first, "--db", db] + office.configuration)
        let handle = try #require(FileHandle(forWritingAtPath: first))
        try handle.seekToEnd()
        try handle.write(contentsOf: parts[0].dropFirst(10))
        var last = first
        if isFolder {
            _ = try folder.write("live/b.pcap", bytes: parts[1])
            last = try folder.write("live/a.pcap", bytes: parts[2])
        } else {
            try handle.write(contentsOf: parts[1].dropFirst(24))
            try handle.write(contentsOf: parts[2].dropFirst(24))
        }
        #expect(running.waits(atEndOf: last))
        running.kill(signal)
        let out = try running.finish()
        #expect(out.status == 0, "\(out.err)")
        #expect(try inventory(db) == expected())
    }
}
