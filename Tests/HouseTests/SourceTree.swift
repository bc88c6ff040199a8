import Foundation
import Testing

/// One Swift file of the repository.
struct SourceFile: Sendable, CustomTestStringConvertible {
    var path: String
    var lines: [String]
    var testDescription: String { path }

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        if lines.last == "" { lines.removeLast() }
    }

    /// `Wire` of `Sources/Wire/…`.
    var module: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }
    var name: String { URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent }
}

/// The repository this test was built from.
enum SourceTree {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let sources = files(under: "Sources")
    static let tests = files(under: "Tests")

    private static func files(under folder: String) -> [SourceFile] {
        let found = FileManager.default.enumerator(
            atPath: root.appendingPathComponent(folder).path)?.compactMap { $0 as? String }
        return (found ?? []).filter { $0.hasSuffix(".swift") }.sorted().compactMap { path in
            let file = root.appendingPathComponent(folder).appendingPathComponent(path)
            guard let text = try? String(contentsOf: file, encoding: .utf8) else { return nil }
            return SourceFile(path: "\(folder)/\(path)", text: text)
        }
    }

    /// Folders of Captures/ that hold a case.
    static let cases: [URL] = {
        let captures = root.appendingPathComponent("Captures")
        let found = FileManager.default.enumerator(atPath: captures.path)?
            .compactMap { $0 as? String }
        return (found ?? []).filter { $0.hasSuffix("/README.md") }.sorted()
            .map { captures.appendingPathComponent($0).deletingLastPathComponent() }
    }()

    /// `static let name = "…"` of every dissector.
    static var dissectorNames: Set<String> {
        constants(
            "static let name = \"", in: sources.filter { $0.path.hasSuffix("Dissector.swift") })
    }

    /// `static let kind = "…"` of every alert rule.
    static var ruleKinds: Set<String> {
        constants(
            "static let kind = \"", in: sources.filter { $0.path.contains("Policy/Rules/") })
    }

    private static func constants(_ prefix: String, in files: [SourceFile]) -> Set<String> {
        var found: Set<String> = []
        for line in files.flatMap(\.lines) {
            guard let start = line.range(of: prefix) else { continue }
            found.insert(String(line[start.upperBound...].prefix { $0 != "\"" }))
        }
        return found
    }
}
