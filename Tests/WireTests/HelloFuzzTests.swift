import Foundation
import Support
import Testing

@testable import Wire

/// The beginnings of flows, damaged. The long run is `HelloFuzz` (see Docs/CONTRIBUTING.md); here
/// are a few, of which `TYTO_FUZZ_BLOCKS` makes more.
@Suite struct HelloFuzzTests {
    private static let blocks =
        ProcessInfo.processInfo.environment["TYTO_FUZZ_BLOCKS"].flatMap { UInt64($0) } ?? 4

    @Test(arguments: 0..<blocks) func damagedHellosAreHarmless(_ seed: UInt64) {
        var fuzz = HelloFuzz(seed: seed)
        var told = 0
        for _ in 0..<300 { fuzz.execute { _ in told += 1 } }
        fuzz.finish { _ in told += 1 }
        #expect(fuzz.heldBytes == 0 && told > 300, "seed \(seed)")
    }

    /// What is damaged is read when it is whole: else the fuzzer would knock at closed doors.
    @Test(arguments: HelloSeed.all.indices) func everySeedIsReadWhenItIsWhole(_ place: Int) {
        let seed = HelloSeed.all[place]
        let run = FlowRun(seed.frames)
        #expect(!run.messages.isEmpty, "\(seed.name)")
        #expect(run.ends.first?.anomalies == 0, "\(seed.name)")
    }

    /// A hello cut at every byte into two segments and into three, in any order, some of them sent
    /// twice: always the same event.
    @Test(arguments: [HelloBytes.browser("cut.example"), HelloBytes()])
    func aHelloInAnySegmentsIsTheSameEvent(_ hello: HelloBytes) {
        let bytes = hello.records(recordBytes: 600)
        let seed: UInt64 = 27
        var chance = Chance(seed: seed)
        var whole = Trace()
        whole.send(.client, 0, bytes)
        let expected = whole.run().messages
        #expect(expected.count == 1)
        for cut in 1..<bytes.count {
            let other = Int.random(in: 1..<bytes.count, using: &chance)
            for ends in [[cut, bytes.count], [min(cut, other), max(cut, other), bytes.count]] {
                var parts: [Range<Int>] = []
                for end in ends where end > (parts.last?.upperBound ?? 0) {
                    parts.append((parts.last?.upperBound ?? 0)..<end)
                }
                parts.shuffle(using: &chance)
                for part in parts where Bool.random(using: &chance) {
                    parts.insert(part, at: Int.random(in: 0...parts.count, using: &chance))
                }
                var trace = Trace()
                for part in parts { trace.send(.client, part.lowerBound, Array(bytes[part])) }
                let run = trace.run()
                #expect(
                    run.messages == expected && run.ends.first?.anomalies == 0,
                    "\(parts), seed \(seed)")
            }
        }
    }
}
