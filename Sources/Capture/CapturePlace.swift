import Glibc

/// What an argument names: a file, the files of a folder, or those that a pattern matches.
package enum CapturePlace: Sendable, Equatable {
    case standardInput
    case file(String)
    case folder(String)
    case pattern(String)

    package init(_ argument: String) {
        if argument == "-" {
            self = .standardInput
        } else if let mode = CapturePlace.mode(argument) {
            self = mode & S_IFMT == S_IFDIR ? .folder(argument) : .file(argument)
        } else {
            let isPattern = argument.contains { "*?[".contains($0) }
            self = isPattern ? .pattern(argument) : .file(argument)
        }
    }

    /// Whether `path` is a pipe or a device, which can be read only once.
    package static func isPipe(_ path: String) -> Bool {
        guard path != "-" else { return true }
        return mode(path).map { ![S_IFREG, S_IFDIR].contains($0 & S_IFMT) } ?? false
    }

    /// A file's size in bytes; nil when there is none.
    static func size(_ path: String) -> Int? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    private static func mode(_ path: String) -> mode_t? {
        var status = stat()
        return unsafe stat(path, &status) == 0 ? status.st_mode : nil
    }

    /// The files there now, by name; of a folder also `hidden` ones and folders, which are to be
    /// passed over.
    package func list() -> (files: [String], passedOver: [String]) {
        switch self {
        case .standardInput: return (["-"], [])
        case .file(let path): return ([path], [])
        case .pattern(let pattern):
            let found = CapturePlace.matches(pattern)
            return (found.filter { !$0.hasSuffix("/") }, found.filter { $0.hasSuffix("/") })
        case .folder(let path):
            let folder = CapturePlace.escaped(path.hasSuffix("/") ? path : path + "/")
            let found = CapturePlace.matches(folder + "*")
            let hidden = CapturePlace.matches(folder + ".[!.]*")
            return (
                found.filter { !$0.hasSuffix("/") }, found.filter { $0.hasSuffix("/") } + hidden
            )
        }
    }

    private static func escaped(_ path: String) -> String {
        path.reduce(into: "") { $0 += "\\*?[]".contains($1) ? "\\\($1)" : String($1) }
    }

    /// glob(3): sorted by name, folders with a slash at their end.
    private static func matches(_ pattern: String) -> [String] {
        var result = unsafe glob_t()
        defer { unsafe globfree(&result) }
        guard unsafe glob(pattern, GLOB_MARK, nil, &result) == 0, let paths = unsafe result.gl_pathv
        else { return [] }
        return (0..<Int(unsafe result.gl_pathc)).compactMap { index in
            unsafe paths[index].map { unsafe String(cString: $0) }
        }
    }
}
