import Inventory
import Yams

/// `server.json` of the MCP registry: one server, `{"server": …}`, or a list of `servers`.
enum DeclaredRegistry: DeclarationFormat {
    static func isOne(_ root: Node) -> Bool {
        guard let keys = root.mapping else { return false }
        return keys["servers"] != nil || keys["server"] != nil || keys["remotes"] != nil
            || keys["packages"] != nil
    }

    static func read(
        _ root: Node, _ reader: ConfigurationReader
    ) throws(ConfigurationError) -> [Declaration] {
        guard let list = root.mapping?["servers"] else {
            return [try server(root.mapping?["server"] ?? root, reader)]
        }
        var found: [Declaration] = []
        for item in try reader.sequence(list, "servers") {
            found.append(try server(item.mapping?["server"] ?? item, reader))
        }
        return found
    }

    private static func server(
        _ node: Node, _ reader: ConfigurationReader
    ) throws(ConfigurationError) -> Declaration {
        guard let keys = node.mapping, let name = keys["name"]?.string, !name.isEmpty else {
            throw reader.error(node, "a server needs \"name\"")
        }
        // `io.github.owner/tickets`: the server calls itself by what stands last.
        let own = name.split(separator: "/").last.map(String.init) ?? name
        var found = reader.declaration(.mcpServer, own, at: node)
        found.version =
            keys["version"]?.string ?? keys["version_detail"]?.mapping?["version"]?.string
        var places: [Node] = []
        if let remotes = keys["remotes"] { places += try reader.sequence(remotes, "remotes") }
        if let packages = keys["packages"] {
            places += try reader.sequence(packages, "packages").compactMap {
                $0.mapping?["transport"]
            }
        }
        for place in places {
            // A URL with {variables} names no host.
            guard let url = place.mapping?["url"]?.string,
                let location = ConfigurationReader.location(ofURL: url), !location.contains("{")
            else { continue }
            found.locations.append(location)
        }
        return found
    }
}
