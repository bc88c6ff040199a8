import Capture
import Foundation
import Sensor
import Wire

/// What `--stats` prints.
enum Statistics {
    /// `recorder` is what the recorder's own bounds let go, by cause.
    static func lines(
        _ ledger: Ledger, _ used: ProcessUsage, _ recorder: [String: Int] = [:]
    ) -> [String] {
        let cpu = used.userSeconds + used.systemSeconds
        let wall = max(used.wallSeconds, 1e-9)
        var lines = [
            row("packets", String(ledger.packets)),
            row("bytes", String(ledger.wireBytes)),
            row("flows", String(ledger.flows)),
            row("events", String(ledger.events)),
            row(
                "cpu seconds",
                number(cpu) + " (user \(number(used.userSeconds)), system "
                    + "\(number(used.systemSeconds)))"),
            row("wall seconds", number(wall)),
            row("packets/s", String(Int(Double(ledger.packets) / wall))),
            row("Gbit/s", number(Double(ledger.wireBytes) * 8 / wall / 1e9)),
            row("peak memory", "\(used.peakMemoryBytes >> 20) MiB"),
        ]
        lines += blocks(ledger)
        lines.append(row("packets fully used", String(ledger.tally.used)))
        lines += table("packets not fully used", ledger.drops)
        let bounded = recorder.sorted { $0.key < $1.key }.map { (cause: $0.key, count: $0.value) }
        lines += table("lost to holes and bounds", ledger.losses + bounded)
        lines += table("flows of unknown protocol", ledger.unknownFlows)
        if let stages = ledger.stages { lines += rows(stages, of: cpu, packets: ledger.packets) }
        return lines
    }

    /// What the files held beside packets, where they held any.
    private static func blocks(_ ledger: Ledger) -> [String] {
        let all = ledger.sources.map(\.blocks)
        let counts: [(String, Int)] = [
            ("lost before the capture", all.reduce(0) { $0 &+ Int(clamping: $1.lostPackets) }),
            ("blocks malformed", all.reduce(0) { $0 + $1.malformed }),
            ("blocks of decryption secrets", all.reduce(0) { $0 + $1.secrets }),
            ("names for addresses", all.reduce(0) { $0 + $1.names }),
            ("names and secrets left out", all.reduce(0) { $0 + $1.leftOut }),
        ]
        return counts.filter { $0.1 > 0 }.map { row($0.0, String($0.1)) }
    }

    private static func table(_ title: String, _ entries: [(cause: String, count: Int)]) -> [String]
    {
        [row(title, entries.isEmpty ? "none" : "")]
            + entries.map { row("  " + $0.cause, String($0.count)) }
    }

    /// Seconds and nanoseconds a packet by stage; what no stage had is start, end and summary.
    private static func rows(_ stages: StageTimes, of cpu: Double, packets: Int) -> [String] {
        let named = [
            ("read", stages.read), ("decode", stages.decode), ("flows", stages.flows),
            ("record", stages.record), ("else", max(0, cpu - stages.total)),
        ]
        return [row("time by stage", "seconds, ns/packet")]
            + named.map { name, seconds in
                let each = Int((seconds * 1e9 / Double(max(1, packets))).rounded())
                return row("  " + name, "\(number(seconds)), \(each)")
            }
    }

    private static func row(_ name: String, _ value: String) -> String {
        let width = 34
        return name + String(repeating: " ", count: max(1, width - name.count)) + value
    }

    private static func number(_ value: Double) -> String { String(format: "%.3f", value) }
}

/// A bar on standard error, when that is a terminal and there is enough to wait for.
struct ProgressBar {
    /// Files smaller than this are done before a bar could be read.
    private static let smallestFile = 64 << 20

    private let total: Int
    private let isShown: Bool
    private var lastPercent = -1

    init(totalBytes: Int) {
        total = totalBytes
        isShown = totalBytes >= ProgressBar.smallestFile && isatty(STDERR_FILENO) == 1
    }

    mutating func show(_ bytes: Int) {
        guard isShown else { return }
        let percent = min(100, bytes * 100 / max(1, total))
        guard percent != lastPercent else { return }
        lastPercent = percent
        let filled = percent * 40 / 100
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: 40 - filled)
        write("\r[\(bar)] \(percent) %")
    }

    func clear() {
        if isShown { write("\r\u{1b}[K") }
    }

    private func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
