import Foundation

/// A file, device or pipe, or standard output, that lines are written to.
final class LineSink {
    private let handle: FileHandle
    private let path: String
    private var isBegun = false

    /// Opens `path` as it is: a device or a pipe stays one, and a file keeps what it holds until
    /// the first line is written, so that a command that is refused destroys nothing.
    init(path: String) throws(OutputError) {
        self.path = path
        if path == "-" {
            handle = .standardOutput
            return
        }
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(atPath: path, contents: nil)
        }
        guard let opened = FileHandle(forWritingAtPath: path) else {
            throw OutputError(message: "\(path): cannot be written; check the folder")
        }
        handle = opened
    }

    /// `bytes` may be empty: the file is then emptied, for what it held is of another run.
    func write(_ bytes: [UInt8]) throws(OutputError) {
        do {
            if !isBegun, isFile { try handle.truncate(atOffset: 0) }
            isBegun = true
            if !bytes.isEmpty { try handle.write(contentsOf: bytes) }
        } catch {
            let below = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
            let isBrokenPipe = below?.code == Int(EPIPE) || (error as NSError).code == Int(EPIPE)
            throw OutputError(
                message: "\(path == "-" ? "standard output" : path): \(error.localizedDescription)",
                isBrokenPipe: isBrokenPipe)
        }
    }

    /// Only a file can be emptied; a device and a pipe cannot.
    private var isFile: Bool {
        guard path != "-" else { return false }
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        let found = try? FileManager.default.attributesOfItem(atPath: real)
        return found?[.type] as? FileAttributeType == .typeRegular
    }
}
