import Foundation
import Glibc
import Testing

/// The built `tyto`, run as its users run it.
enum Program {
    struct Outcome {
        var status: Int32
        var out: String
        var err: String
    }

    /// Beside the test bundle, where SwiftPM puts every product.
    static var path: String {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath().path
        var folder = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        for candidate in [folder, URL(fileURLWithPath: own).deletingLastPathComponent()]
            + [root.appendingPathComponent(".build/debug")]
        {
            folder = candidate
            let file = folder.appendingPathComponent("tyto").path
            if FileManager.default.isExecutableFile(atPath: file) { return file }
        }
        return "tyto"
    }

    /// The repository.
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func run(_ arguments: String...) throws -> Outcome { try run(arguments) }

    /// Runs it to its end with some variables set.
    static func run(_ arguments: [String], environment: [String: String]) throws -> Outcome {
        try Running(arguments, nil, environment).finish()
    }

    /// Runs it to its end; standard input is the file at `input`.
    static func run(_ arguments: [String], input: String? = nil) throws -> Outcome {
        try start(arguments, input: input).finish()
    }

    /// `path` compressed with gzip, which every Debian has.
    static func gzip(_ path: String, to packed: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["gzip", "-c", path]
        _ = FileManager.default.createFile(atPath: packed, contents: nil)
        process.standardOutput = FileHandle(forWritingAtPath: packed)
        try process.run()
        process.waitUntilExit()
        return packed
    }

    static func start(_ arguments: [String], input: String? = nil) throws -> Running {
        try Running(arguments, input)
    }

    /// The program under way.
    final class Running {
        private let process = Process()
        // Files, not pipes: a full pipe would stop the program.
        private let folder: TemporaryFolder

        init(
            _ arguments: [String], _ input: String?, _ environment: [String: String] = [:]
        ) throws {
            folder = try TemporaryFolder()
            process.executableURL = URL(fileURLWithPath: Program.path)
            process.arguments = arguments
            process.environment = ProcessInfo.processInfo.environment
                .merging([
                    "COLUMNS": "120", "TYTO_DB": "/nonexistent/tyto.db",
                    "TYTO_CATALOG_D": "/nonexistent/catalog.d",
                ]) { $1 }
                .merging(environment) { $1 }
            for name in ["out", "err"] {
                _ = FileManager.default.createFile(atPath: folder.file(name), contents: nil)
            }
            process.standardOutput = FileHandle(forWritingAtPath: folder.file("out"))
            process.standardError = FileHandle(forWritingAtPath: folder.file("err"))
            if let input { process.standardInput = FileHandle(forReadingAtPath: input) }
            try process.run()
        }

        func kill(_ signal: Int32) { _ = Glibc.kill(process.processIdentifier, signal) }

        func finish() throws -> Outcome {
            process.waitUntilExit()
            return Outcome(
                status: process.terminationStatus,
                out: try String(contentsOfFile: folder.file("out"), encoding: .utf8),
                err: try String(contentsOfFile: folder.file("err"), encoding: .utf8))
        }

        /// Polls until the program follows the file at `path` and has read it to its end, by the
        /// kernel's account; false when the program ends before, or after two minutes. To know the
        /// file's digest it is read once before: only a descriptor that stays is the one meant.
        func waits(atEndOf path: String) -> Bool {
            var polls = 0
            for _ in 0..<12_000 where process.isRunning {
                polls = isAtEnd(of: path) ? polls + 1 : 0
                if polls == 100 { return true }
                usleep(10_000)
            }
            return false
        }

        private func isAtEnd(of path: String) -> Bool {
            let (manager, own) = (FileManager.default, "/proc/\(process.processIdentifier)")
            let size = (try? manager.attributesOfItem(atPath: path))?[.size] as? Int ?? -1
            for number in (try? manager.contentsOfDirectory(atPath: own + "/fd")) ?? [] {
                guard
                    let link = try? manager.destinationOfSymbolicLink(
                        atPath: own + "/fd/" + number), link == path,
                    let text = try? String(
                        contentsOfFile: own + "/fdinfo/" + number, encoding: .utf8)
                else { continue }
                if text.hasPrefix("pos:\t\(size)\n") { return true }
            }
            return false
        }
    }
}

/// A folder that goes when nobody holds it any more.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "tyto-test-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    func file(_ name: String) -> String { path + "/" + name }

    func write(_ name: String, _ text: String) throws -> String {
        try text.write(toFile: file(name), atomically: true, encoding: .utf8)
        return file(name)
    }

    func write(_ name: String, bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// One case of Captures/.
struct Case: CustomTestStringConvertible, Sendable {
    var folder: String
    var testDescription: String { folder }

    var capture: String { file("capture.pcapng") ?? path("capture.pcap") }
    var configuration: [String] { file("hosts.yaml").map { ["--config", $0] } ?? [] }

    func path(_ name: String) -> String {
        Program.root.appendingPathComponent("Captures/\(folder)/\(name)").path
    }

    private func file(_ name: String) -> String? {
        FileManager.default.fileExists(atPath: path(name)) ? path(name) : nil
    }

    static let all: [Case] = {
        let captures = Program.root.appendingPathComponent("Captures").path
        let found = FileManager.default.enumerator(atPath: captures)?.compactMap { $0 as? String }
        return (found ?? []).filter { $0.hasSuffix("/README.md") && $0.contains("/") }
            .map { Case(folder: String($0.dropLast("/README.md".count))) }
            .filter { $0.folder.contains("/") }.sorted { $0.folder < $1.folder }
    }()
}
