import Capture
import Foundation
import Sensor
import Testing
import Wire

/// Every packet is fully used or counted under one cause, whatever the capture.
@Suite struct LedgerTests {
    /// The corpus that lies beside a development checkout, if it does.
    static let corpus: [String] = {
        let folder = Program.root.appendingPathComponent("../shared/corpus").standardizedFileURL
            .path
        let found = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String }
        return (found ?? []).filter { $0.contains(".pcap") || $0.contains(".cap") }
            .map { folder + "/" + $0 }.sorted()
    }()

    private func ledger(_ path: String, workers: Int) throws -> Ledger {
        try Sensor(source: .files([path]), workers: workers).run(consume: { _ in })
    }

    private func check(_ path: String) throws {
        let one = try ledger(path, workers: 1)
        #expect(one.isBalanced, "\(path): \(one.packets) read, \(one.tally.packets) counted")
        let three = try ledger(path, workers: 3)
        #expect(three.isBalanced, "\(path), three workers")
        #expect(three.packets == one.packets)
        #expect(three.tally.used == one.tally.used, "\(path)")
        #expect(three.drops.map(\.count) == one.drops.map(\.count), "\(path)")
    }

    /// Events as a line each: flow, ordinal, time and kind. Not all they hold, for keys of sessions
    /// are other ones in each run.
    private func events(_ path: String, workers: Int) throws -> [String] {
        let sensor = Sensor(source: .files([path]), workers: workers)
        var lines: [String] = []
        _ = try sensor.run(consume: {
            let kind = "\($0.message)".prefix { $0 != "(" }
            lines.append("\($0.flow?.text ?? "-") \($0.packet) \($0.time.nanoseconds) \(kind)")
        })
        return lines
    }

    @Test(arguments: Case.all)
    func eventsAreTheSameForAnyNumberOfWorkers(_ test: Case) throws {
        let one = try events(test.capture, workers: 1)
        #expect(!one.isEmpty)
        for workers in [2, 3, 5] {
            #expect(try events(test.capture, workers: workers) == one, "\(workers) workers")
        }
    }

    @Test(arguments: Case.all)
    func everyPacketOfEveryCaseIsCountedOnce(_ test: Case) throws { try check(test.capture) }

    @Test(.enabled(if: !corpus.isEmpty, "SKIPPED: ../shared/corpus is not here"))
    func everyPacketOfTheCorpusIsCountedOnce() throws {
        for path in Self.corpus {
            do {
                try check(path)
            } catch is CaptureError {
                // No capture file at all; another test says so.
            }
        }
    }

    /// What stands in each of these is reached; the names are the corpus's.
    @Test(
        .enabled(if: !corpus.isEmpty, "SKIPPED: ../shared/corpus is not here"),
        arguments: [
            ("arkime/80211http.pcap", "http"), ("arkime/nflog.pcap", "http"),
            ("ndpi/capwap_data.pcapng", "tls"), ("arkime/socks5-http-302-frag.pcap", "http"),
            ("pcapplusplus/frag_http_req.pcap", "http"),
            ("dpkt/examples__data__nb6-http.pcap", "http"),
            ("pcapplusplus/CiscoHDLC.pcap", "flow"), ("zeek/pbb.pcap", "flow"),
            ("ndpi/dns_fragmented.pcap", "dns"),
        ])
    func whatTheWrappingsHoldIsReached(_ name: String, _ type: String) throws {
        let path = try #require(Self.corpus.first { $0.hasSuffix("captures/" + name) })
        let run = try Program.run("replay", path, "--events", "-")
        #expect(run.out.contains("\"event_type\":\"\(type)\""), "\(name)")
    }
}
