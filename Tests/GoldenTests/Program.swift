import Foundation
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

    static func run(_ arguments: [String]) throws -> Outcome {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment
            .merging(["COLUMNS": "120", "TYTO_DB": "/nonexistent/tyto.db"]) { $1 }
        // Files, not pipes: a full pipe would stop the program.
        let folder = try TemporaryFolder()
        let (out, err) = (folder.file("out"), folder.file("err"))
        _ = FileManager.default.createFile(atPath: out, contents: nil)
        _ = FileManager.default.createFile(atPath: err, contents: nil)
        process.standardOutput = FileHandle(forWritingAtPath: out)
        process.standardError = FileHandle(forWritingAtPath: err)
        try process.run()
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus,
            out: try String(contentsOfFile: out, encoding: .utf8),
            err: try String(contentsOfFile: err, encoding: .utf8))
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
