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
            Captures may be compressed with gzip, zstd or lz4; - is standard input.
            Several FILEs are read as one capture, in the order given. What a folder or a quoted
            pattern holds is read in the order of its packets' times.
            Without --db the inventory is kept in memory and its summary is printed.
            """)

    @Argument(help: "Capture files, folders of them, quoted patterns, or - (standard input).")
    var files: [String]

    @OptionGroup var options: ListeningOptions

    @Flag(help: "Read a capture into a database that holds it already; its counts then double.")
    var again = false

    @Flag(help: "Release packets at the pace they were recorded at; Ctrl-C ends.")
    var pseudoRealtime = false

    @Option(help: "With --pseudo-realtime: so many times the recorded pace.")
    var speed: Double?

    @Flag(
        help: """
            Go on reading as the file grows, or as files come into the folder; Ctrl-C ends.
            """)
    var follow = false

    mutating func validate() throws {
        if let speed {
            guard pseudoRealtime else {
                throw ValidationError("--speed \(speed): goes with --pseudo-realtime")
            }
            guard speed >= 0.001, speed <= 1_000_000 else {
                throw ValidationError("--speed \(speed): give a number from 0.001 to 1000000")
            }
        }
        guard files.filter({ $0 == "-" }).count <= 1 else {
            throw ValidationError("standard input can be read only once: name - once")
        }
        guard follow else { return }
        guard files.count == 1 else {
            throw ValidationError("--follow takes one file, folder or pattern")
        }
        guard files[0] != "-" else {
            throw ValidationError("standard input is followed to its end anyway: leave --follow")
        }
    }

    private var pace: Double? { pseudoRealtime ? speed ?? 1 : nil }
    /// Ends on a signal with what was read until then.
    private var isStoppable: Bool { follow || pseudoRealtime || files.contains("-") }

    func run() throws {
        let stop = StopSignal()
        let signals = isStoppable ? [SIGINT, SIGTERM].map { RunCommand.raise(stop, on: $0) } : []
        defer { for source in signals { source.cancel() } }
        if follow { return try runFollowing(until: stop) }

        var inputs = try ReplayInputs(files, hashes: pseudoRealtime, stop: stop)
        try inputs.keep(from: options.events)
        // Before an inventory is made: what is refused leaves none behind.
        if !again, inputs.count > 1 { try inputs.removeKnown(nil, files) }
        let listening = try Listening(options, isLive: pseudoRealtime)
        if options.db != nil {
            if again {
                try inputs.takeDigests()
            } else {
                try inputs.removeKnown(listening.inventory, files)
            }
        }
        let digests = inputs.digests
        try replay(
            listening, .captures(inputs.captures, pace: pace), digests, total: try inputs.size(),
            stop)
    }

    private func runFollowing(until stop: StopSignal) throws {
        let place = CapturePlace(files[0])
        if case .file(let path) = place {
            guard !CapturePlace.isPipe(path) else {
                throw Failure(
                    message: "\(path): is a pipe, which is read to its end anyway; leave --follow",
                    code: 2)
            }
            // May be empty yet, but not anything else.
            _ = try Failure.wrap { try CaptureFile.firstTime(path: path, isFollowed: true) }
        }
        let listening = try Listening(options, isLive: true)
        var known: [String] = []
        if options.db != nil, !again {
            for path in place.list().files where !CapturePlace.isPipe(path) {
                let digest = try Failure.wrap { try CaptureFile.digest(path: path) }
                let earlier = try Failure.wrap {
                    try listening.inventory.capture(withDigest: digest)
                }
                if let earlier {
                    Terminal.note("\(path): is in the inventory already, as \(earlier); waiting")
                    known.append(path)
                }
            }
        }
        try replay(listening, .followed(place, known: known, pace: pace), [], total: 0, stop)
    }

    private func replay(
        _ listening: Listening, _ source: FeedSource, _ digests: [String], total: Int,
        _ stop: StopSignal
    ) throws {
        let before = ProcessUsage.now()
        var bar = ProgressBar(totalBytes: total)
        let ledger = try listening.run(source, stop: stop) { bar.show($0) }
        bar.clear()
        if options.db != nil, !again { try refuseKnown(ledger, listening) }
        let (snapshot, alerts) = try listening.finish(ledger, digests: digests)
        let used = ProcessUsage.now() - before
        if options.stats {
            Terminal.notes(Statistics.lines(ledger, used, listening.recorder.dropped))
        }
        if options.db == nil, options.events != "-" {
            try Reading.printSummary(snapshot, alerts)
        } else if options.db != nil {
            Terminal.note(
                "\(ledger.packets) packets, \(ledger.flows) flows; ask `tyto inventory --db "
                    + "\(options.db ?? "")`")
        }
        // All is said: what the process holds goes with it, and need not be let go piece by piece.
        // A database is closed properly.
        if options.db == nil { withExtendedLifetime(snapshot) { Foundation.exit(0) } }
    }

    /// Standard input is known only once it has been read: nothing of it is kept then.
    private func refuseKnown(_ ledger: Ledger, _ listening: Listening) throws {
        guard !follow, !pseudoRealtime else { return }
        for source in ledger.sources {
            guard let digest = source.digest, source.packets > 0 else { continue }
            let earlier = try Failure.wrap { try listening.inventory.capture(withDigest: digest) }
            if let earlier {
                listening.abandon()
                throw ReplayInputs.refusal(source.name, earlier)
            }
        }
    }
}
