import ArgumentParser
import Inventory
import Reports

/// `tyto chains`: on whose behalf agents act.
struct ChainsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chains",
        abstract: "Show delegations: who asked which agent, and what that asked others for.",
        discussion: """
            A hop is told by a trace id that both requests bear, or by times: the second lies
            within the first, more often than chance would have it.
            """)

    @Option(name: .shortAndLong, help: "table, json, ndjson or csv; table prints a tree each.")
    var format: OutputFormat = .table

    @Option(help: "Only chains of which every hop is at least this sure, from 0 to 1.")
    var sure: Double = 0

    @OptionGroup var filter: FilterOptions
    @OptionGroup var reading: ReadingOptions

    func validate() throws {
        guard (0...1).contains(sure) else {
            throw ValidationError("--sure \(sure): write a number from 0 to 1")
        }
    }

    func run() throws {
        let (snapshot, _) = try reading.read()
        let wanted = try filter.filter(snapshot)
        let chains = snapshot.chains.filter {
            $0.confidence >= sure && wanted.matches($0.attribution, $0.path, $0.lastSeen)
        }
        switch format {
        case .table: try Reading.write(ChainText.render(chains, hosts: snapshot.hosts))
        case .csv: try Reading.write(CSVText.render(ChainText.table(of: chains)))
        case .json: try Reading.write(SectionJSON.render(chains, isLines: false))
        case .ndjson: try Reading.write(SectionJSON.render(chains, isLines: true))
        }
    }
}
