import ArgumentParser
import Inventory
import Policy
import Reports
import Wire

extension Section: ExpressibleByArgument {}
extension Status: ExpressibleByArgument {}

/// `tyto inventory`: what is in use, where, by whom, and who answers for it.
struct InventoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "inventory",
        abstract:
            "List the AI apps, agents, MCP servers, tools, models, hosts, teams or orphans seen.",
        discussion: "--format json without a section prints the whole inventory as one document.")

    @Argument(
        help: """
            summary, apps, agents, mcp, tools, models, hosts, teams, blind-spots, agent-servers,
            orphans (nobody answers for it) or declared (held against what is seen).
            """)
    var section: Section?

    @Option(name: .shortAndLong, help: "table, json, ndjson or csv.")
    var format: OutputFormat = .table

    @Option(help: "Only what is sanctioned, tolerated, unsanctioned or unreviewed.")
    var status: Status?

    @OptionGroup var filter: FilterOptions
    @OptionGroup var reading: ReadingOptions

    func run() throws {
        let (whole, _) = try reading.read()
        let snapshot = try filter.filter(whole, status: status).apply(to: whole)
        let alerts = Policy.alerts(in: snapshot)
        switch format {
        case .table: try table(snapshot, alerts)
        case .csv: try Reading.write(CSVText.render((section ?? .apps).table(of: snapshot)))
        case .json:
            guard let section, section != .summary else {
                return try Reading.write(InventoryDocument(snapshot, alerts: alerts).text())
            }
            try Reading.write(SectionJSON.render(section, snapshot, isLines: false))
        case .ndjson:
            try Reading.write(SectionJSON.render(section ?? .apps, snapshot, isLines: true))
        }
    }

    private func table(_ snapshot: Snapshot, _ alerts: [Alert]) throws {
        let width = Reading.width()
        guard let section, section != .summary else {
            return try Reading.write(SummaryText.render(snapshot, alerts: alerts, width: width))
        }
        try Reading.write(TableText.render(section.table(of: snapshot), width: width))
    }
}
