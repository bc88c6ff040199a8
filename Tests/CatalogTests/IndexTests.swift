import Testing

@testable import Catalog

/// The name index beside the plainest way to do the same.
struct IndexTests {
    /// SplitMix64, so that a failing run can be had again.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9e37_79b9_7f4a_7c15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
            return mixed ^ (mixed >> 31)
        }
    }

    /// One to four labels of few letters, so that names meet.
    private func name(_ random: inout Generator) -> String {
        let labels = Int.random(in: 1...4, using: &random)
        return (0..<labels).map { _ in
            ["a", "b", "ab", "ai", "x-1"].randomElement(using: &random) ?? "a"
        }.joined(separator: ".")
    }

    private func naive(_ lines: [AppDomain], _ name: String) -> Int? {
        let matching = lines.indices.filter { index in
            name == lines[index].text
                || lines[index].match == .suffix && name.hasSuffix("." + lines[index].text)
        }
        // The longest goes first; of equals the exact one, and no two are of one kind.
        return matching.max {
            (lines[$0].text.count, lines[$0].match == .exact ? 1 : 0)
                < (lines[$1].text.count, lines[$1].match == .exact ? 1 : 0)
        }
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>) func namesMatchAsByComparingEveryLine(
        seed: UInt64
    ) {
        var random = Generator(state: seed)
        var index = DomainIndex()
        var lines: [AppDomain] = []
        for _ in 0..<200 {
            let line = AppDomain(
                text: name(&random), match: Bool.random(using: &random) ? .exact : .suffix,
                role: .api, strength: .strong, isShared: false, source: "", checked: nil)
            guard !lines.contains(where: { $0.isSame(as: line) }) else { continue }
            let bytes = Array(line.text.utf8)
            index.add(bytes[...], TextIndex.hash(bytes.span), line.match)
            lines.append(line)
        }
        for _ in 0..<2000 {
            let text = name(&random)
            let sent = Bool.random(using: &random) ? text.uppercased() + "." : text
            let bytes = sent.utf8.span
            let length = HostName.length(of: bytes)
            let found = length.flatMap { index.match(for: bytes, length: $0) }
            #expect(found == naive(lines, text), "seed \(seed), name \(sent)")
        }
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>) func aHashIndexHoldsWhatADictionaryDoes(
        seed: UInt64
    ) {
        var random = Generator(state: seed)
        var index = HashIndex()
        var known: [UInt64: Int] = [:]
        for line in 0..<3000 {
            // Some hashes share their low bits, so that they meet in one place.
            let hash = UInt64.random(in: 0...999, using: &random) << UInt64(line % 3 * 20)
            index.set(line, under: hash)
            known[hash] = line
        }
        for hash in Array(known.keys) + (0..<500).map({ $0 << 7 }) {
            #expect(index.line(under: hash) == known[hash] ?? -1, "seed \(seed), hash \(hash)")
        }
    }

    @Test(
        arguments: [
            ("a.ai", 4), ("A.AI.", 4), ("a", 1), ("", nil), (".", nil), ("a..ai", nil), (".a", nil),
            ("10.0.0.1", nil), ("a.1", nil), ("a.1.", nil), ("1.a", 3), ("a.1-", 4), ("a b", nil),
            ("a.-1", 4), ("\u{e4}.ai", nil),
        ] as [(String, Int?)]) func aHostNameIsMeasured(name: String, length: Int?)
    {
        #expect(HostName.length(of: name.utf8.span) == length)
    }
}
