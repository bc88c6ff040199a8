import Codecs
import Support
import Testing

@testable import Inventory
@testable import Wire

/// A key whose hash says little, so that many meet.
private struct Crowded: TableKey {
    var value: UInt64
    func hash(_ secret: KeyedHash) -> UInt64 { (value % 3) << 32 }
}

/// The table against a Dictionary, step by step.
@Suite struct KeyedTableTests {
    private func expectLike<Key: TableKey & Hashable>(
        seed: UInt64, _ key: (UInt64) -> Key
    ) {
        var random = Chance(seed: seed)
        var table = KeyedTable<Key, Int>()
        var model: [Key: Int] = [:]
        for step in 0..<4000 {
            let chosen = key(random.next() % 64)
            switch random.next() % 4 {
            case 0: #expect(table.remove(chosen) == model.removeValue(forKey: chosen))
            case 1:
                guard model[chosen] == nil,
                    let number = table.keys.indices.randomElement(using: &random)
                else { continue }
                model[table.keys[number]] = nil
                model[chosen] = step
                table.replace(number, by: chosen, step)
            default:
                table.values[table.number(of: chosen, makingIt: 0)] = step
                model[chosen] = step
            }
            #expect(table.count == model.count && table[chosen] == model[chosen])
        }
        for value in 0..<64 as Range<UInt64> { #expect(table[key(value)] == model[key(value)]) }
        for (number, known) in table.keys.enumerated() {
            #expect(table.number(of: known) == number)
        }
        table.removeAll()
        #expect(table.isEmpty && table[key(1)] == nil)
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func itDoesWhatADictionaryDoes(seed: UInt64) {
        expectLike(seed: seed) { $0 }
        expectLike(seed: seed) { "a text of some length \($0)" }
        expectLike(seed: seed) { IPAddress(high: $0, low: 7) }
    }

    @Test func keysThatAllMeetAreToldApart() {
        var table = KeyedTable<Crowded, UInt64>()
        for value in 0..<200 as Range<UInt64> { table.insert(Crowded(value: value), value) }
        for value in stride(from: 0, to: 200, by: 2) as StrideTo<UInt64> {
            #expect(table.remove(Crowded(value: value)) == value)
        }
        for value in 0..<200 as Range<UInt64> {
            #expect(table[Crowded(value: value)] == (value % 2 == 0 ? nil : value))
        }
    }

    @Test func aHashDependsOnEveryByteAndOnTheSecret() {
        let secret = KeyedHash()
        var seen: Set<UInt64> = []
        for length in 0...40 {
            let text = String(repeating: "a", count: length)
            #expect(seen.insert(secret.of(text)).inserted, "\(length) bytes")
            for at in 0..<length {
                var bytes = Array(text.utf8)
                bytes[at] = 98
                let other = String(decoding: bytes, as: UTF8.self)
                #expect(seen.insert(secret.of(other)).inserted, "\(length) bytes, \(at)")
            }
        }
        #expect(secret.of("a") == secret.of("a"))
        #expect(secret.of("a") != KeyedHash().of("a"))
    }

    @Test func theOldestMakesRoomWhenATableIsFull() {
        var table = RecentTable<UInt64, Int>(capacity: 3)
        for key in 1...3 as ClosedRange<UInt64> { table.put(key, 0) }
        table.put(2, 5)
        #expect(table[2] == 5 && table.dropped == 0)
        table.put(4, 0)
        table.put(5, 0)
        #expect(table.dropped == 2 && table.entries.count == 3)
        #expect(table[1] == nil && table[2] == nil && table[3] == 0 && table[5] == 0)
        table.put(3, 9) { $0 += 1 }
        #expect(table[3] == 1)
    }
}
