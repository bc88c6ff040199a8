import ArgumentParser
import Policy
import Reports

/// `tyto alerts`: what nobody approved.
struct AlertsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts", abstract: "List the alerts that stand, worst first.")

    @Option(name: .shortAndLong, help: "table, json, ndjson or csv.")
    var format: OutputFormat = .table

    @Option(help: "Only alerts of this kind, such as shadow-ai-app.")
    var kind: String?

    @OptionGroup var filter: FilterOptions
    @OptionGroup var reading: ReadingOptions

    func run() throws {
        let (snapshot, all) = try reading.read()
        if let kind, !Policy.kinds.contains(kind) {
            throw Failure(
                message: "--kind \(kind): no such kind; there are "
                    + Policy.kinds.joined(separator: " and "), code: 2)
        }
        let wanted = try filter.filter(snapshot)
        let alerts = all.filter {
            (kind == nil || $0.kind == kind)
                && wanted.matches($0.attribution, [$0.host], $0.lastSeen)
        }.sorted {
            ($1.severity, $0.kind, $0.subject, $0.tenant) < (
                $0.severity, $1.kind, $1.subject, $1.tenant
            )
        }
        switch format {
        case .table:
            try Reading.write(
                TableText.render(AlertTable.table(of: alerts), width: Reading.width()))
        case .csv: try Reading.write(CSVText.render(AlertTable.table(of: alerts)))
        case .json: try Reading.write(SectionJSON.render(alerts, isLines: false))
        case .ndjson: try Reading.write(SectionJSON.render(alerts, isLines: true))
        }
    }
}
