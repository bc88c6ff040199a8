import ArgumentParser
import Capture
import Catalog
import Codecs
import Foundation
import Inventory
import Outputs
import Policy
import Sensor
import Wire

/// Options of the commands that listen: `replay` and `run`.
struct ListeningOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: "A BPF filter, written as for tcpdump: only packets that match are read.")
    var filter: String?

    @Option(help: "Networks, teams, owners and policy (YAML): tyto.yaml, or a hosts.yaml.")
    var config: String?

    @Option(help: "The inventory's SQLite file, made if it is not there; without it, memory.")
    var db: String?

    @Option(
        name: .customLong("import"),
        help: "Leases, hosts files, CSV or NetBox JSON to take bindings from (repeatable).")
    var imports: [String] = []

    @Option(help: "Write events as Suricata EVE JSON lines to FILE, or to standard output with -.")
    var events: String?

    @Option(help: "Threads that follow flows; the result is the same for any number.")
    var workers = 1

    @Option(help: "A catalog file, or a folder of them, that adds to the shipped one (repeatable).")
    var catalog: [String] = []

    @Flag(help: "Print packets, flows, speed, memory and every drop by cause at the end.")
    var stats = false

    @Flag(help: "Let packets go whose checksum does not fit, as their receivers do; counted.")
    var verifyChecksums = false

    mutating func validate() throws {
        guard (1...64).contains(workers) else {
            throw ValidationError("--workers \(workers): give a number from 1 to 64")
        }
    }
}

/// What both commands do around the sensor: open everything, join it, and say what came out.
struct Listening {
    let options: ListeningOptions
    let configuration: Configuration?
    let catalog: Catalog
    let inventory: Inventory
    private let eve: EVE?
    let recorder: Recorder
    private let isLive: Bool

    /// Opens what the options name; nothing has been written to the inventory's rows yet.
    init(_ options: ListeningOptions, isLive: Bool) throws {
        LargePages.useForHeap()
        self.options = options
        self.isLive = isLive
        configuration = try options.config.map { try Reading.configuration(at: $0) }
        catalog = try Reading.catalog(
            additional: (configuration?.catalogFiles ?? []) + options.catalog)
        if let filter = options.filter { _ = try Failure.wrap { try PacketFilter(filter) } }
        let showsTexts = configuration?.showsFingerprintTexts ?? false
        let userNames = configuration?.userNames ?? .names
        eve = try options.events.map { path in
            try Failure.wrap {
                try EVE(path: path, showsFingerprintTexts: showsTexts) { userNames.kept(of: $0) }
            }
        }
        let imports = try options.imports.map { path in
            try Failure.wrap { try BindingImport(path: path, format: nil) }
        }
        // Opened last: nothing that is wrong with the rest leaves an empty inventory behind.
        inventory = try Failure.wrap { try Inventory(path: options.db, create: true) }
        let (inventory, catalog) = (inventory, catalog)
        for imported in imports {
            try Failure.wrap { try inventory.add(imported, userNames: userNames) }
        }
        let organization = configuration?.organization
        recorder = try Failure.wrap {
            try inventory.makeRecorder(
                catalog: catalog, isWhole: !isLive, organization: organization,
                userNames: userNames)
        }
    }

    /// Runs the sensor until its source ends; on failure the database is as it was before.
    func run(_ source: FeedSource, stop: StopSignal, progress: (Int) -> Void) throws -> Ledger {
        var sensor = Sensor(
            source: source, filter: options.filter, workers: options.workers,
            limits: configuration?.wireLimits ?? Limits(), stop: stop)
        sensor.measuresStages = options.stats
        sensor.readsAllCertificates = eve != nil
        sensor.verifiesChecksums = options.verifyChecksums
        var flushed = ProcessUsage.now().wallSeconds
        do {
            let ledger = try sensor.run(
                consume: { event in
                    recorder.record(event)
                    try eve?.write(event)
                    if recorder.isFull { try recorder.flush() }
                },
                progress: { reached in
                    progress(reached.bytes)
                    for note in reached.notes { Terminal.note(note) }
                    guard isLive else { return }
                    // A live inventory is at most a second behind, also when nothing comes any
                    // more.
                    let now = ProcessUsage.now().wallSeconds
                    guard now - flushed > 1 else { return }
                    flushed = now
                    try recorder.flush()
                    try eve?.flush()
                })
            try eve?.flush()
            return ledger
        } catch let error as OutputError where error.isBrokenPipe {
            recorder.abandon()
            throw ExitCode.success
        } catch {
            recorder.abandon()
            throw Failure.of(error)
        }
    }

    /// What was not fully used, by cause: on the wire, and by the recorder's own bounds.
    private func drops(_ ledger: Ledger) -> [String: Int] {
        (ledger.drops + ledger.losses).reduce(into: recorder.dropped) {
            $0[$1.cause, default: 0] += $1.count
        }
    }

    /// Forgets what was read since the last commit.
    func abandon() { recorder.abandon() }

    /// Writes what was read, and the alerts that follow from it.
    func finish(_ ledger: Ledger, digests: [String]) throws -> (Snapshot, [Alert]) {
        var captures: [CaptureRecord] = []
        for (index, source) in ledger.sources.enumerated() where source.isRead {
            captures.append(
                CaptureRecord(
                    digest: source.digest ?? (index < digests.count ? digests[index] : ""),
                    name: URL(fileURLWithPath: source.name).lastPathComponent,
                    packets: source.packets, bytes: source.wireBytes, first: source.first ?? .zero,
                    last: source.last ?? .zero,
                    // Flows cross files, so what was dropped is told of the run, with its first
                    // file.
                    drops: captures.isEmpty ? drops(ledger) : [:]))
        }
        let (snapshot, alerts) = try Failure.wrap {
            try recorder.finish(captures: captures)
            if let organization = configuration?.organization { try inventory.store(organization) }
            let snapshot = try inventory.snapshot(organization: nil, catalog: catalog, .brief)
            let alerts = Policy.alerts(in: snapshot)
            try inventory.store(
                alerts.map {
                    StoredAlert(
                        kind: $0.kind, subject: $0.subject, host: $0.tenant,
                        severity: $0.severity.rawValue, detail: $0.detail, first: $0.time,
                        last: $0.lastSeen)
                })
            return (snapshot, alerts)
        }
        for source in ledger.sources {
            if let damage = source.damage {
                Terminal.note("\(source.name): \(damage); everything before that was read")
            }
            if source.blocks.malformed > 0 {
                Terminal.note(
                    "\(source.name): \(source.blocks.malformed) of its blocks are malformed and "
                        + "were left out")
            }
        }
        return (snapshot, alerts)
    }
}
