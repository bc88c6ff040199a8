import ArgumentParser
import Capture
import Foundation
import Inventory
import Sensor

/// `tyto replay`: capture files in, inventory out.
struct ReplayCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "replay",
        abstract: "Read capture files (pcap, pcapng) into an inventory.",
        discussion: """
            Without --db the inventory is kept in memory and its summary is printed.
            Several files are read as one capture, in the order given.
            """)

    @Argument(help: "Capture files.")
    var files: [String]

    @OptionGroup var options: ListeningOptions

    @Flag(help: "Read a capture into a database that holds it already; its counts then double.")
    var again = false

    func run() throws {
        var total = 0
        for file in files {
            // Opened once to see that it is a capture, before anything is written.
            total += try Failure.wrap { try CaptureFile(path: file).size() }
        }
        let listening = try Listening(options, isLive: false)
        let digests = try newContent(listening.inventory)
        let before = ProcessUsage.now()
        var bar = ProgressBar(totalBytes: total)
        let ledger = try listening.run(.files(files), stop: StopSignal()) { bar.show($0) }
        bar.clear()
        let (snapshot, alerts) = try listening.finish(ledger, digests: digests)
        let used = ProcessUsage.now() - before
        if options.stats { Terminal.notes(Statistics.lines(ledger, used)) }
        if options.db == nil, options.events != "-" {
            try Reading.printSummary(snapshot, alerts)
        } else if options.db != nil {
            Terminal.note(
                "\(ledger.packets) packets, \(ledger.flows) flows; ask `tyto inventory --db "
                    + "\(options.db ?? "")`")
        }
    }

    /// The files' digests; refuses what this inventory or this command line holds already.
    private func newContent(_ inventory: Inventory) throws -> [String] {
        guard options.db != nil else { return [] }
        var digests: [String] = []
        for file in files {
            let digest = try Failure.wrap { try CaptureFile.digest(path: file) }
            let earlier = try Failure.wrap { try inventory.capture(withDigest: digest) }
            if !again, let name = earlier ?? (digests.contains(digest) ? file : nil) {
                throw Failure(
                    message: "\(file): this capture is in the inventory already, as \(name); "
                        + "--again reads it once more and doubles its counts", code: 1)
            }
            digests.append(digest)
        }
        return digests
    }
}
