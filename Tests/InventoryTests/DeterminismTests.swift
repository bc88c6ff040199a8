import Testing

@testable import Catalog
@testable import Inventory
@testable import Wire

struct DeterminismTests {
    /// Talk of some hosts, each conversation over before the next begins; `cuts` are the places
    /// between.
    private func talk(seed: UInt64) throws -> (events: [Event], cuts: [Int]) {
        var random = SeededGenerator(seed: seed)
        var scene = Scene()
        var cuts: [Int] = []
        for round in 0..<60 {
            let host = Int.random(in: 1...4, using: &random)
            let client = "10.0.1.\(host):\(4000 + round)"
            switch Int.random(in: 0..<6, using: &random) {
            case 0:
                let flow = try scene.flow(client, "198.51.100.1:443")
                scene.hello(flow, ["api.alpha.ai", "chat.beta.com"].randomElement(using: &random))
                try scene.end(flow, client: "02:00:00:00:00:0\(host)")
            case 1: try scene.lookUp("chat.beta.com", by: "10.0.1.\(host)", gives: ["198.51.100.9"])
            case 2: try scene.end(scene.flow(client, "198.51.100.9:443"))
            case 3:
                try scene.acknowledge(
                    "10.0.1.\(host)", to: "02:00:00:00:00:0\(host)", hostname: "h\(host)")
            case 4:
                let flow = try scene.flow(client, "10.0.5.2:3001")
                let request = scene.request(1, session: UInt64(host), userAgent: "node")
                scene.ask("initialize", "#0", flow, request, client: "bot\(round % 3)")
                scene.answer("#0", flow, request, server: "tickets")
                scene.ask("tools/call", "#1", flow, request, name: "get")
                scene.answer("#1", flow, request, isError: round % 2 == 0)
                try scene.end(flow)
            default:
                let flow = try scene.flow(client, "10.0.5.9:8000")
                let request = scene.request(1, "POST", "/v1/chat/completions", userAgent: "aider/1")
                scene.chat(
                    flow, request, model: "m\(round % 2)", status: round % 5 == 0 ? 500 : 200)
                try scene.end(flow)
            }
            cuts.append(scene.events.count)
        }
        return (scene.events, cuts)
    }

    @Test(arguments: 1...3 as ClosedRange<UInt64>) func flushingChangesNothing(seed: UInt64) throws
    {
        let events = try talk(seed: seed).events
        let whole = text(of: try inventory(of: events))
        for count in [1, 2, 7] {
            #expect(text(of: try inventory(of: events, flushEvery: count)) == whole)
        }
    }

    @Test(arguments: 1...12 as ClosedRange<UInt64>) func severalRunsComeToWhatOneDoes(seed: UInt64)
        throws
    {
        let (events, cuts) = try talk(seed: seed)
        var random = SeededGenerator(seed: seed &+ 1000)
        let places = Set((0..<3).compactMap { _ in cuts.randomElement(using: &random) }).sorted()
        let parts = zip([0] + places, places + [events.count]).map { Array(events[$0..<$1]) }
        let catalog = try testCatalog()
        let several = try Inventory(path: nil, create: true)
        for part in parts {
            let recorder = try several.makeRecorder(catalog: catalog, isWhole: seed % 2 == 0)
            for event in part { recorder.record(event) }
            try recorder.finish(captures: [])
        }
        let halves = try several.snapshot(organization: nil, catalog: catalog)
        #expect(text(of: halves) == text(of: try inventory(of: events)))
    }

    @Test func capturesMayComeInAnyOrder() throws {
        let parts = [try talk(seed: 21).events, try talk(seed: 22).events]
        let catalog = try testCatalog()
        let texts = try [parts, parts.reversed()].map { order in
            let inventory = try Inventory(path: nil, create: true)
            for part in order {
                let recorder = try inventory.makeRecorder(catalog: catalog, isWhole: true)
                for event in part where !isNameless(event) { recorder.record(event) }
                try recorder.finish(captures: [])
            }
            return text(of: try inventory.snapshot(organization: nil, catalog: catalog))
        }
        #expect(texts[0] == texts[1])
    }

    /// A flow that only a lookup names: which lookup it finds depends on what was read before.
    private func isNameless(_ event: Event) -> Bool {
        event.flow?.server.description == "198.51.100.9:443"
    }

    @Test func theRestOfAFlowInTheNextCaptureIsNoSecondUse() throws {
        let catalog = try testCatalog()
        let inventory = try Inventory(path: nil, create: true)
        var scene = Scene()
        var first = try inventory.makeRecorder(catalog: catalog, isWhole: true)
        let flow = try scene.flow("10.0.1.7:4000", "198.51.100.1:443")
        scene.hello(flow, "api.alpha.ai")
        try scene.end(flow, up: 10, down: 100, reason: .ended)
        for event in scene.events { first.record(event) }
        try first.finish(captures: [])
        first = try inventory.makeRecorder(catalog: catalog, isWhole: true)
        var rest = Scene()
        rest.clock = scene.clock
        try rest.end(
            rest.flow("10.0.1.7:4000", "198.51.100.1:443"), up: 5, down: 50, isWhole: false)
        for event in rest.events { first.record(event) }
        try first.finish(captures: [])
        let app = try #require(
            try inventory.snapshot(organization: nil, catalog: catalog).apps.first)
        #expect(app.flows == 1 && app.bytesUp == 15 && app.bytesDown == 150)
    }

    @Test func idsAreTheSameInEveryDatabase() throws {
        // FNV-1a over 64 bits, reckoned elsewhere.
        #expect(EntityID.of("app", "10.0.1.7|api.alpha.ai") == "app-aa00019868")
    }
}
