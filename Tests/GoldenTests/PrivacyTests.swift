import Foundation
import Testing

/// What people and agents say to each other is in the captures, and in nothing that Tyto gives.
@Suite struct PrivacyTests {
    private static let shared: [String] = {
        let folder = Program.root.appendingPathComponent("../shared/captures").standardizedFileURL
            .path
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().flatMap { name in
            ["capture.pcap", "capture.pcapng"].map { "\(folder)/\(name)/\($0)" }
        }.filter { FileManager.default.fileExists(atPath: $0) }
    }()

    /// Members of JSON that hold content.
    private static let members = ["content", "text", "prompt", "task", "answer", "input"]

    /// Content and tokens in a file as it is: texts of at least 14 bytes behind those members, the
    /// first argument of a call, bearer tokens.
    static func secrets(in bytes: [UInt8]) -> Set<Data> {
        var found: Set<Data> = []
        for name in members {
            each("\"\(name)\"", in: bytes) { found.insert(contentsOf: string(bytes, behind: $0)) }
        }
        each("\"arguments\"", in: bytes) { start in
            guard let open = skip(bytes, start, to: UInt8(ascii: "{")) else { return }
            guard let colon = bytes[open...].prefix(80).firstIndex(of: UInt8(ascii: ":")) else {
                return
            }
            found.insert(contentsOf: string(bytes, behind: colon))
        }
        each("earer ", in: bytes) { start in
            let token = bytes[start...].prefix(2048).prefix { $0 > 32 && $0 < 127 && $0 != 34 }
            if token.count >= 16 { found.insert(Data(token)) }
        }
        return found
    }

    private static func each(_ word: String, in bytes: [UInt8], _ body: (Int) -> Void) {
        let data = Data(bytes)
        var from = 0
        while let range = data.range(of: Data(word.utf8), in: from..<data.count) {
            body(range.upperBound)
            from = range.upperBound
        }
    }

    /// Behind blanks and a colon.
    private static func skip(_ bytes: [UInt8], _ start: Int, to byte: UInt8) -> Int? {
        var at = start
        while at < bytes.count, bytes[at] == 32 || bytes[at] == 58 { at += 1 }
        return at < bytes.count && bytes[at] == byte ? at + 1 : nil
    }

    private static func string(_ bytes: [UInt8], behind start: Int) -> [Data] {
        guard let begin = skip(bytes, start, to: 34) else { return [] }
        let text = bytes[begin...].prefix(160).prefix { $0 >= 32 && $0 != 34 && $0 != 92 }
        return text.count >= 14 ? [Data(text)] : []
    }

    private func check(_ capture: String, _ configuration: [String]) throws -> Int {
        let secrets = Self.secrets(
            in: [UInt8](try Data(contentsOf: URL(fileURLWithPath: capture))))
        let folder = try TemporaryFolder()
        let db = folder.file("tyto.db")
        let replay = try Program.run(
            ["replay", capture, "--db", db, "--events", folder.file("events"), "--stats"]
                + configuration)
        #expect(replay.status == 0, "\(replay.err)")
        var outputs = [replay.out + replay.err]
        for command in ["inventory", "alerts", "chains"] {
            outputs.append(try Program.run(command, "--format", "json", "--db", db).out)
        }
        _ = try Program.run("report", "--db", db, "--out", folder.file("report"))
        var whole = Data(outputs.joined().utf8)
        let files = FileManager.default.enumerator(atPath: folder.path)?.compactMap {
            $0 as? String
        }
        for file in files ?? [] {
            whole += (try? Data(contentsOf: URL(fileURLWithPath: folder.file(file)))) ?? Data()
        }
        #expect(whole.count > 1000)
        for secret in secrets where whole.range(of: secret) != nil {
            Issue.record("\(capture): \(String(decoding: secret, as: UTF8.self))")
        }
        return secrets.count
    }

    @Test func noCaseGivesItsContentAway() throws {
        let count = try Case.all.reduce(0) { try $0 + check($1.capture, $1.configuration) }
        #expect(count > 100)
    }

    @Test(.enabled(if: !shared.isEmpty, "SKIPPED: ../shared/captures is not here"))
    func noRecordingGivesItsContentAway() throws {
        let count = try Self.shared.reduce(0) { sum, capture in
            let folder = URL(fileURLWithPath: capture).deletingLastPathComponent()
            return try sum
                + check(capture, ["--config", folder.appendingPathComponent("hosts.yaml").path])
        }
        #expect(count > 100)
    }

    /// The search itself finds what is there.
    @Test func whatIsSearchedForIsFound() {
        let text =
            "Bearer abcdefghijklmnop1 " + #"{"content" : "What is the weather?","#
            + #""arguments":{"city":"Reykjavik, Iceland"}}"#
        let found = Self.secrets(in: Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
        #expect(
            found.sorted() == ["Reykjavik, Iceland", "What is the weather?", "abcdefghijklmnop1"])
    }
}

extension Set {
    fileprivate mutating func insert(contentsOf others: [Element]) { formUnion(others) }
}
