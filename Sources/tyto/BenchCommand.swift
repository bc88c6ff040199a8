import ArgumentParser
import Capture
import Catalog
import Codecs
import Foundation
import Inventory
import Sensor
import Wire

/// `tyto bench`: what the sensor costs, stage by stage, beside the cheapest walk there is.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure the sensor's stages on a capture, as ratios to a bare libpcap loop.",
        discussion: """
            Each depth runs in turn, several rounds over, on one thread: floor (an empty libpcap
            loop that touches each packet's headers), read, decode, flows (with all dissection)
            and record (with catalog and inventory). CPU seconds are the least of all rounds;
            only ratios within one run mean anything.
            """)

    @Argument(help: "A capture file; a large one, uncompressed.")
    var file: String?

    @Option(help: "Instead: ask who is behind an address, among so many bindings.")
    var bindings: Int?

    @Option(help: "Networks of the configuration, with --bindings.")
    var networks = 10_000

    @Option(help: "Rounds; the least figure of each stage counts.")
    var rounds = 5

    @Option(help: "Run the line only as far as this stage, for a profiler to watch.")
    var stage: String?

    private static let stages = Bench.Depth.allCases.map(\.rawValue) + ["record"]

    mutating func validate() throws {
        if let stage, !Self.stages.contains(stage) {
            throw ValidationError(
                "--stage \(stage): give one of \(Self.stages.joined(separator: ", "))")
        }
        guard (file == nil) != (bindings == nil) else {
            throw ValidationError("give a capture file, or --bindings NUMBER")
        }
        guard (1...8_000_000).contains(bindings ?? 1), (0...1_000_000).contains(networks) else {
            throw ValidationError(
                "--bindings is a number from 1 to 8000000, --networks one from 0 to 1000000")
        }
        guard (1...1000).contains(rounds) else {
            throw ValidationError("--rounds \(rounds): give a number from 1 to 1000")
        }
    }

    func run() throws {
        if let bindings { return try measureIdentity(bindings) }
        guard let file else { return }
        LargePages.useForHeap()
        // A file that is no capture is told in our words, not in libpcap's.
        _ = try Failure.wrap { try CaptureFile(path: file) }
        let catalog = try Reading.catalog(additional: [])
        let names = Self.stages
        var best = [Double](repeating: .infinity, count: names.count)
        var user = best
        var packets = 0
        for _ in 0..<rounds {
            for position in names.indices where stage == nil || stage == names[position] {
                let before = ProcessUsage.now()
                packets = try Failure.wrap { try measure(position, catalog, file) }
                let used = ProcessUsage.now() - before
                if used.userSeconds + used.systemSeconds < best[position] {
                    best[position] = used.userSeconds + used.systemSeconds
                    user[position] = used.userSeconds
                }
            }
        }
        try Reading.write(report(names, best, user, packets: max(1, packets)))
    }

    private func measureIdentity(_ bindings: Int) throws {
        let before = ProcessUsage.now()
        let bench = IdentityBench(bindings: bindings, networks: networks)
        let made = ProcessUsage.now()
        let count = 1_000_000
        let found = bench.ask(count)
        let asked = ProcessUsage.now() - made
        let seconds = asked.userSeconds + asked.systemSeconds
        let memory = (made.peakMemoryBytes - before.peakMemoryBytes) / 1_048_576
        let building = made - before
        try Reading.write(
            """
            \(bindings) bindings, \(networks) networks
            made in              \(String(format: "%.2f", building.userSeconds)) s of CPU
            peak memory          \(memory) MiB
            a question           \(Int(seconds * 1e9) / count) ns (machine, name, team, owner)
            named                \(found) of \(count)

            """)
    }

    private func measure(_ position: Int, _ catalog: Catalog, _ file: String) throws -> Int {
        guard position == Bench.Depth.allCases.count else {
            return try Bench.run(Bench.Depth.allCases[position], file, limits: Limits())
        }
        let inventory = try Inventory(path: nil, create: true)
        let recorder = try inventory.makeRecorder(
            catalog: catalog, isWhole: true, organization: nil)
        var sensor = Sensor(source: .files([file]))
        sensor.readsAllCertificates = false
        let ledger = try sensor.run(consume: { event in
            recorder.record(event)
            if recorder.isFull { try recorder.flush() }
        })
        try recorder.finish(captures: [])
        return ledger.packets
    }

    private func report(
        _ names: [String], _ cpu: [Double], _ user: [Double], packets: Int
    ) -> String {
        var lines = ["\(packets) packets, best of \(rounds) rounds, cumulative"]
        lines.append("stage      cpu s    user s   ns/packet   added ns   times the floor")
        for (index, name) in names.enumerated() where cpu[index] < .infinity {
            let each = cpu[index] * 1e9 / Double(packets)
            let isFirst = index < 2 || cpu[index - 1] == .infinity
            let added = isFirst ? each : each - cpu[index - 1] * 1e9 / Double(packets)
            let ratio = cpu[0] < .infinity ? String(format: "%.2f", cpu[index] / cpu[0]) : "-"
            lines.append(
                name.padding(toLength: 8, withPad: " ", startingAt: 0)
                    + String(
                        format: "%8.3f  %8.3f  %10.0f %10.0f ", cpu[index], user[index], each,
                        added)
                    + String(repeating: " ", count: max(0, 16 - ratio.count)) + ratio)
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
