import Inventory
import Wire
import Yams

/// Our own form: `mcp_servers:` and `agents:`, each a list of names with what is known of them.
enum DeclaredList: DeclarationFormat {
    private static let keys = [
        "name", "version", "endpoint", "url", "host", "tools", "owner", "team",
    ]

    static func isOne(_ root: Node) -> Bool {
        root.mapping.map { $0["mcp_servers"] != nil || $0["agents"] != nil } ?? false
    }

    static func read(
        _ root: Node, _ reader: ConfigurationReader
    ) throws(ConfigurationError) -> [Declaration] {
        var found: [Declaration] = []
        for (key, value) in try reader.mapping(root, "the file") {
            let name = key.string ?? ""
            guard name == "mcp_servers" || name == "agents" else {
                throw reader.unknown(key, name, ["mcp_servers", "agents"])
            }
            let kind = name == "agents" ? Declaration.Kind.agent : .mcpServer
            for item in try reader.sequence(value, name) {
                found.append(try entry(item, kind, reader))
            }
        }
        return found
    }

    private static func entry(
        _ item: Node, _ kind: Declaration.Kind, _ reader: ConfigurationReader
    ) throws(ConfigurationError) -> Declaration {
        var found = reader.declaration(kind, "", at: item)
        for (key, value) in try reader.mapping(item, "a declaration") {
            let name = key.string ?? ""
            switch name {
            case "name": found.name = try reader.text(value, name)
            case "version": found.version = try reader.text(value, name)
            case "owner": found.owner = try reader.text(value, name)
            case "team": found.team = try reader.text(value, name)
            case "endpoint":
                found.locations.append(try reader.endpoint(value).description)
            case "host":
                found.locations.append(try reader.text(value, name).lowercased())
            case "url":
                let written = try reader.text(value, name)
                guard let place = ConfigurationReader.location(ofURL: written) else {
                    throw reader.error(
                        value, "\"\(written)\" is no URL; write it like https://host/mcp")
                }
                found.locations.append(place)
            case "tools":
                var tools: [String] = []
                for tool in try reader.sequence(value, name) {
                    tools.append(try reader.text(tool, "a tool"))
                }
                found.tools = tools
            default: throw reader.unknown(key, name, keys)
            }
        }
        guard !found.name.isEmpty else {
            throw reader.error(item, "a declaration needs `name:`")
        }
        return found
    }
}
