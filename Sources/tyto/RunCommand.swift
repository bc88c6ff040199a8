import ArgumentParser
import Dispatch
import Foundation
import Inventory
import Sensor

/// `tyto run`: listens on an interface until it is told to stop.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Listen on a network interface (a SPAN or TAP port) until SIGINT or SIGTERM.",
        discussion: "Needs the right to capture: root, or the capability cap_net_raw.")

    @Option(name: [.customShort("i"), .long], help: "The interface to listen on.")
    var interface: String

    @OptionGroup var options: ListeningOptions

    func run() throws {
        let listening = try Listening(options, isLive: true)
        let stop = StopSignal()
        let sources = [SIGINT, SIGTERM].map { RunCommand.raise(stop, on: $0) }
        defer { for source in sources { source.cancel() } }
        let before = ProcessUsage.now()
        var isListening = false
        let ledger = try listening.run(.interface(interface), stop: stop) { _ in
            if !isListening { Terminal.note("listening on \(interface); Ctrl-C ends") }
            isListening = true
        }
        let (snapshot, alerts) = try listening.finish(ledger, digests: [])
        let used = ProcessUsage.now() - before
        let drops = ledger.drops.map { "\($0.cause) \($0.count)" }.joined(separator: ", ")
        Terminal.note(
            "\(ledger.packets) packets, \(ledger.wireBytes) bytes, \(ledger.flows) flows, "
                + "\(ledger.events) events; not fully used: \(drops.isEmpty ? "nothing" : drops)")
        if options.stats {
            Terminal.notes(Statistics.lines(ledger, used, listening.recorder.dropped))
        }
        if options.db == nil, options.events != "-" {
            try Reading.printSummary(snapshot, alerts)
        }
    }

    /// Raises `stop` when signal `number` comes.
    static func raise(_ stop: StopSignal, on number: Int32) -> any DispatchSourceSignal {
        signal(number, SIG_IGN)
        let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
        source.setEventHandler { stop.raise() }
        source.resume()
        return source
    }
}
