/// A catalog file that cannot be used: where, what, and how to mend it.
package struct CatalogError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file as it was named, or a directory.
    package var file: String
    /// From 1; 0 when the whole file or directory is meant.
    package var line: Int
    package var problem: String
    package var remedy: String

    init(file: String, line: Int = 0, _ problem: String, remedy: String) {
        self.file = file
        self.line = line
        self.problem = problem
        self.remedy = remedy
    }

    /// One line: `llm.catalog:12: unknown word “domian”; …`.
    package var description: String {
        "\(file)\(line > 0 ? ":\(line)" : ""): \(problem); \(remedy)"
    }
}
