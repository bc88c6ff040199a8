import Testing

@testable import Catalog
@testable import Inventory
@testable import Wire

/// Apps of four kinds of evidence, and one agent.
func testCatalog() throws -> Catalog {
    var draft = CatalogDraft()
    let text = """
        group llm-api llm-api
        group chat-assistant chat
        group encrypted-dns encrypted-dns

        app alpha
        name Alpha
        vendor V
        category llm-api
        source tests
        domain api.alpha.ai exact api strong
        source tests
        domain alpha.ai suffix site weak
        source tests

        app beta
        name Beta
        vendor V
        category chat-assistant
        source tests
        domain chat.beta.com exact web-ui strong
        source tests

        app gamma
        name Gamma
        vendor V
        category encrypted-dns
        source tests
        domain dns.gamma.example exact api strong
        source tests

        agent coder
        name Coder
        vendor V
        kind cli-agent
        user-agent product coder
        source tests

        """
    draft.add(try CatalogFile(path: "tests.catalog", bytes: Array(text.utf8)))
    return try Catalog(draft)
}

func address(_ text: String) throws -> IPAddress {
    try #require(IPAddress(text))
}
func endpoint(_ text: String) throws -> Endpoint {
    try #require(Endpoint(text))
}
func mac(_ text: String) throws -> MACAddress {
    try #require(MACAddress(text))
}

/// Second `n` of the tests' capture.
func second(_ n: Int) -> Timestamp {
    Timestamp(nanoseconds: (1_800_000_000 + Int64(n)) * 1_000_000_000)
}

/// Events written by hand, one second apart, each in the flow it names.
struct Scene {
    private(set) var events: [Event] = []
    private var flows: UInt64 = 0
    var clock = 0
    /// The MAC address that frames of a client come with, where a test cares.
    var holder: String?

    /// A flow that begins now.
    mutating func flow(_ client: String, _ server: String, _ transport: Transport = .tcp) throws
        -> FlowReference
    {
        flows += 1
        return FlowReference(
            number: flows, client: try endpoint(client), server: try endpoint(server),
            transport: transport, start: second(clock))
    }

    mutating func say(_ message: Message, _ flow: FlowReference?, _ side: Side = .client) {
        clock += 1
        events.append(
            Event(
                flow: flow, time: second(clock), packet: UInt64(clock), side: side,
                message: message))
    }

    mutating func end(
        _ flow: FlowReference, up: UInt64 = 100, down: UInt64 = 1000, client: String? = nil,
        server: String? = nil, reason: FlowSummary.Reason = .closed, isWhole: Bool = true,
        timeToLive: UInt8 = 64
    ) throws {
        var sides = [SideTotals(), SideTotals()]
        for (index, bytes) in [up, down].enumerated() where bytes > 0 {
            sides[index].packets = 3
            sides[index].bytes = bytes + 160
            sides[index].payloadBytes = bytes
        }
        if let client { sides[0].mac = try mac(client) }
        sides[0].timeToLive = timeToLive
        if let server { sides[1].mac = try mac(server) }
        say(
            .flowEnd(
                FlowSummary(
                    client: sides[0], server: sides[1], last: second(clock), reason: reason,
                    appProtocol: nil, isWhole: isWhole, anomalies: 0)), flow)
    }

    // MARK: - Names

    mutating func hello(_ flow: FlowReference, _ name: String?) {
        say(
            .clientHello(
                ClientHello(
                    serverName: name, alpn: [], parts: HelloParts())),
            flow)
    }

    /// The same over QUIC; without `parts`, in Google's own handshake.
    mutating func quic(
        _ flow: FlowReference, _ name: String, parts: HelloParts? = HelloParts(),
        isOuter: Bool = false
    ) {
        let hello = parts.map {
            ClientHello(
                serverName: name, alpn: ["h3"],
                encryptedHello: isOuter ? EncryptedHello(.unknown) : nil, parts: $0)
        }
        say(.quic(QUICHello(version: .one, hello: hello, name: hello == nil ? name : nil)), flow)
    }

    /// A lookup: question and, when addresses are given, its answer.
    mutating func lookUp(
        _ name: String, by client: String, at resolver: String = "10.0.9.53",
        gives answers: [String],
        alias: String? = nil, seconds: UInt32 = 60
    ) throws {
        let flow = try flow("\(client):5353", "\(resolver):53", .udp)
        var message = DNSMessage(
            id: 1, isResponse: false, responseCode: 0,
            questions: [.init(name: name, type: 1)], answers: [])
        say(.dns(message), flow)
        guard !answers.isEmpty else { return }
        message.isResponse = true
        if let alias {
            message.answers.append(
                .init(name: name, type: 5, timeToLive: seconds, value: .name(alias)))
        }
        for text in answers {
            message.answers.append(
                .init(
                    name: alias ?? name, type: 1, timeToLive: seconds,
                    value: .address(try address(text))))
        }
        say(.dns(message), flow, .server)
        try end(flow, up: 40, down: 80)
    }

    mutating func acknowledge(
        _ ip: String, to mac: String, hostname: String? = nil, lease: UInt32? = nil
    ) throws {
        let flow = try flow("0.0.0.0:68", "10.0.9.1:67", .udp)
        var message = DHCPMessage(
            type: 3, clientMAC: try InventoryTests.mac(mac), clientAddress: nil, yourAddress: nil,
            requestedAddress: try address(ip), hostname: hostname, vendorClass: nil,
            leaseSeconds: lease, routers: [])
        say(.dhcp(message), flow)
        message.type = 5
        message.hostname = nil
        message.yourAddress = try address(ip)
        message.routers = [try address("10.0.1.1")]
        say(.dhcp(message), flow, .server)
    }

    mutating func release(_ ip: String, by mac: String) throws {
        let flow = try flow("\(ip):68", "10.0.9.1:67", .udp)
        let message = DHCPMessage(
            type: 7, clientMAC: try InventoryTests.mac(mac), clientAddress: try address(ip),
            yourAddress: nil, requestedAddress: nil, hostname: nil, vendorClass: nil,
            leaseSeconds: nil, routers: [])
        say(.dhcp(message), flow)
    }

    mutating func neighbor(_ ip: String, _ mac: String, _ source: NeighborBinding.Source = .arp)
        throws
    {
        say(
            .neighbor(
                NeighborBinding(
                    address: try address(ip), mac: try InventoryTests.mac(mac), source: source)),
            nil)
    }
}

/// What the events come to, recorded by one recorder in memory.
func inventory(
    of events: [Event], organization: Organization? = nil, flushEvery: Int = .max,
    catalog: Catalog? = nil
) throws -> Snapshot {
    let inventory = try Inventory(path: nil, create: true)
    let catalog = try catalog ?? testCatalog()
    let recorder = try inventory.makeRecorder(
        catalog: catalog, isWhole: true, organization: organization)
    for (index, event) in events.enumerated() {
        recorder.record(event)
        if index % flushEvery == flushEvery - 1 { try recorder.flush() }
    }
    try recorder.finish(captures: [])
    return try inventory.snapshot(organization: organization, catalog: catalog)
}

/// Any value as text, dictionaries and sets in order: equal texts are equal values.
func text(of value: Any) -> String {
    let mirror = Mirror(reflecting: value)
    let children = mirror.children.map { "\($0.label ?? ""):\(text(of: $0.value))" }
    guard !children.isEmpty else { return String(reflecting: value) }
    let isUnordered = mirror.displayStyle == .dictionary || mirror.displayStyle == .set
    return "(\((isUnordered ? children.sorted() : children).joined(separator: ",")))"
}

/// A seeded generator: SplitMix64, so a failing run can be had again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
