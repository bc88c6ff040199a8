import ArgumentParser
import Reports

/// `tyto show`: one entity, and the evidence for every claim about it.
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract:
            "Show one host, app, agent, MCP server, tool, model or alert with all its evidence.")

    @Argument(help: "An id from `tyto inventory` or `tyto alerts`, or its beginning.")
    var id: String

    @Option(name: .shortAndLong, help: "table or json.")
    var format: OutputFormat = .table

    @OptionGroup var reading: ReadingOptions

    func validate() throws {
        guard format == .table || format == .json else {
            throw ValidationError("--format \(format.rawValue): show prints table or json")
        }
    }

    func run() throws {
        let (snapshot, alerts) = try reading.read()
        let all = EntityView.all(snapshot, alerts: alerts)
        let matches =
            all.filter { $0.id == id }.isEmpty
            ? all.filter { $0.id.hasPrefix(id) } : all.filter { $0.id == id }
        guard let entity = matches.first else {
            throw Failure(
                message:
                    "\(id): no such id; `tyto inventory apps`, `agents`, `mcp`, `tools`, `models`, "
                    + "`hosts` and `tyto alerts` list them", code: 1)
        }
        guard matches.count == 1 else {
            let some = matches.prefix(4).map(\.id).joined(separator: ", ")
            throw Failure(
                message: "\(id): begins \(matches.count) ids (\(some)…); write more of it", code: 1)
        }
        let whole = entity.standing(in: snapshot)
        try Reading.write(format == .json ? whole.json() : whole.text())
    }
}
