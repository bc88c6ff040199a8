import Foundation
package import Inventory
package import Wire
import Yams

/// The administrator's one file: identity, policy, catalog additions and limits. Every part has a
/// default.
package struct Configuration: Sendable {
    package internal(set) var organization = Organization()
    /// Catalog files of the organization's own, relative to the configuration's folder.
    package internal(set) var catalogFiles: [String] = []
    package internal(set) var wireLimits = Limits()
    /// Events hold what their fingerprints hash.
    package internal(set) var showsFingerprintTexts = false
    /// What becomes of the names of users who log on.
    package internal(set) var userNames = UserNames.names

    package init() {}

    /// The largest file that is read: a configuration is written by people.
    private static let fileBytes = 16 << 20

    /// Reads `path`. Every mistake is one sentence with file, line and remedy.
    package static func load(path: String) throws(ConfigurationError) -> Configuration {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw ConfigurationError("\(path): cannot be read; check the path and its permissions")
        }
        guard bytes.count <= fileBytes else {
            throw ConfigurationError("\(path): is larger than 16 MiB; name a configuration file")
        }
        guard let text = String(data: bytes, encoding: .utf8) else {
            throw ConfigurationError("\(path): is not UTF-8 text; save it as UTF-8")
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        return try parse(text, path: path, folder: folder)
    }

    /// Reads `text` as if it were the file `path`.
    package static func parse(
        _ text: String, path: String, folder: String = ""
    ) throws(ConfigurationError) -> Configuration {
        var reader = ConfigurationReader(file: path, folder: folder)
        guard let root = try reader.compose(text) else { return Configuration() }
        try reader.read(root)
        return reader.configuration
    }
}

/// A mistake in the configuration: one sentence that names file and line and says how to mend it.
package struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    package var message: String
    package init(_ message: String) { self.message = message }
    package var description: String { message }
}
