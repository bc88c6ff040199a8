import Inventory
import Yams

/// An agent card of A2A, of any revision: where the agent says that it is called.
enum DeclaredCard: DeclarationFormat {
    static func isOne(_ root: Node) -> Bool {
        guard let keys = root.mapping else { return false }
        return keys["skills"] != nil
            && (keys["url"] != nil || keys["supportedInterfaces"] != nil
                || keys["protocolVersion"] != nil || keys["capabilities"] != nil)
    }

    static func read(
        _ root: Node, _ reader: ConfigurationReader
    ) throws(ConfigurationError) -> [Declaration] {
        guard let keys = root.mapping, let name = keys["name"]?.string, !name.isEmpty else {
            throw reader.error(root, "an agent card needs \"name\"")
        }
        var found = reader.declaration(.agent, name, at: root)
        found.version = keys["version"]?.string
        var urls = [keys["url"]?.string]
        for list in ["supportedInterfaces", "additionalInterfaces"] {
            guard let node = keys[list] else { continue }
            urls += try reader.sequence(node, list).map { $0.mapping?["url"]?.string }
        }
        for case let url? in urls {
            guard let place = ConfigurationReader.location(ofURL: url),
                !found.locations.contains(place)
            else { continue }
            found.locations.append(place)
        }
        return [found]
    }
}
