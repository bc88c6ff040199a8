import Catalog
import Inventory
import Wire

/// Agents that serve, programs that serve models, and agents wherever they run, for people.
extension EntityView {
    static func use(of model: ModelEndpoint) -> [(name: String, value: String)] {
        let tokens = model.tokens
        return [
            (
                "tokens",
                tokens.input == 0 && tokens.output == 0
                    ? ""
                    : "\(tokens.input) in (\(tokens.cached) cached), "
                        + "\(tokens.output) out (\(tokens.reasoning) reasoning)"
            ),
            ("errors", model.errors > 0 ? String(model.errors) : ""),
            ("answered by", model.answeredModels.joined(separator: ", ")),
            ("tools offered", model.toolsOffered.joined(separator: ", ")),
            ("tools called", words(model.toolsCalled)),
            ("end users", model.endUsers > 0 ? "\(model.endUsers) at least" : ""),
            (
                "remote MCP",
                model.remoteMCP.map { $0.host.isEmpty ? $0.label : "\($0.label) at \($0.host)" }
                    .joined(separator: ", ")
            ),
        ]
    }

    private static func words(_ counts: [(name: String, count: Int)]) -> String {
        counts.map { "\($0.name): \($0.count)" }.joined(separator: ", ")
    }

    init(_ server: AgentServer) {
        let clients = server.clients.map { "\($0.name ?? "?") on \($0.host)" }
        let bindings = server.bindings.joined(separator: ", ")
        let claims: [(name: String, value: String)] = [
            ("endpoint", server.endpoint.description),
            ("protocol", bindings.isEmpty ? server.language : "\(server.language) (\(bindings))"),
            ("protocol versions", server.protocolVersions.joined(separator: ", ")),
            ("version", server.version ?? ""), ("provider", server.organization ?? ""),
            ("skills", server.skills.map { "\($0.name) (\($0.id))" }.joined(separator: ", ")),
            (
                "interfaces",
                server.interfaces.map { "\($0.binding) \($0.url)" }.joined(separator: ", ")
            ),
            ("authentication", server.schemes.joined(separator: ", ")),
            ("card", server.isSigned ? "signed" : ""),
            ("operations", EntityView.words(server.operations)),
            ("tasks", server.tasks > 0 ? String(server.tasks) : ""),
            ("task states", EntityView.words(server.states)),
            ("errors", EntityView.words(server.failures)),
            ("tools", server.tools.joined(separator: ", ")),
            ("tools offered", server.toolsOffered.joined(separator: ", ")),
            ("MCP servers given", server.configuredMCP.joined(separator: ", ")),
            ("webhooks", server.webhooks.joined(separator: ", ")),
            ("called by", clients.joined(separator: ", ")),
        ]
        self.init(
            id: server.id,
            title: "Agent \(Words.harmless(server.name ?? server.endpoint.description))",
            claims: claims + EntityView.times(server.firstSeen, server.lastSeen),
            attribution: server.attribution, evidence: server.evidence,
            write: { InventoryDocument.write(server, &$0) })
        stands = { chain in chain.hops.contains { $0.to == server.endpoint } }
    }

    init(_ tool: ListedItem, of server: MCPServer) {
        let calls = server.calls.filter { $0.tool == tool.key }
        let history = server.histories.first { $0.kind == .tool && $0.key == tool.key }
        let claims: [(name: String, value: String)] = [
            (
                "server",
                "\(server.name ?? "no name") at \(server.endpoint)\(server.path) (\(server.id))"
            ),
            ("title", tool.label ?? ""), ("description", tool.text ?? ""),
            (
                "hints",
                tool.hints.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
                    .joined(separator: ", ")
            ),
            (
                "calls",
                calls.isEmpty
                    ? ""
                    : "\(calls.reduce(0) { $0 + $1.count }) by "
                        + Set(calls.map(\.client)).sorted().map(\.description).joined(
                            separator: ", ")
            ),
        ]
        self.init(
            id: EntityID.tool(server.endpoint, tool.key),
            title: "Tool \(Words.harmless(tool.key))",
            claims: claims + EntityView.times(of: history),
            attribution: server.attribution,
            evidence: server.evidence.filter {
                $0.detail.hasPrefix("tools/call of \(tool.key) by ")
            },
            write: { InventoryDocument.writeTool(tool, &$0, history) })
        status = (server.status, server.statusReason)
        story = ServerText(server: server).lines(ofTool: tool.key)
        stands = { chain in
            chain.hops.contains {
                $0.to == server.endpoint && $0.kind == "mcp" && $0.what == tool.key
            }
        }
    }

    /// When it was listed; nothing for a tool that was called and never listed.
    private static func times(of history: ItemHistory?) -> [(String, String)] {
        guard let history, let first = history.versions.first else { return [] }
        return [
            ("first listed", first.firstSeen.rfc3339), ("last listed", history.lastListed.rfc3339),
        ]
    }

    init(_ runtime: ModelRuntime) {
        let claims: [(name: String, value: String)] = [
            ("endpoint", runtime.endpoint.description), ("program", runtime.runtime),
            ("sure", runtime.strength.name),
            ("models", runtime.models.joined(separator: ", ")),
        ]
        self.init(
            id: runtime.id, title: "Model server \(runtime.endpoint)",
            claims: claims + EntityView.times(runtime.firstSeen, runtime.lastSeen),
            attribution: runtime.attribution, evidence: runtime.evidence,
            write: { InventoryDocument.write(runtime, &$0) })
    }

    init(_ entity: AgentEntity) {
        let instances = entity.instances.map {
            "\($0.host) (\($0.id)), \($0.firstSeen) to \($0.lastSeen)"
        }
        self.init(
            id: entity.id, title: "Agent \(Words.harmless(entity.name)), wherever it runs",
            claims: [
                ("kind", entity.kind.rawValue),
                ("versions", entity.versions.joined(separator: ", ")),
                ("seen as", entity.roles.joined(separator: ", ")),
                ("instances", instances.joined(separator: "; ")),
                ("servers", entity.servers.joined(separator: ", ")),
                ("tools", entity.tools.joined(separator: ", ")),
                ("models", entity.models.joined(separator: ", ")),
            ], attribution: nil, evidence: [],
            write: { InventoryDocument.write(entity, &$0) })
        let hosts = Set(entity.instances.map { "\($0.host)" })
        stands = { chain in
            chain.hops.contains {
                $0.fromName == entity.name && hosts.contains($0.from.description)
                    || $0.toName == entity.name && hosts.contains($0.to.address.description)
            }
        }
    }
}

extension Section {
    static func agentServers(_ snapshot: Snapshot) -> Table {
        var table = Table([
            Table.text("id", least: 17), Table.text("endpoint", least: 18), Table.text("name"),
            Table.text("protocol", least: 6), Table.text("skills", rank: 3),
            Table.number("tasks", rank: 2), Table.text("called by", least: 10, rank: 1),
            Table.text("team", rank: 5), Table.text("owner", least: 10),
            Table.text("last seen", least: 19, rank: 6),
        ])
        table.rows = snapshot.agentServers.map { server in
            [
                .init(server.id), .init(server.endpoint.description), .init(server.name),
                .init(server.language), .init(server.skills.map(\.name)), .init(server.tasks),
                .init(server.clients.map { $0.name ?? $0.host.description }),
                .init(server.attribution.team), .init(server.attribution.owner),
                .init(server.lastSeen),
            ]
        }
        return table
    }
}
