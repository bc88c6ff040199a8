import Glibc

/// An open file, or standard input, that is read from front to back. The one place that calls
/// `read(2)`.
struct FileBytes: ~Copyable {
    /// How long a pipe is waited for before the caller may look at something else.
    private static let waitMilliseconds: Int32 = 100

    /// What tells one file from another under the same name.
    struct Identity: Equatable {
        var device: UInt64 = 0
        var inode: UInt64 = 0
    }

    private let descriptor: Int32
    /// As it is said to the user.
    let name: String
    let identity: Identity
    /// A pipe, a terminal or a socket: bytes come when they come.
    let isPipe: Bool
    /// Bytes read so far.
    private(set) var position = 0

    /// Opens `path`; `-` is standard input.
    init(path: String) throws(CaptureError) {
        name = path == "-" ? "standard input" : path
        descriptor = path == "-" ? STDIN_FILENO : unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw CaptureError("\(name): \(FileBytes.reason(errno)); \(FileBytes.remedy(errno))")
        }
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            if descriptor != STDIN_FILENO { close(descriptor) }
            throw CaptureError("\(name): is a directory; name the capture files in it")
        }
        identity = Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
        isPipe = status.st_mode & S_IFMT != S_IFREG
        if !isPipe { _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL) }
    }

    /// Bytes of the file as it is now; 0 for a pipe.
    borrowing func size() -> Int {
        var status = stat()
        guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return 0
        }
        return Int(status.st_size)
    }

    /// The file that bears `path` now; nil when none does.
    static func identity(of path: String) -> Identity? {
        var status = stat()
        guard unsafe stat(path, &status) == 0 else { return nil }
        return Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }

    /// Reads once into `buffer` from `start` on; returns the bytes read, 0 at the end, and nil when
    /// nothing came through a pipe for a while.
    mutating func read(into buffer: inout [UInt8], from start: Int) throws(CaptureError) -> Int? {
        guard start < buffer.count else { return 0 }
        if isPipe {
            var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard unsafe poll(&ready, 1, FileBytes.waitMilliseconds) != 0 else { return nil }
        }
        while true {
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe Glibc.read(
                    descriptor, bytes.baseAddress.map { unsafe $0 + start }, bytes.count - start)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw CaptureError(
                    "\(name): \(FileBytes.reason(errno)) while reading; \(FileBytes.remedy(errno))")
            }
            position += count
            return count
        }
    }

    private static func reason(_ code: Int32) -> String {
        unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    }

    private static func remedy(_ code: Int32) -> String {
        switch code {
        case ENOENT: "check the path"
        case EACCES: "run as a user who may read it"
        case EMFILE, ENFILE: "allow more open files (ulimit -n)"
        default: "check the file"
        }
    }

    deinit { if descriptor != STDIN_FILENO { close(descriptor) } }
}
