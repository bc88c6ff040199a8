import Foundation

/// A file or standard output that lines are written to.
final class LineSink {
    private let handle: FileHandle
    private let path: String

    init(path: String) throws(OutputError) {
        self.path = path
        if path == "-" {
            handle = .standardOutput
            return
        }
        guard FileManager.default.createFile(atPath: path, contents: nil),
            let opened = FileHandle(forWritingAtPath: path)
        else { throw OutputError(message: "\(path): cannot be written; check the folder") }
        handle = opened
    }

    func write(_ bytes: [UInt8]) throws(OutputError) {
        guard !bytes.isEmpty else { return }
        do {
            try handle.write(contentsOf: bytes)
        } catch {
            let below = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
            let isBrokenPipe = below?.code == Int(EPIPE) || (error as NSError).code == Int(EPIPE)
            throw OutputError(
                message: "\(path == "-" ? "standard output" : path): \(error.localizedDescription)",
                isBrokenPipe: isBrokenPipe)
        }
    }
}
