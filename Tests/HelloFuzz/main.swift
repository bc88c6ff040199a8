import Capture
import Catalog
import Inventory
import Outputs
import Support
import Wire

// The fuzz target: `HelloFuzz EXECUTIONS SECONDS SEED [CAPTURE…]`. Whatever comes of the damaged
// flows is written as events and recorded, too. A trap comes back with the seed printed last, which
// is that of a block: `HelloFuzz 1 0 SEED` runs just that one.

let words = Array(CommandLine.arguments.dropFirst())
let executions = words.first.flatMap { Int($0) } ?? 100_000
let seconds = words.dropFirst().first.flatMap { Int($0) } ?? 0
var seed = words.dropFirst(2).first.flatMap { UInt64($0) } ?? 1
let perBlock = 1000

var recordings: [HelloFuzz.Recording] = []
for path in words.dropFirst(3) {
    var file = try CaptureFile(path: path)
    var batch = PacketBatch()
    var frames: [LinkType: [[UInt8]]] = [:]
    while try file.read(into: &batch) {
        for packet in batch.packets {
            let end = packet.offset + packet.capturedBytes
            frames[packet.link, default: []].append(Array(batch.bytes[packet.offset..<end]))
        }
        batch.removeAll()
    }
    recordings += frames.map {
        HelloFuzz.Recording(link: $0.key, frames: Array($0.value.prefix(4000)))
    }
}

let catalog = try Catalog.loadShipped(additional: [])
let inventory = try Inventory(path: nil, create: true)
let events = try EVE(path: "/dev/null", showsFingerprintTexts: true)
let start = ContinuousClock.now
var (done, told) = (0, 0)
while done < executions, seconds == 0 || ContinuousClock.now - start < .seconds(seconds) {
    if done % (10 * perBlock) == 0 {
        print("seed \(seed): \(done) executions, \(told) events, \(ContinuousClock.now - start)")
    }
    let recorder = try inventory.makeRecorder(catalog: catalog, isWhole: true)
    var fuzz = HelloFuzz(seed: seed, recordings: recordings)
    let tell = { (event: Event) in
        told += 1
        recorder.record(event)
        do { try events.write(event) } catch { print("\(error)") }
    }
    for _ in 0..<perBlock { fuzz.execute(tell) }
    fuzz.finish(tell)
    recorder.abandon()
    if fuzz.heldBytes != 0 { print("seed \(seed): \(fuzz.heldBytes) bytes were kept") }
    done += perBlock
    seed += 1
}
print("\(done) executions, \(told) events, \(ContinuousClock.now - start); next seed \(seed)")
