import Glibc

/// An open file that is read from front to back. The one place that calls `read(2)`.
struct FileBytes: ~Copyable {
    private let descriptor: Int32
    private let path: String

    init(path: String) throws(CaptureError) {
        let opened = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard opened >= 0 else {
            throw CaptureError("\(path): \(FileBytes.reason(errno)); \(FileBytes.remedy(errno))")
        }
        var status = stat()
        guard unsafe fstat(opened, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            close(opened)
            throw CaptureError("\(path): is a directory; name the capture files in it")
        }
        _ = posix_fadvise(opened, 0, 0, POSIX_FADV_SEQUENTIAL)
        descriptor = opened
        self.path = path
    }

    /// Bytes of the file; 0 for a pipe.
    borrowing func size() -> Int {
        var status = stat()
        return unsafe fstat(descriptor, &status) == 0 ? Int(status.st_size) : 0
    }

    /// Reads into `buffer` from `start` to its end; returns the bytes read, fewer only at the
    /// file's end.
    borrowing func fill(_ buffer: inout [UInt8], from start: Int) throws(CaptureError) -> Int {
        var total = 0
        let wanted = buffer.count - start
        while total < wanted {
            let at = start + total
            let count = unsafe buffer.withUnsafeMutableBytes { bytes in
                unsafe Glibc.read(
                    descriptor, bytes.baseAddress.map { unsafe $0 + at }, bytes.count - at)
            }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw CaptureError("\(path): \(FileBytes.reason(errno)) while reading")
            }
            if count == 0 { break }
            total += count
        }
        return total
    }

    private static func reason(_ code: Int32) -> String {
        unsafe strerror(code).map { unsafe String(cString: $0) } ?? "error \(code)"
    }

    private static func remedy(_ code: Int32) -> String {
        switch code {
        case ENOENT: "check the path"
        case EACCES: "run as a user who may read it"
        default: "check the file"
        }
    }

    deinit { close(descriptor) }
}
