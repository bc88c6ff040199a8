import Foundation
import Support

@testable import Wire

/// Bytes recorded from real programs, where they lie beside a development checkout.
enum ExampleFile {
    struct Block {
        var connection: Int
        var side: Side
        var bytes: [UInt8]
    }

    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("../shared/wire/examples").standardizedFileURL
    static let isThere = FileManager.default.fileExists(atPath: folder.path)

    /// The connections of an example, each as what its sides say in turn.
    static func connections(_ name: String) throws -> [[Block]] {
        let all = try blocks(name)
        return Set(all.map(\.connection)).sorted().map { number in
            all.filter { $0.connection == number }
        }
    }

    /// `@@ <seconds> conn=<n> C>S <ports> len=<N>`, a line, the bytes, and a line end.
    private static func blocks(_ name: String) throws -> [Block] {
        let file = [UInt8](try Data(contentsOf: folder.appendingPathComponent(name + ".txt")))
        var found: [Block] = []
        var at = 0
        while at < file.count {
            let end = file[at...].firstIndex(of: 10) ?? file.count
            let words = String(decoding: file[at..<end], as: UTF8.self).split(separator: " ")
            at = end + 1
            guard words.first == "@@", let length = words.last?.split(separator: "="),
                length.first == "len", let count = Int(length[1])
            else { continue }
            found.append(
                Block(
                    connection: Int(words[2].dropFirst(5)) ?? 0,
                    side: words[3] == "C>S" ? .client : .server,
                    bytes: Array(file[at..<(at + count)])))
            at += count + 1
        }
        return found
    }

    /// One connection in segments of `size` bytes at most, of which no more is seen than so many
    /// bytes of each side.
    static func run(
        _ blocks: [Block], client: Int = .max, server: Int = .max, size: Int = 1000,
        isClosed: Bool = true
    ) -> FlowRun {
        var talk = Conversation()
        var left = [client, server]
        for block in blocks {
            let bytes = Array(block.bytes.prefix(left[Int(block.side.rawValue)]))
            left[Int(block.side.rawValue)] -= bytes.count
            talk.say(
                block.side, bytes,
                cuts: Array(stride(from: size, to: max(size, bytes.count), by: size)))
        }
        if isClosed { talk.close() }
        return FlowRun(talk.frames)
    }
}
