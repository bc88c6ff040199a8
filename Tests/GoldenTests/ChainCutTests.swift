import Foundation
import Testing

/// Exchanges of which the one half stands in one capture and the other in the next.
@Suite struct ChainCutTests {
    private static let example = Case(folder: "chains/delegation")

    private struct Chain: Decodable, Equatable {
        struct Hop: Decodable, Equatable {
            var from: String
            var to: String
            var what: String
            var count: Int
            var witnesses: [String]
        }
        var id: String
        var hops: [Hop]
    }

    private func chains(_ db: String) throws -> [Chain] {
        let text = try Program.run("chains", "--db", db, "--format", "json").out
        return try JSONDecoder().decode([Chain].self, from: Data(text.utf8))
    }

    /// As one series, and as one replay behind the other: each exchange counts once.
    @Test(arguments: [700, 1100, 1500, 1700, 2000, 2300, 2600])
    func anExchangeAcrossTheCutCountsOnce(_ cut: Int) throws {
        let folder = try TemporaryFolder()
        let configuration = Self.example.configuration
        let parts = try zip(["a.pcap", "b.pcap"], PcapCut.cut(Self.example.capture, after: cut))
            .map { try folder.write($0, bytes: $1) }
        let (whole, series, two) = (
            folder.file("whole.db"), folder.file("series.db"), folder.file("two.db")
        )
        for arguments in [
            [Self.example.capture, "--db", whole], parts + ["--db", series],
            [parts[0], "--db", two], [parts[1], "--db", two],
        ] {
            let out = try Program.run(["replay"] + arguments + configuration)
            #expect(out.status == 0, "\(out.err)")
        }
        let expected = try chains(whole)
        #expect(expected.count == 4)
        #expect(try chains(series) == expected)
        #expect(try chains(two) == expected)
    }
}
