import ArgumentParser
import Foundation
import Inventory
import Policy
import Reports
import Wire

/// `tyto report`: a page for the people who govern.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract:
            "Write a report as HTML and Markdown: what is new, what nobody approved, who answers.")

    @Option(help: "What was seen in the last 24h or 7d, or since a time in RFC 3339.")
    var since = "24h"

    @Option(help: "The folder to write into, made if it is not there.")
    var out: String

    @OptionGroup var reading: ReadingOptions

    func run() throws {
        let (whole, _) = try reading.read()
        let start = try Reading.time(since, before: whole.end)
        let snapshot = SnapshotFilter(since: start, of: whole).apply(to: whole)
        let content = ReportContent(
            snapshot: snapshot, alerts: Policy.alerts(in: snapshot), since: start)
        let name = "tyto-report-" + String(whole.end.rfc3339.prefix(10))
        var written: [String] = []
        do {
            try FileManager.default.createDirectory(
                atPath: out, withIntermediateDirectories: true)
            for format in ReportFormats.all {
                let path = "\(out)/\(name).\(format.fileExtension)"
                // Written beside and renamed, so that no reader meets half a report.
                try Data(try format.init().render(content).utf8)
                    .write(to: URL(fileURLWithPath: path), options: .atomic)
                written.append(path)
            }
        } catch {
            throw Failure(
                message: "\(out): the report cannot be written (\(error.localizedDescription)); "
                    + "check the folder", code: 1)
        }
        try Reading.write(written.joined(separator: "\n") + "\n")
    }
}
