import FoundationEssentials

/// Finds and reads catalog files.
enum CatalogFiles {
    static let fileEnding = ".catalog"

    /// The catalog files of a directory, by name, or the one file that `path` is.
    static func list(_ path: String) throws(CatalogError) -> [String] {
        guard isDirectory(path) else { return [path] }
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: path) } catch {
            throw CatalogError(
                file: path, "the directory cannot be read", remedy: "check its permissions")
        }
        let files = names.filter { $0.hasSuffix(fileEnding) && !$0.hasPrefix(".") }.sorted()
        guard !files.isEmpty else {
            throw CatalogError(
                file: path, "the directory holds no catalog file",
                remedy: "name a directory with files that end in \(fileEnding)")
        }
        return files.map { "\(path)/\($0)" }
    }

    static func read(_ path: String) throws(CatalogError) -> CatalogFile {
        try CatalogFile(path: path, bytes: bytes(path))
    }

    static func bytes(_ path: String) throws(CatalogError) -> [UInt8] {
        guard let content = FileManager.default.contents(atPath: path) else {
            throw CatalogError(
                file: path, "the file cannot be read", remedy: "check its name and permissions")
        }
        return [UInt8](content)
    }

    /// A link to a directory is one: its content can be listed.
    static func isDirectory(_ path: String) -> Bool {
        var isDirectory = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory)
            && isDirectory
    }

    /// Whether a directory is there and holds a catalog file.
    static func hasFiles(_ path: String) -> Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.contains { $0.hasSuffix(fileEnding) && !$0.hasPrefix(".") }
    }

    /// Where the catalog that came with this program may lie, best first.
    static func shippedPlaces() -> [String] {
        var places: [String] = []
        if let program = try? FileManager.default.destinationOfSymbolicLink(
            atPath: "/proc/self/exe")
        {
            let folders = program.split(separator: "/").dropLast()
            for up in 0...1 where folders.count >= up {
                let folder = folders.dropLast(up).map { "/\($0)" }.joined()
                places.append("\(folder)/Tyto_Catalog.resources/Data")
            }
        }
        return places + ["/usr/share/tyto/catalog"]
    }
}
