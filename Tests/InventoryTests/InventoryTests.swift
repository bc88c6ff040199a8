import Catalog
import Foundation
import Testing

@testable import Inventory
@testable import Wire

/// Synthetic events in, rows out.
private struct Stage {
    let catalog: Catalog
    let inventory: Inventory
    let client = Endpoint(IPAddress(v4: 0x0a00_0005), 40_000)
    let server = Endpoint(IPAddress(v4: 0x0a00_0009), 8000)

    init() throws {
        let folder = NSTemporaryDirectory() + "tyto-catalog-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try """
        group    llm-api llm-api
        app      demo
        name     Demo
        vendor   Demo
        country  US
        category llm-api
        domain   api.demo.example  exact  api  strong
        source   test
        domain   cdn.demo.example  exact  cdn  weak
        source   test
        """.write(toFile: folder + "/demo.catalog", atomically: true, encoding: .utf8)
        catalog = try Catalog.load(directory: folder, additional: [])
        inventory = try Inventory(path: nil, create: true)
    }

    func flow(_ number: UInt64, _ server: Endpoint? = nil, at seconds: Int64 = 100) -> FlowReference
    {
        FlowReference(
            number: number, client: client, server: server ?? self.server, transport: .tcp, vlan: 0,
            start: Timestamp(nanoseconds: seconds * 1_000_000_000))
    }

    func event(_ flow: FlowReference, _ message: Message, side: Side = .client) -> Event {
        Event(flow: flow, time: flow.start, packet: flow.number, side: side, message: message)
    }

    func end(_ flow: FlowReference) -> Event {
        var totals = SideTotals()
        totals.packets = 3
        totals.bytes = 300
        totals.payloadBytes = 100
        return event(
            flow,
            .flowEnd(
                FlowSummary(
                    client: totals, server: totals, last: flow.start, reason: .closed,
                    appProtocol: nil, isWhole: true, anomalies: 0)))
    }

    func hello(_ flow: FlowReference, _ name: String) -> Event {
        event(
            flow,
            .clientHello(
                ClientHello(
                    serverName: name, alpn: [], version: 0x303, supportedVersions: [], ja3Text: "",
                    ja3: "j3", ja4: "j4", hasEncryptedHello: false)))
    }

    func lease(_ address: UInt32, _ mac: UInt64, _ name: String, at seconds: Int64) -> Event {
        var message = DHCPMessage(
            type: 5, clientMAC: MACAddress(mac), clientAddress: nil,
            yourAddress: IPAddress(v4: address), requestedAddress: nil, hostname: name,
            vendorClass: nil, leaseSeconds: nil, routers: [])
        message.hostname = name
        var flow = flow(UInt64(seconds))
        flow.start = Timestamp(nanoseconds: seconds * 1_000_000_000)
        return event(flow, .dhcp(message), side: .server)
    }

    func record(_ events: [Event], parts: Int = 1) throws {
        let size = max(1, (events.count + parts - 1) / parts)
        for start in stride(from: 0, to: events.count, by: size) {
            let recorder = try inventory.makeRecorder(catalog: catalog, isWhole: true)
            for event in events[start..<min(start + size, events.count)] { recorder.record(event) }
            try recorder.finish(captures: [])
        }
    }

    func snapshot(_ organization: Organization = Organization()) throws -> Snapshot {
        try inventory.snapshot(organization: organization, catalog: catalog)
    }
}

@Suite struct InventoryTests {
    @Test func oneFlowCountsOncePerName() throws {
        let stage = try Stage()
        let flow = stage.flow(1)
        try stage.record([
            stage.hello(flow, "api.demo.example"), stage.hello(flow, "api.demo.example"),
            stage.end(flow),
        ])
        let app = try #require(stage.snapshot().apps.first)
        #expect(app.flows == 1)
        #expect(app.bytesUp == 100)
        #expect(app.ja4 == ["j4"])
        #expect(app.status == .unreviewed)
        #expect(app.evidence.first?.flow == "10.0.0.5:40000 → 10.0.0.9:8000/tcp")
    }

    @Test func aWeakDomainAloneMakesNoApp() throws {
        let stage = try Stage()
        try stage.record([stage.hello(stage.flow(1), "cdn.demo.example"), stage.end(stage.flow(1))])
        #expect(try stage.snapshot().apps.isEmpty)
    }

    private func dns(_ stage: Stage, _ name: String, _ address: IPAddress) -> Event {
        var flow = stage.flow(50, Endpoint(IPAddress(v4: 0x0a00_0035), 53), at: 90)
        flow.transport = .udp
        return stage.event(
            flow,
            .dns(
                DNSMessage(
                    id: 1, isResponse: true, responseCode: 0,
                    questions: [.init(name: name, type: 1)],
                    answers: [.init(name: name, type: 1, timeToLive: 60, value: .address(address))])
            ),
            side: .server)
    }

    @Test func aFlowWithoutANameIsNamedByItsOwnClientsLookup() throws {
        let stage = try Stage()
        let address = IPAddress(v4: 0xc000_0201)
        try stage.record([
            dns(stage, "api.demo.example", address),
            stage.end(stage.flow(60, Endpoint(address, 443))),
        ])
        let app = try #require(stage.snapshot().apps.first)
        #expect(app.clues == [.dnsAnswer, .dnsQuery])
        #expect(app.flows == 1)
    }

    @Test func aLookupAloneIsAHint() throws {
        let stage = try Stage()
        try stage.record([dns(stage, "api.demo.example", IPAddress(v4: 0xc000_0201))])
        let app = try #require(stage.snapshot().apps.first)
        #expect(app.strength == .hint)
        #expect(app.flows == 0)
    }

    /// The same address, three machines in a day: each hour belongs to the machine that had it.
    @Test func anAddressIsResolvedForItsTime() throws {
        let stage = try Stage()
        let events = (0..<3).flatMap { (index: Int64) -> [Event] in
            let start = 1000 * (index + 1)
            return [
                stage.lease(0x0a00_0005, 0x0200_0000_0001 + UInt64(index), "pc-\(index)", at: start)
            ]
        }
        try stage.record(events)
        var organization = Organization()
        organization.owners = (0..<3).map {
            .init(
                key: .hostname("PC-\($0)"), owner: "owner-\($0)",
                place: .init(file: "hosts.yaml", line: $0 + 1))
        }
        let identity = try stage.inventory.withIdentity(organization)
        for index in 0..<3 {
            let time = Timestamp(nanoseconds: Int64(1000 * (index + 1) + 500) * 1_000_000_000)
            let found = identity.attribution(of: stage.client.address, at: time)
            #expect(found.hostname == "pc-\(index)")
            #expect(found.owner == "owner-\(index)")
        }
        #expect(try stage.snapshot(organization).hosts.count == 3)
    }

    @Test func halvesAndFlushesChangeNothing() throws {
        let names = ["api.demo.example", "cdn.demo.example", "other.example"]
        let whole = try Stage()
        var events: [Event] = []
        for number in 1...60 {
            let flow = whole.flow(UInt64(number), at: Int64(100 + number))
            events += [whole.hello(flow, names[number % 3]), whole.end(flow)]
        }
        try whole.record(events)
        let expected = try describe(whole)
        for parts in [2, 3, 10] {
            let stage = try Stage()
            try stage.record(events, parts: parts)
            #expect(try describe(stage) == expected, "\(parts) parts")
        }
    }

    private func describe(_ stage: Stage) throws -> String {
        let snapshot = try stage.snapshot()
        return "\(snapshot.apps) \(snapshot.hosts) \(snapshot.agents) \(snapshot.mcpServers)"
    }

    @Test func mergingRowsIsAssociativeAndCommutative() {
        let rows = (0..<3).map { index in
            EvidenceRow(
                key: .init(subject: "s", clue: .tlsSNI, detail: "d"), strength: .strong,
                flow: "flow \(index)",
                seen: Period(Timestamp(nanoseconds: Int64([5, 1, 3][index])), count: index + 1))
        }
        var left = rows[1]
        left.merge(rows[2])
        var a = rows[0]
        a.merge(left)
        var right = rows[0]
        right.merge(rows[2])
        var b = right
        b.merge(rows[1])
        #expect(a == b)
        #expect(a.flow == "flow 1")
        #expect(a.seen.count == 6)
    }
}

@Suite struct MCPRecordingTests {
    private func message(
        _ kind: RPCMessage.Kind, _ id: String, marks: MCPMarks, method: String? = nil,
        name: String? = nil, isError: Bool = false
    ) -> RPCMessage {
        var message = RPCMessage(kind: kind)
        message.id = id
        message.method = method
        message.name = name
        message.isError = isError
        message.marks = marks
        return message
    }

    private func carrier(_ ordinal: Int, answered: Bool) -> Carrier {
        var request = HTTPRequest()
        request.ordinal = ordinal
        request.method = "POST"
        request.target = "/mcp"
        return Carrier(
            kind: .httpBody, request: request, response: answered ? HTTPResponse() : nil)
    }

    @Test func aServerIsOneThatAnswers() throws {
        let stage = try Stage()
        let flow = stage.flow(1)
        let call = message(
            .request, "#1", marks: [.toolCall, .sessionHeader], method: "tools/call", name: "add")
        try stage.record([
            stage.event(flow, .rpc(call, carrier(1, answered: false))), stage.end(flow),
        ])
        #expect(try stage.snapshot().mcpServers.isEmpty)
        let answer = message(.result, "#1", marks: [.toolResult], isError: true)
        try stage.record([
            stage.event(flow, .rpc(call, carrier(1, answered: false))),
            stage.event(flow, .rpc(answer, carrier(1, answered: true)), side: .server),
            stage.end(flow),
        ])
        let server = try #require(stage.snapshot().mcpServers.first)
        #expect(server.endpoint == stage.server)
        #expect(server.path == "/mcp")
        #expect(server.auth == "none")
        #expect(server.calls.first?.count == 2)
        #expect(server.calls.first?.errors == 1)
        // Called once with success (no answer seen), so it is a tool, though never listed.
        #expect(server.tools.map(\.key) == ["add"])
    }

    @Test func oneStrongMarkIsNotEnough() throws {
        let stage = try Stage()
        let flow = stage.flow(1)
        try stage.record([
            stage.event(
                flow, .rpc(message(.request, "#1", marks: [.method]), carrier(1, answered: false))),
            stage.event(
                flow, .rpc(message(.result, "#1", marks: []), carrier(1, answered: true)),
                side: .server), stage.end(flow),
        ])
        #expect(try stage.snapshot().mcpServers.isEmpty)
    }

    @Test func aRepeatedCallAfterInputRequiredIsOneCall() throws {
        let stage = try Stage()
        let flow = stage.flow(1)
        var again = message(.request, "#2", marks: [.toolCall], method: "tools/call", name: "add")
        again.hasInputResponses = true
        let first = message(
            .request, "#1", marks: [.toolCall, .reservedKey], method: "tools/call", name: "add")
        try stage.record([
            stage.event(flow, .rpc(first, carrier(1, answered: false))),
            stage.event(
                flow, .rpc(message(.result, "#1", marks: []), carrier(1, answered: true)),
                side: .server),
            stage.event(flow, .rpc(again, carrier(2, answered: false))), stage.end(flow),
        ])
        #expect(try stage.snapshot().mcpServers.first?.calls.first?.count == 1)
    }
}
